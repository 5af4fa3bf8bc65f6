package effect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/effect"
)

// service returns the service of a name.
func service(t *testing.T, sys *effect.System, name string) *effect.Service {
	t.Helper()
	for _, s := range sys.Services {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no service %s", name)
	return nil
}

// entries writes which entries of a service are as said.
func entries(s *effect.Service, is func(*effect.Entry) bool) string {
	var out []string
	for _, e := range s.Entries {
		if is(e) {
			out = append(out, e.Name())
		}
	}
	return strings.Join(out, " ")
}

func TestSendersAndRaises(t *testing.T) {
	sys := analyse(t, node+`
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	local w = skynet.newservice("worker")
	skynet.call(w, "lua", "called")
	skynet.send(w, "lua", "sent")
	skynet.send(w, "lua", "called")
end)
-- service/worker.lua --
local skynet = require "skynet"
local CMD = {}
local function check(x) assert(x, "no x") end
function CMD.called(x) check(x) end
function CMD.sent(x) pcall(check, x) end
function CMD.nobody() skynet.fork(check) error "never" end
function CMD.forked() skynet.fork(check) end
skynet.start(function() skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end) end)
`)
	w := service(t, sys, "worker")
	for _, test := range []struct {
		name string
		is   func(e *effect.Entry) bool
		want string
	}{
		{"called", func(e *effect.Entry) bool { return e.Kind == effect.Command && sys.IsReached(e, effect.Call) }, "called"},
		{"sent", func(e *effect.Entry) bool { return e.Kind == effect.Command && sys.IsReached(e, effect.Send) }, "called sent"},
		{"launched", func(e *effect.Entry) bool { return sys.IsReached(e, effect.Launch) }, "init"},
		{"without senders", func(e *effect.Entry) bool { return e.Kind == effect.Command && len(sys.Senders(e)) == 0 }, "forked nobody"},
		{"raising", func(e *effect.Entry) bool {
			return e.Kind == effect.Command && slices.ContainsFunc(e.Functions, func(f effect.Function) bool { _, raises := sys.Raises(f); return raises })
		}, "called nobody"},
	} {
		if got := entries(w, test.is); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestRemote(t *testing.T) {
	sys := analyse(t, node+`
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	local gate = skynet.newservice("mygate")
	skynet.newservice("agent", gate)
end)
-- service/mygate.lua --
local skynet = require "skynet"
local gateserver = require "snax.gateserver"
local agent
local handler = {}
function handler.connect(fd) end
function handler.message(fd, msg, sz) skynet.redirect(agent, 0, "client", fd, msg, sz) end
function handler.command(cmd, source) if cmd == "forward" then agent = source end end
gateserver.start(handler)
-- service/agent.lua --
local skynet = require "skynet"
local gate = tonumber((...))
skynet.register_protocol { name = "client", id = 3, dispatch = function(fd, _, msg) end }
local CMD = {}
function CMD.inside() end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end)
	skynet.call(gate, "lua", "forward")
end)
-- service/shop.lua --
local skynet = require "skynet"
local cluster = require "skynet.cluster"
local CMD = {}
function CMD.buy() end
skynet.start(function()
	cluster.register "shop"
	skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end)
end)
`)
	for _, test := range []struct{ service, want string }{
		{"mygate", "connect message"},
		{"agent", "client"},
		{"shop", "lua buy"},
		{"main", ""},
	} {
		if got := entries(service(t, sys, test.service), sys.Remote); got != test.want {
			t.Errorf("remote of %s: %q, want %q", test.service, got, test.want)
		}
	}
}

func TestReachLocked(t *testing.T) {
	sys := analyse(t, node+`
-- service/main.lua --
local skynet = require "skynet"
local queue = require "skynet.queue"
local a, b = queue(), queue()
local function work() print "both" end
skynet.start(function()
	print "none"
	a(function()
		print "one"
		b(work)
		skynet.fork(function() print "forked" end)
		pcall(function() print "protected" end)
	end)
end)
`)
	s := service(t, sys, "main")
	var got []string
	sys.ReachLocked(s, s.Entries[0].Functions, func(site effect.Site, held []effect.Held) {
		f := sys.Values.Program().Files[site.File]
		call := sys.Values.IR(site.File).Calls[site.Call].Node
		if callee, args := f.Tree.Call(call); f.Tree.Text(callee) == "print" {
			row := fmt.Sprint(f.Tree.Str(args[0]), " ", len(held))
			for _, h := range held {
				row += fmt.Sprint(" taken at ", f.Tree.Line(sys.Values.IR(h.Site.File).Calls[h.Site.Call].Node))
			}
			got = append(got, row)
		}
	})
	slices.Sort(got)
	want := "both 2 taken at 7 taken at 9\nforked 0\nnone 0\none 1 taken at 7\nprotected 1 taken at 7"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestTooManyReceivers checks that an address which may be that of many services is one that is not
// known, with the reason.
func TestTooManyReceivers(t *testing.T) {
	for _, count := range []int{16, 17} {
		var launches, services strings.Builder
		for i := range count {
			fmt.Fprintf(&launches, "	list[%d] = skynet.newservice \"w%d\"\n", i+1, i)
			fmt.Fprintf(&services, "-- service/w%d.lua --\nlocal skynet = require \"skynet\"\nskynet.start(function() end)\n", i)
		}
		sys := analyse(t, node+"-- service/main.lua --\nlocal skynet = require \"skynet\"\nlocal list = {}\nskynet.start(function()\n"+launches.String()+
			"	for i = 1, #list do skynet.send(list[i], \"lua\", \"tick\") end\nend)\n"+services.String())
		known, reason := 0, ""
		for _, s := range sys.Services {
			for _, m := range sys.Messages(s, s.Entries[0]) {
				switch {
				case m.Kind != effect.Send:
				case m.To != nil:
					known++
				default:
					reason = m.Reason
				}
			}
		}
		if count == 16 && (known != 16 || reason != "") || count == 17 && (known != 0 || reason == "") {
			t.Errorf("of %d services %d get the message; reason %q", count, known, reason)
		}
	}
}
