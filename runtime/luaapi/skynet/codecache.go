package skynet

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/library"
)

// CodeCache is skynet.codecache. Compiled code is found by its text, so that a file that has
// changed is compiled anew by itself; there is nothing to clear.
var CodeCache = actor.Functions("skynet.codecache", []library.Function{
	{Name: "clear", Call: func(*lua.LState) int { return 0 }},
	{Name: "mode", Call: func(*lua.LState) int { return 0 }},
})
