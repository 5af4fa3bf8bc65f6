package node

import (
	"sync"
	"sync/atomic"

	"github.com/skylint/skylint/runtime/actor"
)

// scheduler gives out run slots. Critical actors are served first, and have a slot more than the
// others. Goroutines that run actors are parked and used again.
type scheduler struct {
	mutex   sync.Mutex
	slots   int // for normal actors; critical ones have one more
	running int
	ready   [2]readyQueue // critical, normal
	waiting atomic.Int32
	idle    *actor.Runner
	parked  int
	closed  bool
	group   sync.WaitGroup
}

// maxParked is how many goroutines are kept that have nothing to do.
const maxParked = 1024

type readyEntry struct {
	actor  *actor.Actor
	runner *actor.Runner
}

// readyQueue is a list taken from the front.
type readyQueue struct {
	items []readyEntry
	head  int
}

func (q *readyQueue) push(e readyEntry) { q.items = append(q.items, e) }

func (q *readyQueue) pop() (readyEntry, bool) {
	if q.head == len(q.items) {
		return readyEntry{}, false
	}
	e := q.items[q.head]
	q.items[q.head] = readyEntry{}
	q.head++
	switch {
	case q.head == len(q.items):
		q.items, q.head = q.items[:0], 0
	case q.head > 1024 && q.head > len(q.items)/2:
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return e, true
}

func lane(a *actor.Actor) int {
	if a.Critical() {
		return 0
	}
	return 1
}

// Ready implements actor.Scheduler.
func (s *scheduler) Ready(a *actor.Actor, r *actor.Runner) {
	s.mutex.Lock()
	most := s.slots
	if a.Critical() {
		most++
	}
	if s.running >= most {
		s.ready[lane(a)].push(readyEntry{a, r})
		s.waiting.Add(1)
		s.mutex.Unlock()
		return
	}
	s.running++
	s.grant(readyEntry{a, r})
}

// grant gives a slot that is counted already. It is called with the lock, and gives it back.
func (s *scheduler) grant(e readyEntry) {
	r := e.runner
	if r == nil {
		r = s.unpark()
		r.Actor, r.Picked = e.actor, false
	}
	s.mutex.Unlock()
	e.actor.Granted()
	r.Wake()
}

// take returns who is next for a slot. It is called with the lock.
func (s *scheduler) take() (readyEntry, bool) {
	e, ok := s.ready[0].pop()
	if !ok && s.running <= s.slots { // the slot beyond is for critical actors alone
		e, ok = s.ready[1].pop()
	}
	if ok {
		s.waiting.Add(-1)
	}
	return e, ok
}

// Release implements actor.Scheduler.
func (s *scheduler) Release(*actor.Actor) {
	s.mutex.Lock()
	if e, ok := s.take(); ok {
		s.grant(e)
		return
	}
	s.running--
	s.mutex.Unlock()
}

// Hand implements actor.Scheduler.
func (s *scheduler) Hand(a *actor.Actor, r *actor.Runner) {
	s.mutex.Lock()
	e := readyEntry{a, r}
	if s.waiting.Load() == 0 && (a.Critical() || s.running <= s.slots) {
		s.grant(e)
		return
	}
	s.ready[lane(a)].push(e)
	s.waiting.Add(1)
	e, ok := s.take()
	if ok {
		s.grant(e)
		return
	}
	s.running--
	s.mutex.Unlock()
}

// Start implements actor.Scheduler.
func (s *scheduler) Start(a *actor.Actor) {
	s.mutex.Lock()
	r := s.unpark()
	s.mutex.Unlock()
	r.Actor, r.Picked = a, true
	r.Wake()
}

// Crowded implements actor.Scheduler.
func (s *scheduler) Crowded() bool { return s.waiting.Load() > 0 }

// Again implements actor.Scheduler.
func (s *scheduler) Again(a *actor.Actor, r *actor.Runner) {
	s.mutex.Lock()
	e, ok := s.take()
	if !ok {
		s.mutex.Unlock()
		a.Granted()
		return
	}
	s.ready[lane(a)].push(readyEntry{a, r})
	s.waiting.Add(1)
	s.grant(e)
	r.Wait()
}

// unpark returns a goroutine that has nothing to do. It is called with the lock.
func (s *scheduler) unpark() *actor.Runner {
	if r := s.idle; r != nil {
		s.idle, r.Next = r.Next, nil
		s.parked--
		return r
	}
	r := actor.NewRunner()
	s.group.Add(1)
	go s.run(r)
	return r
}

// park puts a goroutine aside. It reports false if there are enough of them. It is called with the lock.
func (s *scheduler) park(r *actor.Runner) bool {
	if s.closed || s.parked >= maxParked {
		return false
	}
	r.Next, s.idle = s.idle, r
	s.parked++
	return true
}

// run is the body of a goroutine that runs actors.
func (s *scheduler) run(r *actor.Runner) {
	defer s.group.Done()
	for {
		r.Wait()
		a, picked := r.Actor, r.Picked
		r.Actor = nil
		if a == nil {
			return
		}
		for a != nil {
			slot := a.Work(r, picked)
			var keep bool
			if a, keep = s.next(r, slot); a == nil && !keep {
				return
			}
			picked = false
		}
	}
}

// next gives the slot of r to who is next, if r still has one: to r itself if it is an actor that
// any goroutine can run, which is then returned. Otherwise r is put aside; keep is false if it is
// to end.
func (s *scheduler) next(r *actor.Runner, slot bool) (a *actor.Actor, keep bool) {
	s.mutex.Lock()
	if slot {
		e, ok := s.take()
		switch {
		case !ok:
			s.running--
		case e.runner == nil:
			s.mutex.Unlock()
			e.actor.Granted()
			return e.actor, true
		default:
			keep = s.park(r)
			s.grant(e)
			return nil, keep
		}
	}
	keep = s.park(r)
	s.mutex.Unlock()
	return nil, keep
}

// close ends the goroutines. No actor may be left.
func (s *scheduler) close() {
	s.mutex.Lock()
	s.closed = true
	idle := s.idle
	s.idle, s.parked = nil, 0
	s.mutex.Unlock()
	for r := idle; r != nil; {
		next := r.Next
		r.Actor, r.Next = nil, nil
		r.Wake()
		r = next
	}
	s.group.Wait()
}

// Load returns how many actors may run at once, how many do, and how many wait for a slot. A critical
// actor may make it one more than slots.
func (s *scheduler) Load() (slots, running, waiting int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.slots, s.running, int(s.waiting.Load())
}
