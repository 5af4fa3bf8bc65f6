package skynet_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// output collects what services print, log and report.
type output struct {
	mutex  sync.Mutex
	out    strings.Builder
	log    []string
	events []actor.Event
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.out.Write(p)
}

func (o *output) printed() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.out.String()
}

func (o *output) reported(kind string) (found []actor.Event) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for _, e := range o.events {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// system starts a node whose services are the files of an archive, by their names. It must be
// called in a bubble of synctest, so that time is the test's.
func system(t *testing.T, archive string, change ...func(*node.Options)) (*node.Node, *output) {
	t.Helper()
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[strings.TrimSuffix(f.Name, ".lua")] = string(f.Data)
	}
	o := new(output)
	maker := skynet.NewMaker(skynet.Config{Dialect: syntax.Lua54, Path: "?.lua", Library: func(h *host.State) {
		h.Out = o
		h.ReadFile = func(name string) ([]byte, error) {
			if text, ok := files[strings.TrimSuffix(name, ".lua")]; ok {
				return []byte(text), nil
			}
			return nil, errors.New("no such file")
		}
	}})
	opts := node.Options{
		Slots:  1, // so that actors take turns at places that are always the same
		Script: maker.New,
		Find: func(name string) (*source.File, error) {
			if text, ok := files[name]; ok {
				return source.New(name+".lua", text), nil
			}
			return nil, fmt.Errorf("there is no service %s", name)
		},
		Print: func(from actor.Handle, text string) {
			o.mutex.Lock()
			o.log = append(o.log, text)
			o.mutex.Unlock()
		},
		Report: func(e actor.Event) {
			o.mutex.Lock()
			o.events = append(o.events, e)
			o.mutex.Unlock()
		},
	}
	for _, f := range change {
		f(&opts)
	}
	n := node.New(opts)
	t.Cleanup(n.Close)
	return n, o
}

// run starts the service main of an archive, lets time pass, and returns what was printed.
func run(t *testing.T, archive string, d time.Duration, change ...func(*node.Options)) (printed string, o *output) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var n *node.Node
		n, o = system(t, archive, change...)
		if _, err := n.Spawn(nil, "main", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(d)
		synctest.Wait()
		n.Close()
	})
	return o.printed(), o
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
	failed := o.reported("handler")
	if len(failed) != 1 || failed[0].Handler != "fail" || failed[0].Source != 1 || failed[0].Trace == 0 || failed[0].Digest == 0 || !strings.Contains(failed[0].Stack, "echo.lua:6:") {
		t.Errorf("reported %+v", failed)
	}
}
