package sproto_test

import (
	"os"
	"testing"

	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/sproto"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// start is the head of a service whose start function is the rest.
const start = "\n-- main.lua --\nlocal skynet = require 'skynet'\nskynet.start(function()\n"

// The program prints what it prints with cloudwu/sproto on a real Lua (testdata/sproto.out): the
// bytes, the values, the errors.
func TestSproto(t *testing.T) {
	nodetest.Expect(t, nodetest.System{
		Modules: sproto.Modules(),
		Files: start + "schema = [==[\n" + read(t, "../../sproto/testdata/bag.sproto") + "]==]\nrequire 'program'\nend)\n" +
			"-- program.lua --\n" + read(t, "testdata/sproto.lua"),
	}, read(t, "testdata/sproto.out"))
}

// Schemas that one service saves all others can load.
func TestLoader(t *testing.T) {
	nodetest.Expect(t, nodetest.System{
		Modules: sproto.Modules(),
		Files: start + `
  local loader = require "sprotoloader"
  print((select(2, pcall(loader.load, 3))))
  print((select(2, pcall(loader.load, 16))))
  loader.register("schema.lua", 3)
  loader.save(require("sprotoparser").parse(".b { y 0 : string }"), 4)
  print(pcall(loader.save, "no bundle", 4))
  skynet.call(skynet.newservice "other", "lua")
end)
-- schema.lua --
.a { x 0 : integer }
-- other.lua --
local skynet = require "skynet"
local loader = require "sprotoloader"
skynet.start(function()
  skynet.dispatch("lua", function()
    local a, b = loader.load(3), loader.load(4)
    print(a:decode("a", a:encode("a", { x = 12 })).x, b:decode("b", b:encode("b", { y = "z" })).y)
    skynet.ret()
  end)
end)
`,
	}, `
nil sproto at index 3
Invalid global slot index 16
false	bad argument #1 to 'sprotoloader.save' (not a bundle of sproto)
12	z
`)
}

// No integer arrives as another one, and lists without end are not encoded.
func TestRefused(t *testing.T) {
	nodetest.Expect(t, nodetest.System{
		Modules: sproto.Modules(),
		Files: start + `
  local sp = require("sproto").parse ".a { x 0 : integer  l 1 : *integer  s 2 : *string  b 3 : *a }"
  print(pcall(sp.encode, sp, "a", { x = 2^53 + 2 }))
  print(sp:decode("a", "\1\0\0\0\8\0\0\0\255\255\255\255\255\255\31\0").x)
  print(pcall(sp.decode, sp, "a", "\1\0\0\0\8\0\0\0\1\0\0\0\0\0\32\0"))
  local long = ("x"):rep(1 << 20)
  print(pcall(sp.encode, sp, "a", { s = setmetatable({}, { __index = function() return long end }) }))
  print(pcall(sp.encode, sp, "a", { b = { 1 } }))
  local loop = {} loop.b = { loop }
  print(pcall(sp.encode, sp, "a", loop))
  print(pcall(require("sproto").parse, ".a { x 0 : b }"))
  print(pcall(sp.encode, {}, "a", {}))
end)`,
	}, `
false	a.x[0] is 9007199254740994, which is too large to be exact
9007199254740991
false	a.x is 9007199254740993, which no number holds exactly
false	object is too large (>16777216)
false	a.b[1] is not a table (Is a number)
false	The table is too deep
false	[=text] line (1): Undefined type b in type a
false	bad argument #1 to 'sproto.encode' (Need a sproto object)
`)
}
