package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A clean service, and one with an error, which is also in what mended makes of it.
const (
	cleanService = `local skynet = require "skynet"

skynet.start(function()
	skynet.dispatch("lua", function(_, _, n)
		skynet.retpack(n)
	end)
end)
`
	badService = `local skynet = require "skynet"

local function add(a, b)
	sum = a + b
	return sum
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, a, b)
		skynet.retpack(add(a, b))
	end)
end)
`
)

var mendedService = strings.Replace(badService, "sum =", "local sum =", 1)

// inProject makes a folder with those files the current one.
func inProject(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCheckExitCodes(t *testing.T) {
	inProject(t, map[string]string{
		"clean/sky.toml":    "",
		"clean/ok.lua":      cleanService,
		"bad/sky.toml":      "",
		"bad/sum.lua":       badService,
		"broken/sky.toml":   "",
		"broken/sum.lua":    badService,
		"broken/broken.lua": "local = 1\n",
	})
	for _, c := range []struct {
		args []string
		code int
		out  string
	}{
		{[]string{"clean"}, exitClean, "no findings in 1 file"},
		{[]string{"check", "bad"}, exitFindings, "error[SKY101 global-write]"},
		{[]string{"check", "bad", "--fail-on", "never"}, exitClean, "error[SKY101 global-write]"},
		{[]string{"check", "bad", "--fail-on", "error"}, exitFindings, "bad/sum.lua:4:2"},
		{[]string{"check", "bad", "--rule", "undefined-global"}, exitClean, "no findings"},
		{[]string{"check", "bad", "--rule", "SKY104,isolation"}, exitFindings, "SKY101"},
		{[]string{"check", "broken"}, exitProblems, "broken/broken.lua:1:7"},
		{[]string{"check", "broken"}, exitProblems, "error[SKY101 global-write]"},
		{[]string{"check", "broken", "--fail-on=never"}, exitProblems, "broken/broken.lua:1:7"},
		{[]string{"check", "bad/absent", "bad"}, exitProblems, "bad/absent"},
		{[]string{"check", "bad/absent", "bad"}, exitProblems, "error[SKY101 global-write]"},
	} {
		r := skylint(t, c.args...)
		if r.code != c.code || !strings.Contains(r.out, c.out) || r.err != "" {
			t.Errorf("%q: exit code %d, want %d\nout: %s\nwant: %s\nerr: %s", c.args, r.code, c.code, r.out, c.out, r.err)
		}
	}
}

func TestSeverityOfConfigAndFailOn(t *testing.T) {
	inProject(t, map[string]string{
		"sky.toml":    "[lint]\nfail-on = \"error\"\n[rules]\nglobal-write = \"warning\"\n",
		"service.lua": badService,
	})
	skylint(t).expect(t, exitClean, "warning[SKY101", "")
	skylint(t, "--fail-on=warning").expect(t, exitFindings, "warning[SKY101", "")
	skylint(t, "--no-config").expect(t, exitFindings, "error[SKY101", "")
}

func TestCheckWrongUse(t *testing.T) {
	inProject(t, map[string]string{
		"service.lua": badService,
		"bad.toml":    "[lint]\nfail-on = \"eror\"\n\n[rulse]\n",
		"folder/x":    "",
	})
	for _, c := range []struct {
		args []string
		err  string
	}{
		{[]string{"--format", "sarf"}, `--format takes text, sarif, json, github, gitlab or junit, not "sarf"` + "\nhelp: did you mean sarif?\n"},
		{[]string{"-o", "report.html"}, "does not say the format"},
		{[]string{"--fail-on", "errors"}, "help: did you mean error?\n"},
		{[]string{"--rule", "global-wirte"}, "help: did you mean global-write?\n"},
		{[]string{"--dialect", "5.6"}, "5.1, 5.2, 5.3, 5.4, 5.5, luajit"},
		{[]string{"--color", "yes"}, "--color takes auto, always or never"},
		{[]string{"-j", "-1"}, "--jobs takes a number from 1 on"},
		{[]string{"--fix", "--diff"}, "give one of them"},
		{[]string{"--unsafe-fixes"}, "help: --diff --unsafe-fixes shows them, --fix --unsafe-fixes makes them\n"},
		{[]string{"--diff", "--format", "json"}, "leave --format json out"},
		{[]string{"--config", "sky.toml", "--no-config"}, "give one of them"},
		{[]string{"--stdin-filename", "a.lua"}, `help: add the path "-"`},
		{[]string{"--fix", "-"}, "help: --diff shows what it would change"},
		{[]string{"--config", "absent.toml"}, "absent.toml"},
		{[]string{"--config", "bad.toml"}, `error: bad.toml:2:11: `},
		{[]string{"--config", "bad.toml"}, `error: bad.toml:4:2: `},
		{[]string{"--config", "bad.toml"}, `rules`},
	} {
		r := skylint(t, append([]string{"check"}, c.args...)...)
		if r.code != exitUsage || !strings.Contains(r.err, c.err) || r.out != "" {
			t.Errorf("%q: exit code %d\nout: %s\nerr: %s\nwant: %s", c.args, r.code, r.out, r.err, c.err)
		}
	}
}

func TestStandardInput(t *testing.T) {
	inProject(t, map[string]string{
		"sky.toml":     "",
		"lib/util.lua": "shared = 1\nreturn {}\n",
		"main.lua":     cleanService,
	})
	in := func(text string, args ...string) result {
		return skylintWith(t.Context(), text, nil, append([]string{"check"}, args...)...)
	}
	in(badService, "-").expect(t, exitFindings, "stdin.lua:4:2", "")
	in(badService, "--stdin-filename", "service/new.lua", "-").expect(t, exitFindings, "service/new.lua:4:2", "")
	in(cleanService, "-").expect(t, exitClean, "no findings", "")
	// The text stands for the file of that name, and only it is reported on.
	r := in(badService, "--stdin-filename", "main.lua", "-")
	r.expect(t, exitFindings, "main.lua:4:2", "")
	if strings.Contains(r.out, "util.lua") {
		t.Errorf("reports on a file that is not asked for:\n%s", r.out)
	}
	in(badService, "--diff", "--stdin-filename", "main.lua", "-").expect(t, exitFindings, "-\tsum = a + b\n+\tlocal sum = a + b\n", "")
	if read(t, "main.lua") != cleanService {
		t.Error("the file on the disk was changed")
	}
}

func TestFixAndDiff(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "service.lua": badService, "other.lua": cleanService})
	skylint(t, "--diff").expect(t, exitFindings, "--- a/service.lua\n+++ b/service.lua\n@@ -1,7 +1,7 @@\n", "")
	if read(t, "service.lua") != badService {
		t.Error("--diff changed the file")
	}
	skylint(t, "--fix").expect(t, exitClean, "no findings", "fixed 1 finding\n")
	if got := read(t, "service.lua"); got != mendedService {
		t.Errorf("--fix made\n%s", got)
	}
	if read(t, "other.lua") != cleanService {
		t.Error("--fix changed a file without findings")
	}
	skylint(t, "--fix").expect(t, exitClean, "no findings", "fixed 0 findings\n")
	if r := skylint(t, "--diff"); r.code != exitClean || r.out != "" {
		t.Errorf("--diff when nothing is left: %d, %q", r.code, r.out)
	}
}

// Unsafe fixes are made only if they are asked for.
func TestUnsafeFixes(t *testing.T) {
	const lookup = "\t\tskynet.retpack(CMD[cmd](...))\n"
	service := "local skynet = require \"skynet\"\nlocal CMD = {}\nfunction CMD.get(key) return key end\nskynet.start(function()\n" +
		"\tskynet.dispatch(\"lua\", function(_, _, cmd, ...)\n" + lookup + "\tend)\nend)\n"
	inProject(t, map[string]string{"sky.toml": "", "service.lua": service})
	args := []string{"check", "--rule", "unchecked-command"}
	skylint(t, args...).expect(t, exitFindings, "1 finding can be mended, which may change what the program does: skylint check --diff --unsafe-fixes\n", "")
	skylint(t, append(args, "--fix")...).expect(t, exitFindings, "SKY202", "fixed 0 findings\n")
	if r := skylint(t, append(args, "--diff")...); r.out != "" {
		t.Errorf("--diff shows an unsafe fix:\n%s", r.out)
	}
	skylint(t, append(args, "--diff", "--unsafe-fixes")...).expect(t, exitFindings, "+\t\tskynet.retpack(assert(CMD[cmd], cmd)(...))\n", "")
	if read(t, "service.lua") != service {
		t.Error("the file was changed")
	}
	skylint(t, append(args, "--fix", "--unsafe-fixes")...).expect(t, exitClean, "no findings", "fixed 1 finding\n")
	if got, want := read(t, "service.lua"), strings.Replace(service, lookup, "\t\tskynet.retpack(assert(CMD[cmd], cmd)(...))\n", 1); got != want {
		t.Errorf("--fix --unsafe-fixes made\n%s", got)
	}
}

func TestFormats(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "service.lua": badService})
	for _, c := range []struct{ args, out string }{
		{"--format text", "-->"},
		{"--format github", "::error "},
		{"--format json", "\"SKY101\""},
		{"--format gitlab", "\"check_name\": \"SKY101 global-write\""},
		{"--format junit", "<testcase name=\"SKY101 global-write: "},
		{"--format sarif", "\"version\": \"2.1.0\""},
	} {
		r := skylint(t, strings.Fields("check "+c.args)...)
		r.expect(t, exitFindings, c.out, "")
		if strings.Contains(r.out, "\x1b") {
			t.Errorf("%s has escape sequences", c.args)
		}
		if c.args == "--format json" || c.args == "--format sarif" {
			if !json.Valid([]byte(r.out)) {
				t.Errorf("%s is not JSON", c.args)
			}
		}
	}
	skylint(t, "--color=always").expect(t, exitFindings, "\x1b[", "")
}

func TestOutputFile(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "service.lua": badService, "report.json": strings.Repeat("old ", 10_000)})
	for _, name := range []string{"report.sarif", "report.json", "report.txt", "report.xml"} {
		r := skylint(t, "-o", name)
		r.expect(t, exitFindings, "", "")
		if r.out != "" {
			t.Errorf("printed %q", r.out)
		}
		if text := read(t, name); !strings.Contains(text, "SKY101") || strings.Contains(text, "old old") {
			t.Errorf("%s has\n%s", name, text)
		}
	}
	if !json.Valid([]byte(read(t, "report.json"))) || !json.Valid([]byte(read(t, "report.sarif"))) {
		t.Error("a report is not JSON")
	}
	skylint(t, "-o", filepath.Join("absent", "report.json")).expect(t, exitProblems, "", "error: ")
}

// Code scanning looks for files from the root of the repository, wherever sky.toml is.
func TestSARIFNamesFilesFromTheRepository(t *testing.T) {
	inProject(t, map[string]string{".git/HEAD": "", "server/sky.toml": "", "server/service/bad.lua": badService})
	t.Chdir("server")
	skylint(t, "check", "-o", "report.sarif").expect(t, exitFindings, "", "")
	if text := read(t, "report.sarif"); !strings.Contains(text, `"uri": "server/service/bad.lua"`) && !strings.Contains(text, `"uri":"server/service/bad.lua"`) {
		t.Errorf("no file server/service/bad.lua in\n%s", text)
	}
}

// GitLab and GitHub know a file from the root of the repository, wherever skylint is run.
func TestPathsFromTheRepository(t *testing.T) {
	inProject(t, map[string]string{".git/HEAD": "", "service/bad.lua": badService})
	t.Chdir("service")
	skylint(t, "--format", "gitlab").expect(t, exitFindings, `"path": "service/bad.lua"`, "")
	skylint(t, "--format", "github").expect(t, exitFindings, "file=service/bad.lua,", "")
	skylint(t, "--format", "junit").expect(t, exitFindings, `file="bad.lua"`, "")
}

func TestSuppressedOnRequest(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "service.lua": strings.Replace(badService,
		"sum = a + b", "sum = a + b -- skylint: ignore global-write: the tests want it", 1)})
	if r := skylint(t); r.code != exitClean || strings.Contains(r.out, "SKY101") {
		t.Errorf("exit code %d\n%s", r.code, r.out)
	}
	skylint(t, "--show-suppressed").expect(t, exitClean, "suppressed: the tests want it", "")
}

func TestStats(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "service.lua": cleanService})
	skylint(t, "--stats").expect(t, exitClean, "no findings", "total ")
	r := skylint(t, "--stats")
	for _, want := range []string{"\nread and parse ", "\n  services ", " 1 service, ", "\n  solve ", " places, ", "\n  effect ", " messages\n", "\ncheck rules ", "1 file, 7 lines\n"} {
		if !strings.Contains("\n"+r.err, want) {
			t.Errorf("%q is not in\n%s", want, r.err)
		}
	}
	skylint(t, "graph", "--stats").expect(t, exitClean, "{", "\n  solve ")
}

func TestDialect(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "a.lua": "local x <const> = 1\nreturn x\n"})
	skylint(t).expect(t, exitClean, "", "")
	skylint(t, "--dialect", "5.1").expect(t, exitProblems, "a.lua:1", "")
	skylint(t, "--dialect", "lua54").expect(t, exitClean, "", "")
}

func TestSameBytesForAnyJobs(t *testing.T) {
	files := map[string]string{"sky.toml": ""}
	for i := range 40 {
		files[fmt.Sprintf("service/s%d.lua", i)] = strings.ReplaceAll(badService, "sum", fmt.Sprintf("sum%d", i%7))
		files[fmt.Sprintf("service/broken%d.lua", i)] = "x = = 1\n"
	}
	inProject(t, files)
	for _, format := range formats {
		first := skylint(t, "--format", format, "-j1")
		for _, jobs := range []string{"-j2", "-j3", "-j16"} {
			if again := skylint(t, "--format", format, jobs); again != first {
				t.Errorf("%s differs with %s", format, jobs)
			}
		}
	}
}

func TestInterrupted(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "service.lua": badService, "report.json": "old"})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interruption(exitInterrupted))
	skylintWith(ctx, "", nil, "-o", "report.json").expect(t, exitInterrupted, "", "skylint: interrupted\n")
	if read(t, "report.json") != "old" {
		t.Error("the report was touched")
	}
	skylintWith(ctx, "", nil, "--fix").expect(t, exitInterrupted, "", "")
	if read(t, "service.lua") != badService {
		t.Error("the file was touched")
	}
}
