// Package thread makes the Lua threads that code runs on, and calls functions on them so that
// errors come back as values.
//
// Every protected call has a Lua thread of its own, taken from a pool. So an error closes the
// upvalues of the frames that it ends, and of no others; a Go function may block below any
// number of protected calls; and what is left of a call is gone with its thread. Threads are
// linked to the one that they were called from, for tracebacks and for depth.
package thread

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

// A Thread is a Lua thread with what the VM keeps no place for. It is used by one goroutine
// at a time.
type Thread struct {
	L   *lua.LState
	ctx *limit.Context
	// State is what the thread shares with the others of its actor; nil when it is free.
	State *State

	// Up is the thread whose Go function made this protected call; nil for the first thread
	// of a coroutine and for that of a run.
	Up *Thread
	// Root is the first thread of the coroutine, or of the run, that this one belongs to.
	Root *Thread
	// Main says, of a Root, that it is the first thread of a run and no coroutine.
	Main bool
	// Coroutine is the host's, on a Root: what coroutine.running returns.
	Coroutine any
	// Note is the host's, on a Root: what State.Report has to say about the error on its way.
	Note any

	nesting  int64       // protected calls, coroutines and callbacks below
	open     []variable  // the to-be-closed variables in scope
	handler  lua.LValue  // of xpcall; nil for none
	handling int         // how many calls of the handler run
	reported bool        // on a Root: State.Report was called for the error on its way
	raised   bool        // the error on its way was raised by Go code
	unwound  int64       // what it costs to end what ran when the last error was raised
	abort    lua.LValue  // on a Root: the coroutine is being ended
	by       *Thread     // on a Root: that of who resumed the coroutine
	straight bool        // what Prepare has pushed needs no trampoline
	keep     bool        // somebody holds on to the thread: it is not pooled
	size     *stackClass // whose pool it goes back to
}

// A State is what the threads of one actor share. Its fields must not change once there is a thread of it.
type State struct {
	Env    *lua.LTable
	Budget *limit.Budget
	// Host is what the maker of the state keeps with it.
	Host any
	// Report, if it is set, is called with every error that no protected call of a script will
	// catch, on the stack on which it was raised.
	Report func(L *lua.LState, value lua.LValue)

	size  *stackClass // of the threads that New returns
	spare *Thread     // one that was freed, for the next run
}

// stackClass is a pool of threads whose call stacks have room for as many frames.
type stackClass struct {
	frames int
	once   sync.Once
	maker  *lua.LState
	mutex  sync.Mutex
	pool   sync.Pool
}

// The VM allocates a word for every eight frames that a stack might have.
//
//baton:ok makers are used with the mutex of their class, and run nothing; pools hand a thread to one goroutine
var classes = [...]*stackClass{{frames: 1<<10 + slack}, {frames: 1<<11 + slack}, {frames: 1<<14 + slack}, {frames: 1 << 18}}

// slack is how many frames a script can push between two looks at the depth of its stack.
const slack = 1 << 10

// registryMax is how many values can be on the stack of a thread: frames have 200 at most, and
// a call may pass or return many.
const registryMax = 1 << 20

// Template is the Lua state whose Global all threads have, and so its metatables of basic types
// (that of strings). Only the library sets them, once, before any thread is made; nothing writes
// to a Global afterwards.
var Template = sync.OnceValue(func() *lua.LState {
	L := newMaker(1 << 11)
	L.G.MainThread, L.G.CurrentThread = L, L
	return L
})

func newMaker(frames int) *lua.LState {
	L := lua.NewState(lua.Options{
		SkipOpenLibs: true, RegistrySize: 128, RegistryMaxSize: registryMax, RegistryGrowStep: 64,
		CallStackSize: frames, MinimizeStackMemory: true,
	})
	// NewState takes a registry below 128 for no size at all; NewThread does not.
	L.Options.RegistrySize = 48
	return L
}

func (c *stackClass) get() *Thread {
	if t, ok := c.pool.Get().(*Thread); ok {
		return t
	}
	c.once.Do(func() { c.maker = newMaker(c.frames) })
	c.mutex.Lock()
	L, _ := c.maker.NewThread()
	c.mutex.Unlock()
	L.G, L.Panic = Template().G, caught
	t := &Thread{L: L, size: c}
	t.ctx = limit.NewContext(L, nil)
	t.ctx.Owner = t
	t.ctx.Room = int64(c.frames - slack)
	L.SetContext(t.ctx)
	return t
}

func classFor(depth int64) *stackClass {
	for _, c := range classes {
		if depth+slack <= int64(c.frames) {
			return c
		}
	}
	return classes[len(classes)-1]
}

// Of returns the Thread of a Lua thread that this package made.
func Of(L *lua.LState) *Thread { return L.Context().(*limit.Context).Owner.(*Thread) }

// New returns a thread for a run of its own in the state, from a pool: see Call. Between runs
// a state needs no thread.
func (s *State) New() *Thread {
	t := s.spare
	if t == nil {
		if s.size == nil {
			s.size = classFor(s.Budget.Limits().Depth)
		}
		t = s.size.get()
	}
	s.spare = nil
	t.attach(s)
	t.Root, t.Main = t, true
	return t
}

// Rest says that it may take a while until the next run: the state keeps no thread for it.
func (s *State) Rest() {
	if t := s.spare; t != nil {
		s.spare = nil
		t.size.pool.Put(t)
	}
}

// Sibling returns the first thread of a new coroutine in the state of t. Its stack is
// smaller than that of a run.
func (t *Thread) Sibling() *Thread {
	c := classes[0]
	n := c.get()
	n.attach(t.State)
	n.Root = n
	n.nesting = t.nesting
	return n
}

// protected returns a thread for a protected call by a Go function on t.
func (t *Thread) protected() *Thread {
	n := t.size.get()
	n.attach(t.State)
	n.Up, n.Root = t, t.Root
	n.nesting = t.nesting + 1
	n.ctx.Below = t.ctx.Below + t.ctx.Frames()
	n.ctx.Pinned = t.ctx.Pinned
	return n
}

func (t *Thread) attach(s *State) {
	t.State, t.L.Env = s, s.Env
	t.ctx.Attach(s.Budget)
}

// Budget returns what the thread counts against.
func (t *Thread) Budget() *limit.Budget { return t.ctx.Budget() }

// Pinned reports whether something runs that Lua could not suspend: the order of a sort, a replacement, what
// makes a text of a value, the handler of an error.
func (t *Thread) Pinned() bool { return t.ctx.Pinned > 0 }

// Keep says that somebody has got hold of the Lua thread, so that it must not be used again
// for another call.
func (t *Thread) Keep() { t.keep = true }

// Free gives a thread back whose call has ended. What is on its stack is gone.
func (t *Thread) Free() { t.free(true) }

func (t *Thread) free(sound bool) {
	t.ctx.Detach()
	if !sound || t.keep || t.ctx.Values() > 1024 {
		t.Up, t.Coroutine, t.Note = nil, nil, nil
		return
	}
	if t.L.GetTop() > 0 {
		t.L.SetTop(0)
	}
	s, main := t.State, t.Main
	t.State, t.L.Env, t.Up, t.Root = nil, nil, nil, nil
	t.Coroutine, t.Note, t.handler, t.abort, t.by = nil, nil, nil, nil, nil
	t.Main, t.reported, t.raised = false, false, false
	t.handling, t.nesting, t.ctx.Below = 0, 0, 0
	if main && s.spare == nil {
		s.spare = t
		return
	}
	t.size.pool.Put(t)
}

// Resumed says that a coroutine goes on, called from by: depth counts from there. It raises an
// error in by's thread if coroutines are nested too deeply.
func (t *Thread) Resumed(by *Thread) {
	by.enter()
	t.nesting = by.nesting + 1
	t.by = by.Root
}

// enter raises an error if one more protected call or coroutine would be too many.
func (t *Thread) enter() {
	limits := t.Budget().Limits()
	if t.nesting+1 > limits.Nesting {
		Errorf(t.L, "%s", (&limit.Error{Kind: limit.Nesting, Limit: limits.Nesting}).Error())
	}
	if t.ctx.Below+t.ctx.Frames() > limits.Depth {
		Errorf(t.L, "%s", (&limit.Error{Kind: limit.Depth, Limit: limits.Depth}).Error())
	}
}
