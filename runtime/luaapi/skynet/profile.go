package skynet

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Profile is skynet.profile: what a task has worked since start. Time is reckoned from the
// instructions, so that it is the same on a busy machine.
var Profile = actor.Functions("skynet.profile", []library.Function{{Name: "start", Call: profileStart}, {Name: "stop", Call: profileStop}})

// instructionTime is about what an instruction takes, in seconds.
const instructionTime = 20e-9

var profiles = actor.NewKey(func(*actor.Actor) *map[*actor.Coroutine]int64 {
	m := map[*actor.Coroutine]int64{}
	return &m
})

func profileStart(L *lua.LState) int {
	m, c := *profiles.Of(actor.Of(L)), actor.Running(L).Coroutine()
	if _, running := m[c]; running {
		thread.Errorf(L, "Thread %s start profile more than once", "of the running task")
	}
	m[c] = limit.Of(L).Used()
	return 0
}

func profileStop(L *lua.LState) int {
	m, c := *profiles.Of(actor.Of(L)), actor.Running(L).Coroutine()
	from, running := m[c]
	if !running {
		thread.Errorf(L, "Call profile.start() before profile.stop()")
	}
	delete(m, c)
	L.Push(lua.LNumber(float64(limit.Of(L).Used()-from) * instructionTime))
	return 1
}

// CodeCache is skynet.codecache. Compiled code is found by its text, so that a file that has
// changed is compiled anew by itself; there is nothing to clear.
var CodeCache = actor.Functions("skynet.codecache", []library.Function{
	{Name: "clear", Call: func(*lua.LState) int { return 0 }},
	{Name: "mode", Call: func(*lua.LState) int { return 0 }},
})
