package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/config"
)

// write puts the files of an archive into a folder.
func write(t *testing.T, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// load loads the project in a folder, with its sky.toml if there is one.
func load(t *testing.T, dir string, o Options) *Project {
	t.Helper()
	if o.Paths == nil && o.Texts == nil {
		o.Paths = []string{dir}
	}
	if o.Env == nil {
		o.Env = func(string) (string, bool) { return "", false }
	}
	if _, err := os.Stat(filepath.Join(dir, config.FileName)); err == nil && o.Config == nil {
		cfg, err := config.Load(filepath.Join(dir, config.FileName), config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o.Config = cfg
	}
	p, err := Load(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dump writes all that resolving found, a line each:
//
//	name kind main [module] on nodes: files; not resolved: name reason
func dump(p *Project) string {
	var b strings.Builder
	for _, s := range slices.Concat(p.Services, p.Programs) {
		fmt.Fprintf(&b, "%s: %s %s", s.Name, s.Kind, s.Main.Path)
		if s.Module != nil {
			fmt.Fprintf(&b, " (%s)", s.Module.Path)
		}
		if s.Kind == FunctionService {
			fmt.Fprintf(&b, ":%d", s.Main.Tree.Line(s.Program))
		}
		if len(s.Nodes) > 0 {
			b.WriteString(" on")
			for _, n := range s.Nodes {
				b.WriteString(" " + n.Name)
			}
		}
		b.WriteString(":")
		for _, f := range s.Files {
			b.WriteString(" " + f.Path)
		}
		for _, r := range s.Opaque {
			fmt.Fprintf(&b, "; %s:%d %s", r.From.Path, r.From.Tree.Line(r.Use.Node), [...]string{"", "dynamic", "missing", "ambiguous"}[r.Reason])
		}
		b.WriteString("\n")
	}
	for _, f := range p.Orphans {
		fmt.Fprintf(&b, "orphan %s\n", f.Path)
	}
	for _, problem := range p.Problems {
		line := 0
		if problem.File != nil {
			line = problem.Line()
		}
		fmt.Fprintf(&b, "problem %s:%d: %s\n", problem.Path, line, problem.Message)
	}
	return b.String()
}

// check loads an archive and compares the dump, for several numbers of goroutines.
func check(t *testing.T, archive, want string) *Project {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "proj")
	write(t, dir, archive)
	var p *Project
	for _, jobs := range []int{1, 2, 8} {
		p = load(t, dir, Options{Jobs: jobs})
		if got := dump(p); got != strings.TrimLeft(want, "\n") {
			t.Errorf("with %d jobs: got\n%s\nwant\n%s", jobs, got, strings.TrimLeft(want, "\n"))
			break
		}
	}
	return p
}

const (
	starts = "local skynet = require 'skynet'\nskynet.start(function() end)\n"
	cfg    = "thread = 8\nharbor = 0\nbootstrap = 'snlua bootstrap'\n"
)
