package luadiff_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/syntax"
)

var (
	programs  = flag.Int("programs", 1000, "random programs per dialect")
	mutations = flag.Int("mutations", 5, "mutations of each random program")
	firstSeed = flag.Uint64("seed", 1, "seed of the first random program")
)

// TestGenerated compares random programs, mutations of them, and programs of other dialects.
func TestGenerated(t *testing.T) {
	for _, d := range available() {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			it := start(t, d)
			var texts []string
			var seeds []uint64
			own := make(map[int]bool) // the unchanged programs of the dialect
			other := "return 1"
			for seed := *firstSeed; seed < *firstSeed+uint64(*programs); seed++ {
				r := luagen.Rand(seed)
				own[len(texts)] = true
				text := luagen.Program(r, d, 20+r.IntN(200))
				texts = append(texts, text)
				for range *mutations {
					texts = append(texts, luagen.Mutate(r, text, other))
				}
				foreign := syntax.Dialects()[r.IntN(len(syntax.Dialects()))]
				texts = append(texts, luagen.Program(r, foreign, 20+r.IntN(100)))
				other = text
				for len(seeds) < len(texts) {
					seeds = append(seeds, seed)
				}
			}
			verdicts, err := it.Judge(texts...)
			if err != nil {
				t.Fatal(err)
			}
			differ, valid := 0, 0
			for i, text := range texts {
				if own[i] && verdicts[i].OK {
					valid++
				}
				if c := luadiff.Compare(text, d, verdicts[i]); c.Outcome == luadiff.Differ {
					if differ++; differ <= 3 {
						t.Error(explain(t, it, text, fmt.Sprintf("seed %d", seeds[i])))
					}
				}
			}
			if differ > 0 {
				t.Errorf("%s: %d of %d texts differ", d.Title(), differ, len(texts))
			}
			if valid < *programs*3/4 {
				t.Errorf("%s: only %d of %d random programs are valid: they test too little", d.Title(), valid, *programs)
			}
		})
	}
}

// explain shrinks a text for which the two differ, and returns it in a form that can be
// pasted into a test.
func explain(t *testing.T, it *luadiff.Interpreter, text, origin string) string {
	t.Helper()
	compare := func(s string) luadiff.Comparison {
		v, err := it.Judge(s)
		if err != nil {
			t.Fatal(err)
		}
		return luadiff.Compare(s, it.Dialect, v[0])
	}
	first := compare(text)
	small := luagen.Minimise(text, func(s string) bool {
		c := compare(s)
		// the same kind of difference, not just any
		return c.Outcome == luadiff.Differ && c.Ours.OK == first.Ours.OK && c.Real.OK == first.Real.OK
	})
	return fmt.Sprintf("%s, %s differs:\n%q\n%s", it.Dialect.Title(), origin, small, compare(small))
}
