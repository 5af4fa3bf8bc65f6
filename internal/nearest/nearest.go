// Package nearest finds the name that somebody probably meant.
package nearest

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// Of returns the candidate that is closest to name, the first one among equals. ok is
// false when none is close enough to be worth a suggestion. Case does not count, nor does
// "_" in place of "-"; a candidate that begins with name is close to it when name has
// three letters ("warn" for "warning").
func Of(name string, candidates iter.Seq[string]) (best string, ok bool) {
	folded := fold(name)
	limit := max(1, utf8.RuneCountInString(folded)/3) + 1
	for c := range candidates {
		f := fold(c)
		d := Distance(folded, f)
		if len(folded) >= 3 && strings.HasPrefix(f, folded) {
			d = min(d, 1)
		}
		if d < limit {
			best, ok, limit = c, true, d
		}
	}
	return best, ok
}

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// Distance counts the edits that turn a into b: a character put in, left out, replaced,
// or swapped with its neighbour. Swaps do not overlap other edits (the distance is that
// of optimal string alignment).
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before := make([]int, len(y)+1) // the row two above
	above := make([]int, len(y)+1)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range y {
			d := above[j]
			if x[i] != y[j] {
				d++
			}
			d = min(d, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
		}
	}
	return row[len(y)]
}
