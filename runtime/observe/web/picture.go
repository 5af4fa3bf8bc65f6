package web

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skylint/skylint/graph/layered"
	"github.com/skylint/skylint/runtime/observe"
)

// A Picture is where the services and the messages between them are drawn.
type Picture struct {
	Key   string `json:"key"` // two pictures of one key are the same
	W     int    `json:"w"`
	H     int    `json:"h"`
	Nodes []Box  `json:"nodes"`
	Edges []Line `json:"edges"`
}

// A Box is a service.
type Box struct {
	Name string  `json:"name"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	W    float64 `json:"w"`
	H    float64 `json:"h"`
}

// A Line is all messages from one service to another.
type Line struct {
	From string  `json:"from"`
	To   string  `json:"to"`
	Path string  `json:"path"` // of SVG
	X    float64 `json:"x"`    // the middle of its label
	Y    float64 `json:"y"`
	// The end, and which way it points: 1 to the right, -1 to the left.
	EndX float64 `json:"end_x"`
	EndY float64 `json:"end_y"`
	Way  float64 `json:"way"`
}

// drawing is what is to be drawn.
type drawing struct {
	nodes []string
	edges [][2]string
	lines []layered.Edge
}

// mostNodes bounds a picture: one of more services says nothing any more. Those with the most
// messages are drawn.
const mostNodes = 120

// shape finds what is to be drawn of a snapshot: the project's services, those that these have to do
// with, and the messages and waits between them.
func shape(s *observe.Snapshot) *drawing {
	weights := map[[2]string]uint64{}
	names := map[string]uint64{}
	add := func(from, to string, n uint64) {
		if from == observe.Gone || to == observe.Gone || from == to {
			return
		}
		weights[[2]string{from, to}] += n
		names[from] += n
		names[to] += n
	}
	for i := range s.Services {
		if x := &s.Services[i]; !x.Native && x.Actors > 0 && x.Name != consoleName {
			names[x.Name] += 0
		}
	}
	for i := range s.Edges {
		if e := &s.Edges[i]; e.Type != "debug" && e.From != consoleName && e.To != consoleName {
			add(e.From, e.To, e.Messages)
		}
	}
	for i := range s.Waits {
		if w := &s.Waits[i]; w.To != nil {
			add(w.Service, w.To.Service, 1)
		}
	}
	for i := range s.Events {
		cycle := s.Events[i].Cycle
		for j := range cycle {
			add(cycle[j].Service, cycle[(j+1)%len(cycle)].Service, 1)
		}
	}
	d := &drawing{}
	for name := range names {
		d.nodes = append(d.nodes, name)
	}
	slices.SortFunc(d.nodes, func(a, b string) int { return cmp.Or(cmp.Compare(names[b], names[a]), strings.Compare(a, b)) })
	d.nodes = d.nodes[:min(len(d.nodes), mostNodes)]
	slices.Sort(d.nodes)
	for e := range weights {
		_, from := slices.BinarySearch(d.nodes, e[0])
		_, to := slices.BinarySearch(d.nodes, e[1])
		if from && to {
			d.edges = append(d.edges, e)
		}
	}
	slices.SortFunc(d.edges, func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
	return d
}

// consoleName is the service that answers commands: it is there because somebody looks.
const consoleName = "debug_console"

// key identifies what is drawn.
func (d *drawing) key() string {
	h := fnv.New64a()
	for _, n := range d.nodes {
		h.Write([]byte(n + "\x00"))
	}
	for _, e := range d.edges {
		h.Write([]byte(e[0] + "\x01" + e[1] + "\x00"))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// Sizes, in the unit of the picture.
const (
	boxHeight   = 62
	leastWidth  = 184
	mostWidth   = 280
	letterWidth = 8.2
	labelWidth  = 74
	labelHeight = 16
	margin      = 16
	arrow       = 8
)

// place lays it out.
func (d *drawing) place() *Picture {
	var g layered.Graph
	index := map[string]int{}
	for i, name := range d.nodes {
		index[name] = i
		w := min(max(float64(utf8.RuneCountInString(name)+8)*letterWidth, leastWidth), mostWidth)
		g.Nodes = append(g.Nodes, layered.Node{W: w, H: boxHeight})
	}
	for _, e := range d.edges {
		g.Edges = append(g.Edges, layered.Edge{
			From: index[e[0]], To: index[e[1]], LabelW: labelWidth, LabelH: labelHeight, FromRow: layered.Free, ToRow: layered.Free,
		})
	}
	layered.Layout(&g)
	p := &Picture{Key: d.key(), W: int(g.W) + 2*margin, H: int(g.H) + 2*margin, Nodes: []Box{}, Edges: []Line{}}
	for i, n := range g.Nodes {
		p.Nodes = append(p.Nodes, Box{Name: d.nodes[i], X: n.X + margin, Y: n.Y + margin, W: n.W, H: n.H})
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		if len(e.Points) == 0 {
			continue
		}
		l := Line{From: d.edges[i][0], To: d.edges[i][1], X: e.Label.X + margin, Y: e.Label.Y + margin}
		l.draw(e.Points)
		p.Edges = append(p.Edges, l)
	}
	return p
}

// draw makes the path of a line: straight pieces and curved ones in turn, as layered.Edge has them, up to
// where the arrowhead begins.
func (l *Line) draw(from []layered.Point) {
	points := slices.Clone(from)
	last := len(points) - 1
	l.Way = 1
	if points[last].X < points[0].X {
		l.Way = -1
	}
	for i := range points {
		points[i].X += margin
		points[i].Y += margin
	}
	l.EndX, l.EndY = points[last].X, points[last].Y
	points[last].X -= l.Way * arrow
	var b strings.Builder
	fmt.Fprintf(&b, "M%.1f %.1f", points[0].X, points[0].Y)
	for i := 1; i <= last; i++ {
		a, q := points[i-1], points[i]
		if i%2 == 1 || a.Y == q.Y {
			fmt.Fprintf(&b, "L%.1f %.1f", q.X, q.Y)
			continue
		}
		middle := (a.X + q.X) / 2
		fmt.Fprintf(&b, "C%.1f %.1f %.1f %.1f %.1f %.1f", middle, a.Y, middle, q.Y, q.X, q.Y)
	}
	l.Path = b.String()
}

// first returns those actors that most messages wait for, then those with most turns.
func first(actors []observe.Actor, n int) []observe.Actor {
	if len(actors) <= n {
		return actors
	}
	list := slices.Clone(actors)
	slices.SortStableFunc(list, func(a, b observe.Actor) int {
		return cmp.Or(cmp.Compare(b.Critical+b.Normal, a.Critical+a.Normal), cmp.Compare(b.Turns, a.Turns))
	})
	return list[:n]
}
