package sariftest

import "fmt"

// graphs checks what the schema cannot: that edges join nodes, and traversals follow edges.
func (c *checker) graphs(path string) {
	var edges []map[string]object // by graph and id
	for i, g := range list(c.run, "graphs") {
		path := fmt.Sprintf("%s.graphs[%d]", path, i)
		nodes := map[string]bool{}
		c.nodes(path, list(g.(object), "nodes"), nodes)
		byID := map[string]object{}
		for k, e := range list(g.(object), "edges") {
			edge := e.(object)
			path := fmt.Sprintf("%s.edges[%d]", path, k)
			if id := text(edge, "id"); byID[id] != nil {
				c.fault(path, "a second edge %q", id)
			} else {
				byID[id] = edge
			}
			for _, end := range []string{"sourceNodeId", "targetNodeId"} {
				if !nodes[text(edge, end)] {
					c.fault(path, "%s: there is no node %q", end, text(edge, end))
				}
			}
		}
		edges = append(edges, byID)
	}
	for i, r := range list(c.run, "results") {
		for k, t := range list(r.(object), "graphTraversals") {
			c.traversal(fmt.Sprintf("%s.results[%d].graphTraversals[%d]", path, i, k), t.(object), edges)
		}
	}
}

func (c *checker) nodes(path string, all []any, seen map[string]bool) {
	for i, n := range all {
		node := n.(object)
		path := fmt.Sprintf("%s.nodes[%d]", path, i)
		if id := text(node, "id"); seen[id] {
			c.fault(path, "a second node %q", id)
		} else {
			seen[id] = true
		}
		c.nodes(path, list(node, "children"), seen)
	}
}

func (c *checker) traversal(path string, t object, graphs []map[string]object) {
	graph := number(t, "runGraphIndex")
	if graph < 0 || graph >= len(graphs) {
		c.fault(path, "there is no graph %d", graph)
		return
	}
	at := ""
	for i, s := range list(t, "edgeTraversals") {
		edge := graphs[graph][text(s.(object), "edgeId")]
		if edge == nil {
			c.fault(path, "there is no edge %q", text(s.(object), "edgeId"))
			return
		}
		if from := text(edge, "sourceNodeId"); i > 0 && from != at {
			c.fault(path, "step %d begins at %q, the one before ends at %q", i, from, at)
		}
		at = text(edge, "targetNodeId")
	}
}
