// Package program holds the files of a project as one program: each file with its resolved
// names, and the files grouped into worlds, the global environments in which they run.
package program

import (
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A File is a file with a tree, and what is known of it alone. It is immutable and safe for
// concurrent use.
type File struct {
	*project.File
	Scope *scope.Info
	API   *alias.File
	// Uses are the calls of functions that a model describes, in post-order.
	Uses []Use
	// Free are the uses of those global names that are not standard in the file's dialect: the
	// names that the file shares with the rest of its world.
	Free []*scope.Global
	// OwnEnvironment says that the file changes the environment of its own chunk (module,
	// setfenv, an assignment to _ENV): its free names may be fields of any table.
	OwnEnvironment bool
	// TouchesEnvironment says that the file uses the global table itself, as a value or with a
	// computed name: any global may be read or written through it.
	TouchesEnvironment bool
}

// A Use is a call of a function that a model describes.
type Use struct {
	alias.Call
	Entry *models.Entry
}

// Analyse looks at one file, which must have a tree.
func Analyse(f *project.File, catalogue *models.Catalogue) *File {
	info := scope.Resolve(f.Tree)
	a := &File{File: f, Scope: info, API: alias.Resolve(info)}
	for i := range a.API.Calls {
		c := &a.API.Calls[i]
		if e := Lookup(catalogue, c.Ref); e != nil {
			a.Uses = append(a.Uses, Use{*c, e})
		}
	}
	a.OwnEnvironment = a.changesEnvironment()
	for i := range info.Globals {
		g := &info.Globals[i]
		if g.Node != syntax.None && !g.Field && (g.Name == "_G" || g.Name == "_ENV") && g.Access == scope.Read {
			a.TouchesEnvironment = true
		}
		if e := catalogue.Global(g.Name); e == nil || !e.MayBeIn(f.Dialect) || g.Access == scope.Write {
			a.Free = append(a.Free, g)
		}
	}
	return a
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
