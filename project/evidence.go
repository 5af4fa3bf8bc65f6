package project

import (
	"context"
	"slices"
	"strings"

	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// fieldValues returns the strings that are given to fields of a name, anywhere in the
// project, in the order of the files.
func (r *resolver) fieldValues(key string) []literal {
	r.collectFields()
	return r.fields[key]
}

// fieldTexts is fieldValues with the strings that stand within other expressions:
// join(root, "/lualib/preload.lua").
func (r *resolver) fieldTexts(key string) []literal {
	r.collectFields()
	return r.texts[key]
}

// collectFields looks once through all files for the fields that names are taken from.
func (r *resolver) collectFields() {
	if r.fields != nil {
		return
	}
	r.fields, r.texts = map[string][]literal{}, map[string][]literal{}
	wanted := map[string]bool{}
	inner := map[string]bool{"preload": true, "lualoader": true}
	for _, f := range r.p.Files {
		if f.Summary == nil {
			continue
		}
		for i := range f.Summary.Uses {
			for _, n := range f.Summary.Uses[i].Names {
				if n.Open == loads.Member {
					wanted[n.Key] = true
				}
			}
		}
	}
	type pair struct {
		key, text string
		inner     bool
	}
	perFile := make([][]pair, len(r.p.Files))
	r.eachFile(func(f *File) {
		if f.Roles.Has(NodeConfig) {
			return
		}
		t := f.Tree
		note := func(key, value syntax.Node) {
			if value == syntax.None || t.Kind(key) != syntax.String {
				return
			}
			name := t.Str(key)
			if wanted[name] {
				for _, n := range f.Summary.Eval(value) {
					if n.Known() && n.Prefix != "" {
						perFile[f.id] = append(perFile[f.id], pair{name, n.Prefix, false})
					}
				}
			}
			if inner[name] {
				for _, text := range stringsIn(t, value, nil) {
					perFile[f.id] = append(perFile[f.id], pair{name, text, true})
				}
			}
		}
		for n := range t.Nodes(syntax.Field, syntax.AssignStat) {
			if t.Kind(n) == syntax.Field {
				if key, value := t.Field(n); key != syntax.None {
					note(key, value)
				}
				continue
			}
			targets, values := t.Assign(n)
			for i, target := range targets {
				if t.Kind(target) == syntax.Index && i < len(values) {
					_, key := t.Index(target)
					note(key, values[i])
				}
			}
		}
	})
	for i, pairs := range perFile {
		for _, p := range pairs {
			to := r.fields
			if p.inner {
				to = r.texts
			}
			to[p.key] = append(to[p.key], literal{r.p.Files[i], p.text})
		}
	}
}

// eachFile calls do for each file with a tree, several at a time.
func (r *resolver) eachFile(do func(*File)) {
	// There is nothing to cancel: what is done for a file takes no time.
	_ = parallel.For(context.Background(), len(r.p.Files), r.o.Jobs, func(i int) {
		if r.p.Files[i].Summary != nil {
			do(r.p.Files[i])
		}
	})
}

// stringsIn returns the string literals of an expression that is no table and no function.
func stringsIn(t *syntax.Tree, n syntax.Node, out []string) []string {
	switch t.Kind(n) {
	case syntax.String:
		if !t.IsBare(n) {
			out = append(out, t.Str(n))
		}
	case syntax.Table, syntax.Function:
	default:
		if len(out) < maxTexts {
			for c := range t.Children(n) {
				out = stringsIn(t, c, out)
			}
		}
	}
	return out
}

const maxTexts = 8

// containers finds the services whose main file requires the module that it is told to by
// its arguments: each module is a service of its own. Which ones there are, say the launches
// that pass a literal; else the modules that nothing else loads and that some text of the
// node names.
func (r *resolver) containers() {
	var hosts []*Service
	for _, s := range r.order {
		if s.Kind == LuaService && containerArgument(s) >= 0 {
			hosts = append(hosts, s)
		}
	}
	if len(hosts) == 0 {
		return
	}
	named := r.namedModules()
	for _, s := range hosts {
		at := containerArgument(s)
		for _, n := range slices.Clone(s.Nodes) {
			modules := r.passed(n, s, at)
			for _, m := range named {
				if (m.home == "" || m.home == n.Dir) && n.env.module(m.by, m.name).file == m.module && !slices.Contains(modules, m.module) {
					modules = append(modules, m.module)
				}
			}
			for _, m := range modules {
				r.service(n, Service{Name: serviceName(m), Kind: Container, Main: s.Main, Module: m, Launched: s.Launched}, n.env)
			}
		}
	}
}

// containerArgument returns the number of the argument that names the module which a
// service's main file requires, -1 if there is none.
func containerArgument(s *Service) int {
	for i := range s.Main.Summary.Uses {
		u := &s.Main.Summary.Uses[i]
		if u.Kind == loads.Require && len(u.Names) == 1 && u.Names[0].Open == loads.Argument &&
			u.Names[0].Prefix == "" && u.Names[0].Suffix == "" {
			return u.Names[0].Param
		}
	}
	return -1
}

// passed returns the modules that launches of a container name.
func (r *resolver) passed(n *Node, s *Service, at int) []*File {
	var out []*File
	for _, l := range r.launches[s.Name] {
		if at >= len(l.use.Args) || !n.env.sees(l.file) {
			continue
		}
		for _, name := range l.file.Summary.Eval(l.use.Args[at]) {
			if !name.Known() {
				continue
			}
			if m := n.env.module(l.file, name.Prefix).file; m != nil && m.Summary != nil && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out
}

// A namedModule is a module that nothing loads, and a file that has its name in a string.
type namedModule struct {
	module *File
	name   string
	by     *File
	home   string // the folder of the node that the naming file belongs to, "" for any
}

// namedModules returns the project's own modules that nothing requires but some text names.
// Where files of single nodes name one, what shared files say of it does not count.
func (r *resolver) namedModules() []namedModule {
	byName := map[string][]*File{}
	required := r.required()
	for _, f := range r.p.Files {
		if required[f.id] || f.Vendored != "" || f.isData() || !f.returns() || r.isMain(f) {
			continue
		}
		name := strings.TrimSuffix(strings.TrimSuffix(f.Path, ".lua"), "/init")
		for ok := name != ""; ok; _, name, ok = strings.Cut(name, "/") {
			module := strings.ReplaceAll(name, "/", ".")
			byName[module] = append(byName[module], f)
		}
	}
	var out []namedModule
	atHome := map[*File]bool{}
	if len(byName) == 0 {
		return nil
	}
	var initials [256]bool
	for name := range byName {
		initials[name[0]] = true
	}
	perFile := make([][]string, len(r.p.Files)) // the names that stand in each
	r.eachFile(func(f *File) {
		if f.Vendored != "" {
			return
		}
		t := f.Tree
		for n := range t.Nodes(syntax.String) {
			// Most strings are names of fields, or begin with another letter.
			text := t.Text(n)
			if t.IsBare(n) {
				if text == "" || !initials[text[0]] || t.Kind(t.Parent(n)) != syntax.Field {
					continue
				}
			} else if len(text) < 2 || text[0] != '[' && !initials[text[1]] {
				continue
			}
			if name := t.Str(n); byName[name] != nil && !slices.Contains(perFile[f.id], name) {
				perFile[f.id] = append(perFile[f.id], name)
			}
		}
	})
	for i, names := range perFile {
		f := r.p.Files[i]
		home := r.homeOf(f.Path)
		for _, name := range names {
			for _, m := range byName[name] {
				if m != f {
					out = append(out, namedModule{m, name, f, home})
					atHome[m] = atHome[m] || home != ""
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(m namedModule) bool { return m.home == "" && atHome[m.module] })
}

// required says of each file whether something requires it by its name.
func (r *resolver) required() []bool {
	out := make([]bool, len(r.p.Files))
	for _, f := range r.p.Files {
		if f.Summary == nil {
			continue
		}
		for i := range f.Summary.Uses {
			u := &f.Summary.Uses[i]
			if u.Kind != loads.Require {
				continue
			}
			for _, n := range u.Names {
				switch n.Open {
				case loads.Closed:
					if m := r.standard.module(f, n.Prefix).file; m != nil {
						out[m.id] = true
					}
				case loads.Member:
					for _, l := range r.fieldValues(n.Key) {
						if m := r.standard.module(l.file, n.Prefix+l.text+n.Suffix).file; m != nil {
							out[m.id] = true
						}
					}
				}
			}
		}
	}
	for _, s := range r.order {
		for _, f := range s.Files {
			out[f.id] = true
		}
	}
	return out
}

// returns reports whether a file gives a value to who requires it.
func (f *File) returns() bool {
	if f.Summary == nil {
		return false
	}
	statements := f.Tree.Statements(f.Tree.Main)
	return len(statements) > 0 && f.Tree.Kind(statements[len(statements)-1]) == syntax.ReturnStat
}
