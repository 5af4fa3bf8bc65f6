// Package sharedtablewrite finds writes into tables that all code of a service shares
// (SKY103): the standard libraries, the modules of an API, and read-only shared data.
package sharedtablewrite

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each field once for a file.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.SharedTableWrite}, File: run}

func run(p *analyzers.FilePass) {
	if program.ImplementsModel(p.File.File, p.Program.Models) {
		return // the API's own source
	}
	seen := map[string]bool{}
	report := func(n, object syntax.Node, field string) {
		what, ok := sharedTable(p, object, field)
		if !ok {
			return
		}
		key := what + "." + field
		if seen[key] {
			return
		}
		seen[key] = true
		d := rules.Diagnostic{Rule: rules.SharedTableWrite, Location: p.At(n), Key: key}
		if what == "" {
			d.Severity = rules.Error
			d.Message = "shared data is read-only: writing to it raises an error"
			d.Label = "this table is shared by all services of the process"
			d.Help = []string{"copy what is to be changed, or publish a new version with sharedata.update or sharetable.update"}
		} else {
			d.Message = fmt.Sprintf("the field '%s' of the shared table '%s' is written", field, what)
			d.Label = "every file of the service sees this change"
			d.Help = []string{"put the function into a module of your own"}
		}
		p.Report(d)
	}
	for target := range p.Tree.Nodes(syntax.Index) {
		if p.Tree.IsTarget(target) {
			object, key := p.Tree.Index(target)
			report(target, object, fieldName(p.Tree, key))
		}
	}
	for i := range p.API.Calls {
		if c := &p.API.Calls[i]; c.Ref == (alias.Ref{Member: "rawset"}) && len(c.Args) == 3 {
			report(c.Node, c.Args[0], fieldName(p.Tree, c.Args[1]))
		}
	}
}

// fieldName returns the name of a field as it is written.
func fieldName(t *syntax.Tree, key syntax.Node) string {
	if t.Kind(key) == syntax.String {
		return t.Str(key)
	}
	return "[" + t.Text(key) + "]"
}

// sharedTable returns what the table is called that an expression names, "" for shared data.
func sharedTable(p *analyzers.FilePass, object syntax.Node, field string) (string, bool) {
	if ref := p.API.Ref(object); ref.Known() {
		if ref == (alias.Ref{Member: "_G"}) || ref == (alias.Ref{Member: "_ENV"}) {
			return "", false // SKY102
		}
		if ref.Module == "" && ref.Member != "" {
			if e := p.Program.Models.Global(ref.Member); e == nil || e.Kind != models.KindTable || !e.MayBeIn(p.Dialect) {
				return "", false
			}
			ref = alias.Ref{Module: ref.Member}
		}
		if ref.Member != "" {
			return "", false
		}
		table := p.Program.Models.Table(ref.Module)
		if table == nil {
			return "", false
		}
		if e := table.Member(field); e != nil && e.Flags.Has(models.Writable) {
			return "", false
		}
		return ref.Module, true
	}
	// The result of an API call that gives shared data, or a table within it.
	for p.Tree.Kind(object) == syntax.Index {
		object, _ = p.Tree.Index(object)
	}
	call := p.API.Origin(object)
	if p.Tree.Kind(call) != syntax.Call {
		return "", false
	}
	for i := range p.Uses {
		if u := &p.Uses[i]; u.Node == call && !u.Protected && len(u.Entry.Results) > 0 && u.Entry.Results[0].Role == models.RoleShared {
			return "", true
		}
	}
	return "", false
}
