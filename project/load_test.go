package project

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/syntax"
)

func TestVendored(t *testing.T) {
	const copied = `
-- skynet/lualib/skynet.lua --
-- skynet/service/launcher.lua --
` + starts + `
-- skynet/examples/config --
` + cfg + `start = "main"
luaservice = "./service/?.lua;./examples/?.lua"
-- skynet/examples/main.lua --
` + starts + `
-- skynet/3rd/x/y.lua --
-- 3rd/json/json.lua --
-- 3rd/json/broken.lua --
x = = 1
-- vendor/one.lua --
-- rocks/share/lua/5.4/pl/class.lua --
-- sub/mod/m.lua --
-- .gitmodules --
[submodule "m"]
	path = sub/mod
	url = https://example.org/m.git
-- argparse.lua --
-- Permission is hereby granted, free of charge, to any person obtaining a copy
return {}
-- service/main.lua --
` + starts + `require "argparse"
-- lib/1.lua --
-- lib/2.lua --
-- lib/3.lua --
-- lib/4.lua --
-- lib/5.lua --
-- lib/6.lua --
-- lib/7.lua --
-- lib/8.lua --
-- lib/9.lua --
`
	dir := t.TempDir()
	write(t, dir, copied)
	p := load(t, dir, Options{})
	want := map[string]string{
		"skynet/lualib/skynet.lua": "skynet", "skynet/examples/main.lua": "skynet", "skynet/examples/config": "skynet", "skynet/3rd/x/y.lua": "skynet",
		"3rd/json/json.lua": "3rd/json", "vendor/one.lua": "vendor", "rocks/share/lua/5.4/pl/class.lua": "rocks/share/lua/5.4",
		"sub/mod/m.lua": "sub/mod", "argparse.lua": "argparse.lua", "service/main.lua": "", "lib/1.lua": "",
	}
	for path, root := range want {
		if f := p.File(path); f == nil || f.Vendored != root {
			t.Errorf("%s: vendored %q, want %q", path, f.Vendored, root)
		}
	}
	if len(p.Problems) != 0 {
		t.Errorf("other people's broken files are problems: %v", p.Problems)
	}
	// The same folder by itself is skynet's own tree, whoever is asked.
	for _, paths := range [][]string{{filepath.Join(dir, "skynet")}, {filepath.Join(dir, "skynet", "lualib"), filepath.Join(dir, "service")}} {
		p := load(t, dir, Options{Paths: paths})
		for _, f := range p.Files {
			if strings.HasSuffix(f.Path, "lualib/skynet.lua") && f.Vendored != "" {
				t.Errorf("asked for %v: %s is vendored", paths, f.Path)
			}
		}
	}
	// A project in which every file has a licence has not copied them all.
	dir = t.TempDir()
	write(t, dir, "-- a.lua --\n-- Permission is hereby granted, free of charge\n-- b.lua --\n-- Permission is hereby granted, free of charge\n")
	for _, f := range load(t, dir, Options{}).Files {
		if f.Vendored != "" {
			t.Errorf("%s is taken for a copy", f.Path)
		}
	}
}

func TestProblems(t *testing.T) {
	p := check(t, `
-- ok.lua --
-- bad.lua --
if x then
  y = = 2
-- binary.lua --
`+"\x1bLua"+`T
-- jit.lua --
local x = 1LL
-- old.lua --
local goto = 1 print(goto)
-- five.lua --
global x = 1
-- empty.lua --
-- config --
`+cfg+`start = = 1
`, `
bad.lua: program bad.lua: bad.lua
empty.lua: program empty.lua: empty.lua
five.lua: program five.lua: five.lua
jit.lua: program jit.lua: jit.lua
ok.lua: program ok.lua: ok.lua
old.lua: program old.lua: old.lua
orphan bad.lua
orphan empty.lua
orphan five.lua
orphan jit.lua
orphan ok.lua
orphan old.lua
problem bad.lua:2: expected an expression, found '='
problem bad.lua:3: expected 'end' to close 'if', found the end of the file
problem binary.lua:1: a precompiled chunk, which cannot be analysed
problem config:4: expected an expression, found '='
`)
	for path, dialect := range map[string]string{"ok.lua": "5.4", "jit.lua": "luajit", "old.lua": "5.1", "five.lua": "5.5", "bad.lua": "5.4"} {
		if got := p.File(path).Dialect.String(); got != dialect {
			t.Errorf("%s is read as %s, want %s", path, got, dialect)
		}
	}
	if f := p.File("binary.lua"); !f.Binary || f.Tree != nil {
		t.Error("the precompiled chunk is not known for one")
	}
	for _, problem := range p.Problems {
		if problem.Path == "bad.lua" && problem.Line() == 3 && (len(problem.Related) != 1 || problem.Related[0].Line() != 1) {
			t.Errorf("what is not closed: %+v", problem.Related)
		}
	}
}

func TestDialectHelp(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "-- sky.toml --\ndialect = '5.1'\n-- a.lua --\nlocal x <const> = 1\n")
	p := load(t, dir, Options{})
	if len(p.Problems) == 0 || len(p.Problems[0].Help) == 0 || !strings.Contains(p.Problems[0].Help[0], "5.4, 5.5") {
		t.Errorf("problems: %+v", p.Problems)
	}
	if f := p.File("a.lua"); f.Dialect != syntax.Lua51 {
		t.Errorf("a dialect that sky.toml sets was changed to %s", f.Dialect)
	}
}

func TestAsked(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `
-- sky.toml --
-- service/a.lua --
`+starts+`require "lib"
-- service/b.lua --
`+starts+`
-- lualib/lib.lua --
`)
	asked := func(p *Project) string {
		var out []string
		for _, f := range p.Files {
			if f.Asked {
				out = append(out, f.Path)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		paths []string
		texts map[string]string
		want  string
	}{
		{[]string{"."}, nil, "lualib/lib.lua service/a.lua service/b.lua"},
		{[]string{"service/a.lua"}, nil, "service/a.lua"},
		{[]string{"service"}, nil, "service/a.lua service/b.lua"},
		{nil, map[string]string{"service/a.lua": "require 'other'"}, "service/a.lua"},
		{nil, map[string]string{"service/new.lua": starts}, "service/new.lua"},
	} {
		o := Options{}
		for _, path := range c.paths {
			o.Paths = append(o.Paths, filepath.Join(dir, path))
		}
		for name, text := range c.texts {
			o.Texts = map[string]string{filepath.Join(dir, name): text}
		}
		p := load(t, dir, o)
		if got := asked(p); got != c.want {
			t.Errorf("%v %v: asked %q, want %q", c.paths, c.texts, got, c.want)
		}
		if p.File("lualib/lib.lua") == nil {
			t.Errorf("%v %v: the project around is not there", c.paths, c.texts)
		}
		for name, text := range c.texts {
			if f := p.File(name); f == nil || f.Text != text {
				t.Errorf("%s: the given text is not taken", name)
			}
		}
	}
}

// What is broken elsewhere is no concern of who asks for one file.
func TestProblemsOfOthers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `
-- sky.toml --
-- service/a.lua --
`+starts+`require "lib"
-- service/b.lua --
`+starts+`require "other"
-- lualib/lib.lua --
x =
-- lualib/other.lua --
y =
`)
	for _, c := range []struct {
		path string
		want string
	}{
		{".", "lualib/lib.lua lualib/other.lua"},
		{"service/a.lua", "lualib/lib.lua"},
		{"lualib/other.lua", "lualib/other.lua"},
		{"service", "lualib/lib.lua lualib/other.lua"},
	} {
		var got []string
		for _, problem := range load(t, dir, Options{Paths: []string{filepath.Join(dir, c.path)}}).Problems {
			got = append(got, problem.Path)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: problems in %q, want %q", c.path, got, c.want)
		}
	}
}

func TestNothing(t *testing.T) {
	p := load(t, t.TempDir(), Options{})
	if len(p.Files)+len(p.Nodes)+len(p.Services)+len(p.Problems) != 0 {
		t.Errorf("an empty folder has %s", dump(p))
	}
	p = load(t, t.TempDir(), Options{Paths: []string{filepath.Join(t.TempDir(), "gone.lua")}})
	if len(p.Problems) != 1 || p.Problems[0].Message != "no such file or folder" {
		t.Errorf("problems: %v", p.Problems)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, Options{Paths: []string{t.TempDir()}}); err != context.Canceled {
		t.Errorf("a cancelled load: %v", err)
	}
}
