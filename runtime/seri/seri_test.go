package seri_test

import (
	"encoding/hex"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/internal/moduletest"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
)

var modules = moduletest.Modules{"seri": func(L *lua.LState) *lua.LTable {
	t := L.CreateTable(0, 0)
	library.Fill(t, "seri.", []library.Function{
		{Name: "pack", Call: func(L *lua.LState) int {
			L.Push(lua.LString(seri.Pack(L, 1)))
			return 1
		}},
		{Name: "unpack", Call: func(L *lua.LState) int { return seri.Unpack(L, arg.String(L, 1)) }},
	})
	t.RawSetString("null", seri.Null)
	return t
}}

const prelude = `local seri = require "seri"
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local function try(f, ...) local r = table.pack(pcall(f, ...)) if r[1] then return table.unpack(r, 2, r.n) end return r[2] end
`

// TestBytes compares with the bytes that skynet's own skynet.packstring gives.
func TestBytes(t *testing.T) {
	zeros := func(n int) string { return strings.Repeat("00", n) }
	for _, c := range []struct{ values, want string }{
		{"", ""}, {"nil", "00"}, {"true", "09"}, {"false", "01"}, {"nil, false, nil", "000100"},
		{"0", "02"}, {"1", "0a01"}, {"255", "0aff"}, {"256", "120001"}, {"65535", "12ffff"}, {"65536", "2200000100"},
		{"-1", "22ffffffff"}, {"-2147483648", "2200000080"}, {"2147483647", "22ffffff7f"}, {"2147483648", "320000008000000000"},
		{"-2147483649", "32ffffff7fffffffff"}, {"9007199254740992", "320000000000002000"}, {"-9007199254740992", "32000000000000e0ff"},
		{"0.5", "42000000000000e03f"}, {"-1e300", "429c7500883ce437fe"}, {"1/0", "42000000000000f07f"}, {"-1/0", "42000000000000f0ff"},
		{"''", "04"}, {"'abc'", "1c616263"}, {"('x'):rep(31)", "fc" + strings.Repeat("78", 31)}, {"('x'):rep(32)", "152000" + strings.Repeat("78", 32)},
		{"('x'):rep(300)", "152c01" + strings.Repeat("78", 300)}, {"('x'):rep(65535)", "15ffff" + strings.Repeat("78", 65535)},
		{"('x'):rep(65536)", "2500000100" + strings.Repeat("78", 65536)},
		{"{}", "0600"}, {"{1,2,3}", "1e0a010a020a0300"}, {"{1,nil,3}", "0e0a010a030a0300"}, // see below
		{"{a=1}", "060c610a0100"}, {"{1,2,x='y'}", "160a010a020c780c7900"}, {"{{{}}}", "0e0e06000000"}, {"{[0]=1}", "06020a0100"},
		{"{[-1]=true}", "0622ffffffff0900"}, {"{[1.5]=2}", "0642000000000000f83f0a0200"}, {"{[true]={}}", "0609060000"},
		{"1, {2, {3}}, 'z'", "0a01160a020e0a0300000c7a"},
		{"(function() local t = {} for i = 1, 31 do t[i] = i end return t end)()", "fe0a1f0a010a020a030a040a050a060a070a080a090a0a0a0b0a0c0a0d0a0e0a0f0a100a110a120a130a140a150a160a170a180a190a1a0a1b0a1c0a1d0a1e0a1f00"},
		{"setmetatable({1,2}, {__index = print})", "160a010a0200"},
		{"setmetatable({}, {__pairs = function(t) return function(_, k) k = (k or 0) + 1 if k < 4 then return k, k * k end end, t, nil end})", "060a010a010a020a040a030a0900"},
		{"(function() local t = {} for i = 1, 32 do t = {t} end return t end)()", strings.Repeat("0e", 32) + "06" + zeros(33)},
		{"(function() local t = {1} for i = 1, 31 do t = {t} end return t end)()", strings.Repeat("0e", 32) + "0a01" + zeros(32)},
		{"print", "Unsupport type function to serialize"}, {"coroutine.create(print)", "Unsupport type thread to serialize"}, {"io.stdout", "Unsupport type userdata to serialize"},
		{"{print}", "Unsupport type function to serialize"}, {"{[print]=1}", "Unsupport type function to serialize"}, {"string", "Unsupport type function to serialize"},
		{"(function() local t = {} for i = 1, 33 do t = {t} end return t end)()", "serialize can't pack too depth table"},
		{"(function() local t = {} t[1] = t return t end)()", "serialize can't pack too depth table"},
		{"(function() local t = {1} for i = 1, 32 do t = {t} end return t end)()", "serialize can't pack too depth table"},
		{"setmetatable({}, {__pairs = function() error('oops', 0) end})", "oops"},
		{"seri.null", "03" + zeros(8)},
	} {
		if c.values == "{1,nil,3}" {
			// The border of a table with holes is any; here it is the last element, not the first.
			c.want = "1e0a01000a0300"
		}
		program := prelude + "local ok, s = pcall(seri.pack"
		if c.values != "" {
			program += ", " + c.values
		}
		moduletest.Expect(t, modules, program+") print(ok and hex(s) or s)", c.want)
	}
}

func TestInvalid(t *testing.T) {
	for data, want := range map[string]string{
		`\x07`: "Invalid serialize stream 0", `\x06`: "Invalid serialize stream 0", `\x10`: "nil", `\x14\x01`: "Invalid serialize stream 1",
		`\xfe\x0a\xff`: "Invalid serialize stream 0", `\x0c`: "Invalid serialize stream 0", `\x15\xff\xff`: "Invalid serialize stream 0",
		`\xfe`: "Invalid serialize stream 0", `\x3a`: "Invalid serialize stream 0", `\x0e\x02`: "Invalid serialize stream 0",
		`\x06\x42\x00\x00\x00\x00\x00\x00\xf8\x7f\x02\x00`: "table index is NaN",
		`\xfe\x22\xff\xff\xff\xff`:                         "Invalid serialize stream 0",
		`\xfe\x22\xff\xff\xff\x7f\x00`:                     "Invalid serialize stream 1",
		`\x03\x01\x02\x03\x04\x05\x06\x07\x08`:             "Invalid serialize stream 0 (a pointer)",
		`\x32\x01\x00\x00\x00\x00\x00\x20\x00`:             "integer 9007199254740993 is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)",
	} {
		moduletest.Expect(t, modules, prelude+`print(try(seri.unpack, "`+data+`"))`, want)
	}
	moduletest.Expect(t, modules, prelude+`print(try(seri.unpack, ("\x0e"):rep(34)))`, "Invalid serialize stream 0 (tables are nested too deeply)")
}

func TestRoundTrip(t *testing.T) {
	moduletest.Expect(t, modules, prelude+`
local function same(a, b)
  if type(a) ~= "table" then return a == b or (a ~= a and b ~= b) end
  if type(b) ~= "table" then return false end
  for k, v in pairs(a) do if not same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end
local function random(depth)
  local kind = math.random(depth > 0 and 8 or 6)
  if kind == 1 then return math.random() < 0.5
  elseif kind == 2 then return math.random(-300, 70000)
  elseif kind == 3 then return math.random(-2^53 // 1, 2^53 // 1)
  elseif kind == 4 then return (math.random() - 0.5) * 10 ^ math.random(-300, 300)
  elseif kind == 5 then return ("\0x"):rep(math.random(0, 20))
  elseif kind == 6 then return ("y"):rep(math.random(0, 700)) end
  local t = {}
  for i = 1, math.random(0, depth == 1 and 40 or 6) do t[i] = random(depth - 1) end
  for i = 1, math.random(0, 5) do t[random(0)] = random(depth - 1) end
  return t
end
for i = 1, 60 do
  local v, w = random(3), random(1)
  local a, b, c, d = seri.unpack(seri.pack(v, nil, w, nil))
  assert(same(v, a) and b == nil and same(w, c) and d == nil and select("#", seri.unpack(seri.pack(v, nil, w, nil))) == 4)
end
assert(seri.unpack(seri.pack(seri.null)) == seri.null)
print(select("#", seri.unpack("")))
`, "0")
}

// TestCharged makes sure that what is written and read is paid for before it is allocated.
func TestCharged(t *testing.T) {
	for _, text := range []string{
		`local t = {} for i = 1, 1000 do t[i] = i end while true do seri.pack(t) end`,
		`local s = seri.pack({1, 2, {3, "x"}}) while true do seri.unpack(s) end`,
		`seri.pack(setmetatable({}, {__pairs = function() return function() return 1, 1 end end}))`,
		`local s = ("x"):rep(1e6) while true do seri.pack(s) end`,
		`seri.unpack("\x06\x22\xfe\xff\x3f\x00\x0a\x01\x00") local t = {} while true do t[#t + 1] = seri.unpack("\x06\x22\xfe\xff\x3f\x00\x0a\x01\x00") end`,
		`seri.unpack(("\x06\x00"):rep(251000))`,
		`local s = "\xfe\x22\x40\x42\x0f\x00" .. ("\x06\x00"):rep(1e6) .. "\0" local t = {} while true do t[#t + 1] = seri.unpack(s) end`,
	} {
		_, err := moduletest.Run(t, modules, prelude+text, "instructions=1e6", "memory=16MiB", "string=4MiB")
		if err == nil {
			t.Errorf("%s ends by no limit", text)
		}
	}
}

// FuzzUnpack reads any bytes: it must return or raise an error, and what it has read must be
// written and read again as the same.
func FuzzUnpack(f *testing.F) {
	for _, seed := range []string{"", "0a01", "0e0e06000000", "fe0a1f0a01", "0609060000", "15200078", "42000000000000f87f", "030000000000000000", "1e0a010a020a0300", "06020a0100"} {
		b, err := hex.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		moduletest.Fuzzed(t, modules, data, `local seri = require "seri"
local function pack(...) return seri.pack(...) end
local ok, s = pcall(function() return pack(seri.unpack(data)) end)
if ok then assert(pack(seri.unpack(s)) == s) end`)
	})
}

// TestMessage packs and unpacks what belongs to no script.
func TestMessage(t *testing.T) {
	var none *lua.LState
	inner, outer := none.CreateTable(0, 0), none.CreateTable(0, 0)
	inner.RawSetString("x", lua.LNumber(1))
	outer.RawSetInt(1, inner)
	outer.RawSetInt(2, seri.Null)
	text, err := seri.PackMessage(1<<20, lua.LString("GET"), lua.LNil, outer, lua.LTrue)
	if want := "1c474554" + "00" + "16" + "060c780a0100" + "030000000000000000" + "00" + "09"; err != nil || hex.EncodeToString([]byte(text)) != want {
		t.Errorf("%x, %v; want %s", text, err, want)
	}
	values, err := seri.UnpackMessage(text)
	if err != nil || len(values) != 4 || values[0] != lua.LString("GET") || values[2].(*lua.LTable).RawGetInt(1).(*lua.LTable).RawGetString("x") != lua.LNumber(1) {
		t.Errorf("%v, %v", values, err)
	}
	if _, err := seri.PackMessage(100, lua.LString(strings.Repeat("x", 200))); err == nil || !strings.Contains(err.Error(), "larger than 100 bytes") {
		t.Errorf("too long: %v", err)
	}
	if _, err := seri.PackMessage(100, lua.LNumber(1), &lua.LUserData{}); err == nil || !strings.Contains(err.Error(), "Unsupport type userdata") {
		t.Errorf("a userdata: %v", err)
	}
	for data, want := range map[string]string{
		"\x1c4":                                "Invalid serialize stream",
		"\x06\x22\xff\xff\x1f\x00\x0a\x01\x00": "too many gaps",
		"\x06\x42\x00\x00\x00\x00\x00\x00\xf8\x7f\x0a\x01\x00": "table index is NaN",
	} {
		if values, err := seri.UnpackMessage(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%x: %v, %v", data, values, err)
		}
	}
}
