package ir

import (
	"slices"
	"strconv"
	"sync"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// MaxKey is the largest integer that is a key of its own; larger ones are as good as unknown.
const MaxKey = 16

// Empty returns the terms of a file that is not to be followed: none.
func Empty(info *scope.Info, api *alias.File) *File {
	return &File{Info: info, API: api, Terms: make([]TermData, 1)}
}

// Build makes the terms of a file.
func Build(info *scope.Info, api *alias.File) *File {
	t := info.Tree
	w := workspaces.Get().(*workspace)
	if n := max(t.Len()/2, 1<<13); cap(w.terms) < n { // more than most files have for their nodes
		w.terms = make([]TermData, 0, n)
	}
	b := &builder{
		File: &File{
			Info: info, API: api, Terms: append(w.terms[:0], TermData{}), of: make([]Term, t.Len()), spans: make([]Span, len(info.Funcs)),
			Calls: w.calls[:0], Stores: w.stores[:0], Assigns: w.assigns[:0], Returns: w.returns[:0],
		},
		tree: t, vars: cleared(w.vars, len(info.Vars)), funcs: cleared(w.funcs, len(info.Funcs)), in: cleared(w.in, t.Len()), room: w.room,
	}
	b.unknown = b.add(TermData{Kind: Unknown})
	b.null = b.add(TermData{Kind: Nil})
	b.boolean = b.add(TermData{Kind: Boolean})
	b.number = b.add(TermData{Kind: Number})
	b.enclose()
	for i := 1; i < t.Len(); i++ {
		n := syntax.Node(i)
		b.begin(b.in[n])
		if t.Kind(n) == syntax.Function {
			b.end(info.FuncOf(n))
		}
		b.node(n)
	}
	b.end(scope.Main)
	f := b.File
	*w = workspace{f.Terms, f.Calls, f.Stores, f.Assigns, f.Returns, b.vars, b.funcs, b.in, b.room}
	f.Terms, f.Calls, f.Stores = slices.Clone(f.Terms), slices.Clone(f.Calls), slices.Clone(f.Stores)
	f.Assigns, f.Returns = slices.Clone(f.Assigns), slices.Clone(f.Returns)
	workspaces.Put(w)
	return f
}

// A workspace is the memory in which the terms of a file grow. They are copied out of it, so that
// they take no more than they need.
type workspace struct {
	terms   []TermData
	calls   []Call
	stores  []Store
	assigns []Assignment
	returns []Return
	vars    []Term
	funcs   []Term
	in      []scope.Func
	room    []Term // where lists come from; it is not used twice
}

var workspaces = sync.Pool{New: func() any { return &workspace{} }}

// cleared returns a slice of n zeros, in the memory of s if there is enough.
func cleared[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	s = s[:n]
	clear(s)
	return s
}

// begin notes that something of a function comes next, and so of those around it.
func (b *builder) begin(fn scope.Func) {
	for b.spans[fn].Terms[0] == 0 { // there is always a term in front
		s := &b.spans[fn]
		s.Terms[0], s.Calls[0], s.Stores[0] = int32(len(b.Terms)), int32(len(b.Calls)), int32(len(b.Stores))
		s.Assigns[0], s.Returns[0] = int32(len(b.Assigns)), int32(len(b.Returns))
		fn = b.Info.Funcs[fn].Outer
	}
}

// end notes that all of a function has been seen.
func (b *builder) end(fn scope.Func) {
	b.begin(fn)
	s := &b.spans[fn]
	s.Terms[1], s.Calls[1], s.Stores[1] = int32(len(b.Terms)), int32(len(b.Calls)), int32(len(b.Stores))
	s.Assigns[1], s.Returns[1] = int32(len(b.Assigns)), int32(len(b.Returns))
}

type builder struct {
	*File
	tree  *syntax.Tree
	vars  []Term // by scope.Var, of what a variable's uses are
	funcs []Term // by scope.Func
	in    []scope.Func
	room  []Term // for the terms of lists

	unknown, null, boolean, number Term
}

func (b *builder) add(d TermData) Term {
	b.Terms = append(b.Terms, d)
	return Term(len(b.Terms) - 1)
}

// enclose notes for every node the function in which it stands. Numbers are post-order, so a
// parent is seen before its children when counting down.
func (b *builder) enclose() {
	t := b.tree
	for i := t.Len() - 1; i > 0; i-- {
		n := syntax.Node(i)
		if p := t.Parent(n); p != syntax.None {
			if t.Kind(p) == syntax.Function {
				b.in[n] = b.Info.FuncOf(p)
			} else {
				b.in[n] = b.in[p]
			}
		}
	}
}

// node makes the term of an expression, or notes what a statement does. The children of n have
// been seen.
func (b *builder) node(n syntax.Node) {
	t := b.tree
	switch t.Kind(n) {
	case syntax.Nil:
		b.of[n] = b.null
	case syntax.True, syntax.False:
		b.of[n] = b.boolean
	case syntax.Number:
		b.of[n] = b.numeral(n)
	case syntax.String:
		b.of[n] = b.add(TermData{Kind: String, Text: t.Str(n), Node: n})
	case syntax.Vararg:
		b.of[n] = b.add(TermData{Kind: Extra, A: int32(b.in[n]), Node: n})
	case syntax.Function:
		b.of[n] = b.function(n)
	case syntax.Name:
		b.of[n] = b.name(n)
	case syntax.Paren:
		b.of[n] = b.of[t.Operand(n)]
	case syntax.Index:
		object, key := t.Index(n)
		b.of[n] = b.add(TermData{Kind: Load, A: int32(b.of[object]), B: int32(b.of[key]), Node: n})
	case syntax.Call:
		callee, args := t.Call(n)
		if r := b.API.Ref(n); r.Known() && r.Member == "" { // require "x"
			b.of[n] = b.add(TermData{Kind: API, A: 1, Text: r.Module, Node: n})
			return
		}
		b.call(n, Call{Node: n, Callee: b.of[callee], Args: b.list(args)})
	case syntax.MethodCall:
		receiver, name, args := t.MethodCall(n)
		callee := b.add(TermData{Kind: Load, A: int32(b.of[receiver]), B: int32(b.of[name]), Node: n})
		b.call(n, Call{Node: n, Callee: callee, Args: b.listOf(args, receiver), Method: true})
	case syntax.Binary:
		b.of[n] = b.binary(n)
	case syntax.Unary:
		if t.Op(n) == syntax.Not {
			b.of[n] = b.boolean
		} else {
			b.of[n] = b.number
		}
	case syntax.Table:
		b.table(n)
	case syntax.LocalStat:
		decls, values := t.Local(n)
		for i, d := range decls {
			b.declare(d, values, i)
		}
	case syntax.AssignStat:
		targets, values := t.Assign(n)
		list := b.list(values)
		for i, target := range targets {
			b.assign(target, b.at(list, i))
		}
	case syntax.FunctionStat:
		name, fn, _ := t.FunctionStat(n)
		b.assign(name, b.of[fn])
	case syntax.ReturnStat:
		b.Returns = append(b.Returns, Return{Node: n, In: b.in[n], Values: b.list(t.Results(n))})
	}
}

func (b *builder) call(n syntax.Node, c Call) {
	c.In = b.in[n]
	b.of[n] = b.add(TermData{Kind: Result, A: int32(len(b.Calls)), Node: n})
	b.Calls = append(b.Calls, c)
}

// numeral gives small integers a term with a key, so that list items can be told apart.
func (b *builder) numeral(n syntax.Node) Term {
	v := b.tree.Number(n)
	if i := int64(v.Float); float64(i) == v.Float && i >= 0 && i <= MaxKey {
		return b.add(TermData{Kind: Number, Text: strconv.FormatInt(i, 10), Node: n})
	}
	return b.number
}

// function returns the term of a Function node, before or after its body was seen.
func (b *builder) function(n syntax.Node) Term {
	f := b.Info.FuncOf(n)
	if b.funcs[f] == None {
		b.funcs[f] = b.add(TermData{Kind: Function, A: int32(f), Node: n})
	}
	return b.funcs[f]
}

func (b *builder) name(n syntax.Node) Term {
	v := b.Info.VarOf(n)
	if v == scope.NoVar {
		return b.add(TermData{Kind: API, Text: b.tree.Name(n), Node: n})
	}
	if b.vars[v] != None {
		return b.vars[v]
	}
	d := b.Info.Var(v)
	var term Term
	switch {
	case d.Kind == scope.Self || d.Kind == scope.Param:
		term = b.parameter(v, d)
	case d.Init != syntax.None && b.tree.Kind(d.Init) == syntax.Function && d.Constant():
		term = b.function(d.Init)
	case d.Kind == scope.Loop:
		term = b.loop(v, d)
	default:
		// A constant local got its term at its declaration; what is left changes.
		term = b.add(TermData{Kind: Variable, A: int32(v)})
		if d.Kind == scope.LocalFunction {
			b.Assigns = append(b.Assigns, Assignment{Node: d.Decl, In: d.Func, Var: v, Value: b.function(d.Init)})
		}
	}
	b.vars[v] = term
	return term
}

// parameter returns the term of a parameter: itself if it never changes.
func (b *builder) parameter(v scope.Var, d *scope.Variable) Term {
	fn := b.Info.Funcs[d.Func].Node
	index := int32(0)
	if d.Kind == scope.Param {
		params, _ := b.tree.Function(fn)
		for i, p := range params {
			if p == d.Decl {
				index = int32(i)
			}
		}
		if b.tree.HasSelf(fn) {
			index++
		}
	}
	own := b.add(TermData{Kind: Parameter, A: int32(d.Func), B: index, Node: d.Decl})
	if d.Constant() {
		return own
	}
	term := b.add(TermData{Kind: Variable, A: int32(v)})
	b.Assigns = append(b.Assigns, Assignment{Node: d.Decl, In: d.Func, Var: v, Value: own})
	return term
}

// loop returns the term of a variable of a for statement. The nodes of the iterated
// expressions have been seen, since the body comes behind them.
func (b *builder) loop(v scope.Var, d *scope.Variable) Term {
	stat := b.tree.Parent(d.Decl)
	if b.tree.Kind(stat) != syntax.GenericFor {
		return b.number
	}
	decls, values, _ := b.tree.GenericFor(stat)
	term := b.unknown
	if table := b.iterated(values); table != None {
		switch d.Decl {
		case decls[0]:
			term = b.add(TermData{Kind: KeyOf, A: int32(table), Node: d.Decl})
		case decls[1]:
			term = b.add(TermData{Kind: Element, A: int32(table), Node: d.Decl})
		}
	}
	if d.Constant() {
		return term
	}
	variable := b.add(TermData{Kind: Variable, A: int32(v)})
	b.Assigns = append(b.Assigns, Assignment{Node: d.Decl, In: d.Func, Var: v, Value: term})
	return variable
}

// iterated returns the table that "for k, v in pairs(t)" walks, or None.
func (b *builder) iterated(values []syntax.Node) Term {
	first := b.tree.Unparen(values[0])
	if b.tree.Kind(first) == syntax.Call {
		callee, args := b.tree.Call(first)
		switch b.API.Ref(callee) {
		case alias.Ref{Member: "pairs"}, alias.Ref{Member: "ipairs"}:
			if len(args) > 0 {
				return b.of[args[0]]
			}
		}
	}
	if b.API.Ref(first) == (alias.Ref{Member: "next"}) && len(values) > 1 {
		return b.of[values[1]]
	}
	return None
}

// declare gives a local its value.
func (b *builder) declare(decl syntax.Node, values []syntax.Node, i int) {
	v := b.Info.VarOf(decl)
	if v == scope.NoVar {
		return
	}
	d := b.Info.Var(v)
	value := b.null
	if d.Init != syntax.None {
		value = b.result(b.of[d.Init], int(d.Result))
	} else if i < len(values) {
		value = b.of[values[i]]
	}
	if d.Constant() {
		b.vars[v] = value
		return
	}
	if b.vars[v] == None {
		b.vars[v] = b.add(TermData{Kind: Variable, A: int32(v)})
	}
	if value != b.null {
		b.Assigns = append(b.Assigns, Assignment{Node: decl, In: d.Func, Var: v, Value: value})
	}
}

// result returns the term of a further result of a call or of "...".
func (b *builder) result(first Term, i int) Term {
	if i == 0 {
		return first
	}
	d := b.Terms[first]
	if d.Kind != Result && d.Kind != Extra {
		return b.null
	}
	d.B += int32(i)
	return b.add(d)
}

// list makes a List of expressions.
func (b *builder) list(nodes []syntax.Node) List { return b.listOf(nodes, syntax.None) }

// listOf makes a List of expressions, with a receiver in front of them if there is one.
func (b *builder) listOf(nodes []syntax.Node, receiver syntax.Node) List {
	if len(nodes) == 0 && receiver == syntax.None {
		return List{}
	}
	l := List{Terms: b.terms(len(nodes) + 1)}
	if receiver != syntax.None {
		l.Terms = append(l.Terms, b.of[receiver])
	}
	for i, n := range nodes {
		if i == len(nodes)-1 {
			switch b.tree.Kind(n) {
			case syntax.Call, syntax.MethodCall, syntax.Vararg:
				if k := b.Terms[b.of[n]].Kind; k == Result || k == Extra {
					l.Spread = b.of[n]
					return l
				}
			}
		}
		l.Terms = append(l.Terms, b.of[n])
	}
	return l
}

// terms returns an empty slice with room for n terms.
func (b *builder) terms(n int) []Term {
	if len(b.room) < n {
		b.room = make([]Term, max(n, 2048))
	}
	s := b.room[:0:n]
	b.room = b.room[n:]
	return s
}

// at returns the value i of a list, which may be one of its spread; None beyond its end.
func (b *builder) at(l List, i int) Term {
	if i < len(l.Terms) {
		return l.Terms[i]
	}
	if l.Spread != None {
		return b.result(l.Spread, i-len(l.Terms))
	}
	return b.null
}

func (b *builder) assign(target syntax.Node, value Term) {
	t := b.tree
	switch t.Kind(target) {
	case syntax.Name:
		if v := b.Info.VarOf(target); v != scope.NoVar {
			b.name(target)
			b.Assigns = append(b.Assigns, Assignment{Node: target, In: b.in[target], Var: v, Value: value})
		} else {
			b.Assigns = append(b.Assigns, Assignment{Node: target, In: b.in[target], Global: t.Name(target), Value: value})
		}
	case syntax.Index:
		object, key := t.Index(target)
		b.Stores = append(b.Stores, Store{Node: target, In: b.in[target], Object: b.of[object], Key: b.of[key], Value: value})
	}
}

func (b *builder) binary(n syntax.Node) Term {
	op, left, right := b.tree.Binary(n)
	switch op {
	case syntax.Or:
		l, r := b.of[left], b.of[right]
		switch {
		case l == b.null || l == b.boolean:
			return r
		case r == b.null || r == b.boolean:
			return l
		}
		return b.add(TermData{Kind: Join, A: int32(l), B: int32(r), Node: n})
	case syntax.And:
		return b.of[right]
	case syntax.Concat:
		l, r := &b.Terms[b.of[left]], &b.Terms[b.of[right]]
		if l.Kind == String && r.Kind == String && len(l.Text)+len(r.Text) < 4096 {
			return b.add(TermData{Kind: String, Text: l.Text + r.Text, Node: n})
		}
		return b.unknown
	case syntax.Lt, syntax.Gt, syntax.Le, syntax.Ge, syntax.Eq, syntax.Ne:
		return b.boolean
	}
	return b.number
}

func (b *builder) table(n syntax.Node) {
	t := b.tree
	table := b.add(TermData{Kind: Table, Node: n})
	b.of[n] = table
	position := 0
	for _, f := range t.Fields(n) {
		key, value := t.Field(f)
		k := None
		if key != syntax.None {
			k = b.of[key]
		} else if position++; position <= MaxKey {
			k = b.add(TermData{Kind: Number, Text: strconv.Itoa(position)})
		} else {
			k = b.number
		}
		b.Stores = append(b.Stores, Store{Node: f, In: b.in[n], Object: table, Key: k, Value: b.of[value]})
	}
}
