// Package droppedresponse finds requests whose answer is put off and then lost (SKY208).
package droppedresponse

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call that returns the function to answer with, where nothing keeps it.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.DroppedResponse}, File: run, System: kept}

func run(p *analyzers.FilePass) {
	for i := range p.Uses {
		u := &p.Uses[i]
		if u.Entry.Replies == models.ReplyLater && dropped(p.File, u.Node) {
			p.Report(rules.Diagnostic{
				Rule: rules.DroppedResponse, Location: p.At(u.Node), Key: u.Path(),
				Message: fmt.Sprintf("what %s returns is dropped, so the request is never answered", u.Path()),
				Label:   "only this function could answer it now",
				Help:    []string{"keep the function and call it with true and the values, or answer at once with skynet.retpack"},
			})
		}
	}
}

// dropped reports whether nothing can use the value of a call.
func dropped(f *program.File, call syntax.Node) bool {
	t := f.Tree
	n := call
	for t.Kind(t.Parent(n)) == syntax.Paren {
		n = t.Parent(n)
	}
	switch parent := t.Parent(n); t.Kind(parent) {
	case syntax.CallStat:
		return true
	case syntax.LocalStat:
		decls, values := t.Local(parent)
		for i, v := range values {
			if v != n {
				continue
			}
			if i >= len(decls) {
				return true
			}
			d := f.Scope.VarOf(decls[i])
			return d != scope.NoVar && f.Scope.Var(d).Reads == 0 && f.Scope.Var(d).Attr == syntax.NoAttrib
		}
	}
	return false
}
