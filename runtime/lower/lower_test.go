package lower

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// run runs a chunk with the few functions that these tests need, and returns what it prints.
func run(t testing.TB, text string, limits limit.Limits) string {
	t.Helper()
	chunk, err := Compile(syntax.Parse(source.New("t.lua", text), syntax.Lua54), Options{})
	if err != nil {
		return err.Error() + "\n"
	}
	var out strings.Builder
	b := limit.New(limits)
	defer b.Close()
	env := &lua.LTable{Metatable: lua.LNil}
	state := thread.State{Env: env, Budget: b}
	th := state.New()
	defer th.Free()
	define := func(name string, f lua.LGFunction) { env.RawSetString(name, th.L.NewFunction(f)) }
	define("print", func(L *lua.LState) int {
		for i := 1; i <= L.GetTop(); i++ {
			if i > 1 {
				out.WriteByte('\t')
			}
			switch v := L.Get(i).(type) {
			case lua.LNumber:
				out.WriteString(number.Format(float64(v)))
			case *lua.LTable, *lua.LFunction:
				out.WriteString(v.Type().String())
			default:
				out.WriteString(v.String())
			}
		}
		out.WriteByte('\n')
		return 0
	})
	define("select", func(L *lua.LState) int {
		if L.Get(1) == lua.LString("#") {
			L.Push(lua.LNumber(L.GetTop() - 1))
			return 1
		}
		return L.GetTop() - int(L.Get(1).(lua.LNumber))
	})
	define("error", func(L *lua.LState) int {
		if s, ok := L.Get(1).(lua.LString); ok && L.Get(2) == lua.LNil {
			thread.Errorf(L, "%s", string(s))
		}
		thread.Raise(L, L.Get(1))
		return 0
	})
	define("pcall", func(L *lua.LState) int {
		n, failure := thread.Protect(L, L.GetTop()-1, nil)
		if failure != nil {
			L.Push(lua.LFalse)
			L.Push(failure.Value)
			return 2
		}
		L.Insert(lua.LTrue, L.GetTop()-n+1)
		return n + 1
	})
	define("setmetatable", func(L *lua.LState) int {
		L.Get(1).(*lua.LTable).Metatable = L.Get(2)
		L.SetTop(1)
		return 1
	})
	define("next", next)
	define("pairs", func(L *lua.LState) int {
		L.Push(env.RawGetString("next"))
		L.Push(L.Get(1))
		L.Push(lua.LNil)
		return 3
	})
	define("ipairs", func(L *lua.LState) int {
		L.Push(th.L.NewFunction(func(L *lua.LState) int {
			i := L.Get(2).(lua.LNumber) + 1
			v := L.GetTable(L.Get(1), i)
			if v == lua.LNil {
				return 0
			}
			L.Push(i)
			L.Push(v)
			return 2
		}))
		L.Push(L.Get(1))
		L.Push(lua.LNumber(0))
		return 3
	})
	env.RawSetString("_G", env)
	f := chunk.Instantiate(env, env)
	b.Begin()
	defer b.End()
	if _, failure := th.Run(f); failure != nil {
		s := failure.Value.String()
		if failure.Defect != "" {
			s += " DEFECT " + failure.Defect
		}
		return out.String() + s + "\n"
	}
	return out.String()
}

func next(L *lua.LState) int {
	k, v := L.Get(1).(*lua.LTable).Next(L.Get(2))
	if k == lua.LNil {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(k)
	L.Push(v)
	return 2
}

var real = "lua5.4"

func runReal(t testing.TB, text string) string {
	t.Helper()
	path, err := exec.LookPath(real)
	if err != nil {
		t.Skip(real + " is not installed")
	}
	cmd := exec.Command(path, "-")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out) + err.Error()
	}
	return string(out)
}

func programs(t testing.TB) []string {
	text, err := os.ReadFile("testdata/programs.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n--\n")
}

// Each program prints what it prints under real Lua.
func TestPrograms(t *testing.T) {
	for _, text := range programs(t) {
		want := runReal(t, text)
		if got := run(t, text, limit.Limits{Instructions: 10_000_000}); got != want {
			t.Errorf("%s\nprints\n%s\nreal Lua prints\n%s", text, got, want)
		}
	}
}
