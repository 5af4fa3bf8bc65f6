package solve_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
	"golang.org/x/tools/txtar"
)

// load analyses the files of a txtar archive.
func load(t testing.TB, archive string) *solve.Result {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return solveDir(t, dir)
}

func solveDir(t testing.TB, dir string) *solve.Result {
	p, err := project.Load(context.Background(), project.Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	var files []*program.File
	var irs []*ir.File
	for _, f := range p.Files {
		if f.Tree == nil {
			continue
		}
		a := program.Analyse(f, p.Config.For(f.Path), models.Builtin())
		files = append(files, a)
		irs = append(irs, ir.Build(f.Scope, f.API))
	}
	return solve.Solve(program.New(p, files, models.Builtin()), irs)
}

// probes returns what the arguments of each call of probe(...) may be, by line.
func probes(r *solve.Result) string {
	var out []string
	for i, f := range r.Program().Files {
		b := r.IR(int32(i))
		for c := range b.Calls {
			call := &b.Calls[c]
			callee, args := f.Tree.Call(call.Node)
			if f.Tree.Kind(call.Node) != syntax.Call || f.Tree.Text(callee) != "probe" {
				continue
			}
			for k := range args {
				var values []string
				for _, a := range r.Argument(int32(i), int32(c), k) {
					values = append(values, describe(r, a))
				}
				sort.Strings(values)
				out = append(out, fmt.Sprintf("%s:%d: %s", f.Path, f.Tree.Line(call.Node), strings.Join(values, " | ")))
			}
		}
	}
	return strings.Join(out, "\n")
}

func describe(r *solve.Result, a solve.Atom) string {
	d := r.Atom(a)
	switch d.Kind {
	case solve.String:
		return fmt.Sprintf("%q", d.Text)
	case solve.Function:
		f := r.Program().Files[d.File]
		return fmt.Sprintf("function@%d", f.Tree.Line(d.Node))
	case solve.Table:
		return fmt.Sprintf("table@%d", r.Program().Files[d.File].Tree.Line(d.Node))
	case solve.API:
		return d.Text
	case solve.Object, solve.Queue, solve.Response:
		return "<" + d.Text + ">"
	case solve.Service:
		return "service " + d.Text
	case solve.Self:
		return "self"
	}
	return "unknown: " + d.Reason.String()
}

func TestValues(t *testing.T) {
	for _, test := range []struct{ name, archive, want string }{
		{"locals and fields", `
-- a.lua --
local t = { name = "x", list = { "one", "two" } }
local function f(a, b) return b, a end
local x, y = f("p", "q")
probe(t.name, t.list[2], x, y)
local z = "u"
z = "v"
probe(z)
t.name = "y"
local k = ...
probe(t[k])
`, `a.lua:4: "x" | "y"
a.lua:4: "two"
a.lua:4: "q"
a.lua:4: "p"
a.lua:7: "u" | "v"
a.lua:10: "x" | "y" | table@1`},
		{"methods and classes", `
-- a.lua --
local function class(base)
	local c = {}
	c.__index = c
	if base then setmetatable(c, { __index = base }) end
	c.new = function(...) local o = setmetatable({}, c) o:init(...) return o end
	return c
end
local Animal = class()
function Animal:init(name) self.name = name end
function Animal:speak() return "..." end
local Dog = class(Animal)
function Dog:speak() return "wuff" end
local d = Dog.new("rex")
probe(d:speak(), d.name)
`, `a.lua:14: "..." | "wuff"
a.lua:14: "rex"`},
		{"a class for each call that makes one", `
-- a.lua --
local kept = {}
local function class(name, base)
	if kept[name] then return kept[name] end
	local c = {}
	c.__index = c
	if base then setmetatable(c, { __index = base }) end
	c.new = function(...) local o = setmetatable({}, c) o:init(...) return o end
	kept[name] = c
	return c
end
local Cat = class("cat")
function Cat:init(name) self.name = name end
function Cat:speak() return "miau" end
local Dog = class("dog")
function Dog:init(name) self.name = name end
function Dog:speak() return "wuff" end
local Puppy = class("puppy", Dog)
local cat, dog, puppy = Cat.new("tom"), Dog.new("rex"), Puppy.new("rob")
probe(cat:speak(), cat.name, dog:speak(), puppy:speak(), puppy.name)
local again = class("cat")
probe(again.speak)
`, `a.lua:19: "miau"
a.lua:19: "tom"
a.lua:19: "wuff"
a.lua:19: "wuff"
a.lua:19: "rex" | "rob"
a.lua:21: function@13`},
		{"classes that are made by a method of another one", `
-- a.lua --
local Base = {}
function Base:derive(o)
	o = o or {}
	self.__index = self
	return setmetatable(o, self)
end
function Base:hello() return "base" end
local A = Base:derive()
function A:work() return "a" end
local B = Base:derive()
function B:work() return "b" end
local a, b = A:derive(), B:derive()
probe(a:work(), b:work(), a:hello())
`, `a.lua:13: "a"
a.lua:13: "b"
a.lua:13: "base"`},
		{"records and closures for each call", `
-- a.lua --
local function client(name)
	local c = { name = name }
	function c.get() return name end
	return c
end
local x, y = client({}), client(print)
local ok, z = pcall(client, next)
probe(x.name, y.name, x.get(), y.get(), z.name)
local function any(f, ...) return f(...) end
probe(any(client, print).name)
`, `a.lua:8: table@6
a.lua:8: print
a.lua:8: table@6
a.lua:8: print
a.lua:8: next
a.lua:10: print`},
		{"pcall, queue and fork", `
-- a.lua --
local skynet = require "skynet"
local queue = require "skynet.queue"
local cs = queue()
local function f(x) probe(x) return "r" end
local ok, r = pcall(f, "by pcall")
probe(r)
probe((cs(f, "by queue")))
skynet.fork(f, "by fork")
probe(cs)
`, `a.lua:4: "by fork" | "by pcall" | "by queue"
a.lua:6: "r"
a.lua:7: "r"
a.lua:9: <skynet.Queue>`},
		{"modules and merged tables", `
-- a.lua --
local m = require "m"
local CMD = {}
for k, v in pairs(m) do CMD[k] = v end
probe(CMD.hello, CMD.nothing)
-- m.lua --
local M = {}
function M.hello() end
return M
`, `a.lua:4: function@2
a.lua:4: `},
		{"a function __index", `
-- a.lua --
local t = setmetatable({ own = "own" }, { __index = function(self, key) return self.own end })
probe(t.missing)
`, `a.lua:2: "own"`},
		{"functions that call what they are given, given themselves", `
-- a.lua --
local function run(f, ...) return pcall(f, ...) end
local ok, a, b = run(pcall, run, pcall, "x")
local function last(x) return x end
local ok, r = run(last, "y")
probe(r)
`, `a.lua:5: "x" | "y" | function@1`},
		{"globals of programs side by side", `
-- a.lua --
X = "a"
probe(X)
-- b.lua --
X = "b"
probe(X)
`, `a.lua:2: "a"
b.lua:2: "b"`},
		{"services", `
-- config --
thread = 2
luaservice = "service/?.lua"
start = "main"
bootstrap = "snlua bootstrap"
lualoader = "lualib/loader.lua"
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	local db = skynet.newservice("db")
	local t = {}
	t[skynet.now()] = db
	for _, v in pairs(t) do probe(v) end
	probe(skynet.self(), skynet.localname(".db"))
end)
-- service/db.lua --
local skynet = require "skynet"
skynet.start(function() end)
`, `service/main.lua:6: service db
service/main.lua:7: self
service/main.lua:7: ".db"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := probes(load(t, test.archive)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What code of a class helper does for many classes is not taken for what serves everybody.
func TestManyClasses(t *testing.T) {
	var b, want strings.Builder
	b.WriteString("-- a.lua --\nlocal function class() local c = {} c.__index = c c.new = function() local o = setmetatable({}, c) o:init() return o end return c end\n")
	for i := range 20 {
		fmt.Fprintf(&b, "local C%d = class() function C%d:init() self.name = 'n%d' end probe(C%d.new().name)\n", i, i, i, i)
		fmt.Fprintf(&want, "a.lua:%d: \"n%d\"\n", i+2, i)
	}
	if got := probes(load(t, b.String())); got+"\n" != want.String() {
		t.Errorf("got\n%s\nwant\n%s", got, want.String())
	}
}
