package library

import (
	"strings"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/thread"
)

// Each state has tables of its own that scripts may change: the globals, the module skynet. They
// are nearly empty: an overlay falls back on a table that all states share. What would show that
// settles it first: then it has fields of its own.
type overlay struct {
	base, metatable *lua.LTable
	// settled is the metatable that a table has afterwards, if any: it is told of new fields.
	settled *lua.LTable
}

// overlays are all that there are. They are few.
//
//baton:ok what they lead to is frozen, and the list is replaced as a whole
var overlays atomic.Pointer[[]*overlay]

// newOverlay makes an overlay; before is called with a table before a field of it is made that it has not.
func newOverlay(base *lua.LTable, before func(L *lua.LState, t *lua.LTable, key lua.LValue)) *overlay {
	o := &overlay{base: base, metatable: new(lua.LState).CreateTable(0, 2)}
	o.metatable.RawSetString("__index", base)
	o.metatable.RawSetString("__newindex", New("newindex", func(L *lua.LState) int {
		t, key, v := L.Get(1).(*lua.LTable), L.Get(2), L.Get(3)
		if v != lua.LNil {
			before(L, t, key)
		}
		if v == lua.LNil || base.RawGet(key) != lua.LNil { // what is taken away later must not show again
			Settle(t)
		}
		L.RawSet(t, key, v)
		return 0
	}))
	mutex.Lock()
	defer mutex.Unlock()
	hidden[base], hidden[o.metatable] = true, true
	var all []*overlay
	if old := overlays.Load(); old != nil {
		all = append(all, *old...)
	}
	all = append(all, o)
	overlays.Store(&all)
	return o
}

// overlayOf returns the overlay that a table is; nil for none.
func overlayOf(t *lua.LTable) *overlay {
	mt, ok := t.Metatable.(*lua.LTable)
	all := overlays.Load()
	if !ok || all == nil {
		return nil
	}
	for _, o := range *all {
		if o.metatable == mt {
			return o
		}
	}
	return nil
}

// globals is what the tables of globals fall back on.
//
//baton:ok set before any state is made, and frozen
var globals *overlay

// SetBase sets the globals that every state has. It is called once, before any state is made.
func SetBase(base *lua.LTable) {
	made := func(L *lua.LState, t *lua.LTable, key lua.LValue) {
		if host.Of(L).Globals == t {
			host.MakesGlobal(L, key, false)
		}
	}
	globals = newOverlay(base, made)
	globals.settled = new(lua.LState).CreateTable(0, 1)
	globals.settled.RawSetString("__newindex", New("newindex", func(L *lua.LState) int {
		t, key, v := L.Get(1).(*lua.LTable), L.Get(2), L.Get(3)
		if v != lua.LNil {
			made(L, t, key)
		}
		L.RawSet(t, key, v)
		return 0
	}))
	Hide(globals.settled)
}

// Global returns one of the globals that every state has.
func Global(name string) lua.LValue { return globals.base.RawGetString(name) }

// Adopt makes an empty table the globals of a new state.
func Adopt(t *lua.LTable) {
	t.RawSetString("_G", t)
	t.Metatable = globals.metatable
}

// A Field is a field of a table that is no function of the host.
type Field struct {
	Name  string
	Value lua.LValue // belongs to no state
}

// ownFields is how many fields of its own a table has room for when the first one comes.
const ownFields = 8

// Maker returns a function that makes tables with these functions and fields, which are the same
// for all states; a table belongs to the state that it is made in, which may change it. The prefix
// is that of the functions' names for messages: "skynet.".
func Maker(prefix string, functions []Function, fields ...Field) func(L *lua.LState) *lua.LTable {
	base := new(lua.LState).CreateTable(0, len(functions)+len(fields))
	Fill(base, prefix, functions)
	for _, f := range fields {
		base.RawSetString(f.Name, f.Value)
	}
	o := newOverlay(base, func(L *lua.LState, _ *lua.LTable, key lua.LValue) {
		field := prefix + lua.LVAsString(key)
		if host.Breaks(L, rules.SharedTableWrite, field, "'"+field+"' is changed for all code of the service") {
			thread.Errorf(L, "%s", Refusal(strings.TrimSuffix(prefix, ".")))
		}
	})
	return func(L *lua.LState) *lua.LTable {
		t := L.CreateTable(0, ownFields)
		t.Metatable = o.metatable
		return t
	}
}

// IsOverlay reports whether a table still falls back on a shared one.
func IsOverlay(t *lua.LTable) bool { return overlayOf(t) != nil }

// IsPlain reports whether scripts see no metatable of a table, though it has one.
func IsPlain(t *lua.LTable) bool {
	return IsOverlay(t) || globals != nil && t.Metatable == lua.LValue(globals.settled)
}

// Settle gives a table fields of its own instead of the shared ones that it falls back on. It
// leaves other tables as they are.
func Settle(t *lua.LTable) {
	o := overlayOf(t)
	if o == nil {
		return
	}
	t.Metatable = lua.LNil
	if o.settled != nil {
		t.Metatable = o.settled
	}
	for key, v := o.base.Next(lua.LNil); key != lua.LNil; key, v = o.base.Next(key) {
		if t.RawGet(key) == lua.LNil {
			t.RawSet(key, v)
		}
	}
}
