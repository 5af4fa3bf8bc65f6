package script

import (
	"testing"

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
	limits.Depth = 1000
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
