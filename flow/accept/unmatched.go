package accept

import (
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/syntax"
)

// unmatched follows one function as it runs for a command that none of its tests knows.
type unmatched struct {
	*handler
	effect.Stage
	terms *ir.File
	t     *syntax.Tree
}

// isCommand reports whether a term is the command, or the same text.
func (u *unmatched) isCommand(t ir.Term) bool {
	if t == ir.None {
		return false
	}
	d := u.terms.Term(t)
	switch d.Kind {
	case ir.Parameter:
		return d.A == int32(u.Func) && int(d.B) == u.Command
	case ir.Extra:
		return d.A == int32(u.Func) && int(d.B)+u.sys.Values.Parameters(u.File, u.Func) == u.Command
	case ir.Result:
		args := u.terms.Calls[d.A].Args.Terms
		return d.B == 0 && len(args) == 1 && u.isCommand(args[0]) && u.keeps(d.A)
	}
	return false
}

// keeps reports whether a call returns its argument, or the same text.
func (u *unmatched) keeps(call int32) bool {
	if u.terms.Calls[call].Method {
		return false
	}
	callee, _ := u.t.Call(u.terms.Calls[call].Node)
	switch u.terms.API.Ref(callee).Path() {
	case "tostring", "assert", "string.lower", "string.upper":
		return true
	}
	return false
}

// isPayload reports whether a term is a value behind the command.
func (u *unmatched) isPayload(d *ir.TermData) bool {
	switch d.Kind {
	case ir.Parameter:
		return d.A == int32(u.Func) && int(d.B) >= u.Payload && u.Payload >= 0
	case ir.Extra:
		return d.A == int32(u.Func)
	}
	return false
}

// isLookup reports whether a term is what was looked up under the command: nil here.
func (u *unmatched) isLookup(t ir.Term) bool {
	if t == ir.None {
		return false
	}
	d := u.terms.Term(t)
	switch d.Kind {
	case ir.Load:
		return u.isCommand(ir.Term(d.B)) || u.isLookup(ir.Term(d.A))
	case ir.Join:
		return u.isLookup(ir.Term(d.A)) && u.isLookup(ir.Term(d.B))
	case ir.Result:
		args := u.terms.Calls[d.A].Args.Terms
		return d.B == 0 && len(args) > 0 && u.isLookup(args[0]) && u.keeps(d.A)
	}
	return false
}

// mayBeLookup reports whether a term is what was looked up, or something else where that is nil.
func (u *unmatched) mayBeLookup(t ir.Term) bool {
	if t == ir.None {
		return false
	}
	d := u.terms.Term(t)
	return u.isLookup(t) || d.Kind == ir.Join && (u.mayBeLookup(ir.Term(d.A)) || u.mayBeLookup(ir.Term(d.B)))
}

// usesKnown reports whether each use of the command is one of which the outcome is known for a
// command that matches nothing.
func (u *unmatched) usesKnown() bool {
	t := u.t
	for n := range t.Nodes(syntax.Name, syntax.Vararg) {
		if u.isCommand(u.terms.Of(n)) && !t.IsTarget(n) && !u.useKnown(n) {
			return false
		}
	}
	return true
}

func (u *unmatched) useKnown(n syntax.Node) bool {
	t := u.t
	parent := t.Parent(n)
	switch t.Kind(parent) {
	case syntax.Paren:
		return u.useKnown(parent)
	case syntax.Index:
		object, key := t.Index(parent)
		if key != n {
			return false
		}
		return t.IsTarget(parent) || u.tablesKnown(object)
	case syntax.Binary:
		op, left, right := t.Binary(parent)
		switch op {
		case syntax.Concat:
			return true
		case syntax.And, syntax.Or:
			return u.useKnown(parent)
		case syntax.Eq, syntax.Ne:
			other := left
			if left == n {
				other = right
			}
			switch u.terms.Term(u.terms.Of(other)).Kind {
			case ir.String, ir.Nil, ir.Number, ir.Boolean:
				return true
			}
		}
		return false
	case syntax.Unary:
		op, _ := t.Unary(parent)
		return op == syntax.Not
	case syntax.Clause:
		return true
	case syntax.Call:
		callee, args := t.Call(parent)
		return callee != n && u.argumentKnown(parent, args, n)
	case syntax.MethodCall:
		receiver, _, args := t.MethodCall(parent)
		return receiver != n && u.argumentKnown(parent, args, n)
	case syntax.LocalStat:
		return t.Kind(n) == syntax.Vararg || u.terms.Of(n) != ir.None && u.copied(parent, n)
	}
	return false
}

// copied reports whether a local statement gives the command to a variable that never changes: its
// uses are those of the command.
func (u *unmatched) copied(local, n syntax.Node) bool {
	decls, values := u.t.Local(local)
	for i, v := range values {
		if v == n {
			return i < len(decls) && u.terms.Info.Var(u.terms.Info.VarOf(decls[i])).Constant()
		}
	}
	return false
}

// tablesKnown reports whether all fields of the tables are known in which the command is looked up.
func (u *unmatched) tablesKnown(object syntax.Node) bool {
	if !u.covered(u.terms.Of(object), 0) {
		return false
	}
	n := 0
	for _, a := range u.sys.Values.Values(u.File, u.terms.Of(object)) {
		d := u.sys.Values.Atom(a)
		if d.Kind == solve.Table && !u.s.Has(d.File) {
			continue // that of another service
		}
		if !u.isTable(u.s, a, 0) {
			return false
		}
		u.names(u.set, a, 0)
		n++
	}
	return n > 0
}

// covered reports whether each value that the text gives a variable is known.
func (u *unmatched) covered(t ir.Term, depth int) bool {
	d := u.terms.Term(t)
	switch {
	case t == ir.None || depth > 4:
		return false
	case d.Kind == ir.Nil:
		return true
	case d.Kind == ir.Join:
		return u.covered(ir.Term(d.A), depth+1) && u.covered(ir.Term(d.B), depth+1)
	case d.Kind == ir.Variable:
		for i := range u.terms.Assigns {
			if as := &u.terms.Assigns[i]; as.Var == scope.Var(d.A) && !u.covered(as.Value, depth+1) {
				return false
			}
		}
	}
	return len(u.sys.Values.Values(u.File, t)) > 0
}

// argumentKnown reports whether it is known what a call does with the command among its arguments.
func (u *unmatched) argumentKnown(call syntax.Node, args []syntax.Node, n syntax.Node) bool {
	number, ok := u.sys.Values.CallAt(u.File, call)
	if !ok {
		return false
	}
	known, any := true, false
	u.sys.Values.Callees(u.File, number, func(c solve.Callee) {
		any = true
		switch d := u.sys.Values.Atom(c.Atom); d.Kind {
		case solve.Function:
			if f := (effect.Function{File: d.File, Func: d.Func}); u.s.Has(d.File) && !c.Silent && !u.prints(f) && !u.tells(call, args, f) {
				_, is := u.stage(f)
				known = known && is
			}
		case solve.API:
			known = known && (isLog(d.Entry) || effect.IsProtected(d.Entry) || packs(d.Entry.Path))
		default:
			known = false
		}
	})
	// What is not known and gets nothing but the command, for nothing in return, is a log.
	return any && known || !any && u.t.Kind(u.t.Parent(call)) == syntax.CallStat && !u.hasPayload(args)
}

// tells reports whether a call only tells a function of the program the command: it gets nothing
// of the rest of the message, does not look the command up, and returns nothing that is used.
func (u *unmatched) tells(call syntax.Node, args []syntax.Node, f effect.Function) bool {
	if u.t.Kind(u.t.Parent(call)) != syntax.CallStat || u.hasPayload(args) {
		return false
	}
	return !u.asks(f)
}

// prints reports whether a function of the program does no more with a message than print it.
func (u *unmatched) prints(f effect.Function) bool { return !u.asks(f) && u.quiet(f, 0) }

// asks reports whether a function looks the command up, or compares it.
func (u *unmatched) asks(f effect.Function) bool {
	st, is := u.stage(f)
	if !is {
		return false
	}
	in := &unmatched{handler: u.handler, Stage: st, terms: u.sys.Values.IR(f.File)}
	in.t = in.terms.Info.Tree
	for n := range in.t.Nodes(syntax.Name, syntax.Vararg) {
		if !in.isCommand(in.terms.Of(n)) {
			continue
		}
		switch parent := in.t.Parent(n); in.t.Kind(parent) {
		case syntax.Index:
			return true
		case syntax.Binary:
			if op, _, _ := in.t.Binary(parent); op == syntax.Eq || op == syntax.Ne {
				return true
			}
		}
	}
	return false
}

// packs reports whether a function of the API makes a reply of its arguments.
func packs(api string) bool {
	switch api {
	case "skynet.pack", "skynet.packstring", "skynet.retpack", "skynet.ret":
		return true
	}
	return false
}

// hasPayload reports whether one of some expressions uses a value behind the command.
func (u *unmatched) hasPayload(nodes []syntax.Node) bool {
	for _, n := range nodes {
		if u.usesPayload(n) {
			return true
		}
	}
	return false
}

func (u *unmatched) usesPayload(n syntax.Node) bool {
	switch u.t.Kind(n) {
	case syntax.Function:
		return false // see call
	case syntax.Name, syntax.Vararg:
		if term := u.terms.Of(n); term != ir.None && u.isPayload(u.terms.Term(term)) {
			return true
		}
	case syntax.Call:
		if callee, _ := u.t.Call(n); u.terms.API.Ref(callee).Path() == "select" {
			return false
		}
	}
	for c := range u.t.Children(n) {
		if u.usesPayload(c) {
			return true
		}
	}
	return false
}

// call says what a call does: May if it does something with the message.
func (u *unmatched) call(n syntax.Node) path.Effect {
	t := u.t
	var args []syntax.Node
	if t.Kind(n) == syntax.Call {
		var callee syntax.Node
		callee, args = t.Call(n)
		if u.isLookup(u.terms.Of(callee)) {
			return path.Ends
		}
		if u.mayBeLookup(u.terms.Of(callee)) {
			return path.May // something else takes its place
		}
	} else {
		var receiver syntax.Node
		receiver, _, args = t.MethodCall(n)
		if u.isLookup(u.terms.Of(receiver)) {
			return path.Ends
		}
	}
	number, ok := u.sys.Values.CallAt(u.File, n)
	if !ok {
		return path.Nothing
	}
	api, protects, log, ends := false, false, true, false
	program, returns, does := false, false, false
	u.sys.Values.Callees(u.File, number, func(c solve.Callee) {
		switch d := u.sys.Values.Atom(c.Atom); d.Kind {
		case solve.Function:
			f := effect.Function{File: d.File, Func: d.Func}
			if !u.s.Has(d.File) || c.Silent || f.File == u.File && u.isWithin(f.Func) {
				return
			}
			program = true
			if u.prints(f) || u.tells(n, args, f) {
				returns = true
			} else if _, is := u.stage(f); is {
				e := u.refuses(f)
				does, returns = does || e == path.May, returns || e != path.Ends
			} else {
				does, returns = does || u.hasPayload(args), true
			}
		case solve.API:
			if c.Indirect {
				return
			}
			api = true
			protects = protects || effect.IsProtected(d.Entry)
			log = log && (isLog(d.Entry) || effect.IsProtected(d.Entry))
			ends = ends || u.raises(d.Entry.Path, args)
		default:
			log = false
		}
	})
	if ends && !program {
		return path.Ends
	}
	for _, arg := range args {
		if t.Kind(arg) == syntax.Function && u.inner(arg) {
			return path.May
		}
	}
	switch {
	case protects && len(args) > 0 && u.isLookup(u.terms.Of(args[0])):
		return path.Nothing // pcall says that it is nil
	case does, !program && !(api && log) && u.hasPayload(args):
		return path.May
	case program && !returns && !protects:
		return path.Ends
	}
	return path.Nothing
}

// raises reports whether a call of an API raises for a command that is not known.
func (u *unmatched) raises(api string, args []syntax.Node) bool {
	switch api {
	case "error":
		return true
	case "assert":
		return len(args) > 0 && u.truth(args[0]) == path.False
	}
	return false
}

// isWithin reports whether a function stands within this one.
func (u *unmatched) isWithin(f scope.Func) bool {
	for f != scope.Main {
		if f = u.terms.Info.Funcs[f].Outer; f == u.Func {
			return true
		}
	}
	return false
}

// inner reports whether a function that is written as an argument does something with the message.
func (u *unmatched) inner(fn syntax.Node) bool {
	o := u.follow(u.terms.Info.FuncOf(fn))
	return o.Answers > 0
}

// follow follows the paths of this function, or of one that stands within it.
func (u *unmatched) follow(f scope.Func) path.Outcome {
	calls := u.sys.NodesIn(effect.Function{File: u.File, Func: f})
	return path.Follow(u.t, u.terms.Info.Funcs[f].Node, path.Guide{
		Calls: calls, Call: func(i int) path.Effect { return u.call(calls[i]) }, Decide: u.decide,
	})
}

// truth says what is known of a value as a condition.
func (u *unmatched) truth(n syntax.Node) path.Truth {
	n = u.t.Unparen(n)
	if u.t.Kind(n) == syntax.Binary {
		if op, left, right := u.t.Binary(n); op == syntax.And || op == syntax.Or {
			l, r := u.truth(left), u.truth(right)
			switch {
			case op == syntax.And && (l == path.False || r == path.False), op == syntax.Or && l == path.False && r == path.False:
				return path.False
			case op == syntax.Or && (l == path.True || r == path.True), op == syntax.And && l == path.True && r == path.True:
				return path.True
			}
			return path.Unknown
		}
	}
	return u.decide(n)
}

// decide says what is known of a condition for a command that matches nothing.
func (u *unmatched) decide(cond syntax.Node) path.Truth {
	t := u.t
	term := u.terms.Of(cond)
	switch {
	case u.isCommand(term):
		return path.True
	case u.isLookup(term):
		return path.False
	case t.Kind(cond) != syntax.Binary:
		return path.Unknown
	}
	op, left, right := t.Binary(cond)
	if op != syntax.Eq && op != syntax.Ne {
		return path.Unknown
	}
	equal := path.Unknown
	for _, pair := range [2][2]syntax.Node{{left, right}, {right, left}} {
		value, constant := u.terms.Of(pair[0]), u.terms.Term(u.terms.Of(pair[1]))
		switch {
		case u.isCommand(value) && (constant.Kind == ir.String || constant.Kind == ir.Nil):
			equal = path.False
		case u.isLookup(value) && constant.Kind == ir.Nil:
			equal = path.True
		case u.isTypeOfLookup(value) && constant.Kind == ir.String:
			equal = path.False
			if constant.Text == "nil" {
				equal = path.True
			}
		}
	}
	if op == syntax.Ne {
		switch equal {
		case path.True:
			return path.False
		case path.False:
			return path.True
		}
	}
	return equal
}

func (u *unmatched) isTypeOfLookup(t ir.Term) bool {
	if t == ir.None {
		return false
	}
	d := u.terms.Term(t)
	if d.Kind != ir.Result || u.terms.Calls[d.A].Method {
		return false
	}
	callee, _ := u.t.Call(u.terms.Calls[d.A].Node)
	args := u.terms.Calls[d.A].Args.Terms
	return len(args) == 1 && u.isLookup(args[0]) && u.terms.API.Ref(callee).Path() == "type"
}
