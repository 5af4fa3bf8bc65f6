package scope

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func resolve(t *testing.T, dialect syntax.Dialect, text string) *Info {
	t.Helper()
	tree := syntax.Parse(source.New("test.lua", text), dialect)
	for _, e := range tree.Errors {
		t.Fatalf("%s in\n%s", e.Message, text)
	}
	return Resolve(tree)
}

// names writes what each Name and Decl of a program is, in the order of the text: a
// variable as its name and number, a global as itself, a field of a local _ENV with a dot.
func names(in *Info) string {
	var nodes []syntax.Node
	for n := range in.Tree.Nodes(syntax.Name, syntax.Decl) {
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b syntax.Node) int { return int(in.Tree.Start(a)) - int(in.Tree.Start(b)) })
	var out []string
	for _, n := range nodes {
		name := in.Tree.Name(n)
		switch v := in.VarOf(n); {
		case v != NoVar:
			name = fmt.Sprintf("%s%d", name, v)
		case in.EnvOf(n) != NoVar:
			name = fmt.Sprintf("%d.%s", in.EnvOf(n), name)
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		title   string
		dialect syntax.Dialect
		text    string
		want    string
	}{
		{"a value does not see its own local", syntax.Lua54, "local a = a; a()", "a1 a a1"},
		{"a local hides the one before", syntax.Lua54, "local a = 1; local a = a; a()", "a1 a2 a1 a2"},
		{"a local function sees itself", syntax.Lua54, "local function f() return f end", "f1 f1"},
		{"a function in a local does not", syntax.Lua54, "local f = function() return f end", "f1 f"},
		{"a block ends", syntax.Lua54, "do local a = 1; a() end a()", "a1 a1 a"},
		{"branches are apart", syntax.Lua54, "if a then local a = 1; a() elseif a then a() else local a = 2; a() end a()",
			"a a1 a1 a a a2 a2 a"},
		{"while does not see the locals of its body", syntax.Lua54, "while a do local a = 1 end", "a a1"},
		{"until does", syntax.Lua54, "repeat local a = f() until a; a()", "a1 f a1 a"},
		{"a numeric for", syntax.Lua54, "for i = i, i, i do i() end i()", "i1 i i i i1 i"},
		{"a generic for", syntax.Lua54, "for k, v in k, v do k(v) end k(v)", "k1 v2 k v k1 v2 k v"},
		{"parameters", syntax.Lua54, "function f(a, b) a(b) end a(b)", "f a1 b2 a1 b2 a b"},
		{"two parameters of a name: the last", syntax.Lua54, "function f(a, a) return a end", "f a1 a2 a2"},
		{"self of a method", syntax.Lua54, "local t = {} function t:m(x) return self, x end function t.f() return self end",
			"t1 t1 x3 self2 x3 t1 self"},
		{"fields are no names", syntax.Lua54, "local x = 1; t.x = { x = x, [x] = t.x }; t:x(x)", "x1 t x1 x1 t t x1"},
		{"the function of an inner block", syntax.Lua54, "local a; do function a() end local a; function a() end end", "a1 a1 a2 a2"},
		{"vararg table", syntax.Lua55, "function f(...args) return args end", "f args1 args1"},

		{"a local _ENV", syntax.Lua54, "a = 1; local _ENV = b; a = c; _ENV.x = d", "a _ENV1 b 1.a 1.c _ENV1 1.d"},
		{"it ends with its block", syntax.Lua54, "do local _ENV = {}; a() end a()", "_ENV1 1.a a"},
		{"the inner one counts", syntax.Lua54, "local _ENV = a; do local _ENV = b; c() end d()", "_ENV1 a _ENV2 1.b 2.c 1.d"},
		{"as a parameter", syntax.Lua54, "function f(_ENV) a() end a()", "f _ENV1 1.a a"},
		{"locals stay locals below it", syntax.Lua54, "local a = 1; local _ENV = {}; a(_G)", "a1 _ENV2 a1 2._G"},
		{"in 5.1 it is a name like others", syntax.Lua51, "local _ENV = {}; a = _ENV", "_ENV1 a _ENV1"},
		{"and in LuaJIT", syntax.LuaJIT, "local _ENV = {}; a()", "_ENV1 a"},

		{"a global statement hides a local", syntax.Lua55, "local a = 1; do global a = a; a() end a()", "a1 a a1 a a1"},
		{"so does a global function", syntax.Lua55, "local f; do global function f() return f end end f()", "f1 f f f1"},
		{"global * does not", syntax.Lua55, "local a; global *; a(b)", "a1 a1 b"},
		{"a global statement below a local _ENV", syntax.Lua55, "local _ENV = {}; global a = 1; a()", "_ENV1 a 1.a"},
	} {
		if got := names(resolve(t, c.dialect, c.text)); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.title, c.text, got, c.want)
		}
	}
}

// variables writes what is known of each variable.
func variables(in *Info) string {
	var out []string
	for _, v := range in.Vars[1:] {
		s := fmt.Sprintf("%s:%s f%d", v.Name, [...]string{"local", "function", "param", "self", "loop", "vararg"}[v.Kind], v.Func)
		if v.Attr != syntax.NoAttrib {
			s += " " + v.Attr.String()
		}
		if v.Init != syntax.None {
			s += fmt.Sprintf(" =%q", in.Tree.Text(v.Init))
		}
		if v.Result != 0 {
			s += fmt.Sprintf("#%d", v.Result)
		}
		if v.Captured {
			s += " captured"
		}
		out = append(out, fmt.Sprintf("%s w%d r%d", s, v.Writes, v.Reads))
	}
	return strings.Join(out, "; ")
}

func TestVariables(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"local a", "a:local f0 w0 r0"},
		{"local a, b, c = 1", `a:local f0 ="1" w0 r0; b:local f0 w0 r0; c:local f0 w0 r0`},
		{"local a, b, c = f()", `a:local f0 ="f()" w0 r0; b:local f0 ="f()"#1 w0 r0; c:local f0 ="f()"#2 w0 r0`},
		{"local a, b, c = 1, o:m()", `a:local f0 ="1" w0 r0; b:local f0 ="o:m()" w0 r0; c:local f0 ="o:m()"#1 w0 r0`},
		{"local a, b = ...", `a:local f0 ="..." w0 r0; b:local f0 ="..."#1 w0 r0`},
		{"local a, b = (f())", `a:local f0 ="(f())" w0 r0; b:local f0 w0 r0`},
		{"local a <const>, b <close> = 1, x", `a:local f0 const ="1" w0 r0; b:local f0 close ="x" w0 r0`},
		{"local a; a = a; a, b = b, a", "a:local f0 w2 r2"},
		{"local a; a.x = 1; a[a] = a", "a:local f0 w0 r4"},
		{"local t; function t.f() end function t() end", "t:local f0 w1 r1"},
		{"local function f() end", `f:function f0 ="function f() end" w0 r0`},
		{"local function f() f() end", `f:function f0 ="function f() f() end" captured w0 r1`},
		{"local a; function g() a = 1 end", "a:local f0 captured w1 r0"},
		{"local a; function g() local b; return function() return a, b end end",
			"a:local f0 captured w0 r1; b:local f1 captured w0 r1"},
		{"function g(a) a = a end", "a:param f1 w1 r1"},
		{"for i = 1, 2 do i = 3 end", "i:loop f0 w1 r0"},
		{"for k, v in p do local x = v end", `k:loop f0 w0 r0; v:loop f0 w0 r1; x:local f0 ="v" w0 r0`},
		{"function o:m() self.x = 1 end", "self:self f1 w0 r1"},
		{"local _ENV = {}; function f() x = y end", `_ENV:local f0 ="{}" captured w0 r3`},
		{"local f = function(x) return x end; f()", `x:param f1 w0 r1; f:local f0 ="function(x) return x end" w0 r1`},
	} {
		if got := variables(resolve(t, syntax.Lua54, c.text)); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestVarargTable(t *testing.T) {
	in := resolve(t, syntax.Lua55, "function f(a, ...args) end")
	if got, want := variables(in), "a:param f1 w0 r0; args:vararg f1 w0 r0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestConstant(t *testing.T) {
	in := resolve(t, syntax.Lua54, "local a, b = 1, 2; function f() b = 3 end")
	if !in.Vars[1].Constant() || in.Vars[2].Constant() {
		t.Errorf("a is never written, b is: %+v", in.Vars[1:])
	}
}

// globals writes the uses of global names: r or w, the function, the name, with a dot where
// it is a field, and the value that is written.
func globals(in *Info) string {
	var out []string
	for _, g := range in.Globals {
		s := fmt.Sprintf("%s%d ", [...]string{"r", "w"}[g.Access], g.Func)
		if g.Field {
			s += "."
		}
		s += g.Name
		if g.Declared {
			s += "!"
		}
		if g.Value != syntax.None {
			s += "=" + in.Tree.Text(g.Value)
		}
		if want := in.Tree.Text(g.Node); !strings.Contains(want, g.Name) {
			s += " at " + want
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestGlobals(t *testing.T) {
	for _, c := range []struct {
		dialect syntax.Dialect
		text    string
		want    string
	}{
		{syntax.Lua54, "print(a)", "r0 print; r0 a"},
		{syntax.Lua54, "a = b", "r0 b; w0 a=b"},
		{syntax.Lua54, "a, t[k], c = 1, f()", "r0 t; r0 k; r0 f; w0 a=1; w0 c"},
		{syntax.Lua54, "a, b, c = f()", "r0 f; w0 a=f(); w0 b; w0 c"},
		{syntax.Lua54, "a, b = 1", "w0 a=1; w0 b"},
		{syntax.Lua54, "function a() b = 1 end", "w0 a=function a() b = 1 end; w1 b=1"},
		{syntax.Lua54, "function a.b.c() end", "r0 a"},
		{syntax.Lua54, "function a:m() end", "r0 a"},
		{syntax.Lua54, "a.x = 1; a.x.y = b", "r0 a; r0 a; r0 b"},
		{syntax.Lua54, "return function() return function() x() end end", "r2 x"},
		{syntax.Lua54, "goto a; ::a:: t:m(t.x)", "r0 t; r0 t"},

		{syntax.Lua54, "_G.a = b", "r0 b; w0 .a=b"},
		{syntax.Lua54, "_G['a'] = 1", "w0 .a=1"},
		{syntax.Lua54, "_ENV.a = 1", "w0 .a=1"},
		{syntax.Lua51, "_ENV.a = 1", "r0 _ENV"},
		{syntax.Lua54, "f(_G.a, _ENV.b)", "r0 f; r0 .a; r0 .b"},
		{syntax.Lua54, "function _G.a() end", "w0 .a=function _G.a() end"},
		{syntax.Lua54, "function _G.a.b() end", "r0 .a"},
		{syntax.Lua54, "_G.a.b = 1", "r0 .a"},
		{syntax.Lua54, "_G[k] = v", "r0 _G; r0 k; r0 v"},
		{syntax.Lua54, "f(_G[k])", "r0 f; r0 _G; r0 k"},
		{syntax.Lua54, "f(_G, _ENV)", "r0 f; r0 _G; r0 _ENV"},
		{syntax.Lua54, "_G[1] = 2", "r0 _G"},
		{syntax.Lua54, "_ENV = a", "r0 a; w0 _ENV=a"},
		{syntax.Lua54, "local _G = {}; _G.a = _G.b", ""},
		{syntax.Lua54, "local _ENV = {}; _G.a = 1; _ENV.b = c; d = 1", ""},
		{syntax.Lua54, "do local _ENV = {}; x = 1 end y = 1", "w0 y=1"},
		{syntax.LuaJIT, "local _ENV = {}; y = x", "r0 x; w0 y=x"},

		{syntax.Lua55, "global a, b = f()", "r0 f; w0 a!=f(); w0 b!"},
		{syntax.Lua55, "global a; a = 1", "w0 a!; w0 a=1"},
		{syntax.Lua55, "global function f() f() end", "w0 f!=function f() f() end; r1 f"},
		{syntax.Lua55, "global *; a = 1", "w0 a=1"},
	} {
		if got := globals(resolve(t, c.dialect, c.text)); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.dialect, c.text, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	in := resolve(t, syntax.Lua54, "local _ENV = {}; a = b; function c() end do local _ENV = d; a, e = 1 end a = 2")
	want := "[{a 1} {c 1} {a 2} {e 2} {a 1}]"
	if got := fmt.Sprint(in.Fields); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	in = resolve(t, syntax.Lua55, "local _ENV = {}; global a; global function b() end")
	if got, want := fmt.Sprint(in.Fields, in.Globals), "[{a 1} {b 1}] []"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if in.Vars[NoVar] != (Variable{}) {
		t.Errorf("no variable is a variable: %+v", in.Vars[NoVar])
	}
}

func TestOwnEnvironment(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"setfenv(1, t)", "true"},
		{"local setfenv = setfenv; setfenv(1, t)", "true"},
		{"local function setfenv() end setfenv(1, t)", "false false"},
		{"setfenv(f, t)", "false"},
		{"setfenv(2, t)", "false"},
		{"setfenv(10, t)", "false"},
		{"function a() setfenv(1, t); return function() end end function b() end", "false true true false"},
		{"do local _ENV = {} end function a() end", "false false"},
	} {
		var got []string
		for _, f := range resolve(t, syntax.Lua51, c.text).Funcs {
			got = append(got, fmt.Sprint(f.Env))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: got %s, want %s", c.text, s, c.want)
		}
	}
}

func TestFunctions(t *testing.T) {
	in := resolve(t, syntax.Lua54, "local function a() return function() x = 1 end end local b = function() end")
	var outer []string
	for _, f := range in.Funcs {
		outer = append(outer, fmt.Sprint(f.Outer))
	}
	if got := strings.Join(outer, " "); got != "0 0 1 0" {
		t.Errorf("outer functions: %s", got)
	}
	if in.Funcs[Main].Node != syntax.None {
		t.Error("the main chunk is no Function node")
	}
	for _, c := range []struct {
		outer, inner Func
		want         bool
	}{{0, 0, true}, {0, 2, true}, {1, 2, true}, {2, 2, true}, {2, 1, false}, {3, 2, false}, {1, 0, false}} {
		if got := in.Encloses(c.outer, c.inner); got != c.want {
			t.Errorf("Encloses(%d, %d) = %t", c.outer, c.inner, got)
		}
	}
	for i, f := range in.Funcs[1:] {
		if got := in.FuncOf(f.Node); got != Func(i+1) {
			t.Errorf("FuncOf of function %d is %d", i+1, got)
		}
	}
	if g := in.Globals[0]; in.FuncOf(g.Node) != 2 || in.FuncOf(in.Tree.Main) != Main {
		t.Errorf("FuncOf a name is %d, of the file %d", in.FuncOf(g.Node), in.FuncOf(in.Tree.Main))
	}
}

func TestEnd(t *testing.T) {
	text := "local a; do local b end for i = 1, 2 do end if x then local c end function f(p) end repeat local d until d; a()"
	in := resolve(t, syntax.Lua54, text)
	want := map[string]string{"a": text, "b": "do local b end", "i": "for i = 1, 2 do end", "c": "local c", "p": "function f(p) end",
		"d": "repeat local d until d"}
	for _, v := range in.Vars[1:] {
		if !strings.HasSuffix(text[:v.End], want[v.Name]) {
			t.Errorf("the scope of %s ends behind %q", v.Name, text[:v.End])
		}
		delete(want, v.Name)
	}
	if len(want) > 0 {
		t.Errorf("not seen: %v", want)
	}
}

func TestIsGlobal(t *testing.T) {
	in := resolve(t, syntax.Lua54, "f(); local f; f(); g(); local _ENV = {}; f(); h()")
	var got []string
	for n := range in.Tree.Nodes(syntax.Name) {
		got = append(got, fmt.Sprint(in.IsGlobal(n, "f")))
	}
	if s := strings.Join(got, " "); s != "true false false false false" {
		t.Errorf("got %s", s)
	}
	if in.IsGlobal(in.Tree.Main, "") || in.VarOf(in.Tree.Main) != NoVar || in.EnvOf(in.Tree.Main) != NoVar {
		t.Error("a block is no name")
	}
}

// A file with errors is resolved as far as it goes.
func TestErrors(t *testing.T) {
	for _, text := range []string{
		"local a = ; a()", "local function ) end", "for in x do end", "x y z", "function a.() end", "local a <", "return return",
		"local x = {", "f(", "if then", "a.b:c = 1", "global", "\x1bLua",
	} {
		for _, d := range syntax.Dialects() {
			Resolve(syntax.Parse(source.New("test.lua", text), d)) // does not panic
		}
	}
	in := Resolve(syntax.Parse(source.New("test.lua", "local a = 1\nlocal = 2\nb = a"), syntax.Lua54))
	if got := globals(in); got != "w0 b=a" || in.Vars[1].Reads != 1 {
		t.Errorf("what follows an error is resolved: %s, %+v", got, in.Vars)
	}
}

// What is made up to be large is resolved like anything else.
func TestLargeFiles(t *testing.T) {
	const n = 20_000
	for _, c := range []struct {
		title, text        string
		variables, globals int
	}{
		{"locals", strings.Repeat("local a = a\n", n), n, 1},
		{"calls", "f" + strings.Repeat("()", n), 0, 1},
		{"operators", "local x = a" + strings.Repeat(" + a", n), 1, n + 1},
		{"environments", strings.Repeat("do local _ENV = {} x = y end\n", n), n, 0},
		{"assignments", strings.Repeat("_G.a = b\n", n), 0, 2 * n},
	} {
		in := resolve(t, syntax.Lua54, c.text)
		if len(in.Vars)-1 != c.variables || len(in.Globals) != c.globals {
			t.Errorf("%s: %d variables, %d globals", c.title, len(in.Vars)-1, len(in.Globals))
		}
	}
}
