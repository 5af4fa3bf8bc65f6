// Package library makes the tables of the standard library, which all states share.
//
// A table that scripts see is an empty one, whose metatable leads to the real one: so the VM
// cannot write to what other states read at the same time. Functions that go past metatables
// ask Contents and IsFrozen.
package library

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
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
	return hidden[t] || contents[t] != nil
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

// Closure makes a function that belongs to one state, such as an iterator.
func Closure(call lua.LGFunction) *lua.LFunction {
	return &lua.LFunction{IsG: true, Env: noGlobals, GFunction: call}
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
	mt := L.CreateTable(0, 4)
	mt.RawSetString("__index", t)
	mt.RawSetString("__newindex", New("newindex", func(L *lua.LState) int {
		thread.Errorf(L, "%s", Refusal(name))
		return 0
	}))
	mt.RawSetString("__metatable", lua.LFalse)
	front := L.CreateTable(0, 0)
	front.Metatable = mt
	mutex.Lock()
	defer mutex.Unlock()
	contents[front] = t
	hidden[t], hidden[mt] = true, true
	return front
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
	mutex.RLock()
	defer mutex.RUnlock()
	if real := contents[t]; real != nil {
		return real
	}
	return t
}

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
