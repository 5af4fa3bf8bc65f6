package report

import (
	"encoding/json"
	"encoding/xml"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// awkward is a report with what CI servers could stumble over.
func awkward() *rules.Report {
	f := source.New("a<&\"'>.lua", "x = 1 -- \x00\x1b[m\x7f ]]> \xff\ufffe\U0001f600\nfoo(\n)\n")
	two := rules.Diagnostic{Rule: rules.GlobalWrite, Severity: rules.Warning, Location: span(f, 0, 1), Message: "m ]]> <&\"'>\n\x00\x1b\ufffe\xff", Fingerprint: "f1"}
	note, hidden, long := two, two, two
	note.Severity = rules.Note
	hidden.Suppressed = &rules.Suppression{Reason: "it <is>"}
	long.Location, long.Message, long.Fingerprint, long.Severity = span(f, strings.Index(f.Text, "foo"), len(f.Text)), "long", "", rules.Error
	return &rules.Report{
		Files: 1, Lines: 4, Diagnostics: []rules.Diagnostic{two, two, note, hidden, long},
		Problems: []rules.Problem{{Path: "b.lua", Message: "not read"}, {Path: "b.lua", Message: "not read"}, {Path: f.Path, Location: span(f, 0, 1), Message: "not parsed"}},
	}
}

// The rules are those of GitLab's page on its Code Quality report: description, check_name,
// fingerprint, location.path without "./" in front, location.lines.begin, and a severity that is
// one of five. Two entries with one fingerprint are one to GitLab.
func TestGitLab(t *testing.T) {
	for _, r := range []*rules.Report{{}, demo(), awkward()} {
		text := write(t, GitLab, r, Options{})
		var issues []map[string]any
		if err := json.Unmarshal([]byte(text), &issues); err != nil || issues == nil {
			t.Fatalf("not a list: %v\n%s", err, text)
		}
		wanted := len(r.Problems)
		for i := range r.Diagnostics {
			if r.Diagnostics[i].Suppressed == nil {
				wanted++
			}
		}
		if len(issues) != wanted {
			t.Errorf("%d entries, want %d", len(issues), wanted)
		}
		seen := map[any]bool{}
		for _, issue := range issues {
			location, _ := issue["location"].(map[string]any)
			lines, _ := location["lines"].(map[string]any)
			path, _ := location["path"].(string)
			begin, _ := lines["begin"].(float64)
			for _, key := range []string{"description", "check_name", "fingerprint"} {
				if s, ok := issue[key].(string); !ok || s == "" {
					t.Errorf("%s is missing in %v", key, issue)
				}
			}
			if !slices.Contains([]any{"info", "minor", "major", "critical", "blocker"}, issue["severity"]) {
				t.Errorf("severity %v", issue["severity"])
			}
			if path == "" || strings.HasPrefix(path, "./") || strings.HasPrefix(path, "/") || begin < 1 {
				t.Errorf("location %v", location)
			}
			if seen[issue["fingerprint"]] {
				t.Errorf("the fingerprint %v is there twice", issue["fingerprint"])
			}
			seen[issue["fingerprint"]] = true
		}
	}
	if text := write(t, GitLab, awkward(), Options{}); !strings.Contains(text, `"begin": 2,`+"\n        \"end\": 3\n") || !strings.Contains(text, `"fingerprint": "f1"`) {
		t.Errorf("got\n%s", text)
	}
	if write(t, GitLab, awkward(), Options{}) != write(t, GitLab, awkward(), Options{}) {
		t.Error("two runs differ")
	}
}

// junitElements are the elements of JUnit's XML with their attributes, those that must be there
// with a "!", and which elements they may have, in this order: the part that the schema of Jenkins
// (xunit-plugin, junit-10.xsd) and that of Ant's report task agree on, with "file" and "line" of
// the former.
var junitElements = map[string]struct{ attributes, children string }{
	"testsuites": {"name tests failures errors", "testsuite"},
	"testsuite":  {"name! tests! failures! errors! skipped time!", "testcase"},
	"testcase":   {"name! classname! time! file line", "skipped error failure system-out"},
	"failure":    {"message type!", ""},
	"error":      {"message type!", ""},
	"skipped":    {"message", ""},
	"system-out": {"", ""},
}

type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e *element) attribute(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// valid checks an element and those in it by junitElements.
func (e *element) valid(t *testing.T) {
	t.Helper()
	rule, ok := junitElements[e.XMLName.Local]
	if !ok {
		t.Fatalf("unknown element %s", e.XMLName.Local)
	}
	known := strings.Fields(strings.ReplaceAll(rule.attributes, "!", ""))
	for _, a := range e.Attrs {
		if !slices.Contains(known, a.Name.Local) {
			t.Errorf("%s has the attribute %s", e.XMLName.Local, a.Name.Local)
		}
	}
	for _, name := range strings.Fields(rule.attributes) {
		if name, must := strings.CutSuffix(name, "!"); must && e.attribute(name) == "" {
			t.Errorf("%s lacks %s", e.XMLName.Local, name)
		}
	}
	last := 0
	order := strings.Fields(rule.children)
	for i := range e.Children {
		at := slices.Index(order, e.Children[i].XMLName.Local)
		if at < last {
			t.Errorf("%s has %s where it may not be", e.XMLName.Local, e.Children[i].XMLName.Local)
		}
		last = at
		e.Children[i].valid(t)
	}
}

// count returns how many elements of a name are in e.
func (e *element) count(name string) int {
	n := 0
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			n++
		}
		n += e.Children[i].count(name)
	}
	return n
}

var forbiddenInXML = regexp.MustCompile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

func TestJUnit(t *testing.T) {
	for _, r := range []*rules.Report{{}, {Files: 3}, demo(), awkward()} {
		text := write(t, JUnit, r, Options{})
		if bad := forbiddenInXML.FindString(text); bad != "" {
			t.Errorf("%q is not allowed in XML", bad)
		}
		d := xml.NewDecoder(strings.NewReader(text))
		var root element
		if err := d.Decode(&root); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if rest := strings.TrimSpace(text[d.InputOffset():]); rest != "" {
			t.Errorf("something follows the document: %s", rest)
		}
		if root.XMLName.Local != "testsuites" {
			t.Errorf("the root is %s", root.XMLName.Local)
		}
		root.valid(t)
		seen := map[[2]string]bool{}
		tested := slices.Clone(root.Children)
		for i := range tested {
			suite := &tested[i]
			for name, of := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"} {
				if got, want := suite.attribute(name), strconv.Itoa(suite.count(of)); got != want {
					t.Errorf("%s: %s is %s, want %s", suite.attribute("name"), name, got, want)
				}
			}
			for k := range suite.Children {
				c := &suite.Children[k]
				id := [2]string{c.attribute("classname"), c.attribute("name")}
				if seen[id] {
					t.Errorf("two tests are called %q", id)
				}
				seen[id] = true
			}
		}
		for name, of := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error"} {
			if got, want := root.attribute(name), strconv.Itoa(root.count(of)); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
		if want := max(1, len(r.Diagnostics)+len(r.Problems)); root.count("testcase") != want {
			t.Errorf("%d tests, want %d", root.count("testcase"), want)
		}
	}
	golden(t, "demo.junit.xml", write(t, JUnit, demo(), Options{}))
}
