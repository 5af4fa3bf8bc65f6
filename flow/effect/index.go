package effect

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// index is the call graph of all files, in arrays by the numbers of functions and calls.
type index struct {
	funcBase, callBase []int32 // by file; one more at the end
	// The calls that stand in a function: own[ownAt[fn]:ownAt[fn+1]], as numbers.
	ownAt, own []int32
	siteOf     []Site  // by number of call
	host       []int32 // the function in which it stands
	nodes      []syntax.Node

	// What a call may call: targets[targetAt[c]:targetAt[c+1]], and apis alike.
	targetAt []int32
	targets  []target
	apiAt    []int32
	apis     []api
	// The calls that may call a function: from[fromAt[fn]:fromAt[fn+1]].
	fromAt []int32
	from   []caller

	// sets says of a call that it hands functions to an API as handlers; launch that it is one.
	sets, launch bitset
	parts        []part
	// active are the functions from which a call of interest can be reached: one of an API that
	// sends, launches or sets a handler.
	active   bitset
	modelled []bool // by file: it is the source of an API
	marks    sync.Pool
}

// marks are a set of functions that is emptied at once: many walks begin with an empty one, and
// see little.
type marks struct {
	in    []uint32 // by function: the last round in which it was in the set
	round uint32
}

func (m *marks) begin() {
	if m.round++; m.round == 0 {
		clear(m.in)
		m.round = 1
	}
}

func (m *marks) has(i int32) bool { return m.in[i] == m.round }
func (m *marks) add(i int32)      { m.in[i] = m.round }

// A target is a function that a call may call.
type target struct {
	Function
	fn       int32
	first    int16
	indirect bool
	silent   bool
	way      models.Callback // how it is called, if it is indirect; 0 if that is not known
}

// api is a function of an API that a call may call.
type api struct {
	entry    *models.Entry
	atom     solve.Atom
	first    int16
	indirect bool
}

// caller is a call that may call a function.
type caller struct {
	site   Site
	first  int // which argument is the function's first
	plain  bool
	target int32 // the index of the function among the targets
}

type bitset []uint64

func newBitset(n int) bitset      { return make(bitset, (n+63)/64) }
func (b bitset) has(i int32) bool { return int(i>>6) < len(b) && b[i>>6]&(1<<(i&63)) != 0 }
func (b bitset) add(i int32)      { b[i>>6] |= 1 << (i & 63) }

// newIndex numbers functions and calls.
func newIndex(values *solve.Result) *index {
	x := &index{}
	files := values.Program().Files
	funcs, calls := int32(0), int32(0)
	for i, f := range files {
		x.funcBase = append(x.funcBase, funcs)
		x.callBase = append(x.callBase, calls)
		funcs += int32(len(f.Scope.Funcs))
		calls += int32(len(values.IR(int32(i)).Calls))
		x.modelled = append(x.modelled, program.ImplementsModel(f.File, values.Program().Models))
	}
	x.funcBase, x.callBase = append(x.funcBase, funcs), append(x.callBase, calls)
	x.ownAt = make([]int32, funcs+1)
	x.own = make([]int32, calls)
	x.siteOf, x.host, x.nodes = make([]Site, calls), make([]int32, calls), make([]syntax.Node, calls)
	for i := range files {
		for c := range values.IR(int32(i)).Calls {
			x.ownAt[x.funcBase[i]+int32(values.IR(int32(i)).Calls[c].In)+1]++
		}
	}
	for i := range funcs {
		x.ownAt[i+1] += x.ownAt[i]
	}
	next := make([]int32, funcs)
	copy(next, x.ownAt)
	for i := range files {
		for c := range values.IR(int32(i)).Calls {
			fn := x.funcBase[i] + int32(values.IR(int32(i)).Calls[c].In)
			number := x.callBase[i] + int32(c)
			x.own[next[fn]] = number
			next[fn]++
			x.siteOf[number], x.host[number], x.nodes[number] = Site{int32(i), int32(c)}, fn, values.IR(int32(i)).Calls[c].Node
		}
	}
	x.launch = newBitset(int(calls))
	for i := range files {
		for c := range values.IR(int32(i)).Calls {
			for _, use := range values.LaunchUses(int32(i), int32(c)) {
				if isLaunch(use) {
					x.launch.add(x.callBase[i] + int32(c))
				}
			}
		}
	}
	return x
}

// nodeOf returns the node of a call.
func (x *index) nodeOf(s Site) syntax.Node { return x.nodes[x.call(s)] }

func isLaunch(use *loads.Use) bool {
	switch use.Kind {
	case loads.Launch, loads.LaunchSnax, loads.LaunchFunction:
		return !use.Followed
	}
	return false
}

func (x *index) fn(f Function) int32    { return x.funcBase[f.File] + int32(f.Func) }
func (x *index) call(s Site) int32      { return x.callBase[s.File] + s.Call }
func (x *index) functions() int         { return int(x.funcBase[len(x.funcBase)-1]) }
func (x *index) inside(f int32) []int32 { return x.own[x.ownAt[f]:x.ownAt[f+1]] }
func (x *index) targetsOf(c int32) []target {
	return x.targets[x.targetAt[c]:x.targetAt[c+1]]
}
func (x *index) apisOf(c int32) []api { return x.apis[x.apiAt[c]:x.apiAt[c+1]] }
func (x *index) callersOf(f Function) []caller {
	n := x.fn(f)
	return x.from[x.fromAt[n]:x.fromAt[n+1]]
}

// callersIn returns those callers of a function that stand in a service, in the order of the
// files. A function of a library may have callers in very many.
func (x *index) callersIn(s *Service, f Function) iter.Seq[caller] {
	all := x.callersOf(f)
	return func(yield func(caller) bool) {
		if len(all) < 8*len(s.indexes) {
			for _, c := range all {
				if s.files.has(c.site.File) && !yield(c) {
					return
				}
			}
			return
		}
		for _, file := range s.indexes {
			at, _ := slices.BinarySearchFunc(all, file, func(c caller, file int32) int { return cmp.Compare(c.site.File, file) })
			for ; at < len(all) && all[at].site.File == file; at++ {
				if !yield(all[at]) {
					return
				}
			}
		}
	}
}

// A part is some of the calls, which one goroutine reads.
type part struct {
	first, last int // the calls
	targets     []target
	apis        []api
}

// minPart is how many calls are worth a goroutine. A multiple of 64: then no two goroutines write
// the same word of a set of calls.
const minPart = 1024

// divide cuts the calls into parts.
func divide(calls, jobs int) []part {
	n := max(1, min(parallel.Jobs(jobs), calls/minPart))
	size := (calls/n + 63) &^ 63
	parts := make([]part, n)
	for i := range parts {
		parts[i].first, parts[i].last = min(i*size, calls), min((i+1)*size, calls)
	}
	parts[n-1].last = calls
	return parts
}

// update reads what calls may call as it is known now.
func (x *index) update(values *solve.Result, jobs int) {
	calls := len(x.siteOf)
	if x.parts == nil {
		x.parts = divide(calls, jobs)
		x.targetAt, x.apiAt, x.sets = make([]int32, calls+1), make([]int32, calls+1), newBitset(calls)
	}
	clear(x.sets)
	x.parts[0].targets, x.parts[0].apis = x.targets, x.apis // which the others were added to
	_ = parallel.For(context.Background(), len(x.parts), jobs, func(i int) { x.parts[i].read(x, values) })
	x.targets, x.apis = x.parts[0].targets, x.parts[0].apis
	for _, p := range x.parts[1:] {
		for c := p.first; c < p.last; c++ {
			x.targetAt[c] += int32(len(x.targets))
			x.apiAt[c] += int32(len(x.apis))
		}
		x.targets, x.apis = append(x.targets, p.targets...), append(x.apis, p.apis...)
	}
	x.targetAt[calls], x.apiAt[calls] = int32(len(x.targets)), int32(len(x.apis))
	x.findCallers()
	x.findActive()
}

// read reads what the calls of a part may call.
func (p *part) read(x *index, values *solve.Result) {
	p.targets, p.apis = p.targets[:0], p.apis[:0]
	for c := p.first; c < p.last; c++ {
		site := x.siteOf[c]
		x.targetAt[c], x.apiAt[c] = int32(len(p.targets)), int32(len(p.apis))
		way := models.Callback(0)
		values.Callees(site.File, site.Call, func(callee solve.Callee) {
			switch d := values.Atom(callee.Atom); d.Kind {
			case solve.Function:
				t := target{Function: Function{d.File, d.Func}, fn: x.funcBase[d.File] + int32(d.Func), first: int16(callee.First), indirect: callee.Indirect, silent: callee.Silent}
				if t.indirect {
					t.way = way
				}
				p.targets = append(p.targets, t)
			case solve.Queue, solve.Response, solve.Object:
				if e := values.CallOf(callee.Atom); e != nil {
					way = max(way, callbackWay(e))
					p.apis = append(p.apis, api{e, callee.Atom, int16(callee.First), callee.Indirect})
				}
			case solve.API, solve.Method:
				first := callee.First
				if values.IR(site.File).Calls[site.Call].Method && !callee.Indirect && isMethod(d) {
					first++
				}
				p.apis = append(p.apis, api{d.Entry, callee.Atom, int16(first), callee.Indirect})
				way = max(way, callbackWay(d.Entry))
				if setsHandler(d.Entry) {
					x.sets.add(int32(c))
				}
			}
		})
	}
}

// callbackWay returns how a function of an API calls what it is given.
func callbackWay(e *models.Entry) models.Callback {
	for i := range e.Args {
		switch e.Args[i].Role {
		case models.RoleCallback, models.RoleCallbacks:
			return e.Args[i].Callback
		}
	}
	return 0
}

// now reports whether a target runs in the coroutine of the call, before it returns.
func (t *target) now() bool {
	switch t.way {
	case 0:
		return !t.indirect
	case models.CallbackCalled, models.CallbackUnyieldable, models.CallbackLocked:
		return true
	}
	return false
}

// isMethod reports whether the model of a function leaves its receiver out.
func isMethod(d *solve.AtomData) bool {
	for i := len(d.Entry.Path) - 1; i >= 0; i-- {
		switch d.Entry.Path[i] {
		case ':':
			return d.Kind == solve.API
		case '.':
			return false
		}
	}
	return false
}

func (x *index) findCallers() {
	n := x.functions()
	if x.fromAt == nil {
		x.fromAt = make([]int32, n+1)
	}
	clear(x.fromAt)
	for i := range x.targets {
		x.fromAt[x.targets[i].fn]++
	}
	for i := range n {
		x.fromAt[i+1] += x.fromAt[i]
	}
	// fromAt says where the list of a function ends. It is filled from there, so that in the end
	// fromAt says where it begins.
	x.from = slices.Grow(x.from[:0], len(x.targets))[:len(x.targets)]
	for c := len(x.siteOf) - 1; c >= 0; c-- {
		for i := x.targetAt[c+1] - 1; i >= x.targetAt[c]; i-- {
			t := &x.targets[i]
			x.fromAt[t.fn]--
			x.from[x.fromAt[t.fn]] = caller{x.siteOf[c], int(t.first), !t.silent, i}
		}
	}
}

// findActive goes from the calls of interest up to their callers.
func (x *index) findActive() {
	x.active = newBitset(x.functions())
	var work []int32
	mark := func(fn int32) {
		if !x.active.has(fn) {
			x.active.add(fn)
			work = append(work, fn)
		}
	}
	for fn := range int32(x.functions()) {
		for _, c := range x.inside(fn) {
			if x.ofInterest(c) {
				mark(fn)
				break
			}
		}
	}
	for len(work) > 0 {
		fn := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range x.from[x.fromAt[fn]:x.fromAt[fn+1]] {
			mark(x.host[x.call(c.site)])
		}
	}
}

func (x *index) ofInterest(c int32) bool {
	if x.launch.has(c) || x.sets.has(c) {
		return true
	}
	for _, a := range x.apisOf(c) {
		if interesting(a.entry) {
			return true
		}
	}
	return false
}

// interesting reports whether a function of an API sends, names, or handles messages.
func interesting(e *models.Entry) bool {
	if e.Asks.Command != "" || e.Replies == models.ReplyNow || e.Capabilities.Has(models.CanRegister) {
		return true
	}
	for i := range e.Args {
		switch e.Args[i].Role {
		case models.RoleAddress, models.RoleRequest:
			return true
		}
	}
	return e.Protocol != ""
}
