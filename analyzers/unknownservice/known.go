package unknownservice

import (
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// launches are the services that a project launches as the only ones of their name.
type launches struct {
	unique  map[string]bool
	dynamic bool            // there are some whose names are not known
	files   map[string]bool // the last words of the names that files give
}

func findLaunches(prog *program.Program) launches {
	l := launches{unique: map[string]bool{}, files: map[string]bool{}}
	for _, f := range prog.Project.Files {
		name := strings.TrimSuffix(f.Path, path.Ext(f.Path))
		l.files[lastWord(name)] = true
		if base := path.Base(name); base == "main" || base == "init" {
			l.files[lastWord(path.Dir(name))] = true
		}
	}
	for _, f := range prog.Files {
		modelled := program.ImplementsModel(f.File, prog.Models)
		for i := range f.Summary.Uses {
			u := &f.Summary.Uses[i]
			if !u.Unique || u.Followed {
				continue
			}
			switch u.Kind {
			case loads.Launch, loads.LaunchSnax, loads.LaunchFunction:
			default:
				continue
			}
			for _, n := range u.Names {
				if n.Known() {
					l.unique[n.Prefix] = true
				} else if !modelled {
					l.dynamic = true
				}
			}
		}
	}
	return l
}

func (l *launches) isUnique(name string) bool { return l.unique[name] }

func (l *launches) names() iter.Seq[string] { return slices.Values(slices.Sorted(maps.Keys(l.unique))) }

// lastWord returns the part of a name behind the last slash or dot.
func lastWord(name string) string { return name[strings.LastIndexAny(name, "./")+1:] }

// registered are the names that services have.
type registered struct {
	names  map[string]bool
	sorted []string
	// begins are the beginnings of names that are made when the program runs.
	begins []string
}

func findRegistered(sys *effect.System) *registered {
	r := &registered{names: map[string]bool{}}
	prog := sys.Values.Program()
	for i := range prog.Models.Services {
		for _, n := range prog.Models.Services[i].Names {
			r.names[n] = true
		}
	}
	for _, s := range sys.Services {
		for _, n := range s.Names {
			r.names[n] = true
		}
	}
	for _, f := range prog.Files {
		if program.ImplementsModel(f.File, prog.Models) {
			continue
		}
		for i := range f.Uses {
			u := &f.Uses[i]
			switch {
			case u.Entry.Path == "skynet.launch":
				r.launch(prog, f, u)
			case u.Entry.Capabilities.Has(models.CanRegister):
				r.register(sys, f, u)
			}
		}
	}
	r.sorted = slices.Sorted(maps.Keys(r.names))
	return r
}

// launch notes that a service of C code may give itself any name.
func (r *registered) launch(prog *program.Program, f *program.File, u *program.Use) {
	if len(u.Args) > 0 && f.Tree.Kind(u.Args[0]) == syntax.String {
		name, _, _ := strings.Cut(f.Tree.Str(u.Args[0]), " ")
		if prog.Models.Service(name) != nil {
			return
		}
	}
	r.begins = append(r.begins, "")
}

// register notes the names that one call may give.
func (r *registered) register(sys *effect.System, f *program.File, u *program.Use) {
	at := slices.IndexFunc(u.Entry.Args, func(a models.Arg) bool { return a.Role == models.RoleName })
	if at < 0 { // it takes the name out of a table
		r.begins = append(r.begins, ".")
		return
	}
	if at >= len(u.Args) {
		r.begins = append(r.begins, "")
		return
	}
	arg := u.Args[at]
	file := sys.Values.FileOf(f)
	values := sys.Values.Values(file, sys.Values.IR(file).Of(arg))
	known := len(values) > 0
	for _, v := range values {
		if d := sys.Values.Atom(v); d.Kind == solve.String {
			r.names[d.Text] = true
		} else {
			known = false
		}
	}
	if !known {
		r.begins = append(r.begins, beginning(f.Tree, arg))
	}
}

// beginning returns the constant that an expression surely begins with.
func beginning(t *syntax.Tree, n syntax.Node) string {
	for {
		n = t.Unparen(n)
		switch t.Kind(n) {
		case syntax.String:
			return t.Str(n)
		case syntax.Binary:
			op, left, _ := t.Binary(n)
			if op != syntax.Concat {
				return ""
			}
			n = left
		default:
			return ""
		}
	}
}

// has reports whether a service has a name, or may have it.
func (r *registered) has(name string) bool {
	if name == "" || name[0] == ':' || name[0] == '@' || r.names[name] {
		return true
	}
	return slices.ContainsFunc(r.begins, func(b string) bool { return strings.HasPrefix(name, b) })
}

func (r *registered) known() iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(r.names)))
}
