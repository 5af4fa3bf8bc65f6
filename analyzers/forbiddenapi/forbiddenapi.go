// Package forbiddenapi finds calls that an actor must not make (SKY601): running a program
// whose command line is not a literal, and ending the whole process.
package forbiddenapi

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
)

// Analyzer reports each call.
var Analyzer = &analyzers.Analyzer{
	Rules: []*rules.Rule{rules.ForbiddenAPI}, File: run,
	Options: func(*rules.Rule) any { return &options{} },
}

// options are those of the rule.
type options struct {
	Allow config.FieldNames `toml:"allow" doc:"Functions that services may call all the same: \"os.exit\"."`
}

func run(p *analyzers.FilePass) {
	var o options
	p.Options(rules.ForbiddenAPI, &o)
	for i := range p.Uses {
		u := &p.Uses[i]
		switch table, name := cutLast(u.Path()); {
		case o.Allow.Has(table, name):
		case u.Entry.Capabilities.Has(models.CanExec):
			for k, arg := range u.Args {
				if a, ok := u.Entry.Arg(k); ok && a.Role == models.RoleShell && !p.API.IsConstant(arg) {
					severity := rules.ForbiddenAPI.Severity
					if p.Tool || p.IsConfigured(arg) {
						severity = rules.Note // who starts it, or configures the node, may run what he likes anyway
					}
					p.Report(rules.Diagnostic{
						Rule: rules.ForbiddenAPI, Severity: severity, Location: p.At(u.Node), Key: u.Path(),
						Message: fmt.Sprintf("%s runs a command line that is put together at run time", u.Path()),
						Label:   "a shell interprets this text",
						Help: []string{
							"let a helper outside the process do it, or call a library that needs no shell",
							"it also holds a worker thread of the node until the program ends",
						},
					})
				}
			}
		case u.Entry.Capabilities.Has(models.CanExit) && u.Module == "os" && p.InService():
			p.Report(rules.Diagnostic{
				// Where it stands it is meant: mostly the node could not be started.
				Rule: rules.ForbiddenAPI, Severity: rules.Note, Location: p.At(u.Node), Key: u.Path(),
				Message: fmt.Sprintf("%s ends the whole process, with all its services", u.Path()),
				Label:   "no service gets a chance to save its state",
				Help:    []string{"end this service alone with skynet.exit(), or the node with skynet.abort() once the others have stopped"},
			})
		}
	}
}

// cutLast cuts the path of a function into its table and its name.
func cutLast(path string) (table, name string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}
