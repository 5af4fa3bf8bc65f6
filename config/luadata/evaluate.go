package luadata

import (
	"fmt"
	"slices"

	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// An Evaluator evaluates files that share their globals. It is not safe for concurrent use.
type Evaluator struct {
	// Call, which may be nil, is asked about calls before they are given up. name is the
	// called global or "". It returns false for a call that it does not know.
	Call func(tree *syntax.Tree, call syntax.Node, name string, args []Value) (Value, bool)
	// Opaque, which may be nil, says for a name, a number or a string that it is not what
	// it seems: why its value is unknown, "" if it is known. A string is then taken as
	// partly known.
	Opaque func(file *source.File, at source.Span) (reason string)

	// Vivify names globals whose tables are given Table.Vivify when they are assigned.
	Vivify []string

	globals []Global
	index   map[string]int
	tainted map[string]Value // names that something unfollowed assigns at an unknown time
}

// A Global is a global variable.
type Global struct {
	Name  string
	Value Value
	// File and At are where it was assigned last.
	File *source.File
	At   source.Span
}

// Set gives a global variable a value before a file is run.
func (e *Evaluator) Set(name string, v Value) { e.assignGlobal(name, v, nil, source.Span{}) }

// Globals returns the global variables in the order in which they were first assigned. One
// that was assigned nil is among them.
func (e *Evaluator) Globals() []Global { return e.globals }

// Global returns the value of a global variable, nil where it has none.
func (e *Evaluator) Global(name string) Value {
	if i, ok := e.index[name]; ok {
		return e.globals[i].Value
	}
	return Value{Kind: Nil}
}

func (e *Evaluator) assignGlobal(name string, v Value, file *source.File, at source.Span) {
	if t, ok := e.tainted[name]; ok && file != nil {
		v = t
	}
	if v.Kind == TableKind && slices.Contains(e.Vivify, name) {
		v.Table.Vivify = true
	}
	if i, ok := e.index[name]; ok {
		g := &e.globals[i]
		g.Value, g.File, g.At = v, file, at
		return
	}
	if e.index == nil {
		e.index = make(map[string]int)
	}
	e.index[name] = len(e.globals)
	e.globals = append(e.globals, Global{name, v, file, at})
}

// Run evaluates a file, and returns what it returns, if it does. Syntax errors in the tree
// are left to those who read them there; what could be parsed is evaluated.
func (e *Evaluator) Run(tree *syntax.Tree) (returned []Value) {
	r := &run{Evaluator: e, t: tree, scope: make(map[string]int)}
	r.taint()
	r.block(tree.Main)
	return r.returned
}

// run is one evaluation of one file.
type run struct {
	*Evaluator
	t        *syntax.Tree
	locals   []local
	scope    map[string]int // the innermost local of each name
	returned []Value
	done     bool // a return was met
}

type local struct {
	name  string
	value Value
	outer int // the local of the same name that it hides, -1 for none
}

func (r *run) unknown(n syntax.Node, format string, args ...any) Value {
	return Value{Reason: fmt.Sprintf(format, args...), File: r.t.File, At: r.t.Span(n)}
}

func (r *run) at(v Value, n syntax.Node) Value {
	v.File, v.At = r.t.File, r.t.Span(n)
	return v
}

// taint finds the names that are assigned where no order can be told: in functions, which
// run when they are called, and anywhere in a file that jumps.
func (r *run) taint() {
	for range r.t.Nodes(syntax.GotoStat) {
		r.taintBelow(r.t.Main, `the file uses "goto"`)
		break
	}
	for f := range r.t.Nodes(syntax.Function) {
		if r.t.EnclosingFunction(f) != syntax.None {
			continue
		}
		r.taintBelow(r.t.Body(f), fmt.Sprintf("a function at line %d assigns it", r.t.Line(f)))
	}
}

func (r *run) taintBelow(n syntax.Node, reason string) {
	r.eachAssigned(n, func(name string, at syntax.Node, _ bool) {
		if r.tainted == nil {
			r.tainted = make(map[string]Value)
		}
		if _, ok := r.tainted[name]; !ok {
			r.tainted[name] = r.unknown(at, "%s", reason)
		}
	})
}

// eachAssigned calls do for the variables that something below n assigns or changes a field
// of; sets says that it may give the variable itself a value. Variables that are declared
// below n are left out, by their name.
func (r *run) eachAssigned(n syntax.Node, do func(name string, at syntax.Node, sets bool)) {
	// A tree is in post-order: what is below n stands right before it.
	first := n
	for first > 1 && r.t.Start(first-1) >= r.t.Start(n) {
		first--
	}
	declared := make(map[string]bool)
	for m := first; m <= n; m++ {
		if r.t.Kind(m) == syntax.Decl {
			declared[r.t.Name(m)] = r.t.Kind(r.t.Parent(m)) != syntax.GlobalStat
		}
	}
	change := func(target syntax.Node) {
		variable := target
		for r.t.Kind(variable) == syntax.Index {
			variable, _ = r.t.Index(variable)
			variable = r.t.Unparen(variable)
		}
		if r.t.Kind(variable) == syntax.Name && !declared[r.t.Name(variable)] {
			do(r.t.Name(variable), variable, variable == target)
		}
	}
	for m := first; m <= n; m++ {
		switch r.t.Kind(m) {
		case syntax.AssignStat:
			targets, _ := r.t.Assign(m)
			for _, target := range targets {
				change(target)
			}
		case syntax.FunctionStat:
			name, _, _ := r.t.FunctionStat(m)
			change(name)
		case syntax.GlobalStat:
			decls, _ := r.t.Local(m)
			for _, d := range decls {
				do(r.t.Name(d), d, true)
			}
		case syntax.Call, syntax.MethodCall:
			_, args := r.arguments(m)
			for _, a := range args {
				if a = r.t.Unparen(a); r.t.Kind(a) == syntax.Name && !declared[r.t.Name(a)] {
					do(r.t.Name(a), a, false)
				}
			}
		}
	}
}

// arguments returns the called node and what a call can change: its arguments, and the
// receiver of a method.
func (r *run) arguments(call syntax.Node) (callee syntax.Node, args []syntax.Node) {
	if r.t.Kind(call) == syntax.MethodCall {
		receiver, _, rest := r.t.MethodCall(call)
		return receiver, append([]syntax.Node{receiver}, rest...)
	}
	return r.t.Call(call)
}

// forget makes everything unknown that something below n may change.
func (r *run) forget(n syntax.Node, reason string) {
	r.eachAssigned(n, func(name string, at syntax.Node, sets bool) {
		v := r.unknown(at, "%s", reason)
		to := (*Value)(nil)
		if i, ok := r.scope[name]; ok {
			to = &r.locals[i].value
		} else if i, ok := r.index[name]; ok {
			to = &r.globals[i].Value
		}
		if to != nil && to.Kind == TableKind {
			to.Table.open(reason) // others may know the table by another name
		}
		switch {
		case to == nil && sets:
			r.assignGlobal(name, v, r.t.File, r.t.Span(at))
		case to != nil && sets:
			*to = v
		}
	})
}

func (r *run) declare(n syntax.Node, v Value) {
	name := r.t.Name(n)
	if t, ok := r.tainted[name]; ok {
		v = t
	}
	outer, ok := r.scope[name]
	if !ok {
		outer = -1
	}
	r.scope[name] = len(r.locals)
	r.locals = append(r.locals, local{name, v, outer})
}

// leave forgets the locals from a height on.
func (r *run) leave(height int) {
	for i := len(r.locals) - 1; i >= height; i-- {
		if l := &r.locals[i]; l.outer >= 0 {
			r.scope[l.name] = l.outer
		} else {
			delete(r.scope, l.name)
		}
	}
	r.locals = r.locals[:height]
}

func (r *run) block(n syntax.Node) {
	height := len(r.locals)
	statements := r.t.Statements(n)
	for i, s := range statements {
		if r.done {
			break
		}
		end := r.t.End(n)
		if i+1 < len(statements) {
			end = r.t.Start(statements[i+1])
		} else if n == r.t.Main {
			end = uint32(len(r.t.File.Text)) + 1
		}
		if r.hasErrors(r.t.Start(s), end) {
			r.broken(s)
			continue
		}
		r.statement(s)
	}
	r.leave(height)
}

// hasErrors reports whether there is a syntax error in [start, end).
func (r *run) hasErrors(start, end uint32) bool {
	for i := range r.t.Errors {
		if e := &r.t.Errors[i]; start <= e.Start && e.Start < end {
			return true
		}
	}
	return false
}

// broken takes a statement with a syntax error for one that may do anything to what it names.
func (r *run) broken(n syntax.Node) {
	const reason = "it could not be parsed"
	switch r.t.Kind(n) {
	case syntax.DoStat:
		r.block(r.t.Body(n)) // the error is in one of its statements
		return
	case syntax.LocalStat:
		decls, _ := r.t.Local(n)
		for _, d := range decls {
			r.declare(d, r.unknown(n, reason))
		}
	}
	r.forget(n, reason)
}

func (r *run) statement(n syntax.Node) {
	switch r.t.Kind(n) {
	case syntax.LocalStat:
		decls, values := r.t.Local(n)
		for i, v := range r.values(values, len(decls)) {
			r.declare(decls[i], v)
		}
	case syntax.GlobalStat:
		decls, values := r.t.Local(n)
		if len(values) == 0 {
			return
		}
		for i, v := range r.values(values, len(decls)) {
			r.assignGlobal(r.t.Name(decls[i]), v, r.t.File, r.t.Span(decls[i]))
		}
	case syntax.AssignStat:
		targets, values := r.t.Assign(n)
		for i, v := range r.values(values, len(targets)) {
			r.assign(targets[i], v)
		}
	case syntax.CallStat:
		r.expression(r.t.Operand(n), 0)
	case syntax.DoStat:
		r.block(r.t.Body(n))
	case syntax.IfStat:
		r.ifStatement(n)
	case syntax.WhileStat, syntax.RepeatStat, syntax.NumericFor, syntax.GenericFor:
		r.forget(n, "a loop assigns it")
	case syntax.FunctionStat:
		name, function, _ := r.t.FunctionStat(n)
		r.assign(name, r.unknown(function, "it is a function"))
	case syntax.LocalFunction:
		decl, function := r.t.LocalFunction(n)
		r.declare(decl, r.unknown(function, "it is a function"))
	case syntax.GlobalFunc:
		decl, function := r.t.LocalFunction(n)
		r.assignGlobal(r.t.Name(decl), r.unknown(function, "it is a function"), r.t.File, r.t.Span(decl))
	case syntax.ReturnStat:
		results := r.t.Results(n)
		r.returned = r.values(results, len(results))
		r.done = true
	}
}

func (r *run) ifStatement(n syntax.Node) {
	clauses := r.t.Clauses(n)
	for i, c := range clauses {
		cond, block := r.t.Clause(c)
		if cond == syntax.None {
			r.block(block)
			return
		}
		is, ok := r.expression(cond, 0).truth()
		switch {
		case ok && is:
			r.block(block)
			return
		case !ok:
			for _, rest := range clauses[i:] {
				r.forget(rest, "it depends on a condition that is unknown")
			}
			return
		}
	}
}

// values evaluates a list of expressions and adjusts it to a number of targets.
func (r *run) values(nodes []syntax.Node, want int) []Value {
	list := make([]Value, 0, max(want, len(nodes)))
	for _, n := range nodes {
		list = append(list, r.expression(n, 0))
	}
	for len(list) < want {
		missing := Value{Kind: Nil}
		if len(nodes) > 0 {
			last := nodes[len(nodes)-1]
			missing = r.at(missing, last)
			switch r.t.Kind(last) {
			case syntax.Call, syntax.MethodCall, syntax.Vararg, syntax.BadExpr:
				missing = r.unknown(last, "it is a further result of a call")
			}
		}
		list = append(list, missing)
	}
	return list[:want]
}

func (r *run) assign(target syntax.Node, v Value) {
	switch r.t.Kind(target) {
	case syntax.Name:
		name := r.t.Name(target)
		if i, ok := r.scope[name]; ok {
			if t, ok := r.tainted[name]; ok {
				v = t
			}
			r.locals[i].value = v
			return
		}
		r.assignGlobal(name, v, r.t.File, r.t.Span(target))
	case syntax.Index:
		object, key := r.t.Index(target)
		o := r.expression(object, 0)
		k := r.expression(key, 0)
		if o.Kind != TableKind {
			return
		}
		f, ok := asField(k)
		if !ok {
			if k.Kind != Unknown {
				return // a key that data does not use, such as 1.5 or true
			}
			o.Table.open("a field whose name is unknown is assigned")
			return
		}
		f.At, f.Value = r.t.Span(key), v
		o.Table.set(f)
	}
}

// asField returns the Field of a key; ok is false for a key that is unknown or of a kind
// that is not kept.
func asField(k Value) (f Field, ok bool) {
	switch {
	case !k.Known():
		return Field{}, false
	case k.Kind == String:
		return Field{Name: k.Str}, true
	case k.Kind == Number && k.Number.IsInt:
		return Field{Number: k.Number.Int, IsItem: true}, true
	case k.Kind == Number && k.Number.Float == float64(int64(k.Number.Float)):
		return Field{Number: int64(k.Number.Float), IsItem: true}, true
	}
	return Field{}, false
}
