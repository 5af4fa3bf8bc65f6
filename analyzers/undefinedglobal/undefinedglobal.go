// Package undefinedglobal finds reads of global names that nothing defines (SKY104).
package undefinedglobal

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each name once for a file.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.UndefinedGlobal}, Program: run}

func run(p *analyzers.ProgramPass) {
	names := collect(p.Program)
	type key struct {
		file *program.File
		name string
	}
	found := map[key]*rules.Diagnostic{}
	var order []key
	for _, w := range p.Worlds {
		defined := definedIn(w)
		for _, f := range w.Files {
			if f.OwnEnvironment || f.TouchesEnvironment || f.IsData() {
				continue
			}
			for _, g := range f.Free {
				if g.Access != scope.Read || g.Field || g.Name == "_" || defined[g.Name] || names.mayBeIn(w, g.Name) ||
					f.Scope.Funcs[g.Func].Env || f.HasName(g.Name) || f.MayRead(g.Name) || isAlternative(p, f, g) {
					continue
				}
				if w.Open && w.IsService() && (w.Unseen || names.anywhere[g.Name] != nil) && !isLocalElsewhere(f, g) {
					continue
				}
				k := key{f, g.Name}
				d := found[k]
				if d == nil {
					d = diagnose(p, f, g, &names)
					if !w.IsService() {
						d.Severity = rules.Note // who runs it may define the name
					}
					found[k] = d
					order = append(order, k)
				} else if last := &d.Services; len(*last) > 0 && (*last)[len(*last)-1] == w.Service.Name {
					if len(d.Related) < 3 {
						d.Related = append(d.Related, rules.Related{Location: f.At(g.Node), Message: "also read here"})
					}
					continue
				}
				if w.IsService() {
					d.Services = append(d.Services, w.Service.Name)
				}
			}
		}
	}
	for _, k := range order {
		p.Report(*found[k])
	}
}

// definedIn returns the names that the files of a world write, or expect to be nil at times.
func definedIn(w *program.World) map[string]bool {
	defined := map[string]bool{}
	for _, f := range w.Files {
		for _, g := range f.Free {
			if g.Access == scope.Write || tested(f, g) {
				defined[g.Name] = true
			}
		}
		for _, name := range f.Defines() {
			defined[name] = true
		}
	}
	return defined
}

func diagnose(p *analyzers.ProgramPass, f *program.File, g *scope.Global, names *written) *rules.Diagnostic {
	d := &rules.Diagnostic{
		Rule: rules.UndefinedGlobal, Location: f.At(g.Node), Key: g.Name,
		Message: fmt.Sprintf("nothing defines the global variable '%s'", g.Name),
		Label:   label(f.Tree, g.Node),
	}
	if e := p.Models.Global(g.Name); e != nil {
		d.Message = fmt.Sprintf("'%s' is not in %s (it is in %s)", g.Name, f.Dialect.Title(), e.Dialects)
		if r := e.Replacement(f.Dialect); r != "" {
			d.Help = append(d.Help, "in "+f.Dialect.Title()+" it is "+r)
		}
		return d
	}
	if other := names.anywhere[g.Name]; other != nil && other.Func == scope.Main {
		d.Severity = rules.Note
		d.Message = fmt.Sprintf("nothing that the service loads defines the global variable '%s'", g.Name)
		d.Related = append(d.Related, rules.Related{Location: names.in[other].At(other.Node), Message: "this file would, if the service loaded it"})
		return d
	}
	if v := declaredElsewhere(f, g); v != nil {
		d.Related = append(d.Related, rules.Related{Location: f.At(v.Decl), Message: "a local of this name is declared here, out of scope"})
		return d
	}
	if near := misspelled(f, g); near != "" {
		d.Help = append(d.Help, "did you mean '"+near+"'?")
	} else {
		d.Help = append(d.Help, "if something outside the project defines it, list it under 'read-globals' in sky.toml")
	}
	return d
}

// label says what the nil does.
func label(t *syntax.Tree, n syntax.Node) string {
	switch parent := t.Parent(n); t.Kind(parent) {
	case syntax.Call:
		if callee, _ := t.Call(parent); callee == n {
			return "this is nil, so the call raises an error"
		}
	case syntax.Index:
		if object, _ := t.Index(parent); object == n {
			return "this is nil, so the index raises an error"
		}
	case syntax.MethodCall:
		if receiver, _, _ := t.MethodCall(parent); receiver == n {
			return "this is nil, so the call raises an error"
		}
	}
	return "this is nil"
}

// declaredElsewhere returns a local variable of the name whose scope does not reach the use,
// such as one that is declared below the function that wants it.
func declaredElsewhere(f *program.File, g *scope.Global) *scope.Variable {
	for i := 1; i < len(f.Scope.Vars); i++ {
		if v := &f.Scope.Vars[i]; v.Name == g.Name && v.Decl != syntax.None && f.Scope.Encloses(v.Func, g.Func) {
			return v
		}
	}
	return nil
}

// isLocalElsewhere reports whether the name is one of a local variable or parameter of the
// same file. Where it is not known what else is loaded, a global of such a name is still hardly
// what is meant; unless a local is only there to keep the global: local log = log.
func isLocalElsewhere(f *program.File, g *scope.Global) bool {
	found := false
	for i := 1; i < len(f.Scope.Vars); i++ {
		v := &f.Scope.Vars[i]
		if v.Name != g.Name || v.Decl == syntax.None {
			continue
		}
		if v.Init != syntax.None && mentions(f, v.Init, g.Name) {
			return false
		}
		found = true
	}
	return found
}

// mentions reports whether an expression uses the global of a name.
func mentions(f *program.File, n syntax.Node, name string) bool {
	for _, g := range f.Free {
		if g.Name == name && f.Tree.Within(g.Node, n) {
			return true
		}
	}
	return false
}

// misspelled returns the name of a local in scope, or of a standard global, that was probably
// meant.
func misspelled(f *program.File, g *scope.Global) string {
	at := f.Tree.Start(g.Node)
	near, _ := nearest.Of(g.Name, func(yield func(string) bool) {
		for i := 1; i < len(f.Scope.Vars); i++ {
			v := &f.Scope.Vars[i]
			if v.Decl != syntax.None && f.Tree.Start(v.Decl) < at && at < v.End && f.Scope.Encloses(v.Func, g.Func) && !yield(v.Name) {
				return
			}
		}
	})
	return near
}

// isAlternative recognises what is for another Lua, and not reached in this one: a standard
// name behind "or", as in table.unpack or unpack, or below an if that asks which Lua it is.
func isAlternative(p *analyzers.ProgramPass, f *program.File, g *scope.Global) bool {
	if p.Models.Global(g.Name) == nil {
		return false
	}
	t := f.Tree
	if parent := t.Parent(g.Node); t.Kind(parent) == syntax.Binary {
		if op, _, right := t.Binary(parent); op == syntax.Or && right == g.Node {
			return true
		}
	}
	for n := t.Parent(g.Node); n != syntax.None; n = t.Parent(n) {
		if t.Kind(n) == syntax.IfStat && asksWhichLua(p, f, n) {
			return true
		}
	}
	return false
}

// asksWhichLua reports whether a condition of an if statement looks at a standard name that
// tells one Lua from another: setfenv, jit, _VERSION.
func asksWhichLua(p *analyzers.ProgramPass, f *program.File, ifStat syntax.Node) bool {
	for _, clause := range f.Tree.Clauses(ifStat) {
		cond, _ := f.Tree.Clause(clause)
		if cond == syntax.None {
			continue
		}
		for i := range f.Scope.Globals {
			g := &f.Scope.Globals[i]
			if e := p.Models.Global(g.Name); e != nil && (g.Name == "_VERSION" || !e.In(f.Dialect)) && f.Tree.Within(g.Node, cond) {
				return true
			}
		}
	}
	return false
}

// tested reports whether the file takes into account that the name may be nil: it stands
// alone as a condition, as an operand of and, or, not, or is compared with nil.
func tested(f *program.File, g *scope.Global) bool {
	t := f.Tree
	if g.Access != scope.Read {
		return false
	}
	n := g.Node
	for t.Kind(t.Parent(n)) == syntax.Paren {
		n = t.Parent(n)
	}
	parent := t.Parent(n)
	switch t.Kind(parent) {
	case syntax.Binary:
		op, left, right := t.Binary(parent)
		switch op {
		case syntax.And, syntax.Or:
			return left == n
		case syntax.Eq, syntax.Ne:
			return t.Kind(left) == syntax.Nil || t.Kind(right) == syntax.Nil
		}
	case syntax.Unary:
		return t.Op(parent) == syntax.Not
	case syntax.Clause:
		cond, _ := t.Clause(parent)
		return cond == n
	case syntax.WhileStat, syntax.RepeatStat:
		return true
	case syntax.Call: // type(name)
		callee, args := t.Call(parent)
		return len(args) > 0 && args[0] == n && f.Scope.IsGlobal(callee, "type")
	}
	return false
}
