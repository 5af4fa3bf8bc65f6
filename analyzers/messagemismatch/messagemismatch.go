// Package messagemismatch finds messages that lack a value which their handler surely needs, and
// results of messages that bring no reply (SKY308).
package messagemismatch

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each message once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.MessageMismatch}, System: run}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, needs: map[effect.Function][]need{}, reported: map[effect.Site]bool{}, seen: map[effect.Site]bool{}}
	for _, s := range p.Services {
		for _, e := range s.Entries {
			messages := p.Messages(s, e)
			for i := range messages {
				m := &messages[i]
				c.values(m)
				c.result(m)
			}
		}
	}
}

type checker struct {
	p        *analyzers.SystemPass
	needs    map[effect.Function][]need
	reported map[effect.Site]bool
	seen     map[effect.Site]bool // see result
}

// A need is a parameter that its function uses, before anything else can happen, in a way that
// raises if it is nil.
type need struct {
	param int
	use   syntax.Node
}

// values looks for a value that the handler of a message needs and the message does not have.
func (c *checker) values(m *effect.Message) {
	if m.Kind != effect.Call && m.Kind != effect.Send || m.Target == nil || m.Target.Kind != effect.Command || m.Target.Loose ||
		len(m.Target.Functions) != 1 || m.Implied || m.Vague || !m.Certain || m.AnyCommand() || m.Protocol != "lua" && m.Protocol != "snax" {
		return
	}
	fn := m.Target.Functions[0]
	known, ok := c.needs[fn]
	if !ok {
		known = c.needed(fn)
		c.needs[fn] = known
	}
	for _, n := range known {
		if i := n.param - m.Target.First; i >= 0 && c.p.Lacks(m, i) && c.p.IsWhole(m) && !c.p.IsGuarded(m.Raw) {
			c.lacks(m, fn, n)
			return
		}
	}
}

func (c *checker) lacks(m *effect.Message, fn effect.Function, n need) {
	if c.reported[m.Site] {
		return
	}
	c.reported[m.Site] = true
	f := c.p.Values.Program().Files[fn.File]
	params, _ := f.Tree.Function(f.Scope.Funcs[fn.Func].Node)
	i := n.param
	if f.Tree.HasSelf(f.Scope.Funcs[fn.Func].Node) {
		i--
	}
	name := f.Tree.Name(params[i])
	d := rules.Diagnostic{
		Rule: rules.MessageMismatch, Location: c.p.At(m.Site), Key: m.To.Name + "." + m.Command + " " + name, Services: []string{m.From.Name},
		Message: fmt.Sprintf("'%s' of '%s' needs '%s', which this message does not have", m.Command, m.To.Name, name),
		Label:   "the handler raises, and so does this",
		Help:    []string{fmt.Sprintf("give '%s', or let the handler do without", name)},
		Related: []rules.Related{{Location: f.At(n.use), Message: "it is used here, whatever it is"}},
	}
	if m.Kind == effect.Send {
		d.Label = "the handler raises, and nobody learns of it"
	}
	c.p.Report(d)
}

// result looks for a use of what a message returns that brings no reply.
func (c *checker) result(m *effect.Message) {
	if m.Kind != effect.Send || m.Implied || m.API == nil || c.seen[m.Raw] {
		return
	}
	c.seen[m.Raw] = true
	terms := c.p.Values.IR(m.Raw.File)
	f := c.p.Values.Program().Files[m.Raw.File]
	if f.Tree.Kind(f.Tree.Parent(terms.Calls[m.Raw.Call].Node)) == syntax.CallStat || c.reported[m.Raw] || !c.isPlain(m) {
		return
	}
	for n := range f.Tree.Nodes(syntax.Name, syntax.Call, syntax.MethodCall) {
		d := terms.Term(terms.Of(n))
		if d.Kind != ir.Result || d.A != m.Raw.Call {
			continue
		}
		use, why := c.misuse(f.Tree, n, d.B)
		if use == syntax.None {
			continue
		}
		c.reported[m.Raw] = true
		name := "this message"
		if m.Command != "" {
			name = "'" + m.Command + "'"
		}
		c.p.Report(rules.Diagnostic{
			Rule: rules.MessageMismatch, Location: f.At(use), Key: strings.TrimSpace(f.Tree.Text(n)), Services: []string{m.From.Name},
			Message: fmt.Sprintf("%s is sent, and %s", name, why),
			Label:   "a message that is sent brings no reply",
			Help:    []string{"use a call to get what the handler returns"},
			Related: []rules.Related{{Location: c.p.At(m.Raw), Message: "it is sent here"}},
		})
		return
	}
}

// isPlain reports whether the API's function itself stands at a call, so that its results are those
// of the call.
func (c *checker) isPlain(m *effect.Message) bool {
	terms := c.p.Values.IR(m.Raw.File)
	t := terms.Info.Tree
	n := terms.Calls[m.Raw.Call].Node
	if t.Kind(n) == syntax.MethodCall {
		return false
	}
	callee, _ := t.Call(n)
	return terms.API.Ref(callee).Path() == m.API.Path
}

// misuse returns the node that uses the result of a message as if it were a reply.
func (c *checker) misuse(t *syntax.Tree, n syntax.Node, result int32) (syntax.Node, string) {
	for t.Kind(t.Parent(n)) == syntax.Paren {
		n = t.Parent(n)
	}
	parent := t.Parent(n)
	if result > 0 && t.Kind(n) == syntax.Name && t.Kind(parent) != syntax.LocalStat {
		return parent, "it has one result, which says whether the receiver is there"
	}
	if result > 0 {
		return syntax.None, ""
	}
	switch t.Kind(parent) {
	case syntax.Index:
		if object, _ := t.Index(parent); object == n {
			return parent, "its result is used as a table"
		}
	case syntax.MethodCall:
		if receiver, _, _ := t.MethodCall(parent); receiver == n {
			return parent, "its result is used as an object"
		}
	case syntax.Call:
		if callee, args := t.Call(parent); callee == n {
			return parent, "its result is called"
		} else if len(args) > 0 && args[0] == n && isIteration(t, callee) {
			return parent, "its result is used as a table"
		}
	case syntax.Unary:
		if op, _ := t.Unary(parent); op == syntax.Len {
			return parent, "its result is used as a table"
		}
	}
	return syntax.None, ""
}

// isIteration reports whether an expression is pairs, ipairs or next.
func isIteration(t *syntax.Tree, callee syntax.Node) bool {
	if t.Kind(callee) != syntax.Name {
		return false
	}
	switch t.Name(callee) {
	case "pairs", "ipairs", "next":
		return true
	}
	return false
}
