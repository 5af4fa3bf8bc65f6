package project

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

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
