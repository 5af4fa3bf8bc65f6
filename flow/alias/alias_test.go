package alias

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func resolve(t *testing.T, dialect syntax.Dialect, text string) (*File, *syntax.Tree) {
	t.Helper()
	tree := syntax.Parse(source.New("test.lua", text), dialect)
	for _, e := range tree.Errors {
		t.Fatalf("%s in\n%s", e.Message, text)
	}
	return Resolve(scope.Resolve(tree)), tree
}

// here returns the argument of the last call of here(...) in a program.
func here(t *testing.T, tree *syntax.Tree) syntax.Node {
	t.Helper()
	for n := range tree.Nodes(syntax.Call) {
		if callee, args := tree.Call(n); tree.Name(callee) == "here" && len(args) == 1 {
			return args[0]
		}
	}
	t.Fatalf("no here(...) in %s", tree.File.Text)
	return syntax.None
}

// show writes a Ref as module:member.
func show(r Ref) string {
	if !r.Known() {
		return "?"
	}
	return r.Module + ":" + r.Member
}

func TestRef(t *testing.T) {
	for _, c := range []struct{ title, text, want string }{
		{"a global", "here(load)", ":load"},
		{"a library's function", "here(os.execute)", "os:execute"},
		{"by a string", "here(os['execute'])", "os:execute"},
		{"by a computed name", "here(os[name])", "?"},
		{"in parentheses", "here(((os).execute))", "os:execute"},
		{"a field of a field", "here(jit.opt.start)", "jit:opt.start"},
		{"a literal", "here('os')", "?"},
		{"a function", "here(function() end)", "?"},
		{"a method", "here(os:execute())", "?"},

		{"a module", "here(require 'skynet')", "skynet:"},
		{"a module's function", "here(require('skynet.socket').write)", "skynet.socket:write"},
		{"with two arguments", "here(require('skynet', 1))", "?"},
		{"with a computed name", "here(require(name))", "?"},
		{"with a constant name", "local name = 'skynet'; here(require(name))", "skynet:"},
		{"by another name of require", "local use = require; here(use 'skynet')", "skynet:"},
		{"by a require of one's own", "local function require() end here(require 'skynet')", "?"},
		{"protected", "local ok, json = pcall(require, 'cjson'); here(json.encode)", "cjson:encode"},
		{"what protected says first", "local ok, json = pcall(require, 'cjson'); here(ok)", "?"},
		{"another protected call", "local ok, json = pcall(load, 'cjson'); here(json)", "?"},
		{"a loaded module", "here(package.loaded['skynet.socket'].write)", "skynet.socket:write"},
		{"a loaded module with a dot", "here(package.loaded.skynet)", "skynet:"},
		{"the table of loaded modules", "local loaded = package.loaded; here(loaded.skynet)", "skynet:"},

		{"through a local", "local skynet = require 'skynet'; here(skynet)", "skynet:"},
		{"through two locals", "local skynet = require 'skynet'; local call = skynet.call; here(call)", "skynet:call"},
		{"as an upvalue", "local call = require 'skynet'.call; function f() here(call) end", "skynet:call"},
		{"a constant", "local call <const> = require 'skynet'.call; here(call)", "skynet:call"},
		{"a local that changes", "local call = os.execute; call = f; here(call)", "?"},
		{"one that changes later", "local call = os.execute; here(call); call = nil", "?"},
		{"a local without a value", "local call; here(call)", "?"},
		{"a later result", "local a, b = require 'skynet'; here(b)", "?"},
		{"a parameter", "function f(os) here(os.execute) end", "?"},
		{"a local of the name of a library", "local os = {}; here(os.execute)", "?"},
		{"a wrapper around a library", "local os = setmetatable({}, { __index = os }); here(os.execute)", "?"},
		{"a local of a library and its name", "local os = os; here(os.execute)", "os:execute"},
		{"a loop variable", "for _, os in pairs(t) do here(os.execute) end", "?"},

		{"the global table", "here(_G.os.execute)", "os:execute"},
		{"the global table, computed", "here(_G[name])", "?"},
		{"the global table of the global table", "here(_G._G['load'])", ":load"},
		{"the environment", "here(_ENV.load)", ":load"},
		{"through a local global table", "local g = _G; here(g.os.execute)", "os:execute"},

		{"or", "here(loadstring or load)", ":loadstring"},
		{"or with something unknown", "here(t[1] or load)", ":load"},
		{"or with a library on the right", "here(unpack or table.unpack)", "table:unpack"},
		{"or with a library on the left", "here(table.unpack or unpack)", "table:unpack"},
		{"or with a module", "local skynet = skynet or require 'skynet'; here(skynet.call)", "skynet:call"},
		{"and", "here(jit and jit.status)", "jit:status"},
		{"and with something unknown", "here(jit and {})", "?"},
		{"and, or", "here(jit and jit.status or nil)", "jit:status"},
		{"another operator", "here(a .. b)", "?"},

		{"below a local _ENV", "local _ENV = {}; here(load)", "?"},
		{"below one that is the global table", "local _ENV = _G; here(load)", ":load"},
		{"below one that is the environment", "local _ENV = _ENV; here(os.execute)", "os:execute"},
		{"below one that shows the globals", "local _ENV = setmetatable({}, { __index = _G }); here(os.execute)", "os:execute"},
		{"with a metatable that is a local", "local m = { __index = _G }; local _ENV = setmetatable({}, m); here(load)", ":load"},
		{"but not what is assigned there", "local _ENV = setmetatable({}, { __index = _G }); function load() end here(load)", "?"},
		{"nor below another metatable", "local _ENV = setmetatable({}, { __index = t }); here(load)", "?"},
		{"nor without an index", "local _ENV = setmetatable({}, { __newindex = _G }); here(load)", "?"},
		{"nor below one that changes", "local _ENV = _G; _ENV = {}; here(load)", "?"},
		{"nor below a parameter", "function f(_ENV) here(load) end", "?"},
		{"after it", "do local _ENV = {} end here(load)", ":load"},
	} {
		f, tree := resolve(t, syntax.Lua54, c.text)
		if got := show(f.Ref(here(t, tree))); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.title, c.text, got, c.want)
		}
	}
}

func TestRefOfAnotherDialect(t *testing.T) {
	f, tree := resolve(t, syntax.Lua51, "local _ENV = {}; here(os.execute)")
	if got := show(f.Ref(here(t, tree))); got != "os:execute" {
		t.Errorf("in 5.1 _ENV is a name like others: %s", got)
	}
	f, tree = resolve(t, syntax.Lua55, "local load = f; global load, here; here(load)")
	if got := show(f.Ref(here(t, tree))); got != ":load" {
		t.Errorf("a global statement hides a local: %s", got)
	}
}

func TestPath(t *testing.T) {
	for _, c := range []struct {
		ref  Ref
		want string
	}{{Ref{"", "load"}, "load"}, {Ref{"skynet", ""}, "skynet"}, {Ref{"skynet.socket", "write"}, "skynet.socket.write"}, {Ref{}, ""}} {
		if got := c.ref.Path(); got != c.want {
			t.Errorf("%#v: %s", c.ref, got)
		}
	}
	if r := (Ref{"os", "exit"}); !r.Is("os", "exit") || r.Is("os", "") || r.Is("", "exit") {
		t.Error("Is compares both parts")
	}
}

func TestCalls(t *testing.T) {
	for _, c := range []struct{ title, text, want string }{
		{"in post-order", "f(g(), h())", ":g() :h() :f(g(), h())"},
		{"through a local", "local run = os.execute; run(x, y)", "os:execute(x, y)"},
		{"of something unknown", "local function f() end f() t[1]() (function() end)()", ""},
		{"of a method", "f:g(h())", ":h()"},
		{"a module is loaded", "local s = require 'skynet'; s.call(a)", ":require('skynet') skynet:call(a)"},
		{"pcall", "pcall(load, s, n)", ":pcall(load, s, n) :load!(s, n)"},
		{"pcall of nothing else", "pcall(load)", ":pcall(load) :load!()"},
		{"pcall of nothing", "pcall()", ":pcall()"},
		{"pcall of something unknown", "pcall(t[1], s)", ":pcall(t[1], s)"},
		{"pcall by another name", "local try = pcall; try(load, s)", ":pcall(load, s) :load!(s)"},
		{"a pcall of one's own", "local function pcall() end pcall(load, s)", ""},
		{"xpcall", "xpcall(os.execute, debug.traceback, s)", ":xpcall(os.execute, debug.traceback, s) os:execute!(s)"},
		{"xpcall without arguments", "xpcall(os.execute, f)", ":xpcall(os.execute, f) os:execute!()"},
		{"xpcall without a handler", "xpcall(os.execute)", ":xpcall(os.execute) os:execute!()"},
	} {
		f, tree := resolve(t, syntax.Lua54, c.text)
		var got []string
		for _, call := range f.Calls {
			var args []string
			for _, a := range call.Args {
				args = append(args, tree.Text(a))
			}
			mark := ""
			if call.Protected {
				mark = "!"
			}
			got = append(got, show(call.Ref)+mark+"("+strings.Join(args, ", ")+")")
			if tree.Kind(call.Node) != syntax.Call {
				t.Errorf("%s: %s is no call", c.title, tree.Text(call.Node))
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.title, c.text, s, c.want)
		}
	}
}

func TestOrigin(t *testing.T) {
	for _, c := range []struct{ title, text, want string }{
		{"itself", "here(f())", "f()"},
		{"a global", "here(a)", "a"},
		{"a local", "local a = f(); here(a)", "f()"},
		{"through locals and parentheses", "local a = (f()); local b = (a); here((b))", "f()"},
		{"up to a parameter", "function f(p) local a = p; here(a) end", "p"},
		{"up to a local that changes", "local a = f(); local b = a; a = 1; here(b)", "a"},
		{"a local that changes", "local a = f(); a = 1; here(a)", "a"},
		{"a local without a value", "local a; here(a)", "a"},
		{"a later result", "local a, b = f(); here(b)", "b"},
		{"the first result", "local a, b = f(); here(a)", "f()"},
		{"a local function", "local function f() end here(f)", "f"},
		{"a function in a local", "local f = function() end here(f)", "function() end"},
		{"a loop variable", "for i = 1, 2 do here(i) end", "i"},
		{"a table", "local t = { 1 }; here(t)", "{ 1 }"},
	} {
		f, tree := resolve(t, syntax.Lua54, c.text)
		if got := tree.Text(f.Origin(here(t, tree))); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.title, c.text, got, c.want)
		}
	}
}

func TestIsConstant(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"here('a')", true},
		{"here [[a]]", true},
		{"here(1)", true},
		{"here(nil)", true},
		{"here(true)", true},
		{"here(('a' .. 1) .. 'b')", true},
		{"here(-1)", true},
		{"here(not 1)", true},
		{"local a = 'a'; here(a)", true},
		{"local a = 'a'; local b = a .. 'b'; here('c' .. b)", true},
		{"local a = 'a'; function f() here(a) end", true},
		{"local a <const> = 'a'; here(a)", true},
		{"local a = 'a'; a = b; here(a)", false},
		{"local a = b; here(a)", false},
		{"local a; here(a)", false},
		{"local a, b = f(), 'b'; here(b)", true},
		{"local a, b = f(), 'b'; here(a)", false},
		{"here(a)", false},
		{"here('a' .. b)", false},
		{"here(a .. 'b')", false},
		{"here(#a)", false},
		{"here(f('a'))", false},
		{"here({ 'a' })", false},
		{"here(function() end)", false},
		{"here(...)", false},
		{"function f(p) here(p) end", false},
		{"for i = 1, 2 do here(i) end", false},
		{"here(('x'):rep(3))", false},
	} {
		f, tree := resolve(t, syntax.Lua54, c.text)
		if got := f.IsConstant(here(t, tree)); got != c.want {
			t.Errorf("%s: got %t", c.text, got)
		}
	}
}

// Expressions of any size are followed a few steps, so that the work grows with the text.
func TestLargeExpressions(t *testing.T) {
	const n = 50_000
	for _, c := range []struct {
		title, text, want string
		calls             int
	}{
		{"calls", "here(f" + strings.Repeat(`"a"`, n) + ")", "?", 2},
		{"indexes", "here(x" + strings.Repeat(".a", n) + ")", "?", 1},
		{"choices", "here(x" + strings.Repeat(" or x", n) + ")", ":x", 1},
		{"locals", "local a = os" + strings.Repeat("\nlocal a = a", n) + "\nhere(a.exit)", "os:exit", 1},
	} {
		f, tree := resolve(t, syntax.Lua54, c.text)
		if got := show(f.Ref(here(t, tree))); got != c.want || len(f.Calls) != c.calls {
			t.Errorf("%s: got %s and %d calls, want %s and %d", c.title, got, len(f.Calls), c.want, c.calls)
		}
	}
}
