package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// What the runtime's own programs do breaks no rule, whatever is enforced; nor is the end of a node an error.
func TestOwnProgramsAreNotGuarded(t *testing.T) {
	var out strings.Builder
	main := source.New("main.lua", `
local skynet = require "skynet"
local service = require "skynet.service"
skynet.start(function()
  local echo = service.new("echo", function()
    local skynet = require "skynet"
    skynet.start(function() skynet.dispatch("lua", function(_, _, ...) skynet.retpack(...) end) end)
  end)
  print(skynet.call(echo, "lua", 1, 2))
  skynet.abort()
end)`)
	guards := guard.New(guard.Options{Policy: guard.All(guard.Enforce)})
	var events []string
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Slots: 1, Guards: guards, Out: &out,
		Find:   func(name string) (*source.File, bool) { return main, name == "main" },
		Report: func(e actor.Event) { events = append(events, e.Kind+": "+e.Message) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := n.Launch(ctx, "main"); err != nil && !errors.Is(err, actor.ErrExited) {
		t.Error(err)
	}
	if err := n.WaitIdle(ctx); err != nil {
		t.Error(err)
	}
	n.Close()
	if out.String() != "1\t2\n" || len(guards.First()) > 0 || len(events) > 0 {
		t.Errorf("it prints %q; trips %v; events %q", out.String(), guards.First(), events)
	}
}
