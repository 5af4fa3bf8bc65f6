package services_test

import (
	"net"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	"github.com/skylint/skylint/runtime/luaapi/crypt"
	"github.com/skylint/skylint/runtime/luaapi/queue"
	"github.com/skylint/skylint/runtime/luaapi/services"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	sockets "github.com/skylint/skylint/runtime/socket"
)

// TestLogin has clients that log in, lose their connection while a request is handled, and come back; and some
// that are not who they say.
func TestLogin(t *testing.T) {
	ports := strings.NewReplacer("LOGIN", freePort(t), "GATE", freePort(t))
	sockettest.Run(t, sockettest.System{
		Modules: func(p *sockets.Pool) []actor.Module {
			open := actor.Module{Name: "skynet.crypt", Open: func(L *lua.LState) lua.LValue { return crypt.Open(L) }}
			return append(append(slices.Clone(services.Modules), queue.Module, open), socket.Modules(&socket.Options{Pool: p})...)
		},
		Body: ports.Replace(`
  local crypt = require "skynet.crypt"
  local login = skynet.newservice("login", LOGIN)
  local gate = skynet.newservice("gate", login)
  skynet.call(gate, "lua", "open", { address = "127.0.0.1", port = GATE, servername = "one" })

  local function enter(user, server, pass, tamper)
    local fd = assert(socket.open("127.0.0.1", LOGIN))
    local function line(s) socket.write(fd, crypt.base64encode(s) .. "\n") end
    local challenge, key = crypt.base64decode(socket.readline(fd)), crypt.randomkey()
    line(crypt.dhexchange(key))
    local secret = crypt.dhsecret(crypt.base64decode(socket.readline(fd)), key)
    line(crypt.hmac64(challenge, tamper or secret))
    line(crypt.desencode(secret, ("%s@%s:%s"):format(user, server, pass)))
    local result = socket.readline(fd)
    socket.close(fd)
    return result, secret
  end
  print(enter("ann", "one", "wrong"), nil)
  print(enter("ann", "none", "pass"), nil)
  print(enter("ann", "one", "pass", "12345678"), nil)
  local result, secret = enter("ann", "one", "pass")
  print(result, crypt.base64decode(result:sub(5)))

  local function connect(index, key)
    local fd = assert(socket.open("127.0.0.1", GATE))
    local name = ("%s@%s#%s:%d"):format(crypt.base64encode "ann", crypt.base64encode "one", crypt.base64encode "1", index)
    socket.write(fd, string.pack(">s2", name .. ":" .. crypt.base64encode(crypt.hmac_hash(key or secret, name))))
    local head = socket.read(fd, 2)
    return fd, head and socket.read(fd, head:byte(1) * 256 + head:byte(2))
  end
  local function ask(fd, text, session) socket.write(fd, string.pack(">s2", text .. string.pack(">I4", session))) end
  local function answer(fd)
    local head = socket.read(fd, 2)
    if not head then return "closed" end
    local text = socket.read(fd, head:byte(1) * 256 + head:byte(2))
    return text:sub(1, -6), string.unpack(">BI4", text, -5)
  end
  local function say(...) print((select("#", ...) == 3 or select("#", ...) == 4) and table.concat({ ... }, " ", 1, 3) or (...)) end

  print("a wrong key", select(2, connect(1, "12345678")))
  local fd, greeting = connect(1)
  print(greeting)
  ask(fd, "upper one", 7)
  say(answer(fd))
  ask(fd, "slow", 8)
  skynet.sleep(1)
  socket.close(fd)
  print("an old index", select(2, connect(1)))
  fd, greeting = connect(2)
  print(greeting)
  ask(fd, "slow", 8) -- asked again: it is done once
  ask(fd, "fail", 9)
  say(answer(fd))
  say(answer(fd))
  ask(fd, "count", 10)
  say(answer(fd))
  ask(fd, "slow", 11)
  ask(fd, "slow", 11)
  say(answer(fd))
  fd = connect(3)
  skynet.call(gate, "lua", "logout", "ann", 1)
  print("at the end", socket.read(fd))
  print("logged out", select(2, connect(4)))
  print("nonsense", (function()
    local fd = assert(socket.open("127.0.0.1", GATE))
    socket.write(fd, string.pack(">s2", "GET / HTTP/1.1"))
    return socket.read(fd, 2) and socket.read(fd, 15), socket.read(fd, 1)
  end)())
  done()
-- login.lua --
local login = require "snax.loginserver"
local skynet = require "skynet"
local gates = {}
login {
  host = "127.0.0.1", port = (...) or LOGIN, instance = 2, name = "login_master",
  auth_handler = function(token)
    local user, server, pass = token:match "(.*)@(.*):(.*)"
    assert(pass == "pass", "wrong password")
    return server, user
  end,
  login_handler = function(server, uid, secret)
    local gate = gates[server] or error("there is no server " .. server)
    return tostring(skynet.call(gate, "lua", "login", uid, secret))
  end,
  command_handler = function(command, name, address)
    gates[name] = address
    return command
  end,
}
-- gate.lua --
local msgserver = require "snax.msgserver"
local skynet = require "skynet"
local login = tonumber((...))
local name, slow = nil, 0
msgserver.start {
  register_handler = function(server)
    name = server
    skynet.call(login, "lua", "register", server, skynet.self())
  end,
  login_handler = function(uid, secret)
    msgserver.login(msgserver.username(uid, 1, name), secret)
    return 1
  end,
  logout_handler = function(uid, subid)
    print("ip", msgserver.ip(msgserver.username(uid, subid, name)):match "^[^:]*")
    print(msgserver.userid(msgserver.username(uid, subid, name)))
    msgserver.logout(msgserver.username(uid, subid, name))
  end,
  kick_handler = function() end,
  disconnect_handler = function(user) print("gone", (msgserver.userid(user))) end,
  request_handler = function(user, text)
    if text == "slow" then
      slow = slow + 1
      skynet.sleep(20)
      return "done"
    elseif text == "fail" then
      error "it fails"
    elseif text == "count" then
      return tostring(slow)
    end
    return text:upper()
  end,
}
`),
		Want: `
401 Unauthorized	nil
403 Forbidden	nil
401 Unauthorized	nil
200 MQ==	1
a wrong key	401 Unauthorized
200 OK
UPPER ONE 1 7
gone	ann
an old index	403 Index Expired
200 OK
 0 9
done 1 8
1 1 10
gone	ann
closed
ip	127.0.0.1
ann	1	one
at the end	false	
logged out	404 User Not Found
nonsense	400 Bad Request	false	
`,
	})
}

// freePort returns a port that nobody listened at just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
