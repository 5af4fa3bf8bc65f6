package luadiff

import (
	"fmt"

	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// An Outcome is the result of a comparison.
type Outcome int

// The outcomes.
const (
	Agree  Outcome = iota // both accept, or both reject at the same line
	Listed                // they disagree in one of the Differences
	Differ                // they disagree
)

// A Comparison is what came out for one text and one dialect.
type Comparison struct {
	Outcome Outcome
	// Listed is set if the outcome is Listed.
	Listed *Difference
	// Ours and Real are the two verdicts.
	Ours, Real Verdict
}

// String says what both have said.
func (c Comparison) String() string {
	return fmt.Sprintf("skylint %v\nreal Lua %v", c.Ours, c.Real)
}

// Ours returns what package syntax says, in the form of a real Lua's verdict: the
// first error, at the line that the real Lua would print.
func Ours(tree *syntax.Tree) Verdict {
	if len(tree.Errors) == 0 {
		return Verdict{OK: true}
	}
	first := &tree.Errors[0]
	return Verdict{Line: tree.File.Line(first.Noticed), Message: first.Message}
}

// Matches reports whether two verdicts are the same, whatever the messages. A rejection
// without a line matches every other.
func (v Verdict) Matches(w Verdict) bool {
	return v.OK == w.OK && (v.Line == w.Line || !v.OK && (v.Line == 0 || w.Line == 0))
}

// Compare sets what package syntax says about text against the verdict of the
// dialect's real Lua.
func Compare(text string, d syntax.Dialect, real Verdict) Comparison {
	return CompareTree(syntax.Parse(source.New("chunk", text), d), real)
}

// CompareTree does the same for a text that was parsed already.
func CompareTree(tree *syntax.Tree, real Verdict) Comparison {
	c := Comparison{Ours: Ours(tree), Real: real, Outcome: Differ}
	if c.Ours.Matches(real) {
		c.Outcome = Agree
		return c
	}
	if l := listed(tree.File.Text, tree.Dialect, real); l != nil {
		// What stands behind a limit the real Lua has not seen.
		if l.Within != nil || c.Ours.OK || c.Ours.Line >= real.Line {
			c.Outcome, c.Listed = Listed, l
		}
	}
	return c
}
