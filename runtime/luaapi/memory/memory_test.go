package memory_test

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/memory"
)

// TestMemory has a service that keeps a megabyte.
func TestMemory(t *testing.T) {
	// The test has no hold of its node: the actors add themselves.
	var all []*actor.Actor
	each := func(f func(*actor.Actor)) {
		for _, a := range all {
			f(a)
		}
	}
	join := actor.Module{Name: "join", Open: func(L *lua.LState) lua.LValue {
		all = append(all, actor.Of(L))
		return lua.LTrue
	}}
	nodetest.Expect(t, nodetest.System{Modules: []actor.Module{memory.New(each), join}, Files: `
-- main.lua --
local skynet = require "skynet"
local memory = require "skynet.memory"
require "join"
skynet.start(function()
  local other = skynet.newservice "other"
  skynet.sleep(1)
  print(memory.current() < 1e6, skynet.call(other, "lua") > 1e6)
  skynet.sleep(1)
  local info = memory.info()
  print(info[other] > 1e6, info[skynet.self()] < 1e6, info[99])
  print(memory.total() > 1e6, memory.block() > 1000, math.type(memory.total()))
end)
-- other.lua --
local skynet = require "skynet"
require "join"
local memory = require "skynet.memory"
local kept = ("x"):rep(1e6)
skynet.start(function() skynet.dispatch("lua", function() skynet.retpack(memory.current(), #kept) end) end)
`}, "true\ttrue\ntrue\ttrue\tnil\ntrue\ttrue\tinteger")
}
