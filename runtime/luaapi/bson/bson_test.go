package bson_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/internal/moduletest"
	"github.com/skylint/skylint/runtime/luaapi/bson"
)

var modules = moduletest.Modules{"bson": bson.Open}

// TestProgram runs a program over values and documents. The output of its first part was compared
// with that of skynet's lua-bson under Lua 5.5. What differs: messages have the place of the caller
// before them, and what the comment of the package names.
func TestProgram(t *testing.T) { moduletest.Golden(t, modules) }

// TestFresh has what differs from run to run.
func TestFresh(t *testing.T) {
	moduletest.Expect(t, modules, `
local bson = require "bson"
local a, b = bson.objectid(), bson.objectid()
local _, x = bson.type(a) local _, y = bson.type(b)
print(a ~= b, x:sub(9, 18) == y:sub(9, 18), math.abs(tonumber(x:sub(1, 8), 16) - os.time()) < 100)
local _, s, n = bson.type(bson.timestamp(5)) local _, _, m = bson.type(bson.timestamp(5))
print(s, m == n + 1)`, "true\ttrue\ttrue\n5\ttrue")
}

// TestLimits has programs that take too much, each of which must end.
func TestLimits(t *testing.T) {
	for _, text := range []string{
		`local t = {} while true do t[#t + 1] = bson.encode { a = ("x"):rep(1e5) } end`,
		`local b = tostring(bson.encode { a = ("x"):rep(1e5) }) local t = {} while true do t[#t + 1] = bson.decode(b) end`,
		`local t = {} for i = 1, 1e4 do t[i] = {} end local b = bson.encode { a = t } local all = {} while true do all[#all + 1] = b:decode() end`,
		`bson.encode { a = setmetatable({}, { __len = function() return 2^53 end, __index = function() return 1 end }) }`,
		`bson.encode(setmetatable({}, { __pairs = function() return function() return "k", 1 end end }))`,
		`local b = bson.encode { a = 1, b = ("x"):rep(1e6) } while true do b:makeindex() end`,
		`bson.decode("\x13\0\0\0\4a\0\x0b\0\0\0\x0a" .. "9999999" .. "\0\0\0")`,
	} {
		_, err := moduletest.Run(t, modules, `local bson = require "bson" `+text, "instructions=1e6", "memory=16MiB", "string=8MiB")
		if err == nil {
			t.Errorf("%s ends by no limit", text)
		}
	}
}

// TestMemory keeps documents: they count as memory of the script, not only while they are made.
func TestMemory(t *testing.T) {
	const keep = `local bson = require "bson" local t = {} for i = 1, %d do t[i %% %d] = bson.encode { a = ("x"):rep(1e5), i = i } end`
	for _, c := range []struct {
		made, kept int
		limit      string
	}{{400, 10, ""}, {400, 400, "memory"}} {
		_, err := moduletest.Run(t, modules, fmt.Sprintf(keep, c.made, c.kept), "memory=16MiB")
		if err == nil && c.limit != "" || err != nil && (c.limit == "" || !strings.Contains(err.Error(), c.limit)) {
			t.Errorf("%d documents of which %d are kept: %v", c.made, c.kept, err)
		}
	}
}

// FuzzDecode reads any bytes: what is read must be written and read as the same again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"", "\x05\x00\x00\x00\x00", "\x0c\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00",
		"\x10\x00\x00\x00\x04a\x00\x08\x00\x00\x00\x0a0\x00\x00\x00", "\x0d\x00\x00\x00\x05a\x00\x00\x00\x00\x00\x00\x00",
		"\x0c\x00\x00\x00\x0ba\x00x\x00i\x00\x00", "\x10\x00\x00\x00\x12a\x00\xff\xff\xff\xff\xff\xff\xff\x7f\x00",
		"\x0d\x00\x00\x00\x0da\x00\x01\x00\x00\x00\x00\x00", "\x0e\x00\x00\x00\x02a\x00\x02\x00\x00\x00x\x00\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		moduletest.Fuzzed(t, modules, data, `local bson = require "bson"
local ok, v = pcall(bson.decode, data)
if ok then
  -- Arrays with holes, and text that is no UTF-8, can be read and not written.
  local written, doc = pcall(bson.encode, v)
  if written then
    doc:makeindex()
    local again = bson.encode(doc:decode())
    assert(tostring(again) == tostring(doc))
  end
end`)
	})
}
