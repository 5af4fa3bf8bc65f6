package layered

import (
	"cmp"
	"math"
	"slices"
)

// sweeps is how often the columns are gone over to make lines straight.
const sweeps = 24

// assignPorts gives each free end a place on the side of its box, in the order of what is at
// the other ends, and makes boxes higher where that needs more room.
func (p *part) assignPorts() {
	for c := range p.cells {
		if p.cells[c].node < 0 {
			continue
		}
		need := 0
		for _, links := range [][]link{p.cells[c].before, p.cells[c].after} {
			free := 0
			for i := range links {
				if links[i].here < 0 {
					free++
				}
			}
			need = max(need, free)
		}
		if need > 1 {
			p.cells[c].h = max(p.cells[c].h, float64(need-1)*portGap+2*portEdge)
			p.g.Nodes[p.cells[c].node].H = p.cells[c].h
		}
	}
	type port struct {
		cell, edge int
		right      bool
	}
	found := map[port]float64{}
	for c := range p.cells {
		cell := &p.cells[c]
		if cell.node < 0 {
			continue
		}
		for _, right := range []bool{false, true} {
			links := cell.before
			if right {
				links = cell.after
			}
			var free []int
			for i := range links {
				if links[i].here < 0 {
					free = append(free, i)
				}
			}
			slices.SortStableFunc(free, func(a, b int) int { return cmp.Compare(p.at(&links[a]), p.at(&links[b])) })
			gap := 0.0
			if len(free) > 1 {
				gap = min(14, (cell.h-2*portEdge)/float64(len(free)-1))
			}
			for k, i := range free {
				links[i].here = cell.h/2 + gap*(float64(k)-float64(len(free)-1)/2)
				found[port{c, links[i].edge, right}] = links[i].here
			}
		}
	}
	for c := range p.cells {
		for _, right := range []bool{false, true} {
			links := p.cells[c].before
			if right {
				links = p.cells[c].after
			}
			for i := range links {
				if l := &links[i]; l.there < 0 {
					l.there = found[port{l.to, l.edge, !right}]
				}
			}
		}
	}
}

// gap returns how far two cells of a column have to be apart.
func (p *part) gap(upper, lower int) float64 {
	switch a, b := p.cells[upper].node >= 0, p.cells[lower].node >= 0; {
	case a && b:
		return nodeGap
	case a || b:
		return (nodeGap + lineGap) / 2
	}
	return lineGap
}

// place finds the heights of the cells: each as near as it can be to where its lines would be
// straight, the order kept, column by column, to and fro.
func (p *part) place() {
	for k := range p.columns {
		y := 0.0
		for i, c := range p.columns[k] {
			if i > 0 {
				y += p.gap(p.columns[k][i-1], c)
			}
			p.cells[c].y = y
			y += p.cells[c].h
		}
		for _, c := range p.columns[k] {
			p.cells[c].y -= y / 2
		}
	}
	both := func(c *cell) [2][]link { return [2][]link{c.before, c.after} }
	for s := range sweeps {
		if s%2 == 0 {
			for k := 1; k < len(p.columns); k++ {
				p.settle(k, func(c *cell) [2][]link { return [2][]link{c.before} })
			}
		} else {
			for k := len(p.columns) - 2; k >= 0; k-- {
				p.settle(k, func(c *cell) [2][]link { return [2][]link{c.after} })
			}
		}
	}
	for range sweeps / 4 {
		for k := range p.columns {
			p.settle(k, both)
		}
		for k := len(p.columns) - 1; k >= 0; k-- {
			p.settle(k, both)
		}
	}
	p.straighten()
	top := math.Inf(1)
	for c := range p.cells {
		top = min(top, p.cells[c].y)
	}
	for c := range p.cells {
		p.cells[c].y -= top
		p.h = max(p.h, p.cells[c].y+p.cells[c].h)
	}
}

// settle moves the cells of one column to where the squares of the distances from where they
// want to be are least, by joining blocks that press against each other.
func (p *part) settle(column int, side func(*cell) [2][]link) {
	type block struct {
		want, weight float64 // the weighted mean of what its cells want, less their offsets
		first        int
	}
	cells := p.columns[column]
	offset := make([]float64, len(cells))
	var blocks []block
	for i, c := range cells {
		cell := &p.cells[c]
		if i > 0 {
			offset[i] = offset[i-1] + p.cells[cells[i-1]].h + p.gap(cells[i-1], c)
		}
		sum, weight := 0.0, 0.0
		for _, links := range side(cell) {
			for k := range links {
				l := &links[k]
				sum += l.weight * (p.cells[l.to].y + l.there - l.here)
				weight += l.weight
			}
		}
		if weight == 0 {
			sum, weight = cell.y*0.01, 0.01
		}
		b := block{sum/weight - offset[i], weight, i}
		for len(blocks) > 0 && blocks[len(blocks)-1].want >= b.want {
			a := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			w := a.weight + b.weight
			b = block{(a.want*a.weight + b.want*b.weight) / w, w, a.first}
		}
		blocks = append(blocks, b)
	}
	for i, b := range blocks {
		last := len(cells)
		if i+1 < len(blocks) {
			last = blocks[i+1].first
		}
		for k := b.first; k < last; k++ {
			p.cells[cells[k]].y = b.want + offset[k]
		}
	}
}

// straighten makes lines that pass through several columns level as far as their neighbours let
// them, the longest first.
func (p *part) straighten() {
	column := make([]int, len(p.cells))
	for k, cells := range p.columns {
		for _, c := range cells {
			column[c] = k
		}
	}
	room := func(c int) (lo, hi float64) {
		cells, i := p.columns[column[c]], p.cells[c].pos
		lo, hi = math.Inf(-1), math.Inf(1)
		if i > 0 {
			above := cells[i-1]
			lo = p.cells[above].y + p.cells[above].h + p.gap(above, c)
		}
		if i+1 < len(cells) {
			below := cells[i+1]
			hi = p.cells[below].y - p.gap(c, below) - p.cells[c].h
		}
		return lo + p.cells[c].level, hi + p.cells[c].level
	}
	lines := make([]int, len(p.lines))
	for i := range lines {
		lines[i] = i
	}
	slices.SortStableFunc(lines, func(a, b int) int { return cmp.Compare(len(p.lines[b].cells), len(p.lines[a].cells)) })
	for _, i := range lines {
		cells := p.lines[i].cells
		start, end := p.port(i, cells[0], true), p.port(i, cells[len(cells)-1], false)
		inner := cells[1 : len(cells)-1]
		for len(inner) > 0 {
			// The longest run from here that can be level.
			lo, hi := math.Inf(-1), math.Inf(1)
			sum, n := 0.0, 0
			for _, c := range inner {
				l, h := room(c)
				if max(lo, l) > min(hi, h) {
					break
				}
				lo, hi = max(lo, l), min(hi, h)
				sum += p.cells[c].y + p.cells[c].level
				n++
			}
			if n == 0 {
				inner = inner[1:]
				continue
			}
			level := max(lo, min(hi, sum/float64(n)))
			for _, wish := range []float64{end, start} {
				if lo <= wish && wish <= hi && math.Abs(wish-level) < 40 {
					level = wish
				}
			}
			for _, c := range inner[:n] {
				p.cells[c].y = level - p.cells[c].level
			}
			inner = inner[n:]
		}
	}
}

// port returns how high a line ends at a box.
func (p *part) port(edge, c int, right bool) float64 {
	links := p.cells[c].before
	if right {
		links = p.cells[c].after
	}
	for i := range links {
		if links[i].edge == edge {
			return p.cells[c].y + links[i].here
		}
	}
	return p.cells[c].y
}

// draw finds where the columns are, and sets boxes and lines.
func (p *part) draw() {
	p.width, p.left = make([]float64, len(p.columns)), make([]float64, len(p.columns))
	for k, cells := range p.columns {
		for _, c := range cells {
			if n := p.cells[c].node; n >= 0 {
				p.width[k] = max(p.width[k], p.g.Nodes[n].W)
			}
		}
	}
	column := make([]int, len(p.cells))
	for k, cells := range p.columns {
		for _, c := range cells {
			column[c] = k
		}
	}
	for i := range p.lines {
		if label := p.lines[i].label; label >= 0 {
			p.width[column[label]] = max(p.width[column[label]], p.edge(i).LabelW)
		}
	}
	x := 0.0
	for k, cells := range p.columns {
		if k > 0 {
			// Steep lines need room to bend.
			steep := 0.0
			for _, c := range cells {
				for i := range p.cells[c].before {
					l := &p.cells[c].before[i]
					steep = max(steep, math.Abs(p.cells[l.to].y+l.there-p.cells[c].y-l.here))
				}
			}
			x += max(minGap, min(maxGap, minGap+0.16*steep))
		}
		p.left[k] = x
		x += p.width[k]
	}
	p.w = x
	for _, cells := range p.columns {
		for _, c := range cells {
			if n := p.cells[c].node; n >= 0 {
				p.g.Nodes[n].X, p.g.Nodes[n].Y = p.left[column[c]], p.cells[c].y
			}
		}
	}
	for i := range p.lines {
		ln, e := &p.lines[i], p.edge(i)
		first, last := ln.cells[0], ln.cells[len(ln.cells)-1]
		n := &p.g.Nodes[p.cells[first].node]
		y := p.port(i, first, true)
		points := []Point{{n.X + n.W, y}, {p.left[column[first]] + p.width[column[first]], y}}
		for _, c := range ln.cells[1 : len(ln.cells)-1] {
			k := column[c]
			y := p.cells[c].y + p.cells[c].level
			points = append(points, Point{p.left[k], y}, Point{p.left[k] + p.width[k], y})
			if c == ln.label {
				e.Label = Point{p.left[k] + p.width[k]/2, p.cells[c].y + e.LabelH/2}
			}
		}
		y = p.port(i, last, false)
		points = append(points, Point{p.left[column[last]], y}, Point{p.left[column[last]], y})
		if p.reversed[i] {
			slices.Reverse(points)
		}
		e.Points = points
	}
}
