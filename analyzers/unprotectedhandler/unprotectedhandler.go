// Package unprotectedhandler finds errors that handlers raise over what they were sent, where
// the sender never learns of them (SKY201).
package unprotectedhandler

import (
	"fmt"
	"slices"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each place once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.UnprotectedHandler}, System: run}

type place struct {
	file int32
	node syntax.Node
}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p}
	for _, s := range p.Services {
		c.service(s)
	}
	c.found.Report(p)
}

type checker struct {
	p     *analyzers.SystemPass
	found analyzers.Shared[place]
}

// service looks at the handlers of one service.
func (c *checker) service(s *effect.Service) {
	if s.IsOpen("") {
		return
	}
	var bare map[effect.Function]bool // what handlers run outside of any pcall
	for _, e := range s.Entries {
		if e.Kind == effect.Init || !c.lost(s, e) {
			continue
		}
		if bare == nil {
			bare = c.bare(s)
		}
		for _, f := range e.Functions {
			if bare[f] {
				m := &message{checker: c, s: s, e: e, remote: c.p.Remote(e), seen: map[effect.Function]bool{}}
				m.function(f, c.fields(e, f), 0)
			}
		}
		if e.Kind == effect.Dispatch && c.p.Remote(e) {
			c.unpacks(s, e)
		}
	}
}

// lost reports whether nobody learns what is raised over a message of an entry: it is sent, or
// comes from a peer.
func (c *checker) lost(s *effect.Service, e *effect.Entry) bool {
	// Services of C code send messages of type text, and wait for no reply.
	if e.Protocol == "text" || c.p.Remote(e) && !c.onlyCalled(s, e) {
		return true
	}
	for _, m := range c.p.Senders(e) {
		if m.Kind == effect.Send && m.API != nil && m.API.WaitsFor == models.WaitNone && (m.Certain || m.Implied || e.Kind == effect.Dispatch) {
			return true
		}
	}
	return false
}

// onlyCalled reports whether other nodes reach a protocol of a service only with calls, as far as
// is known: the answers carry its errors. A handler of which nothing is known takes anything.
func (c *checker) onlyCalled(s *effect.Service, e *effect.Entry) bool {
	if e.Protocol != "lua" {
		return false
	}
	known := false
	for _, other := range s.Entries {
		if other.Protocol != e.Protocol {
			continue
		}
		for _, m := range c.p.Senders(other) {
			if m.Kind != effect.Cluster || m.API == nil {
				continue
			}
			if m.API.WaitsFor == models.WaitNone {
				return false
			}
			known = true
		}
	}
	return known || e.Kind == effect.Command
}

// bare returns the functions that the handlers of a service run outside of any pcall.
func (c *checker) bare(s *effect.Service) map[effect.Function]bool {
	seen := map[effect.Function]bool{}
	var work []effect.Function
	push := func(f effect.Function) {
		if !seen[f] && s.Has(f.File) {
			seen[f] = true
			work = append(work, f)
		}
	}
	for _, e := range s.Entries {
		if c.plain(e) {
			for _, f := range e.Functions {
				push(f)
			}
		}
	}
	calls := map[effect.Function][]int32{}
	for _, f := range s.World.Files {
		file := c.p.Values.FileOf(f)
		terms := c.p.Values.IR(file)
		for i := range terms.Calls {
			fn := effect.Function{File: file, Func: terms.Calls[i].In}
			calls[fn] = append(calls[fn], int32(i))
		}
	}
	for len(work) > 0 {
		f := work[0]
		work = work[1:]
		for _, call := range calls[f] {
			c.p.Values.Callees(f.File, call, func(callee solve.Callee) {
				if d := c.p.Values.Atom(callee.Atom); d.Kind == solve.Function && !callee.Indirect {
					push(effect.Function{File: d.File, Func: d.Func})
				}
			})
		}
	}
	return seen
}

// plain reports whether the functions of an entry are called as they are for each message: the
// frames of logins and of HTTP servers catch what theirs raise.
func (c *checker) plain(e *effect.Entry) bool {
	if e.Kind == effect.Init {
		return false
	}
	site := e.Registered
	calls := c.p.Values.IR(site.File).Calls
	if int(site.Call) >= len(calls) {
		return false
	}
	for _, a := range c.p.Values.Values(site.File, calls[site.Call].Callee) {
		if api := c.p.Values.Atom(a).Entry; api != nil {
			switch api.Path {
			case "skynet.dispatch", "skynet.register_protocol":
				return e.Kind == effect.Dispatch
			case "snax.gateserver.start":
				return e.Protocol == "socket"
			}
		}
	}
	return false
}

// fields returns which parameters of an entry's function are fields of the message.
func (c *checker) fields(e *effect.Entry, f effect.Function) []bool {
	n := c.p.Values.Parameters(f.File, f.Func)
	fields := make([]bool, n)
	for i := range fields {
		switch {
		case e.Protocol == "socket":
			fields[i] = true
		case e.Kind == effect.Dispatch: // function(session, source, command, ...)
			fields[i] = i >= 2
		default:
			fields[i] = i >= e.First && e.First >= 0 && i != e.Source
		}
	}
	return fields
}

// message is one kind of message, followed through the functions that handle it.
type message struct {
	*checker
	s      *effect.Service
	e      *effect.Entry
	remote bool
	seen   map[effect.Function]bool
	f      effect.Function
	fields []bool
}

// maxDepth is how many calls are followed.
const maxDepth = 3

// function looks at a function some of whose parameters are fields of the message.
func (m *message) function(f effect.Function, fields []bool, depth int) {
	if m.seen[f] {
		return
	}
	m.seen[f] = true
	outerF, outerFields := m.f, m.fields
	m.f, m.fields = f, fields
	defer func() { m.f, m.fields = outerF, outerFields }()
	terms := m.p.Values.IR(f.File)
	for i := range terms.Calls {
		if terms.Calls[i].In == f.Func {
			m.call(int32(i), depth)
		}
	}
	t := terms.Info.Tree
	if m.remote {
		for v := range terms.Info.Vars {
			m.variable(scope.Var(v))
		}
	}
	for i := range terms.Stores {
		st := &terms.Stores[i]
		if st.In == f.Func && t.Kind(st.Node) == syntax.Index {
			m.store(st)
		}
	}
}

// call looks at one call in the function.
func (m *message) call(call int32, depth int) {
	terms := m.p.Values.IR(m.f.File)
	d := &terms.Calls[call]
	t := terms.Info.Tree
	var target *solve.AtomData
	var api *models.Entry
	n := 0
	m.p.Values.Callees(m.f.File, call, func(callee solve.Callee) {
		if callee.Indirect {
			return
		}
		a := m.p.Values.Atom(callee.Atom)
		if a.Kind == solve.Function && !m.s.Has(a.File) {
			return
		}
		n++
		target, api = a, a.Entry
	})
	if n != 1 {
		return
	}
	if target.Kind == solve.Function {
		if depth < maxDepth && !d.Method {
			m.follow(effect.Function{File: target.File, Func: target.Func}, d, depth)
		}
		return
	}
	if api == nil || t.Kind(d.Node) == syntax.Invalid {
		return
	}
	switch {
	case api.Path != "assert" && api.Path != "error":
		m.decode(d, api)
	case depth > 0 && !m.remote: // what functions ask of their callers is not about the message
	case api.Path == "assert":
		m.assert(d)
	default:
		m.raise(d)
	}
}

// follow goes on into a function that the handler calls.
func (m *message) follow(f effect.Function, d *ir.Call, depth int) {
	fields := make([]bool, m.p.Values.Parameters(f.File, f.Func))
	any := false
	for i, a := range d.Args.Terms {
		if i < len(fields) && m.isField(a) {
			fields[i], any = true, true
		}
	}
	if any {
		m.function(f, fields, depth+1)
	}
}

// isField reports whether a term is a field of the message.
func (m *message) isField(term ir.Term) bool {
	terms := m.p.Values.IR(m.f.File)
	if term == ir.None {
		return false
	}
	switch d := terms.Term(term); d.Kind {
	case ir.Parameter:
		return d.A == int32(m.f.Func) && int(d.B) < len(m.fields) && m.fields[d.B]
	case ir.Extra:
		return d.A == int32(m.f.Func) && m.e.Kind == effect.Dispatch
	case ir.Variable: // a parameter that changes
		v := terms.Info.Var(scope.Var(d.A))
		return v.Kind == scope.Param && v.Func == m.f.Func && m.fields[m.index(v)]
	}
	return false
}

// index returns which parameter a variable is.
func (m *message) index(v *scope.Variable) int {
	t := m.p.Values.IR(m.f.File).Info.Tree
	fn := m.p.Values.IR(m.f.File).Info.Funcs[m.f.Func].Node
	params, _ := t.Function(fn)
	i := slices.Index(params, v.Decl)
	if t.HasSelf(fn) {
		i++
	}
	return max(i, 0)
}

// mentions reports whether an expression is made of a field of the message.
func (m *message) mentions(n syntax.Node) bool {
	terms := m.p.Values.IR(m.f.File)
	t := terms.Info.Tree
	switch t.Kind(n) {
	case syntax.Function:
		return false
	case syntax.Name, syntax.Vararg:
		return m.derived(terms.Of(n), 0)
	}
	for c := range t.Children(n) {
		if m.mentions(c) {
			return true
		}
	}
	return false
}

// derived reports whether a value is a field of the message, or was found or made by one.
func (m *message) derived(term ir.Term, depth int) bool {
	if term == ir.None || depth > 4 {
		return false
	}
	terms := m.p.Values.IR(m.f.File)
	d := terms.Term(term)
	switch d.Kind {
	case ir.Load:
		return m.derived(ir.Term(d.A), depth+1) || m.derived(ir.Term(d.B), depth+1)
	case ir.Join:
		return m.derived(ir.Term(d.A), depth+1) || m.derived(ir.Term(d.B), depth+1)
	}
	return m.isField(term)
}

// looksUp reports whether an expression is the command looked up, or another function to call:
// whether it is there is for another rule.
func (m *message) looksUp(n syntax.Node) bool {
	terms := m.p.Values.IR(m.f.File)
	t := terms.Info.Tree
	switch t.Kind(n) {
	case syntax.Name, syntax.Index:
		term := terms.Of(n)
		if terms.Term(term).Kind == ir.Load {
			for i := range terms.Calls {
				if terms.Calls[i].Callee == term && terms.Calls[i].Node != n {
					return true
				}
			}
		}
		for _, l := range m.s.Lookups {
			if l.File == m.f.File && l.Term == term {
				return true
			}
		}
	}
	for c := range t.Children(n) {
		if m.looksUp(c) {
			return true
		}
	}
	return false
}

// assert looks at assert(condition) on a field of the message.
func (m *message) assert(d *ir.Call) {
	t := m.p.Values.IR(m.f.File).Info.Tree
	_, args := t.Call(d.Node)
	if len(args) == 0 || !m.mentions(args[0]) || m.looksUp(args[0]) {
		return
	}
	switch t.Kind(t.Unparen(args[0])) {
	case syntax.Call, syntax.MethodCall:
		return // what failed there is for others to say
	case syntax.Name:
		if (!m.remote || m.e.Protocol == "socket") && m.isField(m.p.Values.IR(m.f.File).Of(args[0])) {
			return // the program's own services leave nothing out
		}
	}
	m.report(d.Node, "assert", fmt.Sprintf("'%s' is asserted over a message, and its sender never learns that it does not hold", t.Text(args[0])))
}

// raise looks at error(...) that a field of the message leads to.
func (m *message) raise(d *ir.Call) {
	t := m.p.Values.IR(m.f.File).Info.Tree
	about := m.mentions(d.Node)
	for n := t.Parent(d.Node); !about && n != syntax.None && t.Kind(n) != syntax.Function; n = t.Parent(n) {
		if t.Kind(n) != syntax.IfStat {
			continue
		}
		for _, clause := range t.Clauses(n) {
			if cond, _ := t.Clause(clause); cond != syntax.None && t.Start(cond) < t.Start(d.Node) {
				about = about || m.mentions(cond)
			}
		}
	}
	for n := t.Parent(d.Node); about && n != syntax.None && t.Kind(n) != syntax.Function; n = t.Parent(n) {
		if t.Kind(n) == syntax.IfStat {
			for _, clause := range t.Clauses(n) {
				if cond, _ := t.Clause(clause); cond != syntax.None && m.looksUp(cond) {
					return
				}
			}
		}
	}
	if about {
		m.report(d.Node, "error", "this error is raised over a message whose sender never learns of it")
	}
}

// decode looks at a call of an API that raises if what a peer sent is malformed.
func (m *message) decode(d *ir.Call, api *models.Entry) {
	if api.Raises == "" || api.WaitsFor != models.WaitNone || api.Replies != models.ReplyNone || api.Capabilities != 0 {
		return
	}
	for i := range api.Args {
		switch api.Args[i].Role {
		case models.RoleAddress, models.RolePattern, models.RoleFormat:
			return // it raises over that
		}
	}
	terms := m.p.Values.IR(m.f.File)
	first := 0
	if d.Method {
		first = 1
	}
	for i, a := range d.Args.Terms {
		arg, ok := api.Arg(i - first)
		if i < first || !ok || arg.Role != models.RoleMessage && arg.Role != models.RoleText {
			continue
		}
		if m.remote && m.isField(a) || m.received(a, 0) {
			m.report(d.Node, api.Path, fmt.Sprintf("%s raises if what a peer sent is malformed, and nothing catches it", callee(terms.Info.Tree, d.Node)))
			return
		}
	}
}

// callee returns how a call names what it calls.
func callee(t *syntax.Tree, n syntax.Node) string {
	if t.Kind(n) == syntax.MethodCall {
		receiver, name, _ := t.MethodCall(n)
		return t.Text(receiver) + ":" + t.Str(name)
	}
	f, _ := t.Call(n)
	return t.Text(f)
}

// received reports whether a value comes from the network.
func (m *message) received(term ir.Term, depth int) bool {
	terms := m.p.Values.IR(m.f.File)
	d := terms.Term(term)
	if d.Kind != ir.Result || depth > 3 {
		return false
	}
	found := false
	m.p.Values.Callees(m.f.File, d.A, func(callee solve.Callee) {
		a := m.p.Values.Atom(callee.Atom)
		if callee.Indirect || a.Kind == solve.Function || a.Entry == nil {
			return
		}
		switch {
		case a.Entry.Source == models.SourceNetwork:
			found = true
		case a.Entry.Flags.Has(models.Pure):
			for _, arg := range terms.Calls[d.A].Args.Terms {
				found = found || m.received(arg, depth+1)
			}
		}
	})
	return found
}

// variable looks at a parameter that a peer chooses, or a local variable that is found or unpacked
// by one, which is used as if it could be nothing else than the right thing.
func (m *message) variable(v scope.Var) {
	terms := m.p.Values.IR(m.f.File)
	info := terms.Info
	d := info.Var(v)
	if v == scope.NoVar || d.Func != m.f.Func {
		return
	}
	what := "chosen by a peer"
	value := true // arithmetic and concatenation count
	loose := d.Writes == 0
	switch {
	case d.Kind == scope.Param && m.fields[m.index(d)]:
		// "cmd = cmd:upper()" uses it first
		if m.e.Protocol == "socket" || m.known(m.index(d)) {
			return // the frame of a gate gives numbers and texts
		}
		value = m.e.Kind != effect.Dispatch || m.index(d) != 2 || m.e.Protocol != "lua" // a command that is found is a text
	case d.Kind == scope.Local && d.Writes == 0 && d.Init != syntax.None:
		init := terms.Term(terms.Of(d.Init))
		switch {
		case m.unpacked(init):
		case init.Kind == ir.Load && m.isField(ir.Term(init.B)) && d.Result == 0 && !m.looksUp(d.Init):
			what, value = "looked up by what a peer sends", false
		default:
			return
		}
	default:
		return
	}
	if use := m.strictUse(v, value, loose); use != syntax.None {
		m.report(use, d.Name, fmt.Sprintf("'%s' is %s and used here without a check", d.Name, what))
	}
}

// known reports whether services of the program are known to send a table as a field.
func (m *message) known(i int) bool {
	for _, a := range m.p.Values.Parameter(m.f.File, m.f.Func, i) {
		if k := m.p.Values.Atom(a).Kind; k == solve.Table || k == solve.Object {
			return true
		}
	}
	return false
}

// unpacked reports whether a term is what a packed message of a peer holds.
func (m *message) unpacked(d *ir.TermData) bool {
	if d.Kind != ir.Result {
		return false
	}
	terms := m.p.Values.IR(m.f.File)
	found := false
	m.p.Values.Callees(m.f.File, d.A, func(callee solve.Callee) {
		a := m.p.Values.Atom(callee.Atom)
		if callee.Indirect || a.Entry == nil || len(a.Entry.Args) == 0 || a.Entry.Args[0].Role != models.RoleMessage {
			return
		}
		args := terms.Calls[d.A].Args.Terms
		found = a.Entry.Source == models.SourceMessage && len(args) > 0 && m.isField(args[0])
	})
	return found
}

// strictUse returns the first use of a variable that fails if it is nil or of a wrong type; None
// if it is tested anywhere.
func (m *message) strictUse(v scope.Var, value, constant bool) syntax.Node {
	terms := m.p.Values.IR(m.f.File)
	info := terms.Info
	t := info.Tree
	first := syntax.None
	for n := range t.Nodes(syntax.Name) {
		if info.VarOf(n) != v || t.IsTarget(n) {
			continue
		}
		if info.FuncOf(n) != info.Var(v).Func {
			continue
		}
		switch use, tested := m.use(t, n, value); {
		case tested && (constant || first == syntax.None):
			return syntax.None
		case use != syntax.None && first == syntax.None:
			first = use
		}
		if !constant && first != syntax.None {
			return first // what it is behind its change is not known
		}
	}
	return first
}

// use says how a name is used: by something that fails if it is nil, or by a test.
func (m *message) use(t *syntax.Tree, n syntax.Node, value bool) (strict syntax.Node, tested bool) {
	parent := t.Parent(n)
	switch t.Kind(parent) {
	case syntax.Index:
		if object, _ := t.Index(parent); object == n {
			return parent, false
		}
	case syntax.MethodCall:
		if receiver, name, _ := t.MethodCall(parent); receiver == n {
			if table := m.p.Values.Program().Models.Table("string"); m.e.Protocol != "lua" && table != nil && table.Member(t.Str(name)) != nil {
				return syntax.None, false // packets are strings
			}
			return parent, false
		}
	case syntax.Call:
		f, _ := t.Call(parent)
		switch m.p.Values.IR(m.f.File).API.Ref(f).Path() {
		case "type", "assert", "tonumber", "tostring", "math.type":
			return syntax.None, true
		}
	case syntax.Binary:
		op, _, _ := t.Binary(parent)
		switch {
		case op == syntax.And || op == syntax.Or || op >= syntax.Lt && op <= syntax.Eq:
			return syntax.None, true
		case value:
			return parent, false
		}
	case syntax.Unary:
		switch op, _ := t.Unary(parent); op {
		case syntax.Not:
			return syntax.None, true
		default:
			if value {
				return parent, false
			}
		}
	case syntax.Clause, syntax.WhileStat, syntax.RepeatStat:
		return syntax.None, true
	case syntax.Paren:
		return m.use(t, parent, value)
	}
	return syntax.None, false
}

// store looks at T[k] = v where k is made by tonumber of a field and may be nil.
func (m *message) store(st *ir.Store) {
	terms := m.p.Values.IR(m.f.File)
	t := terms.Info.Tree
	_, key := t.Index(st.Node)
	if t.Kind(key) != syntax.Name {
		return
	}
	v := terms.Info.VarOf(key)
	d := terms.Term(st.Key)
	if v == scope.NoVar || d.Kind != ir.Result || d.B != 0 || !terms.Info.Var(v).Constant() {
		return
	}
	call := &terms.Calls[d.A]
	if call.Method || t.Kind(call.Node) != syntax.Call || len(call.Args.Terms) == 0 {
		return
	}
	f, _ := t.Call(call.Node)
	if terms.API.Ref(f).Path() != "tonumber" || !m.textOf(call.Args.Terms[0], 0) {
		return
	}
	for n := range t.Nodes(syntax.Name) {
		if terms.Info.VarOf(n) != v {
			continue
		}
		if _, tested := m.use(t, n, true); tested {
			return
		}
	}
	m.report(st.Node, t.Name(key), fmt.Sprintf("'%s' is nil if the message holds no number, and a table cannot be written at nil", t.Name(key)))
}

// textOf reports whether a value is a field of the message or a part of one.
func (m *message) textOf(term ir.Term, depth int) bool {
	if m.isField(term) {
		return true
	}
	terms := m.p.Values.IR(m.f.File)
	d := terms.Term(term)
	if d.Kind != ir.Result || depth > 3 {
		return false
	}
	args := terms.Calls[d.A].Args.Terms
	api := false
	m.p.Values.Callees(m.f.File, d.A, func(callee solve.Callee) {
		a := m.p.Values.Atom(callee.Atom)
		api = api || a.Entry != nil && a.Entry.Flags.Has(models.Pure)
	})
	return api && len(args) > 0 && m.textOf(args[0], depth+1)
}

// unpacks looks at the function that unpacks the packets of a peer before the handler runs.
func (c *checker) unpacks(s *effect.Service, e *effect.Entry) {
	site := e.Registered
	call := &c.p.Values.IR(site.File).Calls[site.Call]
	m := &message{checker: c, s: s, e: e, remote: true, seen: map[effect.Function]bool{}}
	for _, t := range c.p.Values.Argument(site.File, site.Call, 0) {
		c.p.Values.Fields(t, func(name string, values []solve.Atom) {
			if name != "unpack" {
				return
			}
			for _, v := range values {
				switch d := c.p.Values.Atom(v); {
				case d.Kind == solve.Function && s.Has(d.File):
					fields := make([]bool, c.p.Values.Parameters(d.File, d.Func))
					for i := range fields {
						fields[i] = true
					}
					m.function(effect.Function{File: d.File, Func: d.Func}, fields, 0)
				case d.Kind == solve.API && d.Entry.Raises != "" && d.Entry.Source == models.SourceNetwork:
					m.f = effect.Function{File: site.File, Func: call.In}
					if n := c.field(site.File, call.Node, "unpack"); n != syntax.None {
						m.report(n, d.Entry.Path, fmt.Sprintf("%s raises if what a peer sent is malformed, and nothing catches it", d.Entry.Path))
					}
				}
			}
		})
	}
}

// field returns the value of a field of the table that a call is given in the text, or None.
func (c *checker) field(file int32, call syntax.Node, name string) syntax.Node {
	t := c.p.Values.IR(file).Info.Tree
	if t.Kind(call) != syntax.Call {
		return syntax.None
	}
	_, args := t.Call(call)
	if len(args) != 1 || t.Kind(args[0]) != syntax.Table {
		return syntax.None
	}
	for _, f := range t.Fields(args[0]) {
		if k, v := t.Field(f); k != syntax.None && t.Kind(k) == syntax.String && t.Str(k) == name {
			return v
		}
	}
	return syntax.None
}

func (m *message) report(at syntax.Node, key, text string) {
	k := place{m.f.File, at}
	if m.found.In(m.s.Name, k) {
		return
	}
	f := m.p.Values.Program().Files[m.f.File]
	d := &rules.Diagnostic{
		Rule: rules.UnprotectedHandler, Location: f.At(at), Key: key, Message: text,
		Label:    "what is behind this is not done, and the log is all that says so",
		Help:     []string{"check what was sent and drop it with a line in the log, or run the handler under pcall and tidy up"},
		Services: []string{m.s.Name},
	}
	for _, sent := range m.p.Senders(m.e) {
		if sent.Kind == effect.Send {
			d.Related = append(d.Related, rules.Related{Location: m.p.At(sent.Site), Message: "such a message is sent here, and no reply awaited"})
			break
		}
	}
	m.found.Add(k, d)
}
