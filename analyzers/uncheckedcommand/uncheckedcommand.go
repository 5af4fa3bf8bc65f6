// Package uncheckedcommand finds commands of messages that are looked up in a table and used at
// once, without a test for those that are not there (SKY202).
package uncheckedcommand

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each lookup once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.UncheckedCommand}, System: run}

type key struct {
	file int32
	term ir.Term
}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, protected: protectedFunctions(p.System)}
	sent := sentTo(p.System)
	var found analyzers.Shared[key]
	for _, s := range p.Services {
		for _, l := range s.Lookups {
			if l.Driven {
				continue
			}
			k := key{l.File, l.Term}
			d := found.Of(k)
			if d == nil {
				use := c.unchecked(l)
				if use == syntax.None {
					continue
				}
				d = c.diagnose(l, use)
				found.Add(k, d)
			}
			found.In(s.Name, k)
			if from := sent[receiver{s, l.Protocol}]; from != nil && d.Severity != rules.Error {
				d.Severity = rules.Error
				d.Related = append(d.Related, rules.Related{Location: p.At(from.Site), Message: "messages are sent here, so nobody learns of the error"})
			}
		}
	}
	found.Report(p)
}

// receiver is a service that gets messages of a protocol.
type receiver struct {
	service  *effect.Service
	protocol string
}

// sentTo returns, for each receiver of messages that want no reply, the first of them.
func sentTo(sys *effect.System) map[receiver]*effect.Message {
	sent := map[receiver]*effect.Message{}
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			for _, m := range sys.Messages(s, e) {
				if r := (receiver{m.To, m.Protocol}); m.Kind == effect.Send && m.To != nil && sent[r] == nil {
					sent[r] = &m
				}
			}
		}
	}
	return sent
}

// protectedFunctions returns the functions that pcall or xpcall calls.
func protectedFunctions(sys *effect.System) map[effect.Function]bool {
	protected := map[effect.Function]bool{}
	for i := range sys.Values.Program().Files {
		file := int32(i)
		for c := range sys.Values.IR(file).Calls {
			guards := false
			sys.Values.Callees(file, int32(c), func(callee solve.Callee) {
				d := sys.Values.Atom(callee.Atom)
				switch {
				case d.Kind == solve.API && (d.Entry.Path == "pcall" || d.Entry.Path == "xpcall"):
					guards = true
				case guards && callee.Indirect && d.Kind == solve.Function:
					protected[effect.Function{File: d.File, Func: d.Func}] = true
				}
			})
		}
	}
	return protected
}

type checker struct {
	p         *analyzers.SystemPass
	protected map[effect.Function]bool
}

func (c *checker) file(l effect.Lookup) (*program.File, *ir.File) {
	return c.p.Values.Program().Files[l.File], c.p.Values.IR(l.File)
}

// unchecked returns the call or index that uses what was looked up without a test, or None.
func (c *checker) unchecked(l effect.Lookup) syntax.Node {
	f, terms := c.file(l)
	t := f.Tree
	d := terms.Term(l.Term)
	for _, table := range c.p.Values.Values(l.File, ir.Term(d.A)) {
		if c.p.Values.Answers(table) {
			return syntax.None // a metatable may answer for what is missing
		}
	}
	if c.isProtected(l.File, d.Node) {
		return syntax.None
	}
	n := outermost(t, d.Node)
	if use := dereference(t, n); use != syntax.None {
		return use
	}
	// local f = CMD[cmd]
	parent := t.Parent(n)
	if t.Kind(parent) != syntax.LocalStat {
		return syntax.None
	}
	decls, values := t.Local(parent)
	for i, value := range values {
		if value == n && i < len(decls) {
			return c.uncheckedVariable(l.File, f, f.Scope.VarOf(decls[i]))
		}
	}
	return syntax.None
}

// uncheckedVariable returns the first call or index of a variable that is never tested.
func (c *checker) uncheckedVariable(file int32, f *program.File, v scope.Var) syntax.Node {
	if v == scope.NoVar || !f.Scope.Var(v).Constant() {
		return syntax.None
	}
	t := f.Tree
	first := syntax.None
	for name := range t.Nodes(syntax.Name) {
		if f.Scope.VarOf(name) != v {
			continue
		}
		n := outermost(t, name)
		if use := dereference(t, n); use != syntax.None {
			if c.isProtected(file, use) {
				return syntax.None
			}
			if first == syntax.None {
				first = use
			}
			continue
		}
		if !passesOn(t, n) {
			return syntax.None // tested, compared, or kept: somebody may check it there
		}
	}
	return first
}

// outermost returns n with the parentheses around it.
func outermost(t *syntax.Tree, n syntax.Node) syntax.Node {
	for t.Kind(t.Parent(n)) == syntax.Paren {
		n = t.Parent(n)
	}
	return n
}

// dereference returns the node that fails if n is nil: a call of it, an index of it.
func dereference(t *syntax.Tree, n syntax.Node) syntax.Node {
	parent := t.Parent(n)
	switch t.Kind(parent) {
	case syntax.Call:
		if callee, _ := t.Call(parent); callee == n {
			return parent
		}
	case syntax.MethodCall:
		if receiver, _, _ := t.MethodCall(parent); receiver == n {
			return parent
		}
	case syntax.Index:
		if object, _ := t.Index(parent); object == n {
			return parent
		}
	}
	return syntax.None
}

// passesOn reports whether n is only handed to a call, such as a log.
func passesOn(t *syntax.Tree, n syntax.Node) bool {
	parent := t.Parent(n)
	if t.Kind(parent) != syntax.Call {
		return false
	}
	callee, _ := t.Call(parent)
	return t.Kind(callee) == syntax.Name && (t.Name(callee) == "print" || t.Name(callee) == "tostring" || t.Name(callee) == "type")
}

// isProtected reports whether a node stands in a function that pcall calls, or in a function
// within it that runs at once.
func (c *checker) isProtected(file int32, n syntax.Node) bool {
	info := c.p.Values.Program().Files[file].Scope
	return c.protected[effect.Function{File: file, Func: info.FuncOf(n)}]
}

func (c *checker) diagnose(l effect.Lookup, use syntax.Node) *rules.Diagnostic {
	f, terms := c.file(l)
	object, command := f.Tree.Index(terms.Term(l.Term).Node)
	table, name := f.Tree.Text(object), f.Tree.Text(command)
	d := &rules.Diagnostic{
		Rule: rules.UncheckedCommand, Severity: rules.Warning, Location: f.At(terms.Term(l.Term).Node), Key: table + "[" + name + "]",
		Message: fmt.Sprintf("'%s' comes with a message and is looked up in '%s' without a check", name, table),
		Label:   "this is nil for a name that is not there",
		Help: []string{
			fmt.Sprintf("say what is wrong: local f = assert(%s[%s], %s), or answer with an error of your own", table, name, name),
		},
	}
	if fix, ok := assertFix(f, terms.Term(l.Term).Node); ok {
		d.Fixes = []rules.Fix{fix}
	}
	if f.Tree.Line(use) != d.Line() {
		d.Related = append(d.Related, rules.Related{Location: f.At(use), Message: "and used here"})
	}
	return d
}
