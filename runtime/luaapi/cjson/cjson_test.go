package cjson_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/internal/moduletest"
	"github.com/skylint/skylint/runtime/luaapi/cjson"
)

var modules = moduletest.Modules{"cjson": cjson.Open, "cjson.safe": cjson.OpenSafe}

// TestProgram runs a program over values, texts and settings. Its output was compared with that
// of lua-cjson 2.1 under Lua 5.5. What differs: whole floats print without fraction, integers
// beyond 64 bits and whole numbers up to 2^53 keep their digits, NaN and hexadecimal floats are
// read as the documentation says (that build refuses them), T_INTEGER is T_NUMBER.
func TestProgram(t *testing.T) { moduletest.Golden(t, modules) }

// TestArrays checks what OpenResty added.
func TestArrays(t *testing.T) {
	moduletest.Expect(t, modules, `
local cjson = require "cjson"
print(cjson.encode(cjson.empty_array), cjson.encode({cjson.empty_array}), cjson.encode(setmetatable({}, cjson.empty_array_mt)), cjson.encode(setmetatable({}, cjson.array_mt)))
print(cjson.encode(setmetatable({x = 1}, cjson.array_mt)), cjson.encode(setmetatable({x = 1}, cjson.empty_array_mt)))
print(cjson.encode_empty_table_as_object(false), cjson.encode({}), cjson.encode({a = {}})) cjson.encode_empty_table_as_object(true)
print(cjson.decode_array_with_array_mt(true), cjson.encode(cjson.decode("[[],{}]"))) cjson.decode_array_with_array_mt(false)
print(cjson.encode_escape_forward_slash(false), cjson.encode("a/b"))
print(pcall(cjson.decode, "[9007199254740993]"))
print(require "cjson.safe".decode('{"id":12345678901234567}'))
`, `[]	[[]]	[]	[]
[]	{"x":1}
false	[]	{"a":[]}
true	[[],{}]
false	"a/b"
false	integer 9007199254740993 at character 2 is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)
nil	integer 12345678901234567 at character 7 is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)`)
}

// TestCharged makes sure that what is written and read is paid for.
func TestCharged(t *testing.T) {
	for _, text := range []string{
		`local t = {} for i = 1, 1000 do t[i] = i end while true do cjson.encode(t) end`,
		`while true do cjson.decode("[1,2,[3,{}]]") end`,
		`local s = '"' .. ("\\n"):rep(1e6) .. '"' while true do cjson.decode(s) end`,
		`local s = ("x"):rep(1e6) while true do cjson.encode(s) end`,
		`cjson.encode(("\1"):rep(4e6))`,
		`local s = "[" .. ("{},"):rep(2e5) .. "{}]" local t = {} while true do t[#t + 1] = cjson.decode(s) end`,
		`local t = {} t[4e6] = 1 t[4e6] = nil while true do cjson.encode(t) end`,
		`while true do cjson.decode((" "):rep(1e6) .. "1") end`,
		`local t = setmetatable({}, {}) while true do cjson.new() end`,
	} {
		_, err := moduletest.Run(t, modules, `local cjson = require "cjson" `+text, "instructions=1e6", "memory=16MiB", "string=8MiB")
		if err == nil {
			t.Errorf("%s ends by no limit", text)
		}
	}
}

// FuzzDecode reads any text: what is read must be written and read as the same text again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "[1,2,{\"a\":null}]", "\"\\ud83d\\ude00\"", "1e-5", "nan", "0x1F", "[[[]]]", "{\"a\":\"\\u0000\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		moduletest.Fuzzed(t, modules, data, `local cjson = require "cjson"
cjson.encode_invalid_numbers(true) cjson.encode_number_precision(16) cjson.encode_max_depth(2000)
local ok, v = pcall(cjson.decode, data)
if ok then
  local s = cjson.encode(v)
  local again = cjson.encode(cjson.decode(s))
  assert(again == s or s:find("e", 1, true) or s:find(".", 1, true), s .. " became " .. again)
end`)
	})
}
