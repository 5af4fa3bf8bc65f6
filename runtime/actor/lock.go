package actor

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/thread"
)

// A Lock is held by one coroutine of an actor at a time: a queue, a module that is being loaded.
// It is re-entrant for the coroutine that holds it, and given on in the order of those who ask. It is
// used with the baton. One whose holder ends is released.
type Lock struct {
	actor *Actor
	name  string
	queue bool // a queue of the script
	depth int
	// Guarded by the actor's lock, since the sweep reads them.
	holder *Task
	root   *thread.Thread

	waiters []lockWaiter
}

type lockWaiter struct {
	ticket Ticket
	root   *thread.Thread
}

// NewQueue is NewLock for a queue that the script has made.
func (a *Actor) NewQueue(name string) *Lock { return &Lock{actor: a, name: name, queue: true} }

// NewLock returns a lock of an actor. The name says what it is, for people: "a queue".
func (a *Actor) NewLock(name string) *Lock { return &Lock{actor: a, name: name} }

// Holds reports whether the coroutine that runs in L holds the lock.
func (l *Lock) Holds(L *lua.LState) bool {
	return l.holder != nil && l.root == thread.Of(L).Root
}

// Held reports whether anybody holds the lock.
func (l *Lock) Held() bool { return l.holder != nil }

// Acquire waits until the lock is the coroutine's that runs in L.
func (l *Lock) Acquire(L *lua.LState) error {
	t, root := Running(L), thread.Of(L).Root
	switch {
	case l.holder == nil:
		l.give(t, root)
		return nil
	case l.root == root:
		l.depth++
		return nil
	}
	l.waiters = append(l.waiters, lockWaiter{t.Ticket(), root})
	gen := t.gen.Load()
	_, err := t.Block(L, Wait{Kind: OnLock, Lock: l})
	if err != nil {
		for i, w := range l.waiters {
			if w.ticket.task == t && w.ticket.gen == gen {
				l.waiters = append(l.waiters[:i], l.waiters[i+1:]...)
				break
			}
		}
		if l.holder == t && l.root == root { // it was given meanwhile
			l.Release()
		}
	}
	return err
}

// give makes a coroutine the holder.
func (l *Lock) give(t *Task, root *thread.Thread) {
	l.actor.mu.Lock()
	l.holder, l.root = t, root
	l.actor.mu.Unlock()
	l.depth = 1
	if t != nil {
		t.held = append(t.held, l)
	}
}

// Release undoes one Acquire.
func (l *Lock) Release() {
	l.depth--
	if l.depth == 0 {
		l.pass()
	}
}

// pass gives the lock to who has waited longest.
func (l *Lock) pass() {
	for i, h := range l.holder.held {
		if h == l {
			l.holder.held = append(l.holder.held[:i], l.holder.held[i+1:]...)
			break
		}
	}
	for len(l.waiters) > 0 {
		w := l.waiters[0]
		l.waiters = l.waiters[1:]
		if w.ticket.CompleteHere(Payload{}, nil) {
			l.give(w.ticket.task, w.root)
			return
		}
	}
	l.give(nil, nil)
}

func (l *Lock) describe() string { return l.name }
