package project

import (
	"math/rand"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// Whatever is in the files, a project is found, and the same one by any number of goroutines.
func TestMutatedProjects(t *testing.T) {
	files := txtar.Parse([]byte(`
-- config --
root = "$ROOT/"
` + cfg + `start = "main"
include "config.path"
luaservice = root.."service/?.lua;"..root.."service/?/main.lua"
preload = root.."lualib/preload.lua;"
-- config.path --
lua_path = "./lualib/?.lua;./lualib/?/init.lua;" .. root .. "$KIND/?.lua"
snax = root .. "service/?.lua"
-- lualib/preload.lua --
package.path = package.path .. ";./script/?.lua;" .. unknown() .. "/x/?.lua"
function import(name) return require("role." .. name) end
-- lualib/boot.lua --
local skynet = require "skynet"
local M = {}
local function run(name, ...) local m = require(name) skynet.start(function() m.init() end) end
function M.run(name) run("service." .. name) end
function M:spawn(name) return pcall(skynet.newservice, name, "arg") end
M.load = function(t) return require(t.plugin or string.format("mods.%s", t.name)) end
return setmetatable(M, {})
-- service/main.lua --
local boot = require "boot"
local skynet = require "skynet.manager"
local service = require "skynet.service"
boot.run("main")
boot:spawn("hall")
skynet.newservice("box", "first_m")
local function kv() local skynet = require "skynet" skynet.start(function() require "db" end) end
service.new("kv", kv)
local conf = { plugin = "mods.one", list = { second_m = 1, "third_m" } }
boot.load(conf)
-- service/box.lua --
local args = {...}
NAME = args[1]
require(NAME)
local skynet = require "skynet"
skynet.start(function() end)
-- service/hall/main.lua --
require "skynet.queue" import "bag" dofile("./data/run.lua") loadfile("data/" .. name, "t", {})
-- service/room.lua --
function accept.move(x) end function response.get() end
-- first_m.lua --
return {}
-- mods/second_m.lua --
return require "mods.one"
-- mods/one.lua --
return require "mods.second_m"
-- lualib/role/bag.lua --
local s = [==[ mods.one ]==] .. 'a\z
   b' return s
-- data/run.lua --
`)).Files
	for seed := range int64(200) {
		r := rand.New(rand.NewSource(seed))
		texts := map[string]string{}
		dir := filepath.Join(t.TempDir(), "proj") // is not there
		for _, f := range files {
			if r.Intn(20) == 0 {
				continue
			}
			texts[filepath.Join(dir, f.Name)] = string(mutate(r, f.Data))
		}
		one := load(t, dir, Options{Texts: texts, Jobs: 1})
		four := load(t, dir, Options{Texts: texts, Jobs: 4})
		if a, b := dump(one)+Describe(one), dump(four)+Describe(four); a != b {
			t.Fatalf("seed %d: with one goroutine\n%s\nwith four\n%s", seed, a, b)
		}
	}
}

// mutate changes, drops, repeats and moves bytes of a text.
func mutate(r *rand.Rand, text []byte) []byte {
	b := append([]byte(nil), text...)
	for range r.Intn(6) {
		if len(b) < 2 {
			break
		}
		at := r.Intn(len(b) - 1)
		switch r.Intn(5) {
		case 0:
			b[at] = byte(r.Intn(256))
		case 1:
			b = append(b[:at], b[at+1:]...)
		case 2:
			b = b[:at]
		case 3:
			end := at + r.Intn(len(b)-at)
			b = append(b[:end:end], b[at:]...)
		case 4:
			from := r.Intn(len(b))
			copy(b[at:], b[from:min(len(b), from+12)])
		}
	}
	return b
}
