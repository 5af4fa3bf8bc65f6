// Package baselib has Lua's basic functions.
package baselib

import (
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the basic functions.
var Functions = []library.Function{
	{Name: "assert", Call: assert}, {Name: "collectgarbage", Call: collectGarbage}, {Name: "dofile", Call: doFile},
	{Name: "error", Call: raise}, {Name: "getmetatable", Call: getMetatable}, {Name: "ipairs", Call: ipairs},
	{Name: "load", Call: load}, {Name: "loadfile", Call: loadFile}, {Name: "next", Call: next}, {Name: "pairs", Call: pairs},
	{Name: "pcall", Call: pcall}, {Name: "print", Call: printValues}, {Name: "rawequal", Call: rawEqual},
	{Name: "rawget", Call: rawGet}, {Name: "rawlen", Call: rawLen}, {Name: "rawset", Call: rawSet}, {Name: "select", Call: selectValues},
	{Name: "setmetatable", Call: setMetatable}, {Name: "tonumber", Call: toNumber}, {Name: "tostring", Call: toString},
	{Name: "type", Call: typeOf}, {Name: "warn", Call: warn}, {Name: "xpcall", Call: xpcall},
}

func assert(L *lua.LState) int {
	if lua.LVAsBool(L.Get(1)) {
		return L.GetTop()
	}
	arg.Any(L, 1)
	message := lua.LValue(lua.LString("assertion failed!"))
	if L.GetTop() >= 2 {
		message = L.Get(2)
	}
	if s, ok := message.(lua.LString); ok { // as error does
		message = lua.LString(thread.Where(L, 1)) + s
	}
	thread.Raise(L, message)
	return 0
}

func raise(L *lua.LState) int {
	v := L.Get(1)
	level := arg.OptInteger(L, 2, 1)
	limit.Of(L).Work(L, 100)
	if s, ok := v.(lua.LString); ok && level > 0 && level < 1<<20 {
		limit.Of(L).Work(L, level/2)
		where := lua.LString(thread.Where(L, int(level)))
		limit.Of(L).Charge(L, limit.String, int64(len(where)+len(s)))
		v = where + s
	}
	thread.Raise(L, v)
	return 0
}

func pcall(L *lua.LState) int {
	arg.Any(L, 1)
	return protect(L, nil)
}

func xpcall(L *lua.LState) int {
	handler := arg.Function(L, 2)
	L.Remove(2)
	return protect(L, handler)
}

// notCallable raises its argument: so a handler sees the error as any other.
var notCallable = library.New("?", func(L *lua.LState) int {
	thread.Raise(L, L.Get(1))
	return 0
})

// errorWork is what an error costs that is caught: the VM unwinds its stack.
const errorWork = 100

// protect calls the first value on the stack with the others.
func protect(L *lua.LState, handler lua.LValue) int {
	n := L.GetTop() - 1
	if fn := L.Get(1); fn.Type() != lua.LTFunction && value.Metafield(L, fn, "__call") == lua.LNil {
		message := "attempt to call a " + value.TypeName(L, fn) + " value"
		L.SetTop(0)
		L.Insert(notCallable, 1)
		L.Push(lua.LString(message))
		n = 1
	}
	L.Insert(lua.LTrue, 1)
	results, failure := thread.Protect(L, n, handler)
	if failure == nil {
		return results + 1
	}
	limit.Of(L).Work(L, errorWork)
	L.SetTop(0)
	L.Push(lua.LFalse)
	L.Push(failure.Value)
	return 2
}

func getMetatable(L *lua.LState) int {
	v := arg.Any(L, 1)
	if _, ok := v.(lua.LString); ok && library.StringMetatable != nil {
		L.Push(library.StringMetatable)
		return 1
	}
	mt := value.Metatable(L, v)
	if t, ok := v.(*lua.LTable); mt == nil || ok && (library.IsFrozen(t) || library.IsPlain(t)) {
		L.Push(lua.LNil)
		return 1
	}
	if field := mt.RawGetString("__metatable"); field != lua.LNil {
		L.Push(field)
		return 1
	}
	L.Push(mt)
	return 1
}

func setMetatable(L *lua.LState) int {
	t := arg.Table(L, 1)
	mt := L.Get(2)
	if _, ok := mt.(*lua.LTable); !ok && (mt != lua.LNil || L.GetTop() < 2) {
		arg.TypeError(L, 2, "nil or table")
	}
	if library.IsShared(t) {
		host.Refused(L, rules.MetatableTampering, "", "the metatable of a library belongs to all code, and is not to be changed")
		thread.Errorf(L, "%s", library.Refusal(""))
	}
	if meta, ok := mt.(*lua.LTable); ok && t == host.Of(L).Globals {
		if _, falls := meta.RawGetString("__index").(*lua.LTable); falls && host.Breaks(L, rules.MetatableTampering, "_G", "every global that nobody has made is now looked up in another table") {
			thread.Errorf(L, "the metatable of the globals is not to be changed so")
		}
	}
	library.Settle(t)
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		thread.Errorf(L, "cannot change a protected metatable")
	}
	t.Metatable = mt
	L.SetTop(1)
	return 1
}

func rawEqual(L *lua.LState) int {
	L.Push(lua.LBool(L.RawEqual(arg.Any(L, 1), arg.Any(L, 2))))
	return 1
}

func rawLen(L *lua.LState) int {
	switch v := L.Get(1).(type) {
	case *lua.LTable:
		limit.Of(L).Work(L, int64(limit.ArrayLen(v)-v.Len())/16)
		L.Push(lua.LNumber(v.Len()))
	case lua.LString:
		L.Push(lua.LNumber(len(v)))
	default:
		arg.TypeError(L, 1, "table or string")
	}
	return 1
}

func rawGet(L *lua.LState) int {
	t := arg.Table(L, 1)
	key := arg.Any(L, 2)
	v := library.Contents(t).RawGet(key)
	if v == lua.LNil && host.Of(L).Added != nil {
		v = library.Added(L, t, key)
	}
	if v == lua.LNil && library.IsOverlay(t) {
		library.Settle(t)
		v = t.RawGet(key)
	}
	L.Push(v)
	return 1
}

func rawSet(L *lua.LState) int {
	t := arg.Table(L, 1)
	key, v := arg.Any(L, 2), arg.Any(L, 3)
	if library.IsShared(t) {
		host.Refused(L, rules.SharedTableWrite, lua.LVAsString(key), "a table of a library belongs to all code, and is not to be changed")
		thread.Errorf(L, "%s", library.Refusal(""))
	}
	library.Settle(t)
	if v != lua.LNil && t == host.Of(L).Globals && t.RawGet(key) == lua.LNil {
		host.MakesGlobal(L, key, true)
	}
	if key == lua.LNil {
		thread.Errorf(L, "table index is nil")
	}
	if n, ok := key.(lua.LNumber); ok && n != n {
		thread.Errorf(L, "table index is NaN")
	}
	value.SetRaw(L, t, key, v)
	L.SetTop(1)
	return 1
}

func selectValues(L *lua.LState) int {
	n := L.GetTop()
	if s, ok := L.Get(1).(lua.LString); ok && len(s) > 0 && s[0] == '#' {
		L.Push(lua.LNumber(n - 1))
		return 1
	}
	i := arg.Integer(L, 1)
	if i < 0 {
		i += int64(n)
	} else if i > int64(n) {
		i = int64(n)
	}
	arg.Check(L, i >= 1, 1, "index out of range")
	return n - int(i)
}

func typeOf(L *lua.LState) int {
	L.Push(typeNames[arg.Any(L, 1).Type()])
	return 1
}

var typeNames = map[lua.LValueType]lua.LValue{
	lua.LTNil: lua.LString("nil"), lua.LTBool: lua.LString("boolean"), lua.LTNumber: lua.LString("number"),
	lua.LTString: lua.LString("string"), lua.LTFunction: lua.LString("function"), lua.LTUserData: lua.LString("userdata"),
	lua.LTThread: lua.LString("thread"), lua.LTTable: lua.LString("table"), lua.LTChannel: lua.LString("userdata"),
}

func toString(L *lua.LState) int {
	v := arg.Any(L, 1)
	if _, ok := v.(lua.LString); !ok {
		v = lua.LString(value.ToString(L, v))
	}
	L.Push(v)
	return 1
}

func toNumber(L *lua.LState) int {
	v := arg.Any(L, 1)
	if L.Get(2) == lua.LNil {
		switch v := v.(type) {
		case lua.LNumber:
			L.Push(v)
			return 1
		case lua.LString:
			value.ChargeText(L, string(v))
			f, exact, ok := number.Read(string(v))
			return pushNumber(L, string(v), f, exact, ok)
		}
		L.Push(lua.LNil)
		return 1
	}
	base := arg.Integer(L, 2)
	s, ok := v.(lua.LString)
	if !ok {
		arg.TypeError(L, 1, "string")
	}
	arg.Check(L, 2 <= base && base <= 36, 2, "base out of range")
	value.ChargeText(L, string(s))
	f, exact, ok := number.ReadBase(string(s), int(base))
	return pushNumber(L, string(s), f, exact, ok)
}

// pushNumber refuses an integer that no number holds: it would become another one.
func pushNumber(L *lua.LState, text string, f float64, exact, ok bool) int {
	switch {
	case !ok:
		L.Push(lua.LNil)
	case !exact:
		if len(text) > 40 {
			text = text[:40] + "..."
		}
		thread.Errorf(L, "integer %s is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)", text)
	default:
		L.Push(lua.LNumber(f))
	}
	return 1
}

func printValues(L *lua.LState) int {
	var b []byte
	for i := 1; i <= L.GetTop(); i++ {
		if i > 1 {
			b = append(b, '\t')
		}
		s := value.ToString(L, L.Get(i))
		limit.Of(L).Charge(L, limit.String, int64(len(b)+len(s)))
		b = append(b, s...)
	}
	b = append(b, '\n')
	Write(L, b)
	return 0
}

// Write writes to the state's output.
func Write(L *lua.LState, b []byte) {
	limit.Of(L).Charge(L, limit.Output, int64(len(b)))
	if out := host.Of(L).Out; out != nil {
		if _, err := out.Write(b); err != nil {
			thread.Errorf(L, "cannot write to the output")
		}
	}
}

// WriteError writes to where errors go.
func WriteError(L *lua.LState, text string) {
	limit.Of(L).Charge(L, limit.Output, int64(len(text)))
	if to := host.Of(L).Err; to != nil {
		io.WriteString(to, text)
	}
}

// warn writes a warning if "@on" has been said.
func warn(L *lua.LState) int {
	size := len(arg.String(L, 1))
	for i := 2; i <= L.GetTop(); i++ {
		size += len(arg.String(L, i))
	}
	limit.Of(L).Charge(L, limit.String, int64(size))
	var b strings.Builder
	for i := 1; i <= L.GetTop(); i++ {
		b.WriteString(arg.String(L, i))
	}
	h := host.Of(L)
	switch text := b.String(); {
	case L.GetTop() == 1 && strings.HasPrefix(text, "@"):
		if text == "@on" || text == "@off" {
			h.Warnings = text == "@on"
		}
	case h.Warnings:
		WriteError(L, "Lua warning: "+text+"\n")
	}
	return 0
}

// emptyState is what a state takes, roughly, before it has anything of its own.
const emptyState = 16 << 10

func collectGarbage(L *lua.LState) int {
	option := arg.OptString(L, 1, "collect")
	switch option {
	case "collect":
		limit.Of(L).Measure(L)
		L.Push(lua.LNumber(0))
	case "stop", "restart":
		L.Push(lua.LNumber(0))
	case "count":
		L.Push(lua.LNumber(float64(limit.Of(L).Memory()+emptyState) / 1024))
	case "step":
		L.Push(lua.LTrue)
	case "isrunning":
		L.Push(lua.LTrue)
	case "setpause":
		L.Push(lua.LNumber(200))
	case "setstepmul":
		L.Push(lua.LNumber(100))
	case "incremental", "generational":
		L.Push(lua.LString("incremental"))
	default:
		arg.Error(L, 1, "invalid option '"+option+"'")
	}
	return 1
}
