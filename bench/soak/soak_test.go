package main

import (
	"testing"
	"time"
)

// A short flood and a short storm: nothing is lost, every call is answered, no goroutine stays.
func TestSoak(t *testing.T) {
	r, err := soak(options{flood: 500 * time.Millisecond, storm: 500 * time.Millisecond, actors: 20, burning: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.problems() {
		t.Error(p)
	}
	if r.refused == 0 || r.received == 0 || len(r.times) == 0 {
		t.Errorf("%d messages were refused, %d came, the critical actor gave %d answers", r.refused, r.received, len(r.times))
	}
	if r.kills == 0 || r.exits == 0 || r.restarts == 0 || r.answers == 0 || r.errors == 0 {
		t.Errorf("%d kills, %d exits, %d restarts; %d answers and %d errors", r.kills, r.exits, r.restarts, r.answers, r.errors)
	}
}

// Each thing that must not be is told.
func TestProblems(t *testing.T) {
	for _, r := range []result{
		{accepted: 10, received: 9},
		{accepted: 10, received: 10, gaps: 1},
		{asked: 3, answers: 1, errors: 1},
		{silent: 1},
		{asked: 1, errors: 1, late: 1},
		{before: 2, after: 3},
	} {
		if len(r.problems()) != 1 {
			t.Errorf("%+v: problems are %q", r, r.problems())
		}
	}
	if p := (&result{accepted: 5, received: 5, asked: 3, answers: 1, errors: 2, before: 3, after: 2}).problems(); len(p) > 0 {
		t.Errorf("problems are %q", p)
	}
}

func TestGrowth(t *testing.T) {
	var flat, grows result
	for i := range int64(40) {
		flat.samples = append(flat.samples, sample{heap: 20e6 + i%3*1e6, rss: 50e6})
		grows.samples = append(grows.samples, sample{heap: i * 2e6, rss: 50e6})
	}
	if p := flat.growth(); len(p) > 0 {
		t.Errorf("flat memory: %q", p)
	}
	if p := grows.growth(); len(p) != 1 {
		t.Errorf("a heap that grows: %q", p)
	}
}
