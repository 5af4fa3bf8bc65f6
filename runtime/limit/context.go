package limit

import (
	"time"

	lua "github.com/yuin/gopher-lua"
)

// A Context is what a Lua thread carries so that it counts against a Budget: set it with
// L.SetContext. It belongs to one thread; the VM gives it to no other (NewThread on a thread
// with a context makes a child that the budget does not see: threads are made by package
// thread, from a state without one).
type Context struct {
	budget *Budget
	L      *lua.LState
	depth  stackDepth
	// Below is the number of frames on the stacks of the threads that this one was called from.
	Below int64
	// Room is how many frames the thread's own stack may have.
	Room int64
	// Pinned is how many functions run on the thread, and below, that Lua cannot suspend: CallPinned.
	Pinned int
	// Owner is what package thread keeps with the Lua thread.
	Owner any

	once *Error // an error that is raised once
	top  int    // of the stack at the last sample

	next, previous *Context // those that are attached to the same budget
}

// NewContext returns a context that counts what L does against b. It is not set yet.
func NewContext(L *lua.LState, b *Budget) *Context {
	return &Context{budget: b, L: L, depth: depthOf(L)}
}

// Attach makes the context count against b, and b's memory include the thread's stack, until Detach.
func (c *Context) Attach(b *Budget) {
	c.budget = b
	c.next = b.contexts
	if c.next != nil {
		c.next.previous = c
	}
	b.contexts = c
}

// Detach ends what Attach began.
func (c *Context) Detach() {
	if c.previous != nil {
		c.previous.next = c.next
	} else {
		c.budget.contexts = c.next
	}
	if c.next != nil {
		c.next.previous = c.previous
	}
	c.next, c.previous, c.Pinned = nil, nil, 0
}

// Budget returns the budget that the thread counts against.
func (c *Context) Budget() *Budget { return c.budget }

// Frames returns the number of frames on the thread's stack.
func (c *Context) Frames() int64 { return c.depth.frames() }

// Top returns how many values are on the thread's stack.
func (c *Context) Top() int64 { return c.depth.used.Int() }

// Values returns how many values the thread's stack has room for.
func (c *Context) Values() int { return c.depth.registry.Len() }

// Of returns the budget of a thread that has a Context.
func Of(L *lua.LState) *Budget { return L.Context().(*Context).budget }

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Done is called by the VM before every instruction. A nil channel lets it go on.
func (c *Context) Done() <-chan struct{} {
	b := c.budget
	b.fuel--
	if b.fuel >= 0 && !b.wake.Load() {
		return nil
	}
	return c.look()
}

func (c *Context) look() <-chan struct{} {
	c.sample()
	if c.budget.look() != nil {
		return closed
	}
	if c.once = c.tooDeep(); c.once != nil {
		return closed
	}
	return nil
}

// tooDeep returns an error if calls are nested too deeply, here and in the threads below, or
// for the stack that the VM has for this one.
func (c *Context) tooDeep() *Error {
	frames := c.depth.frames()
	if limit := c.budget.limits.Depth; c.Below+frames > limit {
		return &Error{Kind: Depth, Limit: limit}
	}
	if frames > c.Room {
		return &Error{Kind: Depth, Limit: c.Room, Reason: "a coroutine has a smaller stack"}
	}
	return nil
}

// Err returns why Done has returned a closed channel. The VM raises its text.
func (c *Context) Err() error {
	if e := c.budget.Spent(); e != nil {
		return e
	}
	if e := c.once; e != nil {
		return e
	}
	return nil
}

// Deadline implements context.Context: the VM does not ask.
func (c *Context) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value implements context.Context: there is none.
func (c *Context) Value(any) any { return nil }
