package observe_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/runtime/observe"
)

// watched runs a system that is looked at from its start, and returns what it is at after a minute.
func watched(t *testing.T, files string, q observe.Query) *observe.Snapshot {
	t.Helper()
	var ob *observe.Observer
	var s *observe.Snapshot
	nodetest.Run(t, nodetest.System{
		Files: files,
		Begin: func(n *node.Node) {
			ob = observe.New(n, observe.Options{Name: "test"})
			ob.Look()
		},
		End:    func(*node.Node) { s = ob.Snapshot(q) },
		Report: func(e actor.Event) { ob.Report(e) },
	})
	return s
}

const system = `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local db = skynet.newservice("db", "with", "words")
  for i = 1, 10 do
    skynet.call(db, "lua", "get", i)
    skynet.send(db, "lua", "put", i)
  end
  pcall(skynet.call, db, "lua", "fail")
  skynet.timeout(3000, function() skynet.call(db, "lua", "hang") end)
  skynet.fork(function() skynet.wait() end)
end)
-- db.lua --
local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
  skynet.register ".db"
  skynet.dispatch("lua", function(_, _, command)
    if command == "fail" then error "it failed" end
    if command == "get" then skynet.sleep(100) end
    if command == "hang" then skynet.sleep(1000000) end
    if command ~= "put" then skynet.retpack(true) end
  end)
end)
`

func TestSnapshot(t *testing.T) {
	s := watched(t, system, observe.Query{Stacks: time.Second})
	var actors []string
	for _, a := range s.Actors {
		actors = append(actors, fmt.Sprint(a.Actor, " ", a.Service, " ", a.Names, " ", a.Args, " ", a.State, " ", a.Waiting, " ", a.Handled, " ", a.Failed))
		if a.Turns == 0 || a.Room == 0 {
			t.Errorf("%+v", a)
		}
	}
	want := []string{":00000001 main [] [] idle 2 0 0", ":00000002 db [.db] [with words] idle 1 21 1"}
	if !slices.Equal(actors, want) {
		t.Errorf("actors %q, want %q", actors, want)
	}
	var edges []string
	for _, e := range s.Edges {
		edges = append(edges, fmt.Sprint(e.From, ">", e.To, " ", e.Type, " ", e.Command, " ", e.Messages, " ", e.Calls, " ", e.Failed, " ", e.Took))
	}
	want = []string{"main>db lua fail 1 1 1 0s", "main>db lua get 10 10 0 10s", "main>db lua hang 1 0 0 0s", "main>db lua put 10 0 0 0s"}
	if !slices.Equal(edges, want) {
		t.Errorf("edges %q, want %q", edges, want)
	}
	var db observe.Service
	for _, x := range s.Services {
		if x.Name == "db" {
			db = x
		}
	}
	if db.Actors != 1 || db.Messages != 22 || db.Handled != 21 || db.Failed != 1 || db.Latency.Count() != 21 || db.Latency.Sum.Round(time.Second) != 10*time.Second {
		t.Errorf("db: %+v", db)
	}
	var waits []string
	for _, w := range s.Waits {
		to, who := "-", "-"
		if w.To != nil {
			to = w.To.Service
		}
		if w.For != nil {
			who = w.For.Service
		}
		waits = append(waits, fmt.Sprint(w.Service, " ", w.Kind, " ", w.What, " ", w.Age, " ", w.Left, " to ", to, " for ", who, " ", w.Exact, " ", strings.Contains(w.Stack, w.Service+".lua:")))
	}
	slices.Sort(waits)
	want = []string{
		`db sleep a timer (skynet.sleep) 20s 0s to - for main false true`,
		`main token a wakeup (skynet.wait), and nobody has its token any more 50s 0s to - for - false true`,
	}
	if len(waits) != 3 || waits[0] != want[0] || waits[2] != want[1] || waits[1] != `main call an answer of :00000002 db to "hang" 20s 10s to db for - true true` {
		t.Errorf("waits %q", waits)
	}
	if len(s.Events) != 1 || s.Events[0].Kind != "handler" || s.Events[0].Command != "fail" || s.EventKinds["handler"] != 1 {
		t.Errorf("events %+v", s.Events)
	}
	if s.Node.Name != "test" || s.Node.Time != time.Minute || s.Node.Slots != 1 || !s.Node.Looking {
		t.Errorf("node %+v", s.Node)
	}
	if _, err := json.Marshal(s); err != nil {
		t.Error(err)
	}
}

// A deadlock is kept with who was in it.
func TestDeadlock(t *testing.T) {
	s := watched(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() skynet.newservice "a" end)
-- a.lua --
local skynet = require "skynet"
skynet.start(function() skynet.newservice "b" end)
-- b.lua --
local skynet = require "skynet"
skynet.start(function() skynet.call(2, "lua") end)
`, observe.Query{})
	i := slices.IndexFunc(s.Events, func(e observe.Event) bool { return e.Kind == "deadlock" })
	if i >= 0 {
		t.Fatalf("a call to an actor that is starting is no deadlock: %+v", s.Events)
	}
	s = watched(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function() pcall(skynet.uniqueservice, "a") end)
-- a.lua --
local skynet = require "skynet"
skynet.start(function() skynet.uniqueservice "b" end)
-- b.lua --
local skynet = require "skynet"
skynet.start(function() pcall(skynet.uniqueservice, "a") end)
`, observe.Query{})
	i = slices.IndexFunc(s.Events, func(e observe.Event) bool { return e.Kind == "deadlock" })
	if i < 0 {
		t.Fatalf("no deadlock: %+v", s.Events)
	}
	if got := fmt.Sprint(s.Events[i].Cycle); got != "[{:00000003 b} {:00000002 a}]" {
		t.Errorf("the cycle is %s", got)
	}
}

// Nothing is counted when nobody looks, and again when somebody does.
func TestLook(t *testing.T) {
	var ob *observe.Observer
	nodetest.Run(t, nodetest.System{
		Files: `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() end)
  skynet.fork(function() while true do skynet.sleep(100) skynet.send(skynet.self(), "lua", "tick") end end)
end)
`,
		Begin: func(n *node.Node) { ob = observe.New(n, observe.Options{}) },
		End: func(*node.Node) {
			if s := ob.Snapshot(observe.Query{}); len(s.Edges) != 0 || s.Node.Looking || s.Actors[0].Turns < 59 {
				t.Errorf("nobody has looked: %+v", s)
			}
			stop := ob.Look()
			again := ob.Look()
			stop()
			stop()
			time.Sleep(10 * time.Second)
			if s := ob.Snapshot(observe.Query{}); len(s.Edges) != 1 || s.Edges[0].Messages < 9 || s.Edges[0].Messages > 11 {
				t.Errorf("edges %+v", s.Edges)
			}
			again()
			time.Sleep(10 * time.Second)
			if s := ob.Snapshot(observe.Query{}); s.Edges[0].Messages > 11 || s.Node.Looking {
				t.Errorf("edges %+v", s.Edges)
			}
		},
	})
}

func TestHistogram(t *testing.T) {
	var h observe.Histogram
	if h.Quantile(0.5) != 0 || h.Mean() != 0 {
		t.Error("an empty histogram has no quantile")
	}
	for i := range 100 {
		h.Add(time.Duration(i) * time.Millisecond)
	}
	before := h
	if n, q := h.Count(), h.Quantile(0.99); n != 100 || q < 67*time.Millisecond || q > 135*time.Millisecond {
		t.Errorf("%d, 0.99: %v", n, q)
	}
	if q := h.Quantile(0.5); q < 32*time.Millisecond || q > 68*time.Millisecond {
		t.Errorf("0.5: %v", q)
	}
	h.Add(-1)
	h.Add(time.Hour)
	if d := h.Since(&before); d.Count() != 2 || d.Counts[0] != 1 || d.Counts[observe.Buckets-1] != 1 || d.Sum != time.Hour {
		t.Errorf("%+v", d)
	}
	for i := range observe.Buckets - 1 {
		var h observe.Histogram
		h.Add(observe.Bound(i) - 1)
		h.Add(observe.Bound(i))
		if h.Counts[i] != 1 || h.Counts[i+1] != 1 {
			t.Errorf("bucket %d: %v", i, h.Counts)
		}
	}
}
