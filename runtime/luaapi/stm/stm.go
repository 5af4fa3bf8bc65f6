// Package stm is the module skynet.stm: one service writes a value, others read the last one that was
// written, without a message for each.
package stm

import (
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
)

// A cell holds what was written last, as bytes, which never change: readers get the same string.
// Any goroutine may use it.
type cell struct{ last atomic.Pointer[string] }

// SharedByActors implements message.Shared: a cell is sent to who reads it.
func (*cell) SharedByActors() {}

// Size is how much memory it takes.
func (c *cell) Size() int64 { return int64(len(*c.last.Load())) }

// A writer is what stm.new returns.
type writer struct{ to *cell }

// Size is how much memory it takes.
func (w *writer) Size() int64 { return w.to.Size() }

// A reader is what stm.newcopy returns.
type reader struct {
	from *cell
	seen *string // what it has read last
}

// Size is how much memory it keeps.
func (r *reader) Size() int64 {
	if r.seen == nil {
		return 0
	}
	return int64(len(*r.seen))
}

// Module is skynet.stm.
var Module = actor.Functions("skynet.stm", []library.Function{
	{Name: "new", Call: newWriter}, {Name: "copy", Call: share}, {Name: "newcopy", Call: newReader},
})

// The metatables are those of all states. No script gets hold of them.
var (
	//baton:ok filled before any state is made, and only read then
	writers = callable("stm.update", update)
	//baton:ok filled before any state is made, and only read then
	readers = callable("stm.read", read)
)

func callable(name string, call lua.LGFunction) *lua.LTable {
	mt := new(lua.LState).CreateTable(0, 2)
	mt.RawSetString("__call", library.New(name, call))
	mt.RawSetString("__metatable", lua.LFalse)
	library.Hide(mt)
	return mt
}

// text returns the bytes of a message, which is a string, or what skynet.pack returns.
func text(L *lua.LState, n int) *string {
	var s string
	if p := skynet.Peek(L.Get(n)); p != nil {
		values := make([]lua.LValue, p.Len())
		for i := range values {
			values[i] = p.At(i)
		}
		s = seri.PackValues(L, values...)
	} else if s = arg.String(L, n); L.Get(n+1) != lua.LNil {
		if size := arg.Integer(L, n+1); size >= 0 && size < int64(len(s)) {
			s = s[:size]
		}
	}
	limit.Of(L).Charge(L, limit.Memory, int64(len(s)))
	return &s
}

// newWriter is stm.new: a value that was written, and can be written anew by a call.
func newWriter(L *lua.LState) int {
	c := new(cell)
	c.last.Store(text(L, 1))
	L.Push(&lua.LUserData{Value: &writer{c}, Metatable: writers})
	return 1
}

func update(L *lua.LState) int {
	writerOf(L).to.last.Store(text(L, 2))
	return 0
}

func writerOf(L *lua.LState) *writer {
	if u, ok := L.Get(1).(*lua.LUserData); ok {
		if w, ok := u.Value.(*writer); ok {
			return w
		}
	}
	arg.TypeError(L, 1, "what stm.new returns")
	return nil
}

// share is stm.copy: what is sent to a reader.
func share(L *lua.LState) int {
	L.Push(&lua.LUserData{Value: writerOf(L).to, Metatable: lua.LNil})
	return 1
}

// newReader is stm.newcopy.
func newReader(L *lua.LState) int {
	if u, ok := L.Get(1).(*lua.LUserData); ok {
		if c, ok := u.Value.(*cell); ok {
			L.Push(&lua.LUserData{Value: &reader{from: c}, Metatable: readers})
			return 1
		}
	}
	arg.TypeError(L, 1, "what stm.copy returns")
	return 0
}

// read is the call of a reader: true and what a function makes of the message, its size and one more
// argument; false if nothing was written since the last time.
func read(L *lua.LState) int {
	u, _ := L.Get(1).(*lua.LUserData)
	var r *reader
	if u != nil {
		r, _ = u.Value.(*reader)
	}
	if r == nil {
		arg.TypeError(L, 1, "what stm.newcopy returns")
	}
	f, extra := arg.Function(L, 2), L.Get(3)
	last := r.from.last.Load()
	if last == r.seen {
		L.Push(lua.LFalse)
		return 1
	}
	r.seen = last
	limit.Of(L).Charge(L, limit.String, int64(len(*last)))
	L.SetTop(0)
	L.Push(lua.LTrue)
	L.Push(f)
	L.Push(lua.LString(*last))
	L.Push(lua.LNumber(len(*last)))
	L.Push(extra)
	limit.Call(L, 3, lua.MultRet)
	return L.GetTop()
}
