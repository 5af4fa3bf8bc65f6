package codecache_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/codecache"
)

func TestCodeCache(t *testing.T) {
	nodetest.Expect(t, nodetest.System{Modules: []actor.Module{codecache.Module}, Files: `
-- main.lua --
local skynet = require "skynet"
local cache = require "skynet.codecache"
skynet.start(function()
  print(cache.clear(), cache.mode(), cache.mode "OFF", cache.mode "EXIST", cache.mode())
  print(pcall(cache.mode, "MAYBE"))
  print(skynet.cache.clear(), skynet.cache.mode "ON", cache.mode())
end)
`}, `nil	ON	ON	OFF	EXIST
false	bad argument #1 to 'skynet.codecache.mode' (invalid mode MAYBE)
nil	EXIST	ON`)
}
