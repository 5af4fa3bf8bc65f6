// Package environmentwrite finds writes to the global table by its name (SKY102): _G.x = 1,
// rawset(_G, "x", 1), an assignment to _ENV, setfenv on the running function.
package environmentwrite

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each name once for a file, and each write with a computed name.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.EnvironmentWrite}, File: run}

func run(p *analyzers.FilePass) {
	if p.Roles.Has(project.Preload) || p.IsData() {
		return
	}
	seen := map[string]bool{}
	named := func(name string, n syntax.Node) {
		if seen[name] || p.MayWrite(name) {
			return
		}
		seen[name] = true
		p.Report(rules.Diagnostic{
			Rule: rules.EnvironmentWrite, Location: p.At(n), Key: name,
			Message: fmt.Sprintf("the global variable '%s' is written through the global table", name),
			Label:   "creates or changes a global of the whole service",
			Help:    []string{"keep it in a local of a module and return it from there, or list it under 'globals' in sky.toml"},
		})
	}
	computed := func(n syntax.Node, how string) {
		p.Report(rules.Diagnostic{
			Rule: rules.EnvironmentWrite, Location: p.At(n), Key: "computed",
			Message: "a global variable with a computed name is written " + how,
			Label:   "which global this is shows only when it runs",
			Help:    []string{"use a table of your own with such keys"},
		})
	}
	for i := range p.Scope.Globals {
		g := &p.Scope.Globals[i]
		if g.Access != scope.Write {
			continue
		}
		switch {
		case g.Field && !p.WritesNil(g):
			named(g.Name, g.Node)
		case g.Name == "_ENV" && p.Dialect != syntax.Lua51 && p.Dialect != syntax.LuaJIT:
			p.Report(rules.Diagnostic{
				Rule: rules.EnvironmentWrite, Location: p.At(g.Node), Key: "_ENV",
				Message: "the environment of the chunk is replaced by an assignment to _ENV",
				Label:   "all global names mean something else from here on",
				Help:    []string{"declare it, so that its scope can be seen: local _ENV = ..."},
			})
		}
	}
	for i := range p.FieldWrites {
		w := &p.FieldWrites[i]
		ref := p.API.Ref(w.Object)
		if ref != (alias.Ref{Member: "_G"}) && ref != (alias.Ref{Member: "_ENV"}) {
			continue
		}
		if p.Tree.Kind(w.Key) != syntax.String {
			if !p.API.IsConstant(w.Key) {
				computed(w.Target, "through the global table")
			}
		} else if (p.Tree.Kind(w.Object) != syntax.Name || p.Scope.VarOf(w.Object) != scope.NoVar) && !isNil(p, w.Value) {
			named(p.Tree.Str(w.Key), w.Target) // through a local name of _G
		}
	}
	for i := range p.API.Calls {
		c := &p.API.Calls[i]
		if c.Module != "" || len(c.Args) == 0 {
			continue
		}
		switch c.Member {
		case "rawset":
			if ref := p.API.Ref(c.Args[0]); ref == (alias.Ref{Member: "_G"}) || ref == (alias.Ref{Member: "_ENV"}) {
				switch {
				case len(c.Args) < 2 || p.Tree.Kind(c.Args[1]) != syntax.String:
					computed(c.Node, "by rawset")
				case len(c.Args) < 3 || !isNil(p, c.Args[2]):
					named(p.Tree.Str(c.Args[1]), c.Node)
				}
			}
		case "setfenv":
			if p.Tree.Kind(c.Args[0]) == syntax.Number {
				p.Report(rules.Diagnostic{
					Rule: rules.EnvironmentWrite, Location: p.At(c.Node), Key: "setfenv",
					Message: "the environment of the running function is replaced by setfenv",
					Label:   "its global names mean something else from here on",
					Help:    []string{"give the other environment to code that is loaded: setfenv(chunk, env)"},
				})
			}
		}
	}
}

// isNil reports whether a value is the literal nil, which makes no variable.
func isNil(p *analyzers.FilePass, n syntax.Node) bool {
	return p.Tree.Kind(p.Tree.Unparen(n)) == syntax.Nil
}
