// Package library makes the tables of the standard library, which all states share.
//
// A table that scripts see is an empty one, whose metatable leads to the real one: so the VM
// cannot write to what other states read at the same time. Functions that go past metatables
// ask Contents and IsFrozen.
package library

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/thread"
)

// A Function is a function of a library.
type Function struct {
	Name string
	Call lua.LGFunction
}

var (
	mutex sync.RWMutex
	//baton:ok the keys; the tables are written to before any state is made
	contents = map[*lua.LTable]*lua.LTable{} // by what scripts see
	//baton:ok the keys; the tables are written to before any state is made
	hidden = map[*lua.LTable]bool{} // the real tables, and metatables
	names  = map[*lua.LFunction]string{}
)

func init() { limit.Shared = IsShared }

// IsShared reports whether a table belongs to all states, so that none may write to it.
func IsShared(t *lua.LTable) bool {
	mutex.RLock()
	defer mutex.RUnlock()
	return hidden[t] || contents[t] != nil || shown(t) != nil
}

// noGlobals is the environment of library functions. They do not use it.
//
//baton:ok an empty table that no function reads or writes
var noGlobals = new(lua.LState).CreateTable(0, 0)

// New makes a function with a name for messages: "string.rep".
func New(name string, call lua.LGFunction) *lua.LFunction {
	fn := &lua.LFunction{IsG: true, Env: noGlobals, GFunction: call}
	mutex.Lock()
	defer mutex.Unlock()
	names[fn] = name
	return fn
}

// Closure makes a function that belongs to one state, such as an iterator. What it holds of the
// script's values must be named, so that it counts as the state's memory.
func Closure(call lua.LGFunction, held ...lua.LValue) *lua.LFunction {
	fn := &lua.LFunction{IsG: true, Env: noGlobals, GFunction: call}
	for _, v := range held {
		u := new(lua.Upvalue)
		u.Close()
		u.SetValue(v)
		fn.Upvalues = append(fn.Upvalues, u)
	}
	return fn
}

// NameOf returns the name that a function of the library has for messages; "" for others.
func NameOf(fn *lua.LFunction) string {
	mutex.RLock()
	defer mutex.RUnlock()
	return names[fn]
}

// Fill puts functions into a table. Prefix is that of their names: "string.".
func Fill(t *lua.LTable, prefix string, functions []Function) {
	for _, f := range functions {
		t.RawSetString(f.Name, New(prefix+f.Name, f.Call))
	}
}

// Freeze returns a table that shows what the given one holds and cannot be written to.
func Freeze(name string, t *lua.LTable) *lua.LTable {
	L := new(lua.LState)
	front := L.CreateTable(0, 0)
	mt := L.CreateTable(0, 4)
	mt.RawSetString("__index", t)
	mt.RawSetString("__newindex", New("newindex", func(L *lua.LState) int {
		key, v := L.Get(2), L.Get(3)
		field := name + "." + lua.LVAsString(key)
		switch old := t.RawGet(key); {
		case front == StringMetatable:
			host.Refused(L, rules.MetatableTampering, field, "'"+field+"' belongs to all strings, and is not to be changed")
		case old != lua.LNil && old == v:
			return 0
		case old != lua.LNil || host.Of(L).Guard == nil:
			host.Refused(L, rules.SharedTableWrite, field, "'"+field+"' belongs to all code, and is not to be changed")
		case !host.Breaks(L, rules.SharedTableWrite, field, "'"+field+"' is added for all code of the service"):
			add(L, front, key, v)
			return 0
		}
		thread.Errorf(L, "%s", Refusal(name))
		return 0
	}))
	mt.RawSetString("__metatable", lua.LFalse)
	front.Metatable = mt
	// What is not there may be something that the state has added.
	more := L.CreateTable(0, 1)
	more.RawSetString("__index", New("index", func(L *lua.LState) int {
		L.Push(Added(L, front, L.Get(2)))
		return 1
	}))
	t.Metatable = more
	mutex.Lock()
	defer mutex.Unlock()
	contents[front] = t
	hidden[t], hidden[mt], hidden[more] = true, true, true
	return front
}

// add gives a state a field of its own in a table of the library.
func add(L *lua.LState, front *lua.LTable, key, v lua.LValue) {
	h := host.Of(L)
	own := h.Added[front]
	if own == nil {
		if h.Added == nil {
			h.Added = map[*lua.LTable]*lua.LTable{}
		}
		own = L.CreateTable(0, 4)
		h.Added[front] = own
		limit.Of(L).Root(own)
	}
	own.RawSet(key, v)
}

// Added returns what the state has added to a table of the library; nil for nothing.
func Added(L *lua.LState, front *lua.LTable, key lua.LValue) lua.LValue {
	if own := host.Of(L).Added[front]; own != nil {
		return own.RawGet(key)
	}
	return lua.LNil
}

// Refusal is the message for a write to a table of the library.
func Refusal(name string) string {
	if name == "" {
		return "attempt to change a table of the standard library, which all scripts share"
	}
	return "attempt to change the library '" + name + "', which all scripts share"
}

// Contents returns the table that a frozen one shows; another table itself. The contents of
// a frozen table must not be written to.
func Contents(t *lua.LTable) *lua.LTable {
	if t.Metatable == lua.LNil {
		return t
	}
	if real := shown(t); real != nil {
		return real
	}
	mutex.RLock()
	defer mutex.RUnlock()
	if real := contents[t]; real != nil {
		return real
	}
	return t
}

// A view is what a table that Share has made keeps in its metatable, where no script finds it. So
// the collector may have such a table, unlike one that Freeze has made.
type view struct{ contents *lua.LTable }

const viewKey = "\x00view"

func viewOf(t *lua.LTable) *view {
	if mt, ok := t.Metatable.(*lua.LTable); ok {
		if u, ok := mt.RawGetString(viewKey).(*lua.LUserData); ok {
			v, _ := u.Value.(*view)
			return v
		}
	}
	return nil
}

// shown returns what a table of Share shows; nil for other tables.
func shown(t *lua.LTable) *lua.LTable {
	if v := viewOf(t); v != nil {
		return v.contents
	}
	return nil
}

// Share returns a table that shows what the given one holds and cannot be written to: as Freeze
// does, for data. Several states may have it at the same time. Nobody may write to t any more.
func Share(t *lua.LTable) *lua.LTable {
	L := new(lua.LState)
	mt := L.CreateTable(0, 8)
	mt.RawSetString("__newindex", refuseShared)
	mt.RawSetString("__len", sharedLength)
	mt.RawSetString("__pairs", sharedPairs)
	mt.RawSetString("__metatable", lua.LFalse)
	front := L.CreateTable(0, 0)
	front.Metatable = mt
	show(mt, t)
	return front
}

// Show makes a table that Share has made, and that only one state has, show another one.
func Show(front, t *lua.LTable) { show(front.Metatable.(*lua.LTable), t) }

func show(mt, t *lua.LTable) {
	mt.RawSetString("__index", t)
	mt.RawSetString(viewKey, &lua.LUserData{Value: &view{t}, Metatable: lua.LNil})
}

var (
	refuseShared = New("newindex", func(L *lua.LState) int {
		host.Refused(L, rules.SharedTableWrite, "", "data that services share is read-only")
		thread.Errorf(L, "attempt to change a table that services share")
		return 0
	})
	sharedLength = New("len", func(L *lua.LState) int {
		L.Push(lua.LNumber(Contents(L.Get(1).(*lua.LTable)).Len()))
		return 1
	})
	sharedPairs = New("pairs", func(L *lua.LState) int {
		L.Push(Global("next"))
		L.Push(L.Get(1))
		return 2
	})
)

// IsFrozen reports whether a table is one of the library.
func IsFrozen(t *lua.LTable) bool { return Contents(t) != t }

// StringMetatable is what getmetatable returns for a string.
//
//baton:ok a frozen table, set before any state is made
var StringMetatable *lua.LTable

// Hide says that a table belongs to no state: no script gets hold of it.
func Hide(t *lua.LTable) {
	mutex.Lock()
	defer mutex.Unlock()
	hidden[t] = true
}
