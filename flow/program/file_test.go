package program_test

import (
	"context"
	"strings"
	"testing"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
)

// analyse looks at a program of one file.
func analyse(t *testing.T, text string) *program.File {
	t.Helper()
	t.Chdir(t.TempDir())
	p, err := project.Load(context.Background(), project.Options{Texts: map[string]string{"a.lua": text}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Files) != 1 || p.Files[0].Tree == nil || len(p.Problems) > 0 {
		t.Fatalf("%d files, %v in\n%s", len(p.Files), p.Problems, text)
	}
	f := p.Files[0]
	return program.Analyse(f, config.Default().For(f.Path), models.Builtin())
}

func TestUses(t *testing.T) {
	for _, c := range []struct{ title, text, want string }{
		{"a standard function", "load(s)", "load"},
		{"through a local", "local run = os.execute; run(c)", "os.execute"},
		{"of a module", "local skynet = require 'skynet'; skynet.call(a, b)", "require skynet.call"},
		{"of nothing known", "f(x)", ""},
		{"a function of the file's own", "function load(s) end load(s)", ""},
		{"by assignment", "load = f; load(s)", ""},
		{"by the global table", "_G.load = f; load(s)", ""},
		{"but not what is the same", "load = loadstring or load; load(s)", "load"},
		{"a library of the file's own", "os = {}; os.execute(c)", ""},
		{"another name", "function loads(s) end load(s)", "load"},
		{"below a local _ENV", "local _ENV = {}; load(s)", ""},
	} {
		var got []string
		for _, u := range analyse(t, c.text).Uses {
			got = append(got, u.Entry.Path)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.title, c.text, s, c.want)
		}
	}
}
