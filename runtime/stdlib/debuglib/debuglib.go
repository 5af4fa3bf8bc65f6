// Package debuglib is the part of Lua's library debug that only looks: it changes nothing, and
// leads to nothing that a script could not reach.
package debuglib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/corolib"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "debug", Call: refuse("debug")}, {Name: "gethook", Call: getHook}, {Name: "getinfo", Call: getInfo}, {Name: "getlocal", Call: refuse("getlocal")},
	{Name: "getregistry", Call: refuse("getregistry")}, {Name: "getupvalue", Call: refuse("getupvalue")},
	{Name: "sethook", Call: setHook}, {Name: "setlocal", Call: refuse("setlocal")}, {Name: "setmetatable", Call: refuse("setmetatable")},
	{Name: "setupvalue", Call: refuse("setupvalue")}, {Name: "traceback", Call: traceback},
	{Name: "upvalueid", Call: refuse("upvalueid")}, {Name: "upvaluejoin", Call: refuse("upvaluejoin")},
}

// refuse is a function that reaches into other code, which nothing grants.
func refuse(name string) lua.LGFunction {
	rule, what := rules.DebugAccess, "debug."+name+" reaches into the insides of other code"
	if name == "setmetatable" {
		rule, what = rules.MetatableTampering, "debug.setmetatable changes a metatable that others share"
	}
	return func(L *lua.LState) int {
		host.Refused(L, rule, "debug."+name, what)
		thread.Errorf(L, "debug.%s is not granted", name)
		return 0
	}
}

// getHook returns nothing: there are no hooks.
func getHook(L *lua.LState) int {
	L.Push(lua.LNil)
	return 1
}

// setHook refuses a hook; to take one away does no harm.
func setHook(L *lua.LState) int {
	_, n := threadAt(L)
	if L.Get(n+1) == lua.LNil {
		return 0
	}
	return refuse("sethook")(L)
}

// threadAt returns the thread that an optional first argument names, and how many arguments
// that took. L is nil for a coroutine that does not run.
func threadAt(L *lua.LState) (of *lua.LState, taken int) {
	v, ok := L.Get(1).(*lua.LState)
	if !ok {
		return L, 0
	}
	return corolib.Stack(L, v), 1
}

func traceback(L *lua.LState) int {
	of, n := threadAt(L)
	message := L.Get(n + 1)
	switch message.(type) {
	case lua.LString, lua.LNumber, *lua.LNilType:
	default:
		L.Push(message)
		return 1
	}
	level := int64(1)
	if n == 1 {
		level = 0
	}
	level = max(0, arg.OptInteger(L, n+2, level))
	limit.Of(L).Work(L, 200)
	text := ""
	if of == nil {
		text = "stack traceback:"
	} else {
		text = trace.Traceback(of, "", int(min(level, 1<<20)))
	}
	if message != lua.LNil {
		text = arg.String(L, n+1) + "\n" + text
	}
	limit.Of(L).Charge(L, limit.String, int64(len(text)))
	L.Push(lua.LString(text))
	return 1
}

func getInfo(L *lua.LState) int {
	of, n := threadAt(L)
	what := arg.OptString(L, n+2, "flnSrut")
	for _, c := range what {
		arg.Check(L, strings.ContainsRune("SlnrutLf", c), n+2, "invalid option")
	}
	limit.Of(L).Work(L, 200)
	limit.Of(L).Charge(L, limit.Table, 16)
	t := L.CreateTable(0, 16)
	var frame trace.Frame
	if fn, ok := L.Get(n + 1).(*lua.LFunction); ok {
		frame.Func = fn
	} else {
		level := arg.Integer(L, n+1)
		arg.Check(L, level >= 0 && level < 1<<31, n+1, "level out of range")
		ok := false
		if of != nil {
			limit.Of(L).Work(L, min(level, 1<<16)/2)
			frame, ok = trace.At(of, int(level))
		}
		if !ok {
			L.Push(lua.LNil)
			return 1
		}
		if strings.Contains(what, "n") {
			if kind, name := trace.Called(of, int(level)); kind != "" {
				t.RawSetString("name", lua.LString(name))
				t.RawSetString("namewhat", lua.LString(kind))
			} else {
				t.RawSetString("namewhat", lua.LString(""))
			}
		}
	}
	fill(L, t, frame, what)
	L.Push(t)
	return 1
}

func fill(L *lua.LState, t *lua.LTable, frame trace.Frame, what string) {
	fn := frame.Func
	for _, c := range what {
		switch c {
		case 'S':
			source(t, fn)
		case 'l':
			line := -1
			if frame.Line > 0 {
				line = frame.Line
			}
			t.RawSetString("currentline", lua.LNumber(line))
		case 'n':
			if t.RawGetString("namewhat") == lua.LNil {
				t.RawSetString("namewhat", lua.LString(""))
			}
		case 'u':
			parameters, variadic := 0, true
			if fn.Proto != nil {
				parameters = int(fn.Proto.NumParameters)
				variadic = fn.Proto.IsVarArg != 0
			}
			t.RawSetString("nups", lua.LNumber(upvalues(fn)))
			t.RawSetString("nparams", lua.LNumber(parameters))
			t.RawSetString("isvararg", lua.LBool(variadic))
		case 't':
			t.RawSetString("istailcall", lua.LBool(frame.Tail))
		case 'f':
			t.RawSetString("func", fn)
		case 'r':
			t.RawSetString("ftransfer", lua.LNumber(0))
			t.RawSetString("ntransfer", lua.LNumber(0))
		case 'L':
			lines(L, t, fn)
		}
	}
}

func source(t *lua.LTable, fn *lua.LFunction) {
	if fn.Proto == nil {
		t.RawSetString("what", lua.LString("C"))
		t.RawSetString("source", lua.LString("=[C]"))
		t.RawSetString("short_src", lua.LString("[C]"))
		t.RawSetString("linedefined", lua.LNumber(-1))
		t.RawSetString("lastlinedefined", lua.LNumber(-1))
		return
	}
	kind := "Lua"
	if fn.Proto.LineDefined == 0 {
		kind = "main"
	}
	name := fn.Proto.SourceName
	t.RawSetString("what", lua.LString(kind))
	t.RawSetString("source", lua.LString("@"+name))
	t.RawSetString("short_src", lua.LString(name))
	t.RawSetString("linedefined", lua.LNumber(fn.Proto.LineDefined))
	t.RawSetString("lastlinedefined", lua.LNumber(fn.Proto.LastLineDefined))
}

func lines(L *lua.LState, t *lua.LTable, fn *lua.LFunction) {
	if fn.Proto == nil {
		return
	}
	limit.Of(L).Work(L, int64(len(fn.Proto.DbgSourcePositions)))
	active := L.CreateTable(0, 0)
	for _, line := range fn.Proto.DbgSourcePositions {
		if line > 0 {
			active.RawSet(lua.LNumber(line), lua.LTrue)
		}
	}
	t.RawSetString("activelines", active)
}

// upvalues returns how many variables of its surroundings a function uses. The operations of the
// host that compiled code calls are upvalues of the VM, and none of the script's.
func upvalues(fn *lua.LFunction) int {
	n := 0
	for _, u := range fn.Upvalues {
		if u != nil {
			if f, ok := u.Value().(*lua.LFunction); ok {
				if _, ok := operator.Of(f); ok {
					continue
				}
			}
		}
		n++
	}
	return n
}
