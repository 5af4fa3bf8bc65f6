// Package program holds the files of a project as one program: each file with its resolved
// names, and the files grouped into worlds, the global environments in which they run.
package program

import (
	"cmp"
	"iter"
	"slices"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A File is a file with a tree, and what is known of it. It is immutable once New has returned,
// and safe for concurrent use.
type File struct {
	*project.File
	// Suppressions are its comments that ask for silence; nil if there are none.
	Suppressions *rules.Suppressions
	// Settings are what the configuration says of the file.
	Settings *config.Settings
	// Uses are the calls of functions that a model describes, in post-order.
	Uses []Use
	// FieldWrites are the assignments to fields, in post-order.
	FieldWrites []FieldWrite
	// Free are the uses of those global names that are not standard in the file's dialect: the
	// names that the file shares with the rest of its world.
	Free []*scope.Global
	// OwnEnvironment says that the file changes the environment of its own chunk (module,
	// setfenv, an assignment to _ENV): its free names may be fields of any table.
	OwnEnvironment bool
	// TouchesEnvironment says that the file uses the global table itself, as a value or with a
	// computed name: any global may be read or written through it.
	TouchesEnvironment bool
	// Early says that a preload file or a loader runs the file in services that did not ask for
	// it: its task is to prepare names for them. Such a file is Early itself.
	Early bool
	// Tool says that nothing but scripts load the file: programs that a person starts by hand.
	Tool bool

	data     bool        // its globals are settings, if no service loads it
	script   bool        // it is run for what it does
	replaces []alias.Ref // functions of the standard library that other code may miss
	models   *models.Catalogue
}

// A FieldWrite is an assignment to a field: object[key] = value, or function object.key() end.
type FieldWrite struct {
	Target, Object, Key syntax.Node
	// Value is the expression assigned, None where it is one of several results.
	Value syntax.Node
}

// A Use is a call of a function that a model describes.
type Use struct {
	*alias.Call
	Entry *models.Entry
}

// Analyse looks at one file, which must have a tree.
func Analyse(f *project.File, settings *config.Settings, catalogue *models.Catalogue) *File {
	info := f.Scope
	a := &File{File: f, Settings: settings, models: catalogue}
	a.Suppressions = rules.ReadSuppressions(f.File, a.comments(), a.functionEnd)
	redefined := a.redefined()
	for i := range a.API.Calls {
		c := &a.API.Calls[i]
		if e := Lookup(catalogue, c.Ref); e != nil && !redefined[cmp.Or(c.Module, c.Member)] {
			a.Uses = append(a.Uses, Use{c, e})
		}
	}
	a.data = isLiteral(f.Tree) || a.configures()
	a.script = a.isScript()
	a.FieldWrites = fieldWrites(f.Tree)
	a.replaces = a.replacedFunctions()
	a.OwnEnvironment = a.changesEnvironment()
	for i := range info.Globals {
		g := &info.Globals[i]
		if !g.Field && (g.Name == "_G" || g.Name == "_ENV") && g.Access == scope.Read {
			a.TouchesEnvironment = true
		}
		if e := catalogue.Global(g.Name); e == nil || !e.MayBeIn(f.Dialect) || g.Access == scope.Write {
			a.Free = append(a.Free, g)
		}
	}
	return a
}

// redefined returns those standard names to which the file gives a meaning of its own: after
// "function load(name)" a call of load compiles nothing. "load = load or loadstring" does not
// count.
func (f *File) redefined() map[string]bool {
	var names map[string]bool
	for i := range f.Scope.Globals {
		g := &f.Scope.Globals[i]
		if g.Access != scope.Write || g.Declared || f.models.Global(g.Name) == nil || Lookup(f.models, f.API.Ref(g.Value)) != nil {
			continue
		}
		if names == nil {
			names = map[string]bool{}
		}
		names[g.Name] = true
	}
	return names
}

// fieldWrites finds the assignments to fields.
func fieldWrites(t *syntax.Tree) []FieldWrite {
	var out []FieldWrite
	add := func(target, value syntax.Node) {
		if t.Kind(target) == syntax.Index {
			object, key := t.Index(target)
			out = append(out, FieldWrite{target, object, key, value})
		}
	}
	for n := range t.Nodes(syntax.AssignStat, syntax.FunctionStat) {
		if t.Kind(n) == syntax.FunctionStat {
			name, fn, _ := t.FunctionStat(n)
			add(name, fn)
			continue
		}
		targets, values := t.Assign(n)
		for i, target := range targets {
			value := syntax.None
			if i < len(values) {
				value = values[i]
			}
			add(target, value)
		}
	}
	return out
}

// replacedFunctions returns the dangerous functions of the standard library in whose place the
// file puts others.
func (f *File) replacedFunctions() []alias.Ref {
	var out []alias.Ref
	for i := range f.FieldWrites {
		w := &f.FieldWrites[i]
		library := f.API.Ref(w.Object)
		if library.Module != "" || library.Member == "" || w.Value == syntax.None || f.Tree.Kind(w.Key) != syntax.String {
			continue
		}
		ref := alias.Ref{Module: library.Member, Member: f.Tree.Str(w.Key)}
		if e := Lookup(f.models, ref); e != nil && e.Capabilities != 0 && Lookup(f.models, f.API.Ref(w.Value)) == nil {
			out = append(out, ref)
		}
	}
	return out
}

// WritesNil reports whether an assignment to a global gives it nil, so that it makes no
// variable: x = nil, and y, x = 1.
func (f *File) WritesNil(g *scope.Global) bool {
	t := f.Tree
	if g.Value != syntax.None {
		return t.Kind(t.Unparen(g.Value)) == syntax.Nil
	}
	stat := t.Parent(g.Node)
	if t.Kind(stat) != syntax.AssignStat {
		return false
	}
	targets, values := t.Assign(stat)
	if slices.Index(targets, g.Node) < len(values) {
		return false
	}
	switch t.Kind(values[len(values)-1]) {
	case syntax.Call, syntax.MethodCall, syntax.Vararg:
		return false // one of its further results
	}
	return true
}

// MayWrite reports whether the configuration, skylint's or luacheck's, declares a global for
// writing.
func (f *File) MayWrite(name string) bool {
	return f.Settings.MayWrite(name) || f.Luacheck != nil && f.Luacheck.MayWrite(name)
}

// MayRead reports whether the configuration, skylint's or luacheck's, declares a global, for
// writing or for reading alone, or says that any may be there in a way that cannot be read.
func (f *File) MayRead(name string) bool {
	return f.Settings.MayRead(name) || f.Luacheck != nil && (!f.Luacheck.Complete || f.Luacheck.MayRead(name))
}

// Lookup returns the model of what a Ref names, or nil.
func Lookup(catalogue *models.Catalogue, r alias.Ref) *models.Entry {
	switch {
	case r.Module == "":
		return catalogue.Global(r.Member)
	case r.Member == "":
		if m := catalogue.Module(r.Module); m != nil {
			return &m.Value
		}
		return nil
	}
	if t := catalogue.Table(r.Module); t != nil {
		return t.Member(r.Member)
	}
	return nil
}

func (f *File) changesEnvironment() bool {
	for i := range f.API.Calls {
		c := &f.API.Calls[i]
		if c.Module != "" {
			continue
		}
		switch c.Member {
		case "module":
			if f.Tree.EnclosingFunction(c.Node) == syntax.None {
				return true
			}
		case "setfenv":
			if len(c.Args) > 0 && f.Tree.Kind(c.Args[0]) == syntax.Number && f.Tree.EnclosingFunction(c.Node) == syntax.None {
				return true
			}
		}
	}
	for i := range f.Scope.Globals {
		if g := &f.Scope.Globals[i]; g.Name == "_ENV" && g.Access == scope.Write && !g.Field {
			return true
		}
	}
	return false
}

// At returns the place of a node.
func (f *File) At(n syntax.Node) rules.Location {
	return rules.Location{File: f.File.File, Span: f.Tree.Span(n)}
}

// AtSpan returns the place of some bytes.
func (f *File) AtSpan(start, end uint32) rules.Location {
	return rules.Location{File: f.File.File, Span: source.Span{Start: start, End: end}}
}

// AtCallee returns the place of the called expression of a Call: the function's name.
func (f *File) AtCallee(call syntax.Node) rules.Location {
	callee, _ := f.Tree.Call(call)
	return f.At(callee)
}

// DebugCommand returns the command that a call sends by skynet's protocol "debug", which every
// service answers; "" for other calls.
func (f *File) DebugCommand(c *alias.Call) string {
	if c.Module != "skynet" || c.Member != "call" && c.Member != "send" || len(c.Args) < 3 ||
		f.Tree.Str(f.API.Origin(c.Args[1])) != "debug" {
		return ""
	}
	return f.Tree.Str(f.API.Origin(c.Args[2]))
}

// comments returns the places of the comments.
func (f *File) comments() iter.Seq[source.Span] {
	return func(yield func(source.Span) bool) {
		for _, c := range f.Tree.Comments {
			if !yield(c.Span) {
				return
			}
		}
	}
}

// functionEnd returns the end of the innermost function around an offset.
func (f *File) functionEnd(offset uint32) uint32 {
	for n := range f.Tree.Nodes(syntax.Function) { // post-order: the first hit is the innermost
		if f.Tree.Start(n) <= offset && offset < f.Tree.End(n) {
			return f.Tree.End(n)
		}
	}
	return uint32(len(f.Text))
}

// InService reports whether a service is known to load the file.
func (f *File) InService() bool { return len(f.Services) > 0 }

// HasName reports whether the environment in which the file runs has a global of that name,
// besides the standard ones.
func (f *File) HasName(name string) bool {
	for _, kind := range f.environments() {
		if f.environmentEntry(kind, name) != nil {
			return true
		}
	}
	return false
}

// IsHook reports whether a global of that name is one that the environment of the file asks it
// to define, such as init and exit of a snax service.
func (f *File) IsHook(name string) bool {
	for _, kind := range f.environments() {
		if e := f.environmentEntry(kind, name); e != nil && e.Flags.Has(models.Hook) {
			return true
		}
	}
	return false
}

func (f *File) environments() []models.EnvironmentKind {
	kinds := []models.EnvironmentKind{models.ServiceEnvironment}
	if f.Roles.Has(project.Snax) {
		kinds = append(kinds, models.SnaxEnvironment)
	}
	if f.Roles.Has(project.Preload) {
		kinds = append(kinds, models.PreloadEnvironment)
	}
	if f.Roles.Has(project.Loader) {
		kinds = append(kinds, models.LoaderEnvironment)
	}
	return kinds
}

func (f *File) environmentEntry(kind models.EnvironmentKind, name string) *models.Entry {
	members := f.models.Environment(kind)
	for i := range members {
		if members[i].Name() == name {
			return &members[i]
		}
	}
	return nil
}

// Defines returns the globals that the modelled modules which the file requires create.
func (f *File) Defines() []string {
	var names []string
	for i := range f.API.Calls {
		c := &f.API.Calls[i]
		if c.Module == "" && c.Member == "require" && len(c.Args) == 1 {
			if m := f.models.Module(f.Tree.Str(c.Args[0])); m != nil {
				names = append(names, m.Defines...)
			}
		}
	}
	return names
}
