package baselib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/strlib"
	"github.com/skylint/skylint/runtime/thread"
)

func load(L *lua.LState) int {
	mode := arg.OptString(L, 3, "bt")
	env := lua.LValue(host.Of(L).Globals)
	given := L.GetTop() >= 4
	if given {
		env = L.Get(4)
	}
	switch v := L.Get(1).(type) {
	case lua.LString, lua.LNumber:
		text := arg.String(L, 1)
		if host.Breaks(L, rules.DynamicCode, "load", "a text that is put together at run time is compiled") {
			return refused(L, "load of a text that is no literal is not granted")
		}
		return compiled(L, text, arg.OptString(L, 2, text), mode, env)
	case *lua.LFunction:
		name := arg.OptString(L, 2, "=(load)")
		if host.Breaks(L, rules.DynamicCode, "load", "a text that is put together at run time is compiled") {
			return refused(L, "load of a text that is no literal is not granted")
		}
		text, failure := pieces(L, v)
		if failure != lua.LNil {
			L.Push(lua.LNil)
			L.Push(failure)
			return 2
		}
		return compiled(L, text, name, mode, env)
	}
	arg.TypeError(L, 1, "function")
	return 0
}

// refused pushes what load returns that compiles nothing.
func refused(L *lua.LState, why string) int {
	L.Push(lua.LNil)
	L.Push(lua.LString(why))
	return 2
}

// pieces joins what a function returns until it returns nil or nothing.
func pieces(L *lua.LState, fn *lua.LFunction) (text string, failure lua.LValue) {
	var b strings.Builder
	for {
		L.Push(fn)
		n, f := thread.Protect(L, 0, nil)
		if f != nil {
			return "", f.Value
		}
		var v lua.LValue = lua.LNil
		if n > 0 {
			v = L.Get(-n)
		}
		L.Pop(n)
		switch v := v.(type) {
		case *lua.LNilType:
			return b.String(), lua.LNil
		case lua.LString:
			if v == "" {
				return b.String(), lua.LNil
			}
			limit.Of(L).Charge(L, limit.Source, int64(b.Len()+len(v)))
			b.WriteString(string(v))
		default:
			return "", lua.LString("reader function must return a string")
		}
	}
}

// compiled pushes a chunk as a function, or nil and a message.
func compiled(L *lua.LState, text, name, mode string, env lua.LValue) int {
	if strings.HasPrefix(text, "#") || strings.HasPrefix(text, "\xef\xbb\xbf") {
		text = " " + text // only a file may begin so: this makes it an error
	}
	fn, message := chunk(L, text, name, mode, env)
	if fn == nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(message))
		return 2
	}
	L.Push(fn)
	return 1
}

func chunk(L *lua.LState, text, name, mode string, env lua.LValue) (fn *lua.LFunction, message string) {
	limit.Of(L).Charge(L, limit.Source, int64(len(text)))
	limit.Of(L).Work(L, int64(len(text)))
	binary := strlib.IsDump(text)
	if (binary || !strings.Contains(mode, "t")) && host.Breaks(L, rules.Bytecode, "load", "precompiled code is loaded") {
		return nil, "precompiled code is not granted"
	}
	if binary {
		if !strings.Contains(mode, "b") {
			return nil, "attempt to load a binary chunk (mode is '" + mode + "')"
		}
		globals, ok := env.(*lua.LTable)
		if !ok {
			return nil, "a dumped function needs a table as its environment"
		}
		if fn, ok := strlib.Undump(text, globals); ok {
			return fn, ""
		}
		return nil, "bad binary format (not a function that this process has dumped)"
	}
	if !strings.Contains(mode, "t") {
		return nil, "attempt to load a text chunk (mode is '" + mode + "')"
	}
	compile := host.Of(L).Compile
	if compile == nil {
		return nil, "load is not granted"
	}
	fn, err := compile(L, text, name, env)
	if err != nil {
		return nil, err.Error()
	}
	return fn, ""
}

// file reads and compiles a file.
func file(L *lua.LState, name, mode string, env lua.LValue) (fn *lua.LFunction, message string) {
	read := host.Of(L).ReadFile
	if read == nil {
		return nil, "cannot open " + name + ": files are not granted"
	}
	data, err := read(name)
	if err != nil {
		return nil, "cannot open " + name + ": " + err.Error()
	}
	return chunk(L, string(data), "@"+name, mode, env)
}

func loadFile(L *lua.LState) int {
	if host.Breaks(L, rules.DynamicCode, "loadfile", "a file whose name is put together at run time is loaded") {
		return refused(L, "loadfile of a name that is no literal is not granted")
	}
	env := lua.LValue(host.Of(L).Globals)
	if L.GetTop() >= 3 {
		env = L.Get(3)
	}
	fn, message := file(L, arg.String(L, 1), arg.OptString(L, 2, "bt"), env)
	if fn == nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(message))
		return 2
	}
	L.Push(fn)
	return 1
}

func doFile(L *lua.LState) int {
	if host.Breaks(L, rules.DynamicCode, "dofile", "a file whose name is put together at run time is run") {
		thread.Errorf(L, "dofile of a name that is no literal is not granted")
	}
	fn, message := file(L, arg.String(L, 1), "bt", host.Of(L).Globals)
	if fn == nil {
		thread.Raise(L, lua.LString(message))
	}
	L.SetTop(0)
	L.Push(fn)
	L.Call(0, lua.MultRet)
	return L.GetTop()
}
