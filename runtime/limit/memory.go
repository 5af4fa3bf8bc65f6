package limit

import (
	"reflect"
	"runtime/metrics"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Sizes of what the VM allocates, in bytes: measured, rounded up.
const (
	cellSize      = 16   // a value in an array
	numberSize    = 8    // a number that is not small and whole
	tableSize     = 112  // an empty table
	entrySize     = 120  // a key with its value, in the map, the list of keys and its index
	mapSize       = 1200 // what the maps of a small table have room for: 500 to 2,500
	smallMap      = 16   // keys up to which that counts
	functionSize  = 96   // a closure, without its upvalues
	upvalueSize   = 56   //
	stringSize    = 16   // the header of a string behind an interface
	coroutineSize = 8192 // a Lua thread with its goroutine
	valueSize     = 768  // what stands for a coroutine
	frameSize     = 96   // a function that runs
	hostCallSize  = 2048 // what it takes of a goroutine's stack that it was called by Go code
)

// memory decides when the heap of a budget is walked. A walk costs time in proportion to the
// number of values, so the next one waits until the VM has done a multiple of that work; a
// walk is left out as long as the whole process holds less than the budget's limit.
type memory struct {
	size      int64 // bytes at the last walk
	cells     int64 // values at the last walk
	allocated int64 // bytes that library functions said they would allocate, since
	at        int64 // instructions at the last walk, or when one was left out
	before    int64 // size then
	next      int64 // instructions at which the next one is due
	roots     []lua.LValue
	sample    [1]metrics.Sample
	walked    time.Time     // when the last walk ended
	took      time.Duration // the last walk
	asked     bool          // somebody wants one
}

const (
	// instructionBytes is what one instruction may allocate in a program that does nothing else.
	instructionBytes = 256
	// walkFactor is how many instructions pay for walking one value.
	walkFactor = 64
	// leastFactor is the same where the limit will be met soon.
	leastFactor = 1
	// restFactor is how many times as long as a walk the next one waits that somebody asks for:
	// the garbage of walks makes the heap grow too.
	restFactor = 8
)

func (m *memory) reset(b *Budget) {
	m.sample[0].Name = "/memory/classes/heap/objects:bytes"
	m.plan(b)
}

// plan says when the next walk is due: later the more values there are, but in time where the
// memory grows as it has grown since the last walk.
func (m *memory) plan(b *Budget) {
	used := b.Used()
	m.next = 1<<63 - 1
	if limit := b.limits.Memory; limit > 0 {
		wait := max((limit-m.size)/instructionBytes, m.cells*walkFactor, 16*quantum)
		if grown := m.size - m.before; grown > 0 {
			full := float64(limit-m.size) / float64(grown) * float64(used-m.at)
			wait = min(wait, max(int64(full), m.cells*leastFactor, 16*quantum))
		}
		m.next = used + wait
	}
	m.at, m.before = used, m.size
	m.allocated = 0
}

func (m *memory) due(used int64) bool {
	return used >= m.next || m.asked && time.Since(m.walked) >= restFactor*m.took
}

// LowerMemory lowers the limit of the memory; one that is lower already stays.
func (b *Budget) LowerMemory(n int64) {
	if n > 0 && (b.limits.Memory <= 0 || n < b.limits.Memory) {
		b.limits.Memory = n
		b.memory.plan(b)
	}
}

// Root adds a value from which the memory of the budget is reached: the table of globals, say.
func (b *Budget) Root(v lua.LValue) { b.memory.roots = append(b.memory.roots, v) }

// Measure measures the memory now, and takes the work that this is.
func (b *Budget) Measure(L *lua.LState) {
	b.Work(L, b.memory.cells/2)
	if !b.reclaiming {
		b.walk()
	}
}

// Memory returns the bytes that the values of the budget took when they were last measured.
func (b *Budget) Memory() int64 { return b.memory.size }

// Measured is Memory for any goroutine.
func (b *Budget) Measured() int64 { return b.measured.Load() }

// allocate notes that n bytes are about to be allocated by Go code.
func (b *Budget) allocate(n int64) {
	b.work(n / bytesPerInstruction)
	m := &b.memory
	m.allocated += n
	limit := b.limits.Memory
	if limit <= 0 || m.size+m.allocated <= limit || b.reclaiming {
		return
	}
	if n > limit || b.heap() > uint64(limit) {
		for b.walk(); m.size+n > limit && b.reclaimed(); {
			b.walk()
		}
		if m.size+n > limit {
			b.spend(&Error{Kind: Memory, Limit: limit})
			return
		}
	}
	m.allocated = n
}

// measure walks the heap of the budget and spends it if it is over its limit.
func (b *Budget) measure() {
	limit := b.limits.Memory
	if b.reclaiming {
		return
	}
	if limit <= 0 {
		b.walk()
		return
	}
	if b.heap() <= uint64(limit) {
		b.memory.plan(b)
		return
	}
	for b.walk(); b.memory.size > limit && b.reclaimed(); {
		b.walk()
	}
	if b.memory.size > limit && b.spent == nil {
		b.spend(&Error{Kind: Memory, Limit: limit})
	}
}

// reclaimed reports whether there may be less memory in use than there was.
func (b *Budget) reclaimed() bool {
	if b.Reclaim == nil || b.reclaiming || b.spent != nil {
		return false
	}
	b.reclaiming = true
	defer func() { b.reclaiming = false }()
	return b.Reclaim()
}

// heap returns the bytes of all objects of the process, dead ones that are not swept included.
func (b *Budget) heap() uint64 {
	metrics.Read(b.memory.sample[:])
	return b.memory.sample[0].Value.Uint64()
}

// walk measures what is reachable from the roots and the threads.
func (b *Budget) walk() {
	start := time.Now()
	defer func() {
		b.memory.walked = time.Now()
		b.memory.took = b.memory.walked.Sub(start)
	}()
	w := walker{budget: b, seen: make(map[any]struct{}, 64+b.memory.cells/4)}
	for _, v := range b.memory.roots {
		w.add(v)
	}
	if b.Host != nil {
		b.Host(w.add)
	}
	for c := b.contexts; c != nil; c = c.next {
		w.add(c.L)
	}
	for len(w.queue) > 0 && b.spent == nil {
		v := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		w.expand(v)
	}
	b.memory.size, b.memory.cells = w.size, w.cells
	b.measured.Store(w.size)
	b.memory.plan(b)
}

// walker finds every table, function and thread once. It keeps its own queue: a list that is
// a million links deep must not take a million Go frames.
type walker struct {
	budget *Budget
	seen   map[any]struct{}
	queue  []lua.LValue
	size   int64
	cells  int64
}

// longString is the length from which a string that several values share counts once.
const longString = 256

func (w *walker) add(v lua.LValue) {
	w.cells++
	switch v := v.(type) {
	case lua.LString:
		if len(v) >= longString {
			at := stringAt{reflect.ValueOf(string(v)).Pointer(), len(v)}
			if _, ok := w.seen[at]; ok {
				w.size += stringSize
				return
			}
			w.seen[at] = struct{}{}
		}
		w.size += stringSize + int64(len(v))
	case lua.LNumber:
		w.size += numberSize
	case *lua.LTable, *lua.LFunction, *lua.LUserData, *lua.LState:
		if _, ok := w.seen[v]; !ok {
			w.seen[v] = struct{}{}
			w.queue = append(w.queue, v)
		}
	}
}

// Sized is a value of a userdata that takes memory of its own.
type Sized interface{ Size() int64 }

type stringAt struct {
	data uintptr
	size int
}

func (w *walker) expand(v lua.LValue) {
	switch v := v.(type) {
	case *lua.LTable:
		if Shared != nil && Shared(v) {
			return
		}
		w.table(v)
	case *lua.LFunction:
		w.size += functionSize + int64(len(v.Upvalues))*8
		if v.Env != nil {
			w.add(v.Env)
		}
		if Code != nil && v.Proto != nil {
			w.code(v.Proto)
		}
		for _, u := range v.Upvalues {
			if u == nil {
				continue
			}
			if _, ok := w.seen[u]; !ok {
				w.seen[u] = struct{}{}
				w.size += upvalueSize
				if value := u.Value(); value != nil {
					w.add(value)
				}
			}
		}
	case *lua.LUserData:
		w.size += 64
		if s, ok := v.Value.(Sized); ok {
			w.size += s.Size()
		}
		if v.Metatable != nil {
			w.add(v.Metatable)
		}
	case *lua.LState:
		w.thread(v)
	}
}

// code adds the code of a function, which keeps that of its whole chunk.
func (w *walker) code(p *lua.FunctionProto) {
	chunk, size := Code(p)
	if size == 0 {
		return
	}
	if _, ok := w.seen[chunk]; !ok {
		w.seen[chunk] = struct{}{}
		w.size += size
	}
}

func (w *walker) table(t *lua.LTable) {
	array, list, entries := tableParts(t)
	w.size += tableSize + int64(array)*cellSize + int64(max(list, entries))*entrySize
	if list > 0 && entries < smallMap {
		w.size += mapSize
	}
	// Empty cells have no value to add, but the walk passes them.
	w.cells += int64(array+list) / 8
	if t.Metatable != nil {
		w.add(t.Metatable)
	}
	if int64(ArrayLen(t)) >= w.budget.limits.Table && w.budget.spent == nil {
		w.budget.spend(&Error{Kind: Table, Limit: w.budget.limits.Table})
		return
	}
	t.ForEach(func(key, value lua.LValue) {
		if _, ok := key.(lua.LNumber); !ok {
			w.add(key)
		}
		w.add(value)
	})
}

// thread adds what stands on the stack of a Lua thread.
func (w *walker) thread(L *lua.LState) {
	if Held != nil {
		if values, ok := Held(L); ok {
			w.size += valueSize
			for _, v := range values {
				w.add(v)
			}
			return
		}
	}
	w.size += coroutineSize
	if L.Env != nil {
		w.add(L.Env)
	}
	dbg, ok := L.GetStack(0)
	if !ok || frameOf(dbg).IsNil() {
		return
	}
	if fn, err := L.GetInfo("f", dbg, nil); err == nil && fn != nil {
		w.add(fn)
	}
	depth := depthOf(L)
	w.size += int64(depth.registry.Len())*cellSize + depth.frames()*frameSize + int64(hostCalls(frameOf(dbg)))*hostCallSize
	w.cells += depth.frames()
	// The VM shows the variables of a frame by number: with negative ones, those of all frames below.
	base := int(frameOf(dbg).Elem().Field(baseField).Int())
	for i := range int(depth.used.Int()) {
		if _, v := L.GetLocal(dbg, i-base+1); v != nil {
			w.add(v)
		}
	}
}

// Shared, if it is set, says which tables belong to no budget: those of the shared library.
var Shared func(*lua.LTable) bool

// Held, if it is set, returns what the coroutine holds that scripts see as L, besides the stacks
// that it runs on; ok is false for a Lua thread that code runs on.
var Held func(L *lua.LState) (values []lua.LValue, ok bool)

// Code, if it is set, returns what stands for the chunk that a function belongs to, and what a
// budget is charged for it.
var Code func(p *lua.FunctionProto) (chunk any, size int64)
