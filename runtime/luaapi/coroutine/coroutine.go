// Package coroutine is the module skynet.coroutine: coroutines in which functions of skynet can be
// called. In skynet they need a library of their own; here all coroutines are such, so the
// module differs from Lua's library in what it says of them: a coroutine that waits for skynet
// is "blocked", and the thread of a coroutine is the one that skynet has made.
package coroutine

import (
	"weak"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/corolib"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Module is skynet.coroutine.
var Module = actor.Functions("skynet.coroutine", []library.Function{
	{Name: "close", Call: closeCoroutine}, {Name: "create", Call: create}, {Name: "isyieldable", Call: base["isyieldable"]},
	{Name: "resume", Call: resume}, {Name: "running", Call: base["running"]}, {Name: "status", Call: status},
	{Name: "thread", Call: threadOf}, {Name: "wrap", Call: wrap}, {Name: "yield", Call: base["yield"]},
})

// base are the functions of Lua's library.
var base = func() map[string]lua.LGFunction {
	m := map[string]lua.LGFunction{}
	for _, f := range corolib.Functions {
		m[f.Name] = f.Call
	}
	return m
}()

// made are the coroutines that the module has made for a service, each with the thread that
// resumed it last, or the one that resumed that. Ones that nobody holds any more drop out.
type made struct {
	callers map[weak.Pointer[lua.LState]]lua.LValue
	clean   int
}

var key = actor.NewKey(func(*actor.Actor) *made { return &made{callers: map[weak.Pointer[lua.LState]]lua.LValue{}, clean: 64} })

func of(L *lua.LState) *made { return key.Of(actor.Of(L)) }

// set notes a coroutine and its caller.
func (m *made) set(co *lua.LState, caller lua.LValue) {
	if len(m.callers) >= m.clean {
		for k := range m.callers {
			if k.Value() == nil {
				delete(m.callers, k)
			}
		}
		m.clean = max(64, 2*len(m.callers))
	}
	m.callers[weak.Make(co)] = caller
}

// get returns the caller of a coroutine, and whether the module has made it.
func (m *made) get(v lua.LValue) (caller lua.LValue, ok bool) {
	co, isThread := v.(*lua.LState)
	if !isThread {
		return lua.LNil, false
	}
	caller, ok = m.callers[weak.Make(co)]
	return caller, ok
}

// root returns the thread of skynet that runs in L.
func (m *made) root(L *lua.LState) lua.LValue {
	v := corolib.Running(L)
	if caller, ok := m.get(v); ok {
		return caller
	}
	return v
}

func thread1(L *lua.LState) *lua.LState {
	co, ok := L.Get(1).(*lua.LState)
	if !ok {
		arg.TypeError(L, 1, "thread")
	}
	return co
}

// statusText returns what Lua's library says of the first argument.
func statusText(L *lua.LState) string {
	base["status"](L)
	s := lua.LVAsString(L.Get(-1))
	L.Pop(1)
	return s
}

// isBlocked reports whether a coroutine that goes on, by its status, is not among those that run
// now: then it waits for skynet.
func (m *made) isBlocked(L *lua.LState, co *lua.LState, status string) bool {
	switch status {
	case "running":
		return corolib.Running(L) != lua.LValue(co)
	case "normal":
		caller, ok := m.get(co)
		return ok && caller != m.root(L)
	}
	return false
}

func create(L *lua.LState) int {
	n := base["create"](L)
	of(L).set(L.Get(-1).(*lua.LState), lua.LNil)
	return n
}

func refuse(L *lua.LState, text string) int {
	L.Push(lua.LFalse)
	L.Push(lua.LString(text))
	return 2
}

func resume(L *lua.LState) int {
	m, co := of(L), thread1(L)
	status := statusText(L)
	if _, ok := m.get(co); !ok {
		if status == "dead" {
			return base["resume"](L)
		}
		return refuse(L, "cannot resume none skynet coroutine")
	}
	if m.isBlocked(L, co, status) {
		return refuse(L, "cannot resume a skynet coroutine suspend by skynet framework")
	}
	if status == "suspended" {
		m.set(co, m.root(L))
	}
	return base["resume"](L)
}

func wrap(L *lua.LState) int {
	create(L)
	co := L.Get(-1)
	L.Push(library.Closure(func(L *lua.LState) int {
		L.Insert(co, 1)
		n := resume(L)
		if lua.LVAsBool(L.Get(-n)) {
			return n - 1
		}
		v := L.Get(-1)
		if text, ok := v.(lua.LString); ok {
			v = lua.LString(thread.Where(L, 1)) + text
		}
		thread.Raise(L, v)
		return 0
	}, co))
	return 1
}

func status(L *lua.LState) int {
	co := thread1(L)
	s := statusText(L)
	if of(L).isBlocked(L, co, s) {
		s = "blocked"
	}
	L.Push(lua.LString(s))
	return 1
}

// threadOf returns the thread of skynet that a coroutine belongs to, and whether it is that itself.
func threadOf(L *lua.LState) int {
	co := L.Get(1)
	if co == lua.LNil {
		co = corolib.Running(L)
	}
	caller, ok := of(L).get(co)
	if ok {
		L.Push(caller)
	} else {
		L.Push(co)
	}
	L.Push(lua.LBool(!ok))
	return 2
}

func closeCoroutine(L *lua.LState) int {
	delete(of(L).callers, weak.Make(thread1(L)))
	return base["close"](L)
}
