package actor

import (
	"slices"
	"weak"

	lua "github.com/yuin/gopher-lua"
)

// A task that waits with a token goes on when somebody calls Wakeup with the same. A table, a function, a
// userdata or a coroutine is the same only as long as somebody has it: when nothing can reach it any
// more, the wait would never end. The collector knows. So the engine does not hold on to the token of a wait
// that takes long: it keeps a weak pointer, and the sweep looks whether there is still something behind
// it. A token that the waiting script itself holds, in a variable say, is not found so.

// A faint is a token that the engine has only a weak pointer to. Two of the same token are equal.
type faint interface{ gone() bool }

type faintOf[T any] struct{ pointer weak.Pointer[T] }

func (f faintOf[T]) gone() bool { return f.pointer.Value() == nil }

// newFaint returns a weak pointer to a token; nil for one that can be made anew at any time.
func newFaint(token lua.LValue) faint {
	switch v := token.(type) {
	case *lua.LTable:
		return faintOf[lua.LTable]{weak.Make(v)}
	case *lua.LFunction:
		return faintOf[lua.LFunction]{weak.Make(v)}
	case *lua.LUserData:
		return faintOf[lua.LUserData]{weak.Make(v)}
	case *lua.LState:
		return faintOf[lua.LState]{weak.Make(v)}
	}
	return nil
}

// tokens are what the tasks of an actor wait with. A token is in one of the maps.
type tokens struct {
	held  map[lua.LValue]Ticket
	faint map[faint]Ticket
	// missed are the tokens of the last wakeups that found nobody, and misses how many there were.
	missed [8]faint
	misses int
}

func (ts *tokens) find(token lua.LValue) (Ticket, bool) {
	k, ok := ts.held[token]
	if !ok && len(ts.faint) > 0 {
		if f := newFaint(token); f != nil {
			k, ok = ts.faint[f]
		}
	}
	return k, ok
}

// claim notes that the running task is about to wait with a token.
func (t *Task) claim(token lua.LValue) error {
	ts := &t.actor.tokens
	if _, taken := ts.find(token); taken {
		return &WaitError{"duplicate", "token duplicative"}
	}
	if ts.held == nil {
		ts.held = make(map[lua.LValue]Ticket)
	}
	ts.held[token] = t.Ticket()
	t.token = token
	return nil
}

// release undoes claim. The task knows its token: the stack must not, while the task waits.
func (t *Task) release() {
	if t.token != nil {
		delete(t.actor.tokens.held, t.token)
		t.token = nil
		return
	}
	delete(t.actor.tokens.faint, t.wait.faint)
}

// Sleep waits for some hundredths of a second, or until Wakeup is called with the token.
func (t *Task) Sleep(L *lua.LState, ticks int64, token lua.LValue) (woken bool, err error) {
	a := t.actor
	t.refuse(L)
	if err := t.claim(token); err != nil {
		return false, err
	}
	session := a.sessions.fresh()
	a.sessions.put(slot{session: session, task: t, gen: t.gen.Load()})
	a.host.After(a, session, ticks)
	_, err = t.block(L, &Wait{Kind: OnSleep, Session: session, Deadline: -1}, a.host.Now(), nil)
	t.release()
	if err == errWoken {
		return true, nil
	}
	return false, err
}

// Await waits until Wakeup is called with the token. Who calls must not hold on to the token, nor leave it on
// the stack of L: see Fade.
func (t *Task) Await(L *lua.LState, token lua.LValue) error {
	t.refuse(L)
	if err := t.claim(token); err != nil {
		return err
	}
	_, err := t.block(L, &Wait{Kind: OnToken}, t.actor.host.Now(), nil)
	t.release()
	if err == errWoken {
		return nil
	}
	return err
}

var errWoken = &WaitError{"woken", "woken"}

// Wakeup lets the task go on that waits with a token. It reports false if none does.
func (a *Actor) Wakeup(token lua.LValue) bool {
	k, ok := a.tokens.find(token)
	if !ok {
		a.tokens.miss(token)
	}
	return ok && k.CompleteHere(Payload{}, errWoken)
}

// miss notes a wakeup that has found nobody.
func (ts *tokens) miss(token lua.LValue) {
	if f := newFaint(token); f != nil {
		ts.missed[ts.misses%len(ts.missed)] = f
		ts.misses++
	}
}

// wasMissed reports whether a wakeup with a token was among the last that have found nobody.
func (ts *tokens) wasMissed(f faint) bool {
	return f != nil && slices.Contains(ts.missed[:], f)
}

// Fade has the actor let go of the tokens of waits that are as old as a time or older, so that the
// collector finds those that nobody else has. It may be called from anywhere.
func (a *Actor) Fade(since int64) {
	if a.fading.Swap(true) {
		return
	}
	a.Event(func(a *Actor) {
		a.fading.Store(false)
		for _, t := range a.tasks {
			if w := &t.wait; t.token != nil && w.Kind == OnToken && w.since <= since && w.gen == t.gen.Load() {
				a.fade(t)
			}
		}
	})
}

func (a *Actor) fade(t *Task) {
	f := newFaint(t.token)
	if f != nil {
		k := a.tokens.held[t.token]
		delete(a.tokens.held, t.token)
		if a.tokens.faint == nil {
			a.tokens.faint = make(map[faint]Ticket)
		}
		a.tokens.faint[f] = k
		if c := t.coroutine; c != nil && t.token == lua.LValue(c.value) {
			c.fade()
		}
		t.token = nil
	}
	a.mu.Lock()
	t.wait.faint, t.wait.faded, t.wait.holds, t.wait.missed = f, true, len(t.held) > 0, a.tokens.wasMissed(f)
	a.mu.Unlock()
}

// Fades reports whether the wait is one that Fade is of use for, and was not called for yet.
func (w *Waiting) Fades() bool { return w.Kind == OnToken && !w.faded }

// Faint reports whether the collector may find that nothing can end the wait.
func (w *Waiting) Faint() bool { return w.faint != nil }

// Lost reports whether it has found that, and somebody waits for the task in turn: for its answer, for the
// start of its actor, or for a lock that it holds. Where nobody does, a script may have meant it so.
func (w *Waiting) Lost() bool {
	return w.lost() && (w.session != 0 || w.init || w.holds)
}

func (r *record) lost() bool { return r.faint != nil && r.faint.gone() }
