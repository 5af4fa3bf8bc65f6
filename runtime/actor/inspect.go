package actor

import lua "github.com/yuin/gopher-lua"

// Behaviour returns what the actor was made with.
func (a *Actor) Behaviour() Behaviour { return a.behaviour }

// Main reports whether the task runs the main chunk of a script, which may not wait.
func (t *Task) Main() bool { return t.main }

// MayWait raises where the task must not wait: before something is begun that it would wait for.
func (t *Task) MayWait(L *lua.LState) { t.refuse(L) }

// Owes reports whether the task handles a message that it has neither answered nor handed on,
// be an answer wanted or not.
func (t *Task) Owes() bool { return t.open }

// Handles reports whether the task handles a message.
func (t *Task) Handles() bool { return !t.start.set() }

// Session returns the session that the task waits for; 0 if it waits for something else.
func (t *Task) Session() int32 {
	if t.wait.gen != t.gen.Load() {
		return 0
	}
	return t.wait.Session
}

// Tasks returns the tasks that have begun and wait.
func (a *Actor) Tasks() []*Task {
	var list []*Task
	for _, t := range a.tasks {
		if t.begun && t != a.current {
			list = append(list, t)
		}
	}
	return list
}

// Pending returns how many sessions, timers and tasks are open.
func (a *Actor) Pending() int {
	n := a.sessions.used
	for _, t := range a.tasks {
		if t.begun && t != a.current && t.Session() == 0 {
			n++
		}
	}
	return n
}

// Exited reports whether the actor ends because its own code said so.
func (a *Actor) Exited() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.dying && a.graceful
}

// Start returns the task of the actor's start; nil when it has ended.
func (a *Actor) Start() *Task { return a.first }

// Handled returns how many times a task of the actor has begun or gone on.
func (a *Actor) Handled() uint32 { return a.beat.Load() }

// TimerFor has a receiver get an answer after some hundredths of a second, and returns its session.
func (a *Actor) TimerFor(ticks int64, r Receiver) int32 {
	session := a.sessions.fresh()
	a.sessions.put(slot{session: session, to: r})
	a.host.After(a, session, ticks)
	return session
}

// Timers calls f for every timer that is to run a function, by session.
func (a *Actor) Timers(f func(session int32, c *Coroutine)) {
	for _, s := range a.sessions.slots {
		if s.session != 0 && s.start != nil && s.start.coroutine != nil {
			f(s.session, s.start.coroutine)
		}
	}
}

// Forget drops what comes for a session.
func (a *Actor) Forget(session int32) { a.sessions.take(session) }

// SetFailure says that what ends the actor is a failure, and which.
func (a *Actor) SetFailure(why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failure == "" && !a.dying {
		a.failure = why
	}
}

// KillTask ends a task that waits. It reports false for the running one.
func (a *Actor) KillTask(c *Coroutine) bool {
	t := c.task
	if t == nil || t == a.current {
		return false
	}
	t.Refuse("the task that handled it was killed (skynet.killthread)")
	t.ending = true
	a.wake(t, Payload{}, nil)
	return true
}

// Unfork drops something that was forked and has not begun.
func (a *Actor) Unfork(v *lua.LState) bool {
	for i := a.forksAt; i < len(a.forks); i++ {
		if c := a.forks[i].coroutine; c != nil && c.value == v {
			c.over = true
			a.forks = append(a.forks[:i], a.forks[i+1:]...)
			return true
		}
	}
	return false
}
