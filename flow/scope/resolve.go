package scope

import (
	"github.com/skylint/skylint/syntax"
)

// symbol is a name as a small number.
type symbol int32

// resolver walks a tree in the order in which names come into scope.
type resolver struct {
	tree    *syntax.Tree
	info    *Info
	symbols map[string]symbol
	bound   []Var     // the variable that a symbol is bound to at present
	undo    []binding // what to restore when scopes end
	fn      Func
	envSym  symbol // _ENV; 0 where the dialect does not look up free names in it
}

type binding struct {
	sym  symbol
	was  Var
	made Var // NoVar where a global declaration hides what was
}

func (r *resolver) symbolOf(name string) symbol {
	if s, ok := r.symbols[name]; ok {
		return s
	}
	s := symbol(len(r.bound))
	r.symbols[name] = s
	r.bound = append(r.bound, NoVar)
	return s
}

// declare brings a variable into scope.
func (r *resolver) declare(v Variable) Var {
	v.Func = r.fn
	id := Var(len(r.info.Vars))
	r.info.Vars = append(r.info.Vars, v)
	if v.Decl != syntax.None {
		r.info.vars[v.Decl] = id
	}
	r.bind(v.Name, id)
	return id
}

// bind makes a name mean v, or the global variable if that is NoVar.
func (r *resolver) bind(name string, v Var) {
	s := r.symbolOf(name)
	r.undo = append(r.undo, binding{s, r.bound[s], v})
	r.bound[s] = v
}

// env returns the local _ENV in scope, of which free names are fields.
func (r *resolver) env() Var { return r.bound[r.envSym] }

// declareGlobal notes the Decl of a global declaration. It hides a local of the name.
func (r *resolver) declareGlobal(d, value syntax.Node) {
	name := r.tree.Name(d)
	r.bind(name, NoVar)
	if env := r.env(); env != NoVar {
		r.info.Fields = append(r.info.Fields, Field{Name: name, Env: env})
		return
	}
	r.info.Globals = append(r.info.Globals, Global{Name: name, Node: d, Access: Write, Func: r.fn, Declared: true, Value: value})
}

func (r *resolver) declareNode(d syntax.Node, k Kind) Var {
	return r.declare(Variable{Name: r.tree.Name(d), Kind: k, Decl: d, Attr: r.tree.Attrib(d)})
}

// leaveAt ends the scopes opened since mark; their text ends at end.
func (r *resolver) leaveAt(mark int, end uint32) {
	for i := len(r.undo) - 1; i >= mark; i-- {
		b := r.undo[i]
		if b.made != NoVar {
			r.info.Vars[b.made].End = end
		}
		r.bound[b.sym] = b.was
	}
	r.undo = r.undo[:mark]
}

func (r *resolver) leave(mark int) { r.leaveAt(mark, uint32(len(r.tree.File.Text))) }

// block resolves a block; its declarations stay in scope until the caller leaves.
func (r *resolver) block(n syntax.Node) {
	for _, s := range r.tree.Statements(n) {
		r.statement(s)
	}
}

// scoped resolves a block in a scope of its own.
func (r *resolver) scoped(n syntax.Node, end uint32) {
	mark := len(r.undo)
	r.block(n)
	r.leaveAt(mark, end)
}

func (r *resolver) statement(n syntax.Node) {
	t := r.tree
	switch t.Kind(n) {
	case syntax.LocalStat:
		decls, values := t.Local(n)
		r.expressions(values)
		for i, d := range decls {
			v := r.declareNode(d, Local)
			r.info.Vars[v].Init, r.info.Vars[v].Result = valueOf(t, values, i)
		}
	case syntax.GlobalStat:
		decls, values := t.Local(n)
		r.expressions(values)
		for i, d := range decls {
			r.declareGlobal(d, ownValue(t, values, i))
		}
	case syntax.AssignStat:
		targets, values := t.Assign(n)
		for _, target := range targets {
			if t.Kind(target) == syntax.Index {
				object, key := t.Index(target)
				if _, ok := r.environmentField(object, key); !ok {
					r.expression(object)
					r.expression(key)
				}
			}
		}
		r.expressions(values)
		for i, target := range targets {
			r.write(target, ownValue(t, values, i))
		}
	case syntax.CallStat:
		r.expression(t.Operand(n))
	case syntax.DoStat:
		r.scoped(t.Body(n), t.End(n))
	case syntax.WhileStat:
		cond, block := t.While(n)
		r.expression(cond)
		r.scoped(block, t.End(n))
	case syntax.RepeatStat:
		block, cond := t.Repeat(n)
		mark := len(r.undo)
		r.block(block)
		r.expression(cond)
		r.leaveAt(mark, t.End(n))
	case syntax.IfStat:
		for _, clause := range t.Clauses(n) {
			cond, block := t.Clause(clause)
			if cond != syntax.None {
				r.expression(cond)
			}
			r.scoped(block, t.End(clause))
		}
	case syntax.NumericFor:
		decl, from, to, step, block := t.NumericFor(n)
		r.expression(from)
		r.expression(to)
		if step != syntax.None {
			r.expression(step)
		}
		mark := len(r.undo)
		r.declareNode(decl, Loop)
		r.block(block)
		r.leaveAt(mark, t.End(n))
	case syntax.GenericFor:
		decls, values, block := t.GenericFor(n)
		r.expressions(values)
		mark := len(r.undo)
		for _, d := range decls {
			r.declareNode(d, Loop)
		}
		r.block(block)
		r.leaveAt(mark, t.End(n))
	case syntax.FunctionStat:
		name, fn, _ := t.FunctionStat(n)
		if t.Kind(name) == syntax.Index {
			if object, _ := t.Index(name); !r.isEnvironment(object) {
				r.expression(object)
			}
		}
		r.write(name, fn)
		r.function(fn)
	case syntax.LocalFunction:
		decl, fn := t.LocalFunction(n)
		v := r.declareNode(decl, LocalFunction)
		r.info.Vars[v].Init = fn
		r.function(fn)
	case syntax.GlobalFunc:
		decl, fn := t.LocalFunction(n)
		r.declareGlobal(decl, fn)
		r.function(fn)
	case syntax.ReturnStat:
		r.expressions(t.Results(n))
	case syntax.BadStat:
		for c := range t.Children(n) {
			r.expression(c)
		}
	}
}

// valueOf returns the expression that gives the i-th variable of a list its value, and
// which of its results.
func valueOf(t *syntax.Tree, values []syntax.Node, i int) (syntax.Node, int32) {
	if i < len(values) {
		return values[i], 0
	}
	if n := len(values); n > 0 {
		switch last := values[n-1]; t.Kind(last) {
		case syntax.Call, syntax.MethodCall, syntax.Vararg:
			return last, int32(i - n + 1)
		}
	}
	return syntax.None, 0
}

// ownValue returns the expression whose first value the i-th variable of a list gets.
func ownValue(t *syntax.Tree, values []syntax.Node, i int) syntax.Node {
	value, result := valueOf(t, values, i)
	if result != 0 {
		return syntax.None
	}
	return value
}

// write resolves the target of an assignment whose parts are resolved already.
func (r *resolver) write(target, value syntax.Node) {
	t := r.tree
	switch t.Kind(target) {
	case syntax.Name:
		name := t.Name(target)
		if v := r.refer(target, name); v != NoVar {
			r.info.Vars[v].Writes++
		} else if env := r.env(); env != NoVar {
			r.field(target, env)
			r.info.Fields = append(r.info.Fields, Field{Name: name, Env: env})
		} else {
			r.info.Globals = append(r.info.Globals, Global{Name: name, Node: target, Access: Write, Func: r.fn, Value: value})
		}
	case syntax.Index:
		object, key := t.Index(target)
		if name, ok := r.environmentField(object, key); ok {
			r.info.Globals = append(r.info.Globals, Global{Name: name, Node: target, Access: Write, Func: r.fn, Field: true, Value: value})
		}
	}
}

// isEnvironment reports whether n is the global table by one of its two names.
func (r *resolver) isEnvironment(n syntax.Node) bool {
	if r.tree.Kind(n) != syntax.Name || r.env() != NoVar {
		return false
	}
	name := r.tree.Name(n)
	return (name == "_G" || r.envSym != 0 && name == "_ENV") && r.bound[r.symbolOf(name)] == NoVar
}

func (r *resolver) environmentField(object, key syntax.Node) (string, bool) {
	if r.tree.Kind(key) != syntax.String || !r.isEnvironment(object) {
		return "", false
	}
	return r.tree.Str(key), true
}

// refer returns the variable of a name and notes that a closure captures it.
func (r *resolver) refer(n syntax.Node, name string) Var {
	v := r.bound[r.symbolOf(name)]
	r.info.vars[n] = v
	r.capture(v)
	return v
}

func (r *resolver) capture(v Var) {
	if v != NoVar && r.info.Vars[v].Func != r.fn {
		r.info.Vars[v].Captured = true
	}
}

// field notes that a free Name is a field of the local env, which is read for it.
func (r *resolver) field(n syntax.Node, env Var) {
	r.info.vars[n] = -env
	r.info.Vars[env].Reads++
	r.capture(env)
}

func (r *resolver) expressions(list []syntax.Node) {
	for _, n := range list {
		r.expression(n)
	}
}

func (r *resolver) expression(n syntax.Node) {
	t := r.tree
	switch t.Kind(n) {
	case syntax.Name:
		name := t.Name(n)
		if v := r.refer(n, name); v != NoVar {
			r.info.Vars[v].Reads++
		} else if env := r.env(); env != NoVar {
			r.field(n, env)
		} else {
			r.info.Globals = append(r.info.Globals, Global{Name: name, Node: n, Access: Read, Func: r.fn})
		}
	case syntax.Index:
		object, key := t.Index(n)
		if name, ok := r.environmentField(object, key); ok {
			r.info.Globals = append(r.info.Globals, Global{Name: name, Node: n, Access: Read, Func: r.fn, Field: true})
			return
		}
		r.expression(object)
		if !t.IsBare(key) {
			r.expression(key)
		}
	case syntax.Call:
		callee, args := t.Call(n)
		r.expression(callee)
		r.expressions(args)
		if r.setsOwnEnvironment(callee, args) {
			r.info.Funcs[r.fn].Env = true
		}
	case syntax.MethodCall:
		receiver, _, args := t.MethodCall(n)
		r.expression(receiver)
		r.expressions(args)
	case syntax.Function:
		r.function(n)
	case syntax.Binary:
		_, left, right := t.Binary(n)
		r.expression(left)
		r.expression(right)
	case syntax.Unary, syntax.Paren:
		r.expression(t.Operand(n))
	case syntax.Table:
		for _, f := range t.Fields(n) {
			key, value := t.Field(f)
			if key != syntax.None && !t.IsBare(key) {
				r.expression(key)
			}
			r.expression(value)
		}
	}
}

// setsOwnEnvironment recognises setfenv(1, ...): the function that runs gets other globals.
func (r *resolver) setsOwnEnvironment(callee syntax.Node, args []syntax.Node) bool {
	t := r.tree
	if len(args) == 0 || t.Kind(args[0]) != syntax.Number || t.Text(args[0]) != "1" {
		return false
	}
	if v := r.info.VarOf(callee); v != NoVar && r.info.Vars[v].Init != syntax.None { // local setfenv = setfenv
		callee = r.info.Vars[v].Init
	}
	return r.info.IsGlobal(callee, "setfenv")
}

func (r *resolver) function(n syntax.Node) {
	t := r.tree
	outer, mark := r.fn, len(r.undo)
	r.fn = Func(len(r.info.Funcs))
	r.info.Funcs = append(r.info.Funcs, Function{Node: n, Outer: outer, Env: r.info.Funcs[outer].Env})
	r.info.vars[n] = Var(r.fn)
	if t.HasSelf(n) {
		r.declare(Variable{Name: "self", Kind: Self})
	}
	params, block := t.Function(n)
	for _, p := range params {
		kind := Param
		if t.IsVarargTable(p) {
			kind = VarargTable
		}
		r.declareNode(p, kind)
	}
	r.block(block)
	r.leaveAt(mark, t.End(n))
	r.fn = outer
}
