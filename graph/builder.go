package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/wait"
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
	sys       *effect.System
	seen      map[Edge]int // where it is in the graph
	lost      map[Unresolved]bool
	// shared are what the handlers of protocols do: most of it is what one of their commands
	// does, and belongs to that alone.
	shared     []Edge
	sharedLost []Unresolved
}

func newBuilder(g *Graph, sys *effect.System) *builder {
	b := &builder{
		graph: g, index: map[*effect.Service]int{}, native: map[string]int{}, ambiguous: map[string]bool{},
		sys: sys, seen: map[Edge]int{}, lost: map[Unresolved]bool{},
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

// at returns where a message is shown.
func (b *builder) at(m *effect.Message) rules.Location {
	f := b.sys.Values.Program().Files[m.Shown.File]
	return f.At(b.sys.Values.IR(m.Shown.File).Calls[m.Shown.Call].Node)
}

// edgeOf returns the edge that a message is.
func (b *builder) edgeOf(m *effect.Message) Edge {
	f, at := b.sys.Values.Program().Files[m.Shown.File], b.at(m)
	handler := m.Command
	switch {
	case m.Native != "":
		handler = m.Protocol
	case m.Kind == effect.Launch:
		handler = initHandler
	case m.Command == "":
		handler = m.Protocol
	}
	edge := Edge{
		From: b.end(m.From, m.Entry, m.Entry.Name()), To: b.to(m, handler), Kind: m.Kind.String(),
		File: f.Path, Line: line(f, at, b.sys.Values.IR(m.Shown.File).Calls[m.Shown.Call].Node), At: at, Confidence: Medium,
		Vague: m.AnyCommand(), Fresh: m.Kind == effect.Launch && !isUnique(f, at),
	}
	if m.Certain {
		edge.Confidence = High
	}
	return edge
}

// asked returns the edge that a wait for the start of a service is.
func (b *builder) asked(w *wait.Edge) Edge {
	f := b.sys.Values.Program().Files[w.Site.File]
	call := b.sys.Values.IR(w.Site.File).Calls[w.Site.Call].Node
	at := f.At(call)
	edge := Edge{
		From: b.end(w.From.Service, w.From.Entry, w.From.Entry.Name()), To: b.end(w.To.Service, w.To.Entry, initHandler), Kind: Query,
		File: f.Path, Line: line(f, at, call), At: at, Confidence: Medium,
	}
	if w.Certain {
		edge.Confidence = High
	}
	return edge
}

// queue adds a cycle of QueueLevel, once for each way around.
func (b *builder) queue(r *wait.Reentry) {
	c := Cycle{Level: QueueLevel, Confidence: High}
	for i := range r.Messages {
		e := b.edgeOf(&r.Messages[i])
		c.Edges = append(c.Edges, e)
		if e.Confidence != High {
			c.Confidence = Medium
		}
	}
	for _, e := range c.Edges {
		c.Members = append(c.Members, e.From, e.To)
	}
	slices.SortFunc(c.Members, compareEnds)
	c.Members = slices.CompactFunc(c.Members, func(x, y End) bool { return compareEnds(x, y) == 0 })
	for i := range b.graph.queues {
		have := &b.graph.queues[i]
		if !slices.EqualFunc(have.Edges, c.Edges, sameRequest) {
			continue
		}
		if have.Edges[0].From.entry.Kind == effect.Dispatch { // what it does for one command says more
			*have = c
			return
		}
		if c.Edges[0].From.entry.Kind == effect.Dispatch || have.Edges[0].From.Handler == c.Edges[0].From.Handler {
			return
		}
	}
	b.graph.queues = append(b.graph.queues, c)
}

// sameRequest reports whether two edges are one call of the text to one handler, whatever the call
// is made for.
func sameRequest(x, y Edge) bool {
	return x.From.Index == y.From.Index && x.To.Index == y.To.Index && x.To.Handler == y.To.Handler && x.File == y.File && x.Line == y.Line
}

// identity returns what an edge is in the eyes of a reader.
func (e Edge) identity() Edge {
	e.At, e.From.entry, e.To.entry, e.Apart = rules.Location{}, nil, nil, false
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
	id := e.identity()
	if i, known := b.seen[id]; known {
		have := &b.graph.Edges[i]
		have.Apart = have.Apart && e.Apart
		return
	}
	b.seen[id] = len(b.graph.Edges)
	b.graph.Edges = append(b.graph.Edges, e)
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
