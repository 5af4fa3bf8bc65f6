package syntax_test

import (
	"testing"

	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/syntax"
)

// addSeeds gives a fuzz target the cases and some random programs of each dialect.
func addSeeds(f *testing.F) {
	for _, file := range cases(f) {
		for i, c := range file.Cases {
			f.Add(c.Text, byte(i))
		}
	}
	for seed := range uint64(30) {
		r := luagen.Rand(seed)
		d := syntax.Dialects()[seed%6]
		f.Add(luagen.Program(r, d, 60), byte(d))
	}
	f.Add("\x1bLua", byte(0))
	f.Add("x = [==[ ]=] ]==] --[[", byte(3))
}

func dialectOf(b byte) syntax.Dialect { return syntax.Dialects()[int(b)%len(syntax.Dialects())] }

// FuzzParse looks for texts that make the parser panic or break what it promises about
// spans and errors.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text string, dialect byte) {
		tree := parse(text, dialectOf(dialect))
		if problem := checkSpans(tree); problem != "" {
			t.Error(problem)
		}
		if len(tree.Errors) > syntax.MaxErrors {
			t.Errorf("%d errors", len(tree.Errors))
		}
		if tree.Len() > 2*len(text)+16 {
			t.Errorf("%d nodes for %d bytes", tree.Len(), len(text))
		}
		for i := range tree.Errors {
			e := &tree.Errors[i]
			if e.Accepts.Has(tree.Dialect) {
				t.Errorf("%q is said to be accepted by %s", e.Message, tree.Dialect.Title())
			}
			// 5.5 and LuaJIT go back to an earlier line with some errors.
			if i > 0 && tree.Dialect < syntax.Lua55 && e.Noticed < tree.Errors[i-1].Noticed {
				t.Errorf("%q is noticed at %d, after %q at %d", e.Message, e.Noticed, tree.Errors[i-1].Message, tree.Errors[i-1].Noticed)
			}
		}
		end := uint32(0)
		for _, c := range tree.Comments {
			if c.Start < end || c.End <= c.Start {
				t.Errorf("comment %v behind one that ends at %d", c.Span, end)
			}
			end = c.End
		}
	})
}

// FuzzRoundTrip looks for accepted texts that are not the same tree when they are printed
// and parsed again.
func FuzzRoundTrip(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text string, dialect byte) {
		tree := parse(text, dialectOf(dialect))
		if len(tree.Errors) > 0 {
			return
		}
		if problem := checkRoundTrip(tree); problem != "" {
			t.Error(problem)
		}
		if len(text) < 500 {
			if problem := checkParts(tree); problem != "" {
				t.Error(problem)
			}
		}
	})
}
