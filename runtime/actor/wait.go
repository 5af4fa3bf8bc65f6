package actor

import (
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/thread"
)

// A Kind is what a task waits for.
type Kind uint8

// The kinds of waits. The first five have an exact target, and can be part of a cycle.
const (
	none     Kind = iota
	OnCall        // the answer to a call: To, Session
	OnSelect      // the answer to any of several calls: Sessions
	OnLock        // a queue, or a module that another task loads: Lock
	OnStart       // the start of an actor: Actor
	OnRoom        // room in a mailbox: Actor
	OnToken       // skynet.wait
	OnSleep       // skynet.sleep: it ends by itself
	OnQuery       // somebody has to start the only actor of a name
	OnName        // somebody has to register a name
	OnSocket      // a peer
	OnAnswer      // a stored response: listed with the actor that stores it
	OnOther
)

var kindNames = [...]string{"", "call", "select", "lock", "start", "room", "token", "sleep", "query", "name", "socket", "response", "other"}

// String returns the name of the kind in lists of waits.
func (k Kind) String() string { return kindNames[k] }

// A Wait says what a task waits for.
type Wait struct {
	Kind     Kind
	To       Handle
	Session  int32
	Sessions []Target
	Lock     *Lock
	Actor    *Actor
	// What says it for people: "skynet.wait", or the command that was called.
	What string
	// Deadline is when the wait fails, in the node's time; 0: when the message that the task
	// handles does; below 0: never.
	Deadline int64
	// Key is the key of sky.toml that has set the deadline.
	Key string
}

// A Target is one of several calls.
type Target struct {
	To      Handle
	Session int32
}

// record is a wait as the sweep reads it, under the actor's lock. It holds as long as the
// task's generation is gen.
type record struct {
	Wait
	gen   uint64
	since int64
	// The message whose answer is the task's to give.
	source  Handle
	session int32
	init    bool
	trace   uint64
	missed  bool // faint is a token of which a wakeup was lost
	// Of a wait with a token that the engine has let go of: see Fade. faint is nil for one that can be
	// made anew.
	faint faint
	faded bool
	holds bool // the task holds locks
}

// A WaitError says why a wait has failed.
type WaitError struct {
	// Reason is "timeout", "deadlock", "ended", "killed" or "dropped".
	Reason string
	Text   string
}

// Error returns the text.
func (e *WaitError) Error() string { return e.Text }

// Block waits, and gives the baton up meanwhile. It returns what a ticket, or an answer, has
// brought. L is the thread of the script that waits; nil for a native actor. It does not return
// when the task is being ended.
func (t *Task) Block(L *lua.LState, w Wait) (Payload, error) {
	t.refuse(L)
	return t.block(L, &w, t.actor.host.Now(), nil)
}

// block is Block for who knows the time. next, if it is not nil, is an actor that the task has made
// ready, and that has no slot yet: it gets the task's.
func (t *Task) block(L *lua.LState, w *Wait, now int64, next *Actor) (Payload, error) {
	a := t.actor
	if w.Deadline == 0 {
		w.Deadline, w.Key = t.deadline, "actor.call-timeout"
	}
	t.top = L
	if L != nil {
		a.state.Budget.Leave()
	}
	a.flush()
	a.mu.Lock()
	t.wait = record{Wait: *w, gen: t.gen.Load(), since: now, init: t.init, trace: t.trace}
	t.wait.source, t.wait.session = t.owed()
	if a.restful() {
		if a.state != nil {
			a.state.Rest()
		}
		a.idle = true
		a.mu.Unlock()
		if next != nil {
			a.host.Hand(next, nil)
		} else {
			a.host.Release(a)
		}
		t.runner.Wait()
	} else {
		a.mu.Unlock()
		if next != nil {
			a.host.Ready(next, nil)
		}
		a.pass(t)
	}
	a.current = t
	a.beat.Store(a.beat.Load() + 1)
	if L != nil {
		a.state.Budget.Enter(&t.limits)
	}
	t.top = nil
	if w.Session != 0 {
		a.sessions.take(w.Session)
	}
	payload, err := t.result, t.err
	if t.result.n != 0 {
		t.result = Payload{}
	}
	t.err = nil
	if t.ending && !t.unwinding {
		t.unwind(L)
	}
	return payload, err
}

// refuse raises where a task must not wait any more.
func (t *Task) refuse(L *lua.LState) {
	if L != nil {
		if err := t.actor.state.Budget.Spent(); err != nil {
			thread.Raise(L, lua.LString(err.Error()))
		}
	}
	if L != nil && thread.Of(L).Pinned() && t.actor.tripPinned(L) {
		t.gen.Add(1) // whatever was to end this wait must not end another one
		thread.Errorf(L, "attempt to yield across a C-call boundary")
	}
	if t.main {
		t.actor.Trip(L, rules.ForbiddenYield, "", "a wait in the main chunk of a service, which cannot be suspended")
		Raise(L, &WaitError{"main", "attempt to yield from outside a coroutine (the main chunk of a service cannot wait; see skynet.start)"})
	}
	if t.unwinding {
		Raise(L, &WaitError{"ended", "the actor is ending, and waits for nothing any more"})
	}
}

// pass hands the baton to whom it belongs next, and waits until t has it again.
func (a *Actor) pass(t *Task) {
	switch u, act := a.pick(); act {
	case goOn:
		if u == t {
			return
		}
		u.runner.Wake()
	case begin:
		a.host.Start(a)
	case rest:
		a.host.Release(a)
	}
	t.runner.Wait()
}

// A Ticket lets one wait of one task go on, from any goroutine.
type Ticket struct {
	task *Task
	gen  uint64
}

// Ticket returns that of the next wait of the running task.
func (t *Task) Ticket() Ticket { return Ticket{t, t.gen.Load()} }

// Complete lets the wait end with values or an error. Once it has ended, it does nothing.
func (k Ticket) Complete(p Payload, err error) {
	if k.task.gen.Load() != k.gen {
		return
	}
	a := k.task.actor
	a.Event(func(a *Actor) {
		if k.task.gen.Load() == k.gen {
			a.wake(k.task, p, err)
		}
	})
}

// CompleteHere is Complete for who holds the baton of the task's actor.
func (k Ticket) CompleteHere(p Payload, err error) bool {
	if k.task.gen.Load() != k.gen {
		return false
	}
	k.task.actor.wake(k.task, p, err)
	return true
}

// wake puts a task among those that go on next.
func (a *Actor) wake(t *Task, p Payload, err error) {
	t.result, t.err = p, err
	a.woken = append(a.woken, Ticket{t, t.gen.Load()})
}

// Raise raises an error of this package in a script, with the place where the script called.
// For a native actor it ends the task.
func Raise(L *lua.LState, err error) {
	if L == nil {
		panic(err)
	}
	thread.Errorf(L, "%s", err.Error())
}

// fail makes the wait of a task end with an error, if it has not gone on meanwhile.
func (t *Task) fail(gen uint64, err error) {
	Ticket{t, gen}.Complete(Payload{}, err)
}

// timeout is the error of a wait whose deadline has passed.
func (r *record) timeout(a *Actor, now int64) error {
	age := time.Duration(now - r.since).Round(10 * time.Millisecond)
	text := fmt.Sprintf("timeout: waited %v for %s", age, r.describe(a.host))
	if r.Key != "" {
		text += "; see " + r.Key + " in sky.toml"
	}
	return &WaitError{"timeout", text}
}

// describe says what a wait is for.
func (r *record) describe(h Host) string {
	who := func(to Handle) string {
		if a := h.Find(to); a != nil {
			return to.String() + " " + a.name
		}
		return to.String()
	}
	what := r.What
	switch r.Kind {
	case OnCall:
		return fmt.Sprintf("an answer of %s to %s", who(r.To), quote(what))
	case OnSelect:
		return fmt.Sprintf("an answer to any of %d requests", len(r.Sessions))
	case OnLock:
		return r.Lock.describe()
	case OnStart:
		return "the start of " + who(r.Actor.handle)
	case OnRoom:
		return "room in the mailbox of " + who(r.Actor.handle)
	case OnToken:
		if r.lost() {
			return "a wakeup (skynet.wait), and nobody has its token any more"
		}
		return "a wakeup (skynet.wait)"
	case OnSleep:
		return "a timer (skynet.sleep)"
	case OnQuery:
		return "somebody to start the service " + quote(what)
	case OnName:
		return "somebody to register the name " + quote(what)
	}
	if what == "" {
		return r.Kind.String()
	}
	return what
}

func quote(s string) string {
	if len(s) > 64 {
		s = s[:61] + "..."
	}
	return fmt.Sprintf("%q", s)
}
