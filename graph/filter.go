package graph

import (
	"slices"
	"strings"
)

// Only returns the part of a graph in which the services are that keep returns true for.
// What they send to others is left out.
func (g *Graph) Only(keep func(*Service) bool) *Graph {
	index := make([]int, len(g.Services))
	part := &Graph{Services: []Service{}, Edges: []Edge{}, Unresolved: []Unresolved{}}
	for i := range g.Services {
		index[i] = -1
		if keep(&g.Services[i]) {
			index[i] = len(part.Services)
			part.Services = append(part.Services, g.Services[i])
		}
	}
	for _, e := range g.Edges {
		e.From.Index, e.To.Index = index[e.From.Index], index[e.To.Index]
		if e.From.Index >= 0 && e.To.Index >= 0 && e.Kind != Query {
			part.Edges = append(part.Edges, e)
		}
	}
	for _, e := range g.asked {
		e.From.Index, e.To.Index = index[e.From.Index], index[e.To.Index]
		if e.From.Index >= 0 && e.To.Index >= 0 {
			part.asked = append(part.asked, e)
		}
	}
	for _, u := range g.Unresolved {
		if u.From.Index = index[u.From.Index]; u.From.Index >= 0 {
			part.Unresolved = append(part.Unresolved, u)
		}
	}
	for _, c := range g.queues {
		if c, ok := c.renumbered(index); ok {
			part.queues = append(part.queues, c)
		}
	}
	part.findCycles()
	return part
}

// renumbered returns a cycle with other indices of services; false if one of them has none.
func (c Cycle) renumbered(index []int) (Cycle, bool) {
	c.Members, c.Edges = slices.Clone(c.Members), slices.Clone(c.Edges)
	for i := range c.Edges {
		e := &c.Edges[i]
		e.From.Index, e.To.Index = index[e.From.Index], index[e.To.Index]
		if e.From.Index < 0 || e.To.Index < 0 {
			return c, false
		}
	}
	for i := range c.Members {
		c.Members[i].Index = index[c.Members[i].Index]
	}
	return c, true
}

// OnNode returns the part of a graph that can run on a node.
func (g *Graph) OnNode(name string) *Graph {
	return g.Only(func(s *Service) bool { return slices.Contains(s.Nodes, name) })
}

// From returns the part of a graph that messages reach from the services of a name, over so many
// of them; a negative depth is any number.
func (g *Graph) From(name string, depth int) *Graph {
	next := make([][]int, len(g.Services))
	for _, e := range g.Edges {
		next[e.From.Index] = append(next[e.From.Index], e.To.Index)
	}
	reached := map[*Service]bool{}
	var front []int
	visit := func(i int, to *[]int) {
		if s := &g.Services[i]; !reached[s] {
			reached[s] = true
			*to = append(*to, i)
		}
	}
	for i := range g.Services {
		if g.Services[i].Is(name) {
			visit(i, &front)
		}
	}
	for d := 0; len(front) > 0 && (depth < 0 || d < depth); d++ {
		var further []int
		for _, i := range front {
			for _, to := range next[i] {
				visit(to, &further)
			}
		}
		front = further
	}
	return g.Only(func(s *Service) bool { return reached[s] })
}

// Is reports whether a service is meant by a name: its own, or its file.
func (s *Service) Is(name string) bool {
	return s.Name == name || s.File == strings.TrimPrefix(name, "./")
}
