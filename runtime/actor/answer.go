package actor

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/guard"
)

// Answer answers the message that the task handles, once. It reports false if nobody waits.
func (t *Task) Answer(p Payload) bool { return t.answer(Response, p) }

// Refuse answers the message with an error.
func (t *Task) Refuse(cause string) bool { return t.answer(Error, Values(lua.LString(cause))) }

func (t *Task) answer(typ Type, p Payload) bool {
	t.open = false
	if t.answered {
		return false
	}
	t.answered = true
	a := t.actor
	if a.state == nil || t.session == 0 { // a Go function may do what it likes before it ends
		return a.reply(t.source, t.session, typ, p, t.critical, t.trace)
	}
	caller := a.host.Find(t.source)
	if caller == nil {
		return false
	}
	a.flush()
	e := Envelope{Source: a.handle, Session: t.session, Type: typ, Payload: p, Trace: t.trace, Critical: t.critical}
	taken, ready, r := caller.take(&e)
	if ready {
		a.later = wakeup{caller, r}
	}
	return taken
}

// A wakeup is an actor that has to get a slot: for runner, if that is not nil.
type wakeup struct {
	actor  *Actor
	runner *Runner
}

// flush has who got the last answer go on. As a rule a handler ends soon after it has answered, and then
// its slot is handed to who asked. So that is put off, but not beyond anything that takes a while.
func (a *Actor) flush() {
	if w := a.later; w.actor != nil {
		a.later = wakeup{}
		a.host.Ready(w.actor, w.runner)
	}
}

// refuseAs is Refuse that says whether the actor has no such command.
func (t *Task) refuseAs(cause string, unknown bool) {
	if !unknown {
		t.Refuse(cause)
		return
	}
	t.open = false
	caller := t.actor.host.Find(t.source)
	if t.answered || caller == nil {
		return
	}
	t.answered = true
	e := Envelope{Source: t.actor.handle, Session: t.session, Type: Error, Unknown: true, Payload: Values(lua.LString(cause)), Trace: t.trace, Critical: t.critical}
	caller.post(&e)
}

// Ignore says that the task will not answer itself. Who asked gets an error when it ends, unless
// the message has been handed on by then, or may be later: see Deferring.
func (t *Task) Ignore(L *lua.LState) {
	t.open = false
	if t.session != 0 {
		t.declined = PlaceOf(L)
	}
	if !t.answered {
		t.answered, t.ignored = true, !t.handed
	}
}

// owed returns the message whose answer is the task's alone to give: session 0 for none.
func (t *Task) owed() (source Handle, session int32) {
	if t.answered || t.handed || t.forged {
		return 0, 0
	}
	return t.source, t.session
}

// reply sends an answer. It is always taken.
func (a *Actor) reply(to Handle, session int32, typ Type, p Payload, critical bool, trace uint64) bool {
	if session == 0 {
		return false
	}
	caller := a.host.Find(to)
	if caller == nil {
		return false
	}
	e := Envelope{Source: a.handle, Session: session, Type: typ, Payload: p, Trace: trace, Critical: critical}
	return caller.post(&e)
}

// refuse answers a message that nobody has handled.
func (a *Actor) refuse(e *Envelope, cause string) {
	if e.event == nil && e.Session != 0 && e.Type != Response && e.Type != Error && !e.forged {
		a.reply(e.Source, e.Session, Error, Values(lua.LString(cause)), e.Critical, e.Trace)
	}
}

// A request is a message that has to be answered.
type request struct {
	source  Handle
	session int32
}

// Strays has answers handled as messages that nothing waits for, instead of being dropped. Errors
// and timers are dropped still. It is called with the baton.
func (a *Actor) Strays() { a.strays = true }

// stray reports whether an answer that nothing waits for is handled as a message.
func (a *Actor) stray(e *Envelope) bool { return a.strays && e.Type == Response && e.Source != 0 }

// Deferring says that the actor may hand on messages, or answer them, after their handlers have
// ended, by nothing but the numbers of their senders and sessions. The answers that its handlers
// decline to give are then in the list of waits, and no errors. It is called with the baton.
func (a *Actor) Deferring() { a.deferring = true }

// leastForget is how many declined answers are noted before those are forgotten that nobody waits
// for any more.
const leastForget = 64

// decline settles the answer that a task has declined to give, at its end.
func (a *Actor) decline(t *Task, cause string) {
	switch {
	case t.forged:
	case a.deferring:
		r := t.responder()
		a.mu.Lock()
		if len(a.declined) >= a.forget {
			for k, old := range a.declined {
				if old.deadline > 0 && old.deadline < r.Since || !old.Pending() {
					delete(a.declined, k)
				}
			}
			a.forget = max(2*len(a.declined), leastForget)
		}
		if a.declined == nil {
			a.declined = make(map[request]*Responder)
		}
		a.declined[request{t.source, t.session}] = r
		a.mu.Unlock()
	default:
		a.reply(t.source, t.session, Error, Values(lua.LString(cause)), t.critical, t.trace)
	}
}

// undecline takes back what decline has noted: somebody deals with the request now. It reports whether
// it was noted.
func (a *Actor) undecline(r request) bool {
	if a.declined[r] == nil {
		return false
	}
	a.mu.Lock()
	delete(a.declined, r)
	a.mu.Unlock()
	return true
}

// Redirect sends a message on behalf of another actor, as skynet.redirect does. If that actor waits
// for the answer to a message of the same session, the answer is now the other's to give; a message of
// the types Response and Error is such an answer itself.
func (t *Task) Redirect(L *lua.LState, to, source Handle, typ Type, session int32, p *Payload) error {
	a := t.actor
	callee := a.host.Find(to)
	if callee == nil {
		return &SendError{To: to, Gone: true}
	}
	e := Envelope{Source: source, Session: session, Type: typ, Payload: *p, Trace: t.trace, Critical: t.critical}
	if session != 0 {
		e.Hops = t.hops
	}
	if session != 0 && (typ == Response || typ == Error) {
		if to == t.source && session == t.session {
			t.handed, t.ignored = true, false
		}
		a.undecline(request{to, session})
		if !callee.post(&e) {
			return &SendError{To: to, Gone: true}
		}
		return nil
	}
	own := t.forge(&e)
	if err := t.send(L, callee, &e); err != nil {
		return err
	}
	t.handOn(&e, own)
	return nil
}

// forge notes whether a message that is sent in the name of another actor is one that this has sent, as
// far as the engine knows. It reports whether it is the one that the task handles.
func (t *Task) forge(e *Envelope) (own bool) {
	own = e.Session != 0 && e.Source == t.source && e.Session == t.session
	if own {
		e.Deadline, e.forged = t.deadline, t.forged
	} else {
		e.forged = e.Session != 0 && t.actor.declined[request{e.Source, e.Session}] == nil
	}
	return own
}

// handOn notes that the answer to a message is somebody else's to give.
func (t *Task) handOn(e *Envelope, own bool) {
	if own {
		t.handed, t.ignored = true, false
	} else {
		t.actor.undecline(request{e.Source, e.Session})
	}
}

// Post sends a message with a session of its own, which nothing waits for; see Strays. One of the types Response
// and Error answers a message of that session.
func (t *Task) Post(L *lua.LState, to Handle, typ Type, session int32, p *Payload) error {
	a := t.actor
	if session != 0 && (typ == Response || typ == Error) {
		return t.Redirect(L, to, a.handle, typ, session, p)
	}
	callee := a.host.Find(to)
	if callee == nil {
		return &SendError{To: to, Gone: true}
	}
	e := Envelope{Source: a.handle, Session: session, Type: typ, Payload: *p}
	if session != 0 {
		e.Hops = t.hops + 1
	}
	return t.send(L, callee, &e)
}

// Redeliver has the actor handle a message as if it had come in, as soon as the running task waits or ends.
func (t *Task) Redeliver(typ Type, source Handle, session int32, p *Payload) {
	a := t.actor
	e := Envelope{Source: source, Session: session, Type: typ, Payload: *p, Hops: t.hops, Trace: t.trace, Critical: t.critical}
	if session != 0 && (typ == Response || typ == Error) {
		a.post(&e)
		return
	}
	t.handOn(&e, t.forge(&e))
	a.forks = append(a.forks, starter{message: &e})
}

// A Responder is the duty to answer a message, taken away from the task that handles it. It is
// used with the baton.
type Responder struct {
	actor    *Actor
	source   Handle
	session  int32
	critical bool
	trace    uint64
	deadline int64 // when who asked gives up; 0: never
	done     bool
	faint    faint // the function that scripts have for it
	dropped  bool  // nobody has it any more; with the actor's lock
	Since    int64
	What     string
	place    guard.Place // where it was taken over
	failed   bool        // the handler has raised after it has taken it over
}

// responder returns the duty to answer what the task handles.
func (t *Task) responder() *Responder {
	return &Responder{actor: t.actor, source: t.source, session: t.session, critical: t.critical, trace: t.trace, deadline: t.deadline, Since: t.actor.host.Now(), What: t.envelope.Text(0)}
}

// Respond takes over the duty to answer; nil if nothing is owed.
func (t *Task) Respond(L *lua.LState) *Responder {
	t.open = false
	if t.answered {
		return nil
	}
	t.answered = true
	a := t.actor
	r := t.responder()
	r.place = PlaceOf(L)
	t.taken = r
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

// For says which function scripts have for the responder. When the collector finds that nobody has it any
// more, AnswerLost answers.
func (r *Responder) For(f *lua.LFunction) {
	a := r.actor
	a.mu.Lock()
	defer a.mu.Unlock()
	r.faint = newFaint(f)
}

// AnswerLost answers for responders that nothing can reach any more. It may be called from anywhere.
func (a *Actor) AnswerLost() {
	var lost []*Responder
	a.mu.Lock()
	for r := range a.stored {
		if r.faint != nil && !r.dropped && r.faint.gone() {
			r.dropped = true
			lost = append(lost, r)
		}
	}
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
