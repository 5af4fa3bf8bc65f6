// Package cycle finds cycles in directed graphs: strongly connected components by Tarjan's
// algorithm, and in each of them a shortest way around.
package cycle

import "slices"

// A Graph is a directed graph. Its points are numbers from 0; To holds the successors of each.
type Graph struct {
	To [][]int

	group  []int // by point: the number of its component, from 1
	groups int

	// What shortest needs, kept from search to search.
	before, by, seen, queue []int
	search, steps           int
}

// An Edge leads from a point to the successor To[From][Index].
type Edge struct{ From, Index int }

// A Cycle is a component in which there is a way around.
type Cycle struct {
	Members []int // the points that reach each other, in ascending order
	// Edges are a shortest way around, through at least one of the edges that were asked for.
	Edges []Edge
}

// Find returns one cycle for each component that has one through an edge for which through
// returns true, in no particular but always the same order.
func (g *Graph) Find(through func(Edge) bool) []Cycle {
	if g.group == nil {
		g.components()
	}
	members := make([][]int, g.groups+1)
	for v, n := range g.group {
		members[n] = append(members[n], v)
	}
	var found []Cycle
	for _, group := range members {
		var best []Edge
		g.steps = 0
		for _, v := range group {
			for i, w := range g.To[v] {
				if g.group[w] != g.group[v] || !through(Edge{v, i}) || best != nil && (len(best) == 1 || g.steps > maxSteps) {
					continue
				}
				if way, ok := g.shortest(w, v); ok && (best == nil || 1+len(way) < len(best)) {
					best = append([]Edge{{v, i}}, way...)
				}
			}
		}
		if best != nil {
			found = append(found, Cycle{group, best})
		}
	}
	return found
}

// components numbers the strongly connected components without recursion: a chain may be long.
func (g *Graph) components() {
	n := len(g.To)
	g.group = make([]int, n)
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
			if next[v] < len(g.To[v]) {
				w := g.To[v][next[v]]
				next[v]++
				switch {
				case index[w] == 0:
					enter(w)
				case g.group[w] == 0: // still on the stack
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
				g.groups++
				for {
					w := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					g.group[w] = g.groups
					if w == v {
						break
					}
				}
			}
		}
	}
}

// maxSteps bounds the search in one component for a way around that is still shorter. It is
// counted in edges, so that what is found does not depend on the machine.
const maxSteps = 1 << 20

// shortest returns the edges of a shortest way within a component, none from a point to itself.
func (g *Graph) shortest(from, to int) ([]Edge, bool) {
	if g.before == nil {
		g.before, g.by, g.seen = make([]int, len(g.To)), make([]int, len(g.To)), make([]int, len(g.To))
	}
	g.search++
	g.seen[from] = g.search
	queue := append(g.queue[:0], from)
	for next := 0; g.seen[to] != g.search && next < len(queue); next++ {
		v := queue[next]
		for i, w := range g.To[v] {
			g.steps++
			if g.seen[w] != g.search && g.group[w] == g.group[v] {
				g.seen[w] = g.search
				g.before[w], g.by[w] = v, i
				queue = append(queue, w)
			}
		}
	}
	g.queue = queue
	if g.seen[to] != g.search {
		return nil, false
	}
	var way []Edge
	for v := to; v != from; v = g.before[v] {
		way = append(way, Edge{g.before[v], g.by[v]})
	}
	slices.Reverse(way)
	return way, true
}
