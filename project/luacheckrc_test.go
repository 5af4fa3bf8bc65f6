package project

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLuacheckrc(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `
-- .luacheckrc --
globals = { "root" }
files["lib/b.lua"] = { globals = { "only_b" } }
-- main.lua --
-- lib/a.lua --
-- lib/b.lua --
-- sub/.luacheckrc --
read_globals = { "sub" }
files["deep/d.lua"] = { globals = { "only_d" } }
-- sub/deep/d.lua --
-- sub/deep/e.lua --
-- open/.luacheckrc --
globals = require "names"
-- open/x.lua --
-- 3rd/json/.luacheckrc --
globals = = 1
-- 3rd/json/json.lua --
-- broken/.luacheckrc --
globals = { "kept" }
x = = 1
-- broken/1.lua --
-- broken/2.lua --
`)
	if err := os.MkdirAll(filepath.Join(dir, "lib", ".luacheckrc"), 0o755); err != nil { // a folder says nothing
		t.Fatal(err)
	}
	p := load(t, dir, Options{})
	for _, c := range []struct {
		path, name            string
		write, read, complete bool
	}{
		{"main.lua", "root", true, true, true},
		{"main.lua", "only_b", false, false, true},
		{"lib/a.lua", "root", true, true, true},
		{"lib/b.lua", "only_b", true, true, true},
		{"sub/deep/d.lua", "root", false, false, true}, // the nearest file alone counts
		{"sub/deep/d.lua", "sub", false, true, true},
		{"sub/deep/d.lua", "only_d", true, true, true},
		{"sub/deep/e.lua", "only_d", false, false, true},
		{"open/x.lua", "root", false, false, false},
		{"broken/1.lua", "kept", true, true, true},
	} {
		g := p.File(c.path).Luacheck
		if g == nil {
			t.Errorf("%s has no .luacheckrc", c.path)
			continue
		}
		if w, r := g.MayWrite(c.name), g.MayRead(c.name); w != c.write || r != c.read || g.Complete != c.complete {
			t.Errorf("%s: %s: write %t, read %t, complete %t; want %t, %t, %t", c.path, c.name, w, r, g.Complete, c.write, c.read, c.complete)
		}
	}
	if len(p.Problems) != 1 || p.Problems[0].Path != "broken/.luacheckrc" {
		t.Errorf("problems %v, want the one of broken/.luacheckrc", p.Problems)
	}

	// Above the root, nobody looks.
	outer := t.TempDir()
	write(t, outer, "-- .luacheckrc --\nglobals = { 'x' }\n-- project/sky.toml --\n-- project/a.lua --\n")
	if f := load(t, filepath.Join(outer, "project"), Options{}).File("a.lua"); f == nil || f.Luacheck != nil {
		t.Errorf("a .luacheckrc above the root counts")
	}
}
