// Package graph draws the message-call graph of a system: services, their handlers, and who
// sends what to whom. It finds the cycles in it, and writes it as JSON, DOT and Mermaid; package
// graph/svg makes a picture of it.
package graph

import (
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/flow/wait"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// A Graph is the message-call graph. Everything in it is in a fixed order.
type Graph struct {
	Services   []Service    `json:"services"`
	Edges      []Edge       `json:"edges"`
	Cycles     []Cycle      `json:"cycles"`
	Unresolved []Unresolved `json:"unresolved"`

	queues []Cycle // those of QueueLevel: they do not follow from the edges
	asked  []Edge  // of kind Query: only those in a cycle become Edges
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
	Query   = "queryservice" // no message: it waits for the start of a service that others launch
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
	// Apart says that a coroutine of its own sends it: the handler does not wait.
	Apart bool `json:"-"`
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

// isStart reports whether an edge waits for the start of a service, and for no command of it.
func (e *Edge) isStart() bool { return e.Kind == Launch || e.Kind == Query }

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
	queues := wait.FindQueues(sys, suspend.Find(sys))
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			messages := sys.Messages(s, e)
			for i := range messages {
				m := &messages[i]
				if m.To == nil && m.Native == "" {
					at := b.at(m)
					b.unresolved(e, Unresolved{From: b.end(s, e, e.Name()), Kind: m.Kind.String(), Name: m.Command, File: at.File.Path, Line: at.Line(), Reason: m.Reason})
					continue
				}
				edge := b.edgeOf(m)
				edge.Apart = !queues.Waits(m)
				b.edge(e, edge)
			}
		}
	}
	for _, w := range wait.FindAsked(sys, suspend.Find(sys)) {
		g.asked = append(g.asked, b.asked(&w))
	}
	for _, s := range sys.Services {
		for _, r := range queues.Reentries(s) {
			b.queue(&r)
		}
	}
	b.finish()
	return g
}
