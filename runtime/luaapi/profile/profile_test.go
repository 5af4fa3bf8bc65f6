package profile_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/profile"
)

func TestProfile(t *testing.T) {
	nodetest.Expect(t, nodetest.System{Modules: []actor.Module{profile.Module}, Files: `
-- main.lua --
local skynet = require "skynet"
local profile = require "skynet.profile"
local function work(n) local x = 0 for i = 1, n do x = x + i end return x end
skynet.start(function()
  print(pcall(profile.stop))
  profile.start()
  print(select(2, pcall(profile.start)))
  work(1000)
  skynet.fork(function() work(1e6) end)
  skynet.sleep(10)
  local little = profile.stop()
  profile.start() work(100000)
  local much = profile.stop()
  print(little > 0, much > 10 * little, much < 1)
  for i = 1, 3 do skynet.fork(profile.start) end
end)
`}, `false	Call profile.start() before profile.stop()
Thread start profile more than once
true	true	true`)
}
