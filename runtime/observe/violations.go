package observe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
)

// A Violation is something that broke a rule.
type Violation struct {
	Rule     string    `json:"rule"` // its id
	Name     string    `json:"name"` // of the rule
	Severity string    `json:"severity"`
	Mode     string    `json:"mode"` // what was done about it: "enforce" or "warn"
	Message  string    `json:"message"`
	File     string    `json:"file,omitempty"`
	Line     int       `json:"line,omitempty"`
	Source   string    `json:"source,omitempty"` // the text of the line
	Time     time.Time `json:"time"`
	Times    int       `json:"times"` // at this place so far
	Party
	Command string `json:"command,omitempty"`
	Stack   string `json:"stack,omitempty"`
}

// Text says a violation in a line.
func (v *Violation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", v.Rule, v.Name)
	if v.File != "" {
		fmt.Fprintf(&b, " at %s:%d", v.File, v.Line)
	}
	done := "refused"
	if v.Mode == guard.Warn.String() {
		done = "let happen"
	}
	fmt.Fprintf(&b, " in %s, %s: %s", v.Service, done, v.Message)
	if v.Times > 1 {
		fmt.Fprintf(&b, " (%d times)", v.Times)
	}
	return b.String()
}

// Trips are how often the actors of a name have broken a rule.
type Trips struct {
	Rule    string `json:"rule"` // its id
	Name    string `json:"name"` // of the rule
	Service string `json:"service"`
	Count   int64  `json:"count"`
}

// lastTrips is how many trips are looked at, the last ones.
const lastTrips = 256

// violations returns what broke a rule last, once for each place, and how often which was broken.
func (ob *Observer) violations() ([]Violation, []Trips) {
	list, trips := []Violation{}, []Trips{}
	type place struct {
		rule    string
		file    string
		line    int
		key     string
		service string
	}
	seen := map[place]bool{}
	for _, t := range ob.node.Guards().Last(lastTrips) {
		at := place{t.Rule.ID, t.Path(), t.Line, t.Key, t.Service}
		if seen[at] {
			continue
		}
		seen[at] = true
		v := Violation{
			Rule: t.Rule.ID, Name: t.Rule.Name, Severity: t.Rule.Severity.String(), Mode: t.Mode.String(), Message: t.Message, File: t.Path(), Line: t.Line,
			Time: t.Time, Times: t.Times, Party: Party{actor.Handle(t.Actor).String(), valid(t.Service)}, Command: t.Command, Stack: t.Stack,
		}
		if t.File != nil && t.Line > 0 && t.Line <= t.File.LineCount() {
			v.Source = t.File.LineText(t.Line)
		}
		list = append(list, v)
	}
	for _, c := range ob.node.Guards().Counts() {
		t := Trips{c.Rule.ID, c.Rule.Name, valid(c.Service), c.Trips}
		if i := slices.IndexFunc(trips, func(x Trips) bool { return x.Rule == t.Rule && x.Service == t.Service }); i >= 0 {
			trips[i].Count += t.Count
			continue
		}
		trips = append(trips, t)
	}
	return list, trips
}
