// Package oslib is Lua's library os: time, and what the host grants of files and environment.
package oslib

import (
	"math"
	"os"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "clock", Call: clock}, {Name: "date", Call: date}, {Name: "difftime", Call: diffTime}, {Name: "execute", Call: refuse("execute")},
	{Name: "exit", Call: exit}, {Name: "getenv", Call: getenv}, {Name: "remove", Call: remove},
	{Name: "rename", Call: rename}, {Name: "setlocale", Call: setLocale}, {Name: "time", Call: now},
	{Name: "tmpname", Call: temporary},
}

// refuse is a function that nothing grants.
func refuse(name string) lua.LGFunction {
	return func(L *lua.LState) int {
		host.Refused(L, rules.ForbiddenAPI, "os."+name, "os."+name+" gives a command to a shell")
		thread.Errorf(L, "os.%s is not granted", name)
		return 0
	}
}

// granted returns the files that the script may touch, or raises an error.
func granted(L *lua.LState, function string) host.Files {
	files := host.Of(L).Files
	if files == nil {
		thread.Errorf(L, "os.%s is not granted", function)
	}
	limit.Of(L).Work(L, fileWork)
	return files
}

// fileWork is what it costs to ask the system for something.
const fileWork = 2000

func remove(L *lua.LState) int {
	files, name := granted(L, "remove"), arg.String(L, 1)
	return done(L, name, files.Remove(name))
}

func rename(L *lua.LState) int {
	files, from := granted(L, "rename"), arg.String(L, 1)
	return done(L, "", files.Rename(from, arg.String(L, 2)))
}

func done(L *lua.LState, name string, err error) int {
	if err != nil {
		return host.Failure(L, name, err)
	}
	L.Push(lua.LTrue)
	return 1
}

func temporary(L *lua.LState) int {
	file, name, err := granted(L, "tmpname").Temp()
	if err != nil {
		thread.Errorf(L, "unable to generate a unique filename")
	}
	file.Close()
	L.Push(lua.LString(name))
	return 1
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
	if host.Breaks(L, rules.ForbiddenAPI, "os.exit", "os.exit ends more than its caller") {
		thread.Errorf(L, "os.exit is not granted")
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
