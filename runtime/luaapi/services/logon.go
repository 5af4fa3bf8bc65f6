package services

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
)

// A logon logs the messages of one actor.
type logon struct{ handle actor.Handle }

// Begun implements actor.Observer.
func (l logon) Begun(t *actor.Task, e *actor.Envelope) {
	a := t.Actor()
	if a.Handle() != l.handle {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "message from %s, type %s", e.Source, e.Type)
	if e.Session != 0 {
		fmt.Fprintf(&b, ", session %d", e.Session)
	}
	if raw, ok := e.Raw(); ok {
		fmt.Fprintf(&b, ", %d bytes", len(raw))
	} else if command := e.Command(); command != "" {
		fmt.Fprintf(&b, ", command %.64q, %d values", command, e.Len())
	} else {
		fmt.Fprintf(&b, ", %d values", e.Len())
	}
	fmt.Fprintf(&b, ", digest %016x", e.Digest())
	a.Host().Print(a, b.String())
}

// Handled implements actor.Observer.
func (logon) Handled(actor.Handling) {}

// Called implements actor.Observer.
func (logon) Called(actor.Called) {}

// logons are those that a console has begun: by address, what ends them.
type logons map[actor.Handle]func()

var logonsKey = actor.NewKey(func(a *actor.Actor) *logons {
	l := logons{}
	a.OnEnd(func() {
		for _, stop := range l {
			stop()
		}
	})
	return &l
})

// openConsole makes the commands of the debug console.
func openConsole(L *lua.LState) lua.LValue {
	native := L.CreateTable(0, 2)
	native.RawSetString("logon", logOn)
	native.RawSetString("logoff", logOff)
	return open(L, "console", native)
}

var logOn = library.New("logon", func(L *lua.LState) int {
	a, h := actor.Of(L), actor.Handle(arg.Integer(L, 1))
	all := *logonsKey.Of(a)
	if a.Host().Find(h) == nil {
		actor.Raise(L, fmt.Errorf("there is no service %s", h))
	}
	if all[h] == nil {
		all[h] = a.Host().Observers().Add(logon{h})
	}
	return 0
})

var logOff = library.New("logoff", func(L *lua.LState) int {
	all, h := *logonsKey.Of(actor.Of(L)), actor.Handle(arg.Integer(L, 1))
	if stop := all[h]; stop != nil {
		stop()
		delete(all, h)
	}
	return 0
})
