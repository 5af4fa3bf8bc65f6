package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// skyrun runs the command line in a folder with the given script.
func skyrun(t *testing.T, text string, args ...string) (code int, out, errors string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("t.lua", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	p := &program{in: strings.NewReader(text), out: &stdout, err: &stderr}
	code = p.run(context.Background(), args)
	return code, stdout.String(), stderr.String()
}

// What the process ends with, and says.
func TestExec(t *testing.T) {
	for _, c := range []struct {
		name, text string
		args       []string
		code       int
		out, err   string // what they hold; "" that there is nothing
	}{
		{"good", "print(1 + 1, ...) print(arg[0], arg[1])", []string{"exec", "t.lua", "a", "-b"}, 0, "2\ta\t-b\nt.lua\ta\n", ""},
		{"stdin", "print 'in'", []string{"exec", "-"}, 0, "in\n", ""},
		{"error", "print 'x'\nlocal t\nprint(t.a)", []string{"exec", "t.lua"}, exitError, "x\n", "skyrun: t.lua:3: attempt to index a nil value (local 't')\n --> t.lua:3:7\n  |\n3 | print(t.a)\n  |       ^^^\nstack traceback:\n\tt.lua:3: in main chunk\n\t[C]: in ?\n"},
		{"error value", "error(setmetatable({}, {__tostring = function() return 'as text' end}))", []string{"exec", "t.lua"}, exitError, "", "skyrun: as text\n"},
		{"syntax", "\nlocal = 1", []string{"exec", "t.lua"}, exitUnreadable, "", "skyrun: t.lua:2: expected a name, found '='\n --> t.lua:2:7\n"},
		{"dialect", "local x <const> = 1", []string{"exec", "--dialect", "5.1", "t.lua"}, exitUnreadable, "", "t.lua:1: "},
		{"no file", "", []string{"exec", "none.lua"}, exitUnreadable, "", "none.lua"},
		{"no argument", "", []string{"exec"}, exitUsage, "", "which file"},
		{"limit", "while true do end", []string{"exec", "--limit", "instructions=1e5", "t.lua"}, exitLimit, "", "skyrun: t.lua:1: instruction limit of 100000 reached; see limits.instructions in sky.toml\n"},
		{"memory", "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", []string{"exec", "--limit", "memory=32MiB", "t.lua"}, exitLimit, "", "memory limit of 32MiB reached; see limits.memory in sky.toml\n"},
		{"limit in pcall", "pcall(function() while true do end end) print 'never'", []string{"exec", "--limit", "instructions=100_000", "t.lua"}, exitLimit, "", "limits.instructions"},
		{"unknown limit", "", []string{"exec", "--limit", "memroy=1", "t.lua"}, exitUsage, "", `limit "memroy" is not known: did you mean "memory"?`},
		{"bad limit", "", []string{"exec", "--limit", "time=soon", "t.lua"}, exitUsage, "", `limit time: "soon" is no time`},
		{"unknown grant", "", []string{"exec", "--grant", "file", "t.lua"}, exitUsage, "", `did you mean "files"?`},
		{"not granted", "print(io.open('t.lua'))", []string{"exec", "t.lua"}, exitError, "", "io.open is not granted"},
		{"files", "local f = io.open('new', 'w') f:write('text'):close() print(io.open('new'):read(), io.open('../up'))", []string{"exec", "--grant", "files", "t.lua"}, 0, "text\tnil\t../up: not granted\t13\n", ""},
		{"files of a folder", "print(io.open('t.lua') ~= nil, io.open('/etc/passwd'), dofile('none.lua'))", []string{"exec", "--grant", "files=.", "t.lua"}, exitError, "", "cannot open none.lua: No such file or directory"},
		{"no folder", "", []string{"exec", "--grant", "files=none", "t.lua"}, exitUsage, "", "the folder none cannot be granted"},
		{"standard error", "io.stderr:write('wrong') warn('@on') warn('a', 'b')", []string{"exec", "t.lua"}, 0, "", "wrongLua warning: ab\n"},
		{"standard input", "print(io.read('a'):sub(1, 5))", []string{"exec", "t.lua"}, 0, "print\n", ""},
		{"granted", "print(os.getenv('HOME') ~= nil)", []string{"exec", "--grant", "env", "t.lua"}, 0, "true\n", ""},
		{"exit", "io.write 'out' pcall(os.exit, 7) print 'never'", []string{"exec", "t.lua"}, 7, "out", ""},
		{"version", "", []string{"version"}, 0, "skyrun ", ""},
		{"unknown command", "", []string{"exce"}, exitUsage, "", "exce"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := skyrun(t, c.text, c.args...)
			if code != c.code || !strings.Contains(out, c.out) || c.out == "" && out != "" || !strings.Contains(errs, c.err) || c.err == "" && errs != "" {
				t.Errorf("exit code %d, want %d\nout: %q\nerr: %q", code, c.code, out, errs)
			}
		})
	}
}

// A signal ends a script that does not end by itself.
func TestInterrupt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.lua")
	if err := os.WriteFile(path, []byte("while true do pcall(error) end"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(interruption(exitInterrupted))
	var out, errs strings.Builder
	p := &program{out: &out, err: &errs}
	if code := p.run(ctx, []string{"exec", path}); code != exitInterrupted || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}
