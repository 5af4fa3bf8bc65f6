package lint_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/lint/fix"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/rules/page"
	"github.com/skylint/skylint/source"
)

// TestPages runs the examples of all rule pages: what is marked is found, and nothing else,
// of any rule.
func TestPages(t *testing.T) {
	for _, rule := range rules.All() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			p, err := rules.Page(rule)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []*page.Section{&p.Bad, &p.Good} {
				for i := range s.Examples {
					e := example{page: p.File.Path, rule: rule, section: s.Title, Example: &s.Examples[i]}
					for _, fault := range e.faults(t) {
						t.Error(fault)
					}
				}
			}
		})
	}
}

// TestFixesOfPages makes the fixes that findings in the bad examples offer: what comes out can be
// parsed, has no finding that could be mended, and none of the rule if all of them were. Each
// rule whose page promises a fix has one.
func TestFixesOfPages(t *testing.T) {
	for _, rule := range rules.All() {
		if strings.HasPrefix(rule.Static, "none") {
			continue
		}
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			p, err := rules.Page(rule)
			if err != nil {
				t.Fatal(err)
			}
			offered := rules.NoFix
			for i := range p.Bad.Examples {
				e := example{page: p.File.Path, rule: rule, section: p.Bad.Title, Example: &p.Bad.Examples[i]}
				offered = max(offered, e.mend(t))
			}
			if offered != rule.Fix {
				t.Errorf("the page promises %s fixes, and its examples offer %s", rule.Fix, offered)
			}
		})
	}
}

// mend makes all fixes of an example and looks at what is left. It returns the best kind of fix
// that findings of the rule offered.
func (e *example) mend(t *testing.T) (offered rules.FixKind) {
	root := e.write(t)
	for round := 0; ; round++ {
		result, faults := e.run(root)
		if faults != nil {
			t.Fatalf("round %d: %s", round, faults)
		}
		every := true
		for i := range result.Report.Diagnostics {
			d := &result.Report.Diagnostics[i]
			if d.Rule != e.rule {
				continue
			}
			every = every && len(d.Fixes) > 0
			for _, f := range d.Fixes {
				switch {
				case f.Safe:
					offered = rules.SafeFix
				case offered == rules.NoFix:
					offered = rules.UnsafeFix
				}
			}
		}
		plan := fix.All(result.Report.Diagnostics)
		if len(plan.Changes) == 0 {
			if left := onRule(result.Report.Diagnostics, e.rule); round > 0 && every && left > 0 {
				t.Errorf("%d findings are left after their fixes", left)
			}
			return offered
		}
		if round == 5 {
			t.Fatal("fixes come to no end")
		}
		if err := plan.Write(func(f *source.File) string { return filepath.Join(root, filepath.FromSlash(f.Path)) }); err != nil {
			t.Fatal(err)
		}
	}
}

func onRule(found []rules.Diagnostic, rule *rules.Rule) (n int) {
	for i := range found {
		if found[i].Rule == rule {
			n++
		}
	}
	return n
}

// An example is one of a page's, as a project.
type example struct {
	page    string
	rule    *rules.Rule
	section string
	*page.Example
}

// faults checks the example as the command does, and says where it is not as marked.
func (e *example) faults(t *testing.T) []string {
	t.Helper()
	result, faults := e.run(e.write(t))
	if faults != nil {
		return faults
	}
	return e.compare(result.Report.Diagnostics)
}

// run checks the files in a folder, which have to be read and parsed.
func (e *example) run(root string) (*lint.Result, []string) {
	var c *config.Config
	if name := filepath.Join(root, config.FileName); exists(name) {
		var err error
		if c, err = config.Load(name, config.Options{}); err != nil {
			return nil, []string{e.where(0, 0) + err.Error()}
		}
	}
	result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{root}, Config: c}})
	if err != nil {
		return nil, []string{e.where(0, 0) + err.Error()}
	}
	var faults []string
	for _, p := range result.Report.Problems {
		faults = append(faults, fmt.Sprintf("%sthis has to be read and parsed: %s: %s", e.where(0, 0), p.Path, p.Message))
	}
	return result, faults
}

// write puts the files of the example, and what says their dialects, into a folder.
func (e *example) write(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	var settings strings.Builder
	for _, b := range e.Files {
		if b.File == config.FileName {
			settings.WriteString(b.Text)
		}
	}
	for _, b := range e.Files {
		if b.Dialect != "" {
			fmt.Fprintf(&settings, "\n[[override]]\npaths = [%q]\ndialect = %q\n", b.File, b.Dialect)
		}
		if b.File != config.FileName {
			writeFile(t, filepath.Join(root, filepath.FromSlash(b.File)), b.Text)
		}
	}
	if settings.Len() > 0 {
		writeFile(t, filepath.Join(root, config.FileName), settings.String())
	}
	return root
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// where returns the place of a block's line in the page, to stand before a message.
func (e *example) where(block, line int) string {
	at := e.Files[block].Line + max(line, 1) - 1
	if line == 0 {
		at-- // the block as a whole: the line that opens it
	}
	title := e.Title
	if title != "" {
		title = ", " + title
	}
	return fmt.Sprintf("%s:%d: (%s%s) %s:%d: ", e.page, at, e.section, title, e.Files[block].File, line)
}

// compare holds the findings against the markers, both ways.
func (e *example) compare(found []rules.Diagnostic) []string {
	var faults []string
	left := slices.Clone(found)
	for i, b := range e.Files {
		wants := slices.Clone(b.Wants)
		slices.SortStableFunc(wants, func(x, y page.Expectation) int { return len(y.Text) - len(x.Text) }) // the pickiest first
		for _, w := range wants {
			match := slices.IndexFunc(left, func(d rules.Diagnostic) bool { return e.meets(&d, b.File, w) })
			if match >= 0 {
				left = slices.Delete(left, match, match+1)
				continue
			}
			faults = append(faults, fmt.Sprintf("%sexpected %s, got %s", e.where(i, w.Line), e.describe(w), onLine(found, b.File, w.Line)))
		}
	}
	for i := range left {
		d := &left[i]
		block := max(0, slices.IndexFunc(e.Files, func(b page.Block) bool { return b.File == d.File.Path }))
		faults = append(faults, fmt.Sprintf("%sexpected nothing more, got %s", e.where(block, d.Line()), describeFinding(d)))
	}
	return faults
}

// meets reports whether a finding is what a marker expects.
func (e *example) meets(d *rules.Diagnostic, file string, w page.Expectation) bool {
	return d.File.Path == file && d.Line() == w.Line && d.Rule == e.ruleOf(w) &&
		(w.Severity == "" || w.Severity == d.Severity.String()) && strings.Contains(d.Message, w.Text)
}

func (e *example) ruleOf(w page.Expectation) *rules.Rule {
	if w.Rule == "" {
		return e.rule
	}
	return rules.Lookup(w.Rule)
}

func (e *example) describe(w page.Expectation) string {
	s := w.Severity
	if s == "" {
		s = "finding"
	}
	s += " of " + e.ruleOf(w).Name
	if w.Text != "" {
		s += fmt.Sprintf(" with %q", w.Text)
	}
	return s
}

func describeFinding(d *rules.Diagnostic) string {
	return fmt.Sprintf("%s of %s: %s", d.Severity, d.Rule.Name, d.Message)
}

// onLine describes the findings on a line.
func onLine(found []rules.Diagnostic, file string, line int) string {
	var list []string
	for i := range found {
		if d := &found[i]; d.File.Path == file && d.Line() == line {
			list = append(list, describeFinding(d))
		}
	}
	if list == nil {
		return "nothing"
	}
	return strings.Join(list, "; ")
}

// TestCompare holds the comparison itself to what it promises.
func TestCompare(t *testing.T) {
	text := "---\n---\nS.\n\n## Bad\n\n```lua file=a.lua\nx = 1 -- want error \"'x'\"\n```\n\n## Good\n\n```lua\n```\n" +
		"\n## When to suppress it\n\nNever.\n\n## Options\n\nNone.\n"
	p, err := page.Parse("rules/test.md", text)
	if err != nil {
		t.Fatal(err)
	}
	e := example{page: p.File.Path, rule: rules.GlobalWrite, section: "Bad", Example: &p.Bad.Examples[0]}
	file := source.New("a.lua", "x = 1\ny = 2\n")
	finding := func(rule *rules.Rule, s rules.Severity, start uint32, message string) rules.Diagnostic {
		return rules.Diagnostic{Rule: rule, Severity: s, Message: message,
			Location: rules.Location{File: file, Span: source.Span{Start: start, End: start + 1}}}
	}
	good := finding(rules.GlobalWrite, rules.Error, 0, "'x' is global")
	const expected = "rules/test.md:8: (Bad) a.lua:1: expected error of global-write with \"'x'\", got "
	const more = "rules/test.md:8: (Bad) a.lua:1: expected nothing more, got "
	for _, c := range []struct {
		title string
		found []rules.Diagnostic
		want  []string
	}{
		{"as marked", []rules.Diagnostic{good}, nil},
		{"nothing", nil, []string{expected + "nothing"}},
		{"another line", []rules.Diagnostic{good, finding(rules.GlobalWrite, rules.Error, 6, "'y' is global")},
			[]string{"rules/test.md:9: (Bad) a.lua:2: expected nothing more, got error of global-write: 'y' is global"}},
		{"twice", []rules.Diagnostic{good, good}, []string{more + "error of global-write: 'x' is global"}},
		{"another message", []rules.Diagnostic{finding(rules.GlobalWrite, rules.Error, 0, "hm")},
			[]string{expected + "error of global-write: hm", more + "error of global-write: hm"}},
		{"another severity", []rules.Diagnostic{finding(rules.GlobalWrite, rules.Warning, 0, "'x'")},
			[]string{expected + "warning of global-write: 'x'", more + "warning of global-write: 'x'"}},
		{"another rule", []rules.Diagnostic{finding(rules.NativeCode, rules.Error, 0, "'x'")},
			[]string{expected + "error of native-code: 'x'", more + "error of native-code: 'x'"}},
	} {
		if got := e.compare(c.found); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.title, got, c.want)
		}
	}
}
