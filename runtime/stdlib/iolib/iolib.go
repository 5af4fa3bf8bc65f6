// Package iolib is the part of Lua's library io that writes to the output of the state. Files
// are opened by no script yet: what would open one says so.
package iolib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/baselib"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "close", Call: refuse("close")}, {Name: "input", Call: refuse("input")}, {Name: "lines", Call: refuse("lines")},
	{Name: "open", Call: refuse("open")}, {Name: "output", Call: output}, {Name: "popen", Call: refuse("popen")},
	{Name: "read", Call: refuse("read")}, {Name: "tmpfile", Call: refuse("tmpfile")}, {Name: "type", Call: kind},
	{Name: "write", Call: func(L *lua.LState) int { return write(L, 1, stdout) }},
}

func refuse(name string) lua.LGFunction {
	return func(L *lua.LState) int {
		thread.Errorf(L, "io.%s is not granted", name)
		return 0
	}
}

// stdout stands for the output of the state that uses it, and is shared by all.
var stdout = newFile()

// Stdout returns io.stdout.
func Stdout() lua.LValue { return stdout }

func newFile() *lua.LUserData {
	L := new(lua.LState)
	methods := L.CreateTable(0, 4)
	library.Fill(methods, "file.", []library.Function{
		{Name: "write", Call: func(L *lua.LState) int { return write(L, 2, L.Get(1)) }},
		{Name: "flush", Call: self}, {Name: "setvbuf", Call: succeed}, {Name: "close", Call: refuse("close")},
	})
	mt := L.CreateTable(0, 4)
	mt.RawSetString("__index", methods)
	mt.RawSetString("__name", lua.LString("FILE*"))
	mt.RawSetString("__metatable", lua.LFalse)
	mt.RawSetString("__tostring", library.New("tostring", func(L *lua.LState) int {
		L.Push(lua.LString("file (stdout)"))
		return 1
	}))
	return &lua.LUserData{Env: L.CreateTable(0, 0), Metatable: mt}
}

func self(L *lua.LState) int {
	L.SetTop(1)
	return 1
}

func succeed(L *lua.LState) int {
	L.Push(lua.LTrue)
	return 1
}

// write writes its arguments from the one at from on, and returns the file.
func write(L *lua.LState, from int, file lua.LValue) int {
	for i := from; i <= L.GetTop(); i++ {
		baselib.Write(L, []byte(arg.String(L, i)))
	}
	L.Push(file)
	return 1
}

func output(L *lua.LState) int {
	if L.GetTop() > 0 {
		thread.Errorf(L, "io.output with a file is not granted")
	}
	L.Push(stdout)
	return 1
}

func kind(L *lua.LState) int {
	if arg.Any(L, 1) == lua.LValue(stdout) {
		L.Push(lua.LString("file"))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}
