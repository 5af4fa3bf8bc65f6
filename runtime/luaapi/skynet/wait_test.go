package skynet_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/queue"
	"github.com/skylint/skylint/runtime/node"
)

// Waits that could never end: each fails, with the reason, long before any deadline. The numbers
// are those of the patterns that skynet hangs in.
func TestHopelessWaits(t *testing.T) {
	for _, c := range []struct {
		name, archive string
		want          []string // what the output holds
		deadlocks     int
	}{
		{"D1 two starts need each other", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() print(pcall(skynet.uniqueservice, "a")) end)
-- a.lua --
local skynet = require "skynet"
skynet.start(function() skynet.uniqueservice "b" print "a has started" end)
-- b.lua --
local skynet = require "skynet"
skynet.start(function() print("b:", pcall(skynet.uniqueservice, "a")) end)
`, []string{"b:\tfalse\tcall failed: deadlock: this wait would never end", ":00000003 b waits for the start of :00000002 a", ":00000002 a waits for the start of :00000003 b", "a.lua:2:", "b.lua:2:", "a has started", "true\t2"}, 1},
		{"D2 a start needs itself", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() print(pcall(skynet.uniqueservice, "a")) end)
-- a.lua --
local skynet = require "skynet"
skynet.start(function() print(pcall(skynet.queryservice, "a")) end)
`, []string{"false\tcall failed: deadlock", ":00000002 a waits for the start of :00000002 a: the first of these", "true\t2"}, 1},
		{"D3 a start, a call and a wait for the start", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() skynet.uniqueservice "b" skynet.retpack(true) end)
  print(pcall(skynet.uniqueservice, "b"))
end)
-- b.lua --
local skynet = require "skynet"
skynet.start(function() print(pcall(skynet.call, 1, "lua")) end)
`, []string{"false\tcall failed: ", "deadlock", "true\t2"}, 1},
		{"D9 modules that require each other, in two tasks", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.fork(function() print("x:", pcall(require, "x")) end)
  skynet.fork(function() print("y:", pcall(require, "y")) end)
end)
-- x.lua --
local skynet = require "skynet"
skynet.sleep(1)
return {y = require "y"}
-- y.lua --
local skynet = require "skynet"
skynet.sleep(1)
return {x = require "x"}
`, []string{"deadlock", "the module x, which another task loads", "the module y, which another task loads", "circular dependency: the module"}, 1},
		{"a module that requires itself", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() print(pcall(require, "x")) end)
-- x.lua --
return require "x"
`, []string{"circular dependency"}, 0},
		{"H5 the callee is killed while it handles", `
-- main.lua --
require "skynet.manager"
local skynet = require "skynet"
skynet.start(function()
  local b = skynet.newservice "b"
  skynet.timeout(5, function() skynet.kill(b) end)
  print(pcall(skynet.call, b, "lua"))
  print(pcall(skynet.call, b, "lua"))
end)
-- b.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() skynet.wait() end) end)
`, []string{"false\tcall failed: :00000002 b has ended: killed by :00000001", "false\tcall to invalid address :00000002"}, 0},
		{"the callee exits, with other calls open", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local b = skynet.newservice "b"
  skynet.fork(function() print("1", pcall(skynet.call, b, "lua", "wait")) end)
  skynet.fork(function() print("2", pcall(skynet.call, b, "lua", "response")) end)
  skynet.fork(function() print("3", pcall(skynet.call, b, "lua", "exit")) end)
  skynet.fork(function() print("4", pcall(skynet.call, b, "lua", "wait")) end)
end)
-- b.lua --
local skynet = require "skynet"
local cmd = {exit = skynet.exit}
function cmd.wait() local c <close> = setmetatable({}, {__close = function() print "closed" end}) pcall(skynet.wait) print "gone on" end
function cmd.response() kept = skynet.response() end
skynet.start(function() skynet.dispatch("lua", function(_, _, name) cmd[name]() end) end)
`, []string{"1\tfalse\tcall failed: :00000002 b has ended: it has exited", "2\tfalse\tcall failed", "3\tfalse\tcall failed", "4\tfalse\tcall failed", "closed"}, 0},
		{"H6 the message does not unpack", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local b = skynet.newservice "b"
  print(pcall(skynet.rawcall, b, "lua", "\255nonsense"))
  skynet.register_protocol {name = "own", id = 100, pack = function(s) return s end, unpack = skynet.tostring}
  print(skynet.call(b, "own", "text"))
  print(pcall(skynet.call, b, "own", "bad"))
end)
-- b.lua --
local skynet = require "skynet"
skynet.register_protocol {name = "own", id = 100, pack = function(s) return s end, unpack = function(m, n) if n == 3 then error "bad text" end return skynet.tostring(m, n) end}
skynet.start(function()
  skynet.dispatch("lua", print)
  skynet.dispatch("own", function(_, _, s) skynet.ret(s .. "!") end)
end)
`, []string{"false\tcall failed: ", "text!", "false\tcall failed: b.lua:2: bad text"}, 0},
		{"H8 a handler yields", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() coroutine.yield "x" end)
  print(pcall(skynet.call, skynet.self(), "lua"))
end)
`, []string{"false\tcall failed: main.lua:3: attempt to yield from a message handler"}, 0},
		{"W4 no skynet.start", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() print(pcall(skynet.newservice, "b")) print(pcall(skynet.newservice, "c")) print(pcall(skynet.newservice, "d")) print(pcall(skynet.newservice, "none")) print(pcall(skynet.newservice, "e")) end)
-- b.lua --
local x = 1
-- c.lua --
error "broken"
-- d.lua --
require "skynet".start(function() require "skynet".exit() end)
-- e.lua --
require "skynet".start(function() error "not today" end)
`, []string{"false\tcall failed: b: its main chunk has ended without skynet.start", "false\tcall failed: c: c.lua:1: broken", "true\tnil", "false\tcall failed: there is no service none", "false\tcall failed: init service failed: e.lua:1: not today"}, 0},
		{"R5 the main chunk waits", `
-- main.lua --
local skynet = require "skynet"
print(pcall(skynet.sleep, 1))
skynet.start(function() end)
`, []string{"false\tattempt to yield from outside a coroutine"}, 0},
		{"a cycle of services is none of tasks", `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local b = skynet.newservice "b"
  skynet.dispatch("lua", function(_, _, n) skynet.sleep(10) skynet.retpack(n == 0 and "end" or skynet.call(b, "lua", n - 1)) end)
  print(skynet.call(b, "lua", 5))
end)
-- b.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function(_, _, n) skynet.sleep(10) skynet.retpack(n == 0 and "end" or skynet.call(1, "lua", n - 1)) end) end)
`, []string{"end"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, o := run(t, strings.TrimPrefix(c.archive, "\n"), 2*time.Second)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s\n%+v", want, got, o.Events)
				}
			}
			if n := len(o.Of("deadlock")); n != c.deadlocks {
				t.Errorf("%d deadlocks were reported, want %d\n%s", n, c.deadlocks, got)
			}
			if strings.Contains(got, "gone on") {
				t.Errorf("code has gone on that must not: %s", got)
			}
		})
	}
}

// What only a deadline ends is in the list of waits until then, with its age.
func TestListOfWaits(t *testing.T) {
	for _, c := range []struct{ name, script, kind, what, failed string }{
		{"W1 wait without wakeup", `local token = {} skynet.wait(token)`, "token", "a wakeup (skynet.wait)", "waited 30s for a wakeup"},
		{"W2 nobody starts it", `skynet.queryservice "nobody"`, "query", `somebody to start the service "nobody"`, `waited 30s for somebody to start the service "nobody"`},
		{"H3 a stored response", `r = skynet.response()`, "response", `a stored response to "go"`, ""},
		{"a call", `skynet.call(skynet.self(), "lua", "store")`, "call", `an answer of :00000001 main to "store"`, `waited 30s for an answer of :00000001 main to "store"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			archive := `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, cmd) if cmd == "store" then kept = skynet.response() return end ` + c.script + ` end)
  print(pcall(skynet.call, skynet.self(), "lua", "go"))
end)
`
			synctest.Test(t, func(t *testing.T) {
				n, o := system(t, archive)
				if _, err := n.Spawn(nil, "main", nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				synctest.Wait()
				found := false
				for _, e := range n.Waits() {
					if e.Kind.String() == c.kind && e.What == c.what {
						found = true
						if e.Age < 9*time.Second || e.Age > 10*time.Second {
							t.Errorf("the age is %v", e.Age)
						}
					}
				}
				if !found {
					t.Errorf("no %s in %+v; %+v", c.kind, n.Waits(), o.Result().Events)
				}
				time.Sleep(21 * time.Second)
				synctest.Wait()
				got := o.Result().Out
				if !strings.Contains(got, "false\tcall failed: ") || !strings.Contains(got, `waited 30s for an answer of :00000001 main to "go"`) && !strings.Contains(got, c.failed) {
					t.Errorf("printed %s", got)
				}
				n.Close()
			})
		})
	}
}

// A response function that is dropped without a call is found by the collector.
func TestDroppedResponse(t *testing.T) {
	got, _ := run(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() local r = skynet.response() end)
  print(pcall(skynet.call, skynet.self(), "lua", "go"))
end)
`, 5*time.Second)
	if !strings.Contains(got, "the response function was dropped without being called") {
		t.Errorf("printed %s", got)
	}
}

// A wait whose token nobody has any more is found by the collector, within five seconds; it fails if
// somebody waits for it in turn.
func TestLostToken(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"no token", `skynet.dispatch("lua", function() skynet.wait() end) print(pcall(skynet.call, skynet.self(), "lua"))`,
			"false\tcall failed: main.lua:2: lost: this wait would never end\n  :00000001 main (for :00000001) waits for a wakeup (skynet.wait), and nobody has its token any more\n  \t[C]: in function 'skynet.wait'"},
		{"a table of its own", `skynet.dispatch("lua", function() skynet.wait {} end) print(pcall(skynet.call, skynet.self(), "lua"))`, "lost"},
		{"the list of waiters is cleared", `
  local waiters = {}
  skynet.dispatch("lua", function() waiters[1] = coroutine.running() skynet.wait(waiters[1]) end)
  skynet.timeout(100, function() waiters = {} end)
  print(pcall(skynet.call, skynet.self(), "lua"))`, "lost"},
		{"in a queue", `
  local cs = require "skynet.queue" ()
  skynet.fork(function() print(pcall(cs, skynet.wait)) end)
  cs(print, "through")`, "through"},
		{"in a start", `print(pcall(skynet.newservice, "parked"))`, "init service failed: parked.lua:1: lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := nodetest.Run(t, nodetest.System{Modules: []actor.Module{queue.Module}, Time: 5 * time.Second, Files: `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() ` + c.script + ` end)
-- parked.lua --
require "skynet".start(function() require "skynet".wait() end)
`})
			got := r.Out
			if !strings.Contains(got, c.want) || len(r.Of("lost")) != 1 {
				t.Errorf("printed %s%+v", got, r.Events)
			}
		})
	}
}

// As long as anything has the token, or it can be made again, the wait is left alone, however long it
// takes; a wakeup finds it.
func TestTokenIsHeld(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"a table in a global", `T = {} skynet.timeout(2000, function() print(skynet.wakeup(T)) end) skynet.wait(T)`},
		{"a coroutine in an upvalue", `local co = coroutine.running() skynet.timeout(2000, function() print(skynet.wakeup(co)) end) skynet.wait()`},
		{"a coroutine in a table", `local list = setmetatable({}, {__mode = "k"}) list[1] = coroutine.running() skynet.timeout(2000, function() print(skynet.wakeup(table.remove(list))) end) skynet.wait(list[1])`},
		{"what fork has returned", `local co = skynet.fork(function() skynet.wait() print(coroutine.running() == CO) end) CO = co skynet.sleep(2000) print(skynet.wakeup(co)) skynet.yield()`},
		{"a string", `skynet.fork(function() skynet.wait "token" print "woken" end) skynet.sleep(2000) print(skynet.wakeup("to" .. "ken")) skynet.yield()`},
		{"a number", `skynet.fork(function() skynet.wait(7) print "woken" end) skynet.sleep(2000) print(skynet.wakeup(3 + 4)) skynet.yield()`},
		{"a nested coroutine", `local co co = coroutine.create(function() skynet.wait() print(coroutine.running() == co) end) skynet.timeout(2000, function() print(skynet.wakeup(co)) end) print(coroutine.resume(co))`},
		{"a function", `F = function() end skynet.timeout(2000, function() print(skynet.wakeup(F)) end) skynet.wait(F)`},
		{"in a message", `local box = {{}} skynet.dispatch("lua", function() print(skynet.wakeup(box[1])) end) skynet.fork(function() skynet.sleep(2000) skynet.send(skynet.self(), "lua") end) skynet.wait(box[1])`},
		{"twice", `T = {} skynet.fork(function() skynet.wait(T) print "woken" end) skynet.sleep(1000) print(pcall(skynet.wait, T)) skynet.sleep(1000) print(skynet.wakeup(T)) skynet.yield() skynet.fork(function() skynet.wait(T) print "again" end) skynet.sleep(1) print(skynet.wakeup(T)) skynet.yield()`},
		{"the name of the coroutine stays", `T = {} local name = tostring(coroutine.running()) skynet.timeout(2000, function() skynet.wakeup(T) end) skynet.wait(T) print(tostring(coroutine.running()) == name)`},
		{"woken twice", `T = {} skynet.fork(function() for i = 1, 2 do skynet.wait(T) print(i) end end) skynet.sleep(1000) print(skynet.wakeup(T)) skynet.sleep(1000) print(skynet.wakeup(T), skynet.wakeup(T)) skynet.yield()`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, r := run(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() `+c.script+` print "end" end)
`, time.Minute)
			if !strings.HasSuffix(got, "end\n") || !strings.Contains(got, "true") || len(r.Events) != 0 {
				t.Errorf("printed %s%+v", got, r.Events)
			}
		})
	}
}

// A wait that nobody waits for in turn is no error: a script may mean it so. It is in the list.
func TestParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, r := (&nodetest.System{Files: `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() skynet.fork(skynet.wait) end)
`}).Start(t)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		w := n.Waits()
		if len(w) != 1 || w[0].What != "a wakeup (skynet.wait), and nobody has its token any more" || w[0].Age < 9*time.Second || len(r.Result().Events) != 0 {
			t.Errorf("waits %+v, events %+v", w, r.Result().Events)
		}
		n.Close()
	})
}

// A call that has no deadline waits, and is listed.
func TestNoDeadline(t *testing.T) {
	l := actor.Default()
	l.CallTimeout = 0
	synctest.Test(t, func(t *testing.T) {
		n, o := system(t, `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() skynet.sleep(100 * 100) skynet.retpack "late" end)
  print(skynet.call(skynet.self(), "lua", "go"))
end)
`, func(o *node.Options) { o.Limits = &l })
		if _, err := n.Spawn(nil, "main", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(99 * time.Second)
		synctest.Wait()
		if w := n.Waits(); len(w) != 2 || w[0].Age < 98*time.Second {
			t.Errorf("waits %+v", w)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := o.Result().Out; got != "late\n" {
			t.Errorf("printed %q", got)
		}
		n.Close()
	})
}

// A wait that fails at the moment at which the node looks for endless loops is none.
func TestWaitIsNoLoop(t *testing.T) {
	r := nodetest.Run(t, nodetest.System{Files: `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local other = skynet.newservice "other"
  skynet.sleep(1000)
  print(pcall(skynet.call, other, "lua"))
end)
-- other.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() skynet.wait "token" end) end)
`})
	if !strings.Contains(r.Out, "timeout: waited 30s") || slices.ContainsFunc(r.Events, func(e actor.Event) bool { return e.Kind == "endless" }) {
		t.Errorf("prints %q, reports %+v", r.Out, r.Events)
	}
}
