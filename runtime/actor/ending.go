package actor

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

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
	a.dropForks()
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

// dropForks drops what was forked and has not begun.
func (a *Actor) dropForks() {
	for ; a.forksAt < len(a.forks); a.forksAt++ {
		if e := a.forks[a.forksAt].message; e != nil {
			a.refuse(e, a.epitaph())
		}
	}
	a.forks, a.forksAt = nil, 0
}

// epitaph is the cause of errors that answer what the actor has not.
func (a *Actor) epitaph() string { return a.handle.String() + " " + a.name + " has ended: " + a.reason }

// disown answers all that the actor owes an answer.
func (a *Actor) disown() {
	text := a.epitaph()
	if a.waked {
		a.refuse(&a.single, text)
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
				a.refuse(&e, text)
				a.mu.Lock()
			}
		}
	}
	a.left.Store(0)
	a.mu.Unlock()
	a.dropForks()
	for _, t := range a.tasks {
		if t.begun && (!t.answered || t.ignored) {
			t.answered, t.ignored = true, false
			if !t.forged && !t.handed {
				a.reply(t.source, t.session, Error, Values(lua.LString(text)), t.critical, t.trace)
			}
		}
	}
	for r := range a.stored {
		r.Fail(text)
	}
	for _, r := range a.declined {
		r.Fail(text)
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

// TermName lets those fail that wait for a global name to call.
func (a *Actor) TermName(name string) {
	for _, t := range a.tasks {
		if t.begun && t.wait.Kind == OnName && t.wait.What == name && t.wait.gen == t.gen.Load() {
			a.wake(t, Payload{}, &CallError{Cause: name + " was given up (skynet.term)"})
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
