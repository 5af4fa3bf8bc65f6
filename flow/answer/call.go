package answer

import (
	"slices"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// request is one question: how functions behave for an entry, or for no known one.
type request struct {
	*scene
	// The rest is set for an entry.
	service  *Service
	entry    *effect.Entry
	own      path.Effect
	outcomes map[effect.Function]*path.Outcome // of handlers
}

// unknown is the outcome of a handler that is being followed.
var unknown = &path.Outcome{Exits: []path.Exit{{State: path.Unsure}}, Answers: 1}

// handler follows a handler for the entry.
func (r *request) handler(f effect.Function) *path.Outcome {
	if o := r.outcomes[f]; o != nil {
		return o
	}
	r.outcomes[f] = unknown
	o := r.paths(f, 0)
	r.outcomes[f] = &o
	return &o
}

// paths follows the paths of a function of a circle.
func (r *request) paths(f effect.Function, circle int32) path.Outcome {
	sys := r.sys.sys
	terms := sys.Values.IR(f.File)
	numbers := sys.CallsIn(f)
	nodes := sys.NodesIn(f)
	return path.Follow(terms.Info.Tree, terms.Info.Funcs[f.Func].Node, path.Guide{
		Calls:   nodes,
		Call:    func(i int) path.Effect { return r.call(f.File, sys.Site(numbers[i]).Call, nodes[i], circle) },
		Decide:  func(n syntax.Node) path.Truth { return r.decide(f, n) },
		Depends: func(n syntax.Node) bool { return r.depends(f.File, n) },
	})
}

// either is the effect of a call that may have any of some effects.
type either struct {
	count int
	out   path.Effect
}

func (e *either) add(x path.Effect) {
	switch e.count++; {
	case e.count == 1 || e.out == path.Ends:
		e.out = x
	case x != path.Ends && x != e.out:
		e.out = path.May
	}
}

// call says what a call in a function of a circle does.
func (r *request) call(file, call int32, n syntax.Node, circle int32) path.Effect {
	if r.fails(file, n) {
		return path.Ends
	}
	values := r.sys.sys.Values
	var direct, inner either
	runs, own, ownInner := false, false, false
	values.Callees(file, call, func(c solve.Callee) {
		switch d := values.Atom(c.Atom); {
		case d.Kind == solve.Function && !r.has(d.File):
		case d.Kind == solve.Function:
			f := effect.Function{File: d.File, Func: d.Func}
			switch {
			case !c.Indirect:
				own = own || r.owns(f)
				direct.add(r.function(f, circle))
			case runs:
				ownInner = ownInner || r.owns(f)
				inner.add(r.function(f, circle))
			}
		case c.Indirect:
			if runs && d.Kind == solve.API && ofModel(d.Entry) == path.Answers { // pcall(skynet.retpack, ...)
				inner.add(path.Answers)
			}
		case d.Kind == solve.API:
			direct.add(ofModel(d.Entry))
			runs = runs || runsArgument(d)
		default: // a queue, an object, or a function that answers a request that was put off
			direct.add(path.Nothing)
			runs = runs || runsArgument(d)
		}
	})
	switch {
	case own || ownInner: // a call for any command: here it is for this one
		return r.own
	case direct.count == 0 && r.hidden && !isStringMethod(r.sys.sys, r.sys.sys.Values.IR(file), n):
		return path.May
	case direct.count == 0:
		return path.Nothing
	case direct.out == path.Nothing && inner.count > 0 && inner.out != path.Ends: // pcall catches what it raises
		return inner.out
	}
	return direct.out
}

// fails reports whether a call asserts what is known not to hold.
func (r *request) fails(file int32, n syntax.Node) bool {
	terms := r.sys.sys.Values.IR(file)
	t := terms.Info.Tree
	if r.entry == nil || t.Kind(n) != syntax.Call {
		return false
	}
	callee, args := t.Call(n)
	if len(args) == 0 || terms.API.Ref(callee) != assert {
		return false
	}
	return r.decide(effect.Function{File: file, Func: terms.Info.FuncOf(n)}, t.Unparen(args[0])) == path.False
}

// assert and typeOf are functions of the basic library.
var (
	assert = alias.Ref{Member: "assert"}
	typeOf = alias.Ref{Member: "type"}
)

// owns reports whether a function is one of the entry's own.
func (r *request) owns(f effect.Function) bool {
	return r.entry != nil && r.entry.Kind == effect.Command && slices.Contains(r.entry.Functions, f)
}

// function says what a function does that is called from one of a circle.
func (r *request) function(f effect.Function, circle int32) path.Effect {
	switch {
	case r.owns(f):
		return r.own
	case r.entry != nil && r.service.handlers[f]:
		return r.handler(f).Effect()
	}
	return r.effectOf(f, circle)
}

// ofModel says what a function of an API does.
func ofModel(e *models.Entry) path.Effect {
	switch {
	case e.Flags.Has(models.NeverReturns):
		return path.Ends
	case e.Replies != models.ReplyNone:
		return path.Answers // or gives the request up, which is meant
	}
	for i := range e.Args {
		if e.Args[i].Role == models.RoleSession {
			return path.Answers // it sends with the session of the request: somebody else answers
		}
	}
	return path.Nothing
}

// runsArgument reports whether what an atom is calls a function that it is given before it
// returns.
func runsArgument(d *solve.AtomData) bool {
	switch d.Kind {
	case solve.Queue:
		return true
	case solve.API:
	default:
		return false
	}
	for i := range d.Entry.Args {
		if d.Entry.Args[i].Role == models.RoleCallback {
			switch d.Entry.Args[i].Callback {
			case models.CallbackCalled, models.CallbackUnyieldable, models.CallbackLocked:
				return true
			}
		}
	}
	return false
}

// isStringMethod reports whether a call is that of a method which strings have.
func isStringMethod(sys *effect.System, terms *ir.File, n syntax.Node) bool {
	t := terms.Info.Tree
	if t.Kind(n) != syntax.MethodCall {
		return false
	}
	_, name, _ := t.MethodCall(n)
	table := sys.Values.Program().Models.Table("string")
	return table != nil && table.Member(t.Str(name)) != nil
}
