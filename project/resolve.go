package project

import (
	"cmp"
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

	environments map[string]*environment
	guesses      map[moduleKey]search.Guess
	usedSettings []string     // the settings that names are made of, sorted
	standard     *environment // in which files are looked at alone
	plain        *environment // that of a node of which nothing is known
	sharedLoads  map[*File]*shared
	launched     map[string]bool // names that something launches
	snaxed       map[string]bool // the same for snax
	launches     map[string][]launch
	homes        map[string]bool // the folders of single nodes
	fields       map[string][]literal
	texts        map[string][]literal
	mains        map[*File]bool
	seen         []int32 // by file: the last service that loads it
	closed       int32   // how many services were closed
	services     map[serviceKey]*Service
	order        []*Service
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
		p: p, o: o, x: p.files, models: o.Models, environments: map[string]*environment{}, guesses: map[moduleKey]search.Guess{}, launched: map[string]bool{},
		snaxed: map[string]bool{}, services: map[serviceKey]*Service{}, mains: map[*File]bool{}, homes: map[string]bool{}, launches: map[string][]launch{}, sharedLoads: map[*File]*shared{}, seen: make([]int32, len(p.Files)),
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

// collectLaunches gathers the names that are launched anywhere, and the main files' roles.
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

// service adds a service to a node, the one that other nodes have if it is the same.
func (r *resolver) service(n *Node, s Service, env *environment) *Service {
	key := serviceKey{main: s.Main, kind: s.Kind, name: s.Name, program: s.Program, module: s.Module, env: env, before: n.before()}
	known := r.services[key]
	if known == nil {
		known = &s
		r.services[key] = known
		r.order = append(r.order, known)
		if s.Kind != FunctionService {
			r.mains[s.Main] = true
		}
		r.close(known, n, env)
	}
	if !slices.Contains(known.Nodes, n) {
		known.Nodes = append(known.Nodes, n)
	}
	return known
}

func (n *Node) before() string {
	var s strings.Builder
	if n.Loader != nil {
		s.WriteString(n.Loader.Path)
	}
	for _, f := range n.Preload {
		s.WriteString("\x00" + f.Path)
	}
	return s.String()
}

// close collects what a service loads.
func (r *resolver) close(s *Service, n *Node, env *environment) {
	r.closed++
	c := closer{r: r, s: s, env: env}
	if n != nil {
		if n.Loader != nil {
			c.visit(n.Loader)
		}
		for _, f := range n.Preload {
			c.visit(f)
		}
	}
	if s.Kind == FunctionService {
		c.program()
	} else {
		c.visit(s.Main)
	}
	if s.Module != nil {
		c.visit(s.Module)
	}
}

// closer walks the files of a service in load order.
type closer struct {
	r   *resolver
	s   *Service
	env *environment
}

// first reports whether it is the first time that the service comes to a file.
func (c *closer) first(f *File) bool {
	if c.r.seen[f.id] == c.r.closed {
		return false
	}
	c.r.seen[f.id] = c.r.closed
	return true
}

func (c *closer) visit(f *File) {
	if !c.first(f) {
		return
	}
	c.s.Files = append(c.s.Files, f)
	if f.Summary == nil {
		return
	}
	if len(f.Summary.PathEdits) > 0 {
		c.env = c.env.edited(f)
	}
	c.follow(c.env.loadsOf(f))
}

func (c *closer) follow(list []Require) {
	for _, l := range list {
		c.s.Requires = append(c.s.Requires, l)
		if l.Reason != 0 && !c.isArgument(&l) {
			c.s.Opaque = append(c.s.Opaque, l)
		}
		if l.Use.Isolated {
			continue
		}
		for _, f := range l.Files {
			c.visit(f)
		}
	}
}

// isArgument reports whether a load is that of the module which a container was told to
// load, and that is known.
func (c *closer) isArgument(l *Require) bool {
	return c.s.Module != nil && l.From == c.s.Main && len(l.Use.Names) == 1 && l.Use.Names[0].Open == loads.Argument
}

// program walks what the function of a FunctionService loads. It runs in a Lua state of its
// own: nothing else of the file is there.
func (c *closer) program() {
	f := c.s.Main
	c.first(f)
	c.s.Files = append(c.s.Files, f)
	for i := range f.Summary.Uses {
		u := &f.Summary.Uses[i]
		if f.programOf(u) == c.s.Program {
			if l, ok := c.env.load(f, u); ok {
				c.follow([]Require{l})
			}
		}
	}
}

// programOf returns the innermost function in which a use stands that is the program of a
// FunctionService, None for a use of the file itself.
func (f *File) programOf(u *loads.Use) syntax.Node {
	for _, program := range f.programs {
		if u.Node != program && f.Tree.Within(u.Node, program) {
			return program
		}
	}
	return syntax.None
}

// functionServices finds the services whose programs are functions: they run on the nodes
// that have a service which loads the file.
func (r *resolver) functionServices() {
	for _, s := range slices.Clone(r.order) {
		for _, f := range s.Files {
			for i := range f.programUses {
				u := f.programUses[i]
				name := "?"
				if len(u.Names) == 1 && u.Names[0].Known() {
					name = u.Names[0].Prefix
				}
				for _, n := range s.Nodes {
					r.service(n, Service{Name: name, Kind: FunctionService, Main: f, Program: u.Program, Launched: true}, n.env)
				}
			}
		}
	}
}

// finish puts everything in order and says of each file who loads it.
func (r *resolver) finish() {
	p := r.p
	r.merge()
	slices.SortStableFunc(p.Nodes, func(a, b *Node) int { return cmp.Compare(a.Name, b.Name) })
	for i, n := range p.Nodes {
		n.index = i
	}
	for _, s := range r.order {
		slices.SortFunc(s.Nodes, func(a, b *Node) int { return cmp.Compare(a.index, b.index) })
	}
	slices.SortStableFunc(r.order, func(a, b *Service) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Main.Path, b.Main.Path), cmp.Compare(a.Program, b.Program),
			cmp.Compare(a.Nodes[0].index, b.Nodes[0].index))
	})
	p.Services = r.order
	for _, s := range p.Services {
		switch s.Kind {
		case SnaxService:
			s.Main.Roles |= Main | Snax
		case LuaService, Container:
			s.Main.Roles |= Main
		}
		for _, n := range s.Nodes {
			n.Services = append(n.Services, s)
		}
		for _, f := range s.Files {
			f.Services = append(f.Services, s)
		}
		for _, l := range s.Requires {
			if l.Use.Isolated {
				for _, f := range l.Files {
					f.Roles |= Data
				}
			}
		}
	}
	r.alone()
}

// merge makes one service of those that differ in their nodes alone.
func (r *resolver) merge() {
	same := map[uint64][]*Service{}
	out := r.order[:0]
	for _, s := range r.order {
		h := s.hash()
		i := slices.IndexFunc(same[h], s.equal)
		if i < 0 {
			same[h] = append(same[h], s)
			out = append(out, s)
			continue
		}
		known := same[h][i]
		for _, n := range s.Nodes {
			if !slices.Contains(known.Nodes, n) {
				known.Nodes = append(known.Nodes, n)
			}
		}
		known.Launched = known.Launched || s.Launched
	}
	r.order = out
}

// equal reports whether two services are the same program with the same modules.
func (s *Service) equal(o *Service) bool {
	return s.Name == o.Name && s.Kind == o.Kind && s.Main == o.Main && s.Program == o.Program && s.Module == o.Module &&
		slices.Equal(s.Files, o.Files) && slices.EqualFunc(s.Requires, o.Requires, func(a, b Require) bool {
		return a.From == b.From && a.Use == b.Use && a.Reason == b.Reason && slices.Equal(a.Files, b.Files)
	})
}

// hash is the same for services that are equal.
func (s *Service) hash() uint64 {
	h := uint64(14695981039346656037)
	mix := func(n int) { h = (h ^ uint64(n)) * 1099511628211 }
	mix(s.Main.id)
	mix(int(s.Kind))
	mix(int(s.Program))
	mix(len(s.Name))
	for _, f := range s.Files {
		mix(f.id)
	}
	return h
}

// alone looks at the files that no service loads, and at each file by itself.
func (r *resolver) alone() {
	p := r.p
	inner := make([]bool, len(p.Files)) // loaded by another one that no service loads
	for _, f := range p.Files {
		if f.Summary == nil {
			continue
		}
		f.Requires = r.aloneEnv(f).loadsOf(f)
		if !f.isAlone() {
			continue
		}
		if f.Vendored == "" {
			p.Orphans = append(p.Orphans, f)
		}
		for _, l := range f.Requires {
			for _, g := range l.Files {
				if g != f && !l.Use.Isolated {
					inner[g.id] = true
				}
			}
		}
	}
	covered := make([]bool, len(p.Files))
	program := func(f *File) {
		s := &Service{Name: f.Path, Kind: Standalone, Main: f}
		r.close(s, nil, r.aloneEnv(f))
		for _, g := range s.Files {
			covered[g.id] = true
		}
		p.Programs = append(p.Programs, s)
	}
	for _, pass := range []bool{false, true} { // those in a circle come second
		for _, f := range p.Files {
			if f.Summary != nil && f.isAlone() && inner[f.id] == pass && !covered[f.id] {
				program(f)
			}
		}
	}
	slices.SortFunc(p.Programs, func(a, b *Service) int { return cmp.Compare(a.Main.id, b.Main.id) })
}

// isAlone reports whether a file is code that no service loads.
func (f *File) isAlone() bool { return len(f.Services) == 0 && !f.isData() && !f.Roles.Has(Data) }

// isData reports whether a file is no code of any service: what configures a node, or what
// runs in each service.
func (f *File) isData() bool { return f.Roles&(NodeConfig|ClusterConfig|Loader|Preload) != 0 }

// aloneEnv returns the environment in which a file is looked at alone.
func (r *resolver) aloneEnv(f *File) *environment {
	if len(f.Services) > 0 && len(f.Services[0].Nodes) > 0 {
		return f.Services[0].Nodes[0].env
	}
	return r.standard
}
