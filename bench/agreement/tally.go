package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/skylint/skylint/internal/atomicfile"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/syntax"
)

// A row is what is counted of a rule.
type row struct {
	reported    int // trips at places that were reported
	cannotTell  int // trips at places that were not, where skylint said that it does not know what happens
	unreported  int // trips that were not reported
	made, never int // findings that were made to trip, and those that were not
	errorsMade  int
	errors      int
}

type tally struct {
	rows   map[*rules.Rule]*row
	groups map[string]int
	order  []string
	lines  []string // the disagreements, for people
}

func newTally() *tally { return &tally{rows: map[*rules.Rule]*row{}, groups: map[string]int{}} }

func (t *tally) row(r *rules.Rule) *row {
	if t.rows[r] == nil {
		t.rows[r] = &row{}
	}
	return t.rows[r]
}

// add counts what the halves say of a program.
func (t *tally) add(p *program, r result) {
	if t.groups[p.group] == 0 {
		t.order = append(t.order, p.group)
	}
	t.groups[p.group]++
	ps := &places{root: p.root, trees: map[string]*syntax.Tree{}}
	found := make([][]place, len(r.found))
	made := make([]bool, len(r.found))
	for i := range r.found {
		found[i] = ps.ofFinding(&r.found[i])
	}
	seen := map[string]bool{}
	for i := range r.trips {
		trip := &r.trips[i]
		at := ps.ofTrip(trip)
		if len(at) == 0 || at[0].path == driverFile || p.counts != nil && !p.counts(at[0].path) || strings.HasPrefix(at[0].path, "skyrun/") {
			continue
		}
		key := fmt.Sprintf("%s %s:%d", trip.Rule.ID, at[0].path, at[0].line)
		if seen[key] {
			continue
		}
		seen[key] = true
		reported := false
		for k := range r.found {
			if r.found[k].Rule == trip.Rule && meets(at, found[k]) {
				reported, made[k] = true, true
			}
		}
		row := t.row(trip.Rule)
		switch {
		case reported:
			row.reported++
		case r.cannotTell(ps, at[0]):
			row.cannotTell++
			t.say("%s: %s %s:%d tripped where skylint could not tell: %s", p.name, trip.Rule.Name, at[0].path, at[0].line, trip.Message)
		default:
			row.unreported++
			t.say("%s: %s %s:%d tripped and was not reported: %s", p.name, trip.Rule.Name, at[0].path, at[0].line, trip.Message)
		}
	}
	for k := range r.found {
		d := &r.found[k]
		row := t.row(d.Rule)
		isError := d.Severity == rules.Error
		if isError {
			row.errors++
		}
		if made[k] {
			row.made++
			if isError {
				row.errorsMade++
			}
			continue
		}
		row.never++
		t.say("%s: %s %s:%d was reported (%s) and never tripped: %s", p.name, d.Rule.Name, d.File.Path, d.Line(), d.Severity, d.Message)
	}
}

// cannotTell reports whether skylint has said of the function of a place that it does not know to whom, or what,
// it sends.
func (r *result) cannotTell(ps *places, at place) bool {
	for _, u := range r.graph.Unresolved {
		if ps.relative(u.File) == at.path && (u.Line == at.line || at.first != 0 && at.first <= u.Line && u.Line <= at.last) {
			return true
		}
	}
	return false
}

func (t *tally) say(format string, args ...any) {
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// print writes the disagreements.
func (t *tally) print(w io.Writer) {
	for _, line := range t.lines {
		first, _, _ := strings.Cut(line, "\n")
		fmt.Fprintln(w, first)
	}
}

// sum returns the sum of all rows.
func (t *tally) sum() (all row) {
	for _, r := range t.rows {
		all.reported += r.reported
		all.cannotTell += r.cannotTell
		all.unreported += r.unreported
		all.made += r.made
		all.never += r.never
		all.errors += r.errors
		all.errorsMade += r.errorsMade
	}
	return all
}

// met reports whether both bars are met.
func (t *tally) met() bool {
	all := t.sum()
	return all.unreported == 0 && 10*all.errorsMade >= 9*all.errors
}

// table returns what is said of the run, as Markdown.
func (t *tally) table(o options) string {
	var b strings.Builder
	var groups []string
	for _, g := range t.order {
		groups = append(groups, fmt.Sprintf("%s (%d)", g, t.groups[g]))
	}
	fmt.Fprintf(&b, "Programs: %s.\n\n", strings.Join(groups, ", "))
	b.WriteString("| rule | tripped and reported | tripped where skylint cannot tell | tripped and not reported | reported and made to trip | reported, never tripped | errors made to trip |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	line := func(name string, r row) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d of %d |\n", name, r.reported, r.cannotTell, r.unreported, r.made, r.never, r.errorsMade, r.errors)
	}
	list := guard.Rules()
	for _, r := range list {
		if row := t.rows[r]; row != nil {
			line(r.ID+" "+r.Name, *row)
		}
	}
	line("all", t.sum())
	var none []string
	for _, r := range list {
		if t.rows[r] == nil {
			none = append(none, r.Name)
		}
	}
	if len(none) > 0 {
		fmt.Fprintf(&b, "\nNeither reported nor tripped: %s.\n", strings.Join(none, ", "))
	}
	return b.String()
}

const begin, end = "<!-- agreement: begin -->\n", "<!-- agreement: end -->\n"

// writeTable puts the table between the markers of a file.
func writeTable(name, table string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text := string(data)
	i, k := strings.Index(text, begin), strings.Index(text, end)
	if i < 0 || k < i {
		return fmt.Errorf("%s has not the lines %q and %q", name, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	text = text[:i+len(begin)] + table + text[k:]
	return atomicfile.Write(name, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
