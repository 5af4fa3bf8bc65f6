package luarun

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/grant"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// withFiles runs a program that is granted the files of the current folder, or of those that
// are named.
func withFiles(t *testing.T, text string, settings []string, folders ...string) (string, error) {
	t.Helper()
	limits := limit.Default()
	for _, s := range append([]string{"time=20s"}, settings...) {
		if err := limits.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	if len(folders) == 0 {
		folders = []string{"."}
	}
	files, err := grant.OpenFiles(folders...)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	var out strings.Builder
	state := script.New(script.Options{Limits: limits, Dialect: syntax.Lua54, Host: func(h *host.State) {
		h.Out, h.Files = &out, files
	}})
	defer state.Close()
	fn, err := state.Load(source.New("program.lua", text))
	if err != nil {
		t.Fatal(err)
	}
	_, err = state.Call(fn)
	return out.String(), err
}

// TestFiles compares what a program does with files with a real lua5.4.
func TestFiles(t *testing.T) {
	text, err := os.ReadFile("../../testdata/files/io.lua")
	if err != nil {
		t.Fatal(err)
	}
	want, err := needReal(t).Run(&Program{Name: "io", Text: string(text)})
	if err != nil || want.Exit != 0 {
		t.Fatalf("lua5.4: %v, %s", err, want)
	}
	t.Chdir(t.TempDir())
	got, err := withFiles(t, string(text), nil)
	if err != nil {
		t.Error(err)
	}
	if got != want.Output {
		t.Error(difference(want.Output, got))
	}
	left, err := filepath.Glob("*")
	if err != nil || len(left) > 0 {
		t.Errorf("files are left: %v %v", left, err)
	}
}

// TestNoEscape tries to reach files outside of what is granted.
func TestNoEscape(t *testing.T) {
	outer := t.TempDir()
	inner := filepath.Join(outer, "inner")
	for _, dir := range []string{inner, filepath.Join(inner, "sub")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(outer, "secret")
	for _, name := range []string{secret, filepath.Join(inner, "own")} {
		if err := os.WriteFile(name, []byte("text"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"up": "..", "file": "../secret", "sub/absolute": secret, "fine": "own"} {
		if err := os.Symlink(target, filepath.Join(inner, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(inner)
	for _, call := range []string{
		`io.open("../secret")`, `io.open("../new", "w")`, `io.open("sub/../../secret")`, `io.open("up/secret")`, `io.open("file")`, `io.open("file", "w")`,
		`io.open("sub/absolute")`, `io.open("/etc/passwd")`, `io.open("` + secret + `")`, `os.remove("../secret")`, `os.remove("up/secret")`,
		`os.rename("own", "../own")`, `os.rename("own", "up/own")`, `os.rename("../secret", "mine")`, `pcall(io.lines, "../secret")`,
		`pcall(io.output, "../new")`, `pcall(io.popen, "ls")`, `io.open("/dev/zero")`, `io.open("")`, `io.open("own\0/../../secret")`,
	} {
		got, err := withFiles(t, "print((("+call+")))", nil)
		if err != nil || got != "nil\n" && got != "false\n" {
			t.Errorf("%s: %q, %v", call, got, err)
		}
	}
	if text, err := os.ReadFile(secret); err != nil || string(text) != "text" {
		t.Errorf("the file outside has become %q: %v", text, err)
	}
	if entries, err := os.ReadDir(outer); err != nil || len(entries) != 2 {
		t.Errorf("there are new files outside: %v %v", entries, err)
	}
	for call, want := range map[string]string{
		`io.open("own"):read("a")`: "text\n", `io.open("fine"):read("a")`: "text\n", `io.open("sub/../own"):read()`: "text\n",
		`io.open("` + filepath.ToSlash(inner) + `/own"):read()`: "text\n",
	} {
		if got, err := withFiles(t, "print("+call+")", nil); err != nil || got != want {
			t.Errorf("%s: %q, %v", call, got, err)
		}
	}
	if got, err := withFiles(t, `print(io.open("../secret"):read(), io.open("own"))`, nil, outer); err != nil || !strings.HasPrefix(got, "text\tfile (") {
		t.Errorf("with the outer folder granted: %q, %v", got, err)
	}
	if got, err := withFiles(t, `print(io.open("own"))`, nil, "sub"); err != nil || got != "nil\town: not granted\t13\n" {
		t.Errorf("with another folder granted: %q, %v", got, err)
	}
}

// TestFileLimits makes sure that files cannot be used past the limits.
func TestFileLimits(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ text, limit, want string }{
		{`local f = io.open("x", "w") local s = ("x"):rep(1000) while true do f:write(s) end`, "output=1MiB", "limits.output"},
		{`local f = io.open("y", "w+") for i = 1, 3000 do f:write(("x"):rep(1000)) end f:seek("set") f:read("a")`, "string=1MiB", "limits.string"},
		{`local f = io.open("y") f:read("l")`, "string=1MiB", "limits.string"},
		{`local f = io.open("y") f:read(2000000)`, "string=1MiB", "limits.string"},
		{`while true do io.open("y"):close() end`, "instructions=1e6", "limits.instructions"},
		{`while true do for l in io.lines("y", 1) do end end`, "instructions=1e6", "limits.instructions"},
		{`while true do os.remove("none") end`, "instructions=1e6", "limits.instructions"},
		{`local all = {} while true do all[#all + 1] = io.open("y") end`, "time=20s", "too many open files"},
	} {
		_, err := withFiles(t, c.text, []string{c.limit})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
