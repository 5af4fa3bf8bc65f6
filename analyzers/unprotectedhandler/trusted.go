package unprotectedhandler

import (
	"fmt"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// trusted looks at a parameter that services of the program send, and that is used as if it could
// be nothing else than the right thing. It is, where every message is seen to bring that. It reports
// whether it has found something: one note for a handler is enough.
func (m *message) trusted(v scope.Var) bool {
	terms := m.p.Values.IR(m.f.File)
	info := terms.Info
	d := info.Var(v)
	if v == scope.NoVar || d.Func != m.f.Func || d.Kind != scope.Param || m.e.Kind != effect.Command || m.e.Loose {
		return false
	}
	i := m.index(d)
	if !m.fields[i] || m.known(i) {
		return false
	}
	use := m.strictUse(v, true, d.Writes == 0)
	if use == syntax.None {
		return false
	}
	var open, wrong *effect.Message
	for _, sent := range m.p.Senders(m.e) {
		if sent.Kind != effect.Send || sent.API == nil || sent.API.WaitsFor != models.WaitNone || sent.Implied || !sent.Certain {
			continue
		}
		switch m.given(sent, i-m.e.First, info.Tree.Kind(use)) {
		case unfit:
			wrong = first(wrong, sent)
		case unseen:
			open = first(open, sent)
		}
	}
	switch {
	case wrong != nil:
		m.reportSent(use, d.Name, wrong, fmt.Sprintf("'%s' is used here without a check, and a message that is only sent does not bring it", d.Name), 0)
		return true
	case open != nil:
		m.reportSent(use, d.Name, open, fmt.Sprintf("'%s' is used here without a check, and comes with a message that is only sent", d.Name), rules.Note)
		return true
	}
	return false
}

func first(have, next *effect.Message) *effect.Message {
	if have != nil {
		return have
	}
	return next
}

// fitness says whether what a message brings can be used as it is.
type fitness uint8

const (
	unseen fitness = iota // it may well be nil
	fit
	unfit
)

// given says whether value i of a message can be used in the way of a node of some kind: an index
// or a method call, or else arithmetic, a concatenation or a length.
func (m *message) given(sent *effect.Message, i int, use syntax.Kind) fitness {
	if i < 0 {
		return fit
	}
	if m.p.Lacks(sent, i) {
		return unfit
	}
	file, t, ok := m.p.Given(sent, i)
	if !ok {
		return unseen
	}
	indexed := use == syntax.Index || use == syntax.MethodCall
	terms := m.p.Values.IR(file)
	switch d := terms.Term(t); d.Kind {
	case ir.Nil, ir.Boolean:
		return unfit
	case ir.Number:
		if indexed {
			return unfit
		}
		return fit
	case ir.Table:
		if !indexed && use == syntax.Binary {
			return unfit
		}
		return fit
	case ir.Parameter, ir.Extra: // it is handed on
		return unseen
	case ir.Load: // what a table has for this key
		if terms.Term(ir.Term(d.B)).Kind != ir.String {
			return unseen
		}
	case ir.Result:
		call := &terms.Calls[d.A]
		if call.Method {
			break
		}
		callee, _ := terms.Info.Tree.Call(call.Node)
		switch terms.API.Ref(callee).Path() {
		case "tonumber", "table.remove", "next", "skynet.getenv", "string.match", "os.getenv":
			return unseen
		}
	}
	return fit
}
