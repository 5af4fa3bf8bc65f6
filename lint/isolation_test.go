package lint_test

import (
	"testing"

	"github.com/skylint/skylint/rules"
)

func TestGlobalWrite(t *testing.T) {
	checkRule(t, rules.GlobalWrite, []ruleCase{
		{"in a function, in the chunk", `
-- service/a.lua --
` + service + `
count = 0 --> warning
local function f()
	last = count --> error
end
`},
		{"once for a service, at the first write", `
-- service/a.lua --
` + service + `
require "b"
local function f() shared = 1 end --> error
local function g() shared = 2 end
-- service/b.lua --
local function h() shared = 3 end
`},
		{"in each service", `
-- service/a.lua --
` + service + `
local function f() shared = 1 end --> error
-- service/b.lua --
` + service + `
local function f() shared = 1 end --> error
`},
		{"nil makes no variable", `
-- service/a.lua --
` + service + `
LUA_PATH = nil
package.path, OLD = OLD, nil
package.path, OLD = OLD
local a, b
a, b, THIRD = f() --> warning
a, FOURTH = ... --> warning
a, FIFTH = (f())
local function g() LEVEL = nil end
-- lib/b.lua --
LEVEL = 1 --> warning
return LEVEL
`},
		{"a name that is never anything else was not meant", `
-- service/a.lua --
` + service + `
local function f(min_pair)
	if min_pair > 14 then pair = nil end --> warning
	return min_pair
end
`},
		{"but the value behind it does", `
-- service/a.lua --
` + service + `
local function f() cache = nil end
local function g() cache = {} end --> error
`},
		{"fields and locals", `
-- service/a.lua --
` + service + `
local a, t = 1, {}
a = 2
t.x, t["y"], t[1] = 1, 2, 3
function t.f() t.z = 1 end
function t:g() self.z = 1 end
for i = 1, 3 do i = i + 1 end
local function r(n) n = 1 return r end
`},
		{"code in a string", `
-- service/a.lua --
` + service + `
local patch = [[
	x = 1
]]
`},
		{"an environment of its own", `
-- lib/a.lua --
module("a", package.seeall)
x = 1
-- lib/b.lua --
local _ENV = {}
x = 1
-- lib/c.lua --
local function f() setfenv(1, {}) x = 1 end
return f
`},
		{"modules that a function of the project loads", `
-- service/a.lua --
` + service + `
require "import"
time = import("module/time.lua") --> warning
-- service/import.lua --
local function read(path) return loadfile(path) end
function import(path) --> warning
	local module = setmetatable({}, { __index = _G })
	local chunk = read(path)
	setfenv(chunk, module)()
	return module
end
-- module/time.lua --
zone = os.date("%z")
function now() last = os.time() return last end
-- service/b.lua --
` + service + `
loadfile("service/plain.lua")()
-- service/plain.lua --
zone = os.date("%z") --> warning
`},
		{"files that a function of the project runs", `
-- service/a.lua --
` + service + `
require "import"
import("module/time.lua")
-- service/import.lua --
function import(path) --> warning
	return loadfile(path)()
end
-- module/time.lua --
zone = os.date("%z") --> warning
`},
		{"the functions that snax asks for", `
-- service/a.lua --
local skynet = require "skynet"
function response.hello() end
function accept.bye() count = 1 end --> error
function init() end
function exit() end
`},
		{"a configuration, cluster names, a preload file", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
cluster = "./etc/names.lua"
preload = "./lib/preload.lua"
-- etc/names.lua --
db = "127.0.0.1:2528"
-- lib/preload.lua --
function trace() end
local function f() level = 1 end
-- service/main.lua --
` + service},
		{"what a preload file requires prepares names on purpose", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
lua_path = "./lib/?.lua"
preload = "./lib/preload.lua"
-- lib/preload.lua --
require "names"
-- lib/names.lua --
MAX_LEVEL = 60 --> note
function levels() first = 1 end --> note error
-- service/main.lua --
` + service},
		{"a configuration that computes", `
-- config.lua --
local function join(list) return table.concat(list, ";") end
root = "./"
lua_path = join { root .. "lualib/?.lua" }
luaservice = join { root .. "service/?.lua" }
-- tool.lua --
local function join(list) return table.concat(list, ";") end
cpath = join { "x" } --> warning
cpath = cpath .. ";y"
`},
		{"data of another machine", `
-- cluster/devel.lua --
db = "127.0.0.1:2528"
nodes = { "db", game = { 1, 2 }, -1, "a" .. "b" }
-- cluster/code.lua --
db = find() --> warning
-- cluster/used.lua --
db = "127.0.0.1:2528" --> warning
-- service/a.lua --
` + service + `
require "cluster.used"
`},
		{"a script", `
-- tools/a.lua --
name = arg[1] --> note
local function f() last = name end --> warning
-- tools/b.lua --
function usage() end --> note
print(usage())
-- lib/c.lua --
function helper() end --> warning
`},
		{"a library of a script", `
-- tools/a.lua --
require "lib.b"
os.exit(0)
-- tools/lib/b.lua --
limit = os.time() --> note
`},
		{"declared in sky.toml and .luacheckrc", `
-- sky.toml --
[lint]
globals = ["A"]
-- .luacheckrc --
globals = { "B" }
read_globals = { "C" }
files["service/b.lua"] = { globals = { "D" } }
-- service/a.lua --
` + service + `
A = 1
B = 1
C = 1 --> warning
D = 1 --> warning
-- service/b.lua --
` + service + `
D = 1
`},
		{"a standard name", `
-- service/a.lua --
` + service + `
print = skynet.error --> warning
`},
		{"a declaration of Lua 5.5", `
-- sky.toml --
dialect = "5.5"
-- service/a.lua --
` + service + `
global count, skynet
count = 1
global function f() end
`},
	})
}

func TestEnvironmentWrite(t *testing.T) {
	checkRule(t, rules.EnvironmentWrite, []ruleCase{
		{"by name", `
-- service/a.lua --
` + service + `
_G.x = 1 --> note
_G.x = 2
rawset(_G, "y", 1) --> note
local G = _G
G.z = 1 --> note
_ENV.w = 1 --> note
`},
		{"by a computed name", `
-- service/a.lua --
` + service + `
local function set(k, v) _G[k] = v end --> note
local function del(k) _G[k] = nil end --> note
local function raw(k, v) rawset(_G, k, v) end --> note
local NAME = "x"
_G[NAME] = 1
`},
		{"nil makes no variable", `
-- service/a.lua --
` + service + `
_G.x = nil
rawset(_G, "y", nil)
local G = _G
G.z = nil
`},
		{"what is read, and tables beside", `
-- service/a.lua --
` + service + `
local x = _G.x
local names = { _G = {} }
names._G.x = 1
rawset(names, "x", 1)
for k in pairs(_G) do names[k] = true end
`},
		{"a local environment", `
-- lib/a.lua --
local _ENV = setmetatable({}, { __index = _G })
x = 1
return _ENV
`},
		{"a preload file", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
preload = "./lib/preload.lua"
-- lib/preload.lua --
_G.trace = print
-- service/main.lua --
` + service},
		{"declared", `
-- .luacheckrc --
globals = { "x" }
-- service/a.lua --
` + service + `
_G.x = 1
_G.y = 1 --> note
`},
	})
}

func TestSharedTableWrite(t *testing.T) {
	checkRule(t, rules.SharedTableWrite, []ruleCase{
		{"added, once for a table", `
-- lib/a.lua --
function string.trim(s) end --> note
function string.split(s) end
table.keys = function() end --> note
`},
		{"replaced, once for a field", `
-- lib/a.lua --
local skynet = require "skynet"
math.random = function() end --> note
math.random = nil
function skynet.exit() end --> note
rawset(os, "time", print) --> note
`},
		{"supplied where it is missing", `
-- lib/a.lua --
table.unpack = table.unpack or unpack
table.pack = table.pack or function(...) return { n = select("#", ...), ... } end
if not string.split then
	function string.split() end
end
if table.move == nil then table.move = function() end end
if not table.new then string.new = print end --> note
`},
		{"what modules let others write", `
-- lib/a.lua --
local socket = require "skynet.socket"
package.path = "?.lua"
package.loaded.a = {}
`},
		{"a table of one's own of that name", `
-- lib/a.lua --
local string = {}
function string.trim() end
local mine = setmetatable({}, { __index = table })
mine.keys = 1
`},
		{"the file is the module of the C library", `
-- lib/coding.lua --
local core = require "mime.core"
function core.encode() end
return core
-- lib/use.lua --
local core = require "mime.core"
function core.encode() end --> note
return {}
-- lib/own.lua --
local skynet = require "skynet"
function skynet.double() end --> note
return skynet
`},
		{"a preload file", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
preload = "./lib/preload.lua"
-- lib/preload.lua --
function string.trim(s) end
math.random = print --> note
-- service/main.lua --
` + service},
		{"shared data", `
-- service/a.lua --
` + service + `
local sharedata = require "skynet.sharedata"
local function f()
	local conf = sharedata.query "conf"
	conf.level = 1 --> error
	conf.items[1] = 2 --> error
	local copy = { level = conf.level }
	copy.level = 2
end
`},
	})
}

func TestUndefinedGlobal(t *testing.T) {
	checkRule(t, rules.UndefinedGlobal, []ruleCase{
		{"in a service, and in a file that none loads", `
-- service/a.lua --
` + service + `
print(levle) --> warning
-- lib/b.lua --
print(levle) --> note
`},
		{"once for a name and file", `
-- service/a.lua --
` + service + `
print(levle) --> warning
print(levle)
`},
		{"defined by another file of the service, before or behind", `
-- service/a.lua --
` + service + `
NAME = "a"
require "b"
print(LEVEL)
-- service/b.lua --
LEVEL = 1
print(NAME)
`},
		{"one service defines it and one does not", `
-- service/a.lua --
` + service + `
NAME = "a"
require "b"
-- service/b.lua --
print(NAME) --> note
-- service/c.lua --
` + service + `
require "b"
`},
		{"defined by a file that this service does not load", `
-- service/a.lua --
` + service + `
print(LEVEL) --> note
-- service/b.lua --
` + service + `
LEVEL = 1
`},
		{"a local of another function is none", `
-- service/a.lua --
` + service + `
local function f(uid) return uid end
local function g() print(uid) end --> warning
-- service/b.lua --
` + service + `
local function h() uid = 1 end
`},
		{"defined by a file that nobody is known to load", `
-- service/a.lua --
` + service + `
print(LEVEL)
-- lib/setup.lua --
LEVEL = 1
`},
		{"no configuration says which preload file", `
-- service/a.lua --
` + service + `
trace()
-- tools/configure.lua --
local config = { preload = "./lib/preload.lua", start = "main" }
return config
-- lib/preload.lua --
function trace() end
`},
		{"for some services no configuration says which", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
preload = "./lib/preload.lua"
-- lib/preload.lua --
function trace() end
-- service/main.lua --
` + service + `
-- elsewhere/helper.lua --
` + service + `
trace()
-- other/config --
start = "other"
thread = 8
harbor = 0
luaservice = "./other/?.lua"
-- other/other.lua --
` + service + `
trace() --> note
`},
		{"the configuration says which", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
preload = "./lib/preload.lua"
-- lib/preload.lua --
function trace() end
-- service/main.lua --
` + service + `
trace()
trice() --> warning
`},
		{"it is not there", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
preload = "/opt/game/preload.lua"
-- service/main.lua --
` + service + `
trace()
local function f(uid) return uid end
local function g() print(uid) end --> warning
`},
		{"a module that cannot be seen", `
-- service/a.lua --
` + service + `
require "elsewhere"
print(LEVEL)
local log = log
local function f(uid) return uid, log end
local function g() print(uid, log) end --> warning
-- service/b.lua --
` + service + `
require "elsewhere"
local function f() local log = log end
local function g() log("x") end
`},
		{"a module whose value is kept", `
-- service/a.lua --
` + service + `
local codec = require "codec.c"
local ok, other = pcall(require, "other.c")
print(LEVEL) --> warning
-- service/b.lua --
` + service + `
local codec = require "codec.c"
pcall(require, "other.c")
print(LEVEL)
`},
		{"one of the project's files, who knows which", `
-- service/a.lua --
` + service + `
local plugin = require(skynet.getenv "plugin")
require(skynet.getenv "other")
print(LEVEL, LIMIT) --> warning
-- service/b.lua --
` + service + `
LIMIT = 1
`},
		{"what may run first has computed names", `
-- etc/config --
start = "main"
thread = 8
harbor = 0
luaservice = "./service/?.lua"
preload = "./lib/preload.lua"
-- lib/preload.lua --
for k, v in pairs(names) do _G[k] = v end
-- service/main.lua --
` + service + `
print(LEVEL)
-- elsewhere/helper.lua --
` + service + `
print(LEVEL)
local function f(uid) return uid end
local function g() print(uid) end --> warning
-- other/config --
start = "other"
thread = 8
harbor = 0
luaservice = "./other/?.lua"
-- other/other.lua --
` + service + `
print(LEVEL) --> warning
`},
		{"the global table is at hand", `
-- service/a.lua --
` + service + `
for k, v in pairs(names) do _G[k] = v end
print(LEVEL)
local function f(uid) return uid end
local function g() print(uid) end
`},
		{"a name that may be nil", `
-- service/a.lua --
` + service + `
if DEBUG then print(DEBUG) end
if TRACE == nil then print(TRACE) end
while not STOP do print(STOP) end
local x = LIMIT or 5
local y = type(UNIT) == "table" and UNIT.x
local z = (FLAG) and FLAG.x
`},
		{"the underscore", `
-- service/a.lua --
` + service + `
print(1, _, 2)
`},
		{"names of other Luas", `
-- service/a.lua --
` + service + `
local unpack = table.unpack or unpack
print(loadstring) --> warning
if _G.setfenv then load = loadstring end
if _VERSION == "Lua 5.4" then f = load else f = load() or loadstring() end
if table then print(gcinfo()) end --> warning
if jit then print(levle) end --> warning
`},
		{"names that skynet gives", `
-- service/a.lua --
` + service + `
print(SERVICE_NAME, SERVICE_PATH)
`},
		{"another host", `
-- www/a.lua --
local page = require "page"
ngx.say(app.name)
return page
-- www/b.lua --
return function() return app.title end
-- www/c.lua --
return function() return other.title end --> note
-- service/a.lua --
` + service + `
ngx.say(other) --> warning warning
`},
		{"declared", `
-- sky.toml --
[lint]
read-globals = ["A"]
-- .luacheckrc --
read_globals = { "B" }
-- service/a.lua --
` + service + `
print(A, B)
print(C) --> warning
-- service/open/.luacheckrc --
read_globals = require "names"
-- service/open/b.lua --
` + service + `
print(C)
-- service/open/c.lua --
x = 1
`},
		{"an environment of its own", `
-- lib/a.lua --
module("a", package.seeall)
print(x)
-- lib/b.lua --
local _ENV = { print = print }
print(x)
`},
	})
}
