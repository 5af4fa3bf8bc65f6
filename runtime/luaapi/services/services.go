// Package services is what skyrun brings of skynet in Lua: the modules skynet.service,
// skynet.snax, skynet.datacenter, skynet.multicast and skynet.sharemap with the services behind them, the debug protocol, and the service
// debug_console. The programs are in the folder lua.
package services

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/source"
)

//go:embed lua
var programs embed.FS

var files = sync.OnceValue(func() map[string]*source.File {
	all := map[string]*source.File{}
	err := fs.WalkDir(programs, "lua", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := programs.ReadFile(path)
		name := strings.TrimPrefix(path, "lua/")
		all[strings.TrimSuffix(name, ".lua")] = source.New("skyrun/"+name, string(text))
		return err
	})
	if err != nil {
		panic(err) // it is embedded
	}
	return all
})

// names are the services that Find has.
var names = map[string]bool{"service_provider": true, "service_cell": true, "datacenterd": true, "snaxd": true, "debug_console": true, "multicastd": true}

// Find returns the program of a service by its name. It goes before those of the project: skynet's
// own of these names need C modules.
func Find(name string) (*source.File, bool) {
	if !names[name] {
		return nil, false
	}
	return files()[name], true
}

// Own reports whether a file is one of these programs.
func Own(f *source.File) bool {
	name, ok := strings.CutPrefix(f.Path, "skyrun/")
	return ok && files()[strings.TrimSuffix(name, ".lua")] == f
}

// Starts reports whether a service of that name starts others, or code that it is sent.
func Starts(name string) bool { return name == "service_provider" || name == "debug_console" }

// Modules are the modules.
var Modules = []actor.Module{
	module("skynet.service", "service"), module("skynet.snax", "snax"), module("skynet.datacenter", "datacenter"),
	module("snax.interface", "interface"), module("skynet.multicast", "multicast"), module("skynet.sharemap", "sharemap"),
	module("snax.msgserver", "snax/msgserver"), module("snax.loginserver", "snax/loginserver"),
	module("skynet.sharedata", "sharedata"), module("skynet.datasheet", "datasheet/init"), module("skynet.datasheet.builder", "datasheet/builder"),
	module("skynet.mqueue", "mqueue"), {Name: "skynet.debug", Open: openDebug},
	{Name: "skyrun.console", Open: openConsole},
}

// module makes a module of a program.
func module(name, file string) actor.Module {
	return actor.Module{Name: name, Open: func(L *lua.LState) lua.LValue { return open(L, file, lua.LString(name)) }}
}

// open runs a program with an argument, and returns what it returns.
func open(L *lua.LState, file string, arg lua.LValue) lua.LValue {
	fn, err := script.Of(L).Load(files()[file])
	if err != nil {
		actor.Raise(L, fmt.Errorf("module %s: %w", file, err))
	}
	L.Push(fn)
	L.Push(arg)
	L.Call(1, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

// debug is the debug protocol of one service.
type debug struct {
	dispatch lua.LValue  // nil until the first message
	extern   *lua.LTable // commands of the service's own
}

var debugKey = actor.NewKey(func(a *actor.Actor) *debug { return &debug{extern: new(lua.LState).CreateTable(0, 0)} })

var registerCommand = library.New("skynet.debug.reg_debugcmd", func(L *lua.LState) int {
	debugKey.Of(actor.Of(L)).extern.RawSetString(arg.String(L, 1), arg.Function(L, 2))
	return 0
})

func openDebug(L *lua.LState) lua.LValue {
	t := L.CreateTable(0, 1)
	t.RawSetString("reg_debugcmd", registerCommand)
	return t
}

// Opened gives a service the debug protocol. It is for skynet.Config.
func Opened(_ *lua.LState, s *skynet.Service) {
	s.Native("debug", actor.Debug, func(t *actor.Task, e *actor.Envelope) error {
		d := debugKey.Of(t.Actor())
		if d.dispatch == nil {
			if err := d.load(t, s); err != nil {
				return err
			}
		}
		L := t.Prepare(d.dispatch)
		if text, raw := e.Raw(); raw {
			seri.Unpack(L, text)
		} else {
			e.Push(L)
		}
		return t.Perform(nil)
	})
}

func (d *debug) load(t *actor.Task, s *skynet.Service) error {
	fn, err := t.Actor().State().Load(files()["debug"])
	if err != nil {
		return err
	}
	L := t.Prepare(fn)
	L.Push(d.extern)
	L.Push(library.Closure(func(L *lua.LState) int {
		v := s.Info()
		if v == nil {
			v = lua.LNil
		}
		L.Push(v)
		return 1
	}))
	return t.Perform(func(L *lua.LState) { d.dispatch = L.Get(1) })
}
