package sarif

import (
	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/skylint/skylint/rules"
)

// A Graph is a graph that belongs to a whole run: who sends what to whom. A finding whose path is
// a way around in it is written as a traversal too.
type Graph struct {
	Description string
	Nodes       []GraphNode
	Edges       []GraphEdge
}

// A GraphNode is a node. Its ID is that of no other node, children included.
type GraphNode struct {
	ID, Label string
	// Location is where it is, with a nil File where that is not known.
	Location rules.Location
	Children []GraphNode
}

// A GraphEdge is an edge between two nodes or children. Its ID is that of no other edge.
type GraphEdge struct {
	ID, From, To, Label string
	// Location is the text that makes the edge. The standard has no place for it, so that it goes
	// into the properties.
	Location rules.Location
	// Properties are whatever else is known, by name.
	Properties map[string]string
}

// graph returns a graph as the standard has it.
func (w *writer) graph(g *Graph) *gosarif.Graph {
	graph := &gosarif.Graph{}
	if g.Description != "" {
		graph.Description = plainMessage(g.Description)
	}
	for i := range g.Nodes {
		graph.Nodes = append(graph.Nodes, w.node(&g.Nodes[i]))
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		edge := &gosarif.Edge{ID: clean(e.ID), SourceNodeID: clean(e.From), TargetNodeID: clean(e.To)}
		if e.Label != "" {
			edge.Label = plainMessage(e.Label)
		}
		edge.Properties = gosarif.Properties{}
		for name, value := range e.Properties {
			edge.Properties[clean(name)] = clean(value)
		}
		if e.Location.File != nil {
			edge.Properties["uri"] = w.files.uriOf(e.Location.File.Path)
			edge.Properties["line"] = e.Location.Line()
		}
		graph.Edges = append(graph.Edges, edge)
	}
	return graph
}

func (w *writer) node(n *GraphNode) *gosarif.Node {
	node := &gosarif.Node{ID: clean(n.ID)}
	if n.Label != "" {
		node.Label = plainMessage(n.Label)
	}
	if n.Location.File != nil {
		node.Location = w.files.location(n.Location, "")
	}
	for i := range n.Children {
		node.Children = append(node.Children, w.node(&n.Children[i]))
	}
	return node
}

// A lineOf is a line of a file.
type lineOf struct {
	path string
	line int
}

// edgesByLine finds edges by where they are in the source.
func edgesByLine(g *Graph) map[lineOf][]*GraphEdge {
	if g == nil {
		return nil
	}
	by := map[lineOf][]*GraphEdge{}
	for i := range g.Edges {
		if e := &g.Edges[i]; e.Location.File != nil {
			at := lineOf{e.Location.File.Path, e.Location.Line()}
			by[at] = append(by[at], e)
		}
	}
	return by
}

// traversals returns the way around that a path is in the graph, if it is one: each step an edge
// that begins where the last one ended, and the last ending where the first began.
func (w *writer) traversals(path []rules.Step) []*gosarif.GraphTraversal {
	if len(path) == 0 || w.edges == nil {
		return nil
	}
	way := make([]*GraphEdge, 0, len(path))
	var follow func() bool
	follow = func() bool {
		if len(way) == len(path) {
			return way[0].From == way[len(way)-1].To
		}
		step := path[len(way)]
		if step.File == nil {
			return false
		}
		for _, e := range w.edges[lineOf{step.File.Path, step.Line()}] {
			if len(way) > 0 && way[len(way)-1].To != e.From {
				continue
			}
			way = append(way, e)
			if follow() {
				return true
			}
			way = way[:len(way)-1]
		}
		return false
	}
	if !follow() {
		return nil
	}
	t := &gosarif.GraphTraversal{RunGraphIndex: new(0)}
	for i, e := range way {
		edge := &gosarif.EdgeTraversal{EdgeID: clean(e.ID)}
		if path[i].Message != "" {
			edge.Message = plainMessage(path[i].Message)
		}
		t.EdgeTraversals = append(t.EdgeTraversals, edge)
	}
	return []*gosarif.GraphTraversal{t}
}
