// Package agreement measures how far skylint and skyrun agree: whether what trips at run time was reported
// before, and whether what was reported can be made to trip. The systems are none that were written for a
// rule's page: those of testdata, the sample server, systems made by chance, and folders that a flag names.
//
// Its test is the program: see make agreement.
package agreement

import (
	"cmp"
	"slices"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/syntax"
)

// A Verdict is what is said of one trip or one finding.
type Verdict uint8

// The verdicts. The first three are of places that tripped while the system ran by itself; the others are
// of findings.
const (
	// Reported: skylint reports the same rule at the place, or in the function where it is.
	Reported Verdict = iota
	// CannotTell: skylint says of a message that is sent there that it does not know the receiver or the command,
	// or knows several, of which each may be the one.
	CannotTell
	// Unreported: skylint says nothing.
	Unreported
	// Tripped: the guard has tripped at the place of a finding, or in the function where it is, if need be
	// when its service was sent messages that nobody in the system sends.
	Tripped
	// Silent: it has not.
	Silent
	verdicts
)

// A Case is one trip or one finding, with what is said of it.
type Case struct {
	System  string
	Rule    *rules.Rule
	Verdict Verdict
	// Severity is that of the finding; 0 for a trip that has none.
	Severity rules.Severity
	Path     string
	Line     int
	Message  string
}

// Compare compares what skylint says of a system with what tripped while it ran by itself, and when it was
// driven besides. Rules without a guard do not count.
func Compare(system string, said *lint.Result, ran, driven []rules.Diagnostic) []Case {
	c := &comparison{said: said}
	for _, f := range said.Program.Files {
		c.trees = append(c.trees, f.Tree)
	}
	if said.System != nil {
		g := graph.Build(said.System)
		for _, u := range g.Unresolved {
			c.unresolved = append(c.unresolved, place{u.File, u.Line})
		}
		for _, e := range g.Edges {
			if e.Confidence != graph.High {
				c.unresolved = append(c.unresolved, place{e.File, e.Line})
			}
		}
	}
	var cases []Case
	for i := range ran {
		trip := &ran[i]
		v, severity := c.trip(trip)
		cases = append(cases, Case{system, trip.Rule, v, severity, trip.File.Path, trip.Line(), trip.Message})
	}
	all := slices.Concat(ran, driven)
	for i := range said.Report.Diagnostics {
		d := &said.Report.Diagnostics[i]
		if !guard.Guarded(d.Rule) {
			continue
		}
		v := Silent
		if slices.ContainsFunc(all, func(trip rules.Diagnostic) bool { return c.same(d, &trip) }) {
			v = Tripped
		}
		cases = append(cases, Case{system, d.Rule, v, d.Severity, d.File.Path, d.Line(), d.Message})
	}
	return cases
}

type place struct {
	path string
	line int
}

type comparison struct {
	said       *lint.Result
	trees      []*syntax.Tree
	unresolved []place
}

// trip judges a trip, and returns the severity of what was reported there.
func (c *comparison) trip(trip *rules.Diagnostic) (Verdict, rules.Severity) {
	best := rules.Severity(0)
	for i := range c.said.Report.Diagnostics {
		if d := &c.said.Report.Diagnostics[i]; c.same(d, trip) {
			best = max(best, d.Severity)
		}
	}
	switch {
	case best > 0:
		return Reported, best
	case slices.ContainsFunc(c.unresolved, func(p place) bool { return c.near(p, trip.Location) }):
		return CannotTell, 0
	}
	return Unreported, 0
}

// same reports whether a finding and a trip are about the same: the same rule, at a place of the finding.
func (c *comparison) same(d, trip *rules.Diagnostic) bool {
	if d.Rule != trip.Rule {
		return false
	}
	if c.near(place{d.File.Path, d.Line()}, trip.Location) {
		return true
	}
	for i := range d.Path {
		if p := &d.Path[i]; p.File.Path == trip.File.Path && p.Line() == trip.Line() {
			return true
		}
	}
	for i := range d.Related {
		if p := &d.Related[i]; p.File.Path == trip.File.Path && p.Line() == trip.Line() {
			return true
		}
	}
	return false
}

// near reports whether a place is on the line of a location, or in the same function.
func (c *comparison) near(p place, at rules.Location) bool {
	if p.path != at.File.Path {
		return false
	}
	if p.line == at.Line() {
		return true
	}
	for _, t := range c.trees {
		if t.File.Path == p.path {
			fn := enclosing(t, at.Line())
			return fn != syntax.None && fn == enclosing(t, p.line)
		}
	}
	return false
}

// enclosing returns the innermost function that has a line in it, without that on which it begins.
func enclosing(t *syntax.Tree, line int) syntax.Node {
	found := syntax.None
	for n := range t.Nodes(syntax.Function) {
		if t.Line(n) < line && line <= t.File.Line(t.End(n)) {
			found = n // those inside come later
		}
	}
	return found
}

// A Row is what is said of a rule in all systems.
type Row struct {
	Rule   *rules.Rule
	Counts [verdicts]int
	// Errors and TrippedErrors count the findings that are errors, and those of them that were made to trip.
	Errors, TrippedErrors int
}

// Rows counts cases, by the id of the rule.
func Rows(cases []Case) []Row {
	rows := map[*rules.Rule]*Row{}
	for i := range cases {
		c := &cases[i]
		r := rows[c.Rule]
		if r == nil {
			r = &Row{Rule: c.Rule}
			rows[c.Rule] = r
		}
		r.Counts[c.Verdict]++
		if c.Severity == rules.Error && c.Verdict >= Tripped {
			r.Errors++
			if c.Verdict == Tripped {
				r.TrippedErrors++
			}
		}
	}
	var list []Row
	for _, r := range rows {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b Row) int { return cmp.Compare(a.Rule.ID, b.Rule.ID) })
	return list
}
