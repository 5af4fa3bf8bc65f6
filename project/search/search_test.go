package search

import (
	"slices"
	"strings"
	"testing"
)

func index(files string, links ...Link) *Index {
	list := strings.Fields(files)
	slices.Sort(list)
	return New(list, links)
}

func (x *Index) name(i int) string {
	if i == None {
		return ""
	}
	return x.sorted[i]
}

func TestFile(t *testing.T) {
	x := index("a.lua lib/b.lua lib/c/init.lua real/d.lua", Link{"linked", "real"}, Link{"alias.lua", "a.lua"})
	for p, want := range map[string]string{
		"a.lua": "a.lua", "./a.lua": "a.lua", "lib/../lib//b.lua": "lib/b.lua", "lib/c/init.lua": "lib/c/init.lua",
		"linked/d.lua": "real/d.lua", "alias.lua": "a.lua",
		"b.lua": "", "lib": "", "../a.lua": "", "linkedd.lua": "", "": "",
	} {
		if got := x.name(x.File(p)); got != want {
			t.Errorf("File(%q) = %q, want %q", p, got, want)
		}
	}
	for dir, want := range map[string]bool{".": true, "lib": true, "./lib/c/": true, "li": false, "a.lua": false, "linked": true} {
		if got := x.IsDir(dir); got != want {
			t.Errorf("IsDir(%q) = %v", dir, got)
		}
	}
}

func TestPatterns(t *testing.T) {
	got := Patterns("game", "./service/?.lua; ../common/?.lua;;/abs/?.lua;../../out/?.lua;x\x00y/?.lua;?/?.lua;")
	want := []Pattern{"game/service/?.lua", "common/?.lua", "game/?/?.lua"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, c := range []struct {
		pattern Pattern
		file    string
		name    string
		ok      bool
	}{
		{"service/?.lua", "service/db.lua", "db", true},
		{"service/?.lua", "service/game/db.lua", "game/db", true},
		{"service/?.lua", "other/db.lua", "", false},
		{"service/?.lua", "service/db.txt", "db.txt", false},
		{"service/?.lua", "service/.lua", "", false},
		{"service/?/main.lua", "service/db/main.lua", "db", true},
		{"s/?/?.lua", "s/db/db.lua", "db", true},
		{"s/?/?.lua", "s/db/other.lua", "", false},
		{"config", "config", "", false},
	} {
		name, ok := c.pattern.Name(c.file)
		if ok != c.ok || ok && name != c.name {
			t.Errorf("%s of %s: %q, %v", c.pattern, c.file, name, ok)
		}
	}
}

func TestSearchPath(t *testing.T) {
	x := index("lib/a.lua lib/role/bag.lua lib/role/hero.lua lib/role/hero/init.lua lib/roles.lua own/a.lua")
	patterns := Patterns(".", "own/?.lua;lib/?.lua;lib/?/init.lua")
	if got := x.name(x.First(patterns, "a")); got != "own/a.lua" {
		t.Errorf("the first pattern must win, got %q", got)
	}
	if got := x.name(x.First(patterns, ModulePath("role.bag"))); got != "lib/role/bag.lua" {
		t.Errorf("role.bag: %q", got)
	}
	if got := x.First(patterns, "none"); got != None {
		t.Errorf("none: %q", x.name(got))
	}
	var got []string
	for _, i := range x.Match(patterns, "role/", "") {
		got = append(got, x.name(i))
	}
	if want := []string{"lib/role/bag.lua", "lib/role/hero.lua", "lib/role/hero/init.lua"}; !slices.Equal(got, want) {
		t.Errorf("role.*: %q, want %q", got, want)
	}
}

func TestBelow(t *testing.T) {
	x := index("a-b/x.lua a.lua a/x.lua a/y/z.lua a0.lua b.lua")
	for dir, want := range map[string]int{".": 6, "a": 2, "a/y": 1, "a-b": 1, "c": 0} {
		if got := len(x.Below(dir)); got != want {
			t.Errorf("Below(%q) has %d files, want %d", dir, got, want)
		}
	}
}

func TestGuess(t *testing.T) {
	x := index(`
		main.lua
		lualib/log.lua lualib/db/init.lua lualib/util.lua
		game/service/hall.lua game/lualib/util.lua game/cmd/util.lua game/cmd/x.lua
		chat/service/hall.lua chat/lualib/helper.lua chat/main.lua
		a/one/same.lua a/two/same.lua b/one/same.lua
		3rd/json/json.lua 3rd/json/tests/fixture.lua tests/fixture2.lua
		skynet/lualib/skynet.lua skynet/service/gate.lua
		service/agent/main.lua
		nodes/front/main.lua services/front.lua`)
	for _, c := range []struct{ from, module, near, want string }{
		{"main.lua", "log", "", "lualib/log.lua"},
		{"game/service/hall.lua", "log", "", "lualib/log.lua"},
		{"main.lua", "db", "", "lualib/db/init.lua"},
		{"game/service/hall.lua", "util", "", "game/lualib/util.lua"}, // the nearest folder above
		{"game/cmd/x.lua", "util", "", "game/cmd/util.lua"},
		{"main.lua", "util", "", "lualib/util.lua"},
		{"game/service/hall.lua", "helper", "", "chat/lualib/helper.lua"}, // the only one
		{"main.lua", "skynet", "", "skynet/lualib/skynet.lua"},
		{"main.lua", "json", "", "3rd/json/json.lua"},
		{"main.lua", "same", "", ""},              // three, none nearer
		{"a/x.lua", "same", "", ""},               // two in a
		{"b/x.lua", "same", "", "b/one/same.lua"}, // the only one in b
		{"main.lua", "fixture", "", ""},           // a fixture of somebody's tests
		{"main.lua", "fixture2", "", ""},
		{"3rd/json/tests/run.lua", "fixture", "", "3rd/json/tests/fixture.lua"},
		{"main.lua", "one.same", "a", "a/one/same.lua"},
		{"main.lua", "none", "", ""},
		{"main.lua", "", "", ""},
	} {
		var near []string
		if c.near != "" {
			near = []string{c.near}
		}
		if got := x.name(x.Module(c.from, c.module, near...).File); got != c.want {
			t.Errorf("Module(%s, %q, %q) = %q, want %q", c.from, c.module, c.near, got, c.want)
		}
	}
	for _, c := range []struct{ from, service, near, want string }{
		{"game/service/hall.lua", "hall", "", "game/service/hall.lua"},
		{"chat/main.lua", "hall", "", "chat/service/hall.lua"},
		{"main.lua", "hall", "game", "game/service/hall.lua"},
		{"main.lua", "agent", "", "service/agent/main.lua"},
		{"main.lua", "gate", "", "skynet/service/gate.lua"},
		{"main.lua", "hall", "", ""},
		{"nodes/front/main.lua", "front", "", "services/front.lua"}, // its own folder is none of a service's
	} {
		var near []string
		if c.near != "" {
			near = []string{c.near}
		}
		if got := x.name(x.Service(c.from, c.service, near...).File); got != c.want {
			t.Errorf("Service(%s, %q, %q) = %q, want %q", c.from, c.service, c.near, got, c.want)
		}
	}
	if g := x.Module("main.lua", "same"); len(g.Ambiguous) != 3 {
		t.Errorf("same: %d candidates", len(g.Ambiguous))
	}
	for _, c := range []struct{ from, name, want string }{
		{"game/service/hall.lua", "./lualib/log.lua", "lualib/log.lua"},
		{"game/service/hall.lua", "../cmd/x.lua", "game/cmd/x.lua"},
		{"main.lua", "/opt/server/lualib/log.lua", ""},
		{"main.lua", "game/cmd/x.lua", "game/cmd/x.lua"},
	} {
		if got := x.name(x.Path(c.from, c.name).File); got != c.want {
			t.Errorf("Path(%s, %q) = %q, want %q", c.from, c.name, got, c.want)
		}
	}
}

func TestGuessMatch(t *testing.T) {
	x := index("main.lua lualib/role/bag.lua lualib/role/hero/init.lua game/role/own.lua game/service/hall.lua other/role/x.lua")
	for _, c := range []struct{ from, prefix, near, want string }{
		{"main.lua", "role/", "", "lualib/role/bag.lua lualib/role/hero/init.lua"},
		{"game/service/hall.lua", "role/", "", "game/role/own.lua"},
		{"main.lua", "role/", "other", "other/role/x.lua"},
		{"main.lua", "none/", "", ""},
	} {
		var near, got []string
		if c.near != "" {
			near = []string{c.near}
		}
		for _, i := range x.GuessMatch(c.from, c.prefix, "", near...) {
			got = append(got, x.name(i))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("GuessMatch(%s, %s, %s) = %q", c.from, c.prefix, c.near, got)
		}
	}
}

func TestFolders(t *testing.T) {
	x := index("a/b/c.lua a/b.lua a/c/d/e.lua b.lua a-x/y.lua")
	for dir, want := range map[string]string{".": "a a-x", "a": "a/b a/c", "a/b": "", "none": ""} {
		got := x.Folders(dir)
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("Folders(%q) = %q", dir, got)
		}
	}
}
