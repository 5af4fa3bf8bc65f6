// Package queue is the module skynet.queue: a lock that coroutines of a service take in the order
// in which they ask.
//
//	local queue = require "skynet.queue"
//	local cs = queue()
//	cs(function(...) ... end, ...)
//
// The coroutine that holds it may take it again. A wait for it is an exact one: a cycle of such
// waits and of calls is found and broken.
package queue

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
)

// Module is skynet.queue: a function that makes queues.
var Module = actor.Module{Name: "skynet.queue", Open: func(*lua.LState) lua.LValue { return maker }}

var maker = library.New("skynet.queue", func(L *lua.LState) int {
	limit.Of(L).Charge(L, limit.Memory, 256)
	name := "a queue (skynet.queue)"
	if where := thread.Where(L, 1); where != "" {
		name = "the queue that was made at " + strings.TrimSuffix(where, ": ")
	}
	lock := actor.Of(L).NewQueue(name)
	L.Push(library.Closure(func(L *lua.LState) int { return enter(L, lock) }))
	return 1
})

// enter calls the function that is the first argument while it holds the lock. An error is raised
// again when the lock has been released, with the stack it was raised on.
func enter(L *lua.LState, lock *actor.Lock) int {
	if L.GetTop() == 0 {
		L.Push(lua.LNil)
	}
	if err := lock.Acquire(L); err != nil {
		actor.Raise(L, err)
	}
	released := false
	defer func() { // the coroutine may be ended while it holds the lock
		if !released {
			lock.Release()
		}
	}()
	n, failure := thread.Protect(L, L.GetTop()-1, traceback)
	released = true
	lock.Release()
	if failure != nil {
		thread.Raise(L, failure.Value)
	}
	return n
}

var traceback = library.Closure(func(L *lua.LState) int {
	switch v := L.Get(1).(type) {
	case lua.LString, lua.LNumber:
		L.Push(lua.LString(trace.Traceback(L, lua.LVAsString(v), 1)))
	default:
		L.Push(v)
	}
	return 1
})
