package stm_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/stm"
)

// TestSTM has a writer and readers in other services. The lines are those of skynet, but for messages.
func TestSTM(t *testing.T) {
	nodetest.Expect(t, nodetest.System{Modules: []actor.Module{stm.Module}, Files: `
-- main.lua --
local skynet = require "skynet"
local stm = require "skynet.stm"
skynet.start(function()
  local obj = stm.new(skynet.pack(1, "two", { 3 }))
  local one, two = skynet.newservice("reader", "one"), skynet.newservice("reader", "two")
  skynet.call(one, "lua", stm.copy(obj))
  skynet.call(two, "lua", stm.copy(obj))
  skynet.call(one, "lua")
  obj(skynet.pack "again")
  obj(skynet.packstring("last", nil, true))
  skynet.call(one, "lua")
  skynet.call(two, "lua")
  obj("bytes and more", 5)
  skynet.call(one, "lua", nil, true)
  obj = nil
  skynet.call(two, "lua", nil, true)
  print(pcall(stm.new)) print(pcall(stm.copy, 1)) print(pcall(stm.newcopy, {}))
  local own = stm.newcopy(stm.copy(stm.new ""))
  print(pcall(own)) print(own(function(...) return select("#", ...), ... end, "extra")) print(own(skynet.unpack))
  print(getmetatable(own), pcall(skynet.call, one, "lua", own))
end)
-- reader.lua --
local skynet = require "skynet"
local stm = require "skynet.stm"
local name = ...
local obj
skynet.start(function()
  skynet.dispatch("lua", function(_, _, copy, raw)
    obj = copy and stm.newcopy(copy) or obj
    print(name, obj(raw and function(s, n) return s, n end or function(...)
      local a, b, c = skynet.unpack(...)
      return a, b, type(c) == "table" and c[1] or c
    end))
    skynet.ret()
  end)
end)
`}, `one	true	1	two	3
two	true	1	two	3
one	false
one	true	last	nil	true
two	true	last	nil	true
one	true	bytes	5
two	true	bytes	5
false	bad argument #1 to 'skynet.stm.new' (string expected, got no value)
false	bad argument #1 to 'skynet.stm.copy' (what stm.new returns expected, got number)
false	bad argument #1 to 'skynet.stm.newcopy' (what stm.copy returns expected, got table)
false	bad argument #2 to 'stm.read' (function expected, got no value)
true	3		0	extra
false
false	false	Unsupport type userdata to serialize`)
}
