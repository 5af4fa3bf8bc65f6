package skynet_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/node"
)

// limited returns an option that changes the limits of all services but main.
func limited(change func(*actor.Limits)) func(*node.Options) {
	l := actor.Default()
	change(&l)
	return func(o *node.Options) {
		o.LimitsOf = func(name string) (*actor.Limits, bool) {
			if name == "main" {
				return nil, false
			}
			return &l, strings.HasPrefix(name, "critical")
		}
	}
}

// A full mailbox: who sends to it waits, or gets an error, or the oldest message goes.
func TestFullMailbox(t *testing.T) {
	const busy = `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local sink = skynet.newservice "sink"
  local t0 = skynet.now()
  local function flood() local r = {} for i = 1, 6 do r[i] = tostring(skynet.send(sink, "lua", "n", i)) end return table.concat(r, " ") end
  skynet.fork(function() print("call", pcall(skynet.call, sink, "lua", "called")) end)
  skynet.yield()
  print("sent", flood(), skynet.now() - t0)
  skynet.sleep(1000)
  print("all", skynet.call(sink, "lua", "got"))
end)
-- sink.lua --
local skynet = require "skynet"
local got = {}
local cmd = {}
function cmd.called() skynet.retpack(true) end
function cmd.n(i) got[#got + 1] = i end
function cmd.got() skynet.retpack(table.concat(got, ",")) end
skynet.start(function() skynet.dispatch("lua", function(_, _, name, ...) cmd[name](...) end) end)
`
	for _, c := range []struct {
		name   string
		policy actor.Policy
		want   []string
	}{
		// With one slot main goes on until it waits, so the mailbox fills up with the call and
		// three more. Under block main gives its slot up and sink makes room at once.
		{"block", actor.Block, []string{"call\ttrue\ttrue", "sent\t0 0 0 0 0 0\t0", "all\t1,2,3,4,5,6"}},
		{"reject", actor.Reject, []string{"call\ttrue\ttrue", "sent\t0 0 0 0 false false\t0", "all\t1,2,3,4"}},
		{"drop-oldest", actor.DropOldest, []string{"sent\t0 0 0 0 0 0\t0", "all\t"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, o := run(t, busy, 20*time.Second, limited(func(l *actor.Limits) { l.Mailbox, l.Policy = 4, c.policy }))
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s%+v", want, got, o.Events)
				}
			}
		})
	}
}

// A mailbox that stays full: the sender waits as long as it may, and no longer.
func TestSendWait(t *testing.T) {
	hold := make(chan struct{})
	synctest.Test(t, func(t *testing.T) {
		hold = make(chan struct{})
		n, o := system(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local t0 = skynet.now()
  for i = 1, 3 do print(skynet.send(".slow", "lua", i), skynet.now() - t0) end
  print(pcall(skynet.call, ".slow", "lua", 4))
end)
`, limited(func(l *actor.Limits) { l.Mailbox, l.SendWait = 1, 500*time.Millisecond }), func(o *node.Options) { o.Slots = 2 })
		if _, err := n.Add(".slow", slow{hold}); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Spawn(nil, "main", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		found := false
		for _, e := range n.Waits() {
			found = found || e.Kind == actor.OnRoom && strings.Contains(e.What, "room in the mailbox of :00000001 .slow")
		}
		if !found {
			t.Errorf("the list of waits is %+v", n.Waits())
		}
		time.Sleep(5 * time.Second)
		close(hold)
		synctest.Wait()
		want := "0\t0\n0\t0\nfalse\t50\nfalse\tcall failed: the mailbox of :00000001 .slow is full (1 messages); see actor.mailbox in sky.toml\n"
		if got := o.Result().Out; got != want {
			t.Errorf("printed %s", got)
		}
		n.Close()
	})
}

// slow is a native actor that holds on to its first message.
type slow struct{ hold chan struct{} }

func (s slow) Message(*actor.Task, *actor.Envelope) error { <-s.hold; return nil }
func (s slow) Close()                                     {}

// Two actors that wait for room with each other.
func TestRoomCycle(t *testing.T) {
	got, o := run(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local a, b = skynet.newservice "a", skynet.newservice "a"
  skynet.send(a, "lua", "go", b)
  skynet.send(b, "lua", "go", a)
  skynet.sleep(300)
  print("a", skynet.call(a, "lua", "count"))
  print("b", skynet.call(b, "lua", "count"))
end)
-- a.lua --
local skynet = require "skynet"
local sent, n = 0, 0
skynet.start(function()
  skynet.dispatch("lua", function(_, _, cmd, other)
    if cmd == "go" then
      skynet.sleep(1)
      for i = 1, 20 do if skynet.send(other, "lua", "n") then sent = sent + 1 end end
    elseif cmd == "n" then n = n + 1
    else skynet.retpack(sent, n) end
  end)
end)
`, 10*time.Second, limited(func(l *actor.Limits) { l.Mailbox, l.SendWait = 4, time.Minute }), func(o *node.Options) { o.Slots = 2 })
	if !strings.Contains(got, "a\t") || !strings.Contains(got, "b\t") || len(o.Of("deadlock")) == 0 {
		t.Errorf("printed %s%+v", got, o.Events)
	}
}

// Each limit trips with the name of its key, and nobody else is hurt.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name, script, want string
		change             func(*actor.Limits)
	}{
		{"instructions", `while true do end`, "see actor.instructions in sky.toml", func(l *actor.Limits) { l.Instructions = 100_000 }},
		{"memory", `local t = {} for i = 1, 1e8 do t[i] = {i} end`, "see limits.memory in sky.toml", func(l *actor.Limits) { l.Script.Memory = 1 << 20 }},
		{"memory of forks", `for i = 1, 200 do local s = ("x"):rep(1e6) .. i skynet.fork(function() return s end) end`, "see limits.memory in sky.toml", func(l *actor.Limits) { l.Script.Memory = 16 << 20 }},
		{"memory of timers", `for i = 1, 200 do local s = ("x"):rep(1e6) .. i skynet.timeout(1e6, function() return s end) end`, "see limits.memory in sky.toml", func(l *actor.Limits) { l.Script.Memory = 16 << 20 }},
		{"message size", `skynet.retpack(("x"):rep(2000))`, "see actor.message-size in sky.toml", func(l *actor.Limits) { l.Message.Size = 1000 }},
		{"message depth", `local t = {} t.t = t skynet.retpack(t)`, "see actor.message-depth in sky.toml", func(*actor.Limits) {}},
		{"message count", `local t = {} for i = 1, 200 do t[i] = i end skynet.retpack(t)`, "see actor.message-count in sky.toml", func(l *actor.Limits) { l.Message.Count = 100 }},
		{"tasks", `for i = 1, 200 do skynet.fork(function() skynet.wait() end) end skynet.sleep(1) skynet.retpack(pcall(skynet.call, skynet.self(), "lua"))`, "see actor.tasks in sky.toml", func(l *actor.Limits) { l.Tasks = 100 }},
		{"timers", `for i = 1, 200 do skynet.timeout(1000, print) end`, "see actor.timers in sky.toml", func(l *actor.Limits) { l.Timers = 100 }},
		{"sends", `for i = 1, 200 do skynet.send(1, "lua", "n") end`, "see actor.sends in sky.toml", func(l *actor.Limits) { l.Sends = 100 }},
		{"spawns", `for i = 1, 20 do skynet.newservice("idle") end`, "see actor.spawns in sky.toml", func(l *actor.Limits) { l.Spawns = 10 }},
		{"hops", `skynet.retpack(skynet.call(skynet.self(), "lua"))`, "see actor.hops in sky.toml", func(l *actor.Limits) { l.Hops = 50 }},
		{"coroutines", `for i = 1, 200 do keep[i] = coroutine.wrap(coroutine.yield) keep[i]() end`, "see limits.coroutines in sky.toml", func(l *actor.Limits) { l.Script.Coroutines = 50 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, o := run(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() end)
  print(pcall(skynet.call, skynet.newservice "s", "lua"))
  print(skynet.call(skynet.newservice "good", "lua"))
end)
-- good.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() skynet.retpack "still here" end) end)
-- idle.lua --
require "skynet".start(function() end)
-- s.lua --
local skynet = require "skynet"
keep = {}
skynet.start(function() skynet.dispatch("lua", function() `+c.script+` end) end)
`, 5*time.Second, limited(c.change))
			if !strings.Contains(got, c.want) || !strings.Contains(got, "still here") {
				t.Errorf("printed %s%+v", got, o.Events)
			}
		})
	}
}

// A message that runs for too long: the clock is the real one, since a program that computes
// stands still in a bubble.
func TestTimeLimit(t *testing.T) {
	n, o := system(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local s = skynet.newservice "s"
  print(pcall(skynet.call, s, "lua", "burn"))
  print(pcall(skynet.call, s, "lua", "rest"))
  skynet.send(".ended", "lua")
end)
-- s.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, cmd)
    while cmd == "burn" do pcall(function() while true do end end) end
    skynet.retpack "still here"
  end)
end)
`, limited(func(l *actor.Limits) { l.Time = 20 * time.Millisecond }))
	end := make(chan struct{})
	if _, err := n.Add(".ended", slow{end}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Spawn(nil, "main", nil); err != nil {
		t.Fatal(err)
	}
	end <- struct{}{}
	if got := o.Result().Out; !strings.Contains(got, "time limit of 20ms reached; see actor.time in sky.toml") || !strings.Contains(got, "true\tstill here") {
		t.Errorf("printed %s", got)
	}
}

// One sender is held back, another one is not.
func TestReceived(t *testing.T) {
	got, _ := run(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local sink, other = skynet.newservice "sink", skynet.newservice "sink"
  local sent, err = 0
  for i = 1, 30 do
    local ok, e = pcall(skynet.send, sink, "lua", "n")
    if ok then sent = sent + 1 else err = e end
  end
  print(sent, err)
  print(skynet.call(other, "lua", "relay", sink))
  skynet.sleep(100)
  print(skynet.call(sink, "lua", "count"))
end)
-- sink.lua --
local skynet = require "skynet"
local n = 0
skynet.start(function()
  skynet.dispatch("lua", function(session, _, cmd, to)
    if cmd == "relay" then skynet.send(to, "lua", "n") skynet.retpack "relayed"
    elseif cmd == "count" then skynet.retpack(n)
    else n = n + 1 end
  end)
end)
`, 5*time.Second, limited(func(l *actor.Limits) { l.Received = 10 }))
	for _, want := range []string{"10\t", ":00000001 sends more than 10 messages a second to :00000002 sink; see actor.received in sky.toml", "relayed", "11\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

// All services together send no more than the node allows; those that are critical are not held back.
func TestNodeSends(t *testing.T) {
	got, _ := run(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local a, b, c = skynet.newservice "s", skynet.newservice "s", skynet.newservice "critical"
  skynet.sleep(200)
  print(skynet.call(a, "lua", 60), skynet.call(b, "lua", 60))
  skynet.sleep(50)
  print("later", skynet.call(a, "lua", 60))
  skynet.sleep(50)
  print("critical", skynet.call(c, "lua", 200))
end)
-- s.lua --
local skynet = require "skynet"
skynet.start(function()
  local sink = skynet.newservice "sink"
  skynet.dispatch("lua", function(_, _, n)
    local sent, why = 0, ""
    for i = 1, n do
      local ok, err = pcall(skynet.send, sink, "lua")
      if ok then sent = sent + 1 else why = err end
    end
    skynet.retpack(sent, why)
  end)
end)
-- critical.lua --
dofile "s.lua"
-- sink.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() end) end)
`, 10*time.Second, limited(func(*actor.Limits) {}), func(o *node.Options) { o.Sends = 100 })
	for _, want := range []string{"60\t38\tall services of the node send more messages a second than they may; see run.sends in sky.toml\n", "later\t49\t", "critical\t200\t\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

// What is sent is no call within a call: two services may go on for ever, of which one calls the other, and
// the other sends.
func TestSendIsNoHop(t *testing.T) {
	got, o := run(t, `-- main.lua --
local skynet = require "skynet"
local other = ...
skynet.start(function()
  skynet.dispatch("lua", function(_, source, cmd, n)
    if cmd == "ask" then
      skynet.retpack(n)
      return skynet.send(source, "lua", "round", n + 1)
    end
    if n == 400 then return print "400 rounds" end
    assert(skynet.call(source, "lua", "ask", n) == n)
  end)
  if not other then
    skynet.send(skynet.newservice("main", "other"), "lua", "round", 1)
  end
end)
`, 5*time.Second)
	if got != "400 rounds\n" {
		t.Errorf("printed %s%+v", got, o.Events)
	}
}
