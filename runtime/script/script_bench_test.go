package script

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// actor is a small script, such as an actor that answers commands.
const actor = `
local command, count = {}, 0
function command.add(a, b) count = count + 1 return a + b end
function command.name(s) return s:upper() .. count end
return function(cmd, ...)
  local f = command[cmd]
  if not f then error("unknown command " .. tostring(cmd)) end
  return f(...)
end
`

// BenchmarkNewState makes states that share library and code, with a small actor loaded and
// called once. All are alive: bytes per operation are what a state keeps, garbage included.
func BenchmarkNewState(b *testing.B) {
	file := source.New("actor.lua", actor)
	limits := limit.Default()
	var states []*State
	b.ReportAllocs()
	for b.Loop() {
		s := New(Options{Limits: limits, Dialect: syntax.Lua54})
		fn, err := s.Load(file)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Call(fn); err != nil {
			b.Fatal(err)
		}
		states = append(states, s)
	}
	b.StopTimer()
	for _, s := range states {
		s.Close()
	}
}

// BenchmarkHandler calls a small function of a state as an engine of actors does: on a thread
// from the pool, with limits of its own.
func BenchmarkHandler(b *testing.B) {
	s := New(Options{Limits: limit.Default(), Dialect: syntax.Lua54})
	defer s.Close()
	chunk, err := s.Load(source.New("handler.lua", "return function(a, b, c) return a, b, c end"))
	if err != nil {
		b.Fatal(err)
	}
	results, err := s.Call(chunk)
	if err != nil {
		b.Fatal(err)
	}
	handler := results[0]
	args := []lua.LValue{lua.LString("lua"), lua.LTrue, lua.LNil}
	b.Run("bare", func(b *testing.B) {
		L := lua.NewState(lua.Options{SkipOpenLibs: true})
		defer L.Close()
		fn := &lua.LFunction{Proto: handler.(*lua.LFunction).Proto, Env: L.G.Global}
		b.ReportAllocs()
		for b.Loop() {
			L.Push(fn)
			for _, a := range args {
				L.Push(a)
			}
			if err := L.PCall(len(args), lua.MultRet, nil); err != nil {
				b.Fatal(err)
			}
			L.SetTop(0)
		}
	})
	b.Run("thread", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			t := s.Thread()
			if f := t.Call(handler, args...); f != nil {
				b.Fatal(f.Value)
			}
			t.Free()
		}
	})
	b.Run("task", func(b *testing.B) {
		b.ReportAllocs()
		var task limit.Task // part of something that the engine has for each message
		for b.Loop() {
			task = limit.Task{Instructions: 1000}
			t := s.Thread()
			s.Budget.Enter(&task)
			f := t.Call(handler, args...)
			s.Budget.Leave()
			if f != nil {
				b.Fatal(f.Value)
			}
			t.Free()
		}
	})
}
