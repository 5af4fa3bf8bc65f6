// Package corolib is Lua's library coroutine.
//
// A coroutine runs on a goroutine of its own, handed on from one to the next: exactly one of
// the goroutines of a state runs Lua at a time. So a coroutine may yield, and block in Go, from
// anywhere: below a protected call, a metamethod, an iterator, sort or gsub.
package corolib

import (
	"context"
	"iter"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

type status uint8

const (
	suspended status = iota
	running
	normal // it has resumed another one
	dead
)

var statusNames = [...]string{"suspended", "running", "normal", "dead"}

// A coroutine is what coroutine.create makes.
type coroutine struct {
	// value is what the script sees: a Lua thread that runs nothing. Who resumes the coroutine
	// holds it; if nobody does, the coroutine is of no use any more (see abandoned).
	value  weak.Pointer[lua.LState]
	fn     *lua.LFunction
	status status
	worker *worker
	thread *thread.Thread // while it has begun and not ended
	top    *lua.LState    // the Lua thread that has yielded or resumed another, for tracebacks

	transfer []lua.LValue  // what resume hands in, and yield or the end out
	room     [3]lua.LValue // where it is, if there is room
	failure  *thread.Failure
	closing  bool // the next thing that it does is to end
}

// identity leads from the value that the script sees to the coroutine.
type identity struct {
	context.Context
	coroutine *coroutine
	foreign   Foreign
}

// A Foreign is a coroutine that is not made by coroutine.create: something that the host runs,
// such as the handler of a message. No script can resume or close it.
type Foreign interface {
	// Status is what coroutine.status returns.
	Status() string
	// Top is the Lua thread that shows where it stands; nil if it does not run, or nobody may look.
	Top() *lua.LState
}

// A Runner is what a host keeps as thread.Thread.Coroutine of the first thread of such a coroutine.
type Runner interface {
	// Value returns what coroutine.running returns in it: see NewValue.
	Value(L *lua.LState) *lua.LState
}

// NewValue returns a value of type thread that stands for a foreign coroutine.
func NewValue(L *lua.LState, f Foreign) *lua.LState {
	v := &lua.LState{Env: L.Env}
	v.SetContext(&identity{foreign: f})
	return v
}

// runner returns what runs in L itself, if that is the host's and no coroutine of this library.
func runner(L *lua.LState) Runner {
	r, _ := thread.Of(L).Root.Coroutine.(Runner)
	return r
}

// foreign returns the host's coroutine that a value stands for; nil if it does for none.
func foreign(v lua.LValue) Foreign {
	if L, ok := v.(*lua.LState); ok {
		if id, ok := L.Context().(*identity); ok {
			return id.foreign
		}
	}
	return nil
}

// held returns what a coroutine holds besides the stacks that it runs on.
func held(v *lua.LState) ([]lua.LValue, bool) {
	id, ok := v.Context().(*identity)
	if !ok || id.coroutine == nil {
		return nil, ok
	}
	c := id.coroutine
	values := append([]lua.LValue(nil), c.transfer...)
	if c.fn != nil {
		values = append(values, c.fn)
	}
	if c.failure != nil {
		values = append(values, c.failure.Value)
	}
	return values, true
}

func init() { limit.Held = held }

// of returns the coroutine that a value is; nil for the thread of a run, and what is none.
func of(v lua.LValue) (c *coroutine, isThread bool) {
	L, ok := v.(*lua.LState)
	if !ok {
		return nil, false
	}
	if id, ok := L.Context().(*identity); ok {
		return id.coroutine, true
	}
	return nil, true
}

// create returns a coroutine and the value that stands for it.
func create(L *lua.LState, fn *lua.LFunction) (*coroutine, *lua.LState) {
	limit.Of(L).Charge(L, limit.Memory, 512)
	c := &coroutine{fn: fn}
	v := &lua.LState{Env: L.Env}
	v.SetContext(&identity{coroutine: c})
	c.value = weak.Make(v)
	workersOf(L).abandoned.watch(c, v)
	return c, v
}

// current returns the coroutine that runs in L; nil for none.
func current(L *lua.LState) *coroutine {
	c, _ := thread.Of(L).Root.Coroutine.(*coroutine)
	return c
}

// A worker is a goroutine that runs one coroutine after another.
type worker struct {
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	job   *coroutine
}

// workers are those of one state.
type workers struct {
	idle []*worker
	live map[*coroutine]struct{} // begun and not ended
	// abandoned are coroutines that nothing can resume.
	abandoned *abandoned
	budget    *limit.Budget
	forced    uint64 // collections there had been when one was last forced in vain
}

// maxIdle is how many goroutines a state keeps that have nothing to do.
const maxIdle = 8

func workersOf(L *lua.LState) *workers {
	h := host.Of(L)
	w, ok := h.Coroutines.(*workers)
	if !ok {
		w = &workers{live: make(map[*coroutine]struct{}), abandoned: new(abandoned), budget: limit.Of(L)}
		w.budget.Reclaim = w.reclaim
		h.Coroutines = w
	}
	return w
}

func (ws *workers) get() *worker {
	if n := len(ws.idle); n > 0 {
		w := ws.idle[n-1]
		ws.idle = ws.idle[:n-1]
		return w
	}
	w := new(worker)
	w.next, w.stop = iter.Pull(func(yield func(struct{}) bool) {
		w.yield = yield
		for {
			w.job.run()
			if !yield(struct{}{}) {
				return
			}
		}
	})
	return w
}

func (ws *workers) put(w *worker) {
	w.job = nil
	if len(ws.idle) >= maxIdle {
		w.stop()
		return
	}
	ws.idle = append(ws.idle, w)
}

// run is the body of a coroutine, on its goroutine.
func (c *coroutine) run() {
	args := c.transfer
	c.transfer = nil
	c.transfer, c.failure = c.thread.Run(c.fn, args...)
}

// take puts the values of L's stack from an index on into the coroutine, and give puts what is
// there on L's stack; it returns how many.
func (c *coroutine) take(L *lua.LState, from int) {
	n := L.GetTop() - from + 1
	c.transfer = c.room[:0]
	if n > len(c.room) {
		limit.Of(L).Work(L, int64(n)/4)
		c.transfer = make([]lua.LValue, 0, n)
	}
	for i := range n {
		c.transfer = append(c.transfer, L.Get(from+i))
	}
}

func (c *coroutine) give(L *lua.LState) int {
	n := len(c.transfer)
	value.Reserve(L, n)
	for _, v := range c.transfer {
		L.Push(v)
	}
	clear(c.room[:])
	c.transfer = nil
	return n
}

// resume lets a coroutine go on with what it has taken, until it yields or ends; L is the thread
// that resumes it. The results, or the failure, are then in the coroutine.
func (c *coroutine) resume(L *lua.LState) {
	ws := workersOf(L)
	by := thread.Of(L)
	if c.worker == nil {
		ws.collect(L)
		limit.Of(L).Charge(L, limit.Coroutines, 1)
		c.thread = by.Sibling()
		c.thread.Coroutine = c
		c.worker = ws.get()
		c.worker.job = c
		ws.live[c] = struct{}{}
	}
	c.thread.Resumed(by)
	self := current(L)
	if self != nil {
		self.status = normal
		self.top = L
	}
	c.status = running
	c.worker.next()
	if self != nil {
		self.status = running
	}
	if c.status == running { // it has not yielded
		c.finish(ws)
	}
}

func (c *coroutine) finish(ws *workers) {
	c.status = dead
	c.fn = nil
	delete(ws.live, c)
	ws.put(c.worker)
	c.worker = nil
	if c.failure == nil || c.failure.Defect == "" {
		c.thread.Free()
	}
	c.thread, c.top = nil, nil
	ws.budget.Ended(1)
}

// yield hands what it has taken to who resumed the coroutine that runs in L, and waits.
func (c *coroutine) yield(L *lua.LState) {
	c.status = suspended
	c.top = L
	if !c.worker.yield(struct{}{}) {
		c.closing = true
	}
	if c.closing {
		thread.Of(L).Root.Abort(L, lua.LNil)
	}
}

// Close ends all coroutines of a state, with their to-be-closed variables, so that their
// goroutines end. Nothing may run in the state.
func Close(h *host.State) {
	ws, ok := h.Coroutines.(*workers)
	if !ok {
		return
	}
	for c := range ws.live {
		c.closing = true
		c.worker.stop()
		c.status = dead
	}
	for _, w := range ws.idle {
		w.stop()
	}
	h.Coroutines = nil
}

// Stack returns the Lua thread that shows the stack of a thread value of the script; nil for a
// coroutine that has not begun or has ended.
func Stack(L, v *lua.LState) *lua.LState {
	if f := foreign(v); f != nil {
		if f.Status() == "running" {
			return L
		}
		return f.Top()
	}
	c, _ := of(v)
	switch {
	case c == nil:
		return v
	case c == current(L):
		return L
	case c.thread == nil:
		return nil
	case c.top != nil:
		return c.top
	}
	return c.thread.L
}
