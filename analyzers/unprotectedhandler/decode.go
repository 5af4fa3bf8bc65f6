package unprotectedhandler

import (
	"fmt"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

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
