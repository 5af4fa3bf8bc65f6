// Package codecache is the module skynet.codecache. Compiled code is found here by the text it was
// compiled from, so a file that has changed is seen at once, and there is nothing to clear: the
// functions are there for the programs that call them.
package codecache

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
)

const name = "skynet.codecache"

var functions = []library.Function{{Name: "clear", Call: func(*lua.LState) int { return 0 }}, {Name: "mode", Call: mode}}

// Module is skynet.codecache.
var Module = actor.Functions(name, functions)

// Frozen returns the functions of the module in a table that all services share and none can change.
var Frozen = sync.OnceValue(func() *lua.LTable {
	t := new(lua.LState).CreateTable(0, len(functions))
	library.Fill(t, name+".", functions)
	return library.Freeze("skynet.cache", t)
})

// modes are what a service has set, by skynet's words.
var modes = actor.NewKey(func(*actor.Actor) *string {
	mode := "ON"
	return &mode
})

// mode returns the mode, or sets it and returns the one before. It changes nothing.
func mode(L *lua.LState) int {
	m := modes.Of(actor.Of(L))
	before := *m
	if L.GetTop() > 0 {
		to := arg.String(L, 1)
		arg.Check(L, to == "ON" || to == "OFF" || to == "EXIST", 1, "invalid mode "+to)
		*m = to
	}
	L.Push(lua.LString(before))
	return 1
}
