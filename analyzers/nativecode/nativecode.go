// Package nativecode finds the loading of machine code (SKY604).
package nativecode

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each package.loadlib, and each require of a module that gives access to
// machine code, such as LuaJIT's ffi.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.NativeCode}, File: run}

func run(p *analyzers.FilePass) {
	for i := range p.Uses {
		u := &p.Uses[i]
		if u.Module == "package" && u.Entry.Capabilities.Has(models.CanLoadNative) {
			p.Report(rules.Diagnostic{
				Rule: rules.NativeCode, Location: p.At(u.Node), Key: u.Path(),
				Message: fmt.Sprintf("%s loads machine code, which no sandbox of Lua can hold", u.Path()),
				Label:   "this code can do all that the process can",
				Help:    []string{"put the library on lua_cpath and require it, so that the node's configuration decides what may be loaded"},
			})
		}
	}
	for i := range p.API.Calls {
		c := &p.API.Calls[i]
		if c.Module != "" || c.Member != "require" || len(c.Args) != 1 || p.Tree.Kind(c.Args[0]) != syntax.String {
			continue
		}
		name := p.Tree.Str(c.Args[0])
		m := p.Program.Models.Module(name)
		if m == nil || !m.Value.Capabilities.Has(models.CanLoadNative) || !m.Value.MayBeIn(p.Dialect) && isOptional(p, c) {
			continue
		}
		p.Report(rules.Diagnostic{
			Rule: rules.NativeCode, Location: p.At(c.Node), Key: name,
			Message: fmt.Sprintf("the module '%s' calls any C function and writes any memory", name),
			Label:   "what it does is beyond the checks of Lua",
			Help:    []string{"keep it in one module that offers safe functions"},
		})
	}
}

// isOptional reports whether the file goes on without the module: the require stands in a
// branch or is protected. Where the dialect has no such module that is how a file asks whether
// it runs on a Lua that has it.
func isOptional(p *analyzers.FilePass, c *alias.Call) bool {
	if c.Protected {
		return true
	}
	for n := p.Tree.Parent(c.Node); n != syntax.None; n = p.Tree.Parent(n) {
		switch p.Tree.Kind(n) {
		case syntax.IfStat:
			return true
		case syntax.Binary:
			if op, _, right := p.Tree.Binary(n); (op == syntax.And || op == syntax.Or) && p.Tree.Within(c.Node, right) {
				return true
			}
		}
	}
	return false
}
