package actor

import (
	"slices"
	"sync"
	"sync/atomic"
)

// An Observer is told what the actors of a node do, as long as it watches. Its methods are called
// with the baton of the actor, on many goroutines at once. They must be quick, must not block, and
// must keep nothing that they are given.
type Observer interface {
	// Begun is told of a message whose handling begins.
	Begun(t *Task, e *Envelope)
	// Handled is told of a message whose handling has ended.
	Handled(h Handling)
	// Called is told of a call that has its answer, or its error.
	Called(c Called)
}

// A Handling is the handling of one message. Times are the node's.
type Handling struct {
	Task     *Task
	Envelope *Envelope
	Began    int64
	Ended    int64
	Err      error // of the handler
}

// A Called is one call, as who called sees it. Times are the node's.
type Called struct {
	Task    *Task
	To      Handle
	Type    Type
	Command string // the first value of the message, if it is a string
	Session int32
	Began   int64
	Ended   int64
	Err     error
}

// Observers are the observers of a node. The zero Observers hold none, which costs a message one load.
type Observers struct {
	mutex sync.Mutex
	list  atomic.Pointer[[]Observer]
}

// Add has an observer told, until stop is called. A message whose handling has begun before is not
// told of. Both may be called from any goroutine; a call that has begun may end after stop has.
func (w *Observers) Add(o Observer) (stop func()) {
	entry := &watcher{o}
	w.change(func(list []Observer) []Observer { return append(slices.Clone(list), entry) })
	return func() {
		w.change(func(list []Observer) []Observer {
			return slices.DeleteFunc(slices.Clone(list), func(o Observer) bool { return o == Observer(entry) })
		})
	}
}

// watcher gives an observer an identity of its own: one may be added twice.
type watcher struct{ Observer }

func (w *Observers) change(f func([]Observer) []Observer) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var list []Observer
	if p := w.list.Load(); p != nil {
		list = *p
	}
	if list = f(list); len(list) == 0 {
		w.list.Store(nil)
		return
	}
	w.list.Store(&list)
}

// all returns who watches; nil for nobody.
func (w *Observers) all() []Observer {
	if p := w.list.Load(); p != nil {
		return *p
	}
	return nil
}

// tell tells of the message that a task begins to handle.
func (t *Task) tell(all []Observer) {
	t.began = max(t.actor.host.Now(), 1) // 0 is for those of whom nobody is told
	for _, o := range all {
		o.Begun(t, &t.envelope)
	}
}

// told tells of the message that a task has handled.
func (t *Task) told(err error) {
	h := Handling{Task: t, Envelope: &t.envelope, Began: t.began, Ended: t.actor.host.Now(), Err: err}
	for _, o := range t.actor.observers.all() {
		o.Handled(h)
	}
}

// called tells of a call.
func (t *Task) called(to Handle, typ Type, w *Wait, began int64, err error) {
	c := Called{Task: t, To: to, Type: typ, Command: w.What, Session: w.Session, Began: began, Ended: t.actor.host.Now(), Err: err}
	for _, o := range t.actor.observers.all() {
		o.Called(c)
	}
}
