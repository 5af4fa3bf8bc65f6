package actor

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/bucket"
)

func lane(critical bool) int {
	if critical {
		return 0
	}
	return 1
}

// Offer puts a request or a message in the mailbox on behalf of nobody, without waiting for room.
// It is for the node and for Go programs.
func (a *Actor) Offer(e Envelope) error {
	err, full, ready := a.offer(&e, nil)
	if ready {
		a.host.Ready(a, nil)
	}
	if full {
		return a.full()
	}
	return err
}

// maxSenders is how many senders are remembered; then all are forgotten, which lets each send a
// bucketful anew.
const maxSenders = 4096

// admit takes a token from the bucket of a sender. It is called with the lock.
func (a *Actor) admit(by Handle) bool {
	b := a.senders[by]
	if b == nil {
		if a.senders == nil || len(a.senders) >= maxSenders {
			a.senders = make(map[Handle]*bucket.Bucket)
		}
		b = bucket.New(a.limits.Received)
		a.senders[by] = b
	}
	return b.Take(a.host.Now())
}

func (a *Actor) full() error {
	return &SendError{To: a.handle, Key: "actor.mailbox", Text: fmt.Sprintf("the mailbox of %s %s is full (%d messages); see actor.mailbox in sky.toml", a.handle, a.name, a.limits.Mailbox)}
}

// offer puts a message in the mailbox. full says that by's task has to wait for room; ready, that the
// caller has to get the actor a slot, since it was idle.
func (a *Actor) offer(e *Envelope, by *Actor) (err error, full, ready bool) {
	a.mu.Lock()
	if a.dying {
		a.mu.Unlock()
		return &SendError{To: a.handle, Gone: true}, false, false
	}
	if a.limits.Received > 0 && by != nil && by != a && !a.admit(by.handle) {
		a.mu.Unlock()
		return exceeded(fmt.Sprintf("%s sends more than %d messages a second to %s %s", by.handle, a.limits.Received, a.handle, a.name), "received"), false, false
	}
	if most := a.limits.Mailbox; most > 0 && !a.idle && e.event == nil {
		held := a.normal(most)
		if e.Critical {
			held = a.incoming[0].len()
		}
		if held >= most {
			switch {
			case a.limits.Policy == DropOldest:
				a.dropOldest(lane(e.Critical))
			case a.limits.Policy == Reject || by == a || by == nil:
				a.mu.Unlock()
				return a.full(), false, false
			default:
				a.mu.Unlock()
				return nil, true, false
			}
		}
	}
	ready, r := a.accept(e)
	if r != nil {
		a.host.Ready(a, r)
		ready = false
	}
	return nil, false, ready
}

// normal returns how many normal messages wait; where they are fewer than most, it may be more than
// there are. It is called with the lock.
func (a *Actor) normal(most int) int {
	n := a.incoming[1].len()
	if n+a.taken < most {
		return n + a.taken // left is written all the time, and dear to read
	}
	return n + int(a.left.Load())
}

// dropOldest makes room for one message. It is called with the lock. The oldest messages may
// be with who has the baton already: then the oldest of the others goes.
func (a *Actor) dropOldest(lane int) {
	e, ok := a.incoming[lane].remove(func(e *Envelope) bool {
		return e.event != nil || e.Type == Response || e.Type == Error || e.Type == Socket
	})
	if ok {
		go a.refuse(&e, "the message was dropped, since the mailbox is full; see actor.mailbox in sky.toml")
	}
}

// post puts an answer or an event in the mailbox, whatever else is there.
func (a *Actor) post(e *Envelope) bool {
	taken, ready, r := a.take(e)
	if ready {
		a.host.Ready(a, r)
	}
	return taken
}

// take is post for who gets the actor a slot itself if it is ready: for r, if that is not nil.
func (a *Actor) take(e *Envelope) (taken, ready bool, r *Runner) {
	a.mu.Lock()
	if a.dying && e.event == nil {
		a.mu.Unlock()
		return false, false, nil
	}
	ready, r = a.accept(e)
	return true, ready, r
}

// Post is post for the node: an answer.
func (a *Actor) Post(e Envelope) bool { return a.post(&e) }

// Event has f called with the baton, before messages are taken.
func (a *Actor) Event(f func(*Actor)) { a.post(&Envelope{event: f, Critical: true}) }

// accept puts an envelope in its lane. It is called with the lock, and gives it back. If the actor was
// idle it may be ready now: then the caller has to get it a slot, for r if that is not nil.
func (a *Actor) accept(e *Envelope) (ready bool, r *Runner) {
	if !a.idle {
		l := lane(e.Critical)
		a.incoming[l].push(e)
		if l == 0 {
			a.urgent.Store(true)
		}
		a.mu.Unlock()
		return false, nil
	}
	a.idle, a.seen = false, false
	if e.event == nil && (e.Type == Response || e.Type == Error) && e.Session != 0 {
		// Nobody has the baton: who waits can go on without anybody in between.
		t, found := a.deliver(e)
		switch {
		case !found && a.stray(e):
			a.single, a.waked = *e, true
			a.mu.Unlock()
			return true, nil
		case t != nil:
			t.gen.Add(1)
			r := t.runner
			a.mu.Unlock()
			return true, r
		case found && a.pending.set():
			a.forks = append(a.forks, a.pending)
			a.pending = starter{}
			a.mu.Unlock()
			return true, nil
		}
		if a.wokenAt == len(a.woken) {
			a.idle = true
			a.mu.Unlock()
			return false, nil
		}
		a.mu.Unlock()
		return true, nil
	}
	a.single, a.waked = *e, true
	a.mu.Unlock()
	return true, nil
}

// Length returns how many messages wait.
func (a *Actor) Length() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.idle {
		return 0
	}
	return int(a.left.Load()) + a.incoming[0].len() + a.incoming[1].len()
}

// roomWait is a task that waits for room, with its baton.
type roomWait struct {
	task *Task
	done chan error
}

// end lets the task go on. Who comes second does nothing.
func (w *roomWait) end(err error) {
	select {
	case w.done <- err:
	default:
	}
}

// SweepPeriod is how long a wait is left alone before the node's sweep looks at it.
const SweepPeriod = 20 * time.Millisecond

// waitRoom waits until the mailbox of b may have room. The baton is kept, since a send never
// lets others run; the slot is not.
func (t *Task) waitRoom(L *lua.LState, b *Actor) error {
	a := t.actor
	t.refuse(L)
	a.flush()
	w := &roomWait{task: t, done: make(chan error, 1)}
	b.mu.Lock()
	if b.dying {
		b.mu.Unlock()
		return &SendError{To: b.handle, Gone: true}
	}
	if b.normal(b.limits.Mailbox) < b.limits.Mailbox {
		b.mu.Unlock()
		return nil
	}
	b.rooms = append(b.rooms, w)
	b.waiting.Store(true)
	b.mu.Unlock()
	now := a.host.Now()
	deadline := now + int64(b.limits.SendWait)
	a.mu.Lock()
	t.wait = record{Wait: Wait{Kind: OnRoom, Actor: b, To: b.handle, Deadline: deadline, Key: "actor.send-wait"}, gen: t.gen.Load(), since: now, init: t.init}
	t.wait.source, t.wait.session = t.owed()
	a.roomWait = w
	a.mu.Unlock()
	t.top = L
	a.host.Release(a)
	var err error
	select {
	case err = <-w.done:
	case <-time.After(SweepPeriod): // now the sweep may ask who waits, and where
		stack := t.Stack()
		a.mu.Lock()
		t.stack = stack
		a.mu.Unlock()
		err = <-w.done
	}
	a.host.Ready(a, t.runner)
	t.runner.Wait()
	a.mu.Lock()
	t.wait.Kind = none
	a.roomWait = nil
	t.stack = ""
	a.mu.Unlock()
	t.top = nil
	b.mu.Lock()
	for i, other := range b.rooms {
		if other == w {
			b.rooms = append(b.rooms[:i], b.rooms[i+1:]...)
			break
		}
	}
	b.mu.Unlock()
	return err
}

// callRooms lets those go on that wait for room: as many as there is room for.
func (a *Actor) callRooms() {
	a.mu.Lock()
	room := a.limits.Mailbox - a.local[1].len() - a.incoming[1].len()
	for room > 0 && len(a.rooms) > 0 {
		w := a.rooms[0]
		a.rooms = a.rooms[1:]
		w.end(nil)
		room--
	}
	if len(a.rooms) == 0 {
		a.waiting.Store(false)
	}
	a.mu.Unlock()
}

// Digest is a short fingerprint of a message, for logs: equal messages have equal ones.
func (e *Envelope) Digest() uint64 {
	h := fnv.New64a()
	var b []byte
	b = strconv.AppendInt(b, int64(e.Type), 10)
	for i := range e.Len() {
		b = append(b, 0)
		switch v := e.At(i).(type) {
		case lua.LString:
			b = append(b, v...)
		case lua.LNumber, lua.LBool, *lua.LNilType:
			b = append(b, v.String()...)
		default:
			b = append(b, v.Type().String()...)
		}
	}
	h.Write(b)
	return h.Sum64()
}
