package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestGeneratedFilesAreFresh(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := stale(root, outputs); err != nil {
		t.Error(err)
	}
}

// TestAnalyzersAreThere holds the pages to the analyzers that they name.
func TestAnalyzersAreThere(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	heads, err := readPages(root, "rules")
	if err != nil {
		t.Fatal(err)
	}
	found, err := findAnalyzers(filepath.Join(root, "analyzers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if folder, ok := strings.CutPrefix(h.static, "analyzers/"); ok && !slices.Contains(found, folder) {
			t.Errorf("rules/%s:%d: static: %s has no variable Analyzer", h.file, h.staticLine, h.static)
		}
	}
}

func TestStale(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a"), []byte("x\r\ny\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := stale(root, []output{{"a", []byte("x\ny\n")}}); err != nil {
		t.Errorf("the end of a line does not make a file stale: %v", err)
	}
	err := stale(root, []output{{"a", []byte("z\n")}, {"b", []byte("z\n")}})
	if want := "a is stale: run go generate ./rules\nb is stale: run go generate ./rules"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

const goodHead = `---
id: SKY123
name: some-name
title: Some title
family: isolation
threats: [T01.1, T01.2] # a comment
cwe: [CWE-1]
severity: warning       # error where it is worse
precision: high
security-severity: 6.5
fix: none
static: analyzers/somename
runtime: "none: because of: things"
since: 0.1.0
luacheck: [111]
---
`

var goodBody = strings.ReplaceAll("Summary\nhere.\n\n## Bad\n'''lua\nx = 1 -- want\n'''\n## Good\n'''lua\n'''\n## When to suppress it\nNever.\n## Options\nNone.\n", "'''", "```")

func TestParseHead(t *testing.T) {
	h, err := parseHead("rules/SKY123-some-name.md", goodHead+goodBody)
	if err != nil {
		t.Fatal(err)
	}
	source, err := catalogue([]*head{h})
	if err != nil {
		t.Fatal(err)
	}
	want := `// SomeName is SKY123 some-name: Some title.
var SomeName = &Rule{
	ID: "SKY123", Name: "some-name", Title: "Some title", Family: "isolation",
	Threats:  []string{"T01.1", "T01.2"},
	CWE:      []string{"CWE-1"},
	Severity: Warning, Precision: High,
	SecuritySeverity: 6.5,
	Fix:              NoFix,
	Static:           "analyzers/somename", Runtime: "none: because of: things", Since: "0.1.0",
	Luacheck: []string{"111"},
	Summary:  "Summary here.",
}

var catalogue = []*Rule{
	SomeName,
}
`
	if !strings.HasSuffix(string(source), want) {
		t.Errorf("got\n%s", source)
	}
}

func TestHeadFaults(t *testing.T) {
	const name = "rules/SKY123-some-name.md"
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"severity:", "severty:", ":8: front matter: unknown key severty; did you mean severity?\n:1: front matter: key severity is missing"},
		{"fix: none\n", "fix: none\nfix: safe\n", `:12: front matter: mapping key "fix" already defined at [11:1]`},
		{"fix: none\n", "fix: perhaps\n", ":11: fix: perhaps is not right: use none, safe or unsafe"},
		{"fix: none\n", "fix:\n", ":11: fix: an empty value is not right: use none, safe or unsafe"},
		{"fix: none\n", "fix: [none]\n", ":11: fix: [none] is not right: use none, safe or unsafe"},
		{"threats: [T01.1, T01.2]", "threats: T01.1", ":6: threats: a list [a, b] is expected"},
		{"threats: [T01.1, T01.2]", "threats: [T1]", ":6: threats: T1 is not right: use ids of the threat model, as T10.1"},
		{"threats: [T01.1, T01.2]", "threats: [T01.1, T01.1]", ":6: threats: T01.1 is named twice"},
		{"cwe: [CWE-1]", "cwe: []", ":1: security-severity is there and no cwe: a rule about security names a weakness"},
		{"6.5", "0.0", ":1: security-severity: leave it out of a rule that is not about security"},
		{"6.5", "11.0", ":10: security-severity: 11.0 is not right: use a number from 0.1 to 10.0 with one decimal"},
		{"some-name", "other-name", ":2: id SKY123 and name other-name do not make the name of the file: rename it to SKY123-other-name.md"},
		{"SKY123", "SKY124", ":2: id SKY124 and name some-name do not make the name of the file: rename it to SKY124-some-name.md"},
		{"SKY123", "SKY12", ":2: id: SKY12 is not right: use SKY and three digits"},
		{"[111]", "[211]", ":15: luacheck: 211 is not right: use codes of luacheck's warnings about globals, as 111"},
		{goodHead[4:], "- a\n---\n", ":1: front matter: lines of the form key: value are expected"},
		{"title: Some title", "title: [", ":4: front matter: sequence end token ']' not found"},
		{"since: 0.1.0\n", "", ":1: front matter: key since is missing"},
	} {
		_, err := parseHead(name, strings.Replace(goodHead, c.old, c.new, 1)+goodBody)
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), name, "")
		}
		if got != c.want {
			t.Errorf("%q for %q:\n got %s\nwant %s", c.new, c.old, got, c.want)
		}
	}
}

func TestLuacheckIsForIsolation(t *testing.T) {
	_, err := parseHead("rules/SKY223-some-name.md", strings.Replace(goodHead, "SKY123", "SKY223", 1)+goodBody)
	if err == nil || !strings.Contains(err.Error(), "only rules of the family SKY1xx heed luacheck's comments") {
		t.Errorf("got %v", err)
	}
}

func TestPagesAgainstEachOther(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	second := strings.Replace(goodHead, "SKY123", "SKY122", 1)
	write("rules/SKY123-some-name.md", goodHead+goodBody)
	write("rules/SKY122-some-name.md", strings.ReplaceAll(second+goodBody, "\n", "\r\n"))
	write("rules/SKY123-other.md", strings.Replace(goodHead, "some-name", "other", 1)+goodBody)
	_, err := readPages(root, "rules")
	want := "rules/SKY123-some-name.md:2: id SKY123 is taken by SKY123-other.md\nrules/SKY123-some-name.md:3: name some-name is taken by SKY122-some-name.md"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	write("rules/README.md", "x")
	_, err = readPages(root, "rules")
	if want := "rules/README.md: a page is named by its rule, as SKY101-global-write.md"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestFindAnalyzers(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("analyzers.go", "package analyzers\nvar Analyzer int\n")
	write("second/doc.go", "package second\n")
	write("second/second.go", "package second\nvar (\n\tother, Analyzer = 1, 2\n)\n")
	write("first/first.go", "package first\nvar Analyzer = 1\n")
	write("helper/helper.go", "package helper\nfunc Analyzer() { var Analyzer int; _ = Analyzer }\n")
	write("tested/tested.go", "package tested\n")
	write("tested/tested_test.go", "package tested\nvar Analyzer = 1\n")
	found, err := findAnalyzers(dir)
	if err != nil || strings.Join(found, " ") != "first second" {
		t.Fatalf("got %v, %v; want first second", found, err)
	}
	source, err := registry(found)
	if err != nil || !strings.Contains(string(source), "\t\tfirst.Analyzer,\n\t\tsecond.Analyzer,\n") {
		t.Errorf("got %s, %v", source, err)
	}

	write("third/third.go", "package fourth\nvar Analyzer = 1\n")
	if _, err := findAnalyzers(dir); err == nil || !strings.HasSuffix(err.Error(), "package fourth: an analyzer's package is named as its folder") {
		t.Errorf("got %v", err)
	}
	write("third/third.go", "package third\nvar Analyzer =\n")
	if _, err := findAnalyzers(dir); err == nil || !strings.Contains(err.Error(), "third.go:2:16") {
		t.Errorf("a file that does not parse is an error with its line, got %v", err)
	}
}

func TestTable(t *testing.T) {
	h, err := parseHead("rules/SKY123-some-name.md", strings.Replace(goodHead, "Some title", "Some | title", 1)+goodBody)
	if err != nil {
		t.Fatal(err)
	}
	want := "## SKY1xx: isolation\n\n| rule | severity | precision | static | runtime | fix | |\n| --- | --- | --- | --- | --- | --- | --- |\n" +
		"| [SKY123 some-name](../rules/SKY123-some-name.md) | warning | high | yes | no | none | Some \\| title |\n"
	if got := string(table([]*head{h})); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s", got)
	}
}

func TestIdentifier(t *testing.T) {
	for name, want := range map[string]string{
		"global-write": "GlobalWrite", "forbidden-api": "ForbiddenAPI", "api-map": "APIMap", "apiary": "Apiary", "no-fix": "NoFix",
	} {
		if got := identifier(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
