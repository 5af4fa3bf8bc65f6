package runtime_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// The command function of a gate stands in the place of a dispatch function: that it asserts that there is
// such a command is no unprotected handler, what it does not look at is an unchecked command.
func TestGateCommands(t *testing.T) {
	const gate = `local gateserver = require "snax.gateserver"
local CMD = {}
local handler = { message = function() end, connect = function() end }
function handler.command(cmd, source, ...)
  local f = assert(CMD[cmd])
  return f(...)
end
gateserver.start(handler)`
	const careless = `local gateserver = require "snax.gateserver"
local CMD = {}
local handler = { message = function() end, connect = function() end }
function handler.command(cmd, source, ...)
  return CMD[cmd](...)
end
gateserver.start(handler)`
	files := map[string]*source.File{
		"gate": source.New("gate.lua", gate), "careless": source.New("careless.lua", careless),
		"main": source.New("main.lua", `local skynet = require "skynet"
skynet.start(function()
  for _, name in ipairs { "gate", "careless" } do skynet.send(skynet.newservice(name), "lua", "nonsense") end
end)`),
	}
	synctest.Test(t, func(t *testing.T) {
		n, err := runtime.New(runtime.Options{
			Dialect: syntax.DefaultDialect, Slots: 1, Guards: guard.New(guard.Options{Policy: guard.All(guard.Warn), Now: time.Now}),
			Find: func(name string) (*source.File, bool) { f, ok := files[name]; return f, ok },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if _, err := n.Spawn(nil, "main", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		var got []string
		for _, trip := range n.Guards().First() {
			got = append(got, trip.Rule.Name+" "+trip.Path())
		}
		if len(got) != 1 || got[0] != "unchecked-command careless.lua" {
			t.Errorf("trips: %q", got)
		}
	})
}
