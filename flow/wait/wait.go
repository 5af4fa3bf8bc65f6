// Package wait says which handlers and starts of services wait for which others: for the reply to
// a call, and for the end of the start of a service that is launched or asked for.
//
// Only what the coroutine of a handler or a start does itself, or what it waits for, counts: what
// a coroutine of its own does that skynet.fork starts keeps nobody waiting.
package wait

import (
	"cmp"
	"slices"

	"github.com/skylint/skylint/flow/cycle"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
)

// A Kind says what is waited for.
type Kind uint8

// The kinds.
const (
	Reply  Kind = iota // what a handler answers
	Unique             // the start of the one service of a name, which is launched if it is not there
	Asked              // the same, if somebody launches it
	Fresh              // the start of a new service
)

// A Point is where a wait begins or ends: what a service does for a message, or its start.
type Point struct {
	Service *effect.Service
	Entry   *effect.Entry
}

// IsStart reports whether the point is the start of a service.
func (p Point) IsStart() bool { return p.Entry.Kind == effect.Init }

// An Edge is a wait of one point for another.
type Edge struct {
	From, To Point
	Kind     Kind
	// Site is the outermost call at which is known who is waited for; Raw is the call that waits.
	Site, Raw effect.Site
	// Certain says that it can be waited for nobody else.
	Certain bool
}

// A Graph is who waits for whom. It is not safe for concurrent use.
type Graph struct {
	sys    *effect.System
	points []Point
	number map[*effect.Entry]int
	out    [][]Edge
	always map[question]bool

	services map[*project.Service]*effect.Service
	starts   [][]start // by file
	others   *others   // nil until somebody asks
}

// start is a place of the text that waits for the start of services.
type start struct {
	site     effect.Site
	kind     Kind
	host     effect.Function
	services []*project.Service
}

// Find returns who waits for whom in a system.
func Find(sys *effect.System, where *suspend.Info) *Graph {
	g := &Graph{
		sys: sys, number: map[*effect.Entry]int{}, always: map[question]bool{},
		services: make(map[*project.Service]*effect.Service, len(sys.Services)), starts: make([][]start, len(sys.Values.Program().Files)),
	}
	for i := range g.starts {
		g.starts[i] = g.startsIn(int32(i))
	}
	for _, s := range sys.Services {
		g.services[s.Service] = s
		for _, e := range s.Entries {
			g.number[e] = len(g.points)
			g.points = append(g.points, Point{s, e})
		}
	}
	g.out = make([][]Edge, len(g.points))
	for i, p := range g.points {
		g.edges(i, p, where)
	}
	return g
}

// edges finds what one point waits for.
func (g *Graph) edges(n int, p Point, where *suspend.Info) {
	messages := g.sys.Messages(p.Service, p.Entry)
	waits := p.IsStart() && g.launches(p.Service)
	for i := range messages {
		m := &messages[i]
		waits = waits || m.Kind == effect.Call || m.Kind == effect.Launch
	}
	if !waits {
		return
	}
	var own *suspend.Set
	if p.IsStart() {
		own = where.RunsAtStart(g.begins(p))
	} else {
		own = where.Runs(p.Entry.Functions)
	}
	for i := range messages {
		m := &messages[i]
		if m.Kind != effect.Call || m.To == nil || m.Target == nil || m.Implied || m.AnyCommand() {
			continue
		}
		if !own.Has(g.sys.Host(m.Raw)) || !own.Has(g.sys.Host(m.Site)) || g.forks(m.Site) {
			continue
		}
		e := Edge{From: p, To: Point{m.To, m.Target}, Kind: Reply, Site: m.Site, Raw: m.Raw, Certain: m.Certain && g.sys.IsWhole(m)}
		// Another service of the same kind is another thing, or in another mode: a master asks its slaves.
		if m.Self || !isSame(p.Service, m.To) || g.sys.IsOnly(m) && (g.isAlone(p.Service) || e.Certain && g.Always(&e)) {
			g.add(n, e)
		}
	}
	for _, f := range p.Service.World.Files {
		for _, w := range g.starts[g.sys.Values.FileOf(f)] {
			if !own.Has(w.host) {
				continue
			}
			for _, svc := range w.services {
				if to := g.services[svc]; to != nil {
					g.add(n, Edge{From: p, To: Point{to, to.Entries[0]}, Kind: w.kind, Site: w.site, Raw: w.site, Certain: len(w.services) == 1})
				}
			}
		}
	}
}

// startsIn returns the places of a file that wait for the start of services.
func (g *Graph) startsIn(file int32) []start {
	f := g.sys.Values.Program().Files[file]
	var out []start
	for i := range f.Summary.Uses {
		u := &f.Summary.Uses[i]
		kind, waits := kindOf(u)
		if !waits || u.Followed {
			continue
		}
		if call, ok := g.sys.Values.CallAt(file, u.Node); ok {
			site := effect.Site{File: file, Call: call}
			out = append(out, start{site, kind, g.sys.Host(site), g.sys.Values.Launched(file, call)})
		}
	}
	return out
}

// isSame reports whether two services are one program, which may differ from node to node.
func isSame(a, b *effect.Service) bool {
	return a.Main == b.Main && a.Program == b.Program && a.Module == b.Module
}

// begins returns the functions with which a service begins: the chunks of its main file, and of
// those that are required at the top of a file. What a function requires may come later.
func (g *Graph) begins(p Point) []effect.Function {
	early := map[*project.File]bool{p.Service.Main: true, p.Service.Module: true}
	for i := range p.Service.Requires { // in the order in which they are loaded
		r := &p.Service.Requires[i]
		if early[r.From] && (r.Use.Func == scope.Main || p.Service.Kind == project.FunctionService) {
			for _, f := range r.Files {
				early[f] = true
			}
		}
	}
	var out []effect.Function
	for _, f := range p.Entry.Functions {
		if early[g.sys.Values.Program().Files[f.File].File] {
			out = append(out, f)
		}
	}
	return out
}

// launches reports whether a file of a service launches, or asks for, a service.
func (g *Graph) launches(s *effect.Service) bool {
	for _, f := range s.World.Files {
		for i := range f.Summary.Uses {
			if _, waits := kindOf(&f.Summary.Uses[i]); waits {
				return true
			}
		}
	}
	return false
}

// kindOf says what a place waits for that launches or asks for a service.
func kindOf(u *loads.Use) (Kind, bool) {
	switch u.Kind {
	case loads.Launch, loads.LaunchSnax, loads.LaunchFunction:
		if u.Unique {
			return Unique, true
		}
		return Fresh, u.API != "skynet.launch" // which waits for nobody
	case loads.Query, loads.QuerySnax:
		return Asked, true
	}
	return 0, false
}

// forks reports whether a call gives what it is given to another coroutine.
func (g *Graph) forks(s effect.Site) bool {
	forks := false
	g.sys.Values.Callees(s.File, s.Call, func(c solve.Callee) {
		if d := g.sys.Values.Atom(c.Atom); d.Kind == solve.API && !c.Indirect {
			for i := range d.Entry.Args {
				a := &d.Entry.Args[i]
				if a.Role != models.RoleCallback {
					continue
				}
				switch a.Callback {
				case models.CallbackCalled, models.CallbackLocked, models.CallbackUnyieldable:
				default:
					forks = true
				}
			}
		}
	})
	return forks
}

// add adds an edge; of those to the same point the surest stays.
func (g *Graph) add(n int, e Edge) {
	i := slices.IndexFunc(g.out[n], func(o Edge) bool { return o.To == e.To && o.Kind == e.Kind })
	switch {
	case i < 0:
		g.out[n] = append(g.out[n], e)
	case !g.out[n][i].Certain && e.Certain:
		g.out[n][i] = e
	}
}

// A Cycle is a shortest way around among points that wait for each other.
type Cycle struct {
	Edges []Edge // from the first point in the order of the services
	// Others is how many points more are in it, on other ways around.
	Others int
}

// FindAsked returns the waits for the starts of services that are asked for, and not launched: in
// the order of the services and of the files that each of them loads.
func FindAsked(sys *effect.System, where *suspend.Info) []Edge {
	if !slices.ContainsFunc(sys.Values.Program().Files, func(f *program.File) bool {
		return slices.ContainsFunc(f.Summary.Uses, func(u loads.Use) bool {
			kind, waits := kindOf(&u)
			return waits && kind == Asked
		})
	}) {
		return nil
	}
	var out []Edge
	for _, edges := range Find(sys, where).out {
		for _, e := range edges {
			if e.Kind == Asked {
				out = append(out, e)
			}
		}
	}
	return out
}

// Handlers returns the cycles of calls: handlers that wait for each other.
func (g *Graph) Handlers() []Cycle {
	return g.find(func(e *Edge) bool { return e.Kind == Reply }, func(*Edge) bool { return true })
}

// Starts returns the cycles in which the start of a service waits for itself.
func (g *Graph) Starts() []Cycle {
	return g.find(func(e *Edge) bool {
		// A service that launches another of its own kind does it in one of its modes, as a rule; what
		// would wait for its own service stands in code that all services share.
		return e.Kind == Reply || !isSame(e.From.Service, e.To.Service) || g.Always(e)
	}, func(e *Edge) bool { return e.Kind != Reply })
}

func (g *Graph) find(follow, through func(*Edge) bool) []Cycle {
	c := cycle.Graph{To: make([][]int, len(g.points))}
	edges := make([][]*Edge, len(g.points))
	for n := range g.out {
		for i := range g.out[n] {
			if e := &g.out[n][i]; follow(e) {
				c.To[n] = append(c.To[n], g.number[e.To.Entry])
				edges[n] = append(edges[n], e)
			}
		}
	}
	var found []Cycle
	for _, f := range c.Find(func(e cycle.Edge) bool { return through(edges[e.From][e.Index]) }) {
		first := 0
		for i := range f.Edges {
			if f.Edges[i].From < f.Edges[first].From {
				first = i
			}
		}
		out := Cycle{Others: len(f.Members) - len(f.Edges)}
		for i := range f.Edges {
			e := f.Edges[(first+i)%len(f.Edges)]
			out.Edges = append(out.Edges, *edges[e.From][e.Index])
		}
		found = append(found, out)
	}
	slices.SortStableFunc(found, func(a, b Cycle) int {
		return cmp.Compare(g.number[a.Edges[0].From.Entry], g.number[b.Edges[0].From.Entry])
	})
	return found
}

// question is whether a function surely makes a call.
type question struct {
	fn   effect.Function
	site effect.Site
}

// Always reports whether the handler or start from which an edge leads waits there whenever it
// runs: on each path, and none of them raises on purpose or ends the service.
func (g *Graph) Always(e *Edge) bool {
	if e.From.IsStart() {
		return slices.ContainsFunc(g.begins(e.From), func(f effect.Function) bool { return g.makes(f, e) })
	}
	fs := e.From.Entry.Functions
	return len(fs) > 0 && !slices.ContainsFunc(fs, func(f effect.Function) bool { return !g.makes(f, e) })
}

// makes reports whether a function surely comes to the call of an edge.
func (g *Graph) makes(f effect.Function, e *Edge) bool {
	q := question{f, e.Site}
	if known, ok := g.always[q]; ok {
		return known
	}
	g.always[q] = false // where it calls itself
	terms := g.sys.Values.IR(f.File)
	calls := g.sys.CallsIn(f)
	guide := path.Guide{Calls: g.sys.NodesIn(f)}
	ends := false
	guide.Call = func(i int) path.Effect {
		site := g.sys.Site(calls[i])
		switch {
		case site == e.Site && (site == e.Raw || g.through(site, e)):
			return path.Answers
		case g.ends(site):
			ends = true
			return path.Nothing
		case g.leads(site, e):
			return path.Answers
		}
		return path.Nothing
	}
	o := path.Follow(terms.Info.Tree, terms.Info.Funcs[f.Func].Node, guide)
	g.always[q] = !ends && o.Effect() == path.Answers
	return g.always[q]
}

// through reports whether the function that a call calls surely comes to the call which waits.
func (g *Graph) through(site effect.Site, e *Edge) bool {
	raw := *e
	raw.Site = e.Raw
	return g.leads(site, &raw)
}

// leads reports whether each function that a call runs at once comes to the call of an edge.
func (g *Graph) leads(site effect.Site, e *Edge) bool {
	found, all := false, true
	now := true
	g.sys.Values.Callees(site.File, site.Call, func(c solve.Callee) {
		switch d := g.sys.Values.Atom(c.Atom); {
		case d.Kind == solve.Function && e.From.Service.Has(d.File):
			found = true
			all = all && g.makes(effect.Function{File: d.File, Func: d.Func}, e)
		case d.Kind == solve.API && !c.Indirect:
			now = now && g.atOnce(d.Entry, e)
		}
	})
	return found && all && now
}

// atOnce reports whether what a function of an API is given runs before who gives it goes on.
func (g *Graph) atOnce(api *models.Entry, e *Edge) bool {
	for i := range api.Args {
		if a := &api.Args[i]; a.Role == models.RoleCallback {
			switch a.Callback {
			case models.CallbackCalled, models.CallbackLocked, models.CallbackUnyieldable:
			case models.CallbackInit:
				return e.From.IsStart()
			default:
				return false
			}
		}
	}
	return true
}

// ends reports whether a call raises on purpose, or ends the service.
func (g *Graph) ends(site effect.Site) bool {
	ends := false
	g.sys.Values.Callees(site.File, site.Call, func(c solve.Callee) {
		if d := g.sys.Values.Atom(c.Atom); d.Kind == solve.API && d.Entry.Flags.Has(models.NeverReturns) {
			ends = true
		}
	})
	return ends
}
