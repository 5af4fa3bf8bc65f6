// Package globalwrite finds assignments to names that nothing declares (SKY101).
package globalwrite

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each name once for a world, where a function writes it first, unless a file
// writes it at its top level, which is where a declaration would stand. There each statement of
// the chunk that gives the name a value of its own is a forgotten local by itself.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.GlobalWrite}, Program: run}

// write is one assignment to a global name.
type write struct {
	file   *program.File
	global *scope.Global
}

func run(p *analyzers.ProgramPass) {
	found := map[*scope.Global]*rules.Diagnostic{}
	var order []*scope.Global
	made := madeNames(p.Program)
	for _, w := range p.Worlds {
		writes, names := collect(w, made)
		for _, name := range names {
			ws := writes[name]
			for _, chosen := range primary(ws) {
				d := found[chosen.global]
				if d == nil {
					d = diagnose(p, chosen, ws)
					if fix, ok := addLocal(p.Program, chosen, ws); ok {
						d.Fixes = append(d.Fixes, fix)
					}
					found[chosen.global] = d
					order = append(order, chosen.global)
				}
				if w.IsService() {
					d.Services = append(d.Services, w.Service.Name)
				}
			}
		}
	}
	for _, g := range order {
		p.Report(*found[g])
	}
}

// madeNames returns the global names that some file gives a value other than nil.
func madeNames(p *program.Program) map[string]bool {
	made := map[string]bool{}
	for _, f := range p.Files {
		for _, g := range f.Free {
			if g.Access == scope.Write && !f.WritesNil(g) {
				made[g.Name] = true
			}
		}
	}
	return made
}

// collect returns the writes of a world by name, and the names in the order of their first.
// What is set to nil is no variable for that; but where a function does so with a name that
// nobody gives a value, another name was meant.
func collect(w *program.World, made map[string]bool) (map[string][]write, []string) {
	var writes map[string][]write
	var names []string
	for _, f := range w.Files {
		if f.Roles.Has(project.Preload) || f.OwnEnvironment || f.IsData() {
			continue
		}
		declared := declaredNames(f)
		for _, g := range f.Free {
			if g.Access != scope.Write || g.Field || f.Scope.Funcs[g.Func].Env ||
				f.IsHook(g.Name) || f.MayWrite(g.Name) || declared[g.Name] || f.WritesNil(g) && (g.Func == scope.Main || made[g.Name]) {
				continue
			}
			if writes == nil {
				writes = map[string][]write{}
			}
			if writes[g.Name] == nil {
				names = append(names, g.Name)
			}
			writes[g.Name] = append(writes[g.Name], write{f, g})
		}
	}
	return writes, names
}

// declaredNames returns the names that a file declares by global statements of Lua 5.5.
func declaredNames(f *program.File) map[string]bool {
	var names map[string]bool
	for _, g := range f.Free {
		if g.Declared {
			if names == nil {
				names = map[string]bool{}
			}
			names[g.Name] = true
		}
	}
	return names
}

// primary returns the writes that are reported.
func primary(ws []write) []write {
	var first []write
	for _, w := range ws {
		if w.global.Func != scope.Main || len(first) > 0 && !w.standsAlone() {
			continue
		}
		first = append(first, w)
	}
	if first == nil {
		return ws[:1]
	}
	return first
}

// standsAlone reports whether the write is a statement of the chunk itself whose value does not
// depend on what the name was before.
func (w write) standsAlone() bool {
	t := w.file.Tree
	stat := t.Parent(w.global.Node)
	if t.Parent(stat) != t.Main {
		return false
	}
	for _, g := range w.file.Free {
		if g.Name == w.global.Name && g != w.global && t.Within(g.Node, stat) {
			return false
		}
	}
	return true
}

func diagnose(p *analyzers.ProgramPass, w write, all []write) *rules.Diagnostic {
	name := w.global.Name
	d := &rules.Diagnostic{
		Rule: rules.GlobalWrite, Severity: rules.Warning, Location: w.file.At(w.global.Node), Key: name,
		Message: fmt.Sprintf("'%s' is assigned but nowhere declared, which makes it a global variable", name),
		Label:   "no local of this name is in scope",
	}
	if w.file.Tree.Kind(w.file.Tree.Parent(w.global.Node)) == syntax.FunctionStat {
		d.Message = fmt.Sprintf("function '%s' is not local, which makes it a global variable", name)
		d.Help = append(d.Help, "write 'local function "+name+"'")
	}
	switch {
	case w.file.WritesNil(w.global):
		d.Message = fmt.Sprintf("'%s' is set to nil but nowhere declared, and nothing gives it a value", name)
		d.Help = append(d.Help, "is this the name that was meant?")
	case isStandard(p, w):
		d.Message = fmt.Sprintf("the standard name '%s' is assigned, which changes it for all files of the service", name)
		d.Help = []string{"give it another name, or declare it: 'local " + name + "'"}
	case w.global.Func != scope.Main:
		d.Message = fmt.Sprintf("'%s' is assigned in a function but nowhere declared, which makes it a global variable", name)
		d.Help = append(d.Help, "declare it: 'local "+name+"' in the function, or at the top of the file if handlers share it")
	case len(d.Help) == 0:
		d.Help = append(d.Help, "put 'local' before it")
	}
	switch inFunction := w.global.Func != scope.Main; {
	case w.file.WritesNil(w.global):
	case inFunction && !w.file.Tool:
		d.Severity = rules.Error
	case !inFunction && (w.file.Early || w.file.Tool):
		d.Severity = rules.Note // it prepares names for all on purpose, or is alone
	}
	for _, other := range all {
		if other.global != w.global && len(d.Related) < 3 {
			d.Related = append(d.Related, rules.Related{Location: other.file.At(other.global.Node), Message: "also assigned here"})
		}
	}
	return d
}

// isStandard reports whether Lua itself defines the name.
func isStandard(p *analyzers.ProgramPass, w write) bool {
	e := p.Models.Global(w.global.Name)
	return e != nil && e.In(w.file.Dialect)
}
