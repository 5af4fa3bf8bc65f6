package skynet_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/node"
)

// An actor whose start fails is started again, later each time, until it fails too often.
func TestRestart(t *testing.T) {
	for _, c := range []struct {
		name, script string
		restart      node.Restart
		restarts     int
		last         string // the kind of event that says how it ended
	}{
		{"never", `error "broken"`, node.Restart{Policy: node.Never}, 0, ""},
		{"on failure", `error "broken"`, node.Restart{Policy: node.OnFailure, Backoff: time.Second, MaxBackoff: 3 * time.Second, Most: 4, Window: time.Minute}, 4, "given-up"},
		{"memory", `skynet.dispatch("lua", function() end) local t = {} for i = 1, 1e8 do t[i] = {i} end`, node.Restart{Policy: node.OnFailure, Backoff: time.Second, Most: 1, Window: time.Minute}, 1, "given-up"},
		{"escalate", `error "broken"`, node.Restart{Policy: node.Escalate}, 0, "escalate"},
		{"exit is no failure", `skynet.exit()`, node.Restart{Policy: node.OnFailure, Backoff: time.Second}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, o := run(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function() pcall(skynet.newservice, "s", "word") end)
-- s.lua --
local skynet = require "skynet"
assert(... == "word")
skynet.start(function() `+c.script+` end)
`, 30*time.Second, limited(func(l *actor.Limits) { l.Script.Memory = 1 << 20 }), func(o *node.Options) {
				o.Restart = func(string) node.Restart { return c.restart }
			})
			if n := len(o.Of("restart")); n != c.restarts {
				t.Errorf("%d restarts, want %d: %+v", n, c.restarts, o.Events)
			}
			if c.last != "" && len(o.Of(c.last)) != 1 {
				t.Errorf("not %s: %+v", c.last, o.Events)
			}
		})
	}
}

// A restarted actor has the names of the old one.
func TestRestartKeepsNames(t *testing.T) {
	got, o := run(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local s = skynet.uniqueservice "s"
  print(pcall(skynet.call, ".db", "lua", "eat"))
  skynet.sleep(200)
  print(skynet.call(".db", "lua", "ping"), skynet.uniqueservice "s" ~= s)
end)
-- s.lua --
require "skynet.manager"
local skynet = require "skynet"
skynet.start(function()
  skynet.register ".db"
  skynet.dispatch("lua", function(_, _, cmd)
    if cmd == "eat" then local t = {} for i = 1, 1e8 do t[i] = {i} end end
    skynet.retpack "pong"
  end)
end)
`, 10*time.Second, limited(func(l *actor.Limits) { l.Script.Memory = 1 << 20 }), func(o *node.Options) {
		o.Restart = func(string) node.Restart { return node.DefaultRestart }
	})
	if !strings.Contains(got, "see limits.memory in sky.toml") || !strings.Contains(got, "pong\ttrue") {
		t.Errorf("printed %s%+v", got, o.Events)
	}
}

// idle is a native actor that answers nothing.
type idle struct{}

func (idle) Message(*actor.Task, *actor.Envelope) error { return errors.New("not now") }
func (idle) Close()                                     {}

func TestWatchAndLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := system(t, "")
		var list []*actor.Actor
		for range 3 {
			a, err := n.Add("", idle{})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, a)
		}
		var reasons []string
		n.Watch(list[1].Handle(), func(_ *actor.Actor, reason string) { reasons = append(reasons, reason) })
		n.Link(list[0].Handle(), list[1].Handle())
		n.Kill(list[0].Handle(), "test")
		synctest.Wait()
		if len(reasons) != 1 || reasons[0] != "linked to :00000001, which has ended: test" {
			t.Errorf("reasons %q", reasons)
		}
		if n.Find(1) != nil || n.Find(2) != nil || n.Find(3) == nil {
			t.Error("the wrong actors have ended")
		}
		n.Watch(1, func(_ *actor.Actor, reason string) { reasons = append(reasons, reason) })
		if len(reasons) != 2 {
			t.Error("a watch of an actor that has ended says nothing")
		}
		n.Close()
	})
}

// The monitor of a node is told of every end: by exit, by kill, and of a start that has failed. A second one takes
// its place.
func TestMonitor(t *testing.T) {
	expect(t, `
-- main.lua --
require "skynet.manager"
local skynet = require "skynet"
skynet.start(function()
  local m = skynet.monitor "watcher"
  local a, b = skynet.newservice "s", skynet.newservice "s"
  skynet.kill(a)
  skynet.send(b, "lua", "exit")
  skynet.sleep(1)
  pcall(skynet.newservice, "broken")
  skynet.sleep(1)
  print(skynet.call(m, "lua"))
  local second = skynet.monitor "watcher2"
  skynet.kill(skynet.newservice "s")
  skynet.sleep(1)
  print(skynet.call(m, "lua"))
  print(skynet.call(second, "lua"))
end)
-- watcher.lua --
local skynet = require "skynet"
local ended = {}
skynet.register_protocol {name = "client", id = skynet.PTYPE_CLIENT, unpack = function() end, dispatch = function(_, address) table.insert(ended, skynet.address(address)) end}
skynet.start(function() skynet.dispatch("lua", function() skynet.retpack(table.concat(ended, " ")) end) end)
-- watcher2.lua --
dofile "watcher.lua"
-- s.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() skynet.exit() end) end)
-- broken.lua --
error "broken"
`, time.Second, ":00000003 :00000004 :00000005", ":00000003 :00000004 :00000005", ":00000007")
}

// skynet.term lets the calls fail that the service has made to an address; so does the message by which a service
// says that it will answer nothing any more.
func TestTerm(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local a, b = skynet.newservice "s", skynet.newservice "s"
  for name, to in pairs {a = a, b = b} do
    skynet.fork(function() print(name, pcall(skynet.call, to, "lua", "wait")) end)
  end
  skynet.sleep(100)
  skynet.term(a)
  skynet.sleep(100)
  skynet.send(b, "lua", "leave", skynet.self())
end)
-- s.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, what, to)
    if what == "wait" then skynet.sleep(1e6) end
    require "skynet.core".send(to, skynet.PTYPE_ERROR, 0, "")
  end)
end)
`, 5*time.Second, "a\tfalse\tcall failed: :00000002 was given up (skynet.term)", "b\tfalse\tcall failed: :00000003 was given up (skynet.term)")
}

// An actor that is at one message for more than five seconds is reported, and knows it once.
func TestEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, r := system(t, "")
		hold := make(chan struct{})
		a, err := n.Add(".slow", slow{hold})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Offer(actor.Envelope{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		if a.WasEndless() {
			t.Error("too soon")
		}
		time.Sleep(8 * time.Second)
		synctest.Wait()
		if len(r.Result().Of("endless")) == 0 || !a.WasEndless() || a.WasEndless() {
			t.Errorf("events %+v", r.Result().Events)
		}
		close(hold)
		n.Close()
	})
}

// Storms of calls, kills and exits: every call gets an answer, and no goroutine stays.
func TestStorm(t *testing.T) {
	before := runtime.NumGoroutine()
	got, o := run(t, `-- main.lua --
require "skynet.manager"
local skynet = require "skynet"
skynet.start(function()
  local answers, calls = 0, 0
  for round = 1, 20 do
    local victim = skynet.newservice "victim"
    for i = 1, 20 do
      calls = calls + 1
      skynet.fork(function()
        pcall(skynet.call, victim, "lua", i % 5, i)
        answers = answers + 1
      end)
    end
    skynet.fork(function()
      skynet.sleep(round % 3)
      if round % 2 == 0 then skynet.kill(victim) else skynet.send(victim, "lua", "exit") end
    end)
  end
  skynet.sleep(1000)
  print(calls, answers, skynet.task())
end)
-- victim.lua --
local skynet = require "skynet"
local queue = {}
skynet.start(function()
  skynet.dispatch("lua", function(_, _, cmd, n)
    if cmd == "exit" then skynet.exit() end
    if cmd == 0 then skynet.wait()
    elseif cmd == 1 then coroutine.wrap(function() skynet.sleep(n) end)()
    elseif cmd == 2 then queue[n] = skynet.response() return
    elseif cmd == 3 then pcall(skynet.call, skynet.self(), "lua", 0) end
    skynet.retpack(true)
  end)
end)
`, 60*time.Second, func(o *node.Options) { o.Slots = 2 })
	if !strings.Contains(got, "400\t400\t0") {
		t.Errorf("printed %s%+v", got, o.Events)
	}
	// The collector's own goroutines, which run clean-ups, end by themselves.
	after := runtime.NumGoroutine()
	for range 500 {
		if after = runtime.NumGoroutine(); after <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines before, %d after\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
}

// A critical actor answers while others take all processors.
func TestCriticalFirst(t *testing.T) {
	n, o := system(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.newservice "critical"
  for i = 1, 4 do skynet.send(skynet.newservice "burner", "lua") end
end)
-- burner.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() while true do end end) end)
-- critical.lua --
local skynet = require "skynet"
skynet.start(function()
  for i = 1, 20 do skynet.sleep(1) end
  print "through"
  skynet.send(".ended", "lua")
end)
`, limited(func(*actor.Limits) {}), func(o *node.Options) { o.Slots = 1 })
	end := make(chan struct{})
	if _, err := n.Add(".ended", slow{end}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Spawn(nil, "main", nil); err != nil {
		t.Fatal(err)
	}
	end <- struct{}{}
	if got := o.Result().Out; got != "through\n" {
		t.Errorf("printed %s", got)
	}
}
