package actor

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/trace"
)

// ErrExited is how a start ends whose script calls skynet.exit in it.
var ErrExited = errors.New("the service has exited in its start")

// Kill ends the actor without closing what it has open. It may be called from anywhere.
func (a *Actor) Kill(reason string) { a.doom(reason, false) }

// End ends the actor as Exit does: what runs goes on until it waits or ends, and what has to be
// closed is. It may be called from anywhere.
func (a *Actor) End(reason string) { a.doom(reason, true) }

// Exit ends the actor for its running task, and closes what has to be closed: the other tasks
// first. It does not return.
func (t *Task) Exit(L *lua.LState) {
	a := t.actor
	if a.exiting == nil {
		a.exiting = t
	}
	a.doom("it has exited", true)
	a.forks, a.forksAt = nil, 0 // what was forked and has not begun never does
	t.Block(L, Wait{Kind: OnOther, What: "its own end", Deadline: -1})
	t.unwind(L)
}

// doom has the actor end. From now on nothing is taken.
func (a *Actor) doom(reason string, graceful bool) {
	a.mu.Lock()
	if a.dying {
		a.mu.Unlock()
		return
	}
	a.dying, a.reason, a.graceful = true, reason, graceful
	a.urgent.Store(true)
	for _, w := range a.rooms {
		w.end(&SendError{To: a.handle, Gone: true})
	}
	a.rooms = nil
	if a.roomWait != nil {
		a.roomWait.end(errEnding)
	}
	idle := a.idle
	a.idle = false
	a.mu.Unlock()
	if !graceful && a.state != nil {
		a.state.Budget.Stop(reason)
	}
	if idle {
		a.host.Ready(a, nil)
	}
}

// pickLast is pick for an actor that ends: what waited is unwound, task after task.
func (a *Actor) pickLast() (*Task, act) {
	a.disown()
	for _, t := range a.tasks {
		if t.begun && !t.ending && t != a.exiting {
			return t.end(), goOn
		}
	}
	if t := a.exiting; t != nil && t.begun && !t.ending {
		return t.end(), goOn
	}
	if a.busy > 0 { // cannot be: all others have ended, or run
		return nil, over
	}
	if !a.closed {
		a.closed = true
		a.behaviour.Close()
		if a.state != nil {
			a.state.Close()
		}
		for _, f := range a.ends {
			f()
		}
		a.disown()
		a.host.Ended(a)
	}
	return nil, over
}

func (t *Task) end() *Task {
	t.ending = true
	t.gen.Add(1)
	return t
}

// disown answers all that the actor owes an answer.
func (a *Actor) disown() {
	text := lua.LString(a.handle.String() + " " + a.name + " has ended: " + a.reason)
	refuse := func(e *Envelope) {
		if e.event == nil && e.Session != 0 && e.Type != Response && e.Type != Error {
			a.reply(e.Source, e.Session, Error, Values(text), e.Critical, e.Trace)
		}
	}
	if a.waked {
		refuse(&a.single)
		a.single, a.waked = Envelope{}, false
	}
	a.mu.Lock()
	for lane := range a.incoming {
		for _, q := range []*queue{&a.local[lane], &a.incoming[lane]} {
			for q.len() > 0 {
				var e Envelope
				q.pop(&e)
				if e.event != nil {
					continue
				}
				a.mu.Unlock()
				refuse(&e)
				a.mu.Lock()
			}
		}
	}
	a.left.Store(0)
	a.mu.Unlock()
	a.forks, a.forksAt = nil, 0
	for _, t := range a.tasks {
		if t.begun && (!t.answered || t.ignored) {
			t.answered, t.ignored = true, false
			a.reply(t.source, t.session, Error, Values(text), t.critical, t.trace)
		}
	}
	for r := range a.stored {
		r.Fail(string(text))
	}
	a.Started(ErrExited)
}

// Term lets the calls fail that the actor has made to an address: skynet.term.
func (a *Actor) Term(to Handle) {
	for _, t := range a.tasks {
		if t.begun && t.wait.Kind == OnCall && t.wait.To == to && t.wait.gen == t.gen.Load() {
			a.wake(t, Payload{}, &CallError{Cause: to.String() + " was given up (skynet.term)"})
		}
	}
}

// Stack returns where the script stands that the task runs: Lua's traceback. It is used with the
// baton.
func (t *Task) Stack() string {
	if t.top == nil {
		return ""
	}
	return trace.Traceback(t.top, "", 0)
}

// A Responder is the duty to answer a message, taken away from the task that handles it. It is
// used with the baton.
type Responder struct {
	actor    *Actor
	source   Handle
	session  int32
	critical bool
	trace    uint64
	done     bool
	Since    int64
	What     string
	place    guard.Place // where it was taken over
}

// Respond takes over the duty to answer; nil if nothing is owed.
func (t *Task) Respond(L *lua.LState) *Responder {
	t.open = false
	if t.answered {
		return nil
	}
	t.answered = true
	a := t.actor
	r := &Responder{actor: a, source: t.source, session: t.session, critical: t.critical, trace: t.trace, Since: a.host.Now(), What: t.envelope.Text(0), place: PlaceOf(L)}
	a.mu.Lock()
	if a.stored == nil {
		a.stored = make(map[*Responder]struct{})
	}
	a.stored[r] = struct{}{}
	a.mu.Unlock()
	return r
}

// Pending reports whether the answer is still owed.
func (r *Responder) Pending() bool { return !r.done && r.actor.host.Find(r.source) != nil }

// Send answers. It reports false if nobody waits, or somebody has answered before.
func (r *Responder) Send(p Payload) bool { return r.end(Response, p) }

// Fail answers with an error.
func (r *Responder) Fail(cause string) bool { return r.end(Error, Values(lua.LString(cause))) }

func (r *Responder) end(typ Type, p Payload) bool {
	if r.done {
		return false
	}
	r.done = true
	a := r.actor
	a.mu.Lock()
	delete(a.stored, r)
	a.mu.Unlock()
	return a.reply(r.source, r.session, typ, p, r.critical, r.trace)
}

// Lost says, from any goroutine, that nothing can reach the responder any more. The next sweep
// answers.
func (r *Responder) Lost() {
	a := r.actor
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lost = append(a.lost, r)
}

// AnswerLost answers for responders that nothing can reach any more. It may be called from anywhere.
func (a *Actor) AnswerLost() {
	a.mu.Lock()
	lost := a.lost
	a.lost = nil
	a.mu.Unlock()
	if len(lost) == 0 {
		return
	}
	a.Event(func(a *Actor) {
		for _, r := range lost {
			if !r.done && a.tripDropped(r) {
				r.Fail("the response function was dropped without being called (" + a.handle.String() + " " + a.name + ", " + quote(r.What) + ")")
			}
		}
	})
}
