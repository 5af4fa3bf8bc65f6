package unprotectedhandler

import (
	"fmt"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

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

// raise looks at error(...): a warning if a field of the message leads to it.
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
	} else if sent := m.sent(); sent != nil {
		m.reportSent(d.Node, "error", sent, "this error is raised over a message that is sent, and its sender never learns of it", rules.Note)
	}
}
