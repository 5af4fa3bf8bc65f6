package actor

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
)

// act is what an actor does next.
type act uint8

const (
	rest  act = iota // nothing: nobody has the baton
	goOn             // a task goes on that waited
	begin            // a task begins: a.pending, or else what front returns
	over             // the actor has ended
)

// restful reports whether there is nothing to do. It is called with the lock and the baton.
func (a *Actor) restful() bool {
	return a.wokenAt == len(a.woken) && a.forksAt == len(a.forks) &&
		a.local[0].len()|a.local[1].len()|a.incoming[0].len()|a.incoming[1].len() == 0 && !a.dying && !a.waked
}

// pick decides what the actor does next. After rest the caller has the baton no more.
func (a *Actor) pick() (*Task, act) {
	for {
		if !a.failed || a.forksAt == len(a.forks) {
			if t := a.popWoken(); t != nil {
				return t, goOn
			}
		}
		a.failed = false
		if a.forksAt < len(a.forks) && !a.closing {
			a.popFork()
			return nil, begin
		}
		if a.closing {
			return a.pickLast()
		}
		if !a.waked && (a.urgent.Load() || a.local[0].len()|a.local[1].len() == 0) {
			if !a.collect() {
				return nil, rest
			}
			if a.closing {
				continue
			}
		}
		e := a.front()
		switch {
		case e.event != nil:
			f := e.event
			a.drop()
			f(a)
		case (e.Type == Response || e.Type == Error) && e.Session != 0:
			t, found := a.deliver(e)
			if !found && a.stray(e) {
				return nil, begin
			}
			a.drop()
			if t != nil {
				t.gen.Add(1)
				return t, goOn
			}
			if found && a.pending.set() {
				return nil, begin
			}
		default:
			return nil, begin
		}
	}
}

// front returns the envelope that is next.
func (a *Actor) front() *Envelope {
	if a.waked {
		return &a.single
	}
	a.lane = 0
	if a.local[0].len() == 0 {
		a.lane = 1
	}
	return a.local[a.lane].front()
}

// drop takes the envelope off that front has returned.
func (a *Actor) drop() {
	if a.waked {
		a.single, a.waked = Envelope{}, false
		return
	}
	a.local[a.lane].drop()
	if a.lane == 1 {
		a.left.Store(int32(a.local[1].len()))
		if a.waiting.Load() {
			a.callRooms()
		}
	}
}

func (a *Actor) popWoken() *Task {
	for a.wokenAt < len(a.woken) {
		k := a.woken[a.wokenAt]
		a.woken[a.wokenAt] = Ticket{}
		a.wokenAt++
		if a.wokenAt == len(a.woken) {
			a.woken, a.wokenAt = a.woken[:0], 0
		}
		if k.task.gen.CompareAndSwap(k.gen, k.gen+1) {
			return k.task
		}
	}
	return nil
}

func (a *Actor) popFork() {
	a.pending = a.forks[a.forksAt]
	a.forks[a.forksAt] = starter{}
	a.forksAt++
	if a.forksAt == len(a.forks) {
		a.forks, a.forksAt = a.forks[:0], 0
	}
}

// collect takes what has come in. If there is nothing, it gives the baton up and returns false.
func (a *Actor) collect() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.dying && !a.closing {
		a.closing = true
		return true
	}
	if a.urgent.Load() {
		a.urgent.Store(false)
	}
	for lane := range a.incoming {
		if a.local[lane].len() == 0 && a.incoming[lane].len() > 0 {
			a.local[lane].swap(&a.incoming[lane])
		}
	}
	a.taken = a.local[1].len()
	a.left.Store(int32(a.taken))
	if a.local[0].len()|a.local[1].len() != 0 {
		return true
	}
	a.idle = true
	a.local[0].release()
	a.local[1].release()
	if a.state != nil {
		a.state.Rest()
	}
	return false
}

// deliver finds what waits for an answer: a task, which goes on; something that is to begin,
// which is then pending; or a receiver.
func (a *Actor) deliver(e *Envelope) (t *Task, found bool) {
	s, ok := a.sessions.take(e.Session)
	if !ok {
		return nil, false
	}
	switch {
	case s.task != nil:
		if s.task.gen.Load() != s.gen {
			return nil, false
		}
		if e.Type == Error {
			s.task.result, s.task.err = Payload{}, &CallError{Cause: e.Payload.Text(0), Unknown: e.Unknown}
		} else {
			s.task.result, s.task.err = e.Payload, nil
		}
		return s.task, true
	case s.start != nil:
		a.pending = *s.start
	default:
		copied := *e // so that envelopes of others need not be on the heap
		s.to.Receive(&copied)
	}
	return nil, true
}

// Work runs the actor as long as it has something to do, on the goroutine of a runner that has
// slot and baton. It reports whether the runner still has the slot when it returns; the baton is
// gone in any case.
func (a *Actor) Work(r *Runner, picked bool) (slot bool) {
	for {
		if !picked {
			w := a.later
			a.later = wakeup{}
			t, act := a.pick()
			if w.actor != nil {
				if act == rest && !a.host.Crowded() { // else this goroutine may go on with who is next
					a.host.Hand(w.actor, w.runner)
					return false
				}
				a.host.Ready(w.actor, w.runner)
			}
			switch act {
			case goOn:
				t.runner.Wake()
				return false
			case rest, over:
				return true
			}
		}
		picked = false
		a.run(r)
		if a.host.Crowded() && a.sliceOver() {
			a.flush()
			a.host.Again(a, r)
		}
	}
}

// slice is how long an actor may keep a slot that others wait for.
const slice = 1_000_000

// sliceOver reports whether the actor has had its slot for long enough, counted from the first
// time that somebody else waited for it.
func (a *Actor) sliceOver() bool {
	now := a.host.Now()
	if a.slice == 0 {
		a.slice = now
		return false
	}
	return now-a.slice > slice
}

// Granted says that the actor has been given a slot. The scheduler calls it.
func (a *Actor) Granted() { a.slice = 0 }

// Pause is what the budget of a script calls once in a while: others get a turn.
func (a *Actor) Pause() {
	a.flush()
	if a.current != nil && a.host.Crowded() && a.sliceOver() {
		t := a.current
		a.host.Again(a, t.runner)
	}
}

// task returns a task that is at nothing.
func (a *Actor) task() *Task {
	if n := len(a.free); n > 0 {
		t := a.free[n-1]
		a.free = a.free[:n-1]
		return t
	}
	t := &Task{actor: a}
	t.limits = limit.Task{Instructions: a.limits.Instructions, Time: a.limits.Time, InstructionsKey: "actor.instructions", TimeKey: "actor.time"}
	a.mu.Lock()
	a.tasks = append(a.tasks, t)
	a.mu.Unlock()
	return t
}

// maxFree is how many tasks an actor keeps that are at nothing.
const maxFree = 8

// run runs what pick has decided on to its end.
func (a *Actor) run(r *Runner) {
	t := a.task()
	t.runner, t.begun = r, true
	t.limits.Renew()
	a.busy++
	a.beat.Store(a.beat.Load() + 1)
	switch m := a.pending.message; {
	case m != nil:
		a.pending = starter{}
		t.receive(m)
	case a.pending.set():
		t.start, a.pending = a.pending, starter{}
		t.answered, t.trace, t.critical, t.init, t.main = true, t.start.trace, t.start.critical || a.critical, t.start.init, t.start.main
		if t.init {
			a.first = t
		}
		if c := t.start.coroutine; c != nil {
			c.task, t.coroutine = t, c
		}
	default:
		t.receive(a.front())
		a.drop()
	}
	if t.trace == 0 {
		t.trace = a.host.Trace()
	}
	a.current = t
	if all := a.observers.all(); all != nil && t.open {
		t.tell(all)
	}
	var err error
	switch most := a.limits.Tasks; {
	case most > 0 && a.busy > most:
		err = exceeded(fmt.Sprintf("%s is at %d things at once", a.handle, most), "tasks")
	case a.state == nil || t.start.native != nil:
		err = t.runNative()
	case t.start.fn != nil:
		err = t.Run(t.start.fn, t.start.args)
	default:
		err = a.behaviour.Message(t, &t.envelope)
	}
	a.finish(t, err)
}

// receive makes a message the one that the task handles.
func (t *Task) receive(e *Envelope) {
	t.envelope = *e
	t.source, t.session, t.answered, t.open = e.Source, e.Session, e.Session == 0, true
	if e.Type == Response || e.Type == Error {
		t.answered, t.open = true, false // nobody answers an answer
	}
	t.deadline, t.hops, t.trace, t.critical, t.forged = e.Deadline, e.Hops, e.Trace, e.Critical || t.actor.critical, e.forged
	if t.session == 0 {
		t.deadline = 0
	}
}

// Run runs a function of the script in the task, and drops its results.
func (t *Task) Run(fn lua.LValue, args []lua.LValue) error {
	L := t.Prepare(fn)
	for _, v := range args {
		L.Push(v)
	}
	return t.Perform(nil)
}

// Prepare returns the stack for a call of fn in the task, on which its arguments are to be pushed.
// Perform calls it.
func (t *Task) Prepare(fn lua.LValue) *lua.LState {
	s := t.actor.state
	t.root, t.fn, t.commandAt = s.Thread(), fn, commandParameter
	t.root.Coroutine = t
	s.Budget.Enter(&t.limits)
	return t.root.Prepare(fn)
}

// Perform makes the call. The error is that of the script; results, if it is not nil, gets what
// it returned.
func (t *Task) Perform(results func(L *lua.LState)) error {
	s, th := t.actor.state, t.root
	failure := th.Perform()
	var err error
	if failure != nil {
		err = s.Failed(th, failure)
	} else if results != nil {
		results(th.L)
	}
	s.Budget.Leave()
	t.root = nil
	th.Free()
	return err
}

// Value implements corolib.Runner.
func (t *Task) Value(L *lua.LState) *lua.LState { return t.Coroutine().Value(L) }

func (t *Task) runNative() (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = v
		default:
			err = fmt.Errorf("a defect of the host: %v", v)
		}
	}()
	if f := t.start.native; f != nil {
		f(t)
		return nil
	}
	return t.actor.behaviour.Message(t, &t.envelope)
}

// finish ends a task.
func (a *Actor) finish(t *Task, err error) {
	if t.began != 0 {
		t.told(err)
	}
	switch {
	case t.ending:
		// What it owed has been answered.
	case err != nil:
		a.failed = true
		cause := ""
		var lost *script.Error
		if errors.As(err, &lost) && lost.Defect != "" {
			cause = "internal error"
		} else {
			cause = err.Error()
		}
		unknown := false
		if !stopped(err) { // whoever stops it says so
			a.host.Report(a.event("handler", t, err))
			unknown = a.tripFailed(t, err)
		}
		switch {
		case t.ignored:
			a.decline(t, cause)
		case !t.forged:
			t.refuseAs(cause, unknown)
		}
		if a.state != nil {
			if over := a.state.Budget.Over(); over != nil {
				a.Fail(over.Error())
			}
		}
	case !t.answered && t.session != 0 && !t.handed:
		ev := a.event("no-reply", t, nil)
		ev.Message = fmt.Sprintf("Maybe forgot response session %d from %s%s", t.session, t.source, t.defined())
		a.host.Report(ev)
		if !t.forged && a.tripSilent(t) {
			t.Refuse("the handler has ended without an answer" + t.where())
		}
	case t.ignored:
		if t.forged || a.deferring || a.tripSilent(t) {
			a.decline(t, "the handler has declined to answer (skynet.ignoreret)"+t.where())
		}
	}
	for len(t.held) > 0 {
		l := t.held[len(t.held)-1]
		l.depth = 0
		l.pass()
	}
	if c := t.coroutine; c != nil {
		c.task, c.over = nil, true
	}
	if a.first == t {
		a.first = nil
	}
	a.busy--
	a.current = nil
	t.gen.Add(1) // tickets of its last wait are stale
	t.clear()
	if len(a.free) < maxFree {
		a.free = append(a.free, t)
		return
	}
	a.mu.Lock()
	for i, other := range a.tasks {
		if other == t {
			last := len(a.tasks) - 1
			a.tasks[i], a.tasks[last] = a.tasks[last], nil
			a.tasks = a.tasks[:last]
			break
		}
	}
	a.mu.Unlock()
}

// stopped reports whether an error says that the node or another service has ended the actor.
func stopped(err error) bool {
	var e *limit.Error
	return errors.As(err, &e) && e.Kind == limit.Stopped
}

// clear forgets what a task was at.
func (t *Task) clear() {
	t.envelope, t.fn, t.taken = Envelope{}, nil, nil
	if t.start.set() {
		t.start = starter{}
	}
	if t.declined.File != nil {
		t.declined = guard.Place{}
	}
	t.source, t.session, t.open, t.answered, t.ignored, t.handed, t.forged, t.deadline, t.began = 0, 0, false, true, false, false, false, 0, 0
	t.runner, t.coroutine, t.init, t.main, t.begun, t.ending, t.unwinding = nil, nil, false, false, false, false, false
	if t.result.n != 0 {
		t.result = Payload{}
	}
	t.err, t.Tag = nil, ""
}

// defined says where the function stands that the task has run last: that of the handler, once it has
// ended.
func (t *Task) defined() string {
	if f, ok := t.fn.(*lua.LFunction); ok && f.Proto != nil {
		return fmt.Sprintf(" : %s:%d", f.Proto.SourceName, f.Proto.LineDefined)
	}
	return ""
}

// where names the message that a task handles.
func (t *Task) where() string {
	what := t.envelope.Text(0)
	if what == "" {
		return fmt.Sprintf(" (%s %s)", t.actor.handle, t.actor.name)
	}
	return fmt.Sprintf(" (%s %s, %s)", t.actor.handle, t.actor.name, quote(what))
}

// event describes a task for the log.
func (a *Actor) event(kind string, t *Task, err error) Event {
	ev := Event{Kind: kind, Actor: a.handle, Name: a.name, Source: t.source, Session: t.session, Trace: t.trace, Handler: t.envelope.Text(0), Digest: t.envelope.Digest()}
	if err != nil {
		ev.Message = err.Error()
		var lua *script.Error
		if errors.As(err, &lua) {
			ev.Stack = lua.Traceback
			if lua.Defect != "" {
				ev.Message += " (" + lua.Defect + ")"
			}
		}
	}
	return ev
}
