package project

import (
	"testing"
)

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
