package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/syntax"
)

// write puts the files of an archive into a folder.
func write(t *testing.T, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// load loads the project in a folder, with its sky.toml if there is one.
func load(t *testing.T, dir string, o Options) *Project {
	t.Helper()
	if o.Paths == nil && o.Texts == nil {
		o.Paths = []string{dir}
	}
	if o.Env == nil {
		o.Env = func(string) (string, bool) { return "", false }
	}
	if _, err := os.Stat(filepath.Join(dir, config.FileName)); err == nil && o.Config == nil {
		cfg, err := config.Load(filepath.Join(dir, config.FileName), config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o.Config = cfg
	}
	p, err := Load(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dump writes all that resolving found, a line each:
//
//	name kind main [module] on nodes: files; not resolved: name reason
func dump(p *Project) string {
	var b strings.Builder
	for _, s := range slices.Concat(p.Services, p.Programs) {
		fmt.Fprintf(&b, "%s: %s %s", s.Name, s.Kind, s.Main.Path)
		if s.Module != nil {
			fmt.Fprintf(&b, " (%s)", s.Module.Path)
		}
		if s.Kind == FunctionService {
			fmt.Fprintf(&b, ":%d", s.Main.Tree.Line(s.Program))
		}
		if len(s.Nodes) > 0 {
			b.WriteString(" on")
			for _, n := range s.Nodes {
				b.WriteString(" " + n.Name)
			}
		}
		b.WriteString(":")
		for _, f := range s.Files {
			b.WriteString(" " + f.Path)
		}
		for _, r := range s.Opaque {
			fmt.Fprintf(&b, "; %s:%d %s", r.From.Path, r.From.Tree.Line(r.Use.Node), [...]string{"", "dynamic", "missing", "ambiguous"}[r.Reason])
		}
		b.WriteString("\n")
	}
	for _, f := range p.Orphans {
		fmt.Fprintf(&b, "orphan %s\n", f.Path)
	}
	for _, problem := range p.Problems {
		line := 0
		if problem.File != nil {
			line = problem.Line()
		}
		fmt.Fprintf(&b, "problem %s:%d: %s\n", problem.Path, line, problem.Message)
	}
	return b.String()
}

// check loads an archive and compares the dump, for several numbers of goroutines.
func check(t *testing.T, archive, want string) *Project {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "proj")
	write(t, dir, archive)
	var p *Project
	for _, jobs := range []int{1, 2, 8} {
		p = load(t, dir, Options{Jobs: jobs})
		if got := dump(p); got != strings.TrimLeft(want, "\n") {
			t.Errorf("with %d jobs: got\n%s\nwant\n%s", jobs, got, strings.TrimLeft(want, "\n"))
			break
		}
	}
	return p
}

const (
	starts = "local skynet = require 'skynet'\nskynet.start(function() end)\n"
	cfg    = "thread = 8\nharbor = 0\nbootstrap = 'snlua bootstrap'\n"
)

func TestConfiguredNode(t *testing.T) {
	p := check(t, `
-- etc/config --
root = "./"
`+cfg+`start = "main"
luaservice = root.."service/?.lua;"..root.."service/?/main.lua"
lua_path = root.."lualib/?.lua;"..root.."lualib/?/init.lua"
lualoader = root.."lualib/loader.lua"
preload = root.."lualib/preload.lua"
snax = root.."service/?.lua"
cluster = root.."etc/clustername.lua"
-- etc/clustername.lua --
db = "127.0.0.1:2528"
-- lualib/loader.lua --
SERVICE_NAME = (...)
local f = loadfile(SERVICE_NAME)
-- lualib/preload.lua --
require "log"
function trace() end
-- lualib/log.lua --
return {}
-- lualib/db/init.lua --
local util = require "db.util"
-- lualib/db/util.lua --
local log = require "log"
return {}
-- service/main.lua --
`+starts+`
local log = require "log"
skynet.newservice("quiet")
skynet.newservice("hall")
-- service/hall/main.lua --
`+starts+`
local cmd = require "cmd"
local db = require "db"
-- service/hall/cmd.lua --
return {}
-- service/quiet.lua --
print "launched, though it starts nothing"
-- service/helper.lua --
return {} -- not launched: no service
-- service/ping.lua --
function response.ping(x) return x end
-- service/pong.lua --
local skynet = require "skynet"
local gateserver = require "snax.gateserver"
gateserver.start {}
-- tool/run.lua --
require "lib"
-- tool/lib.lua --
return {}
`, `
hall: service service/hall/main.lua on etc: lualib/loader.lua lualib/preload.lua lualib/log.lua service/hall/main.lua service/hall/cmd.lua lualib/db/init.lua lualib/db/util.lua
main: service service/main.lua on etc: lualib/loader.lua lualib/preload.lua lualib/log.lua service/main.lua
ping: snax service service/ping.lua on etc: lualib/loader.lua lualib/preload.lua lualib/log.lua service/ping.lua
pong: service service/pong.lua on etc: lualib/loader.lua lualib/preload.lua lualib/log.lua service/pong.lua
quiet: service service/quiet.lua on etc: lualib/loader.lua lualib/preload.lua lualib/log.lua service/quiet.lua
service/helper.lua: program service/helper.lua: service/helper.lua
tool/run.lua: program tool/run.lua: tool/run.lua tool/lib.lua
orphan service/helper.lua
orphan tool/lib.lua
orphan tool/run.lua
`)
	for path, want := range map[string]Roles{
		"etc/config": NodeConfig, "etc/clustername.lua": ClusterConfig, "lualib/loader.lua": Loader, "lualib/preload.lua": Preload,
		"service/hall/main.lua": Main, "service/ping.lua": Main | Snax, "lualib/log.lua": 0, "service/helper.lua": 0,
	} {
		if f := p.File(path); f == nil || f.Roles != want {
			t.Errorf("%s: roles %b, want %b", path, f.Roles, want)
		}
	}
	n := p.Nodes[0]
	if n.Name != "etc" || n.Dir != "." || n.Start != "main" || n.Bootstrap != "bootstrap" || n.Settings["thread"] != "8" ||
		n.Config == nil || n.Cluster == nil || n.Implicit() {
		t.Errorf("node: %+v", n)
	}
	for _, s := range p.Services {
		if want := s.Name != "ping" && s.Name != "pong"; s.Launched != want {
			t.Errorf("%s: launched %v, want %v", s.Name, s.Launched, want)
		}
	}
}

func TestNodesThatShareFolders(t *testing.T) {
	p := check(t, `
-- config.game --
`+cfg+`start = "game_main"
luaservice = "./service/?.lua"
lua_path = "./game/?.lua;./common/?.lua"
-- config.login --
`+cfg+`start = "login_main"
luaservice = "./service/?.lua"
lua_path = "./login/?.lua;./common/?.lua"
-- service/game_main.lua --
`+starts+`require "rules"
-- service/login_main.lua --
`+starts+`require "util"
-- service/db.lua --
`+starts+`require "util"
-- game/rules.lua --
-- login/rules.lua --
-- common/util.lua --
`, `
db: service service/db.lua on game login: service/db.lua common/util.lua
game_main: service service/game_main.lua on game: service/game_main.lua game/rules.lua
game_main: service service/game_main.lua on login: service/game_main.lua login/rules.lua
login_main: service service/login_main.lua on game login: service/login_main.lua common/util.lua
`)
	if names := []string{p.Nodes[0].Name, p.Nodes[1].Name}; !slices.Equal(names, []string{"game", "login"}) {
		t.Errorf("nodes %q", names)
	}
}

func TestCycles(t *testing.T) {
	check(t, `
-- service/a.lua --
`+starts+`require "x"
-- lualib/x.lua --
require "y"
-- lualib/y.lua --
require "z" require "x"
-- lualib/z.lua --
require "y"
-- one.lua --
require "two"
-- two.lua --
require "one"
`, `
a: service service/a.lua on proj: service/a.lua lualib/x.lua lualib/y.lua lualib/z.lua
one.lua: program one.lua: one.lua two.lua
orphan one.lua
orphan two.lua
`)
}

func TestWithoutConfiguration(t *testing.T) {
	p := check(t, `
-- service/main.lua --
`+starts+`
skynet.newservice("game/hall")
skynet.uniqueservice "db"
local snax = require "skynet.snax"
snax.newservice("room")
local service = require "skynet.service"
service.new("kv", function()
	local skynet = require "skynet"
	require "kvlib"
	skynet.start(function() end)
end)
-- service/game/hall.lua --
local server = require "server"
server.run {}
-- service/db/main.lua --
print "a service because it is launched"
-- service/idle.lua --
`+starts+`
-- service/room.lua --
function init() end
function accept.move(x) end
-- lualib/server.lua --
local skynet = require "skynet"
local M = {}
function M.run(handler) skynet.start(handler.init) end
return M
-- lualib/kvlib.lua --
-- lualib/unused.lua --
-- client/client.lua --
package.path = "./lualib/?.lua;" .. package.path
require "unused"
`, `
db: service service/db/main.lua on proj: service/db/main.lua
game/hall: service service/game/hall.lua on proj: service/game/hall.lua lualib/server.lua
idle: service service/idle.lua on proj: service/idle.lua
kv: function service service/main.lua:9 on proj: service/main.lua lualib/kvlib.lua
main: service service/main.lua on proj: service/main.lua
room: snax service service/room.lua on proj: service/room.lua
client/client.lua: program client/client.lua: client/client.lua lualib/unused.lua
orphan client/client.lua
orphan lualib/unused.lua
`)
	if !p.Nodes[0].Implicit() {
		t.Error("the node is not implicit")
	}
}

// Without configurations, each main.lua is a node, and what lies in its folder is its own.
func TestSeveralMains(t *testing.T) {
	check(t, `
-- lualib/plugin.lua --
local conf = get_conf()
return require(conf.plug)
-- service/gate.lua --
`+starts+`require "plugin"
-- service/lonely.lua --
`+starts+`
-- red/main.lua --
`+starts+`skynet.newservice "gate" require "names"
return { plug = "mods.own" }
-- red/names.lua --
-- red/mods/own.lua --
-- red/agent.lua --
`+starts+`
-- blue/main.lua --
`+starts+`skynet.newservice "gate" require "names"
return { plug = "mods.own" }
-- blue/names.lua --
-- blue/mods/own.lua --
`, `
agent: service red/agent.lua on red: red/agent.lua
gate: service service/gate.lua on blue: service/gate.lua lualib/plugin.lua blue/mods/own.lua; lualib/plugin.lua:2 dynamic
gate: service service/gate.lua on red: service/gate.lua lualib/plugin.lua red/mods/own.lua; lualib/plugin.lua:2 dynamic
lonely: service service/lonely.lua on ?: service/lonely.lua
main: service blue/main.lua on blue: blue/main.lua blue/names.lua
main: service red/main.lua on red: red/main.lua red/names.lua
`)
}

// A service that requires the module which its arguments name is one service for each.
func TestContainers(t *testing.T) {
	check(t, `
-- main.lua --
`+starts+`
skynet.newservice("box", "first")
for name in pairs(require "list") do skynet.newservice("box", name) end
-- list.lua --
return { second_m = { count = 1 }, other = 2 }
-- service/box.lua --
local skynet = require "skynet"
local ARGS = {...}
NAME = ARGS[1]
local mod = require(NAME)
skynet.start(function() end)
-- first.lua --
require "util"
return {}
-- module/second_m.lua --
return {}
-- module/third_m.lua --
return {}
-- util.lua --
return {}
`, `
box: service service/box.lua on proj: service/box.lua; service/box.lua:4 dynamic
first: container service/box.lua (first.lua) on proj: service/box.lua first.lua util.lua
main: service main.lua on proj: main.lua list.lua
second_m: container service/box.lua (module/second_m.lua) on proj: service/box.lua module/second_m.lua
module/third_m.lua: program module/third_m.lua: module/third_m.lua
orphan module/third_m.lua
`)
}

func TestHowNamesResolve(t *testing.T) {
	check(t, `
-- main.lua --
`+starts+`
require("role." .. kind)
require(string.format("item.%s", kind))
require(conf.driver)
require(name)
require "same"
require "socket"
require "nosuch"
pcall(require, "nosuch2")
require "cjson.safe"
loadfile("data/map.lua", "t", {})
loadfile("data/plain.lua")
dofile("./data/run.lua")
-- conf.lua --
return { driver = "mysql_driver", other = "x" }
-- lualib/role/bag.lua --
-- lualib/role/hero.lua --
-- lualib/item/use.lua --
-- lualib/mysql_driver.lua --
-- x/same.lua --
-- y/same.lua --
-- data/map.lua --
size = 3
-- data/plain.lua --
-- data/run.lua --
-- test/socket.lua --
`, `
main: service main.lua on proj: main.lua lualib/role/bag.lua lualib/role/hero.lua lualib/item/use.lua lualib/mysql_driver.lua data/plain.lua data/run.lua; main.lua:6 dynamic; main.lua:7 dynamic; main.lua:8 ambiguous; main.lua:10 missing; main.lua:11 missing
conf.lua: program conf.lua: conf.lua
test/socket.lua: program test/socket.lua: test/socket.lua
x/same.lua: program x/same.lua: x/same.lua
y/same.lua: program y/same.lua: y/same.lua
orphan conf.lua
orphan test/socket.lua
orphan x/same.lua
orphan y/same.lua
`)
}

func TestPathChanges(t *testing.T) {
	check(t, `
-- config --
`+cfg+`start = "main"
preload = "./script/preload.lua"
luaservice = "./script/?.lua"
lua_path = "./lualib/?.lua"
-- script/preload.lua --
package.path = package.path .. ";./script/?.lua"
-- script/main.lua --
`+starts+`require "utils.text" require "base"
-- script/other.lua --
package.path = "./extra/?.lua;" .. package.path
`+starts+`require "base"
-- script/utils/text.lua --
-- lualib/base.lua --
-- extra/base.lua --
`, `
main: service script/main.lua on config: script/preload.lua script/main.lua script/utils/text.lua lualib/base.lua
other: service script/other.lua on config: script/preload.lua script/other.lua extra/base.lua
`)
}

// Variables that are not set are chosen so that folders exist.
func TestUnsetVariables(t *testing.T) {
	p := check(t, `
-- conf/base --
root = "$ROOT"
kind = "$KIND"
`+cfg+`start = "main"
luaservice = root.."/service/?.lua;"..root.."/service/"..kind.."/?.lua"
lua_path = root.."/lualib/?.lua"
-- conf/game.config --
include "base"
start = "game/boot"
-- conf/login.config --
include "base"
start = "login/boot"
threads = $THREADS
-- service/game/boot.lua --
`+starts+`require "log"
-- service/login/boot.lua --
`+starts+`require "log"
-- lualib/log.lua --
`, `
game/boot: service service/game/boot.lua on game login: service/game/boot.lua lualib/log.lua
login/boot: service service/login/boot.lua on game login: service/login/boot.lua lualib/log.lua
`)
	for _, n := range p.Nodes {
		if last := n.LuaService[len(n.LuaService)-1]; string(last) != "service/"+n.Name+"/?.lua" {
			t.Errorf("%s looks for services in %s", n.Name, last)
		}
		if _, known := n.Settings["threads"]; known {
			t.Error("a setting that is not known has a value")
		}
	}
	dir := t.TempDir()
	write(t, dir, "-- etc/config --\n"+cfg+"start = 'main'\nluaservice = '$PLACE/?.lua'\n-- here/main.lua --\n"+starts)
	p = load(t, dir, Options{Env: func(name string) (string, bool) { return "here", name == "PLACE" }})
	if len(p.Services) != 1 || p.Services[0].Nodes[0].Name != "etc" {
		t.Errorf("with the variable set: %s", dump(p))
	}
}

// skynet is started in its own folder, which is not part of the project.
func TestStartedElsewhere(t *testing.T) {
	check(t, `
-- conf/chat.lua --
`+cfg+`start = "chat"
luaservice = "../service/?/init.lua;service/?.lua"
lua_path = "../lualib/?.lua;lualib/?.lua;"
-- service/chat/init.lua --
`+starts+`require "log" require "words"
-- service/chat/words.lua --
-- lualib/log.lua --
`, `
chat: service service/chat/init.lua on chat: service/chat/init.lua lualib/log.lua service/chat/words.lua
`)
	check(t, `
-- config --
root = "/home/somebody/server/"
`+cfg+`start = "main"
luaservice = root.."service/?.lua"
lua_path = root.."lib/?.lua"
-- service/main.lua --
`+starts+`require "log"
-- lib/log.lua --
`, `
main: service service/main.lua on config: service/main.lua lib/log.lua
`)
}

func TestSkyToml(t *testing.T) {
	p := check(t, `
-- sky.toml --
dialect = "5.3"
[files]
exclude = ["gen"]
vendored = ["shared"]
[system]
lua_path = "lib/?.lua"
[node.game]
luaservice = "game/?.lua"
start = "boot"
[node.chat]
config = "chat.cfg"
lua_path = "chatlib/?.lua"
[[override]]
paths = ["game/old.lua"]
dialect = "5.1"
-- chat.cfg --
`+cfg+`start = "main"
luaservice = "./chat/?.lua"
-- config.unused --
`+cfg+`start = "main"
luaservice = "./gen/?.lua"
-- game/boot.lua --
`+starts+`require "log"
-- game/old.lua --
local goto = 1
-- chat/main.lua --
`+starts+`require "log"
-- lib/log.lua --
-- chatlib/log.lua --
-- gen/x.lua --
`+starts+`
-- shared/code.lua --
`, `
boot: service game/boot.lua on game: game/boot.lua lib/log.lua
main: service chat/main.lua on chat: chat/main.lua chatlib/log.lua
game/old.lua: program game/old.lua: game/old.lua
shared/code.lua: program shared/code.lua: shared/code.lua
orphan game/old.lua
`)
	if f := p.File("shared/code.lua"); f.Vendored != "shared" {
		t.Errorf("shared is not vendored: %q", f.Vendored)
	}
	check(t, `
-- sky.toml --
[system]
config = ["a.cfg", "gone.cfg"]
[node.x]
config = "gone2.cfg"
-- a.cfg --
`+cfg+`include "nothere"
luaservice = "./?.lua"
-- main.lua --
`+starts, `
main: service main.lua on a: main.lua
problem a.cfg:4: cannot include "nothere": no such file or folder
problem sky.toml:2: there is no skynet config file gone.cfg
problem sky.toml:4: there is no skynet config file gone2.cfg
`)
}

func TestVendored(t *testing.T) {
	const copied = `
-- skynet/lualib/skynet.lua --
-- skynet/service/launcher.lua --
` + starts + `
-- skynet/examples/config --
` + cfg + `start = "main"
luaservice = "./service/?.lua;./examples/?.lua"
-- skynet/examples/main.lua --
` + starts + `
-- skynet/3rd/x/y.lua --
-- 3rd/json/json.lua --
-- 3rd/json/broken.lua --
x = = 1
-- vendor/one.lua --
-- rocks/share/lua/5.4/pl/class.lua --
-- sub/mod/m.lua --
-- .gitmodules --
[submodule "m"]
	path = sub/mod
	url = https://example.org/m.git
-- argparse.lua --
-- Permission is hereby granted, free of charge, to any person obtaining a copy
return {}
-- service/main.lua --
` + starts + `require "argparse"
-- lib/1.lua --
-- lib/2.lua --
-- lib/3.lua --
-- lib/4.lua --
-- lib/5.lua --
-- lib/6.lua --
-- lib/7.lua --
-- lib/8.lua --
-- lib/9.lua --
`
	dir := t.TempDir()
	write(t, dir, copied)
	p := load(t, dir, Options{})
	want := map[string]string{
		"skynet/lualib/skynet.lua": "skynet", "skynet/examples/main.lua": "skynet", "skynet/examples/config": "skynet", "skynet/3rd/x/y.lua": "skynet",
		"3rd/json/json.lua": "3rd/json", "vendor/one.lua": "vendor", "rocks/share/lua/5.4/pl/class.lua": "rocks/share/lua/5.4",
		"sub/mod/m.lua": "sub/mod", "argparse.lua": "argparse.lua", "service/main.lua": "", "lib/1.lua": "",
	}
	for path, root := range want {
		if f := p.File(path); f == nil || f.Vendored != root {
			t.Errorf("%s: vendored %q, want %q", path, f.Vendored, root)
		}
	}
	if len(p.Problems) != 0 {
		t.Errorf("other people's broken files are problems: %v", p.Problems)
	}
	// The same folder by itself is skynet's own tree, whoever is asked.
	for _, paths := range [][]string{{filepath.Join(dir, "skynet")}, {filepath.Join(dir, "skynet", "lualib"), filepath.Join(dir, "service")}} {
		p := load(t, dir, Options{Paths: paths})
		for _, f := range p.Files {
			if strings.HasSuffix(f.Path, "lualib/skynet.lua") && f.Vendored != "" {
				t.Errorf("asked for %v: %s is vendored", paths, f.Path)
			}
		}
	}
	// A project in which every file has a licence has not copied them all.
	dir = t.TempDir()
	write(t, dir, "-- a.lua --\n-- Permission is hereby granted, free of charge\n-- b.lua --\n-- Permission is hereby granted, free of charge\n")
	for _, f := range load(t, dir, Options{}).Files {
		if f.Vendored != "" {
			t.Errorf("%s is taken for a copy", f.Path)
		}
	}
}

func TestProblems(t *testing.T) {
	p := check(t, `
-- ok.lua --
-- bad.lua --
if x then
  y = = 2
-- binary.lua --
`+"\x1bLua"+`T
-- jit.lua --
local x = 1LL
-- old.lua --
local goto = 1 print(goto)
-- five.lua --
global x = 1
-- empty.lua --
-- config --
`+cfg+`start = = 1
`, `
bad.lua: program bad.lua: bad.lua
empty.lua: program empty.lua: empty.lua
five.lua: program five.lua: five.lua
jit.lua: program jit.lua: jit.lua
ok.lua: program ok.lua: ok.lua
old.lua: program old.lua: old.lua
orphan bad.lua
orphan empty.lua
orphan five.lua
orphan jit.lua
orphan ok.lua
orphan old.lua
problem bad.lua:2: expected an expression, found '='
problem bad.lua:3: expected 'end' to close 'if', found the end of the file
problem binary.lua:1: a precompiled chunk, which cannot be analysed
problem config:4: expected an expression, found '='
`)
	for path, dialect := range map[string]string{"ok.lua": "5.4", "jit.lua": "luajit", "old.lua": "5.1", "five.lua": "5.5", "bad.lua": "5.4"} {
		if got := p.File(path).Dialect.String(); got != dialect {
			t.Errorf("%s is read as %s, want %s", path, got, dialect)
		}
	}
	if f := p.File("binary.lua"); !f.Binary || f.Tree != nil {
		t.Error("the precompiled chunk is not known for one")
	}
	for _, problem := range p.Problems {
		if problem.Path == "bad.lua" && problem.Line() == 3 && (len(problem.Related) != 1 || problem.Related[0].Line() != 1) {
			t.Errorf("what is not closed: %+v", problem.Related)
		}
	}
}

func TestDialectHelp(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "-- sky.toml --\ndialect = '5.1'\n-- a.lua --\nlocal x <const> = 1\n")
	p := load(t, dir, Options{})
	if len(p.Problems) == 0 || len(p.Problems[0].Help) == 0 || !strings.Contains(p.Problems[0].Help[0], "5.4, 5.5") {
		t.Errorf("problems: %+v", p.Problems)
	}
	if f := p.File("a.lua"); f.Dialect != syntax.Lua51 {
		t.Errorf("a dialect that sky.toml sets was changed to %s", f.Dialect)
	}
}

func TestAsked(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `
-- sky.toml --
-- service/a.lua --
`+starts+`require "lib"
-- service/b.lua --
`+starts+`
-- lualib/lib.lua --
`)
	asked := func(p *Project) string {
		var out []string
		for _, f := range p.Files {
			if f.Asked {
				out = append(out, f.Path)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		paths []string
		texts map[string]string
		want  string
	}{
		{[]string{"."}, nil, "lualib/lib.lua service/a.lua service/b.lua"},
		{[]string{"service/a.lua"}, nil, "service/a.lua"},
		{[]string{"service"}, nil, "service/a.lua service/b.lua"},
		{nil, map[string]string{"service/a.lua": "require 'other'"}, "service/a.lua"},
		{nil, map[string]string{"service/new.lua": starts}, "service/new.lua"},
	} {
		o := Options{}
		for _, path := range c.paths {
			o.Paths = append(o.Paths, filepath.Join(dir, path))
		}
		for name, text := range c.texts {
			o.Texts = map[string]string{filepath.Join(dir, name): text}
		}
		p := load(t, dir, o)
		if got := asked(p); got != c.want {
			t.Errorf("%v %v: asked %q, want %q", c.paths, c.texts, got, c.want)
		}
		if p.File("lualib/lib.lua") == nil {
			t.Errorf("%v %v: the project around is not there", c.paths, c.texts)
		}
		for name, text := range c.texts {
			if f := p.File(name); f == nil || f.Text != text {
				t.Errorf("%s: the given text is not taken", name)
			}
		}
	}
}

func TestNothing(t *testing.T) {
	p := load(t, t.TempDir(), Options{})
	if len(p.Files)+len(p.Nodes)+len(p.Services)+len(p.Problems) != 0 {
		t.Errorf("an empty folder has %s", dump(p))
	}
	p = load(t, t.TempDir(), Options{Paths: []string{filepath.Join(t.TempDir(), "gone.lua")}})
	if len(p.Problems) != 1 || p.Problems[0].Message != "no such file or folder" {
		t.Errorf("problems: %v", p.Problems)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, Options{Paths: []string{t.TempDir()}}); err != context.Canceled {
		t.Errorf("a cancelled load: %v", err)
	}
}
