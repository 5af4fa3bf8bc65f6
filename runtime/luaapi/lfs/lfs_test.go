package lfs_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/grant"
	"github.com/skylint/skylint/runtime/luaapi/lfs"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// run runs a program that may touch the files of a folder, "" for none, and returns what it prints.
func run(t *testing.T, folder, program string) string {
	t.Helper()
	var out bytes.Buffer
	var files *grant.Files
	if folder != "" {
		var err error
		if files, err = grant.OpenFiles(folder); err != nil {
			t.Fatal(err)
		}
		defer files.Close()
	}
	s := script.New(script.Options{Dialect: syntax.Lua54, Host: func(h *host.State) {
		h.Out = &out
		if files != nil {
			h.Files = files
		}
		h.Module = func(L *lua.LState, name string) *lua.LFunction {
			if name != "lfs" {
				return nil
			}
			return L.NewFunction(func(L *lua.LState) int {
				L.Push(lfs.Module.Open(L))
				return 1
			})
		}
	}})
	defer s.Close()
	main, err := s.Load(source.New("test.lua", program))
	if err == nil {
		_, err = s.Call(main)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFolders(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, name := range []string{"a.lua", "b.lua"} {
		if err := os.WriteFile(name, []byte("return 1"), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Unix(1000, 0), time.Unix(2000, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc", "out"); err != nil {
		t.Fatal(err)
	}
	got := run(t, dir, `
local lfs = require "lfs"
local a = lfs.attributes "a.lua"
print(a.mode, a.size, a.modification, a.permissions, lfs.attributes("a.lua", "mode"), lfs.attributes("a.lua", { x = 1 }).x)
print(lfs.attributes "none")
print(lfs.attributes "../up")
print(lfs.attributes "out/passwd")
print(lfs.symlinkattributes("out", "mode"), pcall(lfs.attributes, "a.lua", "colour"))
print(lfs.mkdir "sub", lfs.mkdir "sub")
print(lfs.mkdir "/new")
print(lfs.attributes("sub", "mode"), lfs.rmdir "sub", lfs.rmdir "sub")
local names = {}
for name in lfs.dir "." do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
print(pcall(lfs.dir, ".."))
print(pcall(lfs.dir, "out"))
print(lfs.currentdir(), lfs.chdir "sub")
`)
	want := `file	8	2000	rw-r-----	file	1
nil	none: No such file or directory	2
nil	../up: not granted	13
nil	out/passwd: not granted	13
link	false	bad argument #2 to 'attributes' (invalid attribute name 'colour')
true	nil	sub: File exists	17
nil	/new: not granted	13
directory	true	nil	sub: No such file or directory	2
. .. a.lua b.lua out
false	cannot open ..: not granted
false	cannot open out: not granted
` + dir + `	nil	sub: the current folder is that of all services, and stays
`
	if got != want {
		t.Errorf("prints\n%s\nwant\n%s", got, want)
	}
}

// TestNoFiles makes sure that nothing is to be seen without a grant.
func TestNoFiles(t *testing.T) {
	got := run(t, "", `
local lfs = require "lfs"
print(lfs.attributes ".") print(lfs.mkdir "x") print(lfs.currentdir()) print(pcall(lfs.dir, "."))
`)
	if strings.Count(got, "not granted (see --grant files)") != 4 {
		t.Error(got)
	}
}
