package skynet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/queue"
	"github.com/skylint/skylint/runtime/node"
)

// guarded runs a system with guards in one mode.
func guarded(t *testing.T, mode guard.Mode, d time.Duration, archive string) (printed string, guards *guard.Guards, r nodetest.Result) {
	t.Helper()
	guards = guard.New(guard.Options{Policy: guard.All(mode)})
	r = nodetest.Run(t, nodetest.System{Modules: []actor.Module{queue.Module}, Time: d, Files: archive, Change: func(o *node.Options) { o.Guards = guards }})
	return r.Out, guards, r
}

// counts says which rules were broken, and how often.
func counts(g *guard.Guards) string {
	var list []string
	for _, c := range g.Counts() {
		list = append(list, c.Rule.Name)
	}
	return strings.Join(list, " ")
}

// What a service adds to a library is its own; what is there stays.
func TestAddToLibrary(t *testing.T) {
	const system = `-- main.lua --
local skynet = require "skynet"
local before = string
skynet.start(function()
  print(pcall(function() function string.trim(s) return (s:gsub("^%s+", "")) end end))
  print(pcall(function() return (" x"):trim(), string.trim " y", before.trim " z", rawget(string, "trim") == string.trim end))
  print(pcall(function() string.format = print end), string.format("%d", 7))
  print(pcall(function() string.rep = string.rep end))
  print(pcall(rawset, table, "more", 1))
  print(skynet.call(skynet.newservice "other", "lua"))
end)
-- other.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() skynet.retpack(tostring(string.trim), pcall(function() return (" x"):trim() end)) end) end)
`
	got, guards, o := guarded(t, guard.Warn, time.Second, system)
	want := "true\ntrue\tx\ty\tz\ttrue\nfalse\t7\ntrue\n" +
		"false\tattempt to change a table of the standard library, which all scripts share\nnil\tfalse\tother.lua:2: attempt to call a nil value (method 'trim')\n"
	if got != want {
		t.Errorf("prints\n%s\nwant\n%s%+v", got, want, o.Events)
	}
	if c := counts(guards); c != rules.SharedTableWrite.Name {
		t.Errorf("trips: %s", c)
	}
	if got, _, _ := guarded(t, guard.Enforce, time.Second, system); !strings.HasPrefix(got, "false\tmain.lua:4: attempt to change the library 'string'") {
		t.Errorf("enforced, it prints\n%s", got)
	}
}

// Where a guard only warns, or is off, a program goes on as in skynet.
func TestModes(t *testing.T) {
	const system = `-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, c) if c == "silent" then return end skynet.retpack(c) end)
  local function try(f, ...) print((pcall(f, ...))) end
  try(function() made = 1 end)
  try(function() _G.raw = 1 end)
  try(rawset, _G, "raw2", 1)
  try(function() print(made, raw, raw2) end)
  try(function() setmetatable(_G, { __index = {} }) end)
  try(function() return assert(load("return " .. tostring(made or 1)))() end)
  try(function() return string.dump(try) end)
  try(function() table.sort({ 1, 2, 3 }, function(a, b) skynet.sleep(0) return a < b end) end)
  try(function() skynet.newservice("other", "two words") end)
  local t0 = skynet.now()
  try(skynet.call, skynet.self(), "lua", "silent")
  print(skynet.now() - t0 >= 3000)
end)
-- other.lua --
require "skynet".start(function() end)
`
	const all = "global-write environment-write missing-reply forbidden-yield bad-spawn-argument metatable-tampering bytecode dynamic-code"
	for _, c := range []struct {
		mode         guard.Mode
		trips, print string
	}{
		{guard.Enforce, all, "false false false nil nil nil true false false false false false false false"},
		{guard.Warn, all, "true true true 1 1 1 true true true true true true false true"},
		{guard.Off, "", "true true true 1 1 1 true true true true true true false true"},
	} {
		got, guards, o := guarded(t, c.mode, time.Minute, system)
		if got := strings.Join(strings.Fields(got), " "); got != c.print || counts(guards) != c.trips {
			t.Errorf("%s: prints\n%s\nwant\n%s\ntrips %s\n%+v", c.mode, got, c.print, counts(guards), o.Events)
		}
	}
}

// A cycle that is only warned of stays until its deadlines end it, and is reported once.
func TestCycleIsLeft(t *testing.T) {
	const system = `-- main.lua --
local skynet = require "skynet"
local lock = require "skynet.queue"()
skynet.start(function()
  skynet.dispatch("lua", function(_, _, c)
    if c == "outer" then lock(function() skynet.retpack(skynet.call(skynet.self(), "lua", "inner")) end)
    else lock(function() skynet.retpack(true) end) end
  end)
  skynet.fork(function()
    local t0 = skynet.now()
    pcall(skynet.call, skynet.self(), "lua", "outer")
    print(skynet.now() - t0 > 2900)
  end)
end)
`
	got, guards, _ := guarded(t, guard.Warn, time.Minute, system)
	if first := guards.First(); got != "true\n" || len(first) != 1 || first[0].Times != 1 || first[0].Rule != rules.QueueDeadlock || first[0].Line != 5 || len(first[0].Steps) != 2 {
		t.Errorf("prints %s, trips %+v", got, guards.First())
	}
	got, guards, _ = guarded(t, guard.Enforce, time.Minute, system)
	if got != "false\n" || counts(guards) != rules.QueueDeadlock.Name {
		t.Errorf("enforced, it prints %s, and trips %s", got, counts(guards))
	}
}
