package skynet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/node"
)

// system makes a node whose services are the files of an archive, by their names.
func system(t *testing.T, archive string, change ...func(*node.Options)) (*node.Node, *nodetest.Recorder) {
	t.Helper()
	return (&nodetest.System{Files: archive, Change: all(change)}).Node(t)
}

func all(change []func(*node.Options)) func(*node.Options) {
	return func(o *node.Options) {
		for _, f := range change {
			f(o)
		}
	}
}

// run starts the service main of an archive, lets time pass, and returns what was printed.
func run(t *testing.T, archive string, d time.Duration, change ...func(*node.Options)) (printed string, r nodetest.Result) {
	t.Helper()
	r = nodetest.Run(t, nodetest.System{Files: archive, Time: d, Change: all(change)})
	return r.Out, r
}

// expect runs an archive that must print the given lines and nothing else.
func expect(t *testing.T, archive string, d time.Duration, want ...string) nodetest.Result {
	t.Helper()
	return nodetest.Expect(t, nodetest.System{Files: archive, Time: d}, strings.Join(want, "\n"))
}

func TestCall(t *testing.T) {
	o := expect(t, `
-- main.lua --
local skynet = require "skynet"
skynet.start(function()
  local echo = skynet.newservice("echo", "x", "y z")
  print("echo", skynet.address(echo))
  print(skynet.call(echo, "lua", "echo", 1, nil, "three", nil))
  local r = skynet.call(echo, "lua", "table", {1, 2, {3}, k = "v"})
  print(#r, r.k, r[3][1])
  print(pcall(skynet.call, echo, "lua", "fail"))
  print(pcall(skynet.call, echo, "lua", "silent"))
  print(skynet.send(echo, "lua", "echo"))
  print(pcall(skynet.call, 99, "lua"))
  print(skynet.send(99, "lua"))
  print(pcall(skynet.call, echo, "lua", print))
  print(coroutine.isyieldable(), select(2, coroutine.running()))
end)
-- echo.lua --
local skynet = require "skynet"
print("args", ...)
local cmd = {}
function cmd.echo(...) return select("#", ...), ... end
function cmd.table(t) return t end
function cmd.fail() error("no") end
skynet.start(function()
  skynet.dispatch("lua", function(session, source, name, ...)
    if name == "silent" then return end
    skynet.retpack(cmd[name](...))
  end)
end)
`, time.Second, "args\tx\ty\tz", "echo\t:00000002", "4\t1\tnil\tthree\tnil", "3\tv\t3", "false\tcall failed: echo.lua:6: no",
		`false	call failed: the handler has ended without an answer (:00000002 echo, "silent")`, "0",
		"false\tcall to invalid address :00000063", "nil", "false\tUnsupport type function to serialize", "true\tfalse")
	failed := o.Of("handler")
	if len(failed) != 1 || failed[0].Handler != "fail" || failed[0].Source != 1 || failed[0].Trace == 0 || failed[0].Digest == 0 || !strings.Contains(failed[0].Stack, "echo.lua:6:") {
		t.Errorf("reported %+v", failed)
	}
}
