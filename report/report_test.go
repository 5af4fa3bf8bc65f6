package report

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

func TestFormats(t *testing.T) {
	formats := append(Builtin(), Format{Name: "sarif"})
	for _, name := range []string{"text", "json", "github", "gitlab", "junit", "sarif"} {
		if f, err := formats.Find(name); err != nil || f.Name != name {
			t.Errorf("Find(%q) = %q, %v", name, f.Name, err)
		}
	}
	for name, want := range map[string]string{
		"jsno": `unknown format "jsno": use one of text, json, github, gitlab, junit, sarif; did you mean json?`,
		"xml":  `unknown format "xml": use one of text, json, github, gitlab, junit, sarif`,
	} {
		if _, err := formats.Find(name); err == nil || err.Error() != want {
			t.Errorf("Find(%q): %v", name, err)
		}
	}
}

func TestSummary(t *testing.T) {
	for _, c := range []struct {
		report rules.Report
		want   string
	}{
		{rules.Report{}, "no findings in 0 files (0 lines)"},
		{rules.Report{Files: 1, Lines: 1}, "no findings in 1 file (1 line)"},
		{rules.Report{Files: 1000, Lines: 1234567, Suppressed: 1, Baselined: 2345}, "no findings in 1,000 files (1,234,567 lines); 1 suppressed; 2,345 in the baseline"},
		{rules.Report{Problems: make([]rules.Problem, 1)}, "no findings in 0 files (0 lines); 1 problem, so findings may be missing"},
		{rules.Report{Diagnostics: []rules.Diagnostic{{Severity: rules.Note}, {Severity: rules.Error}, {Severity: rules.Note}, {Severity: rules.Error, Suppressed: &rules.Suppression{}}}}, "1 error, 2 notes in 0 files (0 lines)"},
	} {
		if got := summary(&c.report); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestLocator(t *testing.T) {
	a := source.New("a", "é中x\nyé")
	b := source.New("b", "xyz")
	var l locator
	for _, c := range []struct {
		file   *source.File
		offset uint32
	}{{a, 0}, {a, 2}, {a, 5}, {a, 6}, {a, 7}, {a, 8}, {a, 10}, {a, 99}, {a, 5}, {a, 2}, {b, 2}, {a, 2}, {b, 3}, {b, 1}} {
		if got, want := l.position(c.file, c.offset), c.file.RunePosition(c.offset); got != want {
			t.Errorf("%s at %d: %v, want %v", c.file.Path, c.offset, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"}, {"中文 é", "中文 é"}, {"a\tb\nc", "a b c"}, {"a\x1b[0m", `a\x1b[0m`}, {"\xff", `\xff`}, {"\ufffd", "\ufffd"}, {"\ufffd\u202e", "\ufffd\\u{202e}"}, {"", ""},
	} {
		if got := clean(c.text); got != c.want {
			t.Errorf("clean(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestJSON(t *testing.T) {
	r := demo()
	r.Diagnostics[1].Suppressed = &rules.Suppression{Reason: "it is <meant> to be"}
	r.Diagnostics[1].Fingerprint = "0123"
	got := write(t, JSON, r, Options{Version: "0.1.0", Path: func(p string) string { return "sub/" + p }})
	golden(t, "demo.json", got)

	empty := write(t, JSON, &rules.Report{}, Options{Command: "skyrun"})
	var report map[string]any
	if err := json.Unmarshal([]byte(empty), &report); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"diagnostics", "problems"} {
		if l, ok := report[list].([]any); !ok || len(l) != 0 {
			t.Errorf("%s of an empty report: %v", list, report[list])
		}
	}
}

func TestGitHub(t *testing.T) {
	f := source.New("a,b:c%.lua", "x = 1\n中 = 2\nfoo(\n)\n")
	r := &rules.Report{Files: 1, Lines: 4,
		Diagnostics: []rules.Diagnostic{
			{Rule: rules.GlobalWrite, Severity: rules.Error, Location: span(f, 0, 1), Message: "50 % of\r\nit, as: that\x1b[m", Help: []string{"one", "two"}},
			{Rule: rules.GlobalWrite, Severity: rules.Warning, Location: span(f, 6, 9), Message: "m",
				Path: []rules.Step{{Location: span(f, 0, 1), Message: "50 % here"}, {Location: span(f, 6, 9), Message: "there"}}},
			{Rule: rules.GlobalWrite, Severity: rules.Note, Location: span(f, 14, 20), Message: "over two lines"},
			{Rule: rules.GlobalWrite, Severity: rules.Note, Location: span(f, 0, 6), Message: "a line with its break"},
			{Rule: rules.GlobalWrite, Severity: rules.Note, Location: span(f, 3, 3), Message: "nothing is marked"},
			{Rule: rules.GlobalWrite, Severity: rules.Note, Location: span(f, 3, 3), Message: "not shown", Suppressed: &rules.Suppression{}},
		},
		Problems: []rules.Problem{{Path: "x.lua", Message: "not read"}, {Path: f.Path, Location: span(f, 0, 1), Message: "not parsed"}},
	}
	const name = "file=root/a%2Cb%3Ac%25.lua,"
	const title = ",title=SKY101 global-write::"
	want := strings.Join([]string{
		"::error " + name + "line=1,endLine=1,col=1,endColumn=2" + title + `50 %25 of\x0d it, as: that\x1b[m%0Ahelp: one%0Ahelp: two`,
		"::warning " + name + "line=2,endLine=2,col=1,endColumn=2" + title + "m%0A1. root/a,b:c%25.lua:1: 50 %25 here%0A2. root/a,b:c%25.lua:2: there",
		"::notice " + name + "line=3,endLine=4" + title + "over two lines",
		"::notice " + name + "line=1,endLine=1,col=1,endColumn=6" + title + "a line with its break",
		"::notice " + name + "line=1,endLine=1,col=4,endColumn=5" + title + "nothing is marked",
		"::error file=root/x.lua,title=problem::not read",
		"::error " + name + "line=1,endLine=1,col=1,endColumn=2,title=problem::not parsed",
		"1 error, 1 warning, 3 notes in 1 file (4 lines); 2 problems, so findings may be missing",
		"",
	}, "\n")
	if got := write(t, GitHub, r, Options{Path: func(p string) string { return "root/" + p }}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no space left")

func TestErrorOfTheWriter(t *testing.T) {
	for _, f := range Builtin() {
		if err := f.Write(full{}, demo(), Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}
