package messagemismatch

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// needed returns the parameters that a function surely needs: each run of it uses them in a way
// that raises if they are nil. It looks along the statements with which the function begins, up to
// the first that may leave it, and takes a parameter that was tested before for one that need not
// be there.
func (c *checker) needed(fn effect.Function) []need {
	terms := c.p.Values.IR(fn.File)
	node := terms.Info.Funcs[fn.Func].Node
	if fn.Func == scope.Main {
		return nil
	}
	s := &straight{t: terms.Info.Tree, terms: terms, fn: fn.Func, tested: map[int]bool{}}
	_, body := s.t.Function(node)
	for _, st := range s.t.Statements(body) {
		s.statement(st)
		if s.mayLeave(st) {
			break
		}
	}
	slices.SortFunc(s.found, func(a, b need) int { return a.param - b.param })
	return s.found
}

// straight goes along statements that surely run.
type straight struct {
	t      *syntax.Tree
	terms  *ir.File
	fn     scope.Func
	found  []need
	tested map[int]bool
}

// parameter returns which parameter an expression is; a variable that is assigned to is none.
func (s *straight) parameter(n syntax.Node) (int, bool) {
	if s.t.Kind(n) != syntax.Name {
		return 0, false
	}
	d := s.terms.Term(s.terms.Of(n))
	if d.Kind != ir.Parameter || d.A != int32(s.fn) {
		return 0, false
	}
	return int(d.B), true
}

// use notes that an expression must not be nil.
func (s *straight) use(n, at syntax.Node) {
	n = s.t.Unparen(n)
	if p, ok := s.parameter(n); ok && !s.tested[p] && !slices.ContainsFunc(s.found, func(f need) bool { return f.param == p }) {
		s.found = append(s.found, need{p, at})
	}
}

// test notes the parameters that are mentioned where a condition may depend on them.
func (s *straight) test(n syntax.Node) {
	if p, ok := s.parameter(n); ok {
		s.tested[p] = true
	}
	for c := range s.t.Children(n) {
		s.test(c)
	}
}

// statement looks at what surely runs of a statement.
func (s *straight) statement(n syntax.Node) {
	t := s.t
	switch t.Kind(n) {
	case syntax.IfStat:
		clauses := t.Clauses(n)
		cond, _ := t.Clause(clauses[0])
		s.expression(cond)
		s.test(n)
	case syntax.WhileStat:
		cond, _ := t.While(n)
		s.expression(cond)
		s.test(n)
	case syntax.NumericFor:
		_, from, to, step, _ := t.NumericFor(n)
		for _, e := range []syntax.Node{from, to, step} {
			if e != syntax.None {
				s.use(e, e)
				s.expression(e)
			}
		}
		s.test(n)
	case syntax.GenericFor:
		_, values, _ := t.GenericFor(n)
		for _, e := range values {
			s.expression(e)
		}
		s.test(n)
	case syntax.DoStat:
		for _, st := range t.Statements(t.Body(n)) {
			s.statement(st)
			if s.mayLeave(st) {
				return
			}
		}
	case syntax.RepeatStat, syntax.Function, syntax.LocalFunction, syntax.FunctionStat:
		s.test(n)
	default:
		for c := range t.Children(n) {
			s.expression(c)
		}
		if t.Kind(n) != syntax.AssignStat {
			return
		}
		targets, _ := t.Assign(n)
		for _, target := range targets {
			if t.Kind(target) == syntax.Index { // nil is no key to assign to
				_, key := t.Index(target)
				s.use(key, target)
			}
		}
	}
}

// expression looks at what surely runs of an expression.
func (s *straight) expression(n syntax.Node) {
	t := s.t
	if n == syntax.None {
		return
	}
	switch t.Kind(n) {
	case syntax.Function:
		s.test(n) // it may run at any time, and assign to what it finds
		return
	case syntax.Binary:
		op, l, r := t.Binary(n)
		switch op {
		case syntax.And, syntax.Or:
			s.expression(l)
			s.test(n)
			return
		case syntax.Eq, syntax.Ne:
			s.expression(l)
			s.expression(r)
			s.test(n)
			return
		}
		s.expression(l)
		s.expression(r)
		s.use(l, n)
		s.use(r, n)
		return
	case syntax.Unary:
		op, x := t.Unary(n)
		s.expression(x)
		if op == syntax.Not {
			s.test(n)
		} else {
			s.use(x, n)
		}
		return
	case syntax.Index:
		object, key := t.Index(n)
		s.expression(object)
		s.expression(key)
		s.use(object, n)
		return
	case syntax.Call:
		callee, args := t.Call(n)
		s.expression(callee)
		for _, a := range args {
			s.expression(a)
		}
		s.use(callee, n)
		if len(args) > 0 && isIteration(t, callee) {
			s.use(args[0], n)
		}
		return
	case syntax.MethodCall:
		receiver, _, args := t.MethodCall(n)
		s.expression(receiver)
		for _, a := range args {
			s.expression(a)
		}
		s.use(receiver, n)
		return
	}
	for c := range t.Children(n) {
		s.expression(c)
	}
}

// mayLeave reports whether a statement may leave the function, or jump.
func (s *straight) mayLeave(n syntax.Node) bool {
	t := s.t
	switch t.Kind(n) {
	case syntax.ReturnStat, syntax.GotoStat, syntax.BreakStat, syntax.LabelStat:
		return true
	case syntax.Function:
		return false
	}
	for c := range t.Children(n) {
		if s.mayLeave(c) {
			return true
		}
	}
	return false
}
