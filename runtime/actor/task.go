package actor

import (
	"fmt"
	"strings"
	"sync/atomic"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/corolib"
	"github.com/skylint/skylint/runtime/thread"
)

// A Task is one thing that an actor does: it handles a message, or runs what was forked. It is
// used with the actor's baton, and by nobody once it has ended: tasks are pooled.
type Task struct {
	actor  *Actor
	runner *Runner
	gen    atomic.Uint64 // counts its waits
	begun  bool

	// The message. Its answer is owed until answered.
	envelope Envelope
	source   Handle
	session  int32
	open     bool // nobody has answered, whether anybody wants it or not
	answered bool
	ignored  bool        // by skynet.ignoreret, and nobody else has been given the message
	declined guard.Place // where it was ignored
	handed   bool        // somebody else has been given the message, and may answer
	forged   bool        // see Envelope
	deadline int64
	hops     uint16
	trace    uint64
	critical bool
	began    int64 // when, if somebody watches; else 0

	fn        lua.LValue // what the script handles it by
	commandAt int        // which parameter of it has the command
	taken     *Responder // the last that it was given
	start     starter
	coroutine *Coroutine
	limits    limit.Task
	root      *thread.Thread
	top       *lua.LState // where it waits
	held      []*Lock
	stack     string // where it waits for room, for the sweep; guarded by the actor's lock
	init      bool   // it is the actor's start
	main      bool   // it runs the main chunk, which may not wait

	result    Payload
	err       error
	ending    bool // it is to be unwound
	unwinding bool

	// Tag is skynet.trace's, for the log; "" for none.
	Tag string

	token lua.LValue // what it waits with, until it has faded

	wait record // guarded by the actor's lock
}

// starter is what a task that handles no message runs.
type starter struct {
	fn      lua.LValue // a function of the script
	args    []lua.LValue
	native  func(*Task)
	message *Envelope // or it handles this message, after all
	// What it inherits.
	trace     uint64
	critical  bool
	init      bool
	main      bool
	coroutine *Coroutine
}

func (s *starter) set() bool { return s.fn != nil || s.native != nil || s.message != nil }

// Running returns the task that runs in L.
func Running(L *lua.LState) *Task { return Of(L).current }

// Actor returns the actor of the task.
func (t *Task) Actor() *Actor { return t.actor }

// Request returns who sent the message that the task handles, and its session: 0 if no answer
// is wanted, or owed any more. For a task that handles no message ok is false.
func (t *Task) Request() (source Handle, session int32, ok bool) {
	return t.source, t.session, !t.answered
}

// Trace returns the number that all messages have in common that follow from one.
func (t *Task) Trace() uint64 { return t.trace }

// Call sends a request and waits for the answer. The error is a *WaitError, a *SendError or a
// *CallError.
func (t *Task) Call(L *lua.LState, to Handle, typ Type, p *Payload) (Payload, error) {
	a := t.actor
	t.refuse(L)
	callee := a.host.Find(to)
	if callee == nil {
		return Payload{}, &SendError{To: to, Gone: true}
	}
	now := a.host.Now()
	deadline, key := t.expiry(now)
	return t.call(L, callee, typ, p, now, deadline, key)
}

// CallName is Call for whoever registers a global name; if nobody has it, it waits until somebody does.
func (t *Task) CallName(L *lua.LState, name string, typ Type, p *Payload) (Payload, error) {
	a := t.actor
	t.refuse(L)
	now := a.host.Now()
	deadline, key := t.expiry(now)
	k := t.Ticket()
	to := a.host.AwaitName(name, k)
	if to == 0 {
		w := Wait{Kind: OnName, What: name, Deadline: deadline, Key: key}
		if deadline == 0 {
			w.Deadline = -1
		}
		answer, err := t.block(L, &w, now, nil)
		if err != nil {
			a.host.LeaveName(name, k)
			return Payload{}, err
		}
		h, _ := answer.At(0).(lua.LNumber)
		to = Handle(h)
	}
	callee := a.host.Find(to)
	if callee == nil {
		return Payload{}, &SendError{To: to, Gone: true}
	}
	return t.call(L, callee, typ, p, a.host.Now(), deadline, key)
}

// SendName is Send for whoever has a global name, or registers it later.
func (t *Task) SendName(L *lua.LState, name string, typ Type, p *Payload) error {
	a := t.actor
	if to := a.host.Lookup(name); to != 0 {
		return t.Send(L, to, typ, p)
	}
	e := Envelope{Source: a.handle, Type: typ, Payload: *p, Trace: t.trace, Critical: t.critical}
	if err := t.mayNotSend(L, &e); err != nil {
		return err
	}
	return a.host.Park(name, e)
}

// call asks an actor.
func (t *Task) call(L *lua.LState, callee *Actor, typ Type, p *Payload, now, deadline int64, key string) (Payload, error) {
	a, to := t.actor, callee.handle
	e := Envelope{Source: a.handle, Session: a.sessions.fresh(), Type: typ, Payload: *p, Deadline: deadline, Hops: t.hops + 1}
	a.sessions.put(slot{session: e.Session, task: t, gen: t.gen.Load()})
	ready, err := t.put(L, callee, &e)
	if err != nil {
		a.sessions.take(e.Session)
		return Payload{}, err
	}
	w := Wait{Kind: OnCall, To: to, Session: e.Session, Deadline: deadline, Key: key}
	if s, ok := p.At(0).(lua.LString); ok {
		w.What = string(s)
	}
	if deadline == 0 {
		w.Deadline = -1
	}
	next := callee
	if !ready {
		next = nil
	}
	answer, err := t.block(L, &w, now, next)
	if err != nil {
		if e, ok := err.(*CallError); ok && e.Unknown {
			a.Trip(L, rules.UnknownCommand, w.What, fmt.Sprintf("%s has no command %s", callee.describe(), quote(w.What)))
		}
	}
	if a.observers.all() != nil {
		t.called(to, typ, &w, now, err)
	}
	return answer, err
}

// Expiry returns the deadline of what asks somebody outside of the node now, as a call would, and the key
// of sky.toml that sets it. It is for Wait: below 0 there is none.
func (t *Task) Expiry() (deadline int64, key string) {
	if deadline, key = t.expiry(t.actor.host.Now()); deadline == 0 {
		deadline = -1
	}
	return deadline, key
}

// describe names an actor for people.
func (a *Actor) describe() string { return a.handle.String() + " " + a.name }

// expiry returns the deadline of a call that is made now, and the key that sets it.
func (t *Task) expiry(now int64) (int64, string) {
	deadline := int64(0)
	if d := t.actor.limits.CallTimeout; d > 0 {
		deadline = now + int64(d)
	}
	if t.deadline > 0 && (deadline == 0 || t.deadline < deadline) {
		return t.deadline, "actor.call-timeout"
	}
	return deadline, "actor.call-timeout"
}

// RequestFor sends a request whose answer a Receiver gets. The session is 0 after an error.
func (t *Task) RequestFor(L *lua.LState, to Handle, typ Type, p *Payload, r Receiver) (int32, error) {
	a := t.actor
	callee := a.host.Find(to)
	if callee == nil {
		return 0, &SendError{To: to, Gone: true}
	}
	deadline, _ := t.expiry(a.host.Now())
	e := Envelope{Source: a.handle, Session: a.sessions.fresh(), Type: typ, Payload: *p, Deadline: deadline, Hops: t.hops + 1}
	a.sessions.put(slot{session: e.Session, to: r})
	if err := t.send(L, callee, &e); err != nil {
		a.sessions.take(e.Session)
		return 0, err
	}
	return e.Session, nil
}

// Send sends a message that nobody waits for: what its handler calls is no call within those that have led here.
func (t *Task) Send(L *lua.LState, to Handle, typ Type, p *Payload) error {
	callee := t.actor.host.Find(to)
	if callee == nil {
		return &SendError{To: to, Gone: true}
	}
	e := Envelope{Source: t.actor.handle, Type: typ, Payload: *p}
	return t.send(L, callee, &e)
}

// send puts a message in a mailbox, and has the actor run.
func (t *Task) send(L *lua.LState, callee *Actor, e *Envelope) error {
	ready, err := t.put(L, callee, e)
	if ready {
		t.actor.host.Ready(callee, nil)
	}
	return err
}

// put puts a message in a mailbox, by its policy. ready says that the caller has to get the actor a
// slot.
func (t *Task) put(L *lua.LState, callee *Actor, e *Envelope) (ready bool, err error) {
	a := t.actor
	a.flush()
	e.Trace, e.Critical = t.trace, t.critical
	if err := t.mayNotSend(L, e); err != nil {
		return false, err
	}
	for {
		err, full, ready := callee.offer(e, a)
		if !full {
			return ready, err
		}
		if err := t.waitRoom(L, callee); err != nil {
			return false, err
		}
	}
}

// mayNotSend returns why a message is not to be sent: a limit of the sender's.
func (t *Task) mayNotSend(L *lua.LState, e *Envelope) error {
	a := t.actor
	if limit := a.limits.Hops; e.Session != 0 && limit > 0 && int(e.Hops) > limit {
		a.Trip(L, rules.CallCycle, "", fmt.Sprintf("calls lead to calls, and come to no end: more than %d within each other", limit))
		return exceeded(fmt.Sprintf("more than %d calls within each other", limit), "hops")
	}
	if a.sends != nil && !a.sends.Take(a.host.Now()) {
		return exceeded(fmt.Sprintf("%s sends more than %d messages a second", a.handle, a.limits.Sends), "sends")
	}
	// What is critical counts, but is not held back by others.
	if a.shared != nil && !a.shared.Take(a.host.Now()) && !t.critical {
		return &LimitError{"all services of the node send more messages a second than they may", "run.sends"}
	}
	return nil
}

// AwaitStart waits until an actor has started. The error says why it has not. A function that scripts call has
// called MayWait before.
func (t *Task) AwaitStart(L *lua.LState, b *Actor) error {
	k := t.Ticket()
	if !b.onStart(func(err error) { k.Complete(Payload{}, err) }) {
		return b.startError()
	}
	w := Wait{Kind: OnStart, Actor: b, To: b.handle, Key: "actor.start-timeout", Deadline: -1}
	if d := t.actor.limits.StartTimeout; d > 0 {
		w.Deadline = t.actor.host.Now() + int64(d)
	}
	_, err := t.block(L, &w, t.actor.host.Now(), nil)
	return err
}

// Fork runs a function of the script as soon as the running message has been dealt with. What
// stands for its coroutine is returned.
func (a *Actor) Fork(fn lua.LValue, args []lua.LValue) *Coroutine {
	s := starter{fn: fn, args: args, coroutine: &Coroutine{actor: a}}
	if t := a.current; t != nil {
		s.trace, s.critical = t.trace, t.critical
	}
	a.forks = append(a.forks, s)
	return s.coroutine
}

// Go is Fork for a Go function.
func (a *Actor) Go(f func(*Task)) { a.forks = append(a.forks, starter{native: f}) }

// Begin says that f is to run before anything else: the main chunk of a script, which may not
// wait. It is called before the node knows the actor; Open then lets it run.
func (a *Actor) Begin(f func(*Task)) { a.forks = append(a.forks, starter{native: f, main: true}) }

// Open lets the actor begin. The node calls it once others can find the actor.
func (a *Actor) Open() {
	a.mu.Lock()
	begin := a.idle && a.forksAt < len(a.forks)
	if begin {
		a.idle = false
	}
	a.mu.Unlock()
	if begin {
		a.host.Ready(a, nil)
	}
}

// Timeout runs a function of the script after some hundredths of a second.
func (a *Actor) Timeout(ticks int64, fn lua.LValue, init bool) (*Coroutine, error) {
	if most := a.limits.Timers; most > 0 && a.sessions.used >= most {
		return nil, exceeded(fmt.Sprintf("more than %d timers and requests at once", most), "timers")
	}
	s := &starter{fn: fn, init: init, coroutine: &Coroutine{actor: a}}
	if t := a.current; t != nil {
		s.trace, s.critical = t.trace, t.critical
	}
	session := a.sessions.fresh()
	a.sessions.put(slot{session: session, start: s})
	a.host.After(a, session, ticks)
	return s.coroutine, nil
}

// unwind ends a task that waited.
func (t *Task) unwind(L *lua.LState) {
	t.unwinding = true
	if L == nil {
		panic(errEnding)
	}
	thread.Of(L).AbortAll(L, lua.LString(errEnding.Text))
}

var errEnding = &WaitError{"ended", "the actor is ending"}

// A Coroutine is what scripts see of a task: what coroutine.running returns in it.
type Coroutine struct {
	actor *Actor
	task  *Task       // nil before it begins and when it has ended
	value *lua.LState // nil: scripts have not seen it, or it has faded
	faint weak.Pointer[lua.LState]
	over  bool
	// Note says where it comes from, for lists of what waits.
	Note string
}

// Value returns the thread value that stands for the task in scripts.
func (c *Coroutine) Value(L *lua.LState) *lua.LState {
	if c.value == nil {
		if c.value = c.faint.Value(); c.value == nil {
			c.value = corolib.NewValue(L, c)
		}
	}
	return c.value
}

// fade lets go of the thread value, which is the token of a wait: if nobody else has it, the task never goes on.
func (c *Coroutine) fade() { c.faint, c.value = weak.Make(c.value), nil }

// Status implements corolib.Foreign.
func (c *Coroutine) Status() string {
	switch {
	case c.over:
		return "dead"
	case c.task != nil && c.task == c.actor.current:
		return "running"
	}
	return "suspended"
}

// Top implements corolib.Foreign.
func (c *Coroutine) Top() *lua.LState {
	if c.task == nil {
		return nil
	}
	return c.task.top
}

// Coroutine returns what stands for the task in scripts.
func (t *Task) Coroutine() *Coroutine {
	if t.coroutine == nil {
		t.coroutine = &Coroutine{actor: t.actor, task: t}
	}
	return t.coroutine
}

// A SendError says why a message was not taken.
type SendError struct {
	To   Handle
	Gone bool // nobody is at the address
	Key  string
	Text string
}

// Error says it as skynet does where it can.
func (e *SendError) Error() string {
	if e.Gone {
		return "call to invalid address " + e.To.String()
	}
	return e.Text
}

// A CallError says that a call was not answered, and why.
type CallError struct {
	Cause string
	// Unknown says that the callee has no such command.
	Unknown bool
}

const callFailed = "call failed"

// Error begins as skynet's does. Behind it stand the places where calls within calls have failed, the
// outermost first, and at last the cause: "call failed: b.lua:3: c.lua:2: boom".
func (e *CallError) Error() string {
	const link = callFailed + ": "
	cause := e.Cause
	for at := 0; ; {
		i := strings.Index(cause[at:], link)
		if i < 0 || !endsInPlace(cause[:at+i]) {
			break
		}
		at += i
		cause = cause[:at] + cause[at+len(link):]
	}
	if cause == "" {
		return callFailed
	}
	return link + cause
}

// endsInPlace reports whether a text ends as the place of an error does, "b.lua:3: ", or is empty.
func endsInPlace(s string) bool {
	if s == "" {
		return true
	}
	place, ok := strings.CutSuffix(s, ": ")
	name := strings.TrimRight(place, "0123456789")
	return ok && len(name) < len(place) && len(name) > 1 && name[len(name)-1] == ':' && !strings.Contains(s, "\n")
}
