package luacheckrc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/source"
)

func TestFor(t *testing.T) {
	for _, c := range []struct {
		name, text, path string
		write, read      string // of the names a b c d e f g
		stds             string
		incomplete       bool
	}{
		{name: "nothing", stds: "max"},
		{name: "lists", text: `globals = { "a", "b.field" } read_globals = { "c", "d.e.f" }`, write: "a", read: "b c d", stds: "max"},
		{name: "definitions", text: `globals = { a = {}, b = { read_only = true }, c = { fields = { x = {} } } } read_globals = { d = { read_only = false }, e = {} }`,
			write: "a c d", read: "b e", stds: "max"},
		{name: "computed", text: "local l = { 'a' }\nglobals = { l[1], 'b' .. '' }", write: "a b", stds: "max"},
		{name: "a call", text: "globals = { 'a', f() }", write: "a", stds: "max", incomplete: true},
		{name: "inserted", text: "globals = { 'a' }\ntable.insert(globals, 'b')", stds: "max", incomplete: true},
		{name: "required", text: "globals = require 'x'", stds: "max", incomplete: true},
		{name: "returned", text: "globals = { 'a' } read_globals = { 'c' } return { globals = { 'b' } }", write: "b", read: "c", stds: "max"},
		{name: "returned unknown", text: "return dofile 'x'", stds: "max", incomplete: true},
		{name: "std", text: `std = "lua54+busted"`, stds: "busted lua54"},
		{name: "more std", text: `std = "+busted"`, stds: "busted max"},
		{name: "own std", text: `stds.mine = { globals = { "a" }, read_globals = { "b" } } std = "lua53 + mine"`, write: "a", read: "b", stds: "lua53"},
		{name: "own stds", text: `stds = { mine = { read_globals = { "b", f() } } } std = "+mine"`, read: "b", stds: "max", incomplete: true},
		{name: "std as a table", text: `std = { globals = { "a" }, read_globals = { "b" } }`, write: "a", read: "b"},
		{name: "std unknown", text: `std = f()`, stds: "max", incomplete: true},
		{name: "removed", text: `globals = { "a", "b" } read_globals = { "c" } not_globals = { "a", "c", "b.x" }`, write: "b", stds: "max"},
		{name: "new", text: `globals = { "a" } new_globals = { "b" } read_globals = { "c" }`, write: "b", read: "c", stds: "max"},

		{name: "override", text: `globals = { "a" } files["spec"] = { globals = { "b" }, read_globals = { "c" }, std = "+busted" }`, path: "spec/x.lua",
			write: "a b", read: "c", stds: "busted max"},
		{name: "override elsewhere", text: `globals = { "a" } files["spec"] = { globals = { "b" } }`, path: "lib/spec/x.lua", write: "a", stds: "max"},
		{name: "override by field", text: `files["lib/*.lua"].globals = { "a" } files["lib/x.lua"].read_globals = { "b" }`, path: "lib/x.lua", write: "a", read: "b", stds: "max"},
		{name: "override as a table", text: `files = { ["**/x.lua"] = { globals = { "a" } } }`, path: "p/q/x.lua", write: "a", stds: "max"},
		{name: "override replaces", text: `globals = { "a" } files["lib"].new_globals = { "b" } files["lib/x.lua"].globals = { "c" }`, path: "lib/x.lua", write: "b c", stds: "max"},
		{name: "override's new read", text: `globals = { "a" } read_globals = { "d" } files["lib"].new_read_globals = { "b" }`, path: "lib/x.lua", write: "a", read: "b", stds: "max"},
		{name: "override's std", text: `std = "lua51" files["lib"].std = "lua53" files["lib/x.lua"].std = "+ngx_lua"`, path: "lib/x.lua", stds: "lua53 ngx_lua"},
		{name: "override unknown", text: `files["lib"] = f()`, path: "lib/x.lua", stds: "max", incomplete: true},
		{name: "override unknown elsewhere", text: `files["lib"] = f()`, path: "src/x.lua", stds: "max"},
		{name: "overrides unknown", text: `files[f()] = { globals = { "a" } }`, stds: "max", incomplete: true},
		{name: "specs", text: ``, path: "src/spec/x/y_spec.lua", stds: "busted max"},
		{name: "specs with a std", text: `files["**/spec/**/*_spec.lua"].std = "lua51"`, path: "spec/y_spec.lua", stds: "lua51"},
		{name: "broken", text: "globals = { 'a' }\nx = = 1\nread_globals = { 'b' }", write: "a", read: "b", stds: "max"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Read(source.New(".luacheckrc", c.text))
			if c.path == "" {
				c.path = "x.lua"
			}
			g := cfg.For(c.path)
			var write, read []string
			for _, name := range strings.Fields("a b c d e f g") {
				if g.MayWrite(name) {
					write = append(write, name)
				} else if g.MayRead(name) {
					read = append(read, name)
				}
			}
			got := fmt.Sprintf("writes %v reads %v stds %v complete %v", write, read, g.Stds, g.Complete)
			want := fmt.Sprintf("writes [%s] reads [%s] stds [%s] complete %v", c.write, c.read, c.stds, !c.incomplete)
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if cfg.For(c.path) != g {
				t.Error("the second answer is another one")
			}
		})
	}
}

func TestHostNames(t *testing.T) {
	c := Read(source.New(".luacheckrc", `std = "lua51+ngx_lua"`))
	for _, x := range []struct {
		path, name string
		want       bool
	}{
		{"a.lua", "ngx", true}, {"a.lua", "describe", false}, {"spec/a_spec.lua", "describe", true}, {"spec/a_spec.lua", "ngx", true}, {"a.lua", "love", false},
	} {
		if got := c.For(x.path).MayRead(x.name); got != x.want {
			t.Errorf("%s in %s: %v", x.name, x.path, got)
		}
	}
	if c.For("a.lua").MayWrite("ngx") {
		t.Error("a host's name may be written")
	}
}

func TestFiles(t *testing.T) {
	c := Read(source.New(".luacheckrc", `exclude_files = { "3rd", "test/**/*.lua", "./gen/*.lua", 1, f() } include_files = { "src" }`))
	for path, want := range map[string]bool{"3rd/a.lua": true, "x/3rd/a.lua": false, "test/a.lua": true, "test/b/c.lua": true, "gen/a.lua": true, "a.lua": false} {
		if got := c.Exclude.Match(path); got != want {
			t.Errorf("%s excluded: %v", path, got)
		}
	}
	if !c.Include.Match("src/a.lua") || c.Include.Match("a.lua") {
		t.Error("include_files is wrong")
	}
}

func TestProblems(t *testing.T) {
	c := Read(source.New(".luacheckrc", "globals = {}\nx = = 1\n"))
	if len(c.Problems) != 1 || c.Problems[0].Line() != 2 || c.Problems[0].Path != ".luacheckrc" {
		t.Errorf("%+v", c.Problems)
	}
}

func TestOrderOfOverridesIsFixed(t *testing.T) {
	// More general patterns apply first, however the table is written.
	const text = `files["lib/x.lua"] = { new_globals = { "c" } } files["**/*.lua"] = { new_globals = { "a" } } files["lib"] = { new_globals = { "b" } }`
	for range 20 {
		g := Read(source.New(".luacheckrc", text)).For("lib/x.lua")
		if !g.MayWrite("c") || g.MayWrite("a") || g.MayWrite("b") {
			t.Fatalf("writes %v", g.write)
		}
	}
}
