package queue_test

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/queue"
)

func system(files string) nodetest.System {
	return nodetest.System{Files: files, Modules: []actor.Module{queue.Module}}
}

func TestOrder(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local queue = require "skynet.queue"
skynet.start(function()
  local cs, other = queue(), queue()
  for i = 1, 3 do
    skynet.fork(function()
      print(i, "asks")
      print(i, cs(function(a, b)
        print(i, "has it")
        skynet.sleep(10)
        cs(function() print(i, "again") end)
        return a, nil, b
      end, i, i * i))
    end)
  end
  skynet.fork(function() other(function() print("another queue") end) end)
  skynet.sleep(100)
  print(select("#", cs(function() end)), cs(function() return "result" end))
end)
`), `1	asks
1	has it
2	asks
3	asks
another queue
1	again
1	1	nil	1
2	has it
2	again
2	2	nil	4
3	has it
3	again
3	3	nil	9
0	result`)
}

func TestErrors(t *testing.T) {
	r := nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local queue = require "skynet.queue"
skynet.start(function()
  local cs = queue()
  local ok, message = pcall(cs, function() error("oops") end)
  print(ok, message:match("^main.lua:5: oops\nstack traceback:\n") ~= nil)
  local t = {}
  print(select(2, pcall(cs, error, t)) == t)
  print(select(2, pcall(cs)):match("^[^\n]*"))
  skynet.fork(function() cs(function() cs(function() error "deep" end) end) end)
  skynet.fork(function() cs(function() print "still works" end) end)
  skynet.sleep(1)
end)
`), `false	true
true
attempt to call a nil value
still works`)
	if len(r.Events) != 1 || !strings.HasPrefix(r.Events[0].Message, "main.lua:10: deep\nstack traceback:\n\t[C]: in function 'error'") {
		t.Errorf("%+v", r.Events)
	}
}

// TestHolderEnds lets those go on that wait for a coroutine that is gone.
func TestHolderEnds(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local queue = require "skynet.queue"
skynet.start(function()
  local cs = queue()
  local co = skynet.fork(function() cs(function() skynet.wait() end) end)
  skynet.fork(function() cs(function() print "mine now" end) end)
  skynet.sleep(10)
  print(skynet.killthread(co) == co)
  skynet.sleep(10)
end)
`), "true\nmine now")
}

// TestDeadlocks has D4 and D6: each is an error that says who waits for whom.
func TestDeadlocks(t *testing.T) {
	r := nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local queue = require "skynet.queue"
skynet.start(function()
  local cs, a, b = queue(), queue(), queue()
  skynet.dispatch("lua", function() cs(function() skynet.retpack "never" end) end)
  local ok, message = pcall(cs, function() return skynet.call(skynet.self(), "lua", "GET") end)
  print("D4", ok, message:match("call failed.-waits for the queue that was made at main.lua:4") ~= nil, message:match 'an answer of :00000001 main to "GET"')
  print("D4", cs(function() return "free again" end))
  local failed, done = 0, 0
  local function both(x, y)
    local ok = pcall(x, function() skynet.sleep(5) y(function() end) end)
    done, failed = done + 1, failed + (ok and 0 or 1)
  end
  skynet.fork(both, a, b)
  skynet.fork(both, b, a)
  skynet.sleep(500)
  print("D6", done, failed)
end)
`), `D4	false	true	an answer of :00000001 main to "GET"
D4	free again
D6	2	1`)
	deadlocks := 0
	for _, e := range r.Events {
		if e.Kind == "deadlock" {
			deadlocks++
		}
	}
	if deadlocks != 2 {
		t.Errorf("%d deadlocks reported", deadlocks)
	}
}
