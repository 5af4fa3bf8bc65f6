package main

import (
	"context"
	"strings"
	"testing"
)

func TestExplainPlace(t *testing.T) {
	files := map[string]string{"lib/broken.lua": "local x = = 1\n", "other/binary.lua": "\x1bLua"}
	for name, text := range graphProject {
		files[name] = text
	}
	inProject(t, files)
	const line = "service/asker.lua:5, in a function given to skynet.start, lines 3 to 6\n"
	for _, jobs := range []string{"-j1", "-j3"} {
		skylint(t, "explain", "--path", "service/asker.lua:5", jobs).expect(t, exitClean, line, "")
		skylint(t, "explain", "--path", "service/asker.lua:5", jobs).expect(t, exitClean, "values\n  clock  the address of service clock\n", "")
	}
	skylint(t, "explain", "-p", "service/asker.lua:5").expect(t, exitClean, "\n      call to clock, command now", "")
	// At a column only what is there.
	narrow := skylint(t, "explain", "-p", "service/asker.lua:4:34")
	narrow.expect(t, exitClean, "calls\n  16: skynet.newservice", "")
	if strings.Contains(narrow.out, "the address of") {
		t.Errorf("at a column:\n%s", narrow.out)
	}
	// Paths are shown from the current folder.
	t.Chdir("service")
	skylint(t, "explain", "--path", "asker.lua:4").expect(t, exitClean, "newservice to clock", "")
	t.Chdir("..")

	for _, c := range []struct {
		at   string
		code int
		err  string
	}{
		{"service/asker.lua:7000", exitUsage, "service/asker.lua has 7 lines, and no line 7000"},
		{"service/asker.lua:5:99", exitUsage, "line 5 of service/asker.lua has 33 characters, and no column 99"},
		{"absent.lua:1", exitProblems, "absent.lua: no such file or folder"},
		{"service:1", exitUsage, "service is a folder"},
		{"lib/broken.lua:1", exitProblems, "lib/broken.lua: "},
		{"other/binary.lua:1", exitProblems, "other/binary.lua: "},
	} {
		r := skylint(t, "explain", "--path", c.at)
		r.expect(t, c.code, "", c.err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interruption(exitInterrupted))
	skylintWith(ctx, "", nil, "explain", "--path", "service/asker.lua:5").expect(t, exitInterrupted, "", "skylint: interrupted\n")
}

func TestParsePlace(t *testing.T) {
	for _, c := range []struct {
		text string
		want textPlace
	}{
		{"a.lua:3", textPlace{"a.lua", 3, 0}},
		{"a.lua:3:4", textPlace{"a.lua", 3, 4}},
		{`C:\a.lua:3`, textPlace{`C:\a.lua`, 3, 0}},
		{"odd:7:name.lua:3:4", textPlace{"odd:7:name.lua", 3, 4}},
	} {
		if got, err := parsePlace(c.text); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.text, got, err)
		}
	}
}
