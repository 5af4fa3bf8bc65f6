// Package graph draws the message-call graph of a system: services, their handlers, and who
// sends what to whom.
package graph

import (
	"cmp"
	"slices"

	"github.com/skylint/skylint/flow/effect"
)

// A Graph is the message-call graph.
type Graph struct {
	Services   []Service    `json:"services"`
	Edges      []Edge       `json:"edges"`
	Unresolved []Unresolved `json:"unresolved"`
}

// A Service is a node of the graph.
type Service struct {
	Name     string   `json:"name"`
	File     string   `json:"file"`
	Handlers []string `json:"handlers,omitempty"`
}

// An End is one side of an edge.
type End struct {
	Service string `json:"service"`
	Handler string `json:"handler"`
}

// An Edge is a message that one service may send to another.
type Edge struct {
	From       End    `json:"from"`
	To         End    `json:"to"`
	Kind       string `json:"kind"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Confidence string `json:"confidence"` // high: the only possibility; medium: one of several
}

// Unresolved is a message of which the receiver or the command is not known.
type Unresolved struct {
	From   End    `json:"from"`
	Kind   string `json:"kind"`
	Name   string `json:"command,omitempty"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// Build makes the graph of a system.
func Build(sys *effect.System) *Graph {
	g := &Graph{Services: []Service{}, Edges: []Edge{}, Unresolved: []Unresolved{}}
	seen := map[Edge]bool{}
	lost := map[Unresolved]bool{}
	for _, s := range sys.Services {
		node := Service{Name: s.Name, File: s.Main.Path}
		for _, e := range s.Entries {
			if e.Kind == effect.Command {
				node.Handlers = append(node.Handlers, e.Name())
			}
			for _, m := range sys.Messages(s, e) {
				f := sys.Values.Program().Files[m.Site.File]
				line := f.Tree.Line(sys.Values.IR(m.Site.File).Calls[m.Site.Call].Node)
				from := End{s.Name, e.Name()}
				if m.To == nil {
					u := Unresolved{From: from, Kind: m.Kind.String(), Name: m.Command, File: f.Path, Line: line, Reason: m.Reason}
					if !lost[u] {
						lost[u] = true
						g.Unresolved = append(g.Unresolved, u)
					}
					continue
				}
				to := End{Service: m.To.Name, Handler: m.Command}
				switch {
				case m.Kind == effect.Launch:
					to.Handler = "init"
				case m.Command == "":
					to.Handler = m.Protocol
				}
				edge := Edge{From: from, To: to, Kind: m.Kind.String(), File: f.Path, Line: line, Confidence: "medium"}
				if m.Certain {
					edge.Confidence = "high"
				}
				if !seen[edge] {
					seen[edge] = true
					g.Edges = append(g.Edges, edge)
				}
			}
		}
		g.Services = append(g.Services, node)
	}
	slices.SortStableFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.From.Service, b.From.Service))
	})
	return g
}
