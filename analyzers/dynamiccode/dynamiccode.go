// Package dynamiccode finds code that is put together or chosen at run time (SKY901).
package dynamiccode

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call whose code, or whose file of code, is not a constant.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.DynamicCode}, File: run}

func run(p *analyzers.FilePass) {
	for i := range p.Uses {
		u := &p.Uses[i]
		if p.DebugCommand(u.Call) == "RUN" && len(u.Args) > 3 && !p.API.IsConstant(u.Args[3]) {
			report(p, u, "source text is sent to another service to be run there", u.Args[3],
				"that service runs whatever this is", "make sure that only an authenticated operator can get here")
			continue
		}
		if !u.Entry.Capabilities.Has(models.CanLoadCode) {
			continue
		}
		for k, arg := range u.Args {
			a, ok := u.Entry.Arg(k)
			if !ok || p.API.IsConstant(arg) {
				continue
			}
			switch a.Role {
			case models.RoleCode:
				report(p, u, fmt.Sprintf("%s runs source text that is not a literal", u.Path()), arg,
					"whoever controls this text controls the service", "load code that is part of the program: require a module, or choose a function from a table")
			case models.RolePath:
				report(p, u, fmt.Sprintf("%s runs a file whose name is not a literal", u.Path()), arg,
					"whoever controls this name chooses the code", "require the module by its name, or choose the name from a fixed list")
			}
		}
	}
}

func report(p *analyzers.FilePass, u *program.Use, message string, arg syntax.Node, label, help string) {
	location := p.At(arg)
	if p.Tree.Kind(arg) == syntax.Function {
		location = p.AtCallee(u.Node)
	}
	p.Report(rules.Diagnostic{
		Rule: rules.DynamicCode, Location: location, Key: u.Path() + " " + clip(p.Tree.Text(arg)),
		Message: message, Label: label, Help: []string{help},
	})
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
