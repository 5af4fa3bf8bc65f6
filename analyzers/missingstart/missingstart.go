// Package missingstart finds programs that are launched as services and never start (SKY310).
package missingstart

import (
	"fmt"
	"path"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each service that is surely launched and of which nothing is left that could
// start it.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.MissingStart}, System: run}

func run(p *analyzers.SystemPass) {
	launches := map[*effect.Service]*effect.Message{}
	for _, s := range p.Services {
		for _, e := range s.Entries {
			messages := p.Messages(s, e)
			for i := range messages {
				if m := &messages[i]; m.Kind == effect.Launch && m.To != nil && m.Certain && launches[m.To] == nil {
					launches[m.To] = m
				}
			}
		}
	}
	reported := map[*project.File]bool{}
	for _, s := range p.Services {
		m := launches[s]
		if m != nil && s.Kind == project.LuaService && !reported[s.Main] {
			if f, loop := endless(p, s); loop != syntax.None {
				reportLoop(p, s, m, f, loop, reported)
			}
		}
		if m == nil || s.Kind != project.LuaService || reported[s.Main] || len(s.Opaque) > 0 || !isMeant(p.Values.Program(), s) || mayStart(p.Values.Program(), s) {
			continue
		}
		reported[s.Main] = true
		report(p, s, m)
	}
}

// isMeant reports whether it is known that a service's name means its file: a configuration says
// where services are, or it lies beside another one. Else the name may be that of a service that
// is not among the files, as those that come with skynet.
func isMeant(prog *program.Program, s *effect.Service) bool {
	for _, n := range s.Nodes {
		if !n.Implicit() {
			return true
		}
	}
	for _, f := range prog.Files {
		if f.Starts && f.Roles.Has(project.Main) && path.Dir(f.Path) == path.Dir(s.Main.Path) {
			return true
		}
	}
	return false
}

func report(p *analyzers.SystemPass, s *effect.Service, m *effect.Message) {
	f := p.Values.Program().File(s.Main)
	from := p.Values.Program().Files[m.Site.File]
	d := rules.Diagnostic{
		Rule: rules.MissingStart, Location: first(f), Key: s.Name,
		Message:  fmt.Sprintf("the service '%s' is launched, and its program never calls skynet.start", s.Name),
		Label:    "running this file starts nothing",
		Help:     []string{"call skynet.start(function() ... end) at the end of the file; what is only a module is loaded with require"},
		Related:  []rules.Related{{Location: from.AtCallee(p.Values.IR(m.Site.File).Calls[m.Site.Call].Node), Message: "who launches it waits here for ever"}},
		Services: []string{s.Name},
	}
	if f.Summary.Snax {
		d.Help = []string{"this is a snax service: launch it with snax.newservice or snax.uniqueservice"}
	}
	p.Report(d)
}

// first returns the first line of code of a file.
func first(f *program.File) rules.Location {
	at := f.Tree.Main
	if list := f.Tree.Statements(f.Tree.Main); len(list) > 0 {
		at = list[0]
	}
	span := f.Tree.Span(at)
	line := f.Line(span.Start)
	return f.AtSpan(span.Start, min(span.End, f.LineStart(line)+uint32(len(f.LineText(line)))))
}

// mayStart reports whether anything that a service loads may start it. It is asked for little:
// a start that stands in a function counts if any name of that function is used at all.
func mayStart(prog *program.Program, s *effect.Service) bool {
	if len(s.World.Files) < len(s.Files) {
		return true // a file of it could not be read
	}
	for _, f := range s.World.Files {
		if len(f.Tree.Errors) > 0 {
			return true
		}
		if f.File != s.Main && program.ImplementsModel(f.File, prog.Models) {
			continue // who calls it is what counts
		}
		if callsCore(f) {
			return true
		}
		for i := range f.Summary.Uses {
			if u := &f.Summary.Uses[i]; u.Kind == loads.Start && isUsed(s, f, u.Func, 0) {
				return true
			}
		}
		// A function of the API that is kept under another name, or passed on.
		for _, start := range starters {
			if names(f, start) {
				return true
			}
		}
	}
	return false
}

// starters are the functions that start a service besides those whose calls loads reports.
var starters = []string{"skynet.start", "skynet.manager.start", "skynet.filter", "skynet.forward_type", "skynet.init_service", "skynet.core.callback"}

// names reports whether a function of an API stands in a file otherwise than as what is called.
func names(f *program.File, path string) bool {
	t := f.Tree
	for n := range t.Nodes(syntax.Index, syntax.Name) {
		if f.API.Ref(n).Path() != path {
			continue
		}
		parent := t.Parent(n)
		if t.Kind(parent) != syntax.Call {
			return true
		}
		if callee, _ := t.Call(parent); callee != n {
			return true
		}
	}
	return false
}

// callsCore reports whether a file sets the function that gets a service's messages itself.
func callsCore(f *program.File) bool {
	for i := range f.API.Calls {
		if c := &f.API.Calls[i]; c.Is("skynet.core", "callback") || c.Is("skynet", "init_service") {
			return true
		}
	}
	return false
}

// maxDepth is how many functions around a start are looked at.
const maxDepth = 8

// isUsed reports whether a function of a file may run when a service loads it: it is its chunk, or
// has no name, or a name that stands somewhere in the service.
func isUsed(s *effect.Service, f *program.File, fn scope.Func, depth int) bool {
	if fn == scope.Main || depth == maxDepth {
		return true
	}
	name, at := nameOf(f.Tree, f.Scope.Funcs[fn].Node)
	if name == "" {
		return isUsed(s, f, f.Scope.Funcs[fn].Outer, depth+1)
	}
	for _, other := range s.World.Files {
		t := other.Tree
		for n := range t.Nodes(syntax.Name, syntax.String) {
			if (other != f || n != at) && text(t, n) == name {
				return true
			}
		}
	}
	return false
}

func text(t *syntax.Tree, n syntax.Node) string {
	if t.Kind(n) == syntax.String {
		return t.Str(n)
	}
	return t.Name(n)
}

// nameOf returns the name that a function is given where it is written, and the node of that.
func nameOf(t *syntax.Tree, fn syntax.Node) (string, syntax.Node) {
	last := func(target syntax.Node) (string, syntax.Node) {
		if t.Kind(target) == syntax.Index {
			_, target = t.Index(target)
		}
		switch t.Kind(target) {
		case syntax.Name, syntax.Decl, syntax.String:
			return text(t, target), target
		}
		return "", syntax.None
	}
	switch parent := t.Parent(fn); t.Kind(parent) {
	case syntax.FunctionStat:
		name, _, _ := t.FunctionStat(parent)
		return last(name)
	case syntax.LocalFunction:
		decl, _ := t.LocalFunction(parent)
		return last(decl)
	case syntax.LocalStat:
		if decls, values := t.Local(parent); len(decls) == 1 && len(values) == 1 {
			return last(decls[0])
		}
	case syntax.AssignStat:
		if targets, values := t.Assign(parent); len(targets) == 1 && len(values) == 1 {
			return last(targets[0])
		}
	case syntax.Field:
		if key, _ := t.Field(parent); key != syntax.None {
			return last(key)
		}
	}
	return "", syntax.None
}
