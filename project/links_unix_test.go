//go:build unix

package project

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder that is reached by a symbolic link is found under both paths.
func TestLinkedFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `
-- config --
`+cfg+`start = "main"
luaservice = "./service/?.lua"
lua_path = "./common/?.lua"
-- service/main.lua --
`+starts+`require "log"
-- shared/lualib/log.lua --
`)
	if err := os.Symlink(filepath.Join("shared", "lualib"), filepath.Join(dir, "common")); err != nil {
		t.Fatal(err)
	}
	p := load(t, dir, Options{})
	if want := "main: service service/main.lua on config: service/main.lua shared/lualib/log.lua\n"; dump(p) != want {
		t.Errorf("got\n%s\nwant\n%s", dump(p), want)
	}
}
