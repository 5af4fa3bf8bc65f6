package limit

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Most instructions of the VM take the same time, give or take a factor of ten. Some take as long
// as what they work on is large: a comparison of strings, a string as a key, an argument list
// passed on with "...", a field far behind the end of a list, a closure where thousands of
// variables are shared. Looking at each instruction would double the price of all of them. So one
// instruction in each quantum is looked at before it runs, and charged for all that were not.
// After one that is dear, and after a quantum that took long, the next ones are looked at one by
// one, and charged for themselves. A program that has no such instruction is never charged, so
// its instructions stay exact.

// samples is what is known of the instructions of a budget.
type samples struct {
	library int64     // work that is none of the VM's: of library functions, and what samples charged
	due     int64     // instructions of the VM at which the next sample is taken
	period  int64     // instructions that it stands for
	last    int64     // instructions of the VM at the last look
	exact   int64     // how many instructions are still looked at one by one
	window  int64     // how many those are at least
	longest int64     // bytes of the longest string that was made
	random  uint32    // where in its quantum the sample is taken
	at      time.Time // of the last sample
}

const (
	slowQuantum = 4 * time.Millisecond // from here on a quantum is worth a look
	leastWindow = 64
	mostWindow  = 4096
	// mostPeriod is how many instructions a dear one is charged for that was met by chance.
	mostPeriod = 16
	// Up to these sizes the work is part of the instruction.
	freeBytes    = 1 << 10
	freeValues   = 256
	freeCells    = 256
	freeUpvalues = 256
)

// grant returns how many instructions run until the next look. Library functions that go on while
// no instruction runs get a quantum, but never past a sample that is due: else a script could
// put every sample off.
func (s *samples) grant(vm int64) int64 {
	left := s.due - vm
	if left > 0 && vm == s.last {
		left = quantum
	}
	s.last = vm
	return max(left, 0)
}

// sample looks at the instruction that is about to run, if it is time for it.
func (c *Context) sample() {
	b := c.budget
	s := &b.samples
	vm := b.Used() - s.library
	if vm < s.due || b.spent != nil {
		return
	}
	c.grow()
	weight := c.weigh()
	now := time.Now()
	slow := now.Sub(s.at) > slowQuantum && !s.at.IsZero()
	s.at = now
	switch {
	case weight > 0:
		b.work(weight * min(s.period, mostPeriod))
		if s.exact == 0 {
			s.window = min(max(2*s.window, leastWindow), mostWindow)
		}
		s.exact = s.window
	case slow:
		s.exact = max(s.exact, leastWindow)
	case s.exact > 0:
		s.exact--
	default:
		s.window /= 2
	}
	s.period = 1
	if s.exact == 0 {
		// The longer the strings, the dearer what happens before the first sample.
		mean := max(quantum/(1+uint32(min(s.longest, math.MaxInt32)>>20)), mostPeriod)
		s.random = s.random*1664525 + 1013904223
		s.period = int64(mean/2 + s.random>>8%mean)
	}
	s.due = vm + s.period
}

// grow makes room on the stack in one piece where calls nest deeper and deeper: by itself the VM
// makes room for few values at a time, and copies all others each time.
func (c *Context) grow() {
	top := int(c.depth.used.Int())
	grown := top - c.top
	c.top = top
	if grown < 4*lua.FramesPerSegment || top < freeValues {
		return
	}
	want := min(2*top+4*grown, c.L.Options.RegistryMaxSize)
	if want <= c.depth.registry.Len() {
		return
	}
	n := c.L.GetTop()
	c.L.Insert(lua.LNil, n+want-top) // unlike SetTop, it writes to no cell between
	c.L.SetTop(n)
}

// weigh returns what the instruction that is about to run costs, in instructions, besides itself.
func (c *Context) weigh() int64 {
	L := c.L
	dbg, ok := L.GetStack(0)
	if !ok {
		return 0
	}
	v, err := L.GetInfo("f", dbg, nil)
	fn, ok := v.(*lua.LFunction)
	pc := Counter(dbg) - 1
	if err != nil || !ok || fn.IsG || pc < 0 {
		return 0
	}
	inst := fn.Proto.Code[pc]
	x, y, z := int(inst>>18)&0xff, int(inst)&0x1ff, int(inst>>9)&0x1ff // A, B and C
	register := func(n int) lua.LValue {
		if _, v := L.GetLocal(dbg, n+1); v != nil {
			return v
		}
		return lua.LNil
	}
	constant := func(n int) lua.LValue {
		if n < len(fn.Proto.Constants) {
			return fn.Proto.Constants[n]
		}
		return lua.LNil
	}
	operand := func(n int) lua.LValue {
		if n&constantBit != 0 {
			return constant(n &^ constantBit)
		}
		return register(n)
	}
	values := func() int64 { // those of an open list, up to the top of the stack
		if y != 0 {
			return 0
		}
		if n := L.GetTop(); n > freeValues {
			return int64(n) / 8
		}
		return 0
	}
	switch int(inst >> 26) {
	case lua.OP_EQ:
		return equality(operand(y), operand(z))
	case lua.OP_LT, lua.OP_LE:
		return order(operand(y), operand(z))
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
		return lookup(register(y), operand(z))
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		return assignment(register(x), operand(y))
	case lua.OP_GETGLOBAL, lua.OP_SETGLOBAL:
		return lookup(fn.Env, constant(int(inst)&0x3ffff))
	case lua.OP_CALL:
		return values()
	case lua.OP_SETLIST: // the list grows as it is filled
		return 16 * values()
	case lua.OP_TAILCALL, lua.OP_RETURN:
		return values() + shared(L)
	case lua.OP_CLOSURE, lua.OP_CLOSE:
		return shared(L)
	case lua.OP_VARARG:
		if n := frameOf(dbg).Elem().Field(argsField).Int(); y == 0 && n > freeValues {
			return n / 8
		}
	}
	return 0
}

// constantBit marks an operand of an instruction that is a constant.
const constantBit = 1 << 8

func equality(a, b lua.LValue) int64 {
	s, ok := a.(lua.LString)
	t, both := b.(lua.LString)
	if !ok || !both || len(s) != len(t) || len(s) < freeBytes {
		return 0
	}
	return int64(len(s)) / bytesPerInstruction
}

// order is what < costs: the VM compares byte by byte.
func order(a, b lua.LValue) int64 {
	s, ok := a.(lua.LString)
	t, both := b.(lua.LString)
	if n := min(len(s), len(t)); ok && both && n >= freeBytes {
		return int64(n) / 16
	}
	return 0
}

// lookup is what a key costs, in each of the tables along a chain of __index.
func lookup(object, key lua.LValue) int64 {
	s, ok := key.(lua.LString)
	if !ok || len(s) < freeBytes {
		return 0
	}
	return int64(len(s)) / (bytesPerInstruction / 2) * chain(object, "__index")
}

// chain returns how many tables stand behind each other.
func chain(object lua.LValue, event string) int64 {
	n := int64(1)
	for t, ok := object.(*lua.LTable); ok && n < int64(lua.MaxTableGetLoop); n++ {
		mt, has := t.Metatable.(*lua.LTable)
		if !has {
			break
		}
		t, ok = mt.RawGetString(event).(*lua.LTable)
	}
	return n
}

// assignment is what a new field costs: the VM fills a list up to it.
func assignment(object, key lua.LValue) int64 {
	t, ok := object.(*lua.LTable)
	if !ok {
		return 0
	}
	if n, ok := key.(lua.LNumber); ok {
		cells := float64(n) - float64(ArrayLen(t))
		if cells <= freeCells || n > MaxArray || float64(n) != math.Floor(float64(n)) {
			return 0
		}
		if mt, ok := t.Metatable.(*lua.LTable); ok && mt.RawGetString("__newindex") != lua.LNil {
			return 0
		}
		return 2 * int64(cells)
	}
	return 2 * lookup(object, key)
}

// shared is what it costs to look through the variables that closures share.
func shared(L *lua.LState) int64 {
	if n := openUpvalues(L, 1<<16); n > freeUpvalues {
		return int64(n) / 8
	}
	return 0
}
