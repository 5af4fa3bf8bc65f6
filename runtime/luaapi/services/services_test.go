package services_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/queue"
	"github.com/skylint/skylint/runtime/luaapi/services"
	"github.com/skylint/skylint/runtime/luaapi/sproto"
	"github.com/skylint/skylint/runtime/luaapi/stm"
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
  print((select(2, pcall(service.new, "bad", function() error "no start" end)):match "call failed: main.lua:22: no start"))
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
call failed: main.lua:22: no start
no start
local variables
true	false
false	call to invalid address :00000003`)
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
  skynet.fork(function() print("waited", datacenter.wait("a", "b")[1]) end)
  skynet.fork(function() print("a branch", select(2, pcall(datacenter.wait, "a")):match "somebody waits for a value below this one") end)
  skynet.sleep(1)
  datacenter.set("a", "c", 1)
  print("set", datacenter.set("a", "b", { 7 }), datacenter.get("a", "b")[1], datacenter.get("a", "c"))
  skynet.fork(function() print("becomes a branch", select(2, pcall(datacenter.wait, "x")):match "call failed") end)
  skynet.sleep(1)
  datacenter.set("x", "y", 1)
  skynet.sleep(1)
  print(datacenter.wait("x", "y"), skynet.call("DATACENTER", "lua", "QUERY", "x", "y"))
end)
`), `nil	nil	world	world
a branch	somebody waits for a value below this one
waited	7
set	nil	7	1
becomes a branch	call failed
1	1`)
}

// TestMulticast has subscribers that come and go, and a channel with its own form of messages.
func TestMulticast(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local multicast = require "skynet.multicast"
skynet.start(function()
  local c = multicast.new()
  print(c, multicast.new())
  local subs = {}
  for i = 1, 3 do
    subs[i] = skynet.newservice("sub", i)
    skynet.call(subs[i], "lua", c.channel)
  end
  c:publish("hello", { 1, nil, 3 }, nil)
  skynet.sleep(1)
  skynet.send(subs[1], "debug", "EXIT")
  skynet.call(subs[2], "lua")
  skynet.sleep(1)
  c:publish "again"
  skynet.sleep(1)
  c:delete()
  print(select(2, pcall(c.publish, c)))
  print((select(2, pcall(skynet.call, subs[2], "lua", 0)):match "there is no channel 0"))
  local own = multicast.new { pack = function(s) return s:upper() end, unpack = function(s, n) return n, s end, dispatch = print }
  own:subscribe() own:subscribe()
  own:publish "mine"
  skynet.sleep(1)
  own:unsubscribe()
  own:publish "none"
  skynet.sleep(1)
end)
-- sub.lua --
local skynet = require "skynet"
local multicast = require "skynet.multicast"
local name = ...
local c
skynet.start(function()
  skynet.dispatch("lua", function(_, _, channel)
    if channel then
      c = multicast.new { channel = channel, dispatch = function(self, source, text, t, ...)
        print(name, self, source, text, t and t[3], select("#", ...))
      end }
      c:subscribe()
    else
      c:unsubscribe()
      c = nil
    end
    skynet.retpack()
  end)
end)
`), `[Multicast:0]	[Multicast:100]
1	[Multicast:0]	1	hello	3	1
2	[Multicast:0]	1	hello	3	1
3	[Multicast:0]	1	hello	3	1
3	[Multicast:0]	1	again	nil	0
the channel was deleted
there is no channel 0
[Multicast:200]	1	4	MINE`)
}

// TestSharemap has a reader that sees what was committed, and not before it asks.
func TestSharemap(t *testing.T) {
	s := system(`
-- main.lua --
local skynet = require "skynet"
local sharemap = require "skynet.sharemap"
local sprotoloader, sprotoparser = require "sprotoloader", require "sprotoparser"
skynet.start(function()
  sprotoloader.save(sprotoparser.parse ".point { x 0 : integer y 1 : integer s 2 : string }", 0)
  local writer = sharemap.writer("point", { x = 0, y = 0, s = "hello" })
  local reader = skynet.newservice "reader"
  print(skynet.call(reader, "lua", writer:copy()))
  writer.x = 1
  print(writer.x, skynet.call(reader, "lua"))
  writer:commit()
  print(skynet.call(reader, "lua"))
  writer.s, writer.y = "world", nil
  writer:commit()
  print(skynet.call(reader, "lua"))
  print(pcall(sharemap.writer, "none", {}))
end)
-- reader.lua --
local skynet = require "skynet"
local sharemap = require "skynet.sharemap"
local reader
skynet.start(function()
  skynet.dispatch("lua", function(_, _, copy)
    reader = copy and sharemap.reader("point", copy) or reader
    local before = reader.x
    skynet.retpack(before, reader:update(), reader.x, reader.y, reader.s, pcall(function() reader.x = 1 end))
  end)
end)
`)
	s.Modules = append(append(s.Modules, stm.Module), sproto.Modules()...)
	nodetest.Expect(t, s, `0	false	0	0	hello	false	reader.lua:8: a reader of point cannot set x
1	0	false	0	0	hello	false	reader.lua:8: a reader of point cannot set x
0	true	1	0	hello	false	reader.lua:8: a reader of point cannot set x
1	true	1	nil	world	false	reader.lua:8: a reader of point cannot set x
false	skyrun/sharemap.lua:21: type not found: none`)
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
  print((select(2, pcall(ping.req.fail)):match "call failed: ping.lua:6: sorry"))
  print(select(2, pcall(function() return ping.req.none end)))
  print(ping.req.count()) print(snax.bind(ping.handle, "ping") == ping)
  local p = snax.profile_info(ping)
  print(p.ping.count, p.hello.count, p.fail.count)
  print(snax.kill(ping, "over"), select(2, pcall(ping.req.ping, 1)):match 'call to invalid address')
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
`), `init	hello	ping	ping
ping	2	[ping:2]
foobar	nil	pong
call failed: ping.lua:6: sorry
main.lua:9: request ping:none no exist
11	11
true
1	1	1
exit	over
nil	call to invalid address
init	unique	ping	ping
true	true
cannot open none.lua: No such file or directory
snax.hotfix is not served: it runs code that comes in a message, of which nobody knows who has written it; start a service with the new code instead`)
}

func TestDebug(t *testing.T) {
	nodetest.Expect(t, system(`
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
`), `number	nil	info	true	false
0	0	number	number
session	other.lua:4
1	mine	1	2
main.lua:4: call failed: there is no debug command none
main.lua:4: call failed: the debug command RUN is not served: it runs code that comes in a message
linked	false	main.lua:4: call failed: :00000002 other has ended: it has exited
false	main.lua:4: call to invalid address :00000002`)
}

// TestDeadlocks has D1 for snax and for skynet.service: two that start each other.
func TestDeadlocks(t *testing.T) {
	r := nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local snax = require "skynet.snax"
local service = require "skynet.service"
local function a()
  local skynet = require "skynet"
  skynet.start(function() require "skynet.service".new("b", function()
    local skynet = require "skynet"
    skynet.start(function() require "skynet.service".new("a", function() end) end)
  end) end)
end
skynet.start(function()
  local before = skynet.now()
  print(pcall(snax.uniqueservice, "one") and "started" or "failed")
  print(pcall(service.new, "a", a) and "started" or "failed")
  print(skynet.now() - before < 100)
end)
-- one.lua --
local snax = require "skynet.snax"
function init() snax.uniqueservice "two" end
-- two.lua --
local snax = require "skynet.snax"
function init() snax.uniqueservice "one" end
`), `failed
failed
true`)
	deadlocks := 0
	for _, e := range r.Events {
		if e.Kind == "deadlock" {
			deadlocks++
		}
	}
	if deadlocks != 2 {
		t.Errorf("%d deadlocks reported", deadlocks)
	}
}

// TestExitDropsForks makes sure that what was forked before skynet.exit does not run any more.
func TestExitDropsForks(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local c <close> = setmetatable({}, { __close = function() print "closed" end })
  skynet.fork(function() print "forked" end)
  skynet.exit()
end)
`), "closed")
}
