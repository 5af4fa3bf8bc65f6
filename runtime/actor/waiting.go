package actor

import "github.com/skylint/skylint/runtime/guard"

// A Waiting is a task that waits, as the sweep sees it. It may have gone on already.
type Waiting struct {
	task *Task
	record
	stack string
}

// Waiting appends the tasks that have waited since a time or longer. It may be called from anywhere.
func (a *Actor) Waiting(since int64, to []Waiting) []Waiting {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.tasks {
		if t.waits() && t.wait.since <= since {
			to = append(to, Waiting{task: t, record: t.wait, stack: t.stack})
		}
	}
	return to
}

// Stored appends the answers that the actor owes and that no task will give.
func (a *Actor) Stored(since int64, to []Waiting) []Waiting {
	a.mu.Lock()
	defer a.mu.Unlock()
	for r := range a.stored {
		to = r.waiting(since, "a stored response to ", to)
	}
	return to
}

// Declined appends the answers that handlers have declined to give, and that the actor may give yet.
func (a *Actor) Declined(since int64, to []Waiting) []Waiting {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.declined {
		to = r.waiting(since, "an answer that was declined (skynet.ignoreret) to ", to)
	}
	return to
}

func (r *Responder) waiting(since int64, what string, to []Waiting) []Waiting {
	if r.Since > since {
		return to
	}
	return append(to, Waiting{task: &Task{actor: r.actor}, record: record{Wait: Wait{Kind: OnAnswer, What: what + quote(r.What), To: r.source}, since: r.Since, source: r.source, session: r.session}})
}

// Actor returns the actor of the task.
func (w *Waiting) Actor() *Actor { return w.task.actor }

// Task returns the task; only its identity is of use.
func (w *Waiting) Task() *Task { return w.task }

// Since returns when the wait began, in the node's time.
func (w *Waiting) Since() int64 { return w.since }

// Request returns what the task owes an answer to: session 0 for nothing.
func (w *Waiting) Request() (source Handle, session int32) { return w.source, w.session }

// Init reports whether the task is the start of its actor.
func (w *Waiting) Init() bool { return w.init }

// Targets returns the calls of which any is waited for.
func (w *Waiting) Targets() []Target { return w.Sessions }

// Still reports whether the task waits for the same thing yet.
func (w *Waiting) Still() bool { return w.task.gen.Load() == w.gen }

// Describe says what is waited for.
func (w *Waiting) Describe() string { return w.describe(w.task.actor.host) }

// Holder returns the task that holds the lock that is waited for.
func (w *Waiting) Holder() *Task {
	l := w.Lock
	l.actor.mu.Lock()
	defer l.actor.mu.Unlock()
	return l.holder
}

// Overdue reports whether the deadline has passed.
func (w *Waiting) Overdue(now int64) bool { return w.Deadline > 0 && now >= w.Deadline }

// Expire lets the wait fail because of its deadline.
func (w *Waiting) Expire(now int64) {
	if w.Kind == OnRoom {
		w.Fail(w.Wait.Actor.full())
		return
	}
	w.tripExpired()
	w.Fail(w.timeout(w.task.actor, now))
}

// Fail lets the wait fail.
func (w *Waiting) Fail(err error) {
	if w.Kind == OnRoom {
		w.endRoom(err)
		return
	}
	w.task.fail(w.gen, err)
}

func (w *Waiting) endRoom(err error) {
	a := w.task.actor
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.roomWait != nil && a.roomWait.task == w.task {
		a.roomWait.end(err)
	}
}

// Stack calls done with the stack of the task, from any goroutine; with "" if it has gone on.
func (w *Waiting) Stack(done func(string)) {
	w.Where(func(stack string, _ guard.Place) { done(stack) })
}

// Where is Stack that says the place, too, as far as it is known.
func (w *Waiting) Where(done func(stack string, place guard.Place)) {
	if w.Kind == OnRoom || w.task.actor.inRoom() {
		done(w.stack, guard.Place{})
		return
	}
	w.task.actor.Event(func(*Actor) {
		if w.Still() {
			done(w.task.Stack(), PlaceOf(w.task.top))
		} else {
			done("", guard.Place{})
		}
	})
}

func (a *Actor) inRoom() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.roomWait != nil
}
