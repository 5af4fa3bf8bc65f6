package answer

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/syntax"
)

// depends reports whether a condition asks for what a function of the program returned, which may
// say whether it has answered.
func (r *request) depends(file int32, cond syntax.Node) bool {
	terms := r.sys.sys.Values.IR(file)
	t := terms.Info.Tree
	var look func(n syntax.Node) bool
	look = func(n syntax.Node) bool {
		switch t.Kind(n) {
		case syntax.Function:
			return false
		case syntax.Name, syntax.Call, syntax.MethodCall, syntax.Vararg:
			if term := terms.Of(n); term != ir.None && r.told(file, term, 0) {
				return true
			}
		}
		for c := range t.Children(n) {
			if look(c) {
				return true
			}
		}
		return false
	}
	return look(cond)
}

// told reports whether a value is a result of a function of the program, or of one that is not
// known.
func (r *request) told(file int32, term ir.Term, depth int) bool {
	terms := r.sys.sys.Values.IR(file)
	d := terms.Term(term)
	if depth > 8 {
		return true
	}
	switch d.Kind {
	case ir.Load:
		return r.told(file, ir.Term(d.A), depth+1)
	case ir.Join:
		return r.told(file, ir.Term(d.A), depth+1) || r.told(file, ir.Term(d.B), depth+1)
	case ir.Variable:
		for _, value := range r.sys.assigned(file, scope.Var(d.A)) {
			if r.told(file, value, depth+1) {
				return true
			}
		}
		return false
	case ir.Result:
	default:
		return false
	}
	api, program, protects, functions, answers := false, false, false, 0, false
	r.sys.sys.Values.Callees(file, d.A, func(c solve.Callee) {
		switch a := r.sys.sys.Values.Atom(c.Atom); {
		case a.Kind == solve.Function && !r.has(a.File):
			program = program || !c.Indirect
		case a.Kind == solve.Function && c.Indirect:
			functions++
			answers = answers || r.mayAnswer(effect.Function{File: a.File, Func: a.Func})
		case a.Kind == solve.Function:
			program = true
		case a.Kind == solve.API && !c.Indirect:
			api = true
			protects = protects || runsArgument(a)
		}
	})
	switch {
	case program || !api:
		return true
	case !protects:
		return false
	}
	return d.B > 0 || functions == 0 || answers // B: what the function that was called returned
}

// decide says what is known of a condition while the entry is handled.
func (r *request) decide(f effect.Function, cond syntax.Node) path.Truth {
	if r.entry == nil {
		return path.Unknown
	}
	terms := r.sys.sys.Values.IR(f.File)
	t := terms.Info.Tree
	if t.Kind(cond) != syntax.Binary {
		return r.found(f.File, terms.Of(cond))
	}
	op, left, right := t.Binary(cond)
	if op < syntax.Lt || op > syntax.Eq {
		return path.Unknown
	}
	l, rt := terms.Of(left), terms.Of(right)
	for _, pair := range [2][2]ir.Term{{l, rt}, {rt, l}} {
		value, constant := terms.Term(pair[0]), terms.Term(pair[1])
		if pair[0] == ir.None || pair[1] == ir.None {
			continue
		}
		if own, known := r.isOwn(f.File, pair[1]); known && r.found(f.File, pair[0]) == path.True {
			return truth(op, own) // f == CMD.join, of what was looked up
		}
		switch constant.Kind {
		case ir.Nil:
			switch r.found(f.File, pair[0]) {
			case path.True:
				return truth(op, false)
			case path.False:
				return truth(op, true)
			}
		case ir.String:
			if r.isTypeOfInput(terms, value) && r.entry.Kind == effect.Command {
				return truth(op, constant.Text == "string") // a command is a text
			}
			if r.entry.Kind == effect.Command && r.isInput(terms, value) && r.s.Entry(r.entry.Protocol, constant.Text) != nil {
				return truth(op, constant.Text == r.entry.Command)
			}
		case ir.Number:
			if value.Kind == ir.Parameter && value.A == int32(f.Func) && value.B == 0 && constant.Text == "0" && r.isHandler(f) {
				if op == syntax.Eq || op == syntax.Ne {
					return truth(op, false) // a request has a session
				}
				if op == syntax.Gt && pair[0] == l || op == syntax.Lt && pair[0] == rt {
					return path.True
				}
			}
		}
	}
	return path.Unknown
}

// isOwn reports whether a term is a function of the entry; known says that it can be nothing else,
// or cannot be one.
func (r *request) isOwn(file int32, term ir.Term) (own, known bool) {
	owned, others := 0, 0
	for _, v := range r.sys.sys.Values.Values(file, term) {
		if d := r.sys.sys.Values.Atom(v); d.Kind == solve.Function && r.owns(effect.Function{File: d.File, Func: d.Func}) {
			owned++
		} else {
			others++
		}
	}
	return owned > 0, owned+others > 0 && (owned == 0 || others == 0)
}

func truth(op syntax.Op, equal bool) path.Truth {
	switch {
	case op == syntax.Eq && equal, op == syntax.Ne && !equal:
		return path.True
	case op == syntax.Eq || op == syntax.Ne:
		return path.False
	}
	return path.Unknown
}

func (r *request) isHandler(f effect.Function) bool {
	d := r.s.Dispatches(r.entry.Protocol)
	return d != nil && slices.Contains(d.Functions, f)
}

// isInput reports whether a term is a parameter, or a text made of one.
func (r *request) isInput(terms *ir.File, d *ir.TermData) bool {
	switch d.Kind {
	case ir.Parameter, ir.Extra:
		return true
	case ir.Result:
		args := terms.Calls[d.A].Args.Terms
		if len(args) != 1 {
			return false
		}
		k := terms.Term(args[0]).Kind
		return k == ir.Parameter || k == ir.Extra
	}
	return false
}

// asserted reports whether a term is what assert let pass.
func (r *request) asserted(file int32, term ir.Term) bool {
	terms := r.sys.sys.Values.IR(file)
	d := terms.Term(term)
	if d.Kind != ir.Result || d.B != 0 || terms.Calls[d.A].Method {
		return false
	}
	callee, _ := terms.Info.Tree.Call(terms.Calls[d.A].Node)
	return terms.API.Ref(callee) == assert
}

// isTypeOfInput reports whether a term is type(x) of the parameter that may be the command.
func (r *request) isTypeOfInput(terms *ir.File, d *ir.TermData) bool {
	if d.Kind != ir.Result || terms.Calls[d.A].Method || !r.isInput(terms, d) {
		return false
	}
	callee, _ := terms.Info.Tree.Call(terms.Calls[d.A].Node)
	return terms.API.Ref(callee) == typeOf
}

// found says whether a term is there that the handler looks up for a command that there is. What
// was asserted is.
func (r *request) found(file int32, term ir.Term) path.Truth {
	if term == ir.None {
		return path.Unknown
	}
	if r.asserted(file, term) {
		return path.True
	}
	if r.entry.Kind != effect.Command || len(r.entry.Functions) == 0 {
		return path.Unknown
	}
	terms := r.sys.sys.Values.IR(file)
	for _, l := range r.s.Lookups {
		if l.File != file || l.Protocol != r.entry.Protocol || !sameLookup(terms, l.Term, term) {
			continue
		}
		// A handler may look into several tables.
		for _, table := range r.sys.sys.Values.Values(file, ir.Term(terms.Term(l.Term).A)) {
			for _, v := range r.sys.sys.Values.Field(table, r.entry.Command) {
				if d := r.sys.sys.Values.Atom(v); d.Kind == solve.Function && r.owns(effect.Function{File: d.File, Func: d.Func}) {
					return path.True
				}
			}
		}
		return path.False
	}
	return path.Unknown
}

// sameLookup reports whether two terms look the same thing up in the same table.
func sameLookup(terms *ir.File, a, b ir.Term) bool {
	x, y := terms.Term(a), terms.Term(b)
	return a == b || x.Kind == ir.Load && y.Kind == ir.Load && x.A == y.A && x.B == y.B
}
