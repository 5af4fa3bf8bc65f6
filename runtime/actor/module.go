package actor

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/stdlib/library"
)

// A Module is a native module: what require finds by its name before it looks at files.
type Module struct {
	// Name is what scripts require: "skynet.queue".
	Name string
	// Open returns the value of the module for the actor whose code runs in L. It is called
	// once for each actor that requires it, with the baton. It may block, and raise.
	Open func(L *lua.LState) lua.LValue
}

// Functions makes a module that is a table of functions. The functions are made once and shared
// by all actors; each actor gets a table of its own, which its code may change.
func Functions(name string, functions []library.Function) Module {
	table := library.Maker(name+".", functions)
	return Module{Name: name, Open: func(L *lua.LState) lua.LValue { return table(L) }}
}
