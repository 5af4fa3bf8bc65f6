package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A View is a graph as people look at it: one box for each service, and one line for all messages
// of a kind between the same ends.
type View struct {
	Boxes []Box
	Lines []Line
	// Notes are what is to be said about the cycles, those that hurt most first.
	Notes []Note
}

// A Box is a service.
type Box struct {
	Service    *Service
	Label      string   // the name, with the file if another has that name too
	Rows       []string // the handlers that take part, "init" first
	More       int      // how many handlers do not
	Unresolved []Unresolved
	Cycle      bool // a cycle in which somebody waits for itself goes through it
	Alone      bool // no line ends at it
}

// A Line stands for messages of one kind.
type Line struct {
	From, To       int // boxes
	FromRow, ToRow int // rows of the boxes; -1 for the box as a whole
	Kind           string
	Commands       []string // what is sent, in the order of the receiver's rows; none for a launch
	Edges          []Edge   // what it stands for, in the order of the text
	Confidence     string   // high if that of any is
	Cycle          bool
}

// A Note is a sentence about a cycle.
type Note struct {
	Level string
	Text  string
}

// NewView returns the view of a graph: lines join services, or their handlers.
func NewView(g *Graph, handlers bool) *View {
	v := &View{}
	red := map[Edge]bool{}
	for _, c := range g.Cycles {
		if c.Level == ServiceLevel {
			continue
		}
		for _, e := range c.Edges {
			red[e.identity()] = true
		}
	}
	part := make([]map[string]bool, len(g.Services)) // the handlers that take part
	for i := range part {
		part[i] = map[string]bool{}
	}
	for _, e := range g.Edges {
		part[e.From.Index][e.From.Handler] = true
		if !e.isStart() {
			part[e.To.Index][e.To.Handler] = true
		}
	}
	names := map[string]int{}
	for i := range g.Services {
		names[g.Services[i].Name]++
	}
	for i := range g.Services {
		s := &g.Services[i]
		b := newBox(s, part[i])
		if b.Label = s.Name; names[s.Name] > 1 {
			b.Label += " (" + s.File + ")"
		}
		v.Boxes = append(v.Boxes, b)
	}
	for _, u := range g.Unresolved {
		b := &v.Boxes[u.From.Index]
		b.Unresolved = append(b.Unresolved, u)
	}
	type key struct {
		from, to, fromRow, toRow int
		kind                     string
	}
	lines := map[key]int{}
	for _, e := range g.Edges {
		k := key{from: e.From.Index, to: e.To.Index, fromRow: -1, toRow: -1, kind: e.Kind}
		if handlers {
			k.fromRow = slices.Index(v.Boxes[k.from].Rows, e.From.Handler)
			if !e.isStart() {
				k.toRow = slices.Index(v.Boxes[k.to].Rows, e.To.Handler)
			}
		}
		n, ok := lines[k]
		if !ok {
			n = len(v.Lines)
			lines[k] = n
			v.Lines = append(v.Lines, Line{From: k.from, To: k.to, FromRow: k.fromRow, ToRow: k.toRow, Kind: k.kind, Confidence: Medium})
		}
		l := &v.Lines[n]
		l.Edges = append(l.Edges, e)
		if e.Confidence == High {
			l.Confidence = High
		}
		if red[e.identity()] {
			l.Cycle = true
			v.Boxes[k.from].Cycle, v.Boxes[k.to].Cycle = true, true
		}
		if !e.isStart() && !slices.Contains(l.Commands, e.To.Handler) {
			l.Commands = append(l.Commands, e.To.Handler)
		}
	}
	for i := range v.Boxes {
		v.Boxes[i].Alone = true
	}
	for i := range v.Lines {
		l := &v.Lines[i]
		v.Boxes[l.From].Alone, v.Boxes[l.To].Alone = false, false
		rows := v.Boxes[l.To].Rows
		slices.SortStableFunc(l.Commands, func(a, b string) int {
			return cmp.Compare(slices.Index(rows, a), slices.Index(rows, b))
		})
	}
	// The order of the text would depend on where each first message happens to stand.
	slices.SortStableFunc(v.Lines, func(a, b Line) int {
		return cmp.Or(
			cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To),
			cmp.Compare(a.FromRow, b.FromRow), cmp.Compare(a.ToRow, b.ToRow), strings.Compare(a.Kind, b.Kind),
		)
	})
	for _, c := range g.Cycles {
		v.Notes = append(v.Notes, Note{c.Level, c.String()})
	}
	return v
}

// newBox lists the handlers that take part: init, protocols, then commands in the order in which
// the service lists them.
func newBox(s *Service, part map[string]bool) Box {
	b := Box{Service: s}
	if part[initHandler] {
		b.Rows = append(b.Rows, initHandler)
	}
	var others []string
	for h := range part {
		if h != initHandler && !slices.Contains(s.Handlers, h) {
			others = append(others, h)
		}
	}
	slices.Sort(others)
	b.Rows = append(b.Rows, others...)
	for _, h := range s.Handlers {
		switch {
		case part[h] && h != initHandler:
			b.Rows = append(b.Rows, h)
		case !part[h]:
			b.More++
		}
	}
	return b
}

// String returns the way around: "a.x → b.y → a.x".
func (c *Cycle) String() string {
	name := func(e End) string {
		if c.Level == ServiceLevel || e.Handler == "" {
			return e.Service
		}
		return e.Service + "." + e.Handler
	}
	var b strings.Builder
	for _, e := range c.Edges {
		b.WriteString(name(e.From))
		b.WriteString(" → ")
	}
	if c.Level == QueueLevel { // which comes back to another handler, as a rule
		return b.String() + name(c.Edges[len(c.Edges)-1].To)
	}
	if len(c.Edges) > 0 {
		b.WriteString(name(c.Edges[0].From))
	}
	if more := len(c.Members) - len(c.Edges); more > 0 {
		fmt.Fprintf(&b, " (and %d more)", more)
	}
	return b.String()
}

// Label returns the commands of a line in few words.
func (l *Line) Label(most int) string {
	if len(l.Commands) <= most {
		return strings.Join(l.Commands, ", ")
	}
	return fmt.Sprintf("%s +%d", strings.Join(l.Commands[:most], ", "), len(l.Commands)-most)
}
