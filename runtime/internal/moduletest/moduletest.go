// Package moduletest runs Lua programs for the tests of native modules that need no node.
package moduletest

import (
	"bytes"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Modules are what require gives, by name.
type Modules map[string]func(L *lua.LState) *lua.LTable

// Run runs a program, and returns what it prints. Limits are as skyrun's --limit takes them.
func Run(t testing.TB, modules Modules, program string, limits ...string) (string, error) {
	t.Helper()
	l := limit.Default()
	for _, setting := range limits {
		if err := l.Set(setting); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	s := script.New(script.Options{Limits: l, Dialect: syntax.Lua54, Host: func(h *host.State) { h.Out = &out }})
	defer s.Close()
	s.Globals.RawSetString("require", library.Closure(func(L *lua.LState) int {
		L.Push(modules[L.CheckString(1)](L))
		return 1
	}))
	fn, err := s.Load(source.New("test.lua", program))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Call(fn)
	return out.String(), err
}

// Expect runs a program that must print the given lines and nothing else.
func Expect(t *testing.T, modules Modules, program, want string) {
	t.Helper()
	got, err := Run(t, modules, program)
	if err != nil {
		t.Errorf("%s\n%v", program, err)
	}
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("%s\nprints\n%s\nwant\n%s", program, got, want)
	}
}
