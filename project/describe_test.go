package project

import (
	"path/filepath"
	"testing"
)

func TestDescribe(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "proj")
	write(t, dir, `
-- config.one --
`+cfg+`start = "main"
luaservice = "./service/?.lua"
-- config.two --
`+cfg+`start = "main"
luaservice = "./service/?.lua"
-- service/main.lua --
`+starts+`
require("cmd." ..
	name)
require "nosuch"
require "skynet.service".new("kv", function() end)
-- service/idle.lua --
`+starts+`
-- extra/main.lua --
`+starts+`
-- tool.lua --
-- 3rd/a/x.lua --
-- 3rd/b/y.lua --
`)
	const want = `8 files, 3 nodes, 4 services; 2 files in 2 copies of other people's code

node one (config.one, started in .)
  idle: service/idle.lua, 1 file, launched by nobody
  kv: service/main.lua:7, 1 file, function service
  main: service/main.lua, 1 file, 2 unresolved

node proj (no configuration, .)
  main: extra/main.lua, 1 file

node two (config.two, started in .)
  the same services as one

loaded by no service
  tool.lua

not resolved
  service/main.lua:4: require("cmd." .. name): the name is made when the program runs
  service/main.lua:6: require "nosuch": there is no such module in the project
`
	if got := Describe(load(t, dir, Options{})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
