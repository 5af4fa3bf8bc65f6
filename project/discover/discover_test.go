package discover

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"
)

// tree writes an archive into a folder and returns the folder.
func tree(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, archive)
	return dir
}

func write(t *testing.T, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// walk returns what was found, one sorted line each: "path", "path explicit",
// "path -> target", "path: problem".
func walk(t *testing.T, o Options) []string {
	t.Helper()
	var first []string
	for _, workers := range []int{1, 2, 8} {
		o.Workers = workers
		var mu sync.Mutex
		var lines []string
		result, err := Walk(context.Background(), o, func(e Entry) {
			line := e.Path
			if e.Explicit {
				line += " explicit"
			}
			mu.Lock()
			lines = append(lines, line)
			mu.Unlock()
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range result.Links {
			lines = append(lines, l.Path+" -> "+l.Target)
		}
		for _, p := range result.Problems {
			lines = append(lines, p.Path+": "+p.Message)
		}
		slices.Sort(lines)
		if first == nil {
			first = lines
		} else if !slices.Equal(first, lines) {
			t.Errorf("%d workers found\n%s\none found\n%s", workers, strings.Join(lines, "\n"), strings.Join(first, "\n"))
		}
	}
	return first
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestWhatIsFound(t *testing.T) {
	dir := tree(t, `
-- main.lua --
-- service/db.lua --
-- README.md --
-- notes --
-- .hidden.lua --
-- .cache/x.lua --
-- node_modules/m/x.lua --
-- config --
-- config.game --
-- config.json --
-- etc/game1 --
-- etc/list.txt --
-- src/core.c --
-- out/x.lua --
`)
	o := Options{Root: dir, Paths: []string{dir}, Excluded: func(path string, isDir bool) bool { return path == "out" && isDir }}
	check(t, walk(t, o), "main.lua", "service/db.lua", "config", "config.game", "etc/game1")
	o.Paths = []string{filepath.Join(dir, "service"), filepath.Join(dir, "out", "x.lua"), filepath.Join(dir, "notes"), filepath.Join(dir, "service", "db.lua")}
	check(t, walk(t, o), "service/db.lua explicit", "out/x.lua explicit", "notes explicit")
	o.Paths = []string{dir, filepath.Join(dir, "service"), dir}
	check(t, walk(t, o), "main.lua", "service/db.lua", "config", "config.game", "etc/game1")
	o.Paths = []string{filepath.Join(dir, "gone.lua")}
	check(t, walk(t, o), "gone.lua: no such file or folder")
}

func TestOtherExtensions(t *testing.T) {
	dir := tree(t, `
-- .gitignore --
*.gen
-- a.lua --
-- b.gen --
-- c.luax --
-- d.txt --
`)
	o := Options{Root: dir, Paths: []string{dir}, Wanted: func(path string) bool { return !strings.HasSuffix(path, ".txt") }}
	check(t, walk(t, o), "a.lua", "c.luax")
	o.NoIgnore = true
	check(t, walk(t, o), "a.lua", "b.gen", "c.luax")
}

func TestIgnoreFiles(t *testing.T) {
	dir := tree(t, `
-- .git/info/exclude --
private.lua
-- .gitignore --
/build
*.gen.lua
!keep.gen.lua
-- build/x.lua --
-- a/build/x.lua --
-- a/.gitignore --
keep.gen.lua
/tmp/
-- a/keep.gen.lua --
-- a/tmp/x.lua --
-- b/keep.gen.lua --
-- b/x.gen.lua --
-- b/tmp/x.lua --
-- private.lua --
-- sub/.git/info/exclude --
secret.lua
-- sub/x.gen.lua --
-- sub/private.lua --
-- sub/secret.lua --
`)
	check(t, walk(t, Options{Root: dir, Paths: []string{dir}}),
		"a/build/x.lua", "b/keep.gen.lua", "b/tmp/x.lua", "sub/x.gen.lua", "sub/private.lua")
	// From a folder within, the files above still hold; what the user names counts.
	check(t, walk(t, Options{Root: dir, Paths: []string{filepath.Join(dir, "b"), filepath.Join(dir, "build"), filepath.Join(dir, "private.lua")}}),
		"b/keep.gen.lua", "b/tmp/x.lua", "build/x.lua", "private.lua explicit")
}

func TestRead(t *testing.T) {
	dir := tree(t, "-- x.lua --\nlocal x\n-- empty --\n")
	for name, want := range map[string]string{"x.lua": "local x\n", "empty": ""} {
		if got, err := Read(filepath.Join(dir, name), 8); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "gone"): "no such file or folder",
		dir:                        "not a file but a folder",
	} {
		if _, err := Read(name, 100); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if _, err := Read(filepath.Join(dir, "x.lua"), 7); err == nil || !strings.HasPrefix(err.Error(), "too large") {
		t.Errorf("above the limit: %v", err)
	}
}

// A file may grow or shrink between stat and read.
func TestReadAll(t *testing.T) {
	for _, size := range []int{0, 1, 4, 5, 6, 100} {
		if got, err := readAll(strings.NewReader("hello"), size); err != nil || len(got) < min(size, 5) || !strings.HasPrefix("hello", got) {
			t.Errorf("size %d: %q, %v", size, got, err)
		}
	}
	if got, err := readAll(strings.NewReader(strings.Repeat("x", 10_000)), 0); err != nil || len(got) != 10_000 {
		t.Errorf("a file that grew: %d bytes, %v", len(got), err)
	}
}

func TestCancelled(t *testing.T) {
	dir := tree(t, "-- x.lua --\n-- a/y.lua --\n")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Walk(ctx, Options{Root: dir, Paths: []string{dir}, Workers: 4}, func(Entry) {}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestRoot(t *testing.T) {
	dir := tree(t, `
-- repo/.git/HEAD --
-- repo/game/sky.toml --
-- repo/game/service/a.lua --
-- repo/tool/x.lua --
-- repo/sub/.git/HEAD --
-- repo/sub/x/y.lua --
-- plain/a/x.lua --
-- plain/b/y.lua --
`)
	for _, c := range []struct {
		paths []string
		want  string
	}{
		{[]string{"repo/game/service"}, "repo/game"},
		{[]string{"repo/game/service/a.lua"}, "repo/game"},
		{[]string{"repo/tool"}, "repo"},
		{[]string{"repo/tool", "repo/game"}, "repo"},
		{[]string{"repo/sub/x"}, "repo/sub"},
		{[]string{"plain/a"}, "plain/a"},
		{[]string{"plain/a/x.lua"}, "plain/a"},
		{[]string{"plain/a", "plain/b/y.lua"}, "plain"},
		{[]string{"plain/a", "plain/a/gone.lua"}, "plain/a"},
	} {
		var names []string
		for _, p := range c.paths {
			names = append(names, filepath.Join(dir, p))
		}
		if got, marked, err := Root(names); err != nil || got != filepath.Join(dir, c.want) || marked != strings.HasPrefix(c.want, "repo") {
			t.Errorf("Root(%v) = %s, %v, want %s", c.paths, got, err, c.want)
		}
	}
	here, _ := os.Getwd()
	if got, _, _ := Root(nil); here != got && !strings.HasPrefix(here, got) {
		t.Errorf("Root of nothing: %s", got)
	}
}
