package modelfile

import (
	"reflect"
	"slices"
	"testing"

	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

func read(t *testing.T, name, text string) *File {
	t.Helper()
	f, err := Read(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func combine(t *testing.T, base *models.Catalogue, files ...*File) *models.Catalogue {
	t.Helper()
	c, err := Combine(base, files...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const first = `
library = "first"
doc = "The first library."

[global.f]
doc = "Does it."
dialects = ["5.1-5.2", "luajit"]
compat = ["5.3"]
deprecated = ["5.2"]
replacement = "g"
replacement-in = { "5.5" = "h" }
args = ["flag?", "address", "callback:locked?", "payload..."]
returns = ["ok", "argument:2", "object:first.Thing?", "called..."]
raises = "it is late"
asks = "keeper.GET"
asks-flagged = "keeper.PUT"
protocol = "text"
waits-for = "lock"
replies = "later"
spawns = ["coroutine", "service"]
source = "network"
sanitises = ["sql", "shell"]
capability = ["exec", "net"]
mutates-argument = [2, 5]
blocks = true

[global.v]
kind = "value"
writable = true

[module.first]
doc = "The module."
native = true
global = true
defines = ["a", "b"]
dialects = ["5.3-5.4"]

[module.first.members]
x = {}
old = { dialects = ["5.3"], replacement = "first.x" }

[module.first.members.inner]
doc = "Inner."

[module.first.members.inner.members]
y = { kind = "value" }

[module."first.make"]
doc = "Makes one."
returns = ["object:first.Thing"]

[module.alias]
same-as = "first"

[object."first.Thing"]
doc = "A thing."

[object."first.Thing".members]
go = { waits-for = "socket" }

[environment.snax]
doc = "Snax."

[environment.snax.members]
init = { hook = true }
`

func TestCombine(t *testing.T) {
	c := combine(t, nil, read(t, "first.toml", first))

	want := models.Entry{
		Path: "f", Kind: models.KindFunction, Doc: "Does it.",
		Dialects:   syntax.DialectsOf(syntax.Lua51, syntax.Lua52, syntax.LuaJIT),
		Compat:     syntax.DialectsOf(syntax.Lua53),
		Deprecated: syntax.DialectsOf(syntax.Lua52),
		Replacements: []models.Replacement{
			{Dialects: syntax.DialectsOf(syntax.Lua55), Text: "h"},
			{Dialects: syntax.DialectsOf(syntax.Lua52, syntax.Lua53, syntax.Lua54), Text: "g"},
		},
		Args: []models.Arg{
			{Role: models.RoleFlag, Optional: true},
			{Role: models.RoleAddress},
			{Role: models.RoleCallback, Callback: models.CallbackLocked, Optional: true},
			{Role: models.RolePayload, Repeats: true},
		},
		Results: []models.Result{
			{Role: models.RoleOK},
			{Role: models.RoleArgument, Arg: 1},
			{Role: models.RoleObject, Object: "first.Thing", Optional: true},
			{Role: models.RoleCalled, Repeats: true},
		},
		Asks: models.Request{Service: "keeper", Command: "GET"}, AsksFlagged: models.Request{Service: "keeper", Command: "PUT"}, Protocol: "text",
		Raises: "it is late", WaitsFor: models.WaitLock, Replies: models.ReplyLater,
		Spawns: models.SpawnCoroutine | models.SpawnService, Source: models.SourceNetwork,
		Sanitises:    models.RolesOf(models.RoleSQL, models.RoleShell),
		Capabilities: models.CanExec | models.CanUseNetwork,
		Mutates:      1<<1 | 1<<4, Flags: models.Blocks,
	}
	if got := c.Global("f"); !reflect.DeepEqual(*got, want) {
		t.Errorf("f is\n%+v\nwant\n%+v", *got, want)
	}
	if v := c.Global("v"); v.Kind != models.KindValue || !v.Flags.Has(models.Writable) || v.Dialects != syntax.AllDialects {
		t.Errorf("v is %+v", v)
	}

	in := syntax.DialectsOf(syntax.Lua53, syntax.Lua54)
	m := c.Module("first")
	if m.Library != "first" || !m.Native || !slices.Equal(m.Defines, []string{"a", "b"}) || m.Value.Kind != models.KindTable ||
		m.Value.Table != "first" || m.Value.Dialects != in {
		t.Errorf("first is %+v", m)
	}
	if g := c.Global("first"); g == nil || !reflect.DeepEqual(*g, m.Value) {
		t.Errorf("the global first is %+v", g)
	}
	if x := c.Lookup("first.x"); x == nil || x.Dialects != in {
		t.Errorf("first.x is %+v: it inherits its dialects", x)
	}
	if old := c.Lookup("first.old"); old.Replacement(syntax.Lua54) != "first.x" || old.Replacement(syntax.Lua53) != "" {
		t.Errorf("first.old is %+v", old)
	}
	if y := c.Lookup("first.inner.y"); y == nil || y.Dialects != in || c.Lookup("first.inner").Kind != models.KindTable {
		t.Errorf("first.inner.y is %+v", y)
	}
	if f := c.Module("first.make"); f.Value.Kind != models.KindFunction || c.Members("first.make") != nil {
		t.Errorf("first.make is %+v: a function, because it returns something", f)
	}
	if a := c.Module("alias"); a.Value.SameAs != "first" || c.Lookup("alias.x") != c.Lookup("first.x") {
		t.Errorf("alias is %+v", a)
	}
	if e := c.Lookup("first.Thing:go"); e == nil || !e.Yields() || !c.Table("first.Thing").Object {
		t.Errorf("first.Thing:go is %+v", e)
	}
	if e := c.Environment(models.SnaxEnvironment); len(e) != 1 || e[0].Path != "init" || !e[0].Flags.Has(models.Hook) {
		t.Errorf("the environment snax is %+v", e)
	}
}

func TestSameAs(t *testing.T) {
	c := combine(t, nil, read(t, "m.toml", `
library = "m"
[module.m.members]
a = { doc = "A.", args = ["shell"], capability = ["exec"], waits-for = "time" }
b = { same-as = "m.c", doc = "B.", dialects = ["5.4"], replacement = "m.a" }
c = { same-as = "m.a", capability = ["net"] }
m = { same-as = "m" }
`))
	b := c.Lookup("m.b")
	if b.Path != "m.b" || b.SameAs != "m.c" || b.Doc != "B." || b.WaitsFor != models.WaitTime || len(b.Args) != 1 ||
		b.Capabilities != models.CanExec|models.CanUseNetwork || b.In(syntax.Lua53) || b.Replacement(syntax.Lua53) != "m.a" {
		t.Errorf("m.b is %+v", b)
	}
	if e := c.Lookup("m.c"); e.Doc != "A." || !e.In(syntax.Lua53) {
		t.Errorf("m.c is %+v", e)
	}
	if c.Lookup("m.m.m.a") != c.Lookup("m.a") {
		t.Error("m.m is not m")
	}
}

func TestServices(t *testing.T) {
	base := combine(t, nil, read(t, "m.toml", "library = \"m\"\n[service]\na = { names = [\".a\"] }\nb = {}\n"))
	c := combine(t, base, read(t, "n.toml", "library = \"n\"\n[service.b]\nnames = [\"B\"]\n"))
	if a, b := c.Service("a"), c.Service("b"); a == nil || a.Library != "m" || !slices.Equal(a.Names, []string{".a"}) ||
		b == nil || b.Library != "n" || !slices.Equal(b.Names, []string{"B"}) {
		t.Errorf("the services are %+v and %+v", a, b)
	}
}

// A file of the user adds to what is there, and replaces it.
func TestBase(t *testing.T) {
	base := combine(t, nil, read(t, "first.toml", first))
	before := combine(t, nil, read(t, "first.toml", first))
	c := combine(t, base, read(t, "user.toml", `
library = "user"
[global.f]
doc = "Mine."
[module.first.members]
extra = { waits-for = "reply" }
old = { doc = "New." }
[module.alias.members]
more = {}
[module.mine]
doc = "Mine."
[object."first.Thing".members]
stop = {}
`))
	if f := c.Global("f"); f.Doc != "Mine." || f.Yields() {
		t.Errorf("f is %+v", f)
	}
	if e := c.Lookup("first.extra"); e == nil || !e.Yields() || e.In(syntax.Lua51) {
		t.Errorf("first.extra is %+v", e)
	}
	if e := c.Lookup("first.old"); e.Doc != "New." {
		t.Errorf("first.old is %+v", e)
	}
	if c.Lookup("first.x") == nil || c.Lookup("first.Thing:go") == nil || c.Lookup("first.Thing:stop") == nil {
		t.Error("what was there is gone, or what was added is not there")
	}
	if c.Lookup("first.more") == nil {
		t.Error("a member that was added by another name of the module is not there")
	}
	if m := c.Module("first"); !m.Native || m.Library != "first" {
		t.Errorf("first is %+v: adding to it does not change it", m)
	}
	if m := c.Module("mine"); m == nil || m.Library != "user" {
		t.Errorf("mine is %+v", m)
	}
	if !reflect.DeepEqual(base, before) {
		t.Error("the base was changed")
	}
}

func TestAMemberOfAModuleThatNobodyDescribes(t *testing.T) {
	c := combine(t, nil, read(t, "m.toml", "library = \"x\"\n[module.m.members.f]\n"))
	if c.Module("m") == nil || c.Lookup("m.f") == nil {
		t.Error("the module is not there")
	}
}

func TestCombineErrors(t *testing.T) {
	const head = "library = \"x\"\n"
	for _, test := range []struct{ name, a, b, want string }{
		{"a global twice", "[global.f]\n", "[global.g]\n[global.f]\n", "b.toml:3:9: global.f is defined in a.toml, line 2, too"},
		{"a module twice", "[module.m]\ndoc = \"A.\"\n", "[module.m]\ndoc = \"B.\"\n", "b.toml:2:9: module.m is defined in a.toml, line 2, too"},
		{"a member twice", "[module.m.members.f]\n", "[module.m.members.f]\n",
			"b.toml:2:19: module.m.members.f is defined in a.toml, line 2, too"},
		{"a module that is a global, too", "[module.m]\nglobal = true\n[global.m]\n", "",
			"a.toml:2:9: module.m is defined in a.toml, line 4, too"},
		{"unknown name", "[global.f]\nsame-as = \"g\"\n", "", `a.toml:3:1: nothing is called "g"`},
		{"a misspelt name", "[global.alpha]\n[global.f]\nsame-as = \"alpah\"\n", "", `a.toml:4:1: nothing is called "alpah" (did you mean "alpha"?)`},
		{"a misspelt object", "[object.\"x.Trail\"]\n[global.f]\nreturns = [\"object:x.Trial\"]\n", "",
			`a.toml:4:1: no objects are called "x.Trial" (did you mean "x.Trail"?)`},
		{"the same as itself", "[global.f]\nsame-as = \"f\"\n", "", `a.toml:3:1: nothing is called "f"`},
		{"a circle", "[global.f]\nsame-as = \"g\"\n[global.g]\nsame-as = \"f\"\n", "", `a.toml:3:1: "f" is the same as itself`},
		{"unknown object", "[global.f]\nreturns = [\"object:x.Y\"]\n", "", `a.toml:3:1: no objects are called "x.Y"`},
		{"unknown object of a value", "[global.f]\nobject = \"x.Y\"\n", "", `a.toml:3:1: no objects are called "x.Y"`},
		{"no object", "[module.x.members.Y.members.z]\n[global.f]\nreturns = [\"object:x.Y\"]\n", "",
			`a.toml:4:1: no objects are called "x.Y"`},
		{"unknown module", "[global.f]\nneeds = \"m\"\n", "", `a.toml:3:1: no module is called "m"`},
		{"members of a function", "[module.m]\nreturns = [\"queue\"]\n", "[module.m.members.x]\n",
			"b.toml:2:11: the module m is a function and has no members"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Combine(nil, read(t, "a.toml", head+test.a), read(t, "b.toml", head+test.b))
			if err == nil {
				t.Fatal("there is no error")
			}
			if got := err.Error(); len(got) < len(test.want) || got[:len(test.want)] != test.want {
				t.Errorf("the error is\n  %s\nwant\n  %s", got, test.want)
			}
		})
	}
}
