package luadiff_test

import (
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luadiff/luatest"
	"github.com/skylint/skylint/syntax"
)

// FuzzDiff looks for texts that a real Lua and package syntax judge differently.
func FuzzDiff(f *testing.F) {
	interpreters := make(map[syntax.Dialect]*luadiff.Interpreter)
	for _, d := range available() {
		it, err := luadiff.Start(d)
		luatest.Need(f, err)
		interpreters[d] = it
		f.Cleanup(func() { it.Close() })
	}
	files, err := luadiff.ReadCases(caseFolder)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		for i, c := range file.Cases {
			f.Add(c.Text, byte(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, dialect byte) {
		d := available()[int(dialect)%len(interpreters)]
		v, err := interpreters[d].Judge(text)
		if err != nil {
			t.Fatal(err)
		}
		if c := luadiff.Compare(text, d, v[0]); c.Outcome == luadiff.Differ {
			t.Errorf("%s: %q\n%v", d.Title(), text, c)
		}
	})
}
