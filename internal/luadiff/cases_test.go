package luadiff_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/syntax"
)

var (
	update     = flag.Bool("update", false, "write what the real Luas say into the case files; wants all six")
	caseFolder = filepath.FromSlash("../../syntax/testdata/cases")
)

// TestCases makes sure that the real Luas do with each case what is written there. That
// package syntax does the same is tested there.
func TestCases(t *testing.T) {
	files, err := luadiff.ReadCases(caseFolder)
	if err != nil {
		t.Fatal(err)
	}
	dialects := available()
	if *update && len(dialects) != len(syntax.Dialects()) {
		t.Fatalf("-update wants a real Lua of each dialect: set %s and %s", luadiff.Variable(syntax.Lua52), luadiff.Variable(syntax.Lua55))
	}
	for _, d := range dialects {
		it := start(t, d)
		for _, f := range files {
			for _, c := range f.Cases {
				v, err := it.Judge(c.Text)
				if err != nil {
					t.Fatal(err)
				}
				if *update {
					c.Want[d] = v[0]
				} else if !v[0].Matches(c.Want[d]) {
					t.Errorf("%s: %s: %s: real Lua %v, expected %v\n%q", f.Path, c.Name, d.Title(), v[0], c.Want[d], c.Text)
				}
			}
		}
	}
	if *update {
		for _, f := range files {
			if err := os.WriteFile(f.Path, f.Format(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
