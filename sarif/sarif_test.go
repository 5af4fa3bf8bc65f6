package sarif_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/sarif"
	"github.com/skylint/skylint/sarif/sariftest"
	"github.com/skylint/skylint/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Rules of the tests: the catalogue's may change.
var (
	plainRule = &rules.Rule{
		ID: "SKY191", Name: "loud-global", Title: "Write to a loud global", Family: "isolation",
		Severity: rules.Warning, Precision: rules.High, Fix: rules.SafeFix, Since: "0.1.0", Threats: []string{"T10.1"},
		Summary: "A `global` is written where [nobody](x) expects it.",
	}
	securityRule = &rules.Rule{
		ID: "SKY592", Name: "tainted-thing", Title: "Thing from outside", Family: "input",
		CWE: []string{"CWE-94", "CWE-1108", "CWE-94"}, SecuritySeverity: 8,
		Severity: rules.Error, Precision: rules.Medium, Fix: rules.UnsafeFix,
		Summary: "What a client sends is run.",
	}
	noteRule = &rules.Rule{ID: "SKY093", Name: "stale-thing", Title: "Thing without use", Severity: rules.Note, CWE: []string{"CWE-99999"}}
)

// at is the place of the first occurrence of a part of a file's text.
func at(t testing.TB, f *source.File, part string) rules.Location {
	t.Helper()
	i := strings.Index(f.Text, part)
	if i < 0 {
		t.Fatalf("%q is not in %s", part, f.Path)
	}
	return rules.Location{File: f, Span: source.Span{Start: uint32(i), End: uint32(i + len(part))}}
}

// everything is a report that uses every part of the format that the package writes.
func everything(t testing.TB) *rules.Report {
	gate := source.New("service/gate.lua", "local skynet = require \"skynet\"\n\n-- 服务 😀 GATE = nothing\nlocal function open(address) --[[ 你好 ]] GATE = address\n\tskynet.send(GATE, \"lua\")\nend\n\nskynet.start(function()\n\tskynet.dispatch(\"lua\", open)\nend)\n")
	admin := source.New("服务/ad#m in%.lua", "\xEF\xBB\xBFlocal code = ...\r\nload(code)()\r\n")
	config := source.New("sky.toml", "[rules]\nunknown = 1\n")
	all := at(t, gate, "local function open(address) --[[ 你好 ]] GATE = address\n\tskynet.send(GATE, \"lua\")\nend")
	report := &rules.Report{
		Files: 3, Lines: 14, Suppressed: 1, Baselined: 2,
		Diagnostics: []rules.Diagnostic{
			{
				Rule: plainRule, Severity: rules.Error, Location: at(t, gate, "GATE = address"),
				Message: "write to the undeclared global `GATE`", Key: "GATE", Label: "written here",
				Help:     []string{"declare it: `local GATE`", "or keep it in a table of the service"},
				Related:  []rules.Related{{Location: at(t, gate, "GATE, \"lua\""), Message: "`GATE` is read here, as t[1](2)"}, {Location: at(t, admin, "code")}},
				Services: []string{"gate", "watchdog"},
				Fixes: []rules.Fix{
					{Title: "declare `GATE` as a local", Safe: true, Edits: []rules.Edit{
						{Location: at(t, gate, "GATE = address"), NewText: "local GATE = address"},
						{Location: rules.Location{File: gate, Span: source.Span{}}, NewText: "local GATE\n"},
						{Location: at(t, admin, "code)()\r\n"), NewText: ""},
					}},
					{Title: "write bytes", Edits: []rules.Edit{{Location: at(t, gate, "end"), NewText: "\xFF\x00"}}},
				},
			},
			{Rule: plainRule, Severity: rules.Warning, Location: all, Message: "the function [open](1) is too long"},
			{
				Rule: noteRule, Severity: rules.Note, Location: at(t, gate, "skynet.start"), Message: "nothing comes of t[k]",
				Suppressed: &rules.Suppression{Span: at(t, gate, "-- 服务 😀 GATE = nothing").Span, Reason: "the gate has checked it"},
			},
			{
				Rule: securityRule, Severity: rules.Error, Location: at(t, admin, "load(code)"),
				Message: "a client's text is run by load()",
				Path: []rules.Step{
					{Location: at(t, gate, "skynet.dispatch(\"lua\", open)"), Message: "the message comes in"},
					{Location: at(t, gate, "address"), Message: "`address` has it"},
					{Location: at(t, admin, "load(code)"), Message: "and it is run"},
				},
			},
		},
		Problems: []rules.Problem{
			{Path: "locked.lua", Message: "permission denied", Help: []string{"run skylint as its owner"}},
			{
				Path: "sky.toml", Location: at(t, config, "unknown"), Message: "unknown key",
				Related: []rules.Related{{Location: at(t, config, "[rules]"), Message: "the section begins here"}},
			},
			{Path: "sky.toml", Location: at(t, config, "[rules]"), Message: "unknown section"},
			{Message: "something is wrong that is in no file"},
		},
	}
	for i := range report.Diagnostics {
		report.Diagnostics[i].Fingerprint = fmt.Sprintf("own-%d", i)
	}
	return report
}

var options = sarif.Options{
	Version: "0.1.0", Rules: []*rules.Rule{noteRule, plainRule}, Suppressed: true, ExitCode: 3,
}

func marshal(t testing.TB, r *rules.Report, o sarif.Options) []byte {
	t.Helper()
	data, err := sarif.Marshal(r, o)
	if err != nil {
		t.Fatal(err)
	}
	sariftest.Validate(t, data)
	return data
}

// only returns the run of a report, decoded.
func only(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var log struct{ Runs []map[string]any }
	if err := json.Unmarshal(data, &log); err != nil || len(log.Runs) != 1 {
		t.Fatalf("%d runs, %v", len(log.Runs), err)
	}
	return log.Runs[0]
}

// dig follows keys and indexes.
func dig(t testing.TB, v any, path ...any) any {
	t.Helper()
	for i, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			list, _ := v.([]any)
			if p >= len(list) {
				t.Fatalf("nothing at %v", path[:i+1])
			}
			v = list[p]
		}
	}
	return v
}

func equal(t testing.TB, got any, text string) {
	t.Helper()
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != text {
		t.Errorf("got  %s\nwant %s", data, text)
	}
}

func TestEverything(t *testing.T) {
	data := marshal(t, everything(t), options)
	golden := filepath.Join("testdata", "everything.sarif")
	if *update {
		if err := os.WriteFile(golden, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, old) {
		t.Errorf("the report is not that of %s; go test ./sarif -update writes it anew. Now it is:\n%s", golden, data)
	}
}

func TestSameBytes(t *testing.T) {
	first := marshal(t, everything(t), options)
	for range 20 {
		if again := marshal(t, everything(t), options); !bytes.Equal(first, again) {
			t.Fatal("the same report makes other bytes")
		}
	}
}

// The whole catalogue, with real pages.
func TestCatalogue(t *testing.T) {
	var report rules.Report
	f := source.New("a.lua", "x = 1\n")
	for _, r := range rules.All() {
		report.Diagnostics = append(report.Diagnostics, rules.Diagnostic{
			Rule: r, Severity: r.Severity, Location: at(t, f, "x"), Message: r.Title,
		})
	}
	run := only(t, marshal(t, &report, sarif.Options{Version: "0.1.0", Rules: rules.All()}))
	for i, r := range rules.All() {
		d := dig(t, run, "tool", "driver", "rules", i)
		if dig(t, d, "name") != r.Name || dig(t, d, "id") != r.ID {
			t.Errorf("rule %d is %v %v, want %s %s", i, dig(t, d, "id"), dig(t, d, "name"), r.ID, r.Name)
		}
		page, err := rules.Page(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := dig(t, d, "help", "markdown"); got != page.Markdown() {
			t.Errorf("%s: the help is not the page", r.ID)
		}
		if text := dig(t, d, "help", "text").(string); strings.Contains(text, "```") || !strings.Contains(text, page.Summary[:20]) {
			t.Errorf("%s: the help as text is not the page as text:\n%s", r.ID, text)
		}
	}
	for i := range list(t, run, "taxonomies", 0, "taxa") {
		title := dig(t, run, "taxonomies", 0, "taxa", i, "shortDescription", "text").(string)
		if strings.HasPrefix(title, "Weakness ") {
			t.Errorf("%v is not in cwe.txt: is there such a weakness?", dig(t, run, "taxonomies", 0, "taxa", i, "id"))
		}
	}
}

func list(t testing.TB, v any, path ...any) []any {
	t.Helper()
	l, _ := dig(t, v, path...).([]any)
	return l
}

func TestNothingFound(t *testing.T) {
	run := only(t, marshal(t, &rules.Report{}, sarif.Options{}))
	equal(t, run["results"], `[]`)
	equal(t, dig(t, run, "tool", "driver"), `{"informationUri":"https://github.com/skylint/skylint","name":"skylint","rules":[],"semanticVersion":"0.0.0","version":"0.0.0"}`)
	equal(t, run["invocations"], `[{"executionSuccessful":true,"exitCode":0}]`)
}

func TestExitCodes(t *testing.T) {
	for code, ok := range []bool{true, true, false, false} {
		run := only(t, marshal(t, &rules.Report{}, sarif.Options{ExitCode: code}))
		equal(t, run["invocations"], fmt.Sprintf(`[{"executionSuccessful":%v,"exitCode":%d}]`, ok, code))
	}
}

func TestVersions(t *testing.T) {
	for _, v := range []struct {
		version, want string
		semantic      bool
	}{
		{"", "0.0.0", true},
		{"1.2.3", "1.2.3", true},
		{"v1.2.3", "1.2.3", true},
		{"1.2.3-rc.1+g123", "1.2.3-rc.1+g123", true},
		{"1.2", "1.2", false},
		{"1.02.3", "1.02.3", false},
		{"1.2.3-", "1.2.3-", false},
		{"1.2.3-a b", "1.2.3-a b", false},
		{"dev", "0.0.0-dev", true},
		{"(devel)", "0.0.0-(devel)", false},
	} {
		driver := dig(t, only(t, marshal(t, &rules.Report{}, sarif.Options{Version: v.version})), "tool", "driver").(map[string]any)
		if driver["version"] != v.want {
			t.Errorf("%q: version %v, want %s", v.version, driver["version"], v.want)
		}
		if _, has := driver["semanticVersion"]; has != v.semantic {
			t.Errorf("%q: semantic %v", v.version, has)
		}
	}
}

// A rule that is not among those that were on gets a descriptor all the same.
func TestUnknownRule(t *testing.T) {
	r := everything(t)
	run := only(t, marshal(t, r, sarif.Options{Rules: []*rules.Rule{noteRule, noteRule}}))
	var ids []string
	for i := range list(t, run, "tool", "driver", "rules") {
		ids = append(ids, dig(t, run, "tool", "driver", "rules", i, "id").(string))
	}
	if got := strings.Join(ids, " "); got != "SKY093 SKY191 SKY592" {
		t.Errorf("rules %s", got)
	}
	r.Diagnostics[0].Rule = nil
	if _, err := sarif.Marshal(r, sarif.Options{}); err == nil || !strings.Contains(err.Error(), "GATE") {
		t.Errorf("no rule: %v", err)
	}
	r = everything(t)
	r.Diagnostics[0].File = nil
	if _, err := sarif.Marshal(r, sarif.Options{}); err == nil || !strings.Contains(err.Error(), "GATE") {
		t.Errorf("no file: %v", err)
	}
}

func TestSuppressedOnlyWhenAskedFor(t *testing.T) {
	r := everything(t)
	without := only(t, marshal(t, r, sarif.Options{}))
	if n := len(list(t, without, "results")); n != 3 {
		t.Errorf("%d results, want 3", n)
	}
	if strings.Contains(string(marshal(t, r, sarif.Options{})), "suppressions\"") {
		t.Error("suppressions that nobody asked for")
	}
	with := only(t, marshal(t, r, sarif.Options{Suppressed: true}))
	equal(t, dig(t, with, "results", 0, "suppressions"), `[]`)
	s := dig(t, with, "results", 2, "suppressions", 0)
	equal(t, dig(t, s, "kind"), `"inSource"`)
	equal(t, dig(t, s, "justification"), `"the gate has checked it"`)
	equal(t, dig(t, s, "location", "physicalLocation", "region", "startLine"), `3`)
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.sarif")
	if err := os.WriteFile(path, bytes.Repeat([]byte("old"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	r := everything(t)
	if err := sarif.WriteFile(path, r, options); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sariftest.Validate(t, data)
	var b bytes.Buffer
	if err := sarif.Write(&b, r, options); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, b.Bytes()) {
		t.Error("Write and WriteFile differ")
	}

	r.Diagnostics[0].Rule = nil
	if err := sarif.WriteFile(path, r, options); err == nil {
		t.Error("no error")
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, data) {
		t.Error("a report that cannot be made has touched the file")
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteError(t *testing.T) {
	if err := sarif.Write(brokenWriter{}, everything(t), options); err != errBroken {
		t.Errorf("error %v", err)
	}
}

func BenchmarkMarshal(b *testing.B) {
	r := thousands()
	data, err := sarif.Marshal(r, options)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sarif.Marshal(r, options); err != nil {
			b.Fatal(err)
		}
	}
}
