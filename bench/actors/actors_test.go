package actors

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// The collector is set as skyrun sets it, for the channels too.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// done is a native actor that says when a workload has ended.
type done struct{ c chan struct{} }

func (d done) Message(t *actor.Task, e *actor.Envelope) error {
	d.c <- struct{}{}
	t.Answer(actor.Payload{})
	return nil
}
func (d done) Close() {}

// workload runs the service main of some services until it sends to .done, once for all of n.
func workload(b *testing.B, services map[string]string, args ...string) {
	b.Helper()
	maker := skynet.NewMaker(skynet.Config{Dialect: syntax.Lua54, Path: "?.lua"})
	n := node.New(node.Options{
		Script: maker.New,
		Find: func(name string) (*source.File, error) {
			if text, ok := services[name]; ok {
				return source.New(name+".lua", text), nil
			}
			return nil, fmt.Errorf("there is no service %s", name)
		},
		Report: func(e actor.Event) { b.Log(e.Kind, e.Message, e.Stack) },
	})
	defer n.Close()
	c := make(chan struct{})
	if _, err := n.Add(".done", done{c}); err != nil {
		b.Fatal(err)
	}
	if _, err := n.Spawn(nil, "main", args); err != nil {
		b.Fatal(err)
	}
	<-c // all is set up
	measure(b, func() { <-c })
}

// measure times a run of b.N operations.
func measure(b *testing.B, f func()) {
	b.ResetTimer()
	before := cpuTime()
	f()
	b.StopTimer()
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
}

const echo = `
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(session, source, ...) skynet.retpack(...) end)
end)`

// W1: one actor calls another one.
func BenchmarkW1(b *testing.B) {
	workload(b, map[string]string{"echo": echo, "main": `
local skynet = require "skynet"
local n = tonumber(...)
skynet.start(function()
  local echo = skynet.newservice "echo"
  skynet.call(".done", "lua")
  for i = 1, n do skynet.call(echo, "lua", "echo", i, "short string") end
  skynet.send(".done", "lua")
end)`}, strconv.Itoa(b.N))
}

type message struct {
	cmd   string
	n     int
	text  string
	reply chan message
}

func server() chan message {
	in := make(chan message, 64)
	go func() {
		for m := range in {
			m.reply <- message{n: m.n, text: m.text}
		}
	}()
	return in
}

func BenchmarkW1Channels(b *testing.B) {
	in, reply := server(), make(chan message, 1)
	defer close(in)
	measure(b, func() {
		for i := range b.N {
			in <- message{"echo", i, "short string", reply}
			<-reply
		}
	})
}

const clients = `
local skynet = require "skynet"
local count, id = ...
local list = {}
skynet.start(function()
  skynet.dispatch("lua", function(_, _, cmd, ...)
    if cmd == "servers" then
      list = {...}
      return skynet.retpack(true)
    end
    local target = list[1]
    for i = 1, tonumber(count) do skynet.call(target, "lua", "echo", i, "short string") end
    skynet.retpack(true)
  end)
end)`

// W2: 64 actors call 8.
func BenchmarkW2(b *testing.B) {
	workload(b, map[string]string{"echo": echo, "client": clients, "main": `
local skynet = require "skynet"
local n = tonumber(...)
skynet.start(function()
  local servers, all, left = {}, {}, 64
  for i = 1, 8 do servers[i] = skynet.newservice "echo" end
  for i = 1, 64 do
    all[i] = skynet.newservice("client", n // 64 + 1, i)
    skynet.call(all[i], "lua", "servers", servers[i % 8 + 1])
  end
  skynet.call(".done", "lua")
  for i = 1, 64 do
    skynet.fork(function()
      skynet.call(all[i], "lua", "go")
      left = left - 1
      if left == 0 then skynet.send(".done", "lua") end
    end)
  end
end)`}, strconv.Itoa(b.N))
}

func BenchmarkW2Channels(b *testing.B) {
	var servers []chan message
	for range 8 {
		servers = append(servers, server())
	}
	measure(b, func() {
		ended := make(chan struct{})
		for c := range 64 {
			go func() {
				reply := make(chan message, 1)
				for i := range b.N/64 + 1 {
					servers[c%8] <- message{"echo", i, "short string", reply}
					<-reply
				}
				ended <- struct{}{}
			}()
		}
		for range 64 {
			<-ended
		}
	})
	for _, s := range servers {
		close(s)
	}
}

// W2c: 64 coroutines of one actor call another.
func BenchmarkW2c(b *testing.B) {
	workload(b, map[string]string{"echo": echo, "main": `
local skynet = require "skynet"
local n = tonumber(...)
skynet.start(function()
  local echo, left = skynet.newservice "echo", 64
  skynet.call(".done", "lua")
  for i = 1, 64 do
    skynet.fork(function()
      for i = 1, n // 64 + 1 do skynet.call(echo, "lua", "echo", i, "short string") end
      left = left - 1
      if left == 0 then skynet.send(".done", "lua") end
    end)
  end
end)`}, strconv.Itoa(b.N))
}

// W3: one actor floods another one.
func BenchmarkW3(b *testing.B) {
	workload(b, map[string]string{"sink": `
local skynet = require "skynet"
local n = 0
skynet.start(function()
  skynet.dispatch("lua", function(session, _, cmd)
    if cmd == "end" then return skynet.retpack(n) end
    n = n + 1
  end)
end)`, "main": `
local skynet = require "skynet"
local n = tonumber(...)
skynet.start(function()
  local sink = skynet.newservice "sink"
  skynet.call(".done", "lua")
  for i = 1, n do skynet.send(sink, "lua", "msg", i, "short string") end
  assert(skynet.call(sink, "lua", "end") == n)
  skynet.send(".done", "lua")
end)`}, strconv.Itoa(b.N))
}

func BenchmarkW3Channels(b *testing.B) {
	in := make(chan message, 8192)
	ended := make(chan int)
	go func() {
		n := 0
		for m := range in {
			n += len(m.text)
		}
		ended <- n
	}()
	measure(b, func() {
		for i := range b.N {
			in <- message{"msg", i, "short string", nil}
		}
		close(in)
		<-ended
	})
}

// W4: calls with a nested table of 50 entries.
func BenchmarkW4(b *testing.B) {
	workload(b, map[string]string{"echo": echo, "main": `
local skynet = require "skynet"
local n = tonumber(...)
local t = {}
for i = 1, 10 do t["key" .. i] = {id = i, name = "name" .. i, 1, 2} end
skynet.start(function()
  local echo = skynet.newservice "echo"
  skynet.call(".done", "lua")
  for i = 1, n do skynet.call(echo, "lua", "echo", t) end
  skynet.send(".done", "lua")
end)`}, strconv.Itoa(b.N))
}

// W5: an operation starts an actor.
func BenchmarkW5(b *testing.B) {
	b.ReportAllocs()
	workload(b, map[string]string{"one": `
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, x) skynet.retpack(x) end)
end)`, "main": `
local skynet = require "skynet"
local n = tonumber(...)
skynet.start(function()
  skynet.call(".done", "lua")
  for i = 1, n do skynet.newservice "one" end
  skynet.send(".done", "lua")
end)`}, strconv.Itoa(b.N))
}

// W6: a token goes round a ring of 1,000 actors; an operation is a hop.
func BenchmarkW6(b *testing.B) {
	workload(b, map[string]string{"member": `
local skynet = require "skynet"
local next
skynet.start(function()
  skynet.dispatch("lua", function(session, _, cmd, n)
    if cmd == "next" then next = n return skynet.retpack(true) end
    if n == 0 then return skynet.send(".done", "lua") end
    skynet.send(next, "lua", "token", n - 1)
  end)
end)`, "main": `
local skynet = require "skynet"
local n = tonumber(...)
skynet.start(function()
  local ring = {}
  for i = 1, 1000 do ring[i] = skynet.newservice "member" end
  for i = 1, 1000 do skynet.call(ring[i], "lua", "next", ring[i % 1000 + 1]) end
  skynet.call(".done", "lua")
  skynet.send(ring[1], "lua", "token", n)
end)`}, strconv.Itoa(b.N))
}

// W8: calls whose handler makes some turns of a small loop.
func BenchmarkW8(b *testing.B) {
	for _, turns := range []int{10, 50, 200} {
		b.Run(strconv.Itoa(turns), func(b *testing.B) {
			workload(b, map[string]string{"worker": `
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, cmd, n)
    local t, sum = {}, 0
    for i = 1, n do
      t[i % 8 + 1] = i
      sum = sum + (t[(i + 3) % 8 + 1] or 0)
    end
    skynet.retpack(sum)
  end)
end)`, "main": `
local skynet = require "skynet"
local n, turns = ...
skynet.start(function()
  local worker = skynet.newservice "worker"
  skynet.call(".done", "lua")
  for i = 1, tonumber(n) do skynet.call(worker, "lua", "work", tonumber(turns)) end
  skynet.send(".done", "lua")
end)`}, strconv.Itoa(b.N), strconv.Itoa(turns))
		})
	}
}
