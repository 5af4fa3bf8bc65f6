package skynet_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/runtime/internal/nodetest"
)

// An error that has come through several services names the places that it has come through, and
// says once that a call has failed.
func TestChainOfCauses(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local c = skynet.newservice "relay"
  local b = skynet.newservice "relay"
  local a = skynet.newservice "relay"
  print(pcall(skynet.call, a, "lua", b, c))
  print(pcall(skynet.call, a, "lua", b, 0x99))
  print(pcall(skynet.newservice, "broken"))
  print(pcall(skynet.call, ".launcher2", "lua"))
end)
-- relay.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, _, to, ...)
    if not to then error "boom" end
    skynet.retpack(skynet.call(to, "lua", ...))
  end)
end)
-- broken.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.newservice "worse"
end)
-- worse.lua --
local skynet = require "skynet"
skynet.start(function()
  error "no"
end)
`, time.Second,
		"false\tcall failed: relay.lua:5: relay.lua:5: relay.lua:4: boom",
		"false\tcall failed: relay.lua:5: relay.lua:5: call to invalid address :00000099",
		"false\tcall failed: init service failed: broken.lua:3: init service failed: worse.lua:3: no",
		"false\tcall to invalid address .launcher2")
}

// A handler may decline to answer and have the request answered by another service later, from
// another task. Until then the answer is in the list of waits.
func TestDeferredRedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, r := (&nodetest.System{Files: `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local worker = skynet.newservice "worker"
  local front = skynet.newservice("front", worker)
  skynet.fork(function() print("first", pcall(skynet.call, front, "lua", "first")) end)
  skynet.fork(function() print("second", pcall(skynet.call, front, "lua", "second")) end)
  skynet.fork(function() print("kept", pcall(skynet.call, front, "lua", "kept")) end)
  skynet.sleep(500)
  skynet.send(front, "lua", "go", "first")
  skynet.send(front, "lua", "self", "second")
end)
-- front.lua --
local skynet = require "skynet"
local worker = tonumber(...)
local kept = {}
skynet.start(function()
  skynet.dispatch("lua", function(session, source, name, which)
    if session > 0 then
      kept[name] = {session, source}
      skynet.ignoreret()
      return
    end
    local k = kept[which]
    if name == "self" then
      skynet.redirect(k[2], skynet.self(), "response", k[1], skynet.pack("by itself"))
    else
      skynet.redirect(worker, k[2], "lua", k[1], skynet.pack(which))
    end
  end)
end)
-- worker.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function(_, _, name) skynet.retpack("done " .. name) end) end)
`}).Start(t)
		declined := func() (list []string) {
			for _, w := range n.Waits() {
				if w.Kind.String() == "response" {
					list = append(list, w.What)
				}
			}
			return list
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if got := strings.Join(declined(), "; "); strings.Count(got, "an answer that was declined (skynet.ignoreret) to") != 3 || r.Result().Out != "" {
			t.Errorf("waits %q, printed %s", got, r.Result().Out)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		got := r.Result().Out
		for _, want := range []string{"first\ttrue\tdone first\n", "second\ttrue\tby itself\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in %s", want, got)
			}
		}
		if list := declined(); len(list) != 1 || !strings.HasSuffix(list[0], `"kept"`) {
			t.Errorf("waits %q", list)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := r.Result().Out; !strings.Contains(got, "kept\tfalse\tcall failed: timeout: waited 30s") {
			t.Errorf("printed %s", got)
		}
		n.Close()
	})
}

// A handler that declines to answer and then fails answers with its error.
func TestDeclinedAndFailed(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() skynet.ignoreret() error "broken" end)
  print(pcall(skynet.call, skynet.self(), "lua"))
end)
`, time.Second, "false\tcall failed: main.lua:3: broken")
}

// A gate hands packets on under sessions of its own, in the name of whoever it likes. What becomes of them
// answers no call that happens to have the same number; nor is a handler of one taken for that of the call.
func TestForgedSessions(t *testing.T) {
	for _, end := range []string{"", "skynet.ignoreret()", `error "bad packet"`, "skynet.exit()", "skynet.sleep(100)"} {
		t.Run(end, func(t *testing.T) {
			expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.register_protocol {name = "text", id = 0, pack = tostring, unpack = skynet.tostring}
  local slow, agent = skynet.newservice "slow", skynet.newservice "agent"
  local session = skynet.genid()
  skynet.fork(function()
    for i = 1, 50 do skynet.redirect(agent, skynet.self(), "text", session + i, "packet") end
  end)
  print(pcall(skynet.call, slow, "lua"))
end)
-- slow.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() skynet.sleep(200) skynet.retpack "answer" end) end)
-- agent.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.register_protocol {name = "text", id = 0, pack = tostring, unpack = skynet.tostring}
  skynet.dispatch("text", function() `+end+` end)
end)
`, 5*time.Second, "true\tanswer")
		})
	}
}

// A message that is handed on at once is answered by who gets it, whether the handler declines before or behind it.
func TestRedirect(t *testing.T) {
	for _, handler := range []string{
		`skynet.redirect(other, source, "lua", session, skynet.pack(...)) skynet.ignoreret()`,
		`skynet.ignoreret() skynet.redirect(other, source, "lua", session, skynet.pack(...))`,
		`skynet.redirect(other, source, "lua", session, skynet.pack(...))`,
		`skynet.ignoreret() skynet.redirect(other, source, "lua", session, skynet.pack(...)) error "behind"`,
	} {
		expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local other = skynet.newservice "other"
  skynet.dispatch("lua", function(session, source, ...) `+handler+` end)
  print(skynet.call(skynet.self(), "lua", "x"))
end)
-- other.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function(_, _, x) skynet.sleep(10) skynet.retpack(x, "other") end) end)
`, time.Second, "x\tother")
	}
}

// Who sends a copy of a request on may answer it himself all the same.
func TestMirror(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local mirror = skynet.newservice "mirror"
  skynet.dispatch("lua", function(session, source, ...)
    skynet.redirect(mirror, source, "lua", session, skynet.pack(...))
    skynet.retpack("mine")
  end)
  print(skynet.call(skynet.self(), "lua", "x"))
end)
-- mirror.lua --
local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function(_, _, x) skynet.sleep(1) print("copy", x) skynet.retpack "other" end) end)
`, time.Second, "mine", "copy\tx")
}

// skynet.dispatch_unknown_response gets the answers that nothing waits for.
func TestUnknownResponse(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local s = skynet.newservice "s"
  skynet.send(s, "lua", "dropped") -- there is no function yet
  skynet.sleep(1)
  skynet.dispatch_unknown_response(function(session, source, msg, sz)
    print("unknown", session, source == s, skynet.unpack(msg, sz))
  end)
  skynet.send(s, "lua", "seen")
  local co = skynet.fork(function() print(skynet.sleep(10)) end)
  skynet.sleep(1)
  skynet.wakeup(co) -- its timer comes later
  skynet.sleep(20)
end)
-- s.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function(_, source, what)
    skynet.redirect(source, skynet.self(), "response", 12345, skynet.pack(what))
  end)
end)
`, time.Second, "unknown\t12345\ttrue\tseen", "BREAK")
}

// What stands in the mailbox counts as memory of who will get it.
func TestMailboxIsMemory(t *testing.T) {
	expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  skynet.dispatch("lua", function() end)
  local function count() collectgarbage "collect" return collectgarbage "count" end
  local before = count()
  for i = 1, 100 do skynet.send(skynet.self(), "lua", string.rep(tostring(i % 10), 20480)) end
  local full = count()
  skynet.sleep(1)
  print(full - before > 1900, count() - before < 100)
end)
`, time.Second, "true\ttrue")
}
