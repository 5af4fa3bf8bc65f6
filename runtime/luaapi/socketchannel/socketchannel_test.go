package socketchannel_test

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/luaapi/socketchannel"
	sockets "github.com/skylint/skylint/runtime/socket"
)

func run(t *testing.T, want, body string) nodetest.Result {
	t.Helper()
	return sockettest.Run(t, sockettest.System{Body: body, Want: want, Modules: func(p *sockets.Pool) []actor.Module {
		o := &socket.Options{Pool: p}
		return append(socket.Modules(o), socketchannel.Module(o))
	}})
}

// server is a server of lines: it answers each in capitals, "part" in three parts, and closes at "close".
const server = `
  local id, _, port = socket.listen("127.0.0.1", 0)
  local seen = {}
  socket.start(id, function(fd)
    socket.start(fd)
    skynet.fork(function()
      while true do
        local line = socket.readline(fd)
        if not line or line == "close" then break end
        seen[#seen + 1] = line
        if line ~= "silent" then socket.write(fd, line:upper() .. "\n") end
      end
      socket.close(fd)
    end)
  end)
  local sc = require "skynet.socketchannel"
  local function line(so) return true, so:readline() end
`

// Answers come in the order of the requests, whoever asks; an answer that says so is an error; an
// answer in parts is a list.
func TestOrder(t *testing.T) {
	run(t, `
answers	A1 A2 A3 A4
error	false	NO
parts	P1,P2,P3
read	HE	LLO
nothing	nil
raised	false	true
again	BACK
`, server+`
  local ch = sc.channel { host = "127.0.0.1", port = port, nodelay = true }
  print("answers", (function()
    local out, n = {}, 0
    local me = {}
    for i = 1, 4 do
      skynet.fork(function()
        out[i] = ch:request("a" .. i .. "\n", line)
        n = n + 1
        if n == 4 then skynet.wakeup(me) end
      end)
    end
    skynet.wait(me)
    return table.concat(out, " ")
  end)())
  print("error", pcall(ch.request, ch, "no\n", function(so) return false, so:readline() end))
  local left = 3
  print("parts", table.concat(ch:request({ "p1\n", "p2\n", "p3\n" }, function(so)
    left = left - 1
    return true, so:readline(), left > 0
  end), ","))
  print("read", ch:request("hello\n", function(so) return true, so:read(2) end), ch:response(line))
  print("nothing", (ch:request "he"))
  ch:request("\n", line)
  local ok, e = pcall(ch.request, ch, "silent\nclose\n", line)
  print("raised", ok, e == sc.error)
  print("again", ch:request("back\n", line))
  ch:close()
  done()`)
}

// Answers that name their session come in any order.
func TestSessions(t *testing.T) {
	r := run(t, `
answers	ONE	TWO
parts	X,Y
bad	false	WRONG
`, server+`
  local held
  local ch = sc.channel { host = "127.0.0.1", port = port, response = function(so)
    local session, text = so:readline():match "^(%d+) (.*)$"
    return tonumber(session), text ~= "WRONG", text, text == "X"
  end }
  local two
  local me = {}
  skynet.fork(function() two = ch:request("2 two\n", 2) skynet.wakeup(me) end)
  local one = ch:request("1 one\n", 1)
  if not two then skynet.wait(me) end
  print("answers", one, two)
  print("parts", table.concat(ch:request("3 x\n3 y\n", 3), ","))
  print("bad", pcall(ch.request, ch, "4 wrong\n", 4))
  ch:request("77 nobody\n", nil)
  ch:request("5 x\n5 end\n", 5)
  ch:close()
  done()`)
	if !strings.Contains(r.Log, "unknown session : 77") {
		t.Errorf("log: %s", r.Log)
	}
}

// A connection that is lost is made again when it is needed; auth speaks first, and may send
// elsewhere; who cannot connect gets socketchannel.error.
func TestReconnect(t *testing.T) {
	r := run(t, `
first	ONE
second	TWO
seen	hello,one,hello,two
refused	false	[Error: socket]
backup	THREE
closed	false
moved	FOUR	true
`, server+`
  local n = 0
  local desc = { host = "127.0.0.1", port = port, auth = function(ch) n = n + 1 ch:request("hello\n", line) end }
  local ch = sc.channel(desc)
  ch:connect(true)
  print("first", ch:request("one\n", line))
  ch:request "close\n"
  while not pcall(function() print("second", ch:request("two\n", line)) end) do end
  print("seen", table.concat(seen, ","))
  ch:close()
  local dead, _, none = socket.listen("127.0.0.1", 0)
  socket.close(dead)
  local ok, e = pcall(function() sc.channel { host = "127.0.0.1", port = none }:connect(true) end)
  print("refused", ok, tostring(e))
  local b = sc.channel { host = "127.0.0.1", port = none, backup = { { host = "127.0.0.1", port = port } } }
  print("backup", b:request("three\n", line))
  b:close()
  print("closed", (b:connect(true) == nil))
  b:close()
  local moved
  local m = sc.channel { host = "localhost", port = none, backup = { { host = "127.0.0.1", port = port } }, auth = function(ch)
    if not moved then moved = true ch:changehost("127.0.0.1", port) end
  end }
  print("moved", m:request("four\n", line), moved)
  m:close()
  done()`)
	if !strings.Contains(r.Log, "connect to backup host") {
		t.Errorf("log: %s", r.Log)
	}
}

// An answer whose request has given up is read all the same, so that the next gets its own.
func TestGivenUp(t *testing.T) {
	run(t, `
second	SECOND
`, `
  local id, _, port = socket.listen("127.0.0.1", 0)
  local asked = {}
  socket.start(id, function(fd)
    socket.start(fd)
    skynet.fork(function()
      local first = socket.readline(fd)
      local second = socket.readline(fd)
      socket.write(fd, first:upper() .. "\n" .. second:upper() .. "\n")
    end)
  end)
  local sc = require "skynet.socketchannel"
  local function line(so) return true, so:readline() end
  local ch = sc.channel { host = "127.0.0.1", port = port }
  ch:connect(true)
  local co = skynet.fork(function() print("first", ch:request("first\n", line)) end)
  skynet.yield()
  skynet.killthread(co)
  print("second", ch:request("second\n", line))
  ch:close()
  done()`)
}
