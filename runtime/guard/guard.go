// Package guard is what skyrun knows of rules that are broken while code runs. A guard stands where the
// engine or a library notices it; this package says what is to be done about it, and keeps a record.
//
// A guard has the id of the rule that skylint checks by, and one of three modes:
//
//   - Enforce: what breaks the rule is refused with an error, and recorded.
//   - Warn: it happens, as it would in skynet, and is recorded.
//   - Off: it happens, and nobody hears of it.
//
// Where a mode cannot be had (what is not granted stays refused, a wait in a circle does not end by
// itself), the page of the rule says so. A guard that does not trip costs a comparison at most: this package
// is called by those that do.
package guard

import (
	"strings"
	"sync"
	"time"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// A Mode says what becomes of something that breaks a rule.
type Mode uint8

// The modes.
const (
	Enforce Mode = iota
	Warn
	Off
)

// Modes are the names of the modes, by their numbers.
var Modes = [...]string{"enforce", "warn", "off"}

// String returns the name of the mode.
func (m Mode) String() string { return Modes[m] }

// mode returns the mode of a name that the catalogue has.
func mode(name string) Mode {
	for i, s := range Modes {
		if s == name {
			return Mode(i)
		}
	}
	panic("guard: no mode " + name)
}

// A Policy has the mode of each rule that has a guard.
type Policy map[*rules.Rule]Mode

// Default returns the modes that the pages of the rules give for a profile: strict, or compat.
func Default(strict bool) Policy {
	p := Policy{}
	for _, r := range Rules() {
		name := r.Compat
		if strict {
			name = r.Strict
		}
		p[r] = mode(name)
	}
	return p
}

// All returns a policy with one mode for all rules.
func All(m Mode) Policy {
	p := Policy{}
	for _, r := range Rules() {
		p[r] = m
	}
	return p
}

// Rules returns the rules that have a guard, in the order of their ids.
func Rules() []*rules.Rule {
	var list []*rules.Rule
	for _, r := range rules.All() {
		if Guarded(r) {
			list = append(list, r)
		}
	}
	return list
}

// Guarded reports whether a rule has a guard.
func Guarded(r *rules.Rule) bool { return strings.HasPrefix(r.Runtime, "guard/") }

// A Place is where in the source text something happened. A nil File: nobody knows.
type Place struct {
	File *source.File
	Line int // from 1
	source.Span
}

// Path returns the path of the file as the engine knows it, relative to the folder of the node; "" if
// nobody knows.
func (p Place) Path() string {
	if p.File == nil {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(p.File.Path, "@"), "./")
}

// A Step is another place that explains a trip: where a member of a circle waits, say.
type Step struct {
	Place
	Message string
}

// A Trip is one thing that broke a rule.
type Trip struct {
	Rule *rules.Rule
	Mode Mode // Enforce or Warn
	Place
	// Message says what happened, in the manner of rules.Diagnostic.
	Message string
	// Key is what it is about: the name of a global. Trips at one place with other keys are others.
	Key string
	// Steps explain it; may be empty.
	Steps []Step
	// Stack is Lua's traceback; may be empty.
	Stack string

	// Who did it: the address and the name of the service.
	Actor   uint32
	Service string
	// What it was doing: the command of the message, who sent it, and the number of the trace. Empty for
	// what handles no message.
	Command string
	Source  uint32
	Trace   uint64

	// Time is when, and Times how often so far at this place.
	Time  time.Time
	Times int
	// Refused says that it was refused whatever the mode is.
	Refused bool
	// Logged says that the engine's own log has it already, as an error of a handler.
	Logged bool
}

// Options say what becomes of trips.
type Options struct {
	// Policy has the modes; a rule that it has not is enforced. nil: those of the profile compat.
	Policy Policy
	// Report is called with trips, from any goroutine, one at a time: with the first at a place, and then
	// when their number has doubled. nil: nobody is told.
	Report func(Trip)
	// Now tells the time; nil: time.Now.
	Now func() time.Time
}

// Guards keep the modes of the rules and the record of trips. They may be used from any goroutine.
type Guards struct {
	policy Policy
	report func(Trip)
	now    func() time.Time

	mutex  sync.Mutex
	counts map[counter]int64
	places map[where]*found
	order  []*found
	ring   []Trip
	next   int

	reporting sync.Mutex
}

// counter is what is counted.
type counter struct {
	rule    *rules.Rule
	service string
}

// where identifies what is one and the same violation.
type where struct {
	rule *rules.Rule
	path string
	line int
	key  string
}

type found struct {
	first Trip
	times int
}

const (
	// ringSize is how many trips are kept as they were.
	ringSize = 256
	// mostPlaces bounds the record: code that is made at run time could have any number of places.
	mostPlaces = 10_000
	// mostServices bounds the counters, as services can be given any number of names.
	mostServices = 1000
)

// New returns guards that have seen nothing.
func New(o Options) *Guards {
	g := &Guards{policy: o.Policy, report: o.Report, now: o.Now, counts: map[counter]int64{}, places: map[where]*found{}}
	if g.policy == nil {
		g.policy = Default(false)
	}
	if g.now == nil {
		g.now = time.Now
	}
	return g
}

// Mode returns what is done about a rule.
func (g *Guards) Mode(r *rules.Rule) Mode { return g.policy[r] }

// Trip records that a rule was broken, and reports whether that is to be refused. The mode, the time and
// the number are filled in.
func (g *Guards) Trip(t Trip) (refuse bool) {
	t.Mode = g.policy[t.Rule]
	if t.Mode == Off {
		return false
	}
	t.Time = g.now()
	if t.Refused {
		t.Mode = Enforce
	}
	g.mutex.Lock()
	c := counter{t.Rule, t.Service}
	if _, known := g.counts[c]; !known && len(g.counts) >= mostServices {
		c.service = "" // those of all others
	}
	g.counts[c]++
	at := where{t.Rule, t.Path(), t.Line, t.Key}
	f := g.places[at]
	if f == nil && len(g.places) < mostPlaces {
		f = &found{first: t}
		g.places[at] = f
		g.order = append(g.order, f)
	}
	if f != nil {
		f.times++
		t.Times = f.times
	}
	if len(g.ring) < ringSize {
		g.ring = append(g.ring, t)
	} else {
		g.ring[g.next] = t
		g.next = (g.next + 1) % ringSize
	}
	g.mutex.Unlock()
	if g.report != nil && t.Times > 0 && t.Times&(t.Times-1) == 0 {
		g.reporting.Lock()
		g.report(t)
		g.reporting.Unlock()
	}
	return t.Mode == Enforce
}
