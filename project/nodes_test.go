package project

import (
	"slices"
	"testing"
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

// The project is installed as one folder of a tree that has more: its files are found all the
// same, but not by their names alone.
func TestInstalledAsAFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `
-- hall/config --
`+cfg+`start = "main"
luaservice = "./game/hall/?.lua"
preload = "game/lualib/preload.lua"
cluster = "game/names.lua"
lualoader = "engine/skynet/lualib/loader.lua"
-- lualib/preload.lua --
function trace() end
-- names.lua --
db = "127.0.0.1:2528"
-- loader.lua --
return {}
`)
	p := load(t, dir, Options{})
	if f := p.File("lualib/preload.lua"); !f.Roles.Has(Preload) {
		t.Errorf("the preload file is not found: %v", f.Roles)
	}
	for _, name := range []string{"names.lua", "loader.lua"} {
		if f := p.File(name); f.Roles&(ClusterConfig|Loader) != 0 {
			t.Errorf("%s is taken for a file of another folder", name)
		}
	}
}

// Where all folders of services are known, a service that is not there does not exist.
func TestComplete(t *testing.T) {
	for _, c := range []struct {
		luaservice string
		want       bool
	}{
		{`"./service/?.lua"`, true},
		{`"./service/?.lua;./app/?/main.lua"`, true},
		{`"./service/?.lua;../skynet/service/?.lua"`, true}, // skynet's own services are known without
		{`"./service/?.lua;./3rd/skynet-1.7/service/?.lua"`, true},
		{`"./service/?.lua;../common/service/?.lua"`, false},
		{`"./service/?.lua;./missing/?.lua"`, false},
		{`"./service/?.lua;/opt/game/?.lua"`, false},
		{`"./service/?.lua;$COMMON/lib/?.lua"`, false},
		{`"./service/?.lua;" .. compute()`, false},
	} {
		dir := t.TempDir()
		write(t, dir, "-- config --\n"+cfg+"start = 'main'\nluaservice = "+c.luaservice+"\n-- service/main.lua --\n"+starts+"\n-- app/hall/main.lua --\n"+starts+"\n")
		p := load(t, dir, Options{})
		i := slices.IndexFunc(p.Nodes, func(n *Node) bool { return n.Config != nil })
		if i < 0 || p.Nodes[i].Complete != c.want {
			t.Errorf("%s: it is not %v", c.luaservice, c.want)
		}
	}
}

// A configuration that was written for the folder above, in which the project has another name
// than here.
func TestConfigurationFromAbove(t *testing.T) {
	check(t, `
-- gate/config --
root = "./frame/"
`+cfg+`start = "main"
luaservice = root.."gate/service/?.lua;"..root.."common/service/?.lua;deps/skynet/service/?.lua"
lua_path = root.."lualib/?.lua;deps/skynet/lualib/?.lua"
preload = "frame/lualib/preload.lua"
-- lualib/preload.lua --
require "log"
-- lualib/log.lua --
return {}
-- common/service/db.lua --
`+starts+`
-- gate/service/main.lua --
`+starts+`
local log = require "log"
skynet.newservice("db")
`, `
db: service common/service/db.lua on gate: lualib/preload.lua lualib/log.lua common/service/db.lua
main: service gate/service/main.lua on gate: lualib/preload.lua lualib/log.lua gate/service/main.lua
`)
}

// A search path that a function of the configuration puts together, and one to which the preload
// file adds what it alone knows.
func TestComputedSearchPaths(t *testing.T) {
	check(t, `
-- config --
local function join(list)
	local text = ""
	for i = 1, #list do text = text .. ";" .. list[i] end
	return text
end
`+cfg+`start = "main"
preload = "lib/preload.lua"
luaservice = join { "service/?.lua", "service/?/?.lua" }
lua_path = join { "lib/?.lua" }
-- lib/preload.lua --
package.path = package.path .. ";" .. string.gsub(SERVICE_PATH, "?", SERVICE_NAME) .. "?.lua"
-- lib/log.lua --
return {}
-- service/main.lua --
`+starts+`
local log = require "log"
skynet.newservice("agent")
-- service/agent/agent.lua --
`+starts+`
local session = require "session"
-- service/agent/session.lua --
return {}
`, `
agent: service service/agent/agent.lua on config: lib/preload.lua service/agent/agent.lua service/agent/session.lua
main: service service/main.lua on config: lib/preload.lua service/main.lua lib/log.lua
`)
}
