package lower

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Each program runs in the bare VM and here, under limits.
var benchmarks = []struct{ name, text string }{
	{"fib", `local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end fib(22)`},
	{"loop", `local t = {} for i = 1, 1000 do t[i] = i end local s = 0 for j = 1, 20 do for i = 1, #t do s = s + t[i] * 2 end end`},
	{"param", `local function f(a, b) local s = 0 for i = a, b do s = s + i end return s end for i = 1, 200 do f(1, 100) end`},
	{"concat", `local s for i = 1, 5000 do s = "a" .. i .. "b" end`},
	{"fields", `local p = {x = 1, y = 2} for i = 1, 10000 do p.x = p.x + p.y end`},
	{"methods", `local C = {} C.__index = C function C:inc() self.n = self.n + 1 end local o = setmetatable({n = 0}, C) for i = 1, 10000 do o:inc() end`},
	{"swap", `local a, b = 1, 2 for i = 1, 10000 do a, b = b, a end`},
	{"modulo", `local s, m = 0, 7 for i = 1, 10000 do s = s + i % m end`},
	{"iterate", `local t = {} for i = 1, 100 do t[i] = i end for j = 1, 50 do for i, v in next, t do end end`},
	{"closure", `for i = 1, 5000 do local f = function() return i end f() end`},
}

func BenchmarkVM(b *testing.B) {
	for _, p := range benchmarks {
		b.Run(p.name+"/bare", func(b *testing.B) {
			L := lua.NewState()
			defer L.Close()
			fn, err := L.LoadString(p.text)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				L.Push(fn)
				if err := L.PCall(0, 0, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(p.name+"/limited", func(b *testing.B) {
			chunk, err := Compile(syntax.Parse(source.New("b.lua", p.text), syntax.Lua54), Options{})
			if err != nil {
				b.Fatal(err)
			}
			budget := limit.New(limit.Limits{Instructions: 1 << 60, Memory: 1 << 30})
			defer budget.Close()
			env := &lua.LTable{Metatable: lua.LNil}
			state := thread.State{Env: env, Budget: budget}
			th := state.New()
			env.RawSetString("next", th.L.NewFunction(next))
			env.RawSetString("setmetatable", th.L.NewFunction(func(L *lua.LState) int {
				L.Get(1).(*lua.LTable).Metatable = L.Get(2)
				L.SetTop(1)
				return 1
			}))
			fn := chunk.Instantiate(env, env)
			for b.Loop() {
				if _, failure := th.Run(fn); failure != nil {
					b.Fatal(failure.Value)
				}
			}
		})
	}
}
