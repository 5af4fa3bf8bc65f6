package project

import (
	"path"
	"slices"
	"strings"

	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/project/search"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// resolver finds out what the files of a project are to each other.
type resolver struct {
	p      *Project
	o      Options
	x      *search.Index
	models *models.Catalogue

	// How names become files.
	environments map[string]*environment // by key
	guesses      map[moduleKey]search.Guess
	usedSettings []string     // the settings that names are made of, sorted
	standard     *environment // in which files are looked at alone
	plain        *environment // that of a node of which nothing is known
	sharedLoads  map[*File]*shared

	// What files say.
	launched map[string]bool      // names that something launches
	snaxed   map[string]bool      // the same for snax
	launches map[string][]launch  // by name
	homes    map[string]bool      // the folders that belong to one node each
	fields   map[string][]literal // by field: see fieldValues
	texts    map[string][]literal // by field: see fieldTexts

	// What is found.
	services map[serviceKey]*Service
	order    []*Service
	mains    map[*File]bool // the main files of services
	seen     []int32        // by file: the last service that was found to load it
	closed   int32          // how many services there were
}

// A launch is a place that launches a service.
type launch struct {
	file *File
	use  *loads.Use
}

// A literal is a string of a file.
type literal struct {
	file *File
	text string
}

// serviceKey tells services apart: two nodes share one if they start the same file and find
// the same modules.
type serviceKey struct {
	main    *File
	kind    ServiceKind
	name    string
	program syntax.Node
	module  *File
	env     *environment
	before  string // loader and preload files
}

func newResolver(p *Project, o Options) *resolver {
	return &resolver{
		p: p, o: o, x: p.files, models: o.Models,
		environments: map[string]*environment{}, guesses: map[moduleKey]search.Guess{}, sharedLoads: map[*File]*shared{},
		launched: map[string]bool{}, snaxed: map[string]bool{}, launches: map[string][]launch{}, homes: map[string]bool{},
		services: map[serviceKey]*Service{}, mains: map[*File]bool{}, seen: make([]int32, len(p.Files)),
	}
}

func (r *resolver) resolve() {
	r.markModelled()
	r.collectSettings()
	r.configured()
	r.standard = r.environment(environment{guess: true, first: true, patterns: r.ownPaths(), dir: "."})
	r.plain = r.environment(environment{guess: true, dir: "."})
	r.spread()
	r.markStarts()
	r.findHomes()
	r.collectLaunches()
	r.configuredServices()
	r.implicitServices()
	r.containers()
	r.functionServices()
	r.finish()
}

// extraFile makes a File that is not one of the project's: a configuration that the walk
// left out.
func (r *resolver) extraFile(name, text string) *File {
	return &File{File: source.New(name, text), id: -1}
}

// markModelled finds the files of those modules of skynet that a model describes: what they
// load at run time is what they are asked to.
func (r *resolver) markModelled() {
	for i := range r.models.Modules {
		m := &r.models.Modules[i]
		name := search.ModulePath(m.Name)
		for _, end := range []string{"lualib/" + name + ".lua", "lualib/" + name + "/init.lua"} {
			for _, f := range r.x.Ending(end) {
				r.p.Files[f].modelled = true
			}
		}
	}
}

// collectSettings finds which settings the names of modules are made of.
func (r *resolver) collectSettings() {
	for _, f := range r.p.Files {
		if f.Summary == nil {
			continue
		}
		for i := range f.Summary.Uses {
			u := &f.Summary.Uses[i]
			if u.Kind != loads.Require && u.Kind != loads.Run && u.Kind != loads.Chunk {
				continue
			}
			for _, n := range u.Names {
				if n.Open == loads.Setting && !slices.Contains(r.usedSettings, n.Key) {
					r.usedSettings = append(r.usedSettings, n.Key)
				}
			}
		}
	}
	slices.Sort(r.usedSettings)
}

// ownPaths returns where the project's own nodes look for modules.
func (r *resolver) ownPaths() []search.Pattern {
	var out []search.Pattern
	for _, n := range r.p.Nodes {
		if n.Vendored != "" {
			continue
		}
		for _, p := range n.LuaPath {
			if !slices.Contains(out, p) && r.x.IsDir(p.Dir()) {
				out = append(out, p)
			}
		}
	}
	return out
}

// spread follows wrappers. A module is what it is to its file looked at alone.
func (r *resolver) spread() {
	summaries := make([]*loads.Summary, len(r.p.Files))
	for i, f := range r.p.Files {
		summaries[i] = f.Summary
	}
	loads.Spread(summaries, func(file int, module string) int {
		if f := r.standard.module(r.p.Files[file], module).file; f != nil {
			return f.id
		}
		return -1
	})
	for _, f := range r.p.Files {
		if f.Summary == nil {
			continue
		}
		for i := range f.Summary.Uses {
			if u := &f.Summary.Uses[i]; u.Kind == loads.LaunchFunction && u.Program != syntax.None {
				f.programs = append(f.programs, u.Program)
				f.programUses = append(f.programUses, u)
			}
		}
		slices.Sort(f.programs) // what is within another has a smaller number
	}
}

// markStarts finds the files that make the program a service when they are run: by calling
// skynet.start, or by running a file that does.
func (r *resolver) markStarts() {
	var fresh []*File
	users := map[*File][]*File{}
	for _, f := range r.p.Files {
		if f.Summary == nil || f.Roles.Has(NodeConfig) {
			continue
		}
		if f.Summary.StartsAtLoad() {
			f.Starts = true
			fresh = append(fresh, f)
		}
		for i := range f.Summary.Uses {
			u := &f.Summary.Uses[i]
			if u.Func == 0 && (u.Kind == loads.Require || u.Kind == loads.Run) && len(u.Names) == 1 && u.Names[0].Known() {
				if l, ok := r.standard.load(f, u); ok {
					for _, used := range l.Files {
						users[used] = append(users[used], f)
					}
				}
			}
		}
	}
	for len(fresh) > 0 {
		f := fresh[len(fresh)-1]
		fresh = fresh[:len(fresh)-1]
		for _, user := range users[f] {
			if !user.Starts {
				user.Starts = true
				fresh = append(fresh, user)
			}
		}
	}
}

// collectLaunches gathers the names that something launches, or that skynet starts itself.
func (r *resolver) collectLaunches() {
	for _, f := range r.p.Files {
		if f.Summary == nil {
			continue
		}
		for i := range f.Summary.Uses {
			u := &f.Summary.Uses[i]
			for _, n := range u.Names {
				if !n.Known() {
					continue
				}
				switch u.Kind {
				case loads.Launch:
					r.launched[n.Prefix] = true
					r.launches[n.Prefix] = append(r.launches[n.Prefix], launch{f, u})
				case loads.LaunchSnax:
					r.snaxed[n.Prefix] = true
				}
			}
		}
	}
	for _, n := range r.p.Nodes {
		for _, name := range n.first() {
			r.launched[name] = true
		}
	}
}

// first returns the services that skynet itself starts.
func (n *Node) first() []string {
	names := []string{n.Bootstrap, n.Start}
	if n.Settings["logservice"] == "snlua" {
		names = append(names, n.Settings["logger"])
	}
	return slices.DeleteFunc(names, func(s string) bool { return s == "" })
}

// configuredServices finds the services of the nodes that have search paths. One file may be
// found under several names; those that something launches count, else the shortest.
func (r *resolver) configuredServices() {
	var hits []hit
	for _, n := range r.p.Nodes {
		n.env = r.environment(environment{patterns: r.existing(n.LuaPath), dir: n.Dir, settings: n.Settings})
		hits = r.found(hits, n, n.LuaService, LuaService, r.launched, func(f *File) bool { return f.Starts })
		hits = r.found(hits, n, n.Snax, SnaxService, r.snaxed, func(f *File) bool { return f.Summary.Snax })
	}
	type place struct {
		file *File
		kind ServiceKind
	}
	best := map[place]hit{}
	for _, h := range hits {
		if old, known := best[place{h.file, h.kind}]; !known || h.better(old) {
			best[place{h.file, h.kind}] = h
		}
	}
	for _, h := range hits {
		if b := best[place{h.file, h.kind}]; h.name != b.name && b.better(h) {
			continue
		}
		env := h.node.env
		if own := ownFolder(h.pattern, h.name, h.kind); own != "" {
			env = env.with(own)
		}
		r.service(h.node, Service{Name: h.name, Kind: h.kind, Main: h.file, Launched: h.launched}, env)
	}
}

// A hit is a file that a node's search path finds for a service.
type hit struct {
	node     *Node
	file     *File
	kind     ServiceKind
	name     string
	pattern  search.Pattern
	launched bool
}

// better reports whether the name is likelier to be used than that of another hit.
func (h hit) better(o hit) bool {
	if h.launched != o.launched {
		return h.launched
	}
	return !h.launched && len(h.name) < len(o.name)
}

// existing leaves out patterns under which there are no files, so that nodes which differ in
// nothing else share their services.
func (r *resolver) existing(patterns []search.Pattern) []search.Pattern {
	var out []search.Pattern
	for _, p := range patterns {
		if r.x.IsDir(p.Dir()) && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// found adds those services of a node that its search path leads to: files that start one,
// or are launched by the name under which they are found.
func (r *resolver) found(hits []hit, n *Node, patterns []search.Pattern, kind ServiceKind, launched map[string]bool, starts func(*File) bool) []hit {
	at := map[*File]int{}
	for _, p := range patterns {
		for _, i := range r.x.Below(p.Dir()) {
			f := r.p.Files[i]
			if f.Summary == nil || f.isData() {
				continue
			}
			name, ok := p.Name(f.Path)
			if !ok || !starts(f) && !launched[name] || r.x.First(patterns, name) != i {
				continue
			}
			h := hit{n, f, kind, name, p, launched[name]}
			if old, known := at[f]; !known {
				at[f] = len(hits)
				hits = append(hits, h)
			} else if h.better(hits[old]) {
				hits[old] = h
			}
		}
	}
	return hits
}

// ownFolder returns what the loader puts in front of the search path for a service in a
// folder of its own, "" for others.
func ownFolder(p search.Pattern, name string, kind ServiceKind) search.Pattern {
	text := string(p)
	if kind == SnaxService {
		before, _, _ := strings.Cut(text, "?")
		return search.Pattern(path.Join(before, name) + "/?.lua")
	}
	i := strings.LastIndexByte(text, '/')
	if i < 0 || strings.Contains(text[i:], "?") || !strings.Contains(text[:i], "?") {
		return ""
	}
	return search.Pattern(strings.ReplaceAll(text[:i], "?", name) + "/?.lua")
}
