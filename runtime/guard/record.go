package guard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/rules"
)

// A Count is how often a rule was broken by the services of a name.
type Count struct {
	Rule    *rules.Rule
	Service string // "" for services of too many names
	Trips   int64
}

// Counts returns how often what was broken, by id and then by service. They only grow.
func (g *Guards) Counts() []Count {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	list := make([]Count, 0, len(g.counts))
	for c, n := range g.counts {
		list = append(list, Count{c.rule, c.service, n})
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(a.Service, b.Service))
	})
	return list
}

// Last returns the last trips, the newest first, at most n and no more than are kept.
func (g *Guards) Last(n int) []Trip {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	n = min(n, len(g.ring))
	list := make([]Trip, 0, n)
	for i := range n {
		list = append(list, g.ring[(g.next+len(g.ring)-1-i)%len(g.ring)])
	}
	return list
}

// First returns the first trip at each place, in the order in which they came, with the number of all.
func (g *Guards) First() []Trip {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	list := make([]Trip, len(g.order))
	for i, f := range g.order {
		list[i] = f.first
		list[i].Times = f.times
	}
	return list
}

// Diagnostics returns what was broken as findings, one for each place, sorted and with fingerprints. place
// returns the location in the project that a place is; false for one that is in none of its files, as in
// code made at run time: such trips are left out, and their number is returned.
func (g *Guards) Diagnostics(place func(Place) (rules.Location, bool)) (list []rules.Diagnostic, left int) {
	for _, t := range g.First() {
		at, ok := place(t.Place)
		if !ok {
			left++
			continue
		}
		d := rules.Diagnostic{
			Rule: t.Rule, Severity: t.Rule.Severity, Location: at, Message: t.Message, Key: t.Key,
			Services: []string{t.Service}, Occurrences: t.Times, Help: []string{t.help()},
		}
		for _, s := range t.Steps {
			if at, ok := place(s.Place); ok {
				d.Path = append(d.Path, rules.Step{Location: at, Message: s.Message})
			}
		}
		list = append(list, d)
	}
	rules.Sort(list)
	list = merge(list)
	rules.Fingerprint(list)
	return list, left
}

// merge joins findings that say the same of the same place: what two files of the engine are can be one of
// the project.
func merge(list []rules.Diagnostic) []rules.Diagnostic {
	kept := list[:0]
	for _, d := range list {
		if n := len(kept); n > 0 {
			last := &kept[n-1]
			if last.Rule == d.Rule && last.File.Path == d.File.Path && last.Span == d.Span && last.Key == d.Key {
				last.Occurrences += d.Occurrences
				if !slices.Contains(last.Services, d.Services[0]) {
					last.Services = append(last.Services, d.Services[0])
					slices.Sort(last.Services)
				}
				continue
			}
		}
		kept = append(kept, d)
	}
	return kept
}

// help says who it was.
func (t *Trip) help() string {
	var b strings.Builder
	verb := "refused"
	if t.Mode == Warn {
		verb = "let happen"
	}
	fmt.Fprintf(&b, "%s at run time in the service %s", verb, t.Service)
	if t.Command != "" {
		fmt.Fprintf(&b, ", command %q", t.Command)
	}
	if t.Source != 0 {
		fmt.Fprintf(&b, ", sent by :%08x", t.Source)
	}
	return b.String()
}
