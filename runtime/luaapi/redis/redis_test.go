package redis_test

import (
	"strconv"
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/dbtest"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	"github.com/skylint/skylint/runtime/luaapi/redis"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	sockets "github.com/skylint/skylint/runtime/socket"
)

func run(t *testing.T, port int, want, body string) nodetest.Result {
	t.Helper()
	return sockettest.Run(t, sockettest.System{Want: want, Env: map[string]string{"port": strconv.Itoa(port)}, Modules: func(p *sockets.Pool) []actor.Module {
		return append(socket.Modules(&socket.Options{Pool: p}), redis.Module(p))
	}, Body: `
  local redis = require "skynet.db.redis"
  local port = tonumber(skynet.getenv "port")
  local conf = { host = "127.0.0.1", port = port, db = 0 }
` + body})
}

// Replies are the values that skynet makes of them: status, number, text, nil, lists, errors.
func TestReplies(t *testing.T) {
	port, ok := dbtest.Redis(t)
	if !ok {
		return
	}
	run(t, port, `
set	OK
get	hello
none	nil
incr	8
list	3	one	nil	three
empty	table	0
exists	true	false
member	true	false
table	1	2
type	false	WRONGTYPE Operation against a key holding the wrong kind of value
unknown	false	true
nil	false	argument #2 of the redis command SET is nil
exec	2	OK	hello
discarded	false	EXECABORT Transaction discarded because of previous errors.
bytes	true
large	false	the integer 9007199254740993 of a reply is beyond 2^53, and no number holds it exactly
concurrent	1 2 3 4 5
gone	nil
`, `
  local db = redis.connect(conf)
  local function fails(...)
    local ok, e = pcall(...)
    return ok, (tostring(e):gsub("^main.lua:%d+: ", ""))
  end
  print("set", db:set("a", "hello"))
  print("get", db:get "a")
  print("none", db:get "nobody")
  db:set("n", 7)
  print("incr", db:incr "n")
  db:mset("x", "one", "z", "three")
  local l = db:mget("x", "y", "z")
  print("list", #l, l[1], l[2], l[3])
  print("empty", type(db:keys "no*"), #db:keys "no*")
  print("exists", db:exists "a", db:exists "nobody")
  db:sadd("s", "m")
  print("member", db:sismember("s", "m"), db:sismember("s", "x"))
  db:hmset { "h", "k", 1, "l", 2 }
  print("table", table.unpack(db:hvals "h"))
  print("type", fails(db.incr, db, "s"))
  local ok, e = pcall(db.nonsense, db)
  print("unknown", ok, e:find "ERR unknown command" ~= nil)
  print("nil", fails(db.set, db, "a", nil))
  db:multi()
  db:set("a", "hello")
  db:get "a"
  local r = db:exec()
  print("exec", #r, r[1], r[2])
  db:multi()
  pcall(db.set, db, "a")
  print("discarded", fails(db.exec, db))
  local bytes = "\0\r\n\255" .. ("x"):rep(100000)
  db:set("b", bytes)
  print("bytes", db:get "b" == bytes)
  db:set("big", "9007199254740992")
  print("large", fails(db.incr, db, "big"))
  local out, n, me = {}, 0, {}
  for i = 1, 5 do
    skynet.fork(function()
      out[i] = db:echo(i)
      n = n + 1
      if n == 5 then skynet.wakeup(me) end
    end)
  end
  skynet.wait(me)
  print("concurrent", table.concat(out, " "))
  db:disconnect()
  print("gone", db.get)
  done()`)
}

func TestPipeline(t *testing.T) {
	port, ok := dbtest.Redis(t)
	if !ok {
		return
	}
	run(t, port, `
last	three
failed	false	WRONGTYPE
1	true	OK
2	false	ERR
3	true	table
`, `
  local db = redis.connect(conf)
  print("last", db:pipeline { { "set", "a", 1 }, { "rpush", "l", "two", "three" }, { "lindex", "l", 1 } })
  local ok, e = pcall(db.pipeline, db, { { "get", "a" }, { "incr", "l" } })
  print("failed", ok, e:match "^%u+")
  local results = {}
  db:pipeline({ { "set", "a", "x" }, { "incr", "a" }, { "lrange", "l", 0, -1 } }, results)
  for i, r in ipairs(results) do print(i, r.ok, type(r.out) == "string" and r.out:match "^%u+" or type(r.out)) end
  done()`)
}

// Subscriptions bring messages, and are made again on a new connection.
func TestWatch(t *testing.T) {
	port, ok := dbtest.Redis(t)
	if !ok {
		return
	}
	run(t, port, `
message	hello	foo
pattern	there	bar.x	bar.*
lost	false	true
again	back	foo
off	only	foo
`, `
  local w = redis.watch(conf)
  local db = redis.connect(conf)
  w:subscribe("foo", "unused")
  w:psubscribe "bar.*"
  local function publish(channel, text, n)
    while db:publish(channel, text) < (n or 1) do skynet.sleep(1) end
  end
  skynet.fork(publish, "foo", "hello")
  print("message", w:message())
  skynet.fork(publish, "bar.x", "there")
  print("pattern", w:message())
  skynet.fork(function() db:client("kill", "type", "pubsub") end)
  local ok, e = pcall(w.message, w)
  print("lost", ok, e:find "^%[Error: socket%] redis 127.0.0.1:%d+: " ~= nil)
  skynet.fork(publish, "foo", "back")
  print("again", w:message())
  w:punsubscribe "bar.*"
  w:psubscribe "last"
  skynet.fork(function()
    publish("last", "seen", 1)
    publish("bar.x", "nobody", 0)
    publish("foo", "only")
  end)
  w:message()
  print("off", w:message())
  w:disconnect()
  done()`)
}

// Who cannot connect, or may not, hears why; a lost connection is made again by the next call.
func TestTrouble(t *testing.T) {
	port, ok := dbtest.Redis(t, "--requirepass", "secret")
	if !ok {
		return
	}
	run(t, port, `
refused	false	[Error: socket] redis 127.0.0.1:1: connection refused
no watch	false	[Error: socket] redis 127.0.0.1:1: connection refused
denied	false	true
nobody	false	NOAUTH Authentication required.
auth	OK
lost	false
again	x
slow	nil
blocked	true	[Error: socket] redis: disconnected
`, `
  print("refused", pcall(redis.connect, { host = "127.0.0.1", port = 1 }))
  print("no watch", pcall(redis.watch, { host = "127.0.0.1", port = 1 }))
  local ok, e = pcall(redis.connect, { host = "127.0.0.1", port = port, auth = "wrong" })
  print("denied", ok, e:find "WRONGPASS" ~= nil)
  print("nobody", pcall(function() redis.connect(conf):get "a" end))
  conf.auth = "secret"
  local db = redis.connect(conf)
  print("auth", db:set("a", "x"))
  local other = redis.connect { host = "127.0.0.1", port = port, auth = "secret", username = "default", db = 3 }
  local id = db:client "id"
  skynet.fork(function() other:client("kill", "id", id) end)
  print("lost", (pcall(db.blpop, db, "none", 0)))
  print("again", db:get "a")
  print("slow", db:blpop("none", 0.01))
  local me = {}
  skynet.fork(function()
    local ok, e = pcall(other.blpop, other, "none", 0)
    print("blocked", not ok, e)
    skynet.wakeup(me)
  end)
  skynet.fork(other.disconnect, other)
  skynet.wait(me)
  done()`)
}
