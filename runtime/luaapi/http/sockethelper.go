package http

import (
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

var closure = library.Closure

// failure is sockethelper.socket_error of an actor, and what it says.
type failure struct {
	value *lua.LTable
	text  string
}

var failures = actor.NewKey(func(*actor.Actor) *failure { return new(failure) })

// SocketError returns sockethelper.socket_error of the actor that runs in L, which says text from now on.
func SocketError(L *lua.LState, text string) lua.LValue {
	f := failures.Of(actor.Of(L))
	if f.value == nil {
		f.value = L.CreateTable(0, 1)
		mt := L.CreateTable(0, 2)
		mt.RawSetString("__tostring", library.Closure(func(L *lua.LState) int {
			if f.text == "" {
				f.text = "[Socket Error]"
			}
			L.Push(lua.LString(f.text))
			return 1
		}))
		mt.RawSetString("__call", library.Closure(func(L *lua.LState) int {
			f.text = "[Socket Error] : " + lua.LVAsString(L.Get(2))
			L.Push(f.value)
			return 1
		}))
		f.value.Metatable = mt
	}
	if text != "" {
		f.text = "[Socket Error] : " + text
	}
	return f.value
}

// fail raises socket_error.
func fail(L *lua.LState, format string, args ...any) {
	thread.Raise(L, SocketError(L, fmt.Sprintf(format, args...)))
}

func helper(o *socket.Options) actor.Module {
	number := func(L *lua.LState) int { return int(arg.Integer(L, 1)) }
	m := actor.Functions("http.sockethelper", []library.Function{
		{Name: "readfunc", Call: func(L *lua.LState) int {
			id, before := number(L), arg.OptString(L, 2, "")
			L.Push(closure(func(L *lua.LState) int {
				size := -1
				if L.Get(1) != lua.LNil {
					size = int(arg.Integer(L, 1))
				}
				head := before
				if size >= 0 && size <= len(head) {
					head = head[:size]
				}
				before = before[len(head):]
				if head != "" && (size < 0 || size == len(head)) {
					L.Push(lua.LString(head))
					return 1
				}
				text, ok := read(L, o, id, size-len(head))
				if !ok {
					fail(L, "read failed fd = %d", id)
				}
				L.Push(lua.LString(head) + text)
				return 1
			}))
			return 1
		}},
		{Name: "readall", Call: func(L *lua.LState) int {
			if c := o.Conn(L, number(L)); c != nil {
				L.Push(c.ReadAll(L))
			} else {
				L.Push(lua.LFalse)
			}
			return 1
		}},
		{Name: "writefunc", Call: func(L *lua.LState) int {
			id := number(L)
			L.Push(closure(func(L *lua.LState) int {
				if !o.Pool.Send(id, socket.Text(L, 1), false) {
					fail(L, "write failed fd = %d", id)
				}
				return 0
			}))
			return 1
		}},
		{Name: "connect", Call: func(L *lua.LState) int {
			host, port := arg.String(L, 1), int(arg.Integer(L, 2))
			c, err := o.Dial(L, host, port, ticks(arg.OptInteger(L, 3, 0)))
			if err != nil {
				fail(L, "connect failed host = %s port = %d err = %v", host, port, err)
			}
			L.Push(lua.LNumber(c.ID()))
			return 1
		}},
		{Name: "close", Call: func(L *lua.LState) int {
			if c := o.Conn(L, number(L)); c != nil {
				c.Close(L)
			}
			return 0
		}},
		{Name: "shutdown", Call: func(L *lua.LState) int { o.Pool.Shutdown(number(L)); return 0 }},
	})
	plain := m.Open
	m.Open = func(L *lua.LState) lua.LValue {
		t := plain(L).(*lua.LTable)
		t.RawSetString("socket_error", SocketError(L, ""))
		return t
	}
	return m
}

// read reads from a socket: size bytes, or any below 0.
func read(L *lua.LState, o *socket.Options, id, size int) (lua.LString, bool) {
	c := o.Conn(L, id)
	if c == nil {
		return "", false
	}
	if size < 0 {
		return c.ReadSome(L)
	}
	return c.Read(L, size)
}

// ticks are hundredths of a second.
func ticks(n int64) time.Duration { return time.Duration(n) * 10 * time.Millisecond }
