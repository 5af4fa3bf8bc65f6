package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func put(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// leftOver fails the test if the folder holds anything but the files named.
func leftOver(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range entries {
		have = append(have, e.Name())
	}
	if got, want := strings.Join(have, " "), strings.Join(names, " "); got != want {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

func TestNewFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.sarif")
	if err := Write(path, put("content")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "content" {
		t.Errorf("content %q", got)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	want, _ := os.Stat(plain)
	got, _ := os.Stat(path)
	if got.Mode() != want.Mode() {
		t.Errorf("mode %v, want that of any new file, %v", got.Mode(), want.Mode())
	}
	leftOver(t, dir, "out.sarif", "plain")
}

func TestShorterContentReplacesAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	for _, content := range []string{strings.Repeat("long ", 1000), "short", ""} {
		if err := Write(path, put(content)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != content {
			t.Errorf("content %q, want %q", got, content)
		}
	}
	leftOver(t, dir, "out")
}

func TestKeepsPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // there are no such permissions
	}
	path := filepath.Join(t.TempDir(), "out")
	for _, mode := range []os.FileMode{0o600, 0o640, 0o755, 0o666} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, put("x")); err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Stat(path); info.Mode() != mode {
			t.Errorf("mode %v, want %v", info.Mode(), mode)
		}
	}
}

func TestFailureKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(path, func(w io.Writer) error {
		io.WriteString(w, strings.Repeat("half of it", 100_000))
		return broken
	})
	if err != broken {
		t.Errorf("error %v, want that of write", err)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("content %q", got)
	}
	leftOver(t, dir, "out")
}

func TestReadOnlyFileStays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := os.WriteFile(path, []byte("old"), 0o444); err != nil {
		t.Fatal(err)
	}
	err := Write(path, put("new"))
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("error %v", err)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("content %q", got)
	}
	leftOver(t, dir, "out")
}

func TestErrorsNameThePath(t *testing.T) {
	dir := t.TempDir()
	for path, says := range map[string]string{
		dir:                                  "folder",
		filepath.Join(dir, "missing", "out"): "folder",
	} {
		err := Write(path, put("x"))
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v", path, err)
		}
		if strings.Contains(err.Error(), ".tmp") {
			t.Errorf("the error speaks of a temporary file: %v", err)
		}
	}
}

func TestFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "real")
	if err := os.WriteFile(real, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link, dangling := filepath.Join(dir, "link"), filepath.Join(dir, "dangling")
	if os.Symlink("real", link) != nil || os.Symlink("fresh", dangling) != nil {
		return // Windows gives the right to make links to few
	}
	for _, path := range []string{link, dangling} {
		if err := Write(path, put("new")); err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Lstat(path); info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more", path)
		}
		if got := read(t, path); got != "new" {
			t.Errorf("content %q", got)
		}
	}
	if got := read(t, real); got != "new" {
		t.Errorf("content of the real file %q", got)
	}
	leftOver(t, dir, "dangling", "fresh", "link", "real")
}

func TestDeviceIsWrittenDirectly(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	before, err := os.Stat(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(os.DevNull, put("gone")); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) || after.Mode().IsRegular() {
		t.Error("the device was replaced by a file")
	}
}

func TestOpenPipeIsWrittenDirectly(t *testing.T) {
	if _, err := os.Stat("/dev/fd"); err != nil {
		return // only where open files have names
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := Write("/dev/fd/"+strconv.Itoa(int(w.Fd())), put("through the pipe")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "through the pipe" {
		t.Errorf("read %q, %v", got, err)
	}
}
