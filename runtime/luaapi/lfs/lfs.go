// Package lfs is the module lfs of LuaFileSystem, for the files that are granted. Without a grant its functions
// fail, as if nothing was there to be read.
package lfs

import (
	"errors"
	"io"
	"io/fs"
	"os"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Folders is what the files of a script are asked for, besides host.Files.
type Folders interface {
	host.Files
	// Stat says what a name leads to, and Lstat what it is, if it is a link.
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	Mkdir(name string) error
}

// Module is the module.
var Module = actor.Module{Name: "lfs", Open: func(L *lua.LState) lua.LValue {
	t := open(L)
	t.RawSetString("_VERSION", lua.LString("LuaFileSystem 1.8.0"))
	return t
}}

var open = library.Maker("lfs.", []library.Function{
	{Name: "attributes", Call: func(L *lua.LState) int { return attributes(L, Folders.Stat) }},
	{Name: "symlinkattributes", Call: func(L *lua.LState) int { return attributes(L, Folders.Lstat) }},
	{Name: "dir", Call: dir}, {Name: "mkdir", Call: mkdir}, {Name: "rmdir", Call: rmdir}, {Name: "currentdir", Call: currentDir},
	{Name: "chdir", Call: func(L *lua.LState) int { return failure(L, arg.String(L, 1), errShared) }},
})

var (
	errNone   = errors.New("not granted (see --grant files)")
	errShared = errors.New("the current folder is that of all services, and stays")
)

// failure pushes nil, why, and the number of the error.
func failure(L *lua.LState, name string, err error) int {
	if err == errNone || err == errShared {
		L.Push(lua.LNil)
		L.Push(lua.LString(name + ": " + err.Error()))
		return 2
	}
	return host.Failure(L, name, err)
}

// granted returns the files that the script may touch.
func granted(L *lua.LState) (Folders, error) {
	if f, ok := host.Of(L).Files.(Folders); ok {
		return f, nil
	}
	return nil, errNone
}

// kinds are what lfs calls them.
func kind(m fs.FileMode) string {
	switch m.Type() {
	case 0:
		return "file"
	case fs.ModeDir:
		return "directory"
	case fs.ModeSymlink:
		return "link"
	case fs.ModeNamedPipe:
		return "named pipe"
	case fs.ModeSocket:
		return "socket"
	case fs.ModeDevice:
		return "block device"
	case fs.ModeDevice | fs.ModeCharDevice:
		return "char device"
	}
	return "other"
}

// attributes is lfs.attributes(path [, name or table]).
func attributes(L *lua.LState, stat func(Folders, string) (fs.FileInfo, error)) int {
	name := arg.String(L, 1)
	f, err := granted(L)
	var info fs.FileInfo
	if err == nil {
		info, err = stat(f, name)
	}
	if err != nil {
		return failure(L, name, err)
	}
	modified := lua.LNumber(info.ModTime().Unix())
	all := [...]struct {
		name  string
		value lua.LValue
	}{
		{"mode", lua.LString(kind(info.Mode()))}, {"size", lua.LNumber(info.Size())}, {"modification", modified},
		{"access", modified}, {"change", modified}, {"permissions", lua.LString(info.Mode().Perm().String()[1:])},
	}
	if key, ok := L.Get(2).(lua.LString); ok {
		for _, a := range all {
			if a.name == string(key) {
				L.Push(a.value)
				return 1
			}
		}
		thread.Errorf(L, "bad argument #2 to 'attributes' (invalid attribute name '%s')", string(key))
	}
	t, ok := L.Get(2).(*lua.LTable)
	if !ok {
		t = L.CreateTable(0, len(all))
	}
	for _, a := range all {
		t.RawSetString(a.name, a.value)
	}
	L.Push(t)
	return 1
}

// batch is how many names of a folder are read at a time.
const batch = 256

// dir is lfs.dir(path): an iterator over the names in a folder, with "." and "..".
func dir(L *lua.LState) int {
	name := arg.String(L, 1)
	f, err := granted(L)
	var folder *os.File
	if err == nil {
		folder, err = f.Open(name, os.O_RDONLY)
	}
	if err != nil {
		reason, _ := host.Reason(err)
		if err == errNone {
			reason = err.Error()
		}
		thread.Errorf(L, "cannot open %s: %s", name, reason)
	}
	defer folder.Close()
	names := []string{".", ".."}
	for {
		more, err := folder.Readdirnames(batch)
		limit.Of(L).Charge(L, limit.Memory, int64(len(more)*64))
		names = append(names, more...)
		if err == io.EOF || len(more) == 0 && err == nil {
			break
		}
		if err != nil {
			reason, _ := host.Reason(err)
			thread.Errorf(L, "cannot open %s: %s", name, reason)
		}
	}
	at := 0
	L.Push(library.Closure(func(L *lua.LState) int {
		if at == len(names) {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LString(names[at]))
		at++
		return 1
	}))
	return 1
}

func mkdir(L *lua.LState) int { return change(L, Folders.Mkdir) }

func rmdir(L *lua.LState) int { return change(L, Folders.Remove) }

func change(L *lua.LState, f func(Folders, string) error) int {
	name := arg.String(L, 1)
	files, err := granted(L)
	if err == nil {
		err = f(files, name)
	}
	if err != nil {
		return failure(L, name, err)
	}
	L.Push(lua.LTrue)
	return 1
}

// currentDir is lfs.currentdir().
func currentDir(L *lua.LState) int {
	_, err := granted(L)
	var name string
	if err == nil {
		name, err = os.Getwd()
	}
	if err != nil {
		return failure(L, "currentdir", err)
	}
	L.Push(lua.LString(name))
	return 1
}
