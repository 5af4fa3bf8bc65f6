// Package oslib is the part of Lua's library os that needs no rights: time.
package oslib

import (
	"math"
	"os"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "clock", Call: clock}, {Name: "date", Call: date}, {Name: "difftime", Call: diffTime}, {Name: "execute", Call: refuse("execute")},
	{Name: "exit", Call: exit}, {Name: "getenv", Call: getenv}, {Name: "remove", Call: refuse("remove")},
	{Name: "rename", Call: refuse("rename")}, {Name: "setlocale", Call: setLocale}, {Name: "time", Call: now},
	{Name: "tmpname", Call: refuse("tmpname")},
}

// refuse is a function that nothing grants.
func refuse(name string) lua.LGFunction {
	return func(L *lua.LState) int {
		thread.Errorf(L, "os.%s is not granted", name)
		return 0
	}
}

func clock(L *lua.LState) int {
	h := host.Of(L)
	L.Push(lua.LNumber(h.Now().Sub(h.Started).Seconds()))
	return 1
}

func exit(L *lua.LState) int {
	code := 0
	switch v := L.Get(1).(type) {
	case lua.LBool:
		if !v {
			code = 1
		}
	default:
		code = int(arg.OptInteger(L, 1, 0)) & 0xff
	}
	end := host.Of(L).Exit
	if end == nil {
		thread.Errorf(L, "os.exit is not granted")
	}
	end(L, code)
	return 0
}

func getenv(L *lua.LState) int {
	name := arg.String(L, 1)
	L.Push(lua.LNil)
	if host.Of(L).Environment {
		if v, ok := os.LookupEnv(name); ok {
			L.Push(lua.LString(v))
		}
	}
	return 1
}

func setLocale(L *lua.LState) int {
	locale := arg.OptString(L, 1, "C")
	if locale == "" || locale == "C" || locale == "POSIX" {
		L.Push(lua.LString("C"))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

func diffTime(L *lua.LState) int {
	L.Push(lua.LNumber(math.Trunc(arg.Number(L, 1)) - math.Trunc(arg.Number(L, 2))))
	return 1
}
