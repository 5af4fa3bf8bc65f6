package actor

// sessions are what an actor waits for by number: answers to its calls, and timers. Numbers are
// given out in order, from 1 on, and stand in a table at their lower bits; one whose place is
// taken is left out. It is used with the baton, or with the lock while nobody has the baton.
type sessions struct {
	last  int32
	used  int
	slots []slot
}

// slot is one session that is waited for. One of task, start and receiver is set.
type slot struct {
	session int32 // 0: free
	task    *Task
	gen     uint64 // of the task's wait
	start   *starter
	to      Receiver
}

// A Receiver gets the answers of sessions that are waited for together.
type Receiver interface {
	// Receive takes an answer, with the baton or the lock. It must not block nor run code.
	Receive(e *Envelope)
}

const firstSessions = 8

// fresh returns a number that is not in use.
func (s *sessions) fresh() int32 {
	if 2*s.used >= len(s.slots) {
		s.grow()
	}
	for {
		s.last++
		if s.last <= 0 {
			s.last = 1
		}
		if s.slots[int(s.last)&(len(s.slots)-1)].session == 0 {
			return s.last
		}
	}
}

func (s *sessions) put(v slot) {
	s.slots[int(v.session)&(len(s.slots)-1)] = v
	s.used++
}

// take returns what waits for a session, and forgets it.
func (s *sessions) take(session int32) (slot, bool) {
	if len(s.slots) == 0 || session <= 0 {
		return slot{}, false
	}
	p := &s.slots[int(session)&(len(s.slots)-1)]
	if p.session != session {
		return slot{}, false
	}
	v := *p
	*p = slot{}
	s.used--
	return v, true
}

// grow doubles the table. Sessions that share a place in the larger table cannot be: they
// would have shared one in the smaller.
func (s *sessions) grow() {
	old := s.slots
	s.slots = make([]slot, max(2*len(old), firstSessions))
	for _, v := range old {
		if v.session != 0 {
			s.slots[int(v.session)&(len(s.slots)-1)] = v
		}
	}
}
