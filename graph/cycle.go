package graph

import (
	"cmp"
	"slices"

	"github.com/skylint/skylint/flow/cycle"
)

// The levels of cycles.
const (
	// QueueLevel is a request that is made while a queue is held, and leads, perhaps through others,
	// to a handler that wants the queue: the last of its edges goes to that handler.
	QueueLevel = "queue"
	// HandlerLevel is a cycle of calls in which each handler waits for the next. One may wait
	// for itself.
	HandlerLevel = "handler"
	// InitLevel is a cycle in which the start of a service waits for itself, through launches
	// and calls.
	InitLevel = "init"
	// ServiceLevel is a cycle of calls between services whose handlers make none: services are
	// entered again while they wait, which is not wrong in itself.
	ServiceLevel = "service"
)

// A Cycle is a set of handlers or services each of which reaches all others, and a shortest way
// around.
type Cycle struct {
	Level      string `json:"level"`
	Confidence string `json:"confidence"` // high if that of all Edges is
	// Members are all that reach each other. At service level they have no handlers.
	Members []End `json:"members"`
	// Edges are the way around, from the first member on it to itself.
	Edges []Edge `json:"edges"`
}

// findCycles sets the cycles, those that hurt most first.
func (g *Graph) findCycles() {
	handlers := newCycles(g.Edges, HandlerLevel, func(e *Edge) bool { return e.Kind == Call && !e.Vague && !e.Apart })
	starts := newCycles(slices.Concat(g.Edges, g.asked), InitLevel, func(e *Edge) bool {
		// A service that launches another of its own kind does it in one of its modes.
		return !e.Apart && (e.Kind == Call && !e.Vague || e.Kind == Query && e.From.Index != e.To.Index || e.Kind == Launch && !(e.Fresh && e.From.Index == e.To.Index))
	})
	services := newCycles(g.Edges, ServiceLevel, func(e *Edge) bool {
		// The same goes for what it calls then.
		return e.Kind == Call && !(e.From.Index == e.To.Index && e.From.Handler == initHandler)
	})
	g.Cycles = append([]Cycle{}, g.queues...)
	g.Cycles = append(g.Cycles, handlers.find(func(*Edge) bool { return true })...)
	g.Cycles = append(g.Cycles, starts.find((*Edge).isStart)...)
	waits := len(g.Cycles)
	for _, c := range services.find(func(*Edge) bool { return true }) {
		if !slices.ContainsFunc(g.Cycles[:waits], func(w Cycle) bool { return w.Level == HandlerLevel && slices.Equal(w.services(), c.services()) }) {
			g.Cycles = append(g.Cycles, c)
		}
	}
	g.showAsked()
}

// showAsked makes edges of those waits for starts that are a part of a cycle.
func (g *Graph) showAsked() {
	var shown []Edge
	for _, c := range g.Cycles {
		for _, e := range c.Edges {
			if e.Kind == Query && !slices.ContainsFunc(shown, func(o Edge) bool { return o.identity() == e.identity() }) {
				shown = append(shown, e)
			}
		}
	}
	if len(shown) > 0 {
		g.Edges = append(g.Edges, shown...)
		slices.SortStableFunc(g.Edges, compareEdges)
	}
}

// services returns the indices of the services of the members.
func (c *Cycle) services() []int {
	var all []int
	for _, m := range c.Members {
		all = append(all, m.Index)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// point identifies what a cycle goes through: a handler, or a service. Handlers of two protocols
// may have one name.
type point struct {
	service int
	handler string
	entry   any
}

// cycles finds the cycles of one level.
type cycles struct {
	level  string
	ends   []End
	number map[point]int
	out    [][]*Edge // by number, one edge for each successor, the surest first
	graph  cycle.Graph
}

func newCycles(edges []Edge, level string, follow func(*Edge) bool) *cycles {
	c := &cycles{level: level, number: map[point]int{}}
	for i := range edges {
		e := &edges[i]
		if !follow(e) {
			continue
		}
		from, to := c.point(e.From), c.point(e.To)
		if k := slices.Index(c.graph.To[from], to); k < 0 {
			c.graph.To[from] = append(c.graph.To[from], to)
			c.out[from] = append(c.out[from], e)
		} else if have := c.out[from][k]; have.Kind == Call && e.isStart() || have.Kind == e.Kind && have.Confidence != High && e.Confidence == High {
			c.out[from][k] = e
		}
	}
	return c
}

// point returns the number of an end.
func (c *cycles) point(e End) int {
	p := point{service: e.Index}
	if c.level == ServiceLevel {
		e.Handler = ""
	} else {
		p.handler = e.Handler
		if e.entry != nil {
			p.entry = e.entry
		}
	}
	n, ok := c.number[p]
	if !ok {
		n = len(c.ends)
		c.number[p] = n
		c.ends = append(c.ends, e)
		c.out = append(c.out, nil)
		c.graph.To = append(c.graph.To, nil)
	}
	return n
}

// find returns one cycle for each component that has one through an edge of those asked for.
func (c *cycles) find(through func(*Edge) bool) []Cycle {
	var found []Cycle
	for _, f := range c.graph.Find(func(e cycle.Edge) bool { return through(c.out[e.From][e.Index]) }) {
		var way []*Edge
		for _, e := range f.Edges {
			way = append(way, c.out[e.From][e.Index])
		}
		found = append(found, c.cycle(f.Members, way))
	}
	slices.SortStableFunc(found, func(a, b Cycle) int {
		return cmp.Or(compareEnds(a.Members[0], b.Members[0]), compareEdges(a.Edges[0], b.Edges[0]))
	})
	return found
}

func (c *cycles) cycle(group []int, way []*Edge) Cycle {
	found := Cycle{Level: c.level, Confidence: High}
	for _, v := range group {
		found.Members = append(found.Members, c.ends[v])
	}
	slices.SortFunc(found.Members, compareEnds)
	first := 0
	for i, e := range way {
		if compareEnds(e.From, way[first].From) < 0 {
			first = i
		}
		if e.Confidence != High {
			found.Confidence = Medium
		}
	}
	for i := range way {
		found.Edges = append(found.Edges, *way[(first+i)%len(way)])
	}
	return found
}
