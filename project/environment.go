package project

import (
	"path"
	"slices"
	"strings"

	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/project/search"
	"github.com/skylint/skylint/syntax"
)

// An environment says how names become files: that of a node, of a service in a folder of
// its own, of a file that has changed package.path.
type environment struct {
	r        *resolver
	patterns []search.Pattern
	// guess looks where projects usually keep things: near the folders near, and around the
	// file that asks. It comes behind patterns, but before them with first.
	guess, first bool
	near         []string
	// dir is the folder that paths are relative to.
	dir string
	// settings are what getenv returns.
	settings map[string]string

	key     string
	modules map[moduleKey]found
	loads   map[*File][]Require
}

// A moduleKey is a name, and the folder of the file that asks for it where that matters.
type moduleKey struct{ dir, name string }

// found is what a name leads to.
type found struct {
	file   *File
	reason Reason
}

// environment returns the environment of these properties: the same one for the same.
func (r *resolver) environment(e environment) *environment {
	e.r = r
	var key strings.Builder
	for _, p := range e.patterns {
		key.WriteString(string(p) + ";")
	}
	key.WriteString("|" + strings.Join(e.near, ";") + "|" + e.dir)
	if e.guess {
		key.WriteString("|guess")
	}
	if e.first {
		key.WriteString(" first")
	}
	for _, k := range r.usedSettings {
		key.WriteString("|" + k + "=" + e.settings[k])
	}
	e.key = key.String()
	if known := r.environments[e.key]; known != nil {
		return known
	}
	e.modules = map[moduleKey]found{}
	e.loads = map[*File][]Require{}
	r.environments[e.key] = &e
	return &e
}

// with returns the environment in which patterns come before those of e.
func (e *environment) with(before ...search.Pattern) *environment {
	changed := *e
	changed.patterns = slices.Concat(before, e.patterns)
	return e.r.environment(changed)
}

// edited returns the environment behind the assignments to package.path of a file.
func (e *environment) edited(f *File) *environment {
	for i := range f.Summary.PathEdits {
		edit := &f.Summary.PathEdits[i]
		before, first := e.editPatterns(f, edit.Before)
		after, last := e.editPatterns(f, edit.After)
		changed := *e
		if edit.Replaces {
			changed.patterns = before
		} else {
			changed.patterns = slices.Concat(before, e.patterns, after)
		}
		changed.guess = e.guess || !first || !last // more folders, which are not known
		e = e.r.environment(changed)
	}
	return e
}

// editPatterns reads the text of an assignment to package.path. What it is relative to is
// known on a node; for other files it is the nearest folder above that makes sense. whole is
// false if a part of the text is not known.
func (e *environment) editPatterns(f *File, text string) (out []search.Pattern, whole bool) {
	whole = true
	for t := range strings.SplitSeq(text, ";") {
		t = strings.TrimSpace(t)
		if i := strings.LastIndex(t, loads.Unknown); i >= 0 {
			whole = false
			t = strings.TrimLeft(t[i+1:], "/") // root .. "/lualib/?.lua"
		}
		if t == "" || !strings.Contains(t, "?") {
			continue
		}
		bases := []string{e.dir}
		if e.guess {
			for dir := path.Dir(f.Path); ; dir = path.Dir(dir) {
				bases = append(bases, dir)
				if dir == "." || dir == "/" || dir == ".." {
					break
				}
			}
		}
		for _, base := range bases {
			if ps := search.Patterns(base, t); len(ps) == 1 && (!e.guess || e.r.x.IsDir(ps[0].Dir())) {
				out = append(out, ps...)
				break
			}
		}
	}
	return out, whole
}

// module returns what a require of a known name in a file gets.
func (e *environment) module(from *File, name string) found {
	key := moduleKey{name: name}
	if e.guess {
		key.dir = from.dir
	}
	if f, ok := e.modules[key]; ok && f.file != from {
		return f
	}
	f := e.findModule(from, name)
	if f.file != from {
		e.modules[key] = f
	}
	return f
}

func (e *environment) findModule(from *File, name string) found {
	searched := search.None
	if !e.first {
		searched = e.r.x.First(e.patterns, search.ModulePath(name))
	}
	reason := Missing
	if searched == search.None && e.guess {
		g := e.guessModule(from, name)
		// A module of its own name is the C library that a file wraps.
		if g.File != search.None && e.r.p.Files[g.File] != from {
			searched = g.File
		} else if len(g.Ambiguous) > 0 {
			reason = Ambiguous
		}
	}
	if searched == search.None && e.first {
		searched = e.r.x.First(e.patterns, search.ModulePath(name))
	}
	if searched != search.None {
		return found{file: e.r.p.Files[searched]}
	}
	if e.r.models.Module(name) != nil {
		return found{} // there is nothing unseen about it
	}
	return found{reason: reason}
}

// guessModule guesses what a module is. All environments share what is found around the file
// that asks; only where a file of the name is in one of the folders near, that counts more.
func (e *environment) guessModule(from *File, name string) search.Guess {
	key := moduleKey{from.dir, name}
	g, known := e.r.guesses[key]
	if !known {
		g = e.r.x.Module(from.Path, name)
		e.r.guesses[key] = g
	}
	for _, i := range g.All {
		for _, dir := range e.near {
			if dir == "." || strings.HasPrefix(e.r.p.Files[i].Path, dir+"/") {
				return e.r.x.Module(from.Path, name, e.near...)
			}
		}
	}
	return g
}

// path returns the file at a literal path.
func (e *environment) path(from *File, name string) found {
	if i := e.r.x.File(path.Join(e.dir, name)); i != search.None {
		return found{file: e.r.p.Files[i]}
	}
	if e.guess {
		g := e.r.x.Path(from.Path, name, e.near...)
		if g.File != search.None {
			return found{file: e.r.p.Files[g.File]}
		}
		if len(g.Ambiguous) > 0 {
			return found{reason: Ambiguous}
		}
	}
	return found{reason: Missing}
}

// loadsOf returns what a file loads, without what the programs of its function services do.
func (e *environment) loadsOf(f *File) []Require {
	list, known := e.loads[f]
	if known {
		return list
	}
	if e.isPlain() && e.r.homes[e.dir] {
		if shared := e.r.shared(f); shared.usable && !slices.Contains(shared.homes, e.dir) {
			e.loads[f] = shared.loads
			return shared.loads
		}
	}
	for i := range f.Summary.Uses {
		u := &f.Summary.Uses[i]
		if f.programOf(u) == syntax.None {
			if l, ok := e.load(f, u); ok {
				list = append(list, l)
			}
		}
	}
	e.loads[f] = list
	return list
}

// isPlain reports whether names are looked for where projects usually keep things, and
// nowhere else but in the folder dir first.
func (e *environment) isPlain() bool {
	return e.guess && len(e.patterns) == 0 && len(e.settings) == 0 && len(e.near) == 1 && e.near[0] == e.dir
}

// shared is what a file loads on all nodes without a configuration but those in whose
// folders there is a file of a name that it asks for.
type shared struct {
	loads  []Require
	homes  []string
	usable bool // it loads by nothing but names that are known
}

func (r *resolver) shared(f *File) *shared {
	s := r.sharedLoads[f]
	if s != nil {
		return s
	}
	s = &shared{usable: true}
	r.sharedLoads[f] = s
	for i := range f.Summary.Uses {
		u := &f.Summary.Uses[i]
		if u.Kind == loads.Run || u.Kind == loads.Chunk {
			s.usable = false
		}
		if u.Kind != loads.Require || !s.usable {
			continue
		}
		for _, n := range u.Names {
			if !n.Known() {
				s.usable = false
				break
			}
			for _, i := range r.plain.guessModule(f, n.Prefix).All {
				if home := r.homeOf(r.p.Files[i].Path); home != "" && !slices.Contains(s.homes, home) {
					s.homes = append(s.homes, home)
				}
			}
		}
	}
	if s.usable {
		s.loads = r.plain.loadsOf(f)
	}
	return s
}

// load resolves one use; ok is false for a use that loads nothing into the program itself,
// and for one that is found with its callers.
func (e *environment) load(f *File, u *loads.Use) (l Require, ok bool) {
	switch u.Kind {
	case loads.Require, loads.Run, loads.Chunk:
	default:
		return Require{}, false
	}
	l = Require{From: f, Use: u}
	for i := range u.Names {
		files, reason := e.name(f, u, u.Names[i])
		for _, file := range files {
			if !slices.Contains(l.Files, file) {
				l.Files = append(l.Files, file)
			}
		}
		if reason != 0 && l.Reason == 0 {
			l.Reason = reason
		}
	}
	if u.Isolated || f.modelled || f.Roles.Has(Loader) {
		l.Reason = 0 // it defines nothing here, or a model says what it does
	}
	if u.Followed && len(l.Files) == 0 && l.Reason == 0 {
		return l, false
	}
	return l, true
}

// name resolves one name of a use.
func (e *environment) name(f *File, u *loads.Use, n loads.Name) ([]*File, Reason) {
	switch n.Open {
	case loads.Closed:
		return e.closed(f, u, n.Prefix)
	case loads.Setting:
		if value, ok := e.settings[n.Key]; ok {
			return e.closed(f, u, n.Prefix+value+n.Suffix)
		}
	case loads.Parameter:
		if u.Followed {
			return nil, 0
		}
	case loads.Member:
		return e.member(f, u, n), Dynamic
	}
	if files := e.matching(f, u, n); len(files) > 0 {
		return files, 0
	}
	return nil, Dynamic
}

func (e *environment) closed(f *File, u *loads.Use, name string) ([]*File, Reason) {
	var r found
	if u.Kind == loads.Require {
		r = e.module(f, name)
	} else {
		r = e.path(f, name)
	}
	if r.file == nil {
		return nil, r.reason
	}
	return []*File{r.file}, 0
}

// minKnown is how much of a name must be known for a search by it.
const minKnown = 3

// matching returns the files that a name of which the ends are known may mean.
func (e *environment) matching(f *File, u *loads.Use, n loads.Name) []*File {
	prefix, suffix := n.Prefix, n.Suffix
	if len(prefix)+len(suffix) < minKnown || prefix == "" {
		return nil
	}
	var hits []int
	if u.Kind == loads.Require {
		prefix, suffix = search.ModulePath(prefix), search.ModulePath(suffix)
		hits = e.r.x.Match(e.patterns, prefix, suffix)
		if len(hits) == 0 && e.guess {
			hits = e.r.x.GuessMatch(f.Path, prefix, suffix, e.near...)
		}
	} else {
		hits = e.r.x.Match([]search.Pattern{search.Pattern(path.Join(e.dir, "?"))}, strings.TrimPrefix(prefix, "./"), suffix)
	}
	var files []*File
	for _, i := range hits {
		if file := e.r.p.Files[i]; file.Tree != nil && !file.Roles.Has(NodeConfig) {
			files = append(files, file)
		}
	}
	return files
}

// member returns the files that a field's literal values name, wherever in the project the
// field is set: require(conf.plugin) with { plugin = "hall.plugin" } in some table.
func (e *environment) member(f *File, u *loads.Use, n loads.Name) []*File {
	var files []*File
	for _, l := range e.r.fieldValues(n.Key) {
		if !e.sees(l.file) {
			continue
		}
		r, _ := e.closed(l.file, u, n.Prefix+l.text+n.Suffix)
		for _, file := range r {
			if file != f && !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files
}

// sees reports whether data in a file is meant for this environment: not if it lies in the
// folder of another node.
func (e *environment) sees(f *File) bool {
	home := e.r.homeOf(f.Path)
	return home == "" || home == e.dir || e.dir == "."
}
