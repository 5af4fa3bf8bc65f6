package services_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/queue"
	"github.com/skylint/skylint/runtime/luaapi/services"
)

func system(files string) nodetest.System {
	return nodetest.System{
		Files: files, Modules: append([]actor.Module{queue.Module}, services.Modules...), Find: services.Find, Opened: services.Opened,
		Env: map[string]string{"snax": "?.lua"},
	}
}

func TestService(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local service = require "skynet.service"
local function store(...)
  local skynet = require "skynet"
  local args = {...}
  local db = {}
  skynet.start(function()
    print("start", #args, args[1], SERVICE_NAME)
    skynet.dispatch("lua", function(_, _, cmd, k, v)
      if cmd == "set" then db[k] = v end
      skynet.retpack(db[k])
    end)
  end)
end
skynet.start(function()
  skynet.fork(function() print("asked before", service.query "store" == service.new("store", store)) end)
  skynet.sleep(10)
  local a = service.new("store", store, "x", 2)
  print(a == service.new("store", store), service.query "store" == a)
  print(skynet.call(a, "lua", "set", "k", {1, 2})[2], skynet.call(a, "lua", "get", "k")[1])
  skynet.sleep(10)
  print(pcall(service.new, "bad", function() local skynet = require "skynet" error "no start" end))
  print((select(2, pcall(service.query, "bad")):match "no start"))
  print((select(2, pcall(service.new, "up", function() return service end)):match "local variables"))
  print(service.close "store", service.close "store")
  skynet.sleep(1)
  print(pcall(skynet.call, a, "lua", "get"))
end)
`), `start	2	x	service_cell
asked before	true
true	true
2	1
false	skyrun/service.lua:9: call failed: skyrun/service_provider.lua:47: attempt
`)
}

func TestServiceOnce(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local service = require "skynet.service"
local function slow()
  local skynet = require "skynet"
  skynet.start(function() print "start" skynet.sleep(100) skynet.dispatch("lua", function() skynet.retpack "pong" end) end)
end
skynet.start(function()
  for i = 1, 3 do skynet.fork(function() print(i, skynet.call(service.new("slow", slow), "lua")) end) end
end)
`), "start\n1\tpong\n2\tpong\n3\tpong")
}

func TestDatacenter(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local datacenter = require "skynet.datacenter"
skynet.start(function()
  print(datacenter.get "none", datacenter.set("hello", "world"), datacenter.get "hello", datacenter.set("hello", "again"))
  skynet.fork(function() print("waited", datacenter.wait("a", "b")) end)
  skynet.fork(function() print("a branch", pcall(datacenter.wait, "a")) end)
  skynet.sleep(1)
  datacenter.set("a", "c", 1)
  print("set", datacenter.set("a", "b", { 7 }), datacenter.get("a", "b")[1], datacenter.get("a", "c"))
  skynet.fork(function() print("becomes a branch", pcall(datacenter.wait, "x")) end)
  skynet.sleep(1)
  datacenter.set("x", "y", 1)
  skynet.sleep(1)
  print(datacenter.wait("x", "y"), skynet.call("DATACENTER", "lua", "QUERY", "x", "y"))
end)
`), "")
}

func TestSnax(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local snax = require "skynet.snax"
skynet.start(function()
  local ping = snax.newservice("ping", "hello", 3)
  print(ping.type, ping.handle, tostring(ping))
  print(ping.req.ping("foobar"))
  ping.post.hello()
  print(pcall(ping.req.fail))
  print(select(2, pcall(function() return ping.req.none end)))
  print(ping.req.count(), snax.bind(ping.handle, "ping") == ping)
  local p = snax.profile_info(ping)
  print(p.ping.count, p.hello.count, p.fail.count)
  print(snax.kill(ping, "over"), pcall(ping.req.ping, 1))
  local one, two = snax.uniqueservice("ping", "unique"), snax.uniqueservice "ping"
  print(one == two, snax.queryservice "ping" == one)
  print(select(2, pcall(snax.newservice, "none")))
  print(select(2, pcall(snax.hotfix, one, "")))
end)
-- ping.lua --
local skynet = require "skynet"
local snax = require "skynet.snax"
local hello
count = 0
function response.ping(s) count = count + 1 return s, nil, "pong" end
function response.fail() error "sorry" end
function response.count() return count, _G.count end
function accept.hello() count = count + 10 end
function init(...) print("init", ..., SERVICE_NAME, snax.self().type) end
function exit(...) print("exit", ...) end
`), "")
}

func TestDebug(t *testing.T) {
	r := nodetest.Run(t, system(`
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local s = skynet.newservice "other"
  local function ask(...) return skynet.call(s, "debug", ...) end
  print(type(ask "MEM"), ask "PING", ask "INFO".name, ask("SUPPORT", "lua"), ask("SUPPORT", "none"))
  local stat = ask "STAT"
  print(stat.task, stat.mqlen, type(stat.cpu), type(stat.message))
  skynet.fork(function() pcall(skynet.call, s, "lua") end)
  skynet.sleep(10)
  local n = 0
  for name, stack in pairs(ask "TASK") do n = n + 1 print(name:match "session", stack:match "other.lua:%d+") end
  print(n, ask("mine", 1, 2))
  print(select(2, pcall(ask, "none")))
  print(select(2, pcall(ask, "RUN", "x")))
  skynet.fork(function() print("linked", pcall(ask, "LINK")) end)
  skynet.sleep(10)
  skynet.send(s, "debug", "EXIT")
  skynet.sleep(10)
  print(pcall(ask, "PING"))
end)
-- other.lua --
local skynet = require "skynet"
require "skynet.debug".reg_debugcmd("mine", function(...) skynet.retpack("mine", ...) end)
skynet.info_func(function() return { name = "info" } end)
skynet.start(function() skynet.dispatch("lua", function() skynet.wait() end) end)
`))
	t.Log(r.Out, r.Log)
	_, _ = strings.Contains, time.Second
}
