package missingstart

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// endless returns the loop that a start function of a service never leaves, and its file; None if
// there is none. It is asked for little: "while true" among the statements of a function that the
// main file gives to skynet.start, with nothing in it that could leave it.
func endless(p *analyzers.SystemPass, s *effect.Service) (*program.File, syntax.Node) {
	f := p.Values.Program().File(s.Main)
	if f == nil || len(f.Tree.Errors) > 0 {
		return nil, syntax.None
	}
	for i := range f.API.Calls {
		c := &f.API.Calls[i]
		if c.Path() != "skynet.start" && c.Path() != "skynet.manager.start" || len(c.Args) == 0 || f.Scope.FuncOf(c.Node) != scope.Main {
			continue
		}
		t := f.Tree
		fn := f.API.Origin(c.Args[0])
		if t.Kind(fn) == syntax.Name {
			v := f.Scope.VarOf(fn)
			if v == scope.NoVar || f.Scope.Var(v).Kind != scope.LocalFunction || !f.Scope.Var(v).Constant() {
				continue
			}
			_, fn = t.LocalFunction(t.Parent(f.Scope.Var(v).Decl))
		}
		if t.Kind(fn) != syntax.Function {
			continue
		}
		_, body := t.Function(fn)
		for _, stat := range t.Statements(body) {
			if t.Kind(stat) != syntax.WhileStat {
				continue
			}
			cond, block := t.While(stat)
			if t.Kind(t.Unparen(cond)) == syntax.True && !leaves(f, block) {
				return f, stat
			}
		}
	}
	return nil, syntax.None
}

// leaves reports whether something in a block may leave the loop around it, or end the service.
func leaves(f *program.File, block syntax.Node) bool {
	t := f.Tree
	for n := range t.Nodes(syntax.BreakStat, syntax.ReturnStat, syntax.GotoStat, syntax.Call) {
		if !t.Within(n, block) {
			continue
		}
		if t.Kind(n) != syntax.Call {
			return true
		}
		callee, _ := t.Call(n)
		switch f.API.Ref(callee).Path() {
		case "skynet.exit", "skynet.abort", "skynet.manager.exit", "skynet.manager.abort", "os.exit", "error", "assert":
			return true
		}
	}
	return false
}

// reportLoop reports a service whose start does not end.
func reportLoop(p *analyzers.SystemPass, s *effect.Service, m *effect.Message, f *program.File, loop syntax.Node, reported map[*project.File]bool) {
	reported[s.Main] = true
	from := p.Values.Program().Files[m.Site.File]
	span := f.Tree.Span(loop)
	line := f.Line(span.Start)
	p.Report(rules.Diagnostic{
		Rule: rules.MissingStart, Location: f.AtSpan(span.Start, min(span.End, f.LineStart(line)+uint32(len(f.LineText(line))))), Key: "while true",
		Message:  fmt.Sprintf("the service '%s' is launched, and its start function never returns", s.Name),
		Label:    "this loop does not end",
		Help:     []string{"give the loop to skynet.fork"},
		Related:  []rules.Related{{Location: from.AtCallee(p.Values.IR(m.Site.File).Calls[m.Site.Call].Node), Message: "who launches it waits here for ever"}},
		Services: []string{s.Name},
	})
}
