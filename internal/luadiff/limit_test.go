package luadiff_test

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/syntax"
)

// TestLimits makes sure that each listed difference is one: the real Lua rejects the
// program for the listed reason, and syntax takes it.
func TestLimits(t *testing.T) {
	limits := luadiff.Limits()
	for _, d := range available() {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			it := start(t, d)
			for _, l := range limits {
				if !l.Dialects.Has(d) {
					continue
				}
				text := l.Program()
				v, err := it.Judge(text)
				if err != nil {
					t.Fatal(err)
				}
				said := false
				for _, m := range l.Messages {
					said = said || strings.Contains(v[0].Message, m)
				}
				if v[0].OK || !said {
					t.Errorf("%s: real Lua %v", l.Name, v[0])
				}
				c := luadiff.Compare(text, d, v[0])
				if c.Outcome != luadiff.Listed || !c.Ours.OK {
					t.Errorf("%s: %v", l.Name, c)
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
	} {
		if got := luadiff.Compare(c.text, c.d, c.real); got.Outcome != c.want {
			t.Errorf("%q: outcome %d, want %d: %v", c.text, got.Outcome, c.want, got)
		}
	}
}
