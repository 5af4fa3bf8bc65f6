package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// initHandler is what the code is called that runs when a service starts.
const initHandler = "init"

// A builder collects the edges of a graph, each once.
type builder struct {
	graph     *Graph
	index     map[*effect.Service]int
	native    map[string]int // services of C code
	ambiguous map[string]bool
	seen      map[Edge]bool
	lost      map[Unresolved]bool
	// shared are what the handlers of protocols do: most of it is what one of their commands
	// does, and belongs to that alone.
	shared     []Edge
	sharedLost []Unresolved
}

func newBuilder(g *Graph, sys *effect.System) *builder {
	b := &builder{
		graph: g, index: map[*effect.Service]int{}, native: map[string]int{}, ambiguous: map[string]bool{},
		seen: map[Edge]bool{}, lost: map[Unresolved]bool{},
	}
	names := map[string]bool{}
	for i, s := range sys.Services {
		b.index[s] = i
		b.ambiguous[s.Name] = b.ambiguous[s.Name] || names[s.Name]
		names[s.Name] = true
		node := Service{Name: s.Name, File: s.Main.Path, Main: rules.Location{File: s.Main.File, Span: source.Span{}}}
		for _, e := range s.Entries {
			if e.Kind == effect.Command && !slices.Contains(node.Handlers, e.Name()) {
				node.Handlers = append(node.Handlers, e.Name())
			}
		}
		for _, n := range s.Nodes {
			node.Nodes = append(node.Nodes, n.Name)
		}
		g.Services = append(g.Services, node)
	}
	return b
}

// end returns one side of an edge.
func (b *builder) end(s *effect.Service, e *effect.Entry, handler string) End {
	end := End{Service: s.Name, Handler: handler, Index: b.index[s], entry: e}
	if b.ambiguous[s.Name] {
		end.File = s.Main.Path
	}
	return end
}

// to returns the side of an edge that receives. Services of C code become nodes with their first
// message.
func (b *builder) to(m *effect.Message, handler string) End {
	if m.Native == "" {
		return b.end(m.To, m.Target, handler)
	}
	i, ok := b.native[m.Native]
	if !ok {
		i = len(b.graph.Services)
		b.native[m.Native] = i
		b.graph.Services = append(b.graph.Services, Service{Name: m.Native})
	}
	return End{Service: m.Native, Handler: handler, Index: i}
}

// identity returns what an edge is in the eyes of a reader.
func (e Edge) identity() Edge {
	e.At, e.From.entry, e.To.entry = rules.Location{}, nil, nil
	return e
}

func (b *builder) edge(from *effect.Entry, e Edge) {
	if from.Kind == effect.Dispatch {
		b.shared = append(b.shared, e)
		return
	}
	b.add(e)
}

func (b *builder) add(e Edge) {
	if id := e.identity(); !b.seen[id] {
		b.seen[id] = true
		b.graph.Edges = append(b.graph.Edges, e)
	}
}

func (b *builder) unresolved(from *effect.Entry, u Unresolved) {
	switch {
	case from.Kind == effect.Dispatch:
		b.sharedLost = append(b.sharedLost, u)
	case !b.lost[u]:
		b.lost[u] = true
		b.graph.Unresolved = append(b.graph.Unresolved, u)
	}
}

// finish adds what only handlers of protocols do, sorts, and finds the cycles.
func (b *builder) finish() {
	g := b.graph
	type place struct {
		from, to            int
		handler, kind, file string
		line                int
	}
	of := func(e Edge) place {
		return place{from: e.From.Index, to: e.To.Index, handler: e.To.Handler, kind: e.Kind, file: e.File, line: e.Line}
	}
	// A command knows what its messages bring, which the handler that calls it does not.
	type call struct {
		from       int
		kind, file string
		line       int
	}
	done, resolved := map[place]bool{}, map[call]bool{}
	for _, e := range g.Edges {
		if e.From.entry.Kind == effect.Command {
			done[of(e)] = true
			resolved[call{e.From.Index, e.Kind, e.File, e.Line}] = true
		}
	}
	for _, e := range b.shared {
		if !done[of(e)] {
			b.add(e)
		}
	}
	lost := func(u Unresolved) Unresolved {
		u.From.Handler, u.From.entry = "", nil
		return u
	}
	known := map[Unresolved]bool{}
	for _, u := range g.Unresolved {
		if u.From.entry.Kind == effect.Command {
			known[lost(u)] = true
		}
	}
	for _, u := range b.sharedLost {
		if !known[lost(u)] && !resolved[call{u.From.Index, u.Kind, u.File, u.Line}] && !b.lost[u] {
			b.lost[u] = true
			g.Unresolved = append(g.Unresolved, u)
		}
	}
	g.sort()
	g.findCycles()
}

// sort puts edges and what is unresolved in the order of the text.
func (g *Graph) sort() {
	slices.SortStableFunc(g.Edges, compareEdges)
	slices.SortStableFunc(g.Unresolved, func(a, b Unresolved) int {
		return cmp.Or(
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), compareEnds(a.From, b.From),
			strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name), strings.Compare(a.Reason, b.Reason),
		)
	})
}

func compareEdges(a, b Edge) int {
	return cmp.Or(
		strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), compareEnds(a.From, b.From), compareEnds(a.To, b.To),
		strings.Compare(a.Kind, b.Kind), strings.Compare(a.Confidence, b.Confidence),
	)
}

func compareEnds(a, b End) int {
	return cmp.Or(strings.Compare(a.Service, b.Service), cmp.Compare(a.Index, b.Index), strings.Compare(a.Handler, b.Handler))
}

// isUnique reports whether a call launches a service of which there is one.
func isUnique(f *program.File, at rules.Location) bool {
	for i := range f.Summary.Uses {
		if use := &f.Summary.Uses[i]; use.Unique && f.Tree.Span(use.Node) == at.Span {
			return true
		}
	}
	return false
}
