package luadiff_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/syntax"
)

// TestDifferences makes sure that each listed difference is one: one of the two takes
// the program, the other does not, for the reason that is listed.
func TestDifferences(t *testing.T) {
	differences := luadiff.Differences()
	for _, d := range available() {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			it := start(t, d)
			for _, l := range differences {
				if !l.Dialects.Has(d) {
					continue
				}
				for _, text := range l.Programs(d) {
					v, err := it.Judge(text)
					if err != nil {
						t.Fatal(err)
					}
					c := luadiff.Compare(text, d, v[0])
					if c.Outcome != luadiff.Listed || c.Listed.Name != l.Name || c.Ours.OK == v[0].OK {
						t.Errorf("%s: %.40q...: outcome %d: %v", l.Name, text, c.Outcome, c)
					}
				}
			}
		})
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		text string
		d    syntax.Dialect
		real luadiff.Verdict
		want luadiff.Outcome
	}{
		{"x = 1", syntax.Lua54, luadiff.Verdict{OK: true}, luadiff.Agree},
		{"x = 1", syntax.Lua54, luadiff.Verdict{Line: 1, Message: "unexpected symbol"}, luadiff.Differ},
		{"x =\n)", syntax.Lua54, luadiff.Verdict{OK: true}, luadiff.Differ},
		{"x =\n)", syntax.Lua54, luadiff.Verdict{Line: 2, Message: "unexpected symbol"}, luadiff.Agree},
		{"x =\n)", syntax.Lua54, luadiff.Verdict{Line: 1, Message: "unexpected symbol"}, luadiff.Differ},
		{"x = 1", syntax.Lua54, luadiff.Verdict{Message: "C stack overflow"}, luadiff.Listed},
		{"x = 1", syntax.Lua54, luadiff.Verdict{Line: 1, Message: "more than 60 upvalues"}, luadiff.Differ},
		{"x =\n)", syntax.Lua54, luadiff.Verdict{Line: 3, Message: "control structure too long"}, luadiff.Differ},
		{"x =\n)", syntax.Lua54, luadiff.Verdict{Line: 1, Message: "control structure too long"}, luadiff.Listed},
		{"x = 1\x00", syntax.Lua51, luadiff.Verdict{OK: true}, luadiff.Listed},
		{"x = 1\x00", syntax.Lua54, luadiff.Verdict{OK: true}, luadiff.Differ},
	} {
		if got := luadiff.Compare(c.text, c.d, c.real); got.Outcome != c.want {
			t.Errorf("%q: outcome %d, want %d: %v", c.text, got.Outcome, c.want, got)
		}
	}
}

// TestDifferencesAreListed holds the table of docs/SYNTAX.md to the differences.
func TestDifferencesAreListed(t *testing.T) {
	page, err := os.ReadFile(filepath.FromSlash("../../docs/SYNTAX.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## What differs\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for _, line := range strings.Split(table, "\n") {
		if strings.HasPrefix(line, "| ") {
			rows++
		}
	}
	differences := luadiff.Differences()
	for _, d := range differences {
		if row := fmt.Sprintf("| %s | %s | %s |", d.Name, d.Dialects, d.Reason); !strings.Contains(table, row+"\n") {
			t.Errorf("docs/SYNTAX.md lacks the row\n%s", row)
		}
	}
	if rows != len(differences)+1 { // and the head
		t.Errorf("the table of docs/SYNTAX.md has %d rows, there are %d differences", rows-1, len(differences))
	}
}
