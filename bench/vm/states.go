package main

import (
	"fmt"
	"runtime"

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

// states prints what a new state costs: with its library, and with a small script loaded and
// run in it.
func states() error {
	const count = 10_000
	fmt.Println("| new state | µs | KB live |\n| --- | --- | --- |")
	file := source.New("actor.lua", actor)
	ordinary, shallow := limit.Default(), limit.Default()
	if err := shallow.Set("depth=200"); err != nil {
		return err
	}
	for i, limits := range []limit.Limits{shallow, shallow, ordinary} {
		with := i > 0
		var times, sizes []float64
		for range 7 {
			all := make([]*script.State, 0, count)
			before := inUse()
			start := cpu()
			for range count {
				s := script.New(script.Options{Limits: limits, Dialect: syntax.Lua54})
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
			sizes = append(sizes, float64(inUse()-before)/count/1024)
			for _, s := range all {
				s.Close()
			}
		}
		what := []string{"with the library, depth=200", "with a small script loaded and called, depth=200", "the same with the default depth"}[i]
		fmt.Printf("| %s | %.1f | %.1f |\n", what, median(times), median(sizes))
	}
	return nil
}

// inUse returns the bytes of heap that are in use.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
