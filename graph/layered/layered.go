// Package layered places the boxes and lines of a directed graph in columns, so that lines run
// from left to right where they can: the method of Sugiyama, Tagawa and Toda. Cycles are broken,
// boxes get columns, columns an order with few crossings, and then places in which lines are
// as straight as they can be.
//
// Boxes never overlap each other, nor the lines that pass them, nor the labels of lines. The
// same graph gives the same picture.
package layered

import (
	"cmp"
	"math"
	"slices"
)

// A Point is a place; y grows downwards.
type Point struct{ X, Y float64 }

// A Node is a box.
type Node struct {
	W, H float64
	// X and Y are its upper left corner: set by Layout. Layout also raises H where so many
	// lines end that they need more room.
	X, Y float64
}

// A Edge is a line between two boxes.
type Edge struct {
	From, To int // indices of nodes; a line from a box to itself is left alone
	// Weight says how much it matters that the line is short, straight and runs to the right;
	// 0 counts as 1.
	Weight float64
	// LabelW and LabelH are the size of its label; 0 for none.
	LabelW, LabelH float64
	// FromRow and ToRow are how far below the upper edges of its boxes it ends. Free means
	// anywhere along the side.
	FromRow, ToRow float64
	// Points is the way of the line from From to To: set by Layout. Between the first and the
	// second it is straight, to the third it is curved, then straight again, and so on. It
	// leaves and arrives level.
	Points []Point
	// Label is the middle of the label.
	Label Point
}

// Free is the row of an end that may be anywhere.
const Free = -1

// A Graph is what is to be laid out.
type Graph struct {
	Nodes []Node
	Edges []Edge
	// W and H are the size of the whole: set by Layout.
	W, H float64
}

// Distances, in the unit of the boxes' sizes.
const (
	nodeGap  = 22  // between boxes of a column
	lineGap  = 9   // between lines that pass through a column
	minGap   = 34  // between columns
	maxGap   = 130 // between columns whose lines are steep
	partGap  = 44  // between parts that no line connects
	portGap  = 7   // between lines that end at one side
	portEdge = 10  // from a corner to the first line
)

// Aspect is how much wider than high the whole is to be, if it has several parts.
const aspect = 1.5

// Layout places everything. It changes nothing but what is said to be set by it.
func Layout(g *Graph) {
	parts := g.parts()
	for _, p := range parts {
		p.layout()
	}
	g.pack(parts)
}

// A part is a set of boxes that lines connect.
type part struct {
	g            *Graph
	nodes, edges []int
	reversed     []bool // by index of edges
	layer        []int  // by index of nodes
	step         int    // columns between boxes that a line connects
	cells        []cell
	columns      [][]int // cells, from top to bottom
	lines        []line  // by index of edges
	w, h         float64
	left, width  []float64 // of columns
}

// A cell is what takes room in a column: a box, or a line on its way through it.
type cell struct {
	node  int // index of Graph.Nodes; -1 for a line
	h     float64
	level float64 // how far below its upper edge the line runs
	y     float64
	pos   int
	// before and after are what it is connected with in the neighbouring columns.
	before, after []link
}

// A link leads to a cell of a neighbouring column. Here and there are how far below the upper
// edges the line ends.
type link struct {
	to          int
	here, there float64
	weight      float64
	edge        int // index of part.edges
}

// A line is the cells of an edge, from left to right.
type line struct {
	cells []int
	label int // the cell with the label, -1
}

// parts divides the graph, those with most boxes first.
func (g *Graph) parts() []*part {
	root := make([]int, len(g.Nodes))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, e := range g.Edges {
		a, b := find(e.From), find(e.To)
		root[max(a, b)] = min(a, b)
	}
	of := map[int]*part{}
	var parts []*part
	for i := range g.Nodes {
		r := find(i)
		if of[r] == nil {
			of[r] = &part{g: g, step: 1}
			parts = append(parts, of[r])
		}
		of[r].nodes = append(of[r].nodes, i)
	}
	for i, e := range g.Edges {
		if e.From != e.To {
			p := of[find(e.From)]
			p.edges = append(p.edges, i)
			if e.LabelW > 0 {
				p.step = 2
			}
		}
	}
	slices.SortStableFunc(parts, func(a, b *part) int { return cmp.Compare(len(b.nodes), len(a.nodes)) })
	return parts
}

func (p *part) layout() {
	p.breakCycles()
	p.assignLayers()
	p.makeCells()
	p.order()
	p.assignPorts()
	p.place()
	p.draw()
}

// pack puts the parts in rows, so that the whole has a shape that fits a screen.
func (g *Graph) pack(parts []*part) {
	area, width := 0.0, 0.0
	for _, p := range parts {
		area += (p.w + partGap) * (p.h + partGap)
		width = max(width, p.w)
	}
	width = max(width, math.Sqrt(area*aspect))
	slices.SortStableFunc(parts, func(a, b *part) int { return cmp.Compare(b.h, a.h) })
	// Each row is as high as its first part. Others stand beside it, on each other where they fit.
	y := 0.0
	for len(parts) > 0 {
		height := parts[0].h
		var later []*part
		x, stackY, stackW := 0.0, 0.0, 0.0
		for _, p := range parts {
			if stackY > 0 && stackY+p.h > height { // the next stack
				x += stackW + partGap
				stackY, stackW = 0, 0
			}
			if x > 0 && x+p.w > width {
				later = append(later, p)
				continue
			}
			p.move(x, y+stackY)
			g.W, g.H = max(g.W, x+p.w), max(g.H, y+stackY+p.h)
			stackY += p.h + partGap
			stackW = max(stackW, p.w)
		}
		y += height + partGap
		parts = later
	}
}

func (p *part) move(dx, dy float64) {
	for _, i := range p.nodes {
		p.g.Nodes[i].X += dx
		p.g.Nodes[i].Y += dy
	}
	for _, i := range p.edges {
		e := &p.g.Edges[i]
		for k := range e.Points {
			e.Points[k].X += dx
			e.Points[k].Y += dy
		}
		e.Label.X += dx
		e.Label.Y += dy
	}
}

func (p *part) edge(i int) *Edge { return &p.g.Edges[p.edges[i]] }

func (e *Edge) weight() float64 {
	if e.Weight <= 0 {
		return 1
	}
	return e.Weight
}
