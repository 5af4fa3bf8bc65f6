package skynet_test

import (
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/internal/nodetest"
)

// Within one message: the running task until it waits, those that were woken, what was forked.
func TestOrder(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local a, b = {}, {}
  skynet.fork(function() print "wait a" skynet.wait(a) print "a goes on" end)
  skynet.fork(function() print "wait b" skynet.wait(b) print "b goes on" end)
  skynet.sleep(1)
  skynet.send(skynet.self(), "lua", "message")
  skynet.fork(function(x) print("fork", x) end, 1)
  skynet.fork(print, "fork", 2)
  print(skynet.wakeup(b), skynet.wakeup(a), skynet.wakeup(b), skynet.wakeup "nobody")
  skynet.timeout(0, function() print "timer" end)
  print "still running"
  skynet.dispatch("lua", function(_, _, m) print(m) end)
  skynet.yield()
  print "after all"
end)
`, time.Second, "wait a", "wait b", "true\ttrue\ttrue", "still running", "b goes on", "a goes on", "fork\t1", "fork\t2", "message", "timer", "after all")
}

func TestSleep(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local t0 = skynet.now()
  local co = skynet.fork(function() print(skynet.sleep(1000), skynet.now() - t0) end)
  print(skynet.sleep(10), skynet.now() - t0)
  print(skynet.wakeup(co))
  skynet.yield()
  local token = {}
  skynet.fork(function() print(pcall(skynet.sleep, 5, token)) end)
  skynet.fork(function() print(pcall(skynet.sleep, 5, token)) end)
  skynet.sleep(20)
  print(coroutine.status(co))
  for i = 1, 3 do skynet.timeout(10, function() print("timeout", i, skynet.now() - t0) end) end
end)
`, 20*time.Second, "nil\t10", "true", "BREAK\t10", "false\ttoken duplicative", "true", "dead", "timeout\t1\t40", "timeout\t2\t40", "timeout\t3\t40")
}

// What is blocked may stand below anything.
func TestBlockAnywhere(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, n) skynet.sleep(1) skynet.retpack(n * 2) end)
  local function double(n) return skynet.call(skynet.self(), "lua", n) end
  print(pcall(pcall, double, 1))
  print(select(2, xpcall(double, print, 2)))
  print(setmetatable({}, {__index = function(_, k) return double(k) end})[3])
  print((("4"):gsub("%d", double)))
  local t = {2, 1}
  table.sort(t, function(a, b) return double(a) < double(b) end)
  print(t[1], t[2])
  local co = coroutine.wrap(function(n) local m = coroutine.yield(double(n)) return double(m) end)
  print(co(5), co(6))
  for v in function(_, last) if not last then return double(7) end end do print(v) end
  local c <close> = setmetatable({}, {__close = function() print(double(8)) end})
end)
`, time.Second, "true\ttrue\t2", "4", "6", "8", "1\t2", "10\t12", "14", "16")
}

func TestRepliesAndSends(t *testing.T) {
	o := expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local s = skynet.newservice "server"
  skynet.dispatch("lua", function(_, _, ...) print("got", ...) end)
  print(skynet.call(s, "lua", "order", skynet.self()))
  skynet.yield()
  print(pcall(skynet.call, s, "lua", "twice"))
  print(pcall(skynet.call, s, "lua", "forked"))
  print(pcall(skynet.call, s, "lua", "ignored"))
  print(pcall(skynet.call, s, "lua", "late"))
  print(pcall(skynet.call, s, "lua", "refused"))
  print(skynet.call(s, "lua", "after"))
  print(skynet.unpack(skynet.rawcall(s, "lua", skynet.pack("raw", 1))))
  print(skynet.unpack(skynet.packstring(1, "x", true)))
  skynet.send(s, "lua", "twice")
end)
-- server.lua --
local skynet = require "skynet"
local cmd = {}
function cmd.order(to) skynet.send(to, "lua", "before") skynet.retpack("reply") skynet.send(to, "lua", "behind") end
function cmd.twice() print(skynet.retpack(1), pcall(skynet.retpack, 2)) end
function cmd.forked() skynet.fork(function() print(pcall(skynet.retpack, 2)) end) end
function cmd.ignored() skynet.ignoreret() end
function cmd.late() local r = skynet.response() skynet.timeout(5, function() print(r("TEST"), r(true, "late"), pcall(r, true)) end) end
function cmd.refused() skynet.response()(false) end
function cmd.after() skynet.retpack("good") error("unseen") end
function cmd.raw(...) skynet.ret(skynet.pack("raw", ...)) end
skynet.start(function() skynet.dispatch("lua", function(_, _, name, ...) cmd[name](...) end) end)
`, 5*time.Second, "got\tbefore", "reply", "got\tbehind", "true\tfalse\tNo session", "true\t1", "false\tNo session",
		`false	call failed: the handler has ended without an answer (:00000002 server, "forked")`,
		`false	call failed: the handler has declined to answer (skynet.ignoreret) (:00000002 server, "ignored")`,
		"true\ttrue\tfalse\tCan't response more than once", "true\tlate",
		"false\tcall failed: the service has answered with response(false)", "good", "raw\t1", "1\tx\ttrue", "false\tfalse\tNo session")
	if n := len(o.Of("handler")); n != 1 {
		t.Errorf("%d handlers have failed, want 1", n)
	}
}

// Who asked goes on though the handler that has answered does not end.
func TestAnswerBeforeTheEnd(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  for _, what in ipairs { "wait", "send", "exit" } do
    local worker, begun = skynet.newservice "worker", skynet.now()
    print(what, skynet.call(worker, "lua", what), skynet.now() - begun)
  end
end)
-- worker.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, what)
    skynet.retpack "answered"
    if what == "wait" then
      skynet.wait {}
    elseif what == "send" then
      skynet.send(skynet.newservice "other", "lua")
    else
      skynet.exit()
    end
  end)
end)
-- other.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() print "sent" end)
end)
`, time.Second, "wait\tanswered\t0", "send\tanswered\t0", "sent", "exit\tanswered\t0")
	nodetest.Expect(t, nodetest.System{Slots: 2, Files: `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  print(skynet.call(skynet.newservice "worker", "lua"))
  skynet.setenv("seen", "yes")
end)
-- worker.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function()
    skynet.retpack "answered"
    for i = 1, 1e6 do
      if skynet.getenv "seen" then return print "seen while it computed" end
    end
    print "nobody went on"
  end)
end)
`}, "answered\nseen while it computed")
}
