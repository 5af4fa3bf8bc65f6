package luadata

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func parse(t testing.TB, text string) *syntax.Tree {
	t.Helper()
	tree := syntax.Parse(source.New("a.lua", text), syntax.Lua55)
	if len(tree.Errors) > 0 {
		t.Fatalf("%q: %s", text, tree.Errors[0].Message)
	}
	return tree
}

// show writes a value as Lua would, with what is unknown as ?(reason @ line).
func show(v Value) string {
	text, ok := v.Text()
	switch {
	case v.Kind == Unknown:
		line := "-"
		if v.File != nil {
			line = fmt.Sprint(v.File.Line(v.At.Start))
		}
		return "?(" + v.Reason + " @" + line + ")"
	case v.Kind == Nil:
		return "nil"
	case v.Kind == TableKind:
		var parts []string
		for _, f := range v.Table.Fields {
			key := f.Name
			if f.IsItem {
				key = fmt.Sprint(f.Number)
			}
			parts = append(parts, key+"="+show(f.Value))
		}
		if v.Table.Open != "" {
			parts = append(parts, "...("+v.Table.Open+")")
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case v.Partial:
		return fmt.Sprintf("%q?(%s @%d)", strings.ReplaceAll(v.Str, Hole, "¿"), v.Reason, v.File.Line(v.At.Start))
	case ok && v.Kind == String:
		return fmt.Sprintf("%q", text)
	}
	return text
}

func globals(e *Evaluator) string {
	var b strings.Builder
	for _, g := range e.Globals() {
		fmt.Fprintf(&b, "%s = %s\n", g.Name, show(g.Value))
	}
	return b.String()
}

func TestEvaluate(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"literals", `a = "x" b = 'y\65' c = [[
z]] d = 0x10 e = 1.50 f = true g = nil h = -3`, `a = "x"
b = "yA"
c = "z"
d = 16
e = 1.5
f = true
g = nil
h = -3`},
		{"concatenation", `root = "./" local sep = ";" a = root .. "s/?.lua" .. sep .. (root .. "t/?.lua") n = 1 .. 2 .. 1.0`, `root = "./"
a = "./s/?.lua;./t/?.lua"
n = "121.0"`},
		{"locals hide and end", `local a = "l" a = "m" do local a = "n" b = a end c = a d = e`, `b = "n"
c = "m"
d = nil`},
		{"a local is gone behind its block", `do local a = 1 end local b = 2 c = a d = b`, "c = nil\nd = 2"},
		{"a hidden local comes back", `local a = 1 do local a = 2 do local a = 3 end b = a end c = a`, "b = 2\nc = 1"},
		{"several at once", `a, b, c = 1, 2 a, b = b, a local x, y = "x" d = y e, f = 1, g() h, i = g()`, `a = 2
b = 1
c = nil
d = nil
e = 1
f = ?(the call of g is not evaluated @1)
h = ?(the call of g is not evaluated @1)
i = ?(it is a further result of a call @1)`},
		{"a call makes one value unknown", "a = 1\nb = os.getenv('X')\nc = 'x' .. b .. 'y'\nd = b\ne = 2", `a = 1
b = ?(the call of os.getenv is not evaluated @2)
c = "x¿y"?(the call of os.getenv is not evaluated @2)
d = ?(the call of os.getenv is not evaluated @2)
e = 2`},
		{"a hole stays one", "a = 'x;' .. f() .. ';y'\nb = a .. ';z'\nc = a == 'q'\nd = not a", `a = "x;¿;y"?(the call of f is not evaluated @1)
b = "x;¿;y;z"?(the call of f is not evaluated @1)
c = ?(the call of f is not evaluated @1)
d = false`},
		{"nothing but holes", "a = f() .. g()", "a = ?(the call of f is not evaluated @1)"},
		{"tables", `t = { "a", x = 1, ["y z"] = { 2 }, "b", [3] = "c", [7] = 0 } t.x = 5 t.n = {} t.n.m = t.x u = t["y z"][1] v = #t w = t.none t[2] = nil`, `t = {1="a", x=5, y z={1=2}, 2=nil, 3="c", 7=0, n={m=5}}
u = 2
v = 3
w = nil`},
		{"tables are shared", `a = {} b = a b.x = 1 same = a == b other = a == {}`, `a = {x=1}
b = {x=1}
same = true
other = false`},
		{"open tables", "a = { 1, f() }\nb = { f(), 1 }\nc = { [f()] = 1 }\nd = { x = 1 }\nd[f()] = 2\ne = d.x\ng = #a\nh = a[9]\ni = { [1.5] = 2, [true] = 3 }", `a = {1=1, 2=?(the call of f is not evaluated @1), ...(the call of f is not evaluated)}
b = {1=?(the call of f is not evaluated @2), 2=1}
c = {...(the name of one of its fields is unknown)}
d = {x=?(a field whose name is unknown is assigned @4), ...(a field whose name is unknown is assigned)}
e = ?(a field whose name is unknown is assigned @4)
g = ?("#" does not apply to a table @7)
h = ?(the call of f is not evaluated @8)
i = {}`},
		{"a call may change a table", "a = { x = 1 }\nb = { y = a }\ntable.insert(a, 2)\nc = b.y.x\na:add(1)", `a = {x=?(it is passed to a @1), ...(it is passed to a)}
b = {y={x=?(it is passed to a @1), ...(it is passed to a)}}
c = ?(it is passed to table.insert @1)`},
		{"arithmetic", `a = 1024 * 1024 * 2 b = 7 // 2 c = -7 // 2 d = -7 % 3 e = 7 / 2 f = 2 ^ 10 g = 1 << 4 | 1 h = ~0 i = 5.5 // 2 j = -5.5 % 2 k = 3 - 4.0 l = 1 >> 1 m = 1 << 64 n = 6 & 3 ~ 1`, `a = 2097152
b = 3
c = -4
d = 2
e = 3.5
f = 1024.0
g = 17
h = -1
i = 2.0
j = 0.5
k = -1.0
l = 0
m = 0
n = 3`},
		{"comparison", `a = 1 < 2 b = 2 <= 1.5 c = "a" < "b" d = "a" > "b" e = 1 == 1.0 f = "1" ~= 1 g = 2 >= 2 h = nil == false`, `a = true
b = false
c = true
d = false
e = true
f = true
g = true
h = false`},
		{"and, or, not", `a = nil or "x" b = false and f() c = x and "y" d = 1 and 2 e = f() or 1 g = not x h = not 0`, `a = "x"
b = false
c = nil
d = 2
e = ?(the call of f is not evaluated @1)
g = true
h = false`},
		{"what does not apply", "a = {} + 1\nb = 1 // 0\nc = 'a' .. {}\nd = nothing.x\ne = 'a' .. nothing\ng = #5\nh = ('x').y\ni = 1 .. nil\nj = -'2'\nk = 1 < 'x'\nl = 1 % 0", `a = ?("+" does not apply to a table and a number @1)
b = ?(it divides by zero @2)
c = ?(it concatenates a table @3)
d = ?(it is a field of nil: nothing assigns nothing @4)
e = "a¿"?(nothing assigns nothing @5)
g = ?("#" does not apply to a number @6)
h = ?(it is a field of a string @7)
i = ?(it concatenates nil @8)
j = ?("-" does not apply to a string @9)
k = ?("<" does not apply to a number and a string @10)
l = ?(it divides by zero @11)`},
		{"known conditions", `local debug = true if debug then a = 1 elseif f() then a = 2 else a = 3 end if not debug then b = 1 else b = 2 end if nil then c = 1 end`, `a = 1
b = 2`},
		{"unknown conditions", "a = 0\nb = 0\nt = { x = 1 }\nlocal l = 1\nif f() then\n  a = 1\n  local b = 2\n  b = 3\n  t.x = 2\n  l = 2\nelse\n  c = 3\nend\nd = b\ne = l", `a = ?(it depends on a condition that is unknown @6)
b = 0
t = {x=?(it depends on a condition that is unknown @3), ...(it depends on a condition that is unknown)}
c = ?(it depends on a condition that is unknown @12)
d = 0
e = ?(it depends on a condition that is unknown @10)`},
		{"loops", "a = 0\nb = 0\nfor i = 1, 3 do a = a + i end\nwhile true do c = 1 break end\nrepeat local b = 1 b = 2 until true\nfor k in f do table.insert(t, k) end\nfunction g() end", `a = ?(a loop assigns it @3)
b = 0
c = ?(a loop assigns it @4)
g = ?(it is a function @7)`},
		{"functions", "a = 1\nb = 1\nlocal function set() a = 2; local b = 3; b = 4; t.x = 1 end\na = 3\nt = { x = 0 }\nc = a\nd = set\ne = function() end", `a = ?(a function at line 3 assigns it @3)
b = 1
t = ?(a function at line 3 assigns it @3)
c = ?(a function at line 3 assigns it @3)
d = ?(it is a function @3)
e = ?(it is a function @8)`},
		{"goto", "a = 1\n::top::\nb = 2\ngoto top", `a = ?(the file uses "goto" @1)
b = ?(the file uses "goto" @3)`},
		{"do not follow a return", "a = 1\ndo return end\na = 2", "a = 1"},
		{"globals of 5.5", "global a, b = 1, 2\nglobal c\nglobal function f() end", "a = 1\nb = 2\nf = ?(it is a function @3)"},
		{"varargs", "a = ...\nb = { ... }", `a = ?(it is "..." @1)
b = {1=?(it is "..." @2), ...(it is "...")}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e Evaluator
			e.Run(parse(t, c.text))
			if got := strings.TrimSpace(globals(&e)); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestReturned(t *testing.T) {
	var e Evaluator
	got := e.Run(parse(t, "local x = 'a'\nreturn { x, y = 1 }, x"))
	if len(got) != 2 || show(got[0]) != `{1="a", y=1}` || show(got[1]) != `"a"` {
		t.Errorf("returned %v", got)
	}
	if e.Run(parse(t, "x = 1")) != nil {
		t.Error("a file without return returns something")
	}
}

func TestPositions(t *testing.T) {
	const text = "root = './'\nluaservice = root .. '?.lua'\nluaservice2 = root"
	tree := parse(t, text)
	var e Evaluator
	e.Run(tree)
	for i, want := range []struct{ key, value string }{{"root", "'./'"}, {"luaservice", "root .. '?.lua'"}, {"luaservice2", "'./'"}} {
		g := e.Globals()[i]
		if key, value := text[g.At.Start:g.At.End], text[g.Value.At.Start:g.Value.At.End]; key != want.key || value != want.value {
			t.Errorf("%s: key at %q, value at %q", want.key, key, value)
		}
		if g.File != tree.File || g.Value.File != tree.File {
			t.Errorf("%s: wrong file", want.key)
		}
	}
}

func TestHooks(t *testing.T) {
	e := Evaluator{
		Call: func(tree *syntax.Tree, call syntax.Node, name string, args []Value) (Value, bool) {
			if name != "twice" || len(args) != 1 {
				return Value{}, false
			}
			s, ok := args[0].Text()
			return Value{Kind: String, Str: s + s}, ok
		},
		Opaque: func(file *source.File, at source.Span) string {
			if strings.Contains(file.Text[at.Start:at.End], "_ENV1") {
				return "ENV1 is not set"
			}
			return ""
		},
	}
	e.Set("files", Value{Kind: TableKind, Table: &Table{}})
	e.Run(parse(t, "a = twice('x')\nb = twice(nil)\nlocal twice\nc = twice('x')\nfiles.x = 1\nd = 'p/_ENV1/q'\ne = _ENV1\ng = d .. ';r'"))
	want := `files = {x=1}
a = "xx"
b = ?(the call of twice is not evaluated @2)
c = ?(the call of twice is not evaluated @4)
d = "p/_ENV1/q"?(ENV1 is not set @6)
e = ?(ENV1 is not set @7)
g = "p/_ENV1/q;r"?(ENV1 is not set @6)
`
	if got := globals(&e); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if v := e.Global("a"); show(v) != `"xx"` {
		t.Errorf("a is %s", show(v))
	}
	if v := e.Global("none"); v.Kind != Nil {
		t.Errorf("none is %s", show(v))
	}
}

func TestVivify(t *testing.T) {
	e := Evaluator{Vivify: []string{"files"}}
	e.Set("files", Value{Kind: TableKind, Table: &Table{}})
	e.Run(parse(t, "files['a'].std = 1 files.b.c = 2 x = files.d y = files[1] files.a.z.w = 1"))
	want := "files = {a={std=1}, b={c=2}, d={}}\nx = {}\ny = nil\n"
	if got := globals(&e); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	e.Run(parse(t, "files = { n = { m = 1 } } files.o.p = 2 other = {} other.a.b = 1"))
	if got, want := show(e.Global("files")), "{n={m=1}, o={p=2}}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := show(e.Global("other")); got != "{}" {
		t.Errorf("other is %s", got)
	}
}

func TestItems(t *testing.T) {
	var e Evaluator
	e.Run(parse(t, "t = { 'a', 'b', [4] = 'd' } u = { 'a', nil, 'c' }"))
	if n := len(e.Global("t").Table.Items()); n != 2 {
		t.Errorf("%d items, want 2", n)
	}
	if n := len(e.Global("u").Table.Items()); n != 1 {
		t.Errorf("%d items, want 1", n)
	}
	if (*Table)(nil).Items() != nil || (*Table)(nil).Get("x").Kind != Nil {
		t.Error("a nil table is not empty")
	}
}

// No text takes more than a bounded effort.
func TestHostile(t *testing.T) {
	many := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	for _, c := range []struct{ name, text, global, want string }{
		{"a string that doubles", "a = 'xxxxxxxx'\n" + strings.Repeat("a = a .. a\n", 60), "a", "?(it is longer than 16384 bytes @13)"},
		{"a long chain", "a = 'x'" + strings.Repeat(" .. 'x'", 900), "a", `"` + strings.Repeat("x", 901) + `"`},
		{"a longer chain than the parser takes", "a = 'x'" + strings.Repeat(" .. 'x'", 10_000), "a", "?(it could not be parsed @1)"},
		{"a deep sum", "a = 1" + strings.Repeat(" + 1", 10_000), "a", "?(it is nested too deeply @1)"},
		{"many locals", many(50_000, func(i int) string { return fmt.Sprintf("local a%d = %d\n", i, i) }) + many(20_000, func(i int) string { return fmt.Sprintf("g = a%d\n", i) }), "g", "19999"},
		{"many functions in each other", strings.Repeat("function f() a = 1 ", 200) + strings.Repeat("end ", 200), "f", "?(a function at line 1 assigns it @1)"},
		{"a table that holds itself", "a = {} a.a = a b = a.a.a.a == a", "b", "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e Evaluator
			e.Run(syntax.Parse(source.New("a.lua", c.text), syntax.Lua54))
			if got := show(e.Global(c.global)); got != c.want {
				t.Errorf("%.200s (%d), want %.200s (%d)", got, len(got), c.want, len(c.want))
			}
		})
	}
}

func TestBrokenText(t *testing.T) {
	var e Evaluator
	e.Run(syntax.Parse(source.New("a.lua", "a = 1\nb = = 2\nc = 3\nlocal l = (1\nd = l\ndo g = 1 h = 2 .. end\ni = 'x\nj = 4\nk = 5 .."), syntax.Lua54))
	want := `a = 1
b = ?(it could not be parsed @2)
c = 3
d = ?(it could not be parsed @5)
g = 1
h = "2¿"?(it could not be parsed @6)
i = ?(it could not be parsed @7)
j = 4
k = ?(it could not be parsed @9)
`
	if got := globals(&e); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func FuzzRun(f *testing.F) {
	for _, s := range []string{"a = {b=1} .. c a.b = a", "if f() then a.b.c = {...} end", "for i=1,2 do a[i]=1 end goto x ::x:: return a", "a = -'x' // 0 << 70"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var e Evaluator
		e.Run(syntax.Parse(source.New("a.lua", text), syntax.Lua55))
		for _, g := range e.Globals() {
			if int(g.At.End) > len(text) || g.Value.Kind == Unknown && g.Value.Reason == "" {
				t.Errorf("%q: %+v", text, g)
			}
		}
	})
}
