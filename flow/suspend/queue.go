package suspend

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/syntax"
)

type acquire struct {
	queue solve.Atom
	point int32
}

// An Acquisition is a call that enters a queue.
type Acquisition struct {
	Queue solve.Atom
	In    effect.Function // where the call stands
	Node  syntax.Node     // the call
	// Inside are the functions that it runs while the queue is held.
	Inside []effect.Function
}

// Acquisitions returns the calls that enter a queue, in the order of the text.
func (x *Info) Acquisitions() []Acquisition {
	out := make([]Acquisition, len(x.acquires))
	byPoint := map[int32][]int{}
	for i, a := range x.acquires {
		p := &x.points[a.point]
		out[i] = Acquisition{Queue: a.queue, In: x.sys.Function(p.host), Node: p.Node}
		byPoint[a.point] = append(byPoint[a.point], i)
	}
	for fn := range x.incoming.len() {
		for _, e := range x.incoming.of(fn) {
			if e.kind == lockedIn {
				for _, i := range byPoint[e.point] {
					out[i].Inside = append(out[i].Inside, x.sys.Function(fn))
				}
			}
		}
	}
	return out
}

// findSync turns the edges round.
func (x *Info) findSync() {
	x.starts = map[int32][]int32{}
	edges := make([]item[int32], 0, len(x.incoming.all))
	for fn := range x.incoming.len() {
		for _, e := range x.incoming.of(fn) {
			if e.generic {
				continue // who gives it the function runs that: throughIt
			}
			switch e.kind {
			case calls, calledIn, lockedIn, mustNot, throughIt:
				edges = append(edges, item[int32]{x.points[e.point].host, fn})
			case starting:
				host := x.points[e.point].host
				x.starts[host] = append(x.starts[host], fn)
			}
		}
	}
	x.sync = newLists(x.sys.Functions(), edges)
}

// A Set is a set of functions.
type Set struct {
	x       *Info
	numbers []int32 // ascending
}

// Has reports whether a function is in the set.
func (s *Set) Has(f effect.Function) bool {
	_, has := slices.BinarySearch(s.numbers, s.x.sys.Number(f))
	return has
}

// Runs returns what some functions run in their own coroutine, and these themselves.
func (x *Info) Runs(from []effect.Function) *Set { return x.run(from, nil) }

// RunsAtStart is Runs with what they give to skynet.start and skynet.init: what a service runs
// before who launched it goes on.
func (x *Info) RunsAtStart(from []effect.Function) *Set { return x.run(from, x.starts) }

func (x *Info) run(from []effect.Function, starts map[int32][]int32) *Set {
	seen, _ := x.seen.Get().(*[]bool)
	if seen == nil {
		all := make([]bool, x.sys.Functions())
		seen = &all
	}
	var found []int32
	add := func(numbers []int32) {
		for _, n := range numbers {
			if !(*seen)[n] {
				(*seen)[n] = true
				found = append(found, n)
			}
		}
	}
	for _, f := range from {
		add([]int32{x.sys.Number(f)})
	}
	for i := 0; i < len(found); i++ {
		add(x.sync.of(found[i]))
		add(starts[found[i]])
	}
	for _, n := range found {
		(*seen)[n] = false
	}
	x.seen.Put(seen)
	slices.Sort(found)
	return &Set{x, found}
}
