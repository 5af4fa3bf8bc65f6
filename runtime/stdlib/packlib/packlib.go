// Package packlib is Lua's library package, and require. It loads only what the host lets it
// read: Lua modules.
package packlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// DefaultPath is package.path where the host says nothing.
const DefaultPath = "./?.lua;./?/init.lua"

// config is package.config: separators and marks.
const config = "/\n;\n?\n!\n-\n"

// state is what require keeps for one state.
type state struct {
	loaded, preload, pack *lua.LTable
}

func stateOf(L *lua.LState) *state {
	h := host.Of(L)
	if s, ok := h.Packages.(*state); ok {
		return s
	}
	s := &state{loaded: L.CreateTable(0, 16), preload: L.CreateTable(0, 0), pack: L.CreateTable(0, 8)}
	for key, v := libraries.Next(lua.LNil); key != lua.LNil; key, v = libraries.Next(key) {
		s.loaded.RawSet(key, v)
	}
	s.loaded.RawSetString("_G", h.Globals)
	path := h.Path
	if path == "" {
		path = DefaultPath
	}
	s.loaded.RawSetString("package", s.pack)
	s.pack.RawSetString("loaded", s.loaded)
	s.pack.RawSetString("preload", s.preload)
	s.pack.RawSetString("path", lua.LString(path))
	s.pack.RawSetString("cpath", lua.LString(""))
	s.pack.RawSetString("config", lua.LString(config))
	s.pack.RawSetString("searchpath", searchPathFunction)
	s.pack.RawSetString("loadlib", loadLibraryFunction)
	h.Packages = s
	limit.Of(L).Root(s.pack)
	return s
}

// libraries are the libraries by name. SetLibraries sets them, once, before any state is made.
//
//baton:ok set before any state is made, and only read then
var libraries *lua.LTable

// SetLibraries says what package.loaded holds from the beginning.
func SetLibraries(t *lua.LTable) { libraries = t }

// Functions are the functions of the library that are global.
var Functions = []library.Function{{Name: "require", Call: require}}

var loadLibraryFunction = library.New("package.loadlib", func(L *lua.LState) int {
	host.Refused(L, rules.NativeCode, "package.loadlib", "package.loadlib loads machine code")
	L.Push(lua.LNil)
	L.Push(lua.LString("dynamic libraries not enabled: there are no C modules here"))
	L.Push(lua.LString("absent"))
	return 3
})

// machineCode are modules that give scripts machine code to call.
var machineCode = map[string]bool{"ffi": true, "jit.util": true}

var searchPathFunction = library.New("package.searchpath", searchPath)

// Front is what the global package is for all states: it shows the table of the state that looks.
func Front() *lua.LTable {
	L := new(lua.LState)
	mt := L.CreateTable(0, 4)
	mt.RawSetString("__index", library.New("index", func(L *lua.LState) int {
		L.Push(stateOf(L).pack.RawGet(L.Get(2)))
		return 1
	}))
	mt.RawSetString("__newindex", library.New("newindex", func(L *lua.LState) int {
		L.RawSet(stateOf(L).pack, L.Get(2), L.Get(3))
		return 0
	}))
	mt.RawSetString("__pairs", library.New("pairs", func(L *lua.LState) int {
		L.Push(L.GetGlobal("next"))
		L.Push(stateOf(L).pack)
		return 2
	}))
	mt.RawSetString("__metatable", lua.LFalse)
	front := L.CreateTable(0, 0)
	front.Metatable = mt
	library.Hide(front)
	library.Hide(mt)
	return front
}

func require(L *lua.LState) int {
	name := arg.String(L, 1)
	s := stateOf(L)
	L.SetTop(1)
	if v := s.loaded.RawGetString(name); lua.LVAsBool(v) {
		L.Push(v)
		return 1
	}
	if loading := host.Of(L).Loading; loading != nil {
		L.Push(lua.LNil) // for what load finds
		L.Push(lua.LNil)
		loading(L, name, func() {
			v, data := s.load(L, name)
			L.Replace(2, data)
			L.Replace(3, v)
		}, func() { s.publish(name, L.Get(3)) })
		L.Push(s.loaded.RawGetString(name))
		L.Push(L.Get(2))
		return 2
	}
	v, data := s.load(L, name)
	s.publish(name, v)
	L.Push(s.loaded.RawGetString(name))
	L.Push(data)
	return 2
}

// load loads a module, and returns its value and what its loader was called with.
func (s *state) load(L *lua.LState, name string) (v, data lua.LValue) {
	loader, data := s.find(L, name)
	L.Push(loader)
	L.Push(lua.LString(name))
	L.Push(data)
	limit.Call(L, 2, 1)
	v = L.Get(-1)
	L.Pop(1)
	return v, data
}

// publish lets others find what a module's loader has returned.
func (s *state) publish(name string, v lua.LValue) {
	if v != lua.LNil {
		s.loaded.RawSetString(name, v)
	}
	if s.loaded.RawGetString(name) == lua.LNil {
		s.loaded.RawSetString(name, lua.LTrue)
	}
}

// Loaded returns what require has loaded by a name; nil if it has loaded nothing.
func Loaded(L *lua.LState, name string) lua.LValue { return stateOf(L).loaded.RawGetString(name) }

// find returns the function that loads a module, and what it is called with.
func (s *state) find(L *lua.LState, name string) (loader, data lua.LValue) {
	if preload, ok := s.pack.RawGetString("preload").(*lua.LTable); ok {
		if v := value.Index(L, preload, lua.LString(name)); v != lua.LNil {
			return v, lua.LString(":preload:")
		}
	}
	h := host.Of(L)
	if h.Module != nil {
		if fn := h.Module(L, name); fn != nil {
			return fn, lua.LString(":native:")
		}
	}
	path, ok := s.pack.RawGetString("path").(lua.LString)
	if !ok {
		thread.Errorf(L, "'package.path' must be a string")
	}
	file, text, tried := search(L, name, string(path), ".", "/")
	if file == "" {
		if machineCode[name] {
			host.Refused(L, rules.NativeCode, name, "the module '"+name+"' gives scripts machine code to call")
		}
		native := ""
		if h.Module != nil {
			native = "\n\tno native module '" + name + "'"
		}
		thread.Errorf(L, "module '%s' not found:\n\tno field package.preload['%s']%s%s", name, name, native, tried)
	}
	if h.Compile == nil {
		thread.Errorf(L, "error loading module '%s': load is not granted", name)
	}
	limit.Of(L).Charge(L, limit.Source, int64(len(text)))
	fn, err := h.Compile(L, text, "@"+file, h.Globals)
	if err != nil {
		thread.Errorf(L, "error loading module '%s' from file '%s':\n\t%s", name, file, err.Error())
	}
	return fn, lua.LString(file)
}

// search looks for a file in a path.
func search(L *lua.LState, name, path, separator, replacement string) (file, text, tried string) {
	read := host.Of(L).ReadFile
	if separator != "" {
		name = strings.ReplaceAll(name, separator, replacement)
	}
	limit.Of(L).Charge(L, limit.String, int64(len(path)+(strings.Count(path, "?")+1)*len(name)))
	for _, template := range strings.Split(path, ";") {
		file := strings.ReplaceAll(template, "?", name)
		if template == "" || file == "" {
			continue
		}
		limit.Of(L).Work(L, 1000)
		if read != nil {
			if data, err := read(file); err == nil {
				return file, string(data), ""
			}
		}
		tried += "\n\tno file '" + file + "'"
	}
	return "", "", tried
}

func searchPath(L *lua.LState) int {
	file, _, tried := search(L, arg.String(L, 1), arg.String(L, 2), arg.OptString(L, 3, "."), arg.OptString(L, 4, "/"))
	if file == "" {
		L.Push(lua.LNil)
		L.Push(lua.LString(strings.TrimPrefix(tried, "\n\t")))
		return 2
	}
	L.Push(lua.LString(file))
	return 1
}
