package skynet_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/runtime/internal/nodetest"
)

// A global name, one without a dot, may be registered later: messages and calls to it wait, in order.
func TestGlobalName(t *testing.T) {
	expect(t, `
-- main.lua --
require "skynet.manager"
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, ...) print("got", ...) skynet.retpack("answer", ...) end)
  print(skynet.send("LATE", "lua", 1), skynet.send("LATE", "lua", 2), skynet.localname "LATE")
  skynet.fork(function() print("call", skynet.call("LATE", "lua", 3)) end)
  skynet.fork(function() print("raw", skynet.unpack(skynet.rawcall("LATE", "lua", skynet.pack(4)))) end)
  skynet.sleep(100)
  print "register"
  skynet.register "LATE"
  print(skynet.send("LATE", "lua", 5))
  skynet.sleep(1)
  print(skynet.call("LATE", "lua", 6))
  print(pcall(skynet.call, ".local", "lua"))
  print(skynet.send(".local", "lua"))
end)
`, 5*time.Second, "0\t0", "register", "0", "got\t1", "got\t2", "got\t5", "got\t3", "got\t4", "call\tanswer\t3", "raw\tanswer\t4",
		"got\t6", "answer\t6", "false\tcall to invalid address .local", "nil")
}

// Nobody registers it: the deadline ends the call, skynet.term does at once, and as many messages wait as fit.
func TestNobodysName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, r := (&nodetest.System{Files: `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.fork(function() print("first", pcall(skynet.call, "NONE", "lua")) end)
  skynet.sleep(100)
  skynet.send(skynet.self(), "lua", "term")
  skynet.dispatch("lua", function() skynet.term "NONE" end)
  skynet.sleep(100)
  print("second", pcall(skynet.call, "NONE", "lua"))
  local sent = 0
  while skynet.send("NONE", "lua", sent) do sent = sent + 1 end
  print(sent)
end)
`}).Start(t)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if w := n.Waits(); len(w) != 1 || w[0].What != `somebody to register the name "NONE"` || w[0].Age.Round(time.Second) != 18*time.Second {
			t.Errorf("waits %+v", w)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		r.Result().Expect(t, `first	false	call failed: NONE was given up (skynet.term)
second	false	call failed: timeout: waited 30s for somebody to register the name "NONE"; see actor.call-timeout in sky.toml
1024`)
		if w := n.Waits(); len(w) != 1024 || w[0].What != `somebody to register the name "NONE", for a message` || w[0].Name != "main" {
			t.Errorf("%d wait", len(w))
		}
		n.Close()
	})
}
