// Package nativecode finds the loading of machine code (SKY604).
package nativecode

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
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
		if m == nil || !m.Value.Capabilities.Has(models.CanLoadNative) {
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
