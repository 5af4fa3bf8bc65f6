// Package bytecode finds precompiled code being made, asked for or shipped (SKY605). Lua does
// not verify it: a crafted chunk takes the process over.
package bytecode

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.Bytecode}, File: run}

func run(p *analyzers.FilePass) {
	for i := range p.Uses {
		u := &p.Uses[i]
		if !u.Entry.Capabilities.Has(models.CanUseBytecode) {
			continue
		}
		if u.Module == "string" && u.Member == "dump" {
			p.Report(rules.Diagnostic{
				Rule: rules.Bytecode, Location: p.At(u.Node), Key: u.Path(),
				Message: "string.dump makes precompiled code, which whoever loads it cannot check",
				Label:   "the result is bytecode",
				Help:    []string{"pass source text, or the name of a module that the other side loads itself"},
			})
			continue
		}
		for k, arg := range u.Args {
			a, _ := u.Entry.Arg(k)
			value := p.API.Origin(arg)
			if p.Tree.Kind(value) != syntax.String {
				continue
			}
			switch text := p.Tree.Str(value); {
			case a.Role == models.RoleMode && text == "b", a.Role == models.RoleCode && strings.HasPrefix(text, "\x1b"):
				p.Report(rules.Diagnostic{
					Rule: rules.Bytecode, Location: p.At(u.Node), Key: u.Path(),
					Message: fmt.Sprintf("%s loads precompiled code, which Lua does not verify", u.Path()),
					Label:   "a crafted chunk takes the process over",
					Help:    []string{`load source text, with the mode "t"`},
				})
			}
		}
	}
}
