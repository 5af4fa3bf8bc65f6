// Package answer finds where handlers answer their requests, and on which paths they do not.
package answer

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// A Service is what is known of the answers of one service. It is not safe for concurrent use.
type Service struct {
	sys *effect.System
	s   *effect.Service
	// handlers are the functions that get messages, and those that look commands up: what they
	// do depends on the command.
	handlers map[effect.Function]bool
	// hidden says that a call of which nothing is known may answer: something other than the
	// handlers themselves does.
	hidden   bool
	outcomes map[effect.Function]*path.Outcome
	// answering are the functions in which an answer is given.
	answering []effect.Function
}

// A System is where the code of a program answers. It is immutable.
type System struct {
	sys *effect.System
	// sites are the functions in which an answer is given, by file, but for those of libraries.
	sites [][]effect.Function
}

// New looks for the answers in all files.
func New(sys *effect.System) *System {
	prog := sys.Values.Program()
	a := &System{sys: sys, sites: make([][]effect.Function, len(prog.Files))}
	for i, f := range prog.Files {
		if program.ImplementsModel(f.File, prog.Models) {
			continue
		}
		for k := range f.Uses {
			if u := &f.Uses[k]; u.Entry.Replies != models.ReplyNone {
				fn := effect.Function{File: int32(i), Func: f.Scope.FuncOf(u.Node)}
				if !slices.Contains(a.sites[i], fn) {
					a.sites[i] = append(a.sites[i], fn)
				}
			}
		}
	}
	return a
}

// Service returns what is known of a service.
func (sys *System) Service(s *effect.Service) *Service {
	a := &Service{sys: sys.sys, s: s, handlers: map[effect.Function]bool{}, outcomes: map[effect.Function]*path.Outcome{}}
	for _, e := range s.Entries {
		if e.Kind == effect.Dispatch {
			for _, f := range e.Functions {
				a.handlers[f] = true
			}
		}
	}
	for _, f := range s.World.Files {
		for _, fn := range sys.sites[a.sys.Values.FileOf(f)] {
			a.answering = append(a.answering, fn)
			a.hidden = a.hidden || !a.inHandler(fn)
		}
	}
	for _, l := range s.Lookups {
		a.handlers[l.In] = true
	}
	return a
}

// inHandler reports whether a function is a handler of messages, or stands within one.
func (a *Service) inHandler(f effect.Function) bool {
	info := a.sys.Values.IR(f.File).Info
	for fn := f.Func; ; fn = info.Funcs[fn].Outer {
		if a.handlers[effect.Function{File: f.File, Func: fn}] {
			return true
		}
		if fn == scope.Main {
			return false
		}
	}
}

// Answering returns the functions of the service in which an answer is given.
func (a *Service) Answering() []effect.Function { return a.answering }

// OnlyHandlers reports whether nothing but the handlers of messages gives answers.
func (a *Service) OnlyHandlers() bool { return !a.hidden }

// Function follows a function as it is called without a known message.
func (a *Service) Function(f effect.Function) *path.Outcome {
	return (&request{Service: a}).outcome(f)
}

// Handle follows a function of the handler as it runs for an entry. What the entry's own
// functions do is taken to be as said.
func (a *Service) Handle(f effect.Function, e *effect.Entry, own path.Effect) path.Outcome {
	r := &request{Service: a, entry: e, own: own, outcomes: map[effect.Function]*path.Outcome{}}
	return *r.outcome(f)
}

// Keeps reports whether a handler of skynet.dispatch keeps the session of its message, to answer
// by other means.
func (a *Service) Keeps(f effect.Function) bool {
	terms := a.sys.Values.IR(f.File)
	t := terms.Info.Tree
	if a.sys.Values.Parameters(f.File, f.Func) == 0 {
		node := terms.Info.Funcs[f.Func].Node
		return node == syntax.None || t.IsVariadic(node) // all is passed on
	}
	for n := range t.Nodes(syntax.Name) {
		term := terms.Of(n)
		if d := terms.Term(term); d.Kind != ir.Parameter || d.A != int32(f.Func) || d.B != 0 {
			continue
		}
		parent := t.Parent(n)
		if t.Kind(parent) != syntax.Binary {
			return true
		}
		if op, _, _ := t.Binary(parent); op < syntax.Lt || op > syntax.Eq {
			return true
		}
	}
	return false
}

// request is one question: how the functions behave for an entry, or for no known one.
type request struct {
	*Service
	entry    *effect.Entry
	own      path.Effect
	outcomes map[effect.Function]*path.Outcome // of handlers
}

// unknown is the outcome of a function that is being followed.
var unknown = &path.Outcome{Exits: []path.Exit{{State: path.Unsure}}, Answers: 1}

func (r *request) outcome(f effect.Function) *path.Outcome {
	memo := r.Service.outcomes
	if r.entry != nil {
		if r.handlers[f] {
			memo = r.outcomes
		} else {
			r = &request{Service: r.Service}
		}
	}
	if o := memo[f]; o != nil {
		return o
	}
	memo[f] = unknown
	o := path.Follow(r.sys.Values.IR(f.File).Info.Tree, r.sys.Values.IR(f.File).Info.Funcs[f.Func].Node, path.Guide{
		Call:    func(n syntax.Node) path.Effect { return r.call(f.File, n) },
		Decide:  func(n syntax.Node) path.Truth { return r.decide(f, n) },
		Depends: func(n syntax.Node) bool { return r.depends(f.File, n) },
	})
	memo[f] = &o
	return &o
}

// callAt returns the number of a call in its file.
func (a *Service) callAt(file int32, n syntax.Node) (int32, bool) {
	terms := a.sys.Values.IR(file)
	d := terms.Term(terms.Of(n))
	return d.A, d.Kind == ir.Result && terms.Of(n) != ir.None
}

// call says what a call does.
func (r *request) call(file int32, n syntax.Node) path.Effect {
	call, ok := r.callAt(file, n)
	if !ok {
		return path.Nothing // require
	}
	if r.fails(file, n) {
		return path.Ends
	}
	var direct, inner []path.Effect
	called, own, ownInner := false, false, false
	r.sys.Values.Callees(file, call, func(c solve.Callee) {
		switch d := r.sys.Values.Atom(c.Atom); {
		case d.Kind == solve.Function && !r.s.Has(d.File):
		case d.Kind == solve.Function:
			f := effect.Function{File: d.File, Func: d.Func}
			if c.Indirect {
				inner, ownInner = append(inner, r.function(f)), ownInner || r.owns(f)
			} else {
				direct, own = append(direct, r.function(f)), own || r.owns(f)
			}
		case c.Indirect:
		case d.Kind == solve.API:
			direct = append(direct, ofModel(d.Entry))
			called = called || calls(d.Entry)
		case d.Kind == solve.Queue:
			direct, called = append(direct, path.Nothing), true
		default: // an object, or a function that answers a request that was put off
			direct = append(direct, path.Nothing)
		}
	})
	if own || ownInner && called { // a call for any command: here it is for this one
		return r.own
	}
	if len(direct) == 0 {
		if r.hidden && !r.isStringMethod(file, n) {
			return path.May
		}
		return path.Nothing
	}
	e := either(direct)
	if e == path.Nothing && called && len(inner) > 0 {
		if e = either(inner); e == path.Ends {
			e = path.Nothing // pcall catches what it raises
		}
	}
	return e
}

// fails reports whether a call asserts what is known not to hold.
func (r *request) fails(file int32, n syntax.Node) bool {
	info := r.sys.Values.IR(file).Info
	t := info.Tree
	if r.entry == nil || t.Kind(n) != syntax.Call {
		return false
	}
	callee, args := t.Call(n)
	if len(args) == 0 || r.sys.Values.IR(file).API.Ref(callee).Path() != "assert" {
		return false
	}
	return r.decide(effect.Function{File: file, Func: info.FuncOf(n)}, t.Unparen(args[0])) == path.False
}

// owns reports whether a function is one of the entry's own.
func (r *request) owns(f effect.Function) bool {
	if r.entry == nil || r.entry.Kind != effect.Command {
		return false
	}
	for _, own := range r.entry.Functions {
		if own == f {
			return true
		}
	}
	return false
}

func (r *request) function(f effect.Function) path.Effect {
	if r.owns(f) {
		return r.own
	}
	return r.outcome(f).Effect()
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

// calls reports whether a function of an API calls a function that it is given before it returns.
func calls(e *models.Entry) bool {
	for i := range e.Args {
		if e.Args[i].Role == models.RoleCallback {
			switch e.Args[i].Callback {
			case models.CallbackCalled, models.CallbackUnyieldable, models.CallbackLocked:
				return true
			}
		}
	}
	return false
}

// either is the effect of a call that may have any of some effects.
func either(effects []path.Effect) path.Effect {
	out := path.Ends
	for _, e := range effects {
		switch {
		case e == path.Ends || e == out:
		case out == path.Ends:
			out = e
		default:
			return path.May
		}
	}
	return out
}

// isStringMethod reports whether a call is that of a method which strings have.
func (a *Service) isStringMethod(file int32, n syntax.Node) bool {
	t := a.sys.Values.IR(file).Info.Tree
	if t.Kind(n) != syntax.MethodCall {
		return false
	}
	_, name, _ := t.MethodCall(n)
	table := a.sys.Values.Program().Models.Table("string")
	return table != nil && table.Member(t.Str(name)) != nil
}

// depends reports whether a condition asks for what a function of the program returned, which may
// say whether it has answered.
func (r *request) depends(file int32, cond syntax.Node) bool {
	terms := r.sys.Values.IR(file)
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
	terms := r.sys.Values.IR(file)
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
		for i := range terms.Assigns {
			if as := &terms.Assigns[i]; as.Var == scope.Var(d.A) && r.told(file, as.Value, depth+1) {
				return true
			}
		}
		return false
	case ir.Result:
	default:
		return false
	}
	api, program, protects := false, false, false
	var inner []path.Effect
	r.sys.Values.Callees(file, d.A, func(c solve.Callee) {
		switch a := r.sys.Values.Atom(c.Atom); {
		case a.Kind == solve.Function && c.Indirect:
			inner = append(inner, r.function(effect.Function{File: a.File, Func: a.Func}))
		case a.Kind == solve.Function:
			program = true
		case a.Kind == solve.API && !c.Indirect:
			api = true
			protects = protects || calls(a.Entry)
		}
	})
	switch {
	case program || !api:
		return true
	case !protects:
		return false
	case d.B > 0 || len(inner) == 0:
		return true // what the function that was called returned
	}
	return either(inner) != path.Nothing
}

// decide says what is known of a condition while the entry is handled.
func (r *request) decide(f effect.Function, cond syntax.Node) path.Truth {
	if r.entry == nil {
		return path.Unknown
	}
	terms := r.sys.Values.IR(f.File)
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
	for _, v := range r.sys.Values.Values(file, term) {
		if d := r.sys.Values.Atom(v); d.Kind == solve.Function && r.owns(effect.Function{File: d.File, Func: d.Func}) {
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
	if d == nil {
		return false
	}
	for _, h := range d.Functions {
		if h == f {
			return true
		}
	}
	return false
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
	terms := r.sys.Values.IR(file)
	d := terms.Term(term)
	if d.Kind != ir.Result || d.B != 0 || terms.Calls[d.A].Method {
		return false
	}
	callee, _ := terms.Info.Tree.Call(terms.Calls[d.A].Node)
	return terms.API.Ref(callee).Path() == "assert"
}

// isTypeOfInput reports whether a term is type(x) of the parameter that may be the command.
func (r *request) isTypeOfInput(terms *ir.File, d *ir.TermData) bool {
	if d.Kind != ir.Result || terms.Calls[d.A].Method || !r.isInput(terms, d) {
		return false
	}
	callee, _ := terms.Info.Tree.Call(terms.Calls[d.A].Node)
	return terms.API.Ref(callee).Path() == "type"
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
	terms := r.sys.Values.IR(file)
	for _, l := range r.s.Lookups {
		if l.File != file || l.Protocol != r.entry.Protocol || !sameLookup(terms, l.Term, term) {
			continue
		}
		// A handler may look into several tables.
		for _, table := range r.sys.Values.Values(file, ir.Term(terms.Term(l.Term).A)) {
			for _, v := range r.sys.Values.Field(table, r.entry.Command) {
				if d := r.sys.Values.Atom(v); d.Kind == solve.Function && r.owns(effect.Function{File: d.File, Func: d.Func}) {
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
