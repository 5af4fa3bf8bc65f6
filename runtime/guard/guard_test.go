package guard

import (
	"fmt"
	"testing"
	"time"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

func TestDefault(t *testing.T) {
	compat, strict := Default(false), Default(true)
	if len(compat) != len(Rules()) || len(strict) != len(compat) || len(compat) == 0 {
		t.Fatalf("%d rules, %d modes in compat, %d in strict", len(Rules()), len(compat), len(strict))
	}
	for _, r := range Rules() {
		if strict[r] > compat[r] {
			t.Errorf("%s: strict is milder than compat", r.Name)
		}
	}
	if compat[rules.GlobalWrite] != Warn || strict[rules.GlobalWrite] != Enforce {
		t.Error("global-write warns in compat, and is enforced in strict")
	}
}

func TestTrips(t *testing.T) {
	now := time.Unix(1, 0)
	var reported []string
	g := New(Options{
		Policy: Policy{rules.GlobalWrite: Warn, rules.MissingReply: Enforce, rules.CallCycle: Off},
		Report: func(t Trip) {
			reported = append(reported, fmt.Sprintf("%s %s:%d %s %d", t.Rule.Name, t.Path(), t.Line, t.Mode, t.Times))
		},
		Now: func() time.Time { return now },
	})
	file := source.New("@./service/a.lua", "x = 1\ny = 2\n")
	write := Trip{Rule: rules.GlobalWrite, Place: Place{File: file, Line: 2, Span: source.Span{Start: 6, End: 7}}, Message: "'y' is global", Key: "y", Service: "a"}
	for range 5 {
		if g.Trip(write) {
			t.Error("what is only warned of is refused")
		}
	}
	write.Service = "b"
	g.Trip(write)
	if !g.Trip(Trip{Rule: rules.MissingReply, Service: "a", Command: "get", Source: 10}) {
		t.Error("what is enforced happens")
	}
	if g.Trip(Trip{Rule: rules.CallCycle, Service: "a"}) {
		t.Error("what is off is refused")
	}
	want := []string{"global-write service/a.lua:2 warn 1", "global-write service/a.lua:2 warn 2", "global-write service/a.lua:2 warn 4", "missing-reply :0 enforce 1"}
	if fmt.Sprint(reported) != fmt.Sprint(want) {
		t.Errorf("reported %q", reported)
	}
	counts := g.Counts()
	if fmt.Sprint(counts) != fmt.Sprint([]Count{{rules.GlobalWrite, "a", 5}, {rules.GlobalWrite, "b", 1}, {rules.MissingReply, "a", 1}}) {
		t.Errorf("counts %v", counts)
	}
	if last := g.Last(2); len(last) != 2 || last[0].Rule != rules.MissingReply || last[1].Service != "b" || last[0].Time != now {
		t.Errorf("last %v", last)
	}
	place := func(p Place) (rules.Location, bool) {
		return rules.Location{File: p.File, Span: p.Span}, p.File != nil
	}
	found, left := g.Diagnostics(place)
	if len(found) != 1 || left != 1 || found[0].Occurrences != 6 || found[0].Line() != 2 || found[0].Fingerprint == "" || found[0].Severity != rules.Warning {
		t.Errorf("%d left, found %+v", left, found)
	}
}

func TestRecordIsBounded(t *testing.T) {
	g := New(Options{Policy: All(Warn)})
	for i := range mostPlaces + 500 {
		g.Trip(Trip{Rule: rules.GlobalWrite, Key: fmt.Sprint(i), Service: fmt.Sprint(i)})
	}
	if n := len(g.First()); n != mostPlaces {
		t.Errorf("%d places", n)
	}
	if n := len(g.Counts()); n > mostServices+1 {
		t.Errorf("%d counters", n)
	}
	var sum int64
	for _, c := range g.Counts() {
		sum += c.Trips
	}
	if sum != mostPlaces+500 {
		t.Errorf("%d trips are counted", sum)
	}
	if last := g.Last(1000); len(last) != ringSize || last[0].Key != fmt.Sprint(mostPlaces+499) || last[ringSize-1].Key != fmt.Sprint(mostPlaces+500-ringSize) {
		t.Errorf("the last %d begin with %s", len(last), last[0].Key)
	}
}
