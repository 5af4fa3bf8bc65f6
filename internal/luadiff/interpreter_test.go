package luadiff_test

import (
	"os"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luadiff/luatest"
	"github.com/skylint/skylint/syntax"
)

func start(t *testing.T, d syntax.Dialect) *luadiff.Interpreter {
	t.Helper()
	it, err := luadiff.Start(d)
	luatest.Need(t, err)
	t.Cleanup(func() {
		if err := it.Close(); err != nil {
			t.Error(err)
		}
	})
	return it
}

func TestJudge(t *testing.T) {
	big := strings.Repeat("x = 1\n", 30000)
	for _, d := range luadiff.Required() {
		t.Run(d.String(), func(t *testing.T) {
			it := start(t, d)
			for round := range 2 { // the process is used again
				texts := []string{
					"return 1", "", "x =\n\n)", "x = '\x00\xff' \n=", "#!/bin/lua\nx = = 1", big, big + "end", "\x1bLua",
				}
				want := []struct {
					ok   bool
					line int
				}{{true, 0}, {true, 0}, {false, 3}, {false, 2}, {false, 2}, {true, 0}, {false, 30001}, {false, 1}}
				got, err := it.Judge(texts...)
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range got {
					if v.OK != want[i].ok || v.Line != want[i].line || v.OK != (v.Message == "") {
						t.Errorf("round %d: text %d: got %v, want ok=%v line %d", round, i, v, want[i].ok, want[i].line)
					}
				}
			}
		})
	}
}

// TestIsTheDialect makes sure that the interpreter is the one that its name says.
func TestIsTheDialect(t *testing.T) {
	probes := map[string]syntax.DialectSet{
		"goto = 1":           syntax.DialectsOf(syntax.Lua51, syntax.LuaJIT),
		"x = 0b1":            syntax.DialectsOf(syntax.LuaJIT),
		"x = 1 // 2":         syntax.DialectsOf(syntax.Lua53, syntax.Lua54, syntax.Lua55),
		"local x <const> =1": syntax.DialectsOf(syntax.Lua54, syntax.Lua55),
		"global x":           syntax.DialectsOf(syntax.Lua55),
		"x = a != b":         0, // LuaJIT takes it since July 2026: the tests want an older one
	}
	for _, d := range available() {
		it := start(t, d)
		for text, accepts := range probes {
			got, err := it.Judge(text)
			if err != nil {
				t.Fatal(err)
			}
			if got[0].OK != accepts.Has(d) {
				t.Errorf("%s is not %s: %q: %v", it.Path, d.Title(), text, got[0])
			}
		}
	}
}

func available() []syntax.Dialect {
	all := luadiff.Required()
	for _, d := range luadiff.Optional() {
		if os.Getenv(luadiff.Variable(d)) != "" {
			all = append(all, d)
		}
	}
	return all
}

func TestFindNamesTheWayOut(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv(luadiff.Variable(syntax.Lua54), "")
	_, err := luadiff.Find(syntax.Lua54)
	if err == nil || !strings.Contains(err.Error(), "apt-get install lua5.4") {
		t.Errorf("got %v", err)
	}
	t.Setenv(luadiff.Variable(syntax.Lua52), "/no/such/lua")
	if _, err := luadiff.Find(syntax.Lua52); err == nil || !strings.Contains(err.Error(), "/no/such/lua") {
		t.Errorf("got %v", err)
	}
	t.Setenv(luadiff.Variable(syntax.Lua55), "")
	if _, err := luadiff.Find(syntax.Lua55); err == nil || !strings.Contains(err.Error(), "SKYLINT_LUA_5_5") {
		t.Errorf("got %v", err)
	}
}

func TestJudgeSaysThatTheInterpreterDied(t *testing.T) {
	t.Setenv(luadiff.Variable(syntax.Lua52), "false")
	it, err := luadiff.Start(syntax.Lua52)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	if _, err := it.Judge("return 1", strings.Repeat("--x\n", 100000)); err == nil {
		t.Error("no error from a program that is not Lua")
	}
}
