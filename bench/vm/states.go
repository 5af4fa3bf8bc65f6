package main

import (
	"errors"
	"fmt"
	"runtime"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// actor is a small script as an actor has it: a table of commands, a few upvalues.
const actor = `
local state = { count = 0, names = {} }
local command = {}
function command.add(n) state.count = state.count + n return state.count end
function command.name(id, name) state.names[id] = name return true end
function command.find(id) return state.names[id] or "nobody" end
function dispatch(cmd, ...)
  local f = command[cmd]
  if not f then return nil, "unknown command " .. tostring(cmd) end
  return f(...)
end
return dispatch("add", 1)
`

// states prints what a new state costs under the default limits, with its library and with a
// small script loaded and run in it, over ten thousand that live; and what a call of a handler does.
func states() error {
	const count = 10_000
	fmt.Println("| new state | µs | allocations | bytes live |\n| --- | --- | --- | --- |")
	file := source.New("actor.lua", actor)
	for _, with := range []bool{false, true} {
		var times, sizes, allocations []float64
		for range 7 {
			all := make([]*script.State, 0, count)
			before := memory()
			start := cpu()
			for range count {
				s := script.New(script.Options{Limits: limit.Default(), Dialect: syntax.Lua54})
				if with {
					fn, err := s.Load(file)
					if err != nil {
						return err
					}
					if _, err := s.Call(fn); err != nil {
						return err
					}
				}
				all = append(all, s)
			}
			times = append(times, (cpu()-start).Seconds()*1e6/count)
			after := memory()
			sizes = append(sizes, float64(after.HeapAlloc-before.HeapAlloc)/count)
			allocations = append(allocations, float64(after.Mallocs-before.Mallocs)/count)
			for _, s := range all {
				s.Close()
			}
		}
		what := "with the library"
		if with {
			what = "with a small script loaded and called"
		}
		fmt.Printf("| %s | %.1f | %.0f | %.0f |\n", what, median(times), median(allocations), median(sizes))
	}
	return handlers(file)
}

// memory returns the statistics of the heap when garbage is gone.
func memory() runtime.MemStats {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}

// handlers prints what a call of a function with three arguments and results costs: by a protected
// call of bare gopher-lua, and as an engine of actors makes it, with limits of its own.
func handlers(file *source.File) error {
	const calls = 300_000
	s := script.New(script.Options{Limits: limit.Default(), Dialect: syntax.Lua54})
	defer s.Close()
	chunk, err := s.Load(source.New(file.Path, "return function(a, b, c) return a, b, c end"))
	if err != nil {
		return err
	}
	results, err := s.Call(chunk)
	if err != nil {
		return err
	}
	handler := results[0].(*lua.LFunction)
	args := []lua.LValue{lua.LString("lua"), lua.LTrue, lua.LNil}
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer L.Close()
	plain := &lua.LFunction{Proto: handler.Proto, Env: L.G.Global}
	bare := func() error {
		L.Push(plain)
		for _, a := range args {
			L.Push(a)
		}
		err := L.PCall(len(args), lua.MultRet, nil)
		L.SetTop(0)
		return err
	}
	var task limit.Task
	limited := func() error {
		task = limit.Task{Instructions: 1000}
		t := s.Thread()
		defer t.Free()
		s.Budget.Enter(&task)
		defer s.Budget.Leave()
		if t.Call(handler, args...) != nil {
			return errors.New("the handler failed")
		}
		return nil
	}
	fmt.Println("\n| call of a handler | ns |\n| --- | --- |")
	var times [2][]float64
	for range 9 {
		for i, call := range []func() error{bare, limited} {
			start := cpu()
			for range calls {
				if err := call(); err != nil {
					return err
				}
			}
			times[i] = append(times[i], (cpu()-start).Seconds()*1e9/calls)
		}
	}
	fmt.Printf("| a protected call of bare gopher-lua | %.0f |\n", median(times[0]))
	fmt.Printf("| on a pooled thread of a state, with limits of its own | %.0f |\n", median(times[1]))
	return nil
}
