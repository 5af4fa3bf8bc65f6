package skynet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/internal/nodetest"
)

// What a real skynet prints, but for the order in which two services take turns.
func TestCore(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
local core = require "skynet.core"
skynet.start(function()
  local echo = skynet.newservice "echo"
  print(core.genid() < core.genid())
  print(skynet.unpack(core.pack(1, "x")))
  print(core.unpack(core.packstring("a", nil, true)))
  local m, n = core.pack "text"
  print(core.packstring "text" == core.tostring(m, n))
  core.trash(m, n)
  print(pcall(core.trash, nil))
  print(core.send(echo, 10, 0, core.pack("hello")))
  print(core.send(".echo", 10, 0, core.packstring("named")))
  print(core.send(0x77777, 10, 0, core.pack("nobody")))
  print(core.send(".nobody", 10, 0, core.pack("nobody")))
  print(pcall(core.send, 0, 10, 0, "x"))
  print(pcall(core.send, echo, 10, 0))
  print(core.redirect(echo, 0x123, 10, 7, core.pack "redirected"))
  print(core.command("REG") == string.format(":%x", skynet.self()), core.addresscommand("REG") == skynet.self())
  print(core.addresscommand("QUERY", ".echo") == echo, core.command("QUERY", ".nobody"))
  print(core.command("REG", ".mine"), core.command("NAME", ".his :" .. string.format("%x", echo)), core.addresscommand("QUERY", ".mine") == skynet.self())
  print(core.command("SETENV", "k some words"), core.command("GETENV", "k"), core.command("GETENV", "none"))
  print(core.intcommand("STAT", "mqlen"), core.command("STAT", "mqlen"), core.intcommand("STARTTIME") == skynet.starttime())
  print(core.intcommand("STAT", "endless"))
  print(core.command("NONSENSE"))
  print(type(core.now()), type(core.hpc()), core.harbor(skynet.self()))
  print(skynet.localname ".mine" == skynet.self(), skynet.localname "mine")
  skynet.dispatch_unknown_response(function(session, source, msg, sz) print("answer", source == echo, skynet.unpack(msg, sz)) end)
  print(core.send(echo, 10, nil, core.pack "asked") > 0)
  skynet.sleep(1)
  -- an answer by hand
  skynet.dispatch("lua", function(session, source, what)
    if what == "later" then
      skynet.ignoreret()
      skynet.fork(function() skynet.sleep(5) core.send(source, skynet.PTYPE_RESPONSE, session, core.pack "by hand") end)
    elseif what == "error" then
      skynet.ignoreret()
      core.send(source, skynet.PTYPE_ERROR, session, "")
    elseif what == "again" then
      skynet.dispatch_message(skynet.PTYPE_LUA, core.packstring "seen", nil, session, source)
      skynet.ignoreret()
    else
      print("message", what) skynet.retpack("done " .. what)
    end
  end)
  print(skynet.call(skynet.self(), "lua", "later"))
  print((pcall(skynet.call, skynet.self(), "lua", "error")))
  core.command("KILL", ".echo")
  print(core.command("QUERY", ".echo"))
  print(skynet.dispatch_unknown_request(print) ~= nil)
  core.command("EXIT")
end)
-- echo.lua --
local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
  skynet.register ".echo"
  skynet.dispatch("lua", function(session, source, ...)
    print("echo", session, source == 0x123, ...)
    if session > 0 and source ~= 0x123 then skynet.retpack(...) end
  end)
end)
`, time.Second,
		"true", "1\tx", "a\tnil\ttrue", "true", "false\tskynet.trash invalid param nil",
		"0", "0", "", "", "false\tInvalid service address 0", "false\tbad argument #4 to 'skynet.core.send' (message expected, got no value)", "7",
		"true\ttrue", "true", "mine\this\ttrue", "nil\tsome words", "0\t0\ttrue", "0", "", "number\tnumber\t0\tfalse", "true", "true",
		"echo\t0\tfalse\thello", "echo\t0\tfalse\tnamed", "echo\t7\ttrue\tredirected", "echo\t4\tfalse\tasked", "answer\ttrue\tasked",
		"by hand", "false", "", "true")
}

// What makes no sense here says so, and what to do instead.
func TestCoreRefuses(t *testing.T) {
	r := nodetest.Run(t, nodetest.System{Time: time.Second, Files: `
-- main.lua --
local skynet = require "skynet"
local core = require "skynet.core"
core.callback(skynet.dispatch_message)
print(pcall(core.callback, function() end))
for _, name in ipairs {"TIMEOUT", "SIGNAL", "LOGON"} do print(pcall(core.command, name, "1")) end
print(pcall(core.command, "LAUNCH", "harbor 1 2"))
skynet.start(function() end)
`})
	want := []string{"skynet.core.callback: skyrun takes the messages", "no command TIMEOUT in skyrun: use skynet.timeout", "SIGNAL", "LOGON", `no C service "harbor" here`}
	lines := strings.Split(r.Out, "\n")
	for i := range want {
		if !strings.HasPrefix(lines[i], "false\t") || !strings.Contains(lines[i], want[i]) {
			t.Errorf("prints %q, want %q", lines[i], want[i])
		}
	}
}

// skynet.dispatch_message: a message is handled as if it had come in.
func TestDispatchMessage(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local s = skynet.newservice "s"
  print(skynet.call(s, "outer", "inner"))
  print(pcall(skynet.call, s, "outer", "exit"))
end)
skynet.register_protocol {name = "outer", id = 100, pack = skynet.pack, unpack = skynet.unpack}
-- s.lua --
local skynet = require "skynet"
skynet.register_protocol {name = "outer", id = 100, unpack = function(m, n) return m, n end, dispatch = function(session, source, m, n)
  local what = skynet.unpack(m, n)
  skynet.dispatch_message(skynet.PTYPE_LUA, m, n, session, source)
  skynet.ignoreret()
  print "first"
  if what == "exit" then skynet.exit() end
end}
skynet.start(function()
  skynet.dispatch("lua", function(_, _, what) print(what) skynet.retpack(what .. " answered") end)
end)
`, time.Second, "first", "inner", "inner answered", "first", "false\tcall failed: :00000002 s has ended: it has exited")
}

// The functions that skynet.dispatch_unknown_request and skynet.dispatch_unknown_response return are
// skynet's own; a name is free as soon as its owner is to end.
func TestUnknownFunctions(t *testing.T) {
	r := nodetest.Expect(t, nodetest.System{Time: time.Second, Files: `
-- main.lua --
require "skynet.manager"
local skynet = require "skynet"
skynet.start(function()
  local own
  own = skynet.dispatch_unknown_request(function(...) print(select("#", ...), select(5, ...)) own(...) end)
  skynet.send(skynet.self(), "lua", "nobody listens")
  local s = skynet.newservice "s"
  skynet.kill(s)
  print(skynet.localname ".s", pcall(skynet.call, ".s", "lua"))
  skynet.register ".s"
  print(skynet.localname ".s" == skynet.self())
end)
-- s.lua --
require "skynet.manager"
local skynet = require "skynet"
skynet.start(function() skynet.register ".s" end)
`}, "5\tlua\nnil\tfalse\tcall to invalid address .s\ntrue")
	if failed := r.Of("handler"); len(failed) != 1 || failed[0].Message != "main.lua:5: Unknown session : 0 from 1" || !strings.Contains(r.Log, "Unknown request (lua): nobody listens") {
		t.Errorf("%+v; log: %s", failed, r.Log)
	}
}
