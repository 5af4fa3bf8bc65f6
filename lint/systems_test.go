package lint_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
)

var update = flag.Bool("update", false, "write docs/HANGS.md anew")

// systems are the archives, one for each way in which a system can hang.
const (
	systems = "../testdata/systems"
	table   = "../docs/HANGS.md"
)

// A pattern is an archive of testdata/systems. It begins with a line "ID: TITLE"; one that begins
// with "not found: " says why skylint does not find it. What else stands in front of the files is
// for readers. A line of a file that ends in "-- want SEVERITY RULE" has that finding.
type pattern struct {
	name, id, title, reason string
	files                   []txtar.File
	want                    []string      // as the test shows findings
	rules                   []*rules.Rule // those that find it
}

var (
	head   = regexp.MustCompile(`^([DHWR])(\d+): (.+)$`)
	marker = regexp.MustCompile(` *-- want (error|warning|note) ([a-z-]+)$`)
)

// readPattern reads an archive and takes its markers out.
func readPattern(name string) (*pattern, error) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		return nil, err
	}
	p := &pattern{name: filepath.Base(name), files: a.Files}
	for i, line := range strings.Split(string(a.Comment), "\n") {
		m := head.FindStringSubmatch(line)
		switch reason, not := strings.CutPrefix(line, "not found: "); {
		case i == 0 && m == nil:
			return nil, fmt.Errorf("%s: the first line is not ID: TITLE", p.name)
		case i == 0:
			p.id, p.title = m[1]+m[2], m[3]
		case not:
			p.reason = reason
		}
	}
	for i := range p.files {
		f := &p.files[i]
		lines := strings.Split(string(f.Data), "\n")
		for n, line := range lines {
			m := marker.FindStringSubmatchIndex(line)
			if m == nil {
				continue
			}
			severity, rule := line[m[2]:m[3]], rules.Lookup(line[m[4]:m[5]])
			if rule == nil {
				return nil, fmt.Errorf("%s: %s:%d: there is no rule %s", p.name, f.Name, n+1, line[m[4]:m[5]])
			}
			lines[n] = line[:m[0]]
			p.want = append(p.want, fmt.Sprintf("%s:%d %s %s", f.Name, n+1, severity, rule.Name))
			if !slices.Contains(p.rules, rule) {
				p.rules = append(p.rules, rule)
			}
		}
		f.Data = []byte(strings.Join(lines, "\n"))
	}
	slices.Sort(p.want)
	if (len(p.want) > 0) == (p.reason != "") {
		return nil, fmt.Errorf("%s: it has to have either markers or a line \"not found: REASON\"", p.name)
	}
	return p, nil
}

func readPatterns(t *testing.T) []*pattern {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(systems, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives in %s: %v", systems, err)
	}
	var out []*pattern
	for _, name := range names {
		p, err := readPattern(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	order := func(p *pattern) int {
		n, _ := strconv.Atoi(p.id[1:])
		return strings.IndexByte("DHWR", p.id[0])*100 + n
	}
	slices.SortStableFunc(out, func(a, b *pattern) int { return order(a) - order(b) })
	return out
}

// TestSystems checks each archive with all rules: what is marked is found, and nothing else.
func TestSystems(t *testing.T) {
	for _, p := range readPatterns(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, f := range p.files {
				writeFile(t, filepath.Join(root, filepath.FromSlash(f.Name)), string(f.Data))
			}
			result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{root}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range result.Report.Problems {
				t.Errorf("%s: %s", problem.Path, problem.Message)
			}
			var got []string
			for i := range result.Report.Diagnostics {
				d := &result.Report.Diagnostics[i]
				got = append(got, fmt.Sprintf("%s:%d %s %s", d.File.Path, d.Line(), d.Severity, d.Rule.Name))
			}
			slices.Sort(got)
			if !slices.Equal(got, p.want) {
				t.Errorf("%s: %s\n got %q\nwant %q", p.id, p.title, got, p.want)
			}
		})
	}
}

// TestHangsPage holds the table of the patterns to the archives, and the archives to being
// complete.
func TestHangsPage(t *testing.T) {
	patterns := readPatterns(t)
	for _, group := range []struct {
		letter string
		count  int
	}{{"D", 11}, {"H", 9}, {"W", 11}, {"R", 6}} {
		for i := 1; i <= group.count; i++ {
			id := group.letter + strconv.Itoa(i)
			if !slices.ContainsFunc(patterns, func(p *pattern) bool { return p.id == id }) {
				t.Errorf("no archive is about %s", id)
			}
		}
	}
	text := hangsPage(patterns)
	if *update {
		if err := os.WriteFile(table, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	old, err := os.ReadFile(table)
	if err != nil || string(old) != text {
		t.Errorf("%s is stale (%v): run go test ./lint -run TestHangsPage -update", table, err)
	}
}

// hangsPage writes the table of the patterns.
func hangsPage(patterns []*pattern) string {
	var s strings.Builder
	found, ids, foundIDs := 0, map[string]bool{}, map[string]bool{}
	for _, p := range patterns {
		ids[p.id] = true
		if p.reason == "" {
			found++
			foundIDs[p.id] = true
		}
	}
	s.WriteString("<!-- Generated from testdata/systems by go test ./lint -run TestHangsPage -update; DO NOT EDIT. -->\n\n")
	s.WriteString("# How systems hang, and what skylint finds of it\n\n")
	s.WriteString("A call has no limit of time, so a service can wait for ever in many ways. Each line is a small system in\n")
	s.WriteString("[testdata/systems](../testdata/systems), checked with all rules: what the table says is found is found, at the marked\n")
	s.WriteString("line, and nothing else; in those that are not found nothing is reported at all.\n\n")
	fmt.Fprintf(&s, "Of %d patterns skylint finds %d, of %d systems %d.\n", len(ids), len(foundIDs), len(patterns), found)
	group := byte(0)
	for _, p := range patterns {
		if p.id[0] != group {
			group = p.id[0]
			fmt.Fprintf(&s, "\n## %s\n\n| | pattern | found by |\n| --- | --- | --- |\n", map[byte]string{
				'D': "Circles: all are well, and none can go on",
				'H': "Answers that are lost",
				'W': "Waits for what never comes",
				'R': "No hang, but fatal",
			}[group])
		}
		by := "no: " + p.reason
		if p.reason == "" {
			var links []string
			for _, r := range p.rules {
				links = append(links, fmt.Sprintf("[%s](../rules/%s-%s.md)", r.Name, r.ID, r.Name))
			}
			by = strings.Join(links, ", ")
		}
		fmt.Fprintf(&s, "| %s | [%s](../testdata/systems/%s) | %s |\n", p.id, p.title, p.name, by)
	}
	return s.String()
}
