//go:build unix

package discover

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func TestSymbolicLinks(t *testing.T) {
	outside := tree(t, `
-- lib/l.lua --
-- one.lua --
`)
	dir := tree(t, `
-- .gitignore --
/ignored
-- a/x.lua --
-- a/b/y.lua --
`)
	symlink(t, ".", filepath.Join(dir, "self"))
	symlink(t, "..", filepath.Join(dir, "a", "b", "up"))
	symlink(t, "ring.lua", filepath.Join(dir, "ring.lua"))
	symlink(t, "nowhere", filepath.Join(dir, "gone.lua"))
	symlink(t, "nowhere", filepath.Join(dir, "gone"))
	symlink(t, "a/b", filepath.Join(dir, "short"))
	symlink(t, "a/x.lua", filepath.Join(dir, "x2.lua"))
	symlink(t, outside, filepath.Join(dir, "ext"))
	symlink(t, filepath.Join(outside, "lib"), filepath.Join(dir, "ignored"))
	symlink(t, filepath.Join(outside, "lib"), filepath.Join(dir, "zlib"))
	symlink(t, dir, filepath.Join(outside, "lib", "back"))
	check(t, walk(t, Options{Root: dir, Paths: []string{dir}}),
		"a/x.lua", "a/b/y.lua", "ext/one.lua", "ext/lib/l.lua",
		"self: a symbolic link that leads back to a folder it lies in",
		"a/b/up: a symbolic link that leads back to a folder it lies in",
		"ext/lib/back: a symbolic link that leads back to a folder it lies in",
		"ring.lua: a symbolic link that leads back to itself",
		"gone.lua: a symbolic link that leads nowhere",
		"short -> a/b", "x2.lua -> a/x.lua", "zlib -> ext/lib")
}

func TestPipesAndDevices(t *testing.T) {
	dir := tree(t, "-- x.lua --\n")
	for _, name := range []string{"pipe.lua", "pipe", ".gitignore"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	symlink(t, "/dev/zero", filepath.Join(dir, "zero.lua"))
	check(t, walk(t, Options{Root: dir, Paths: []string{dir, filepath.Join(dir, "pipe")}}),
		"x.lua",
		"pipe.lua: not a file but a named pipe",
		"pipe: not a file but a named pipe",
		"zero.lua: not a file but a device",
		".gitignore: not a file but a named pipe")
	if _, err := Read(filepath.Join(dir, "pipe"), 10); err == nil || err.Error() != "not a file but a named pipe" {
		t.Errorf("reading a pipe: %v", err)
	}
}

func TestDescribeError(t *testing.T) {
	for err, want := range map[error]string{
		&os.PathError{Op: "open", Path: "x", Err: syscall.EACCES}: "cannot be read: permission denied",
		&os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}: "no such file or folder",
		&os.PathError{Op: "read", Path: "x", Err: syscall.EIO}:    "cannot be read: input/output error",
	} {
		if got := describeError(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

func TestRootOfEverything(t *testing.T) {
	if got, _, err := Root([]string{"/"}); err != nil || got != "/" {
		t.Errorf("got %s, %v", got, err)
	}
}
