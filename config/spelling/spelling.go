// Package spelling finds the name that somebody probably meant.
package spelling

import "strings"

// Nearest returns that candidate which word is most likely a misspelling of, and "" where
// none is near. Case, and the difference between "-" and "_", do not count; a candidate
// that begins with word counts as near when word has at least three letters ("warn" for
// "warning"). Of equally near candidates the first is returned.
func Nearest(word string, candidates []string) string {
	folded := fold(word)
	best, bestDistance := "", limit(len(folded))+1
	for _, c := range candidates {
		f := fold(c)
		d := distance(folded, f, bestDistance)
		if len(folded) >= 3 && d > 1 && strings.HasPrefix(f, folded) {
			d = 1
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// limit is how many errors a word of n bytes may have: a third of it, one at least.
func limit(n int) int { return max(1, n/3) }

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// distance counts the insertions, deletions, replacements and swaps of neighbours that
// lead from a to b. It returns some number that is at least bound once the result is.
func distance(a, b string, bound int) int {
	if d := len(a) - len(b); d >= bound || -d >= bound {
		return bound
	}
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
