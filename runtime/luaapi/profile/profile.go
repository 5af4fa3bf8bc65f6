// Package profile is the module skynet.profile: how long a coroutine of a service has worked.
//
// The time is that of the instructions that the task of the coroutine has used, at a rate of a
// usual machine: it is the same for every run, and does not see what the system does meanwhile.
package profile

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/corolib"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Module is skynet.profile.
var Module = actor.Functions("skynet.profile", []library.Function{
	{Name: "start", Call: start}, {Name: "stop", Call: stop}, {Name: "resume", Call: base("resume")}, {Name: "wrap", Call: base("wrap")},
})

func base(name string) lua.LGFunction {
	for _, f := range corolib.Functions {
		if f.Name == name {
			return f.Call
		}
	}
	panic("corolib has no function " + name)
}

// secondsPerInstruction is about what one instruction takes.
const secondsPerInstruction = 20e-9

// maxRunning is how many coroutines of a service are measured at once.
const maxRunning = 10_000

// running are the measurements of one service: what its tasks had used when they began.
type running map[*actor.Coroutine]int64

var key = actor.NewKey(func(*actor.Actor) *running { return &running{} })

func start(L *lua.LState) int {
	c := actor.Running(L).Coroutine()
	all := *key.Of(actor.Of(L))
	if _, ok := all[c]; ok {
		thread.Errorf(L, "Thread start profile more than once")
	}
	if len(all) >= maxRunning {
		for c := range all {
			if c.Status() == "dead" { // it has never stopped
				delete(all, c)
			}
		}
	}
	if len(all) >= maxRunning {
		thread.Errorf(L, "more than %d coroutines are measured at once", maxRunning)
	}
	all[c] = limit.Of(L).TaskUsed()
	return 0
}

func stop(L *lua.LState) int {
	c := actor.Running(L).Coroutine()
	all := *key.Of(actor.Of(L))
	began, ok := all[c]
	if !ok {
		thread.Errorf(L, "Call profile.start() before profile.stop()")
	}
	delete(all, c)
	L.Push(lua.LNumber(float64(limit.Of(L).TaskUsed()-began) * secondsPerInstruction))
	return 1
}
