package corolib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "close", Call: closeCoroutine}, {Name: "create", Call: createCoroutine}, {Name: "isyieldable", Call: isYieldable},
	{Name: "resume", Call: resume}, {Name: "running", Call: runningCoroutine}, {Name: "status", Call: statusOf},
	{Name: "wrap", Call: wrap}, {Name: "yield", Call: yield},
}

// argument returns a coroutine that is an argument; nil for the thread of the run itself.
func argument(L *lua.LState, n int) *coroutine {
	c, isThread := of(L.Get(n))
	if !isThread {
		arg.TypeError(L, n, "thread")
	}
	return c
}

func createCoroutine(L *lua.LState) int {
	_, v := create(L, arg.Function(L, 1))
	L.Push(v)
	return 1
}

// refusal says why a coroutine cannot be resumed; "" if it can.
func (c *coroutine) refusal() string {
	switch {
	case c == nil, c.status == running, c.status == normal:
		return "cannot resume non-suspended coroutine"
	case c.status == dead:
		return "cannot resume dead coroutine"
	}
	return ""
}

func resume(L *lua.LState) int {
	if f := foreign(L.Get(1)); f != nil {
		text := "cannot resume non-suspended coroutine"
		if f.Status() == "dead" {
			text = "cannot resume dead coroutine"
		}
		L.Push(lua.LFalse)
		L.Push(lua.LString(text))
		return 2
	}
	c := argument(L, 1)
	if text := c.refusal(); text != "" {
		L.Push(lua.LFalse)
		L.Push(lua.LString(text))
		return 2
	}
	c.take(L, 2)
	c.resume(L)
	if f := c.failure; f != nil {
		pass(L, f)
		L.Push(lua.LFalse)
		L.Push(f.Value)
		return 2
	}
	L.Push(lua.LTrue)
	return c.give(L) + 1
}

// pass raises a failure again that no script may hold back.
func pass(L *lua.LState, f *thread.Failure) {
	if limit.Of(L).Spent() != nil || thread.Of(L).Aborting() {
		thread.Raise(L, f.Value)
	}
}

func wrap(L *lua.LState) int {
	c, v := create(L, arg.Function(L, 1))
	L.Push(library.Closure(func(L *lua.LState) int {
		if text := c.refusal(); text != "" {
			thread.Errorf(L, "%s", text)
		}
		c.take(L, 1)
		c.resume(L)
		if f := c.failure; f != nil {
			pass(L, f)
			value := f.Value
			if text, ok := value.(lua.LString); ok {
				where := lua.LString(thread.Where(L, 1))
				limit.Of(L).Charge(L, limit.String, int64(len(where)+len(text)))
				value = where + text
			}
			thread.Raise(L, value)
		}
		return c.give(L)
	}, v))
	return 1
}

func yield(L *lua.LState) int {
	c := current(L)
	if c == nil && runner(L) != nil {
		host.Refused(L, rules.ForbiddenYield, "coroutine.yield", "a handler yields to skynet, and nobody resumes it")
		thread.Errorf(L, "attempt to yield from a message handler: nobody resumes it")
	}
	if c == nil {
		thread.Errorf(L, "attempt to yield from outside a coroutine")
	}
	if c.closing {
		thread.Errorf(L, "attempt to yield across a C-call boundary")
	}
	c.take(L, 1)
	c.yield(L)
	return c.give(L)
}

func runningCoroutine(L *lua.LState) int {
	if r := runner(L); r != nil {
		L.Push(r.Value(L))
		L.Push(lua.LFalse)
		return 2
	}
	if c := current(L); c != nil {
		v := c.value.Value()
		if v == nil { // cannot be: who has resumed it holds it
			thread.Errorf(L, "the running coroutine is gone")
		}
		L.Push(v)
		L.Push(lua.LFalse)
		return 2
	}
	root := thread.Of(L).Root
	root.Keep()
	L.Push(root.L)
	L.Push(lua.LTrue)
	return 2
}

// Running returns the value of the running coroutine, as coroutine.running does.
func Running(L *lua.LState) lua.LValue {
	runningCoroutine(L)
	v := L.Get(-2)
	L.Pop(2)
	return v
}

func isYieldable(L *lua.LState) int {
	c := current(L)
	if L.GetTop() >= 1 {
		c = argument(L, 1)
	}
	L.Push(lua.LBool(c != nil && c.status != dead || L.GetTop() == 0 && runner(L) != nil))
	return 1
}

func statusOf(L *lua.LState) int {
	if f := foreign(L.Get(1)); f != nil {
		status := f.Status()
		if status == "running" && current(L) != nil {
			status = "normal"
		}
		L.Push(lua.LString(status))
		return 1
	}
	c := argument(L, 1)
	switch {
	case c != nil:
		L.Push(lua.LString(statusNames[c.status]))
	case current(L) == nil:
		L.Push(lua.LString("running"))
	default:
		L.Push(lua.LString("normal"))
	}
	return 1
}

func closeCoroutine(L *lua.LState) int {
	if f := foreign(L.Get(1)); f != nil {
		if f.Status() != "dead" {
			thread.Errorf(L, "cannot close the coroutine of a message handler")
		}
		L.Push(lua.LTrue)
		return 1
	}
	c := argument(L, 1)
	state := running
	switch {
	case c != nil:
		state = c.status
	case current(L) != nil:
		state = normal
	}
	if state != suspended && state != dead {
		thread.Errorf(L, "cannot close a %s coroutine", statusNames[state])
	}
	if c.status == suspended && c.worker != nil {
		c.closing = true
		c.resume(L)
		c.closing = false
		if f := c.failure; f != nil && f.Value == lua.LNil {
			c.failure = nil
		}
	}
	c.status = dead
	if f := c.failure; f != nil {
		pass(L, f)
		c.failure = nil
		L.Push(lua.LFalse)
		L.Push(f.Value)
		return 2
	}
	L.Push(lua.LTrue)
	return 1
}
