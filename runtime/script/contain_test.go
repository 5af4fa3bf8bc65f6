package script

import (
	"errors"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// execute runs a text in a state of its own, and returns what it prints, the instructions that it
// has used, and how it ends.
func execute(t *testing.T, text string, settings ...string) (printed string, used int64, end *Error) {
	t.Helper()
	limits := limit.Default()
	for _, setting := range settings {
		if err := limits.Set(setting); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	s := New(Options{Limits: limits, Dialect: syntax.Lua54, Host: func(h *host.State) { h.Out = &out }})
	defer s.Close()
	fn, err := s.Load(source.New("t.lua", text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Call(fn); err != nil && !errors.As(err, &end) {
		t.Fatal(err)
	}
	if end != nil && end.Defect != "" {
		t.Fatalf("%s: a defect: %s", text, end.Defect)
	}
	return out.String(), s.Budget.Used(), end
}

// What an instruction costs depends on what it works on: each loop is made with something small
// and with something large.
func TestDearInstructionsAreCharged(t *testing.T) {
	for _, c := range []struct{ name, text, small, large string }{
		{"equality", "local a, b = ('x'):rep(N) .. 'a', ('x'):rep(N) .. 'b' for i = 1, 2000 do local c = a == b end", "10", "1e5"},
		{"order", "local a, b = ('x'):rep(N) .. 'a', ('x'):rep(N) .. 'b' for i = 1, 2000 do local c = a < b end", "10", "2e4"},
		{"keys", "local t, k = {}, ('x'):rep(N) for i = 1, 2000 do local c = t[k] end", "10", "1e5"},
		{"new keys", "local t, k = {}, ('x'):rep(N) for i = 1, 2000 do t[k] = i end", "10", "1e5"},
		{"arguments", "local function g() end local function f(...) for i = 1, 2000 do g(...) end end f(table.unpack({}, 1, N))", "10", "5000"},
		{"lists", "local function f(...) for i = 1, 1000 do local t = {...} end end f(table.unpack({}, 1, N))", "10", "5000"},
		{"far fields", "for i = 1, 1000 do local t = {} t[N] = 1 end", "1", "5000"},
		{"shared variables", "local function f(n) local x = function() return n end if n > 0 then return 1 + f(n - 1) end for i = 1, 2000 do x = function() return i end end return 1 end f(N)", "1", "2000"},
		{"numbers in texts", "local s = (' '):rep(N) .. '1' for i = 1, 300 do local x = s + 1 end", "10", "1e5"},
		{"levels", "local function f(n) if n > 0 then return 1 + f(n - 1) end for i = 1, 300 do pcall(error, 'x', N) end return 1 end f(N)", "5", "9000"},
	} {
		_, small, end := execute(t, "local N = "+c.small+" "+c.text)
		if end != nil {
			t.Errorf("%s: %v", c.name, end)
		}
		_, large, end := execute(t, "local N = "+c.large+" "+c.text)
		if end != nil {
			t.Errorf("%s: %v", c.name, end)
		}
		if large < 10*small {
			t.Errorf("%s: %d instructions for what is small, %d for what is large", c.name, small, large)
		}
	}
}

// A program without such instructions is counted exactly, whatever else goes on.
func TestCheapInstructionsAreExact(t *testing.T) {
	const text = `
		local t = {}
		for i = 1, 2000 do t[i % 100 + 1] = ("%d"):format(i) .. #t end
		local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end
		print(f(15), pcall(error, "x"), coroutine.wrap(function(...) return coroutine.yield(...) end)(1, 2))`
	first, used, _ := execute(t, text)
	func() {
		defer limit.Watch(1, 0)()
		if again, n, _ := execute(t, text); again != first || n != used {
			t.Errorf("%q with %d instructions, then %q with %d", first, used, again, n)
		}
	}()
	for _, short := range []string{"200", "999"} {
		if _, n, end := execute(t, text, "instructions="+short); end == nil || end.Limit == nil || end.Limit.Kind != limit.Instructions || n > used {
			t.Errorf("with instructions=%s it ends after %d with %v", short, n, end)
		}
	}
}

// Coroutines that nothing can resume end before the script is told that there are too many, or
// that its memory is spent.
func TestDroppedCoroutinesEnd(t *testing.T) {
	const text = `
		local kept = coroutine.wrap(function() coroutine.yield(1) return 2 end)
		kept()
		for i = 1, 2000 do coroutine.wrap(function() local t = { i } coroutine.yield(t) end)() end
		print(kept())`
	for _, setting := range []string{"coroutines=200", "memory=4MiB"} {
		if printed, _, end := execute(t, text, setting); end != nil || printed != "2\n" {
			t.Errorf("with %s it prints %q and ends with %v", setting, printed, end)
		}
	}
}

// Functions of the library that call nothing but each other run into the limit of depth too.
func TestLibraryFunctionsAreNestedInDepth(t *testing.T) {
	for _, text := range []string{
		"local t t = setmetatable({}, { __tostring = function(x) return x end, __index = tostring }) getmetatable(t).__tostring = tostring print(pcall(tostring, t))",
		"local mt = {} mt.__index = print mt.__tostring = print mt.__name = 'x' local t = setmetatable({}, mt) print(pcall(function() return t.x end))",
		"package.preload.x = require print(pcall(require, 'x'))",
		"local t = setmetatable({}, { __pairs = pairs }) print(pcall(pairs, t))",
		"local t = setmetatable({}, { __concat = table.concat, __len = rawlen }) print(pcall(function() return t .. t end))",
	} {
		printed, _, end := execute(t, "coroutine.wrap(function() "+text+" end)()")
		if end != nil || !strings.Contains(printed, "false\t") {
			t.Errorf("%s: prints %q and ends with %v", text, printed, end)
		}
	}
}
