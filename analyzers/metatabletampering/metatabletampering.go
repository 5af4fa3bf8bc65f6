// Package metatabletampering finds changes of the metatables that all code of a service
// shares (SKY602): of strings and other basic types, of the global table, of libraries.
package metatabletampering

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call and each assignment.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.MetatableTampering}, File: run}

func run(p *analyzers.FilePass) {
	if program.ImplementsModel(p.File.File, p.Program.Models) {
		return // the API's own source
	}
	for i := range p.API.Calls {
		c := &p.API.Calls[i]
		switch {
		case c.Ref == (alias.Ref{Member: "setmetatable"}) && len(c.Args) == 2:
			what, ok := shared(p, c.Args[0])
			if !ok || what == "_G" && (p.Roles.Has(project.Preload) || guards(p, c.Args[1])) {
				continue
			}
			report(p, c.Node, fmt.Sprintf("the metatable of '%s' is replaced", what), "every file of the service sees this change")
		case c.Ref == (alias.Ref{Module: "debug", Member: "setmetatable"}):
			report(p, c.Node, "debug.setmetatable changes a metatable past its protection", "a basic type has one metatable for all its values")
		}
	}
	for i := range p.FieldWrites {
		target, object := p.FieldWrites[i].Target, p.FieldWrites[i].Object
		if p.Tree.Kind(object) == syntax.Index { // getmetatable("").__index.trim = ...
			object, _ = p.Tree.Index(object)
		}
		if isStringMetatable(p, object) {
			report(p, target, "the metatable of all strings is changed", "every string of the service behaves otherwise from here on")
		}
	}
}

func report(p *analyzers.FilePass, n syntax.Node, message, label string) {
	p.Report(rules.Diagnostic{
		Rule: rules.MetatableTampering, Location: p.At(n), Message: message, Label: label,
		Help: []string{"write a function of your own, or a table with a metatable of its own"},
	})
}

// shared returns the name of the shared table that an expression names.
func shared(p *analyzers.FilePass, n syntax.Node) (string, bool) {
	ref := p.API.Ref(n)
	if !ref.Known() {
		return "", false
	}
	if ref.Module == "" {
		e := p.Program.Models.Global(ref.Member)
		return ref.Member, e != nil && e.Kind == models.KindTable
	}
	if ref.Member == "" && p.Program.Models.Table(ref.Module) != nil {
		return ref.Module, true
	}
	return "", false
}

// guards recognises a metatable for the global table whose functions raise: what projects use
// to find undeclared globals.
func guards(p *analyzers.FilePass, n syntax.Node) bool {
	if table := p.API.Origin(n); p.Tree.Kind(table) == syntax.Table && raises(p, table) {
		return true
	}
	// Its functions may be set field by field: mt.__newindex = function ... end.
	v := p.Scope.VarOf(p.Tree.Unparen(n))
	if v == scope.NoVar {
		return false
	}
	for i := range p.FieldWrites {
		w := &p.FieldWrites[i]
		if p.Scope.VarOf(p.Tree.Unparen(w.Object)) == v && p.Tree.Kind(w.Value) == syntax.Function && raises(p, w.Value) {
			return true
		}
	}
	return false
}

// raises reports whether there is a call of error or assert in a part of the file.
func raises(p *analyzers.FilePass, n syntax.Node) bool {
	for i := range p.API.Calls {
		c := &p.API.Calls[i]
		if c.Module == "" && (c.Member == "error" || c.Member == "assert") && p.Tree.Within(c.Node, n) {
			return true
		}
	}
	return false
}

// isStringMetatable reports whether an expression is getmetatable of a string.
func isStringMetatable(p *analyzers.FilePass, n syntax.Node) bool {
	call := p.API.Origin(n)
	if p.Tree.Kind(call) != syntax.Call {
		return false
	}
	callee, args := p.Tree.Call(call)
	ref := p.API.Ref(callee)
	if ref != (alias.Ref{Member: "getmetatable"}) && ref != (alias.Ref{Module: "debug", Member: "getmetatable"}) || len(args) != 1 {
		return false
	}
	return p.Tree.Kind(p.API.Origin(args[0])) == syntax.String
}
