// Package memory is the module skynet.memory: how much memory the process and its services take.
//
// There is no allocator of C here. What a service takes are the values of its script, as its limit
// limits.memory counts them; the process also has its code, its buffers, and what the collector has not
// taken back yet.
package memory

import (
	"runtime/metrics"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/library"
)

// New makes the module for the services of one node. Each calls a function for every actor.
func New(each func(func(*actor.Actor))) actor.Module {
	return actor.Functions("skynet.memory", []library.Function{
		{Name: "total", Call: metric("/memory/classes/heap/objects:bytes")},
		{Name: "block", Call: metric("/gc/heap/objects:objects")},
		{Name: "current", Call: current},
		{Name: "info", Call: func(L *lua.LState) int { return info(L, each) }},
	})
}

// metric makes a function that returns a number of Go's runtime.
func metric(name string) lua.LGFunction {
	return func(L *lua.LState) int {
		limit.Of(L).Work(L, 1000)
		sample := []metrics.Sample{{Name: name}}
		metrics.Read(sample)
		L.Push(lua.LNumber(sample[0].Value.Uint64()))
		return 1
	}
}

// current is memory.current: the bytes that the service takes.
func current(L *lua.LState) int {
	limit.Of(L).Measure(L)
	L.Push(lua.LNumber(limit.Of(L).Memory()))
	return 1
}

// info is memory.info: the bytes that each service takes, by address as a number, as they were last measured:
// 0 for one that is too small to have been.
func info(L *lua.LState, each func(func(*actor.Actor))) int {
	t := L.CreateTable(0, 16)
	each(func(a *actor.Actor) {
		if a.State() == nil {
			return
		}
		limit.Of(L).Charge(L, limit.Memory, 120)
		limit.Of(L).Work(L, 1)
		t.RawSet(lua.LNumber(a.Handle()), lua.LNumber(a.State().Budget.Measured()))
	})
	L.Push(t)
	return 1
}
