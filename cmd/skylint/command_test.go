package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/rules"
)

// A result is what a run of the command left.
type result struct {
	code     int
	out, err string
}

// skylint runs the command without a process of its own.
func skylint(t *testing.T, args ...string) result {
	t.Helper()
	return skylintWith(t.Context(), "", nil, args...)
}

func skylintWith(ctx context.Context, input string, env map[string]string, args ...string) result {
	var out, err bytes.Buffer
	p := &program{
		in:     strings.NewReader(input),
		out:    &stream{Writer: &out},
		err:    &stream{Writer: &err},
		getenv: func(name string) string { return env[name] },
	}
	code := p.run(ctx, args)
	return result{code, out.String(), err.String()}
}

// expect checks exit code and, unless empty, a part of each output.
func (r result) expect(t *testing.T, code int, out, err string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.out, out) || !strings.Contains(r.err, err) {
		t.Errorf("exit code %d, want %d\nout: %s\nwant: %s\nerr: %s\nwant: %s", r.code, code, r.out, out, r.err, err)
	}
}

func TestWrongUse(t *testing.T) {
	for _, c := range []struct {
		args []string
		err  string
	}{
		{[]string{"--formt", "sarif"}, "error: unknown flag --formt\nhelp: did you mean --format?\n"},
		{[]string{"check", "--fial-on=error"}, "help: did you mean --fail-on?\n"},
		{[]string{"check", "--zzzzzzzz"}, "help: skylint check --help lists the flags\n"},
		{[]string{"check", "-qj2"}, "error: unknown flag -q in -qj2\n"},
		{[]string{"check", "--jobs=many"}, `invalid argument "many" for "-j, --jobs" flag`},
		{[]string{"chekc"}, "help: did you mean check?\n"},
		{[]string{"help", "rulse"}, "help: did you mean rules?\n"},
		{[]string{"version", "now"}, "version"},
		{[]string{"rules", "isolatoin"}, "error: no rule or family is called \"isolatoin\"\nhelp: did you mean isolation?\n"},
		{[]string{"rules", "--format", "jsn"}, "error: --format takes text or json, not \"jsn\"\nhelp: did you mean json?\n"},
		{[]string{"explain", "globalwrite"}, "help: did you mean global-write?\n"},
		{[]string{"explain", "qqqqqqqqqqqq"}, "help: skylint rules lists them\n"},
		{[]string{"explain"}, "explain takes one rule"},
		{[]string{"explain", "--path", "a.lua"}, "--path takes FILE:LINE or FILE:LINE:COLUMN, not \"a.lua\"\nhelp: for example: "},
		{[]string{"explain", "--path", ":3"}, "--path takes FILE:LINE"},
		{[]string{"explain", "--path", "a.lua:0"}, "lines and columns count from 1"},
		{[]string{"explain", "--path", "a.lua:3", "SKY101"}, "not both"},
		{[]string{"explain", "SKY101", "-j2"}, "--jobs is for --path"},
		{[]string{"explain", "isolation"}, "help: skylint explain global-write\n"},
		{[]string{"explain", "SKY101", "--color", "somtimes"}, "--color takes auto, always or never"},
	} {
		r := skylint(t, c.args...)
		r.expect(t, exitUsage, "", c.err)
		if r.out != "" {
			t.Errorf("%q printed to standard output: %s", c.args, r.out)
		}
	}
}

func TestHelpOfEveryCommand(t *testing.T) {
	root := (&program{}).root()
	for _, c := range append(root.Commands(), root) {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		args := strings.Fields(c.CommandPath())[1:]
		r := skylint(t, append(args, "--help")...)
		r.expect(t, exitClean, "Usage:\n  "+c.CommandPath(), "")
		r.expect(t, exitClean, "Examples:\n", "")
		skylint(t, append([]string{"help"}, args...)...).expect(t, exitClean, r.out, "")
	}
	for _, command := range []string{"", "check"} {
		skylint(t, "help", command)
	}
	skylint(t, "check", "--help").expect(t, exitClean, exitCodes, "")
	skylint(t, "--help").expect(t, exitClean, exitCodes, "")
}

func TestExitCodesAreDocumented(t *testing.T) {
	for _, path := range []string{"../../docs/EXIT-CODES.md", "../../README.md"} {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"0", "1", "2", "3", "130, 143"} {
			if !strings.Contains(string(page), "\n| "+code+" | ") {
				t.Errorf("%s has no row for %s", path, code)
			}
		}
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		skylint(t, "completion", shell).expect(t, exitClean, "skylint", "")
	}
	skylint(t, cobra.ShellCompRequestCmd, "explain", "glob").expect(t, exitClean, "global-write\t", "")
	skylint(t, cobra.ShellCompRequestCmd, "explain", "sky101").expect(t, exitClean, "SKY101\t", "")
	skylint(t, cobra.ShellCompRequestCmd, "check", "--format", "").expect(t, exitClean, "text\nsarif\njson\ngithub\ngitlab\njunit\n", "")
	skylint(t, cobra.ShellCompRequestCmd, "check", "--fail-on", "").expect(t, exitClean, "error\nwarning\nnote\nnever\n", "")
	skylint(t, cobra.ShellCompRequestCmd, "check", "--rule", "").expect(t, exitClean, "global-write", "")
}

func TestVersion(t *testing.T) {
	r := skylint(t, "version")
	r.expect(t, exitClean, "dialects 5.1, 5.2, 5.3, 5.4, 5.5, luajit (5.4 unless configured)\n", "")
	r.expect(t, exitClean, "skylint ", "")
	r.expect(t, exitClean, "\ncommit   ", "")
	r.expect(t, exitClean, "\ngo       go1", "")
}

func TestRules(t *testing.T) {
	all := skylint(t, "rules")
	all.expect(t, exitClean, "SKY101  global-write ", "")
	if n := strings.Count(all.out, "\n"); n != len(rules.All()) {
		t.Errorf("%d lines for %d rules", n, len(rules.All()))
	}
	skylint(t, "rules", "SKY101", "suppressions", "sky001").expect(t, exitClean, "SKY001", "")
	if r := skylint(t, "rules", "SKY101", "suppressions", "sky001"); strings.Count(r.out, "SKY001") != 1 {
		t.Errorf("SKY001 is listed twice:\n%s", r.out)
	}
	skylint(t, "rules", "--format", "json", "global-write").expect(t, exitClean, "\"id\": \"SKY101\",\n    \"name\": \"global-write\",", "")
	skylint(t, "rules", "--format", "json", "names").expect(t, exitClean, "[", "")
}

func TestExplain(t *testing.T) {
	for _, name := range []string{"global-write", "SKY101", "sky101"} {
		r := skylint(t, "explain", name)
		r.expect(t, exitClean, "SKY101 global-write: Write to a global variable\n\nwarning · isolation · fix: safe", "")
		r.expect(t, exitClean, "\nBad\n", "")
		if strings.Contains(r.out, "-- want") || strings.Contains(r.out, "```") || strings.Contains(r.out, "\x1b") {
			t.Errorf("marks are left in the page:\n%s", r.out)
		}
	}
	skylint(t, "explain", "SKY101", "--color=always").expect(t, exitClean, "\x1b[1mBad\x1b[0m\n", "")
	for _, r := range rules.All() {
		skylint(t, "explain", r.ID).expect(t, exitClean, r.Title, "")
	}
}

func TestInit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, config.FileName)
	skylint(t, "init", dir).expect(t, exitClean, "wrote "+path, "")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	skylint(t, "init", dir).expect(t, exitUsage, "", "is there already\nhelp: skylint init --force replaces it\n")
	if b, _ := os.ReadFile(path); string(b) != "mine" {
		t.Errorf("the file is now %q", b)
	}
	skylint(t, "init", "--force", dir).expect(t, exitClean, "wrote", "")
	if b, _ := os.ReadFile(path); string(b) != config.Template() {
		t.Errorf("the file is now %q", b)
	}
	skylint(t, "init", filepath.Join(dir, "absent")).expect(t, exitUsage, "", "is not a folder")
}

func TestFormatOf(t *testing.T) {
	for _, c := range []struct{ format, output, want string }{
		{"", "", "text"},
		{"", "-", "text"},
		{"", "a.sarif", "sarif"},
		{"", "A.SARIF", "sarif"},
		{"", "a.sarif.json", "sarif"},
		{"", "a.json", "json"},
		{"", "a.xml", "junit"},
		{"", "dir.json/report.txt", "text"},
		{"", "/dev/stdout", "text"},
		{"github", "a.json", "github"},
	} {
		if got, err := formatOf(c.format, c.output); got != c.want || err != nil {
			t.Errorf("formatOf(%q, %q) = %q, %v; want %q", c.format, c.output, got, err, c.want)
		}
	}
	for _, c := range [][2]string{{"serif", ""}, {"", "report.html"}} {
		if got, err := formatOf(c[0], c[1]); err == nil {
			t.Errorf("formatOf(%q, %q) = %q", c[0], c[1], got)
		}
	}
}

func TestUseColor(t *testing.T) {
	for _, c := range []struct {
		mode     string
		terminal bool
		env      map[string]string
		want     bool
	}{
		{"auto", true, nil, true},
		{"auto", false, nil, false},
		{"auto", true, map[string]string{"NO_COLOR": "1"}, false},
		{"auto", true, map[string]string{"TERM": "dumb"}, false},
		{"always", false, map[string]string{"NO_COLOR": "1"}, true},
		{"never", true, nil, false},
	} {
		p := &program{getenv: func(name string) string { return c.env[name] }}
		if got := p.useColor(&stream{terminal: c.terminal}, c.mode); got != c.want {
			t.Errorf("%s on terminal %v with %v: %v", c.mode, c.terminal, c.env, got)
		}
	}
}
