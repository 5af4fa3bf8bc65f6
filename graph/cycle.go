package graph

import (
	"cmp"
	"slices"
)

// The levels of cycles.
const (
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
	handlers := newCycles(g, HandlerLevel, func(e *Edge) bool { return e.Kind == Call && !e.Vague })
	starts := newCycles(g, InitLevel, func(e *Edge) bool {
		// A service that launches another of its own kind does it in one of its modes.
		return e.Kind == Call && !e.Vague || e.Kind == Launch && !(e.Fresh && e.From.Index == e.To.Index)
	})
	services := newCycles(g, ServiceLevel, func(e *Edge) bool {
		// The same goes for what it calls then.
		return e.Kind == Call && !(e.From.Index == e.To.Index && e.From.Handler == initHandler)
	})
	g.Cycles = append([]Cycle{}, handlers.find(func(*Edge) bool { return true })...)
	g.Cycles = append(g.Cycles, starts.find(func(e *Edge) bool { return e.Kind == Launch })...)
	waits := len(g.Cycles)
	for _, c := range services.find(func(*Edge) bool { return true }) {
		if !slices.ContainsFunc(g.Cycles[:waits], func(w Cycle) bool { return w.Level == HandlerLevel && slices.Equal(w.services(), c.services()) }) {
			g.Cycles = append(g.Cycles, c)
		}
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
	to     [][]int
	group  []int // the strongly connected component
	groups int

	// What shortest needs, kept from search to search.
	before, seen, queue []int
	by                  []*Edge
	search, steps       int
}

func newCycles(g *Graph, level string, follow func(*Edge) bool) *cycles {
	c := &cycles{level: level, number: map[point]int{}}
	for i := range g.Edges {
		e := &g.Edges[i]
		if !follow(e) {
			continue
		}
		from, to := c.point(e.From), c.point(e.To)
		if k := slices.Index(c.to[from], to); k < 0 {
			c.to[from] = append(c.to[from], to)
			c.out[from] = append(c.out[from], e)
		} else if have := c.out[from][k]; have.Kind == Call && e.Kind == Launch || have.Kind == e.Kind && have.Confidence != High && e.Confidence == High {
			c.out[from][k] = e
		}
	}
	c.components()
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
		c.to = append(c.to, nil)
	}
	return n
}

// components numbers the strongly connected components, by Tarjan's algorithm without recursion:
// a chain of calls may be long.
func (c *cycles) components() {
	n := len(c.ends)
	c.group = make([]int, n)
	index, low, next := make([]int, n), make([]int, n), make([]int, n)
	var stack, path []int
	count := 0
	enter := func(v int) {
		count++
		index[v], low[v] = count, count
		stack, path = append(stack, v), append(path, v)
	}
	for root := range n {
		if index[root] == 0 {
			enter(root)
		}
		for len(path) > 0 {
			v := path[len(path)-1]
			if next[v] < len(c.to[v]) {
				w := c.to[v][next[v]]
				next[v]++
				switch {
				case index[w] == 0:
					enter(w)
				case c.group[w] == 0: // still on the stack
					low[v] = min(low[v], index[w])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				u := path[len(path)-1]
				low[u] = min(low[u], low[v])
			}
			if low[v] == index[v] {
				c.groups++
				for {
					w := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					c.group[w] = c.groups
					if w == v {
						break
					}
				}
			}
		}
	}
}

// find returns one cycle for each component that has one through an edge of those asked for.
func (c *cycles) find(through func(*Edge) bool) []Cycle {
	members := make([][]int, c.groups+1)
	for v, g := range c.group {
		members[g] = append(members[g], v)
	}
	var found []Cycle
	for _, group := range members {
		var best []*Edge
		c.steps = 0
		for _, v := range group {
			for i, e := range c.out[v] {
				if !through(e) || c.group[c.to[v][i]] != c.group[v] || best != nil && (len(best) == 1 || c.steps > maxSteps) {
					continue
				}
				if way, ok := c.shortest(c.to[v][i], v); ok && (best == nil || 1+len(way) < len(best)) {
					best = append([]*Edge{e}, way...)
				}
			}
		}
		if best != nil {
			found = append(found, c.cycle(group, best))
		}
	}
	slices.SortStableFunc(found, func(a, b Cycle) int {
		return cmp.Or(compareEnds(a.Members[0], b.Members[0]), compareEdges(a.Edges[0], b.Edges[0]))
	})
	return found
}

// maxSteps bounds the search in one component for a way around that is still shorter. It is
// counted in edges, so that what is found does not depend on the machine.
const maxSteps = 1 << 20

// shortest returns the edges of a shortest way within a component, none from a point to itself.
func (c *cycles) shortest(from, to int) ([]*Edge, bool) {
	if c.before == nil {
		c.before, c.by, c.seen = make([]int, len(c.ends)), make([]*Edge, len(c.ends)), make([]int, len(c.ends))
	}
	c.search++
	c.seen[from] = c.search
	queue := append(c.queue[:0], from)
	for next := 0; c.seen[to] != c.search && next < len(queue); next++ {
		v := queue[next]
		for i, w := range c.to[v] {
			c.steps++
			if c.seen[w] != c.search && c.group[w] == c.group[v] {
				c.seen[w] = c.search
				c.before[w], c.by[w] = v, c.out[v][i]
				queue = append(queue, w)
			}
		}
	}
	c.queue = queue
	if c.seen[to] != c.search {
		return nil, false
	}
	var way []*Edge
	for v := to; v != from; v = c.before[v] {
		way = append(way, c.by[v])
	}
	slices.Reverse(way)
	return way, true
}

func (c *cycles) cycle(group []int, way []*Edge) Cycle {
	cycle := Cycle{Level: c.level, Confidence: High}
	for _, v := range group {
		cycle.Members = append(cycle.Members, c.ends[v])
	}
	slices.SortFunc(cycle.Members, compareEnds)
	first := 0
	for i, e := range way {
		if compareEnds(e.From, way[first].From) < 0 {
			first = i
		}
		if e.Confidence != High {
			cycle.Confidence = Medium
		}
	}
	for i := range way {
		cycle.Edges = append(cycle.Edges, *way[(first+i)%len(way)])
	}
	return cycle
}
