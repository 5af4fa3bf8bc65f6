package actor

// A Status is what an actor is at.
type Status struct {
	State State
	// Critical and Normal are how many messages wait in each lane of the mailbox.
	Critical, Normal int
	// Waiting is how many of its tasks wait for something.
	Waiting int
}

// A State says in a word what an actor is at.
type State uint8

// The states.
const (
	Idle     State = iota // nothing is to be done
	Busy                  // it runs, or waits for a run slot
	Blocked               // its sender waits for room in another's mailbox, with the baton
	Starting              // its start has not ended
	Failed                // its start has failed
	Ending                // it is being ended
)

var stateNames = [...]string{"idle", "busy", "blocked", "starting", "failed", "ending"}

// String returns the word.
func (s State) String() string { return stateNames[s] }

// Status returns what the actor is at. It may be called from any goroutine.
func (a *Actor) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	var s Status
	switch {
	case a.dying:
		s.State = Ending
	case a.started == failed:
		s.State = Failed
	case a.started == starting:
		s.State = Starting
	case a.roomWait != nil:
		s.State = Blocked
	case !a.idle:
		s.State = Busy
	}
	if !a.idle {
		s.Critical, s.Normal = a.incoming[0].len(), int(a.left.Load())+a.incoming[1].len()
	}
	for _, t := range a.tasks {
		if t.waits() {
			s.Waiting++
		}
	}
	return s
}

// waits reports whether the task waits. It is called with the actor's lock.
func (t *Task) waits() bool { return t.wait.Kind != none && t.wait.gen == t.gen.Load() }
