// Package suspend says which functions suspend the coroutine that runs them, and where: the
// points at which a service handles other messages before the next statement runs.
//
// A call suspends if each function that it may call does; a function suspends if some path of
// it does. What cannot be resolved does not suspend: the answer yes is to be relied on.
package suspend

import (
	"slices"
	"sync"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// A Point is where a function may suspend: a call, or the look-up of a field that a metatable
// answers.
type Point struct {
	File int32
	Func scope.Func
	Node syntax.Node
	// Call is the index of the call, -1 for a look-up.
	Call int32
	// API is the function of the API that waits; nil if Callee does.
	API *models.Entry
	// Callee is what suspends within, if API is nil.
	Callee effect.Function
}

// Info says where code suspends. It is immutable and safe for concurrent use.
type Info struct {
	sys      *effect.System
	values   *solve.Result
	state    []function
	points   []point
	at       map[place]int32 // points that suspend
	byFunc   map[int32][]int32
	edges    []item[edge] // while they are being found
	incoming lists[edge]  // by function: what runs it
	// serial are the functions that a frame does not run twice at a time for the same thing.
	serial map[effect.Function]bool
	// unyieldable are the functions that are given to what must not be suspended.
	unyieldable []given
	acquires    []acquire
	sync        lists[int32]      // by function: those that it runs before it goes on
	starts      map[int32][]int32 // by function: those that it gives to skynet.start and skynet.init
	seen        sync.Pool         // of *[]bool, by function, all false
}

// given is a function that a call of an API gets.
type given struct {
	file, call int32
	by         *models.Entry
	fn         solve.Atom
}

// A Given is a function that waits and that a call gives to what cannot be suspended.
type Given struct {
	File int32
	Node syntax.Node // the call
	By   *models.Entry
	// Point is where the function waits.
	Point Point
}

type place struct {
	file int32
	node syntax.Node
}

// function is what is known of one function.
type function struct {
	suspends bool
	handled  bool  // more than one coroutine may run it
	spawned  bool  // a coroutine other than that of the start runs it
	unlocked bool  // somebody runs it without holding a queue
	called   bool  // somebody is known to run it
	witness  int32 // the point that made it suspend
}

// point is a call, or a look-up that a metatable answers.
type point struct {
	Point
	host     int32
	left     int32 // how many of the functions that it calls itself are not known to suspend
	direct   int32 // how many there are
	suspends bool
	waits    *models.Entry
}

type edgeKind uint8

const (
	calls     edgeKind = iota // the call calls it
	calledIn                  // what the call calls does, before it returns
	lockedIn                  // the same, while it holds a queue
	mustNot                   // the same, where it must not suspend
	later                     // another coroutine does
	handler                   // a coroutine of its own does, for each message or event
	starting                  // it runs at the start
	throughIt                 // the called function calls its parameter
)

// edge says that a point runs a function. A generic one runs it because it was given to it: that
// says nothing of whether the point suspends.
type edge struct {
	point   int32
	kind    edgeKind
	generic bool
}

// Find finds where the code of a system suspends.
func Find(sys *effect.System) *Info {
	x := &Info{sys: sys, values: sys.Values, at: map[place]int32{}, byFunc: map[int32][]int32{}, serial: map[effect.Function]bool{}}
	x.state = make([]function, sys.Functions())
	callers := x.parametersCalled()
	n := 0
	for i := range x.values.Program().Files {
		n += len(x.values.IR(int32(i)).Calls)
	}
	x.points, x.edges = make([]point, 0, n), make([]item[edge], 0, 2*n)
	for i := range x.values.Program().Files {
		for c := range x.values.IR(int32(i)).Calls {
			x.addCall(int32(i), int32(c), callers)
		}
	}
	x.addLookups()
	x.incoming, x.edges = newLists(sys.Functions(), x.edges), nil
	x.solve()
	x.findCoroutines()
	x.findSync()
	return x
}

func (x *Info) connect(f effect.Function, e edge) {
	x.edges = append(x.edges, item[edge]{x.sys.Number(f), e})
}

// modelOf returns the model of what an atom is when it is called, nil if it has none.
func (x *Info) modelOf(d *solve.AtomData) *models.Entry {
	switch d.Kind {
	case solve.API, solve.Method:
		return d.Entry
	case solve.Queue, solve.Object, solve.Response:
		if t := x.values.Program().Models.Table(d.Text); t != nil {
			return t.Member("__call")
		}
	}
	return nil
}

// waits reports whether a function of an API suspends whoever calls it, as a rule. A queue does
// only if somebody is inside, a module only while it loads.
func waits(e *models.Entry) bool {
	switch e.WaitsFor {
	case models.WaitNone, models.WaitLock, models.WaitResume, models.WaitExit, models.WaitUnknown:
		return false
	}
	return true
}

// parametersCalled returns those parameters that their function calls before it returns, by itself
// or through others: whether it suspends depends on who calls it.
func (x *Info) parametersCalled() map[effect.Function][]int32 {
	out := map[effect.Function][]int32{}
	type hand struct{ file, call int32 }
	var hands []hand // the calls that hand a parameter on
	for i := range x.values.Program().Files {
		f := x.values.IR(int32(i))
		for c := range f.Calls {
			call := &f.Calls[c]
			if t := f.Term(call.Callee); t.Kind == ir.Parameter && scope.Func(t.A) == call.In {
				note(out, effect.Function{File: int32(i), Func: call.In}, t.B)
			}
			for _, t := range call.Args.Terms {
				if d := f.Term(t); d.Kind == ir.Parameter && scope.Func(d.A) == call.In {
					hands = append(hands, hand{int32(i), int32(c)})
					break
				}
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, h := range hands {
			f := x.values.IR(h.file)
			call := &f.Calls[h.call]
			in := effect.Function{File: h.file, Func: call.In}
			given := func(i int) {
				if i < 0 || i >= len(call.Args.Terms) {
					return
				}
				if d := f.Term(call.Args.Terms[i]); d.Kind == ir.Parameter && scope.Func(d.A) == call.In && note(out, in, d.B) {
					changed = true
				}
			}
			x.values.Callees(h.file, h.call, func(callee solve.Callee) {
				d := x.values.Atom(callee.Atom)
				if callee.Indirect {
					return
				}
				if d.Kind == solve.Function {
					for _, i := range out[effect.Function{File: d.File, Func: d.Func}] {
						given(int(i) + callee.First)
					}
					return
				}
				if e := x.modelOf(d); e != nil && len(e.Args) > 0 && e.Args[0].Role == models.RoleCallback {
					if k := kindOf(e.Args[0].Callback); k == calledIn || k == lockedIn {
						given(0)
					}
				}
			})
		}
	}
	return out
}

// note adds a parameter to those that a function calls; it reports false if it was known.
func note(to map[effect.Function][]int32, f effect.Function, param int32) bool {
	if slices.Contains(to[f], param) {
		return false
	}
	to[f] = append(to[f], param)
	return true
}

// addCall adds a call and what it runs.
func (x *Info) addCall(file, call int32, higher map[effect.Function][]int32) {
	f := x.values.IR(file)
	c := &f.Calls[call]
	n := int32(len(x.points))
	p := point{Point: Point{File: file, Func: c.In, Node: c.Node, Call: call}, host: x.sys.Number(effect.Function{File: file, Func: c.In})}
	generic := f.Term(c.Callee).Kind == ir.Parameter
	known := false
	x.values.Callees(file, call, func(callee solve.Callee) {
		d := x.values.Atom(callee.Atom)
		known = true
		if callee.Indirect {
			return // what calls it says how
		}
		if d.Kind == solve.Function {
			fn := effect.Function{File: d.File, Func: d.Func}
			p.direct++
			x.connect(fn, edge{n, calls, generic})
			if generic {
				return
			}
			for _, i := range higher[fn] {
				at := int(i) + callee.First
				handsOn := at < len(c.Args.Terms) && f.Term(c.Args.Terms[max(at, 0)]).Kind == ir.Parameter
				for _, a := range x.values.Argument(file, call, at) {
					if d := x.values.Atom(a); d.Kind == solve.Function {
						x.connect(effect.Function{File: d.File, Func: d.Func}, edge{n, throughIt, handsOn})
					}
				}
			}
			return
		}
		e := x.modelOf(d)
		if e == nil {
			return
		}
		if d.Kind == solve.Queue {
			x.acquires = append(x.acquires, acquire{callee.Atom, n})
		}
		p.direct++
		if waits(e) {
			p.waits = e
			p.left--
		}
		first := callee.First
		if c.Method && isMethod(d) {
			first++
		}
		x.callbacks(n, &p, e, first)
	})
	if !known {
		return
	}
	p.left += p.direct
	x.points = append(x.points, p)
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

// callbacks adds the functions that a function of an API is given.
func (x *Info) callbacks(n int32, p *point, e *models.Entry, first int) {
	f := x.values.IR(p.File)
	args := f.Calls[p.Call].Args.Terms
	for i := range e.Args {
		a := &e.Args[i]
		if a.Role != models.RoleCallback && a.Role != models.RoleCallbacks {
			continue
		}
		kind := kindOf(a.Callback)
		at := first + i
		generic := at < len(args) && f.Term(args[at]).Kind == ir.Parameter // see throughIt
		visit := func(v solve.Atom) {
			d := x.values.Atom(v)
			if kind == mustNot && !generic {
				x.unyieldable = append(x.unyieldable, given{p.File, p.Call, e, v})
			}
			switch d.Kind {
			case solve.Function:
				x.connect(effect.Function{File: d.File, Func: d.Func}, edge{n, kind, generic})
			case solve.API, solve.Method:
				if waits(d.Entry) && !generic && (kind == calledIn || kind == lockedIn) {
					p.waits = d.Entry // pcall(skynet.call, ...)
				}
			}
		}
		for _, v := range x.values.Argument(p.File, p.Call, first+i) {
			if a.Role == models.RoleCallback {
				visit(v)
				continue
			}
			x.values.Fields(v, func(name string, values []solve.Atom) {
				for _, v := range values {
					visit(v)
					if d := x.values.Atom(v); d.Kind == solve.Function && slices.Contains(e.Serial, name) {
						x.serial[effect.Function{File: d.File, Func: d.Func}] = true
					}
				}
			})
		}
	}
}

func kindOf(c models.Callback) edgeKind {
	switch c {
	case models.CallbackCalled:
		return calledIn
	case models.CallbackLocked:
		return lockedIn
	case models.CallbackUnyieldable, models.CallbackHook:
		return mustNot
	case models.CallbackHandler, models.CallbackEvent:
		return handler
	case models.CallbackInit:
		return starting
	}
	return later
}

// addLookups adds the look-ups of fields that a function behind a metatable's __index answers.
func (x *Info) addLookups() {
	answers := map[solve.Atom][]effect.Function{}
	for _, t := range x.values.WithMeta() {
		for _, a := range x.values.Meta(t, "__index") {
			if d := x.values.Atom(a); d.Kind == solve.Function {
				answers[t] = append(answers[t], effect.Function{File: d.File, Func: d.Func})
			}
		}
	}
	if len(answers) == 0 {
		return
	}
	var last solve.Atom
	for a := range answers {
		last = max(last, a)
	}
	answered := make([]bool, last+1)
	for a := range answers {
		answered[a] = true
	}
	isAnswered := func(a solve.Atom) bool { return a <= last && answered[a] }
	for i := range x.values.Program().Files {
		file := int32(i)
		f := x.values.IR(file)
		t := f.Info.Tree
		for k := range f.Terms {
			d := &f.Terms[k]
			if d.Kind != ir.Load || t.Kind(d.Node) != syntax.Index || t.IsTarget(d.Node) {
				continue
			}
			objects := x.values.Values(file, ir.Term(d.A))
			if !slices.ContainsFunc(objects, isAnswered) {
				continue
			}
			p := point{Point: Point{File: file, Func: f.Info.FuncOf(d.Node), Node: d.Node, Call: -1}}
			n := int32(len(x.points))
			for _, o := range objects {
				if key := f.Term(ir.Term(d.B)); key.Kind == ir.String && len(x.values.Field(o, key.Text)) > 0 {
					p.direct++
					continue // it is there
				}
				if len(answers[o]) == 0 {
					p.direct++
				}
				for _, fn := range answers[o] {
					p.direct++
					x.connect(fn, edge{n, calls, false})
				}
			}
			if p.direct > 0 {
				p.host, p.left = x.sys.Number(effect.Function{File: file, Func: p.Func}), p.direct
				x.points = append(x.points, p)
			}
		}
	}
}

// solve goes from the calls that wait up to their callers.
func (x *Info) solve() {
	var work []int32
	mark := func(n int32) {
		p := &x.points[n]
		if p.suspends {
			return
		}
		p.suspends = true
		x.at[place{p.File, p.Node}] = n
		x.byFunc[p.host] = append(x.byFunc[p.host], n)
		if s := &x.state[p.host]; !s.suspends {
			s.suspends, s.witness = true, n
			work = append(work, p.host)
		}
	}
	for n := range x.points {
		if p := &x.points[n]; p.waits != nil && p.left <= 0 || p.waits != nil && p.Call >= 0 && p.direct == 1 {
			p.API = p.waits
			mark(int32(n))
		}
	}
	for len(work) > 0 {
		fn := work[0]
		work = work[1:]
		for _, e := range x.incoming.of(fn) {
			if e.generic {
				continue
			}
			p := &x.points[e.point]
			switch e.kind {
			case calls:
				if p.left--; p.left > 0 {
					continue
				}
			case calledIn, lockedIn, throughIt:
			default:
				continue
			}
			if !p.suspends && p.API == nil {
				p.Callee = x.sys.Function(fn)
			}
			mark(e.point)
		}
	}
}

// findCoroutines finds which functions run in which kinds of coroutines.
func (x *Info) findCoroutines() {
	var work []int32
	edges := make([]item[edgeTo], 0, len(x.incoming.all))
	for fn := range x.incoming.len() {
		for _, e := range x.incoming.of(fn) {
			edges = append(edges, item[edgeTo]{x.points[e.point].host, edgeTo{fn, e.kind}})
		}
	}
	outgoing := newLists(x.sys.Functions(), edges)
	mark := func(fn int32, s function) {
		old := &x.state[fn]
		new := *old
		new.handled = old.handled || s.handled
		new.spawned = old.spawned || s.spawned
		new.unlocked = old.unlocked || s.unlocked
		new.called = true
		if new != *old {
			*old = new
			work = append(work, fn)
		}
	}
	for fn := range x.incoming.len() {
		if len(x.incoming.of(fn)) == 0 {
			mark(fn, function{unlocked: true})
		}
	}
	for _, s := range x.sys.Services {
		for _, e := range s.Entries {
			handles := e.Kind != effect.Init
			for _, f := range e.Functions {
				mark(x.sys.Number(f), function{handled: handles, spawned: handles, unlocked: true})
			}
		}
	}
	for len(work) > 0 {
		fn := work[len(work)-1]
		work = work[:len(work)-1]
		s := x.state[fn]
		for _, e := range outgoing.of(fn) {
			to := function{handled: s.handled, spawned: s.spawned, unlocked: s.unlocked}
			switch e.kind {
			case lockedIn:
				to.unlocked = false
			case throughIt:
				continue
			case later:
				to.unlocked, to.spawned = true, true
			case handler:
				to.handled, to.unlocked, to.spawned = true, true, true
			}
			mark(e.fn, to)
		}
	}
}

type edgeTo struct {
	fn   int32
	kind edgeKind
}

// Function reports whether a function suspends.
func (x *Info) Function(f effect.Function) bool { return x.state[x.sys.Number(f)].suspends }

// Handled reports whether a function runs for messages or events, so that several coroutines may
// be in it at the same time.
func (x *Info) Handled(f effect.Function) bool { return x.state[x.sys.Number(f)].handled }

// Concurrent reports whether a function runs in other coroutines than that of the start.
func (x *Info) Concurrent(f effect.Function) bool { return x.state[x.sys.Number(f)].spawned }

// Locked reports whether a function runs only while its coroutine holds a queue.
func (x *Info) Locked(f effect.Function) bool {
	s := &x.state[x.sys.Number(f)]
	return s.called && !s.unlocked
}

// Unyieldable returns the functions that wait and are given to what cannot be suspended: the order
// of table.sort, the replacement of string.gsub, the message handler of xpcall.
func (x *Info) Unyieldable() []Given {
	var out []Given
	for _, g := range x.unyieldable {
		node := x.values.IR(g.file).Calls[g.call].Node
		switch d := x.values.Atom(g.fn); d.Kind {
		case solve.Function:
			if points := x.Points(effect.Function{File: d.File, Func: d.Func}); len(points) > 0 {
				out = append(out, Given{g.file, node, g.by, points[0]})
			}
		case solve.API, solve.Method:
			if waits(d.Entry) {
				out = append(out, Given{g.file, node, g.by, Point{File: g.file, Node: node, Call: g.call, API: d.Entry}})
			}
		}
	}
	return out
}

// Serial reports whether the frame that runs a function runs it only once at a time for the same
// thing, such as the login of one user.
func (x *Info) Serial(f effect.Function) bool { return x.serial[f] }

// At returns the point at a node of a file, if the node suspends.
func (x *Info) At(file int32, n syntax.Node) (Point, bool) {
	i, ok := x.at[place{file, n}]
	if !ok {
		return Point{}, false
	}
	return x.points[i].Point, true
}

// Points returns the points of a function, in the order of the text, calls before look-ups.
func (x *Info) Points(f effect.Function) []Point {
	var out []Point
	for _, n := range x.byFunc[x.sys.Number(f)] {
		out = append(out, x.points[n].Point)
	}
	return out
}

// Trace follows a point through the functions that it calls to the call of the API that waits.
func (x *Info) Trace(p Point) []Point {
	trace := []Point{p}
	for p.API == nil && len(trace) < 8 {
		p = x.points[x.state[x.sys.Number(p.Callee)].witness].Point
		trace = append(trace, p)
	}
	return trace
}
