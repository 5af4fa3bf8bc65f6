package loads

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// summaries reads an archive of Lua files and spreads what they load; the module a.b is the
// file a/b.lua.
func summaries(t *testing.T, archive string) []*Summary {
	t.Helper()
	var files []*Summary
	index := map[string]int{}
	for i, f := range txtar.Parse([]byte(archive)).Files {
		tree := syntax.Parse(source.New(f.Name, string(f.Data)), syntax.Lua54)
		for _, e := range tree.Errors {
			t.Fatalf("%s: %s", f.Name, e.Message)
		}
		info := scope.Resolve(tree)
		files = append(files, Summarise(info, alias.Resolve(info)))
		index[strings.ReplaceAll(strings.TrimSuffix(f.Name, ".lua"), "/", ".")] = i
	}
	Spread(files, func(_ int, module string) int {
		if i, ok := index[module]; ok {
			return i
		}
		return -1
	})
	return files
}

var kinds = map[Kind]string{
	Require: "require", Run: "run", Chunk: "chunk", Launch: "launch", LaunchSnax: "snax", LaunchFunction: "function",
	Query: "query", QuerySnax: "query-snax", Start: "start",
}

func (n Name) describe() string {
	open := map[Opening]string{
		Closed: "", Anything: "{?}", Parameter: fmt.Sprintf("{parameter %d}", n.Param), Argument: fmt.Sprintf("{argument %d}", n.Param),
		Member: "{field " + n.Key + "}", Setting: "{setting " + n.Key + "}",
	}[n.Open]
	return n.Prefix + open + n.Suffix
}

// describe writes a use as "line: kind name | name flags".
func (s *Summary) describe(u *Use) string {
	var names []string
	for _, n := range u.Names {
		names = append(names, n.describe())
	}
	line := fmt.Sprintf("%d: %s", s.tree.Line(u.Node), kinds[u.Kind])
	if len(names) > 0 {
		line += " " + strings.Join(names, " | ")
	}
	for flag, on := range map[string]bool{"unique": u.Unique, "global": u.Global, "isolated": u.Isolated, "protected": u.Protected, "wrapped": u.Wrapped} {
		if on {
			line += " <" + flag + ">"
		}
	}
	if u.Program != syntax.None {
		line += fmt.Sprintf(" program at %d", s.tree.Line(u.Program))
	}
	words := strings.Split(line, " <")
	slices.Sort(words[1:])
	return strings.Join(words, " <")
}

// Each file of an archive says what is found in it: "-- uses:" and a line for each use.
func check(t *testing.T, archive string) {
	t.Helper()
	for i, s := range summaries(t, archive) {
		var got, want []string
		for j := range s.Uses {
			got = append(got, s.describe(&s.Uses[j]))
		}
		for line := range strings.Lines(s.tree.File.Text) {
			if rest, ok := strings.CutPrefix(line, "--> "); ok {
				want = append(want, strings.TrimSpace(rest))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s (file %d): got\n\t%s\nwant\n\t%s", s.tree.File.Path, i, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
}

func TestRequires(t *testing.T) {
	check(t, `
-- a.lua --
local a = require "a.b"
local req = require
local b = req("c")
local ok, c = pcall(require, "d")
local base = "game."
require(base .. "map")
require("role." .. kind)
require(string.format("itemuse.%s.%d", kind, 3))
require(("%s_m"):format(name))
require(cfg.plugin)
require(debug and "dbg" or "log")
require(unknown())
for _, m in ipairs { "x", "y" } do require(m) end
dofile("boot.lua")
local f = loadfile("cfg.lua", "t", {})
local g = loadfile("plain.lua")
require(skynet.getenv("module"))
try(require, "e")
local r = (require)("g") -- a parenthesis does not hide it
local s = shadow(function(require) require("param") end)
--> 1: require a.b
--> 3: require c
--> 4: require d <protected>
--> 6: require game.map
--> 7: require role.{?}
--> 8: require itemuse.{?}
--> 9: require {?}_m
--> 10: require {field plugin}
--> 11: require dbg | log
--> 12: require {?}
--> 13: require {?}
--> 14: run boot.lua
--> 15: chunk cfg.lua <isolated>
--> 16: chunk plain.lua
--> 17: require {setting module}
--> 18: require e
--> 19: require g
`)
}

func TestLaunches(t *testing.T) {
	check(t, `
-- a.lua --
local skynet = require "skynet.manager"
local snax = require "skynet.snax"
local service = require "skynet.service"
skynet.newservice("db", 1)
skynet.uniqueservice(true, "mail")
skynet.uniqueservice(false, "mail")
skynet.queryservice("mail")
skynet.launch("snlua", "launcher")
skynet.launch("snlua cdummy 1")
skynet.launch("gate", "L ! 127.0.0.1:8888")
skynet.monitor "mon"
snax.newservice("ping", 1)
snax.globalservice "pong"
service.new("kv", function() skynet.start(function() end) end)
service.query "kv"
pcall(skynet.newservice, "agent")
boot(skynet.newservice, "game/guild")
local new = skynet.newservice
new(name)
other.newservice("no")
skynet.newservice()
--> 1: require skynet.manager
--> 2: require skynet.snax
--> 3: require skynet.service
--> 4: launch db
--> 5: launch mail <global> <unique>
--> 6: launch mail <unique>
--> 7: query mail <unique>
--> 8: launch launcher
--> 9: launch cdummy
--> 11: launch mon <unique>
--> 12: snax ping
--> 13: snax pong <global> <unique>
--> 14: function kv <unique> program at 14
--> 14: start
--> 15: query kv <unique>
--> 16: launch agent <protected>
--> 17: launch game/guild
--> 19: launch {?}
`)
}

func TestArguments(t *testing.T) {
	check(t, `
-- a.lua --
local ARGV = {...}
MODULE = ARGV[1]
require(MODULE)
local name, second = ...
require(second)
require(...)
local function inner(...) require(...) end
--> 3: require {argument 0}
--> 5: require {argument 1}
--> 6: require {argument 0}
--> 7: require {?}
`)
}

func TestWrappers(t *testing.T) {
	check(t, `
-- boot.lua --
local skynet = require "skynet"
local function bootstrap(module, options)
	local S = require(module)
	skynet.start(function() S.run() end)
end
return bootstrap
--> 1: require skynet
--> 3: require {parameter 0}
--> 4: start
-- chat.lua --
local bootstrap = require "boot"
bootstrap("service.chat", {})
--> 1: require boot
--> 2: require service.chat <wrapped>
--> 2: start <wrapped>
-- lib.lua --
local skynet = require "skynet"
local M = {}
function M.load(kind, name) return require("role." .. name) end
function M:method(name) return require(name) end
function M.launch(name, ...) return skynet.newservice("game/" .. name, ...) end
M.twice = function(n) return M.launch(n) end
local function main() skynet.start(function() end) end
M.main = main
return M
--> 1: require skynet
--> 3: require role.{parameter 1}
--> 4: require {parameter 0}
--> 5: launch game/{parameter 0}
--> 6: launch game/{parameter 0} <wrapped>
--> 7: start
-- user.lua --
local lib = require "lib"
lib.load(1, "bag")
lib:method("x")
lib.method(lib, "y")
lib.twice("guild")
pcall(lib.launch, "mail")
lib.launch(some)
function import(file) return require("imported." .. file) end
Gate = {}
function Gate.load(n) require(n) end
xpcall(lib.main, debug.traceback)
--> 1: require lib
--> 2: require role.bag <wrapped>
--> 3: require x <wrapped>
--> 4: require y <wrapped>
--> 5: launch game/guild <wrapped>
--> 6: launch game/mail <wrapped>
--> 7: launch game/{?} <wrapped>
--> 8: require imported.{parameter 0}
--> 10: require {parameter 0}
--> 11: start <wrapped>
-- alias.lua --
local lib = require "lib"
load_role = lib.load
--> 1: require lib
-- other.lua --
load_role(2, "pet")
import "one"
Gate.load("two")
local function local_load(m) return require(m) end
local_load("three")
pcall(local_load, "four")
--> 1: require role.pet <wrapped>
--> 2: require imported.one <wrapped>
--> 3: require two <wrapped>
--> 4: require {parameter 0}
--> 5: require three <wrapped>
--> 6: require four <wrapped>
-- table.lua --
return { open = function(self, m) require(m) end, close = function() end }
--> 1: require {parameter 1}
-- usetable.lua --
local t = require "table"
t:open("five")
t.open(t, "six")
--> 1: require table
--> 2: require five <wrapped>
--> 3: require six <wrapped>
`)
}

// A function that calls itself with a longer name must not go on for ever.
func TestRecursiveWrapper(t *testing.T) {
	check(t, `
-- a.lua --
local function f(m) require(m) f("a" .. m) end
f("x")
--> 1: require {parameter 0}
--> 1: require a{parameter 0} <wrapped>
--> 1: require aa{parameter 0} <wrapped>
--> 1: require aaa{parameter 0} <wrapped>
--> 1: require aaaa{parameter 0} <wrapped>
--> 1: require aaaaa{parameter 0} <wrapped>
--> 1: require aaaaaa{parameter 0} <wrapped>
--> 1: require aaaaaaa{parameter 0} <wrapped>
--> 1: require aaaaaaaa{parameter 0} <wrapped>
--> 2: require x <wrapped>
--> 2: require ax <wrapped>
--> 2: require aax <wrapped>
--> 2: require aaax <wrapped>
--> 2: require aaaax <wrapped>
--> 2: require aaaaax <wrapped>
--> 2: require aaaaaax <wrapped>
--> 2: require aaaaaaax <wrapped>
`)
}

func TestStartsAtLoad(t *testing.T) {
	for _, c := range []struct {
		want bool
		text string
	}{
		{true, `skynet.start(function() end)`},
		{true, `local start = skynet.start start(f)`},
		{true, `local gs = require "snax.gateserver" gs.start(h)`},
		{true, `local login = require "snax.loginserver" login(server)`},
		{true, `require "skynet.manager".start(f)`},
		{true, `local function main() skynet.start(f) end main()`},
		{true, `local function main() skynet.start(f) end xpcall(main, print)`},
		{true, `xpcall(function() skynet.start(f) end, print)`},
		{true, `(function() skynet.start(f) end)()`},
		{true, `if mode then skynet.start(f) else skynet.start(g) end`},
		{true, `do local function a() skynet.start(f) end local function b() a() end b() end`},
		{false, `local function main() skynet.start(f) end`},
		{false, `local M = {} function M.run() skynet.start(f) end return M`},
		{false, `local service = require "skynet.service" service.new("x", function() skynet.start(f) end)`},
		{false, `local service = require "skynet.service" local function f() skynet.start(g) end service.new("x", f)`},
		{false, `local socket = require "skynet.socket" socket.start(id)`},
		{false, `skynet.start = function() end`},
		{false, `local skynet = {} skynet.start(f)`},
	} {
		if got := summaries(t, "-- a.lua --\n"+c.text+"\n")[0].StartsAtLoad(); got != c.want {
			t.Errorf("%s: got %v", c.text, got)
		}
	}
}

func TestSnaxShape(t *testing.T) {
	for text, want := range map[string]bool{
		`function accept.hello() end`:                   true,
		`function response.ping(x) return x end`:        true,
		`local accept = {} function accept.x() end`:     false,
		`function init() end`:                           false,
		`function other.accept() end accept = response`: false,
	} {
		if got := summaries(t, "-- a.lua --\n"+text+"\n")[0].Snax; got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestPathEdits(t *testing.T) {
	for text, want := range map[string]string{
		`package.path = package.path .. ";./a/?.lua"`:                     "[] [;./a/?.lua] false",
		`package.path = "./a/?.lua;" .. package.path`:                     "[./a/?.lua;] [] false",
		`package.path = "x/?.lua;" .. (package.path or "") .. ";y/?.lua"`: "[x/?.lua;] [;y/?.lua] false",
		`package.path = "a/?.lua;b/?.lua"`:                                "[a/?.lua;b/?.lua] [] true",
		`package.path = root .. "/a/?.lua;" .. package.path`:              "[?/a/?.lua;] [] false",
		`local p = package; p.path = "a/?.lua"`:                           "[a/?.lua] [] true",
	} {
		s := summaries(t, "-- a.lua --\n"+text+"\n")[0]
		if len(s.PathEdits) != 1 {
			t.Errorf("%s: %d edits", text, len(s.PathEdits))
			continue
		}
		e := s.PathEdits[0]
		got := strings.ReplaceAll(fmt.Sprintf("[%s] [%s] %v", e.Before, e.After, e.Replaces), Unknown, "?")
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if s := summaries(t, "-- a.lua --\nfoo.path = 1 package.cpath = 2 package.path()\n")[0]; len(s.PathEdits) != 0 {
		t.Errorf("%d edits where there are none", len(s.PathEdits))
	}
}

// Names that are built from themselves must not cost more than their text.
func TestDoublingName(t *testing.T) {
	text := "local a0 = x or y\n"
	for i := range 40 {
		text += fmt.Sprintf("local a%d = (a%d or z) .. (a%d or w)\n", i+1, i, i)
	}
	check(t, "-- a.lua --\n"+text+"require(a40)\n--> 42: require {?}\n")
}
