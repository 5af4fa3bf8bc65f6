package socket_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	sockets "github.com/skylint/skylint/runtime/socket"
)

// run is sockettest.Run with a limit on what is unread.
func run(t *testing.T, want, body string, change ...func(*socket.Options)) nodetest.Result {
	t.Helper()
	limits := sockets.Default()
	limits.Unread = 1 << 20
	return sockettest.Run(t, sockettest.System{Limits: limits, Body: body, Want: want, Modules: func(p *sockets.Pool) []actor.Module {
		o := &socket.Options{Pool: p}
		for _, f := range change {
			f(o)
		}
		return socket.Modules(o)
	}})
}

// What the functions that read return, as skynet's do: with enough, with too little, at the end.
func TestReading(t *testing.T) {
	run(t, `
accepted	true
read 3	abc
line	de
line by	fg	
some	hi
block	true
some	next
rest	false	tail
line at end	false	
closed	false	
readall	false
block	false
all	everything
disconnected	true
invalid	true
`, `
  local id, addr, port = socket.listen("127.0.0.1", 0)
  local script = { "abc", "de\nfg", "<>", "hi" }
  socket.start(id, function(fd, from)
    print("accepted", from:match "^127.0.0.1:%d+$" ~= nil)
    socket.start(fd)
    for _, piece in ipairs(script) do socket.write(fd, piece) skynet.sleep(2) end
    socket.readline(fd)
    socket.write(fd, { "ne", "xt" })
    socket.readline(fd)
    socket.write(fd, "tail")
    socket.close(fd)
  end)
  local fd = assert(socket.open("127.0.0.1", port))
  print("read 3", socket.read(fd, 3))
  print("line", socket.readline(fd))
  print("line by", socket.readline(fd, "<>"), "")
  print("some", socket.read(fd))
  socket.write(fd, "go\n")
  print("block", socket.block(fd))
  print("some", socket.read(fd))
  socket.write(fd, "go\n")
  print("rest", socket.read(fd, 100))
  print("line at end", socket.readline(fd))
  print("closed", socket.read(fd))
  print("readall", socket.readall(fd))
  print("block", socket.block(fd))
  socket.close(fd)
  script = { "every", "thing", "\n" }
  socket.start(id, function(fd)
    socket.start(fd)
    socket.write(fd, "everything")
    socket.close(fd)
  end)
  fd = socket.open("127.0.0.1:" .. port)
  print("all", socket.readall(fd))
  print("disconnected", socket.disconnected(fd))
  socket.close(fd)
  print("invalid", socket.invalid(fd))
  done()`)
}

// What goes wrong is an error or a value that says so.
func TestTrouble(t *testing.T) {
	r := run(t, `
open	nil	connection refused
no socket	false	main.lua:9: bad argument #1: the service has no socket 99
write	false
second reader	false	main.lua:16: socket 3 is being read by another coroutine
listen	false	true
onclose	3
started again	nil	no such socket
handler goes on	true
`, `
  local id, _, port = socket.listen("127.0.0.1", 0)
  print("open", socket.open("127.0.0.1", 1))
  print("no socket", pcall(function() socket.read(99) end))
  print("write", socket.write(99, "x"))
  local peer
  socket.start(id, function(fd) peer = fd socket.start(fd) end)
  local fd = socket.open("127.0.0.1", port)
  skynet.fork(function() socket.read(fd) end)
  skynet.sleep(1)
  print("second reader", pcall(function() socket.read(fd, 5) end))
  print("listen", (function(ok, e) return ok, e:find "address already in use" ~= nil end)(pcall(socket.listen, "127.0.0.1", port)))
  socket.onclose(fd, function(id) print("onclose", id) end)
  socket.close(peer)
  skynet.sleep(5)
  print("started again", socket.start(peer))
  print("handler goes on", true)
  done()`)
	if strings.Contains(r.Log, "traceback") {
		t.Errorf("log:\n%s", r.Log)
	}
}

// A service that leaves data unread holds up the peer, and loses nothing.
func TestBackPressure(t *testing.T) {
	run(t, `
held up	true
all	true	16777216
`, `
  local id, _, port = socket.listen("127.0.0.1", 0)
  local server
  socket.start(id, function(fd) server = fd socket.start(fd) end)
  local fd = socket.open("127.0.0.1", port)
  local block = ("0123456789abcdef"):rep(4096)
  for _ = 1, 256 do if not socket.write(fd, block) then print "not written" end end
  skynet.sleep(20)
  for _, s in ipairs(socket.netstat()) do if s.id == server then print("held up", s.read > 0 and s.read < 1e6) end end
  socket.close(fd)
  local got, n = true, 0
  while true do
    local piece = socket.read(server, #block)
    if not piece then break end
    got, n = got and piece == block, n + #piece
  end
  print("all", got, n)
  done()`)
}

// A line without end, and what is above a limit, end the connection with a line in the log.
func TestTooMuch(t *testing.T) {
	r := run(t, `
line	false
limited	false
`, `
  local id, _, port = socket.listen("127.0.0.1", 0)
  socket.start(id, function(fd) socket.start(fd) for _ = 1, 40 do socket.write(fd, ("x"):rep(1 << 16)) end end)
  local fd = socket.open("127.0.0.1", port)
  print("line", (socket.readline(fd)))
  socket.close(fd)
  fd = socket.open("127.0.0.1", port)
  socket.limit(fd, 1000)
  print("limited", (socket.readline(fd)))
  done()`)
	if !strings.Contains(r.Log, "see socket.unread in sky.toml") || !strings.Contains(r.Log, "see skynet.socket.limit") {
		t.Errorf("log:\n%s", r.Log)
	}
}

// A socket goes to another service; one whose service ends is closed.
func TestHandOver(t *testing.T) {
	run(t, `
answer	HELLO
end	false	
`, `
  local id, _, port = socket.listen("127.0.0.1", 0)
  socket.start(id, function(fd) skynet.newservice("worker", fd) end)
  local fd = socket.open("127.0.0.1", port)
  socket.write(fd, "hello\n")
  print("answer", socket.readline(fd))
  socket.write(fd, "bye\n")
  print("end", socket.readline(fd))
  done()
-- worker.lua --
local skynet = require "skynet"
local socket = require "skynet.socket"
local fd = tonumber(...)
skynet.start(function()
  skynet.fork(function()
    socket.start(fd)
    socket.write(fd, socket.readline(fd):upper() .. "\n")
    socket.readline(fd)
    skynet.exit()
  end)
end)`)
}

func TestDatagrams(t *testing.T) {
	v6 := "::1"
	if c, err := net.ListenPacket("udp", "[::1]:0"); err == nil {
		c.Close()
	} else {
		v6 = "127.0.0.1" // the machine has no IPv6
	}
	in := strings.NewReplacer("::1", v6).Replace
	run(t, in(`
not connected	false
asked	ping	127.0.0.1	true
answered	pong ping
asked	again	::1	true
answered	pong again
`), in(`
  local function server(data, from)
    local host, port = socket.udp_address(from)
    print("asked", data, host, port > 0)
    return "pong " .. data
  end
  local first
  first = socket.udp(function(data, from) socket.sendto(first, from, server(data, from)) end, "127.0.0.1", 0)
  local function port(id) for _, s in ipairs(socket.netstat()) do if s.id == id then return tonumber(s.sock:match ":(%d+)$") end end end
  local client
  client = socket.udp(function(data) print("answered", data) skynet.wakeup(client) end)
  print("not connected", socket.write(client, "lost"))
  socket.udp_connect(client, "127.0.0.1", port(first))
  socket.write(client, "ping")
  skynet.wait(client)
  local second
  second = socket.udp_listen("::1", 0, function(data, from) socket.sendto(second, from, server(data, from)) end)
  local dialled
  dialled = socket.udp_dial("::1", port(second), function(data) print("answered", data) done() end)
  socket.write(dialled, "again")`))
}

func TestStdin(t *testing.T) {
	in, w := io.Pipe()
	go func() {
		io.WriteString(w, "first\nsecond\nno end")
		w.Close()
	}()
	run(t, `
first
second
false	no end
`, `
  local fd = socket.stdin()
  print(socket.readline(fd))
  print(socket.readline(fd))
  print(socket.readline(fd))
  done()`, func(o *socket.Options) { o.Stdin = in })
}

// A gate hands whole frames to its handler, in pieces however they come, and counts its clients.
func TestGate(t *testing.T) {
	run(t, `
opened	true
connect	true
got	hello	5
got		0
got	second	6
echo	HELLO
full	false	
custom	1	2
disconnect
unknown	false	true
`, `
  local gate = skynet.newservice "gate"
  local port = skynet.call(gate, "lua", "open", { address = "127.0.0.1", port = 0, maxclient = 1, nodelay = true })
  local fd = socket.open("127.0.0.1", port)
  for c in ("\0\5hello\0\0\0\6second"):gmatch "." do socket.write(fd, c) end
  local n = socket.header(socket.read(fd, 2))
  print("echo", socket.read(fd, n))
  local more = socket.open("127.0.0.1", port)
  print("full", socket.read(more))
  print("custom", skynet.call(gate, "lua", "custom", 1, 2))
  socket.close(fd)
  skynet.sleep(5)
  print("unknown", (function(ok, e) return ok, e:find "bad" ~= nil end)(pcall(skynet.call, gate, "lua", "fail")))
  done()
-- gate.lua --
local skynet = require "skynet"
local gateserver = require "snax.gateserver"
local netpack = require "skynet.netpack"
local driver = require "skynet.socketdriver"
local handler = {}
function handler.open(source, conf) print("opened", source > 0) return conf.port end
function handler.connect(fd, from) print("connect", from:find "127.0.0.1" == 1) gateserver.openclient(fd) end
function handler.message(fd, msg, sz)
  print("got", netpack.tostring(msg, sz), sz)
  if sz == 5 then driver.send(fd, netpack.pack(netpack.tostring(msg, sz):upper())) end
end
function handler.disconnect(fd) print "disconnect" gateserver.closeclient(fd) end
function handler.command(cmd, source, ...)
  if cmd == "fail" then error "bad" end
  return ...
end
gateserver.start(handler)`)
}

// A service that handles the messages of sockets itself.
func TestFilter(t *testing.T) {
	run(t, `
init
open
init
data	one
more
two
three
close
`, `
  local other = skynet.newservice "own"
  local port = skynet.call(other, "lua")
  local fd = socket.open("127.0.0.1", port)
  socket.write(fd, "\0\3o")
  skynet.sleep(2)
  socket.write(fd, "ne")
  skynet.sleep(5)
  socket.write(fd, "\0\3two\0\5three")
  skynet.sleep(5)
  socket.close(fd)
  skynet.sleep(5)
  done()
-- own.lua --
local skynet = require "skynet"
local driver = require "skynet.socketdriver"
local netpack = require "skynet.netpack"
local queue
local on = {}
function on.data(fd, msg, sz) print("data", netpack.tostring(msg, sz)) end
function on.more() print "more" for fd, msg, sz in netpack.pop, queue do print(netpack.tostring(msg, sz)) end end
function on.open(fd) print "open" driver.start(fd) end
function on.close() print "close" end
function on.init() print "init" end
skynet.register_protocol {
  name = "socket", id = skynet.PTYPE_SOCKET,
  unpack = function(msg, sz) return netpack.filter(queue, msg, sz) end,
  dispatch = function(_, _, q, what, ...) queue = q if what then on[what](...) end end,
}
skynet.start(function()
  skynet.dispatch("lua", function()
    local id, _, port = driver.listen("127.0.0.1", 0)
    driver.start(id)
    skynet.retpack(port)
  end)
end)`)
}

// A gate serves on whatever its peers do: one that never reads is closed at socket.unsent, one that
// writes byte by byte has its frames, one that leaves within a frame and many that come and go leave
// nothing behind.
func TestHostilePeers(t *testing.T) {
	limits := sockets.Default()
	limits.Unsent = 256 << 10
	l, err := net.Listen("tcp", "127.0.0.1:0") // for a port that nobody uses
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	go func() { // one that never reads
		for range 1000 {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				time.Sleep(5 * time.Millisecond)
				continue
			}
			defer conn.Close()
			frame := append([]byte{0xff, 0xff}, make([]byte, 0xffff)...)
			for err == nil {
				_, err = conn.Write(frame)
			}
			return
		}
	}()
	sockettest.Run(t, sockettest.System{Limits: limits, Env: map[string]string{"address": address}, Modules: func(p *sockets.Pool) []actor.Module {
		return socket.Modules(&socket.Options{Pool: p})
	}, Want: `
honest	true
deaf	more waits to be sent than socket.unsent in sky.toml allows
honest	true
bytewise	true
within a frame	true
came and went	201	1
honest	true
`, Body: `
  local gate = skynet.newservice "gate"
  local port = tonumber(skynet.getenv "address":match ":(%d+)$")
  skynet.call(gate, "lua", "open", { port = port, address = "127.0.0.1", maxclient = 1000 })
  local honest = socket.open("127.0.0.1", port)
  local function ask(fd, write)
    write(fd, "\0\5hello")
    return socket.read(fd, 7) == "\0\5hello"
  end
  local function until_true(f) repeat skynet.sleep(1) until f() end
  local function state() return skynet.call(gate, "lua", "state") end
  print("honest", ask(honest, socket.write))

  until_true(function() return select(3, state())[1] end)
  print("deaf", select(3, state())[1])
  print("honest", ask(honest, socket.write))

  local slow = socket.open("127.0.0.1", port)
  print("bytewise", ask(slow, function(fd, s)
    for c in s:gmatch "." do socket.write(fd, c) skynet.sleep(0) end
  end))
  socket.write(slow, "\255\255half")
  socket.close(slow)
  until_true(function() return state() == 1 end)
  print("within a frame", true)

  local _, before = state()
  for i = 1, 201 do socket.shutdown(socket.open("127.0.0.1", port)) end
  until_true(function() local here, seen = state() return here == 1 and seen == before + 201 end)
  local here, seen = state()
  print("came and went", seen - before, here)
  print("honest", ask(honest, socket.write))
  done()
-- gate.lua --
local gateserver = require "snax.gateserver"
local netpack = require "skynet.netpack"
local driver = require "skynet.socketdriver"
local handler, here, seen, errors = {}, 0, 0, {}
function handler.open(_, conf) return conf.port end
function handler.connect(fd)
  here, seen = here + 1, seen + 1
  gateserver.openclient(fd)
end
function handler.disconnect(fd)
  here = here - 1
  gateserver.closeclient(fd)
end
function handler.error(fd, e)
  errors[#errors + 1] = e
  handler.disconnect(fd)
end
function handler.warning() end
function handler.message(fd, message, size) driver.send(fd, netpack.pack(message, size)) end
function handler.command() return here, seen, errors end
gateserver.start(handler)
`})
}
