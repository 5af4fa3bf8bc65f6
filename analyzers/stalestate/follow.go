package stalestate

import (
	"maps"
	"strings"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/place"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// A test is a condition that decides whether the code behind it runs.
type test struct {
	node   syntax.Node // the statement or expression that is run or not
	always bool        // what comes behind is run only if it holds
}

func (t test) found() bool { return t.node != syntax.None }

// A fact is what a path knows of a place.
type fact struct {
	read   syntax.Node // where it was read
	tested test
	wait   suspend.Point // the first wait behind the read
	waited bool
}

// state is what is known on the paths to a point.
type state struct {
	facts   map[place.Place]fact
	touched map[place.Place]bool // shapes read or written so far
	locked  bool                 // something that was tested to be free was taken
	dead    bool
}

func (s *state) clone() *state {
	c := *s
	c.facts, c.touched = maps.Clone(s.facts), maps.Clone(s.touched)
	return &c
}

// join adds the paths of another state.
func (s *state) join(o *state) {
	switch {
	case o.dead:
		return
	case s.dead:
		*s = *o.clone()
		return
	}
	for p, k := range o.facts {
		if old, ok := s.facts[p]; !ok || !old.waited && k.waited {
			s.facts[p] = k
		}
	}
	for p := range o.touched {
		s.touched[p] = true
	}
	s.locked = s.locked || o.locked
}

// follower follows the paths of a function.
type follower struct {
	*checker
	fn       effect.Function
	t        *syntax.Tree
	s        *state
	breaks   []*state
	reported map[syntax.Node]bool
	// holds are the local variables that hold what a place was.
	holds map[scope.Var]place.Place
}

func (c *checker) function(fn effect.Function) {
	t := c.f.Tree
	node := c.f.Scope.Funcs[fn.Func].Node
	_, body := t.Function(node)
	f := &follower{checker: c, fn: fn, t: t, reported: map[syntax.Node]bool{}, holds: map[scope.Var]place.Place{}}
	f.s = &state{facts: map[place.Place]fact{}, touched: map[place.Place]bool{}}
	f.block(body)
}

func (f *follower) block(b syntax.Node) {
	for _, n := range f.t.Statements(b) {
		if f.s.dead && f.t.Kind(n) != syntax.LabelStat {
			return
		}
		f.statement(n)
	}
}

func (f *follower) statement(n syntax.Node) {
	t := f.t
	switch t.Kind(n) {
	case syntax.LocalStat:
		decls, values := t.Local(n)
		f.list(values, test{})
		for i, d := range decls {
			if i < len(values) {
				f.hold(f.f.Scope.VarOf(d), values[i])
			}
		}
	case syntax.AssignStat:
		f.assign(n)
	case syntax.CallStat:
		f.expression(t.Operand(n), test{})
	case syntax.DoStat:
		f.block(t.Body(n))
	case syntax.IfStat:
		f.branch(n)
	case syntax.WhileStat:
		cond, body := t.While(n)
		f.loop(func() {
			f.expression(cond, test{})
			f.leave()
			f.block(body)
		})
	case syntax.RepeatStat:
		body, cond := t.Repeat(n)
		f.loop(func() {
			f.block(body)
			if !f.s.dead {
				f.expression(cond, test{})
				f.leave()
			}
		})
	case syntax.NumericFor:
		_, from, to, step, body := t.NumericFor(n)
		f.list([]syntax.Node{from, to, step}, test{})
		f.loop(func() {
			f.leave()
			f.block(body)
		})
	case syntax.GenericFor:
		_, values, body := t.GenericFor(n)
		f.list(values, test{})
		f.loop(func() {
			f.leave()
			f.block(body)
		})
	case syntax.ReturnStat:
		f.list(t.Results(n), test{})
		f.s.dead = true
	case syntax.BreakStat:
		f.leave()
		f.s.dead = true
	case syntax.GotoStat:
		f.s.dead = true // what is behind the label was seen from elsewhere, or is not
	}
}

// leave notes that the loop may be left here.
func (f *follower) leave() {
	if k := len(f.breaks) - 1; k >= 0 {
		f.breaks[k].join(f.s)
	}
}

// loop follows a loop for two rounds: what is found in a third was found before.
func (f *follower) loop(round func()) {
	f.breaks = append(f.breaks, &state{dead: true})
	for range 2 {
		if !f.s.dead {
			round()
		}
	}
	k := len(f.breaks) - 1
	f.s = f.breaks[k]
	f.breaks = f.breaks[:k]
}

func (f *follower) branch(n syntax.Node) {
	t := f.t
	guard := test{node: n, always: f.leaves(n)}
	out := &state{dead: true}
	open := true
	for _, c := range t.Clauses(n) {
		cond, block := t.Clause(c)
		if cond != syntax.None {
			f.expression(cond, guard)
		} else {
			open = false
		}
		past := f.s.clone()
		f.block(block)
		out.join(f.s)
		f.s = past
	}
	if open {
		out.join(f.s)
	}
	f.s = out
}

// leaves reports whether a clause of an if statement does not go on behind it.
func (f *follower) leaves(n syntax.Node) bool {
	for _, c := range f.t.Clauses(n) {
		_, block := f.t.Clause(c)
		list := f.t.Statements(block)
		if len(list) == 0 {
			continue
		}
		switch last := list[len(list)-1]; f.t.Kind(last) {
		case syntax.ReturnStat, syntax.BreakStat, syntax.GotoStat:
			return true
		case syntax.CallStat:
			if call := f.t.Operand(last); f.neverReturns(call) {
				return true
			}
		}
	}
	return false
}

func (f *follower) neverReturns(call syntax.Node) bool {
	if f.t.Kind(call) != syntax.Call {
		return false
	}
	callee, _ := f.t.Call(call)
	e := f.p.Values.Program().Models.Lookup(f.f.API.Ref(callee).Path())
	return e != nil && e.Flags.Has(models.NeverReturns)
}

func (f *follower) list(nodes []syntax.Node, guard test) {
	for _, n := range nodes {
		f.expression(n, guard)
	}
}

// expression follows an expression; guard is what depends on its value.
func (f *follower) expression(n syntax.Node, guard test) {
	t := f.t
	switch t.Kind(n) {
	case syntax.Invalid, syntax.Function:
		return
	case syntax.Name, syntax.Index:
		f.read(n, guard)
		return
	case syntax.Call, syntax.MethodCall:
		f.call(n)
		return
	case syntax.Binary:
		op, l, r := t.Binary(n)
		if op == syntax.And || op == syntax.Or {
			if !guard.found() {
				f.expression(l, test{node: n})
			} else {
				f.expression(l, guard)
			}
			past := f.s.clone()
			f.expression(r, guard)
			f.s.join(past)
			return
		}
		f.expression(l, guard)
		f.expression(r, guard)
		return
	case syntax.Paren:
		f.expression(t.Operand(n), guard)
		return
	case syntax.Unary:
		_, x := t.Unary(n)
		f.expression(x, guard)
		return
	}
	for c := range t.Children(n) {
		f.expression(c, test{})
	}
}

// read notes that a place, or a local variable that holds what it was, is read.
func (f *follower) read(n syntax.Node, guard test) {
	t := f.t
	if t.Kind(n) == syntax.Index {
		object, key := t.Index(n)
		f.expression(object, test{})
		f.expression(key, test{})
	}
	if f.isLocal(n) {
		if p, ok := f.holds[f.f.Scope.VarOf(n)]; ok && guard.found() {
			if k, ok := f.s.facts[p]; ok && !k.waited {
				k.tested = guard
				f.s.facts[p] = k
			}
		}
		return
	}
	if p, ok := f.finder.Of(n); ok {
		f.forget(p)
		if k, ok := f.s.facts[p]; !ok || k.waited || guard.found() {
			f.s.facts[p] = fact{read: n, tested: guard}
		}
		f.s.touched[p.Shape()] = true
	}
	f.wait(n)
}

// forget drops what is known of a place, and of what is below it, from before a wait.
func (f *follower) forget(p place.Place) {
	maps.DeleteFunc(f.s.facts, func(q place.Place, k fact) bool {
		return k.waited && q.Root == p.Root && strings.HasPrefix(q.Keys, p.Keys)
	})
}

// wait notes that a node suspends, if it does.
func (f *follower) wait(n syntax.Node) {
	point, ok := f.where.At(f.file, n)
	if !ok || point.API == nil && f.where.Once(point) {
		return
	}
	for p, k := range f.s.facts {
		if !k.waited {
			k.wait, k.waited = point, true
			f.s.facts[p] = k
		}
	}
}

func (f *follower) call(n syntax.Node) {
	t := f.t
	var args []syntax.Node
	guard := test{}
	if t.Kind(n) == syntax.Call {
		var callee syntax.Node
		callee, args = t.Call(n)
		f.expression(callee, test{})
		if f.f.API.Ref(callee).Path() == "assert" {
			guard = test{node: n, always: true}
		}
	} else {
		var receiver syntax.Node
		receiver, _, args = t.MethodCall(n)
		f.expression(receiver, test{})
	}
	f.list(args, guard)
	f.callees(n)
	f.wait(n)
	if f.neverReturns(n) {
		f.s.dead = true
	}
}

// callees forgets the places that the called functions write themselves: they may test them.
func (f *follower) callees(n syntax.Node) {
	i, ok := f.p.Values.CallAt(f.file, n)
	if !ok {
		return
	}
	f.p.Values.Callees(f.file, i, func(callee solve.Callee) {
		d := f.p.Values.Atom(callee.Atom)
		if d.Kind != solve.Function || d.File != f.file {
			return
		}
		shapes := f.written[d.Func]
		if len(shapes) == 0 {
			return
		}
		for s := range shapes {
			f.s.touched[s] = true
		}
		maps.DeleteFunc(f.s.facts, func(p place.Place, _ fact) bool { return shapes[p.Shape()] })
	})
}

// hold notes that a local variable gets what a place is.
func (f *follower) hold(v scope.Var, value syntax.Node) {
	value = f.t.Unparen(value)
	if f.t.Kind(value) == syntax.Call { // local a = assert(agents[id])
		if callee, args := f.t.Call(value); len(args) > 0 && f.f.API.Ref(callee).Path() == "assert" {
			value = f.t.Unparen(args[0])
		}
	}
	if k := f.t.Kind(value); v == scope.NoVar || k != syntax.Name && k != syntax.Index {
		return
	}
	if f.isLocal(value) {
		return
	}
	if p, ok := f.finder.Of(value); ok {
		f.holds[v] = p
	}
}

func (f *follower) assign(n syntax.Node) {
	t := f.t
	targets, values := t.Assign(n)
	f.list(values, test{})
	for _, target := range targets {
		if t.Kind(target) == syntax.Index {
			object, key := t.Index(target)
			if k := t.Kind(t.Unparen(object)); k != syntax.Name && k != syntax.Index {
				f.expression(object, test{})
			}
			f.expression(key, test{})
		}
	}
	for i, target := range targets {
		value := syntax.None
		if i < len(values) {
			value = values[i]
		}
		if f.isLocal(target) {
			f.hold(f.f.Scope.VarOf(target), value)
			continue
		}
		if p, ok := f.finder.Of(target); ok {
			f.write(n, target, value, p)
		}
	}
}

func (f *follower) write(stat, target, value syntax.Node, p place.Place) {
	k, known := f.s.facts[p]
	switch {
	case f.s.locked || f.reported[target]:
	case known && k.waited && f.relies(stat, value, p, k) && !f.isUnique(value) && !f.isCache(p, value, k):
		f.reported[target] = true
		f.report(f.fn, target, p, k)
	case !known && !f.s.touched[p.Shape()]:
		if wait, ok := f.launched(value); ok && f.isParameter(target) {
			if cleared := f.clearedElsewhere(f.fn, p); cleared != syntax.None && f.where.Handled(f.fn) {
				f.reported[target] = true
				f.reportLate(f.fn, target, p, wait, cleared)
			}
		}
	}
	if !f.isNothing(value) {
		for q, k := range f.s.facts {
			if k.waited || !k.tested.found() {
				continue
			}
			// What was found to be free is taken, or marked by what stands beside it.
			if q == p || p.Holder() != (place.Place{}) && q.Holder() == p.Holder() && p.Static == q.Static && f.isMark(value) {
				f.s.locked = true
			}
		}
	}
	maps.DeleteFunc(f.s.facts, func(q place.Place, _ fact) bool {
		return q.Root == p.Root && strings.HasPrefix(q.Keys, p.Keys)
	})
	f.s.touched[p.Shape()] = true
}

// isNothing reports whether a value is nil, false, or not known to be anything.
func (f *follower) isNothing(value syntax.Node) bool {
	if value == syntax.None {
		return false
	}
	k := f.t.Kind(f.t.Unparen(value))
	return k == syntax.Nil || k == syntax.False
}

// isMark reports whether a value is a constant.
func (f *follower) isMark(value syntax.Node) bool {
	if value == syntax.None {
		return false
	}
	return f.f.API.IsConstant(value)
}

// relies reports whether a write is made because of what the place was before the wait.
func (f *follower) relies(stat, value syntax.Node, p place.Place, k fact) bool {
	if k.tested.found() && (k.tested.always || f.t.Within(stat, k.tested.node) || f.t.Within(k.tested.node, stat)) {
		return true
	}
	if value == syntax.None {
		return false
	}
	if f.t.Within(k.read, value) {
		return true // n = n + call()
	}
	return f.mentions(value, p)
}

// mentions reports whether an expression is made from a variable that holds what a place was.
func (f *follower) mentions(n syntax.Node, p place.Place) bool {
	switch f.t.Kind(n) {
	case syntax.Function, syntax.Index, syntax.Call, syntax.MethodCall, syntax.Table:
		return false
	case syntax.Name:
		q, ok := f.holds[f.f.Scope.VarOf(n)]
		return ok && q == p && f.t.Kind(f.t.Parent(n)) == syntax.Binary
	}
	for c := range f.t.Children(n) {
		if f.mentions(c, p) {
			return true
		}
	}
	return false
}

// calledFor returns the model of the call that makes a value, directly or through a local
// variable, and the call.
func (f *follower) calledFor(value syntax.Node) (*models.Entry, syntax.Node) {
	if value == syntax.None {
		return nil, syntax.None
	}
	if value = f.t.Unparen(value); f.t.Kind(value) == syntax.Binary { // x = x or call()
		if op, _, right := f.t.Binary(value); op == syntax.Or {
			value = right
		}
	}
	d := f.ir.Term(f.ir.Of(value))
	if d.Kind != ir.Result {
		return nil, syntax.None
	}
	call := f.ir.Calls[d.A].Node
	if p, ok := f.where.At(f.file, call); ok && p.API != nil {
		return p.API, call
	}
	return nil, syntax.None
}

// isUnique reports whether a value is the same however often it is asked for: the address of a
// service that there is once, or what a function that does not wait makes of it.
func (f *follower) isUnique(value syntax.Node) bool {
	if e, _ := f.calledFor(value); e != nil {
		return e.WaitsFor == models.WaitRegistration || e.WaitsFor == models.WaitLaunch && e.Asks.Command != ""
	}
	if value == syntax.None || f.t.Kind(f.t.Unparen(value)) != syntax.Call {
		return false
	}
	call := f.t.Unparen(value)
	if _, waits := f.where.At(f.file, call); waits {
		return false
	}
	_, args := f.t.Call(call)
	return len(args) == 1 && f.isUnique(args[0])
}

// isCache reports whether a place is only ever filled, and only here, with what another service
// answers: who comes second fetches the same once more. A new service is another one each time.
func (f *follower) isCache(p place.Place, value syntax.Node, k fact) bool {
	if !k.tested.found() || value == syntax.None || f.isNothing(value) {
		return false
	}
	if trace := f.where.Trace(k.wait); isLaunch(trace[len(trace)-1].API) {
		return false
	}
	for _, w := range f.writes[p.Shape()] {
		if w.in != f.fn.Func {
			return false
		}
	}
	return true
}

func isLaunch(e *models.Entry) bool {
	return e != nil && e.WaitsFor == models.WaitLaunch && e.Asks.Command == ""
}

// launched returns the wait for a new service that a value is.
func (f *follower) launched(value syntax.Node) (suspend.Point, bool) {
	e, call := f.calledFor(value)
	if !isLaunch(e) || f.f.Scope.FuncOf(call) != f.fn.Func {
		return suspend.Point{}, false
	}
	return f.where.At(f.file, call)
}

// isParameter reports whether the key of a target is a parameter of the function.
func (f *follower) isParameter(target syntax.Node) bool {
	if f.t.Kind(target) != syntax.Index {
		return false
	}
	_, key := f.t.Index(target)
	v := f.f.Scope.VarOf(key)
	return v != scope.NoVar && f.f.Scope.Var(v).Kind == scope.Param && f.f.Scope.Var(v).Func == f.fn.Func
}
