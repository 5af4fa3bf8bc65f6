package main

import (
	"strconv"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/sarif"
)

// messageGraph returns the message graph as SARIF has it: services are nodes, their handlers
// children of them.
func messageGraph(g *graph.Graph) *sarif.Graph {
	out := &sarif.Graph{Description: "Which service sends what to which"}
	ids := map[string]bool{}
	unique := func(id string) string {
		for free := id; ; free += "'" {
			if !ids[free] {
				ids[free] = true
				return free
			}
		}
	}
	type handler struct {
		service int
		name    string
	}
	nodes := map[handler]string{}
	for i := range g.Services {
		s := &g.Services[i]
		node := sarif.GraphNode{ID: unique(s.Name), Label: s.Name, Location: s.Main}
		for _, h := range s.Handlers {
			id := unique(s.Name + " " + h)
			nodes[handler{i, h}] = id
			node.Children = append(node.Children, sarif.GraphNode{ID: id, Label: h})
		}
		out.Nodes = append(out.Nodes, node)
	}
	end := func(e graph.End) string {
		key := handler{e.Index, e.Handler}
		id, ok := nodes[key]
		if !ok { // init, or a protocol, or a command that nobody is known to handle
			id = unique(e.Service + " " + e.Handler)
			nodes[key] = id
			parent := &out.Nodes[e.Index]
			parent.Children = append(parent.Children, sarif.GraphNode{ID: id, Label: e.Handler})
		}
		return id
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		out.Edges = append(out.Edges, sarif.GraphEdge{
			ID: strconv.Itoa(i), From: end(e.From), To: end(e.To), Label: e.Kind, Location: e.At,
			Properties: map[string]string{"confidence": e.Confidence},
		})
	}
	return out
}
