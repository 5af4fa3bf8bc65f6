// Package limit bounds what Lua code may use: instructions, time, memory, depth and sizes.
//
// A Budget belongs to one actor (or one script). Each of its Lua threads carries a Context,
// whose Done method the VM calls before every instruction: that is where instructions are
// counted. Library functions, which the VM does not see into, charge for their work and
// their allocations before they do them.
//
// When a cumulative limit is spent, the next instruction raises an error, and so does every
// one after it: a protected call in the script cannot swallow it. The host tests Budget.Spent,
// never the text of an error.
package limit

import (
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// MaxArray is the number of elements that the array part of a table can have. The VM allocates
// up to it in one instruction (t[n] = 1), and loses track of what lies beyond.
const MaxArray = 1<<22 - 1

func init() {
	lua.MaxArrayIndex = MaxArray + 1
	lua.CompatVarArg = false // no table "arg" for every call of a variadic function
}

// quantum is how many instructions are counted before the other limits are looked at.
const quantum = 512

// A Budget is what one actor may still use. It is made by New and used by one goroutine at a
// time, but for Stop and RequestAudit, which may be called by any.
type Budget struct {
	fuel int64       // instructions until the next look; below zero when library work took more
	wake atomic.Bool // somebody wants a look at the next instruction

	limits  Limits
	granted int64 // instructions handed out as fuel so far
	spent   *Error

	stop   atomic.Pointer[Error]
	audit  atomic.Bool
	late   atomic.Bool
	timer  *time.Timer
	clock  time.Time // when the current run began; zero between runs
	ran    time.Duration
	output int64

	samples  samples
	measured atomic.Int64 // memory.size, for other goroutines
	live     int64        // coroutines that have not ended
	memory   memory
	contexts *Context // those attached, the last one first
	task     *Task    // what the instructions are counted for, besides
	// Pause, if it is set, is called after every quantum of instructions: the scheduler's
	// chance to let others run. It is called with no lock held and may block, but the budget
	// must not change hands meanwhile.
	Pause func()
	// Reclaim, if it is set, is called before a script is ended for its memory: it frees what is
	// of no use any more and reports whether there was any. It must run no code of the script.
	Reclaim    func() bool
	reclaiming bool
	// Host, if it is set, calls add with the values that the host holds for the script: a walk
	// over the memory reaches them as it does the roots.
	Host func(add func(lua.LValue))
}

// New returns a budget with the given limits.
func New(l Limits) *Budget {
	b := &Budget{limits: l.Normal()}
	b.memory.reset(b)
	register(b)
	return b
}

// Close tells the watchdog to forget the budget. It may be called more than once.
func (b *Budget) Close() { unregister(b) }

// Limits returns the limits as they hold.
func (b *Budget) Limits() *Limits { return &b.limits }

// Spent returns the error of the cumulative limit that is spent, or that of the task that the
// budget works for; nil if there is none. A budget never recovers, but from a task that has left.
func (b *Budget) Spent() *Error {
	if b.spent == nil && b.task != nil {
		return b.task.spent
	}
	return b.spent
}

// Over returns the error of the cumulative limit that is spent for good, or nil.
func (b *Budget) Over() *Error { return b.spent }

// Used returns the instructions counted so far.
func (b *Budget) Used() int64 { return b.granted - b.fuel }

// Begin starts the clock of the time limit, End stops it. Time between runs does not count.
func (b *Budget) Begin() {
	limit := b.limits.Time
	if limit <= 0 {
		return // reading the clock costs more than a short run
	}
	b.clock = time.Now()
	if left := limit - b.ran; b.timer == nil {
		b.timer = time.AfterFunc(left, func() {
			b.late.Store(true)
			b.wake.Store(true)
		})
	} else {
		b.timer.Reset(left)
	}
}

// End stops the clock that Begin has started.
func (b *Budget) End() {
	if b.timer != nil {
		b.timer.Stop()
	}
	if b.limits.Time > 0 && !b.clock.IsZero() {
		b.ran += time.Since(b.clock)
		b.clock = time.Time{}
	}
}

// Stop ends the run at the next instruction, from any goroutine. The reason is shown.
func (b *Budget) Stop(reason string) {
	b.stop.CompareAndSwap(nil, &Error{Kind: Stopped, Reason: reason})
	b.wake.Store(true)
}

// Stopping reports whether Stop was called: for Go code that blocks or loops.
func (b *Budget) Stopping() bool { return b.stop.Load() != nil }

// RequestAudit has the memory measured at the next instruction, from any goroutine.
func (b *Budget) RequestAudit() {
	b.audit.Store(true)
	b.wake.Store(true)
}

// look is called when the fuel is used up, or when somebody asks. It returns the error that
// the current instruction raises.
func (b *Budget) look() *Error {
	if e := b.Spent(); e != nil {
		return e
	}
	if b.wake.Swap(false) {
		if stopped := b.stop.Load(); stopped != nil {
			return b.spend(stopped)
		}
		// The timer of an earlier run may have fired late.
		if limit := b.limits.Time; b.late.Swap(false) && !b.clock.IsZero() && b.ran+time.Since(b.clock) >= limit {
			return b.spend(&Error{Kind: Time, Limit: int64(limit)})
		}
		if b.audit.Swap(false) {
			b.memory.asked = true
		}
		if b.task != nil && b.task.stop.Load() != nil {
			return b.spendTask(b.task.stop.Load())
		}
	}
	used := b.Used()
	if limit := b.limits.Instructions; limit > 0 && used > limit {
		return b.spend(&Error{Kind: Instructions, Limit: limit})
	}
	if b.memory.due(used) {
		b.memory.asked = false
		b.measure()
		if b.spent != nil {
			return b.spent
		}
	}
	if b.task != nil {
		if e := b.task.over(used); e != nil {
			return b.spendTask(e)
		}
	}
	if b.fuel < 0 {
		if b.Pause != nil {
			b.Pause()
			if b.task != nil && b.task.Time > 0 {
				b.task.clock = time.Now() // waiting for others is no work
			}
		}
		// So that the next look comes when that many instructions have run.
		grant := b.samples.grant(used - b.samples.library)
		if limit := b.limits.Instructions; limit > 0 {
			grant = min(grant, limit-used)
		}
		if b.task != nil {
			grant = min(grant, b.task.left(used))
		}
		grant -= b.fuel
		b.granted += grant
		b.fuel += grant
	}
	return nil
}

func (b *Budget) spend(e *Error) *Error {
	b.spent = e
	b.setFuel(-1)
	return e
}

// work takes n instructions' worth of work that is none of the VM's.
func (b *Budget) work(n int64) {
	b.fuel -= n
	b.samples.library += n
}

// Work charges n instructions' worth of work before it is done. It raises an error in L
// when the instructions, or another cumulative limit, are spent.
func (b *Budget) Work(L *lua.LState, n int64) {
	b.work(n)
	if b.fuel < 0 || b.wake.Load() {
		if err := b.look(); err != nil {
			raise(L, err)
		}
		CheckDepth(L)
	}
}

// Call is L.Call for functions of the library: it looks at the depth first.
func Call(L *lua.LState, arguments, results int) {
	CheckDepth(L)
	L.Call(arguments, results)
}

// CallPinned is Call where Lua cannot suspend the coroutine while the function runs: in the order of a sort,
// in a replacement.
func CallPinned(L *lua.LState, arguments, results int) {
	c, ok := L.Context().(*Context)
	if !ok {
		Call(L, arguments, results)
		return
	}
	c.Pinned++
	Call(L, arguments, results)
	c.Pinned-- // after an error the thread is given back, which unpins it
}

// CheckDepth raises an error if calls are nested too deeply. Functions of the library that call
// others, or a metamethod, need it: where these call nothing but each other, the VM never looks.
func CheckDepth(L *lua.LState) {
	if c, ok := L.Context().(*Context); ok {
		if err := c.tooDeep(); err != nil {
			raise(L, err)
		}
	}
}

// Charge takes n units of a limit before they are used, and raises an error in L if there
// are not so many:
//
//	Instructions  n instructions' worth of work
//	Memory        n bytes are about to be allocated
//	String        a string of n bytes is about to be made
//	Table         a table is about to have n elements
//	Pattern       a match has taken n steps so far (charge Instructions for them apart)
//	Output        n bytes are about to be written
//	Source        a chunk of n bytes is about to be read
//	Coroutines    n coroutines are about to be made; negative when they have ended
//
// An error of a limit that is not cumulative can be caught by the script.
func (b *Budget) Charge(L *lua.LState, k Kind, n int64) {
	fuel := b.fuel
	if err := b.Try(k, n); err != nil {
		raise(L, err)
	}
	if b.fuel > fuel {
		CheckDepth(L)
	}
}

// Ended says that n coroutines have ended, whose number Charge has taken.
func (b *Budget) Ended(n int64) { b.live -= n }

// Fail ends the run for good with an error of the host's: a defect that it cannot go on from.
func (b *Budget) Fail(reason string) {
	if b.spent == nil {
		b.spend(&Error{Kind: Stopped, Reason: reason})
	}
}

// Try is Charge for Go code that returns the error.
func (b *Budget) Try(k Kind, n int64) *Error {
	switch k {
	case Instructions:
		b.work(n)
	case Memory:
		b.allocate(n)
	case String:
		if n > b.limits.String {
			return &Error{Kind: String, Limit: b.limits.String}
		}
		b.samples.longest = max(b.samples.longest, n)
		b.allocate(n)
	case Table:
		if n > b.limits.Table {
			return &Error{Kind: Table, Limit: b.limits.Table}
		}
		b.allocate(n * cellSize)
	case Pattern:
		if n > b.limits.Pattern && b.limits.Pattern > 0 {
			return &Error{Kind: Pattern, Limit: b.limits.Pattern}
		}
	case Output:
		b.output += n
		b.work(n / bytesPerInstruction)
		if b.limits.Output > 0 && b.output > b.limits.Output {
			return b.spend(&Error{Kind: Output, Limit: b.limits.Output})
		}
	case Source:
		if n > b.limits.Source {
			return &Error{Kind: Source, Limit: b.limits.Source}
		}
		b.allocate(n * 8)
	case Coroutines:
		if b.live+n > b.limits.Coroutines {
			return &Error{Kind: Coroutines, Limit: b.limits.Coroutines}
		}
		b.live += n
		b.allocate(n * coroutineSize)
	}
	if b.fuel < 0 || b.wake.Load() {
		return b.look()
	}
	return b.Spent()
}

// bytesPerInstruction is how much copying takes as long as an instruction.
const bytesPerInstruction = 64

// raise raises a limit's error in L, with the place of the Lua code that runs.
func raise(L *lua.LState, err *Error) {
	if Raise != nil {
		Raise(L, err.Error())
	}
	L.RaiseError("%s", err.Error())
}

// Raise, if it is set, raises a message in L with its place; it does not return. Package
// thread sets it, so that such an error is not taken for one of the VM.
var Raise func(L *lua.LState, message string)
