// Package graph draws the message-call graph of a system: services, their handlers, and who
// sends what to whom. It finds the cycles in it, and writes it as JSON, DOT and Mermaid; package
// graph/svg makes a picture of it.
package graph

import (
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// A Graph is the message-call graph. Everything in it is in a fixed order.
type Graph struct {
	Services   []Service    `json:"services"`
	Edges      []Edge       `json:"edges"`
	Cycles     []Cycle      `json:"cycles"`
	Unresolved []Unresolved `json:"unresolved"`
}

// A Service is a node of the graph.
type Service struct {
	Name     string   `json:"name"`
	File     string   `json:"file"`
	Handlers []string `json:"handlers,omitempty"`
	// Nodes are the names of the configurations with which it can run.
	Nodes []string `json:"-"`
	// Main is the start of its file.
	Main rules.Location `json:"-"`
}

// An End is one side of an edge.
type End struct {
	Service string `json:"service"`
	Handler string `json:"handler"` // a command, "init" or, without a command, the protocol
	// File tells services of one name apart; it is empty where there is only one.
	File string `json:"file,omitempty"`
	// Index is that of the service in Graph.Services.
	Index int `json:"-"`

	entry *effect.Entry // nil if nothing is known to handle it, and in graphs made by hand
}

// The kinds of edges.
const (
	Call    = "call"
	Send    = "send"
	Launch  = "newservice"
	Cluster = "cluster"
)

// The confidences of edges.
const (
	High   = "high"   // the only possibility
	Medium = "medium" // one of several
)

// An Edge is a message that one service may send to another.
type Edge struct {
	From       End    `json:"from"`
	To         End    `json:"to"`
	Kind       string `json:"kind"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Confidence string `json:"confidence"`
	// At is the call that sends it.
	At rules.Location `json:"-"`
	// Vague says that To.Handler stands for some command that is not known.
	Vague bool `json:"-"`
	// Fresh says that a launch makes a new service each time: it waits for no other.
	Fresh bool `json:"-"`
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

// line returns the line of a call: where it begins or, if it calls what another call returns, where
// its own arguments are.
func line(f *program.File, at rules.Location, call syntax.Node) int {
	t := f.Tree
	if t.Kind(call) == syntax.Call {
		callee, args := t.Call(call)
		if k := t.Kind(callee); (k == syntax.Call || k == syntax.MethodCall) && len(args) > 0 {
			return t.Line(args[0])
		}
	}
	return at.Line()
}

// Build makes the graph of a system.
func Build(sys *effect.System) *Graph {
	g := &Graph{Services: []Service{}, Edges: []Edge{}, Unresolved: []Unresolved{}}
	b := newBuilder(g, sys)
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			for _, m := range sys.Messages(s, e) {
				f := sys.Values.Program().Files[m.Shown.File]
				at := f.At(sys.Values.IR(m.Shown.File).Calls[m.Shown.Call].Node)
				from := b.end(s, e, e.Name())
				if m.To == nil && m.Native == "" {
					b.unresolved(e, Unresolved{From: from, Kind: m.Kind.String(), Name: m.Command, File: f.Path, Line: at.Line(), Reason: m.Reason})
					continue
				}
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
					From: from, To: b.to(&m, handler), Kind: m.Kind.String(),
					File: f.Path, Line: line(f, at, sys.Values.IR(m.Shown.File).Calls[m.Shown.Call].Node), At: at, Confidence: Medium,
					Vague: m.AnyCommand(), Fresh: m.Kind == effect.Launch && !isUnique(f, at),
				}
				if m.Certain {
					edge.Confidence = High
				}
				b.edge(e, edge)
			}
		}
	}
	b.finish()
	return g
}
