package syntax_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func cases(t testing.TB) []*luadiff.CaseFile {
	files, err := luadiff.ReadCases("testdata/cases")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCases parses small programs with known verdicts in every dialect. That the verdicts
// are those of the real Luas is tested in internal/luadiff.
func TestCases(t *testing.T) {
	for _, f := range cases(t) {
		for _, c := range f.Cases {
			var trees [6]*syntax.Tree
			for _, d := range syntax.Dialects() {
				trees[d] = syntax.Parse(source.New("case.lua", c.Text), d)
				got := luadiff.Ours(trees[d])
				if !got.Matches(c.Want[d]) {
					t.Errorf("%s: %s: %s: skylint %v, the real Lua %v\n%q", f.Path, c.Name, d.Title(), got, c.Want[d], c.Text)
				}
			}
			for _, d := range syntax.Dialects() {
				for _, e := range trees[d].Errors {
					if e.Accepts.Has(d) {
						t.Errorf("%s: %s: %s: %q is said to be accepted there", f.Path, c.Name, d.Title(), e.Message)
					}
				}
				if len(trees[d].Errors) == 0 {
					continue
				}
				// Where another dialect takes the whole text, it takes what the first error is about.
				e := trees[d].Errors[0]
				for _, other := range syntax.Dialects() {
					if c.Want[other].OK && !e.Accepts.Has(other) && !byAccident(c.Text, d, other) {
						t.Errorf("%s: %s: %s: %q does not name %s, which accepts the program\n%q", f.Path, c.Name, d.Title(), e.Message, other.Title(), c.Text)
					}
				}
			}
		}
	}
}

var glued = regexp.MustCompile(`[0-9.][A-Za-z]`)

// byAccident reports whether only an oddity of one implementation lets it take what another
// does not, which is no way out to be named: 5.2 and 5.3 end a numeral at the first letter
// that cannot belong to it, and LuaJIT does not see the line break before a '(' that it has
// looked ahead at.
func byAccident(text string, d, other syntax.Dialect) bool {
	for _, x := range []syntax.Dialect{d, other} {
		if (x == syntax.Lua52 || x == syntax.Lua53) && glued.MatchString(text) {
			return true
		}
	}
	return strings.HasPrefix(text, "goto\n(")
}
