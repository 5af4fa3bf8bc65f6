package layered

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// random makes a graph of boxes and lines, some with labels, some that end at rows.
func random(seed uint64, nodes, edges int) *Graph {
	r := rand.New(rand.NewPCG(seed, 1))
	g := &Graph{}
	for range nodes {
		g.Nodes = append(g.Nodes, Node{W: 60 + float64(r.IntN(120)), H: 40 + float64(r.IntN(150))})
	}
	rows, labels := seed%3 == 0, seed%2 == 0
	for range edges {
		e := Edge{From: r.IntN(nodes), To: r.IntN(nodes), Weight: float64(r.IntN(4)), FromRow: Free, ToRow: Free}
		if rows {
			e.FromRow, e.ToRow = r.Float64()*40, r.Float64()*40
		}
		if labels && r.IntN(3) > 0 {
			e.LabelW, e.LabelH = 20+float64(r.IntN(100)), 13
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

type rect struct{ x0, y0, x1, y1 float64 }

func (a rect) overlaps(b rect) bool {
	const slack = 0.01
	return a.x0 < b.x1-slack && b.x0 < a.x1-slack && a.y0 < b.y1-slack && b.y0 < a.y1-slack
}

// check returns what is wrong with the picture.
func check(g *Graph) error {
	boxes := make([]rect, len(g.Nodes))
	for i, n := range g.Nodes {
		boxes[i] = rect{n.X, n.Y, n.X + n.W, n.Y + n.H}
		if n.X < 0 || n.Y < 0 || n.X+n.W > g.W+0.01 || n.Y+n.H > g.H+0.01 {
			return fmt.Errorf("box %d is outside", i)
		}
		for k := range i {
			if boxes[i].overlaps(boxes[k]) {
				return fmt.Errorf("boxes %d and %d overlap", k, i)
			}
		}
	}
	var labels []rect
	for i, e := range g.Edges {
		if e.From == e.To {
			if e.Points != nil {
				return fmt.Errorf("line %d leads to its own box and is placed", i)
			}
			continue
		}
		p := e.Points
		if len(p) < 4 || len(p)%2 != 0 {
			return fmt.Errorf("line %d has %d points", i, len(p))
		}
		for side, end := range []struct {
			node int
			at   Point
			row  float64
		}{{e.From, p[0], e.FromRow}, {e.To, p[len(p)-1], e.ToRow}} {
			b := boxes[end.node]
			if end.at.X != b.x0 && end.at.X != b.x1 || end.at.Y < b.y0 || end.at.Y > b.y1 {
				return fmt.Errorf("end %d of line %d is not at its box", side, i)
			}
			if end.row >= 0 && abs(end.at.Y-b.y0-end.row) > 0.01 {
				return fmt.Errorf("end %d of line %d is not at its row", side, i)
			}
		}
		for k := 1; k < len(p); k++ {
			a, b := p[k-1], p[k]
			if k%2 == 1 && abs(a.Y-b.Y) > 0.01 {
				return fmt.Errorf("line %d is not level at point %d", i, k)
			}
			// A curve stays between its ends, so no box may stand in the way.
			way := rect{min(a.X, b.X), min(a.Y, b.Y) - 0.1, max(a.X, b.X), max(a.Y, b.Y) + 0.1}
			for n, box := range boxes {
				if way.overlaps(box) {
					return fmt.Errorf("line %d runs through box %d", i, n)
				}
			}
		}
		if e.LabelW > 0 {
			l := rect{e.Label.X - e.LabelW/2, e.Label.Y - e.LabelH/2, e.Label.X + e.LabelW/2, e.Label.Y + e.LabelH/2}
			for n, box := range boxes {
				if l.overlaps(box) {
					return fmt.Errorf("the label of line %d lies on box %d", i, n)
				}
			}
			for _, other := range labels {
				if l.overlaps(other) {
					return fmt.Errorf("the label of line %d lies on another", i)
				}
			}
			labels = append(labels, l)
		}
	}
	return nil
}

func abs(x float64) float64 { return max(x, -x) }

func TestNothingOverlaps(t *testing.T) {
	for seed := range uint64(120) {
		nodes := 1 + int(seed)%23
		g := random(seed, nodes, int(seed)%47)
		Layout(g)
		if err := check(g); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	for _, size := range []struct{ nodes, edges int }{{100, 160}, {60, 400}, {200, 20}} {
		g := random(6, size.nodes, size.edges)
		Layout(g)
		if err := check(g); err != nil {
			t.Errorf("%d boxes, %d lines: %v", size.nodes, size.edges, err)
		}
	}
}

// What would be one very high column is divided.
func TestHighColumnsAreDivided(t *testing.T) {
	for _, label := range []float64{0, 40} {
		g := &Graph{Nodes: make([]Node, 121)}
		for i := range g.Nodes {
			g.Nodes[i] = Node{W: 100, H: 70}
		}
		line := func(from, to int) {
			g.Edges = append(g.Edges, Edge{From: from, To: to, FromRow: Free, ToRow: Free, LabelW: label, LabelH: label / 3})
		}
		for i := range 60 {
			line(1+i, 0)
			line(0, 61+i)
			if i%7 == 1 { // some are held back by their neighbours
				line(i, 1+i)
				line(60+i, 61+i)
			}
		}
		Layout(g)
		if err := check(g); err != nil {
			t.Error(err)
		}
		columns := map[float64]int{}
		for _, n := range g.Nodes {
			columns[n.X]++
		}
		for _, n := range columns {
			if n > 30 {
				t.Errorf("%d boxes in a column", n)
			}
		}
	}
}

func TestTheSameGraphGivesTheSamePicture(t *testing.T) {
	for seed := range uint64(20) {
		a, b := random(seed, 20, 40), random(seed, 20, 40)
		Layout(a)
		Layout(b)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("seed %d: two pictures differ", seed)
		}
	}
}

// Lines run to the right, but for those that close a cycle.
func TestLinesRunToTheRight(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	g := &Graph{Nodes: make([]Node, 30)}
	for i := range g.Nodes {
		g.Nodes[i] = Node{W: 50, H: 30}
	}
	for range 60 {
		a, b := r.IntN(30), r.IntN(30)
		if a != b {
			g.Edges = append(g.Edges, Edge{From: min(a, b), To: max(a, b), FromRow: Free, ToRow: Free})
		}
	}
	forward := len(g.Edges)
	g.Edges = append(g.Edges, Edge{From: g.Edges[0].To, To: g.Edges[0].From, Weight: 0.1, FromRow: Free, ToRow: Free})
	Layout(g)
	for i, e := range g.Edges {
		right := e.Points[0].X < e.Points[len(e.Points)-1].X
		if right != (i < forward) {
			t.Errorf("line %d of %d runs the wrong way", i, forward)
		}
	}
}

// A tree needs no crossing, and its chains are level.
func TestTreesAreDrawnWithoutCrossings(t *testing.T) {
	g := &Graph{Nodes: make([]Node, 40)}
	for i := range g.Nodes {
		g.Nodes[i] = Node{W: 50, H: 30}
		if i > 0 {
			g.Edges = append(g.Edges, Edge{From: (i * 7) % ((i + 2) / 3), To: i, FromRow: Free, ToRow: Free})
		}
	}
	p := g.parts()
	if len(p) != 1 {
		t.Fatalf("%d parts", len(p))
	}
	p[0].layout()
	if n := p[0].crossings(); n != 0 {
		t.Errorf("%d crossings", n)
	}

	chain := &Graph{Nodes: []Node{{W: 50, H: 30}, {W: 70, H: 60}, {W: 50, H: 30}}, Edges: []Edge{
		{From: 0, To: 1, FromRow: Free, ToRow: Free, LabelW: 30, LabelH: 12}, {From: 1, To: 2, FromRow: Free, ToRow: Free},
	}}
	Layout(chain)
	for _, e := range chain.Edges {
		for _, p := range e.Points {
			if abs(p.Y-e.Points[0].Y) > 0.5 {
				t.Errorf("a chain is not level: %v", e.Points)
			}
		}
	}
}

func TestInversions(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		values := make([]float64, r.IntN(30))
		want := 0
		for i := range values {
			values[i] = float64(r.IntN(12))
			for _, v := range values[:i] {
				if v > values[i] {
					want++
				}
			}
		}
		if got := inversions(values); got != want {
			t.Fatalf("%v: %d inversions, want %d", values, got, want)
		}
	}
}

func BenchmarkLayout(b *testing.B) {
	for _, size := range []struct{ nodes, edges int }{{25, 40}, {50, 80}, {100, 160}, {200, 320}, {400, 640}} {
		b.Run(fmt.Sprint(size.nodes), func(b *testing.B) {
			for b.Loop() {
				Layout(random(6, size.nodes, size.edges))
			}
		})
	}
}
