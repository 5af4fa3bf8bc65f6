package lint_test

import (
	"testing"

	"github.com/skylint/skylint/rules"
)

func TestForbiddenAPI(t *testing.T) {
	checkRule(t, rules.ForbiddenAPI, []ruleCase{
		{"a command of any text", `
-- service/a.lua --
` + service + `
local function f(name)
	os.execute("rm " .. name) --> warning
	io.popen("ls " .. name, "r") --> warning
	pcall(os.execute, name) --> warning
	local run = os.execute
	run(name) --> warning
end
`},
		{"a command that is always the same", `
-- service/a.lua --
` + service + `
local DIR = "logs"
local COMMAND = "mkdir -p " .. DIR
os.execute(COMMAND)
os.execute "sync"
io.popen("ls", mode)
os.execute()
`},
		{"a command of the configuration", `
-- service/a.lua --
` + service + `
local dir = skynet.getenv("logpath") or "."
local list = string.format("ls %s/%s", dir, os.getenv "USER")
io.popen(list) --> note
os.execute("mkdir -p " .. dir) --> note
local function f(name)
	os.execute(string.format("mkdir %s/%s", dir, name)) --> warning
end
local changed = skynet.getenv("x")
changed = f
os.execute(changed) --> warning
`},
		{"the end of the process", `
-- service/a.lua --
` + service + `
local function f() os.exit(1) end --> note
-- tools/a.lua --
os.exit(1)
-- lib/a.lua --
return { quit = function() os.exit() end }
`},
		{"in a script", `
-- tools/a.lua --
os.execute("rm " .. arg[1]) --> note
-- tools/b.lua --
local M = {}
function M.rm(name) os.execute("rm " .. name) end --> warning
return M
-- lib/f.lua --
print("loaded")
os.execute("rm " .. name) --> warning
return {}
-- tools/c.lua --
require "lib.d"
require "lib.e"
os.exit(0)
-- lib/d.lua --
os.execute("rm " .. name) --> warning
-- lib/e.lua --
os.execute("rm " .. name) --> note
-- service/a.lua --
` + service + `
require "lib.d"
`},
		{"not the standard library", `
-- service/a.lua --
` + service + `
local os = { execute = print }
local function f(name) os.execute("rm " .. name) db.execute(name) db:execute(name) end
`},
		{"a library that the project has put in its place", `
-- service/a.lua --
` + service + `
require "safe"
local function f(name) os.execute("rm " .. name) end
-- service/safe.lua --
local execute = os.execute
function os.execute(command)
	return execute(command) --> warning
end
-- service/b.lua --
` + service + `
local function f(name) os.execute("rm " .. name) end --> warning
`},
	})
}

func TestMetatableTampering(t *testing.T) {
	checkRule(t, rules.MetatableTampering, []ruleCase{
		{"of strings", `
-- lib/a.lua --
getmetatable("").__add = function(a, b) return a .. b end --> note
local mt = getmetatable ""
mt.__index.trim = print --> note
local index = mt.__index
print(mt.__index.rep)
`},
		{"of basic types", `
-- lib/a.lua --
debug.setmetatable(0, {}) --> note
`},
		{"of the global table and of libraries", `
-- lib/a.lua --
setmetatable(_G, { __index = {} }) --> note
setmetatable(string, {}) --> note
`},
		{"a guard for globals", `
-- lib/a.lua --
setmetatable(_G, { __newindex = function(_, n) error(n) end })
-- lib/b.lua --
local mt = getmetatable(_G) or {}
setmetatable(_G, mt)
mt.__index = function(_, n) error("no " .. n, 2) end
-- lib/c.lua --
local mt = {}
setmetatable(_G, mt)
function mt.__index(_, n) error("no " .. n, 2) end
-- lib/d.lua --
local mt = {}
setmetatable(_G, mt) --> note
mt.__index = function(_, n) return n end
local other = {}
other.__index = function() error "x" end
`},
		{"a preload file", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
preload = "./lib/preload.lua"
-- lib/preload.lua --
setmetatable(_G, { __index = {} })
-- service/main.lua --
` + service},
		{"one's own", `
-- lib/a.lua --
local class = setmetatable({}, { __call = print })
getmetatable(class).__index = class
local string = setmetatable({}, { __index = string })
local s = getmetatable(class.name)
s.__index = class
`},
	})
}

func TestDebugAccess(t *testing.T) {
	checkRule(t, rules.DebugAccess, []ruleCase{
		{"what is hidden", `
-- service/a.lua --
` + service + `
local function f(g, x)
	debug.setupvalue(g, 1, x) --> note
	local get = debug.getlocal
	get(1, 1) --> note
	debug.getregistry() --> note
	pcall(debug.sethook, g, "l") --> note
end
`},
		{"what only describes", `
-- service/a.lua --
` + service + `
xpcall(print, debug.traceback)
debug.getinfo(1, "S")
local traceback = debug.traceback
debug.setmetatable(0, nil)
`},
		{"the end of a hook", `
-- service/a.lua --
` + service + `
local co = coroutine.create(print)
debug.sethook()
debug.sethook(co)
debug.sethook(nil, "")
debug.sethook(co, print, "")
debug.sethook(co, print, "", 1000) --> note
debug.sethook(co, print, "c") --> note
debug.sethook(print, "", 1000) --> note
`},
		{"what this Lua does not have", `
-- service/a.lua --
` + service + `
if debug.getfenv then debug.getfenv(print) end
`},
		{"the debug protocol", `
-- service/a.lua --
` + service + `
local function f(address, ...)
	skynet.call(address, "debug", "REMOTEDEBUG", ...) --> note
	skynet.call(address, "debug", "MEM")
	skynet.call(address, "lua", "REMOTEDEBUG", ...)
end
skynet.newservice("debug_console", 8000)
`},
		{"another debug", `
-- service/a.lua --
` + service + `
local debug = require "mine"
debug.sethook(print, "l")
log.debug("x")
`},
	})
}

func TestNativeCode(t *testing.T) {
	checkRule(t, rules.NativeCode, []ruleCase{
		{"a library", `
-- service/a.lua --
` + service + `
local open = package.loadlib("x.so", "luaopen_x") --> note
local cjson = require "cjson"
package.cpath = "./?.so"
`},
		{"ffi, where Lua has it", `
-- sky.toml --
dialect = "luajit"
-- lib/a.lua --
local ffi = require "ffi" --> note
local ok, again = pcall(require, "ffi") --> note
if jit then require "ffi" end --> note
`},
		{"ffi, where Lua has none", `
-- lib/a.lua --
local ffi = require "ffi" --> note
-- lib/b.lua --
if jit then local ffi = require "ffi" end
-- lib/c.lua --
local ok, ffi = pcall(require, "ffi")
local two = jit and require "ffi"
local three = (require "ffi") or nil --> note
`},
		{"another module", `
-- lib/a.lua --
local ffi = require "my.ffi"
require(name)
`},
	})
}

func TestBytecode(t *testing.T) {
	checkRule(t, rules.Bytecode, []ruleCase{
		{"made, asked for, written down", `
-- service/a.lua --
` + service + `
local function f(g, text)
	string.dump(g) --> note
	load(text, "x", "b") --> note
	load("\27Lua") --> note
end
`},
		{"text", `
-- service/a.lua --
` + service + `
load("return 1", "x", "t")
load("return 1", "x", "bt")
load("return 1")
`},
		{"another function in its place", `
-- service/a.lua --
` + service + `
require "ext"
print(string.dump({}))
-- service/ext.lua --
function string.dump(t) return tostring(t) end
-- service/b.lua --
` + service + `
string.dump(print) --> note
-- lib/unused.lua --
return string.dump({})
`},
		{"the same function under its own name", `
-- service/a.lua --
` + service + `
string.dump = string.dump or print
string.dump(print) --> note
`},
	})
}

func TestDynamicCode(t *testing.T) {
	checkRule(t, rules.DynamicCode, []ruleCase{
		{"text and files of any name", `
-- service/a.lua --
` + service + `
local function f(text, name)
	load(text) --> note
	load("return " .. text) --> note
	dofile(name) --> note
	loadfile(name .. ".lua", "t", {}) --> note
	pcall(load, text) --> note
	skynet.call(name, "debug", "RUN", text) --> note
end
`},
		{"what is part of the program", `
-- service/a.lua --
` + service + `
local HEAD = "local a = ..."
load(HEAD .. " return a")
dofile "data.lua"
local PATH = "etc/" .. "names.lua"
loadfile(PATH)
require(name)
skynet.call(address, "debug", "RUN", "return 1")
`},
		{"the code of a function", `
-- service/a.lua --
` + service + `
local service = require "skynet.service"
local function main() end
service.new("x", main)
service.new("y", function() end)
`},
		{"functions of one's own", `
-- service/a.lua --
` + service + `
local function load(name) return name end
load(name)
local M = {}
function M.load(text) end
M.load(text)
db:load(text)
`},
		{"what has been put in its place", `
-- service/a.lua --
` + service + `
function load(name) return name end
load(name)
`},
	})
}
