package harbor_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/harbor"
)

func TestHarbor(t *testing.T) {
	nodetest.Expect(t, nodetest.System{Modules: []actor.Module{harbor.Module}, Files: `
-- main.lua --
local skynet = require "skynet"
local harbor = require "skynet.harbor"
skynet.start(function()
  skynet.fork(function() print("late", harbor.queryname "LATE" == skynet.self(), skynet.now() >= 100) end)
  skynet.fork(function() print(pcall(harbor.queryname, "NEVER")) end)
  harbor.globalname "HERE"
  print(harbor.queryname "HERE" == skynet.self(), skynet.harbor(skynet.self()))
  skynet.sleep(100)
  harbor.globalname("LATE", skynet.self())
  print(pcall(harbor.link, 2))
end)
`}, `true	0	false
false	there are no harbors: nodes are connected by skynet.cluster
late	true	true
false	call failed: timeout: nobody has taken the name NEVER; see actor.call-timeout in sky.toml`)
}
