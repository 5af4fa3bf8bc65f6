// Package stdlib is the standard library of Lua 5.4 for all states of the process.
//
// Its functions charge the budget before they work or allocate, and let nothing out that is
// the host's: no address, no name of Go. Its tables are shared by all states and cannot be
// changed; a state has only its table of globals.
package stdlib

import (
	"maps"
	"slices"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/runtime/stdlib/baselib"
	"github.com/skylint/skylint/runtime/stdlib/corolib"
	"github.com/skylint/skylint/runtime/stdlib/debuglib"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/iolib"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/mathlib"
	"github.com/skylint/skylint/runtime/stdlib/oslib"
	"github.com/skylint/skylint/runtime/stdlib/packlib"
	"github.com/skylint/skylint/runtime/stdlib/strlib"
	"github.com/skylint/skylint/runtime/stdlib/tablib"
	"github.com/skylint/skylint/runtime/stdlib/utf8lib"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
)

// Version is _VERSION.
const Version = "Lua 5.4"

// Open gives a state its globals: h.Globals must be an empty table.
func Open(h *host.State) {
	build()
	library.Adopt(h.Globals)
}

// Close ends what a state has going on: the goroutines of its coroutines, and open files.
// Nothing may run in the state, and nothing may afterwards.
func Close(h *host.State) {
	corolib.Close(h)
	iolib.Close(h)
	strlib.Close(h)
}

// ToText returns a number or a string as tostring does, and "" for other values.
func ToText(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return number.Format(float64(v))
	}
	return ""
}

// build makes what all states share.
var build = sync.OnceFunc(func() {
	trace.LibraryName = library.NameOf
	L := thread.Template()
	base := L.CreateTable(0, 64)
	loaded := L.CreateTable(0, 16)
	library.Fill(base, "", baselib.Functions)
	library.Fill(base, "", packlib.Functions)
	baselib.SetNext(base.RawGetString("next").(*lua.LFunction))
	base.RawSetString("_VERSION", lua.LString(Version))
	for _, l := range []struct {
		name      string
		functions []library.Function
		values    map[string]lua.LValue
	}{
		{"coroutine", corolib.Functions, nil},
		{"debug", debuglib.Functions, nil},
		{"io", iolib.Functions, iolib.Values()},
		{"math", mathlib.Functions, mathlib.Values},
		{"os", oslib.Functions, nil},
		{"string", strlib.Functions, nil},
		{"table", tablib.Functions, nil},
		{"utf8", utf8lib.Functions, map[string]lua.LValue{"charpattern": lua.LString(utf8lib.Pattern)}},
	} {
		t := L.CreateTable(0, len(l.functions)+len(l.values))
		library.Fill(t, l.name+".", l.functions)
		for _, name := range slices.Sorted(maps.Keys(l.values)) {
			t.RawSetString(name, l.values[name])
		}
		front := library.Freeze(l.name, t)
		base.RawSetString(l.name, front)
		loaded.RawSetString(l.name, front)
	}
	base.RawSetString("package", packlib.Front())
	packlib.SetLibraries(loaded)
	stringMetatable(L, base.RawGetString("string").(*lua.LTable))
	library.SetBase(base)
})

// stringMetatable gives strings their methods and their arithmetic. What scripts get of the
// metatable is a view: the VM's own must not be written to.
func stringMetatable(L *lua.LState, front *lua.LTable) {
	mt, view := L.CreateTable(0, 16), L.CreateTable(0, 16)
	methods := operator.StringMetamethods()
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		fn := library.New(name, methods[name])
		mt.RawSetString(name, fn)
		view.RawSetString(name, fn)
	}
	mt.RawSetString("__index", library.Contents(front))
	view.RawSetString("__index", front)
	library.Hide(mt)
	library.StringMetatable = library.Freeze("string", view)
	L.SetMetatable(lua.LString(""), mt)
}
