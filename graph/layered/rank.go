package layered

import (
	"math"
	"slices"
)

// local returns the index of each node in p.nodes.
func (p *part) local() map[int]int {
	m := make(map[int]int, len(p.nodes))
	for i, n := range p.nodes {
		m[n] = i
	}
	return m
}

// breakCycles reverses some edges, so that no cycle is left: those that lead backwards in an
// order in which little weight does, found as Eades, Lin and Smyth do.
func (p *part) breakCycles() {
	n := len(p.nodes)
	local := p.local()
	in, out := make([]float64, n), make([]float64, n)
	inCount, outCount := make([]int, n), make([]int, n)
	edges := make([][]int, n)
	for i := range p.edges {
		e := p.edge(i)
		from, to := local[e.From], local[e.To]
		out[from] += e.weight()
		in[to] += e.weight()
		outCount[from]++
		inCount[to]++
		edges[from] = append(edges[from], i)
		edges[to] = append(edges[to], i)
	}
	rank := make([]int, n)
	placed := make([]bool, n)
	first, last := 0, n-1
	take := func(v int) {
		placed[v] = true
		for _, i := range edges[v] {
			e := p.edge(i)
			if from, to := local[e.From], local[e.To]; from == v {
				in[to] -= e.weight()
				inCount[to]--
			} else {
				out[from] -= e.weight()
				outCount[from]--
			}
		}
	}
	for first <= last {
		moved := false
		for v := range n {
			if !placed[v] && outCount[v] == 0 {
				rank[v] = last
				last--
				take(v)
				moved = true
			}
		}
		for v := range n {
			if !placed[v] && inCount[v] == 0 {
				rank[v] = first
				first++
				take(v)
				moved = true
			}
		}
		if moved {
			continue
		}
		best := -1
		for v := range n {
			if !placed[v] && (best < 0 || out[v]-in[v] > out[best]-in[best]) {
				best = v
			}
		}
		rank[best] = first
		first++
		take(best)
	}
	p.reversed = make([]bool, len(p.edges))
	for i := range p.edges {
		e := p.edge(i)
		p.reversed[i] = rank[local[e.From]] > rank[local[e.To]]
	}
}

// ends returns the left and the right node of an edge, as indices of p.nodes.
func (p *part) ends(i int, local map[int]int) (left, right int) {
	e := p.edge(i)
	if p.reversed[i] {
		return local[e.To], local[e.From]
	}
	return local[e.From], local[e.To]
}

// assignLayers gives each node a column: behind all from which lines come, and then as near to
// its neighbours as the others let it be.
func (p *part) assignLayers() {
	n := len(p.nodes)
	local := p.local()
	after, before := make([][]int, n), make([][]int, n)
	pull := make([]float64, n) // to the right if positive
	waits := make([]int, n)
	for i := range p.edges {
		l, r := p.ends(i, local)
		after[l] = append(after[l], r)
		before[r] = append(before[r], l)
		pull[l] += p.edge(i).weight()
		pull[r] -= p.edge(i).weight()
		waits[r]++
	}
	p.layer = make([]int, n)
	var order []int
	for v := range n {
		if waits[v] == 0 {
			order = append(order, v)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, w := range after[order[i]] {
			p.layer[w] = max(p.layer[w], p.layer[order[i]]+p.step)
			if waits[w]--; waits[w] == 0 {
				order = append(order, w)
			}
		}
	}
	for range 8 {
		moved := false
		for _, v := range slices.Backward(order) {
			if pull[v] <= 0 || len(after[v]) == 0 {
				continue
			}
			to := p.layer[after[v][0]]
			for _, w := range after[v] {
				to = min(to, p.layer[w])
			}
			if to-p.step > p.layer[v] {
				p.layer[v] = to - p.step
				moved = true
			}
		}
		for _, v := range order {
			if pull[v] >= 0 || len(before[v]) == 0 {
				continue
			}
			to := 0
			for _, u := range before[v] {
				to = max(to, p.layer[u]+p.step)
			}
			if to < p.layer[v] {
				p.layer[v] = to
				moved = true
			}
		}
		if !moved {
			break
		}
	}
	p.narrow(before, after)
	least := slices.Min(p.layer)
	for v := range p.layer {
		p.layer[v] -= least
	}
}

// lowest is how high a column may be in any case.
const lowest = 2200

// narrow moves boxes out of columns that are much too high: those that nothing holds back go one
// column to the right, or to the left. A line that passes takes less room than a box.
func (p *part) narrow(before, after [][]int) {
	area := 0.0
	for _, n := range p.nodes {
		area += (p.g.Nodes[n].W + maxGap) * (p.g.Nodes[n].H + nodeGap)
	}
	most := max(lowest, math.Sqrt(area))
	columns := func() map[int][]int {
		m := map[int][]int{}
		for v, l := range p.layer {
			m[l] = append(m[l], v)
		}
		return m
	}
	shift := func(by int, held [][]int) {
		m := columns()
		for l := range len(p.nodes) * p.step {
			if by < 0 {
				l = slices.Max(p.layer) - l
			}
			height := 0.0
			for _, v := range m[l] {
				h := p.g.Nodes[p.nodes[v]].H + nodeGap
				free := !slices.ContainsFunc(held[v], func(w int) bool { return (p.layer[w]-l)*by < 2*p.step*p.step })
				if height+h > most && height > 0 && free {
					p.layer[v] = l + by
					m[l+by] = append(m[l+by], v)
					continue
				}
				height += h
			}
		}
	}
	shift(p.step, after)
	shift(-p.step, before)
}

// makeCells fills the columns with the nodes, and with the lines that pass through.
func (p *part) makeCells() {
	local := p.local()
	p.columns = make([][]int, slices.Max(p.layer)+1)
	add := func(layer int, c cell) int {
		p.cells = append(p.cells, c)
		p.columns[layer] = append(p.columns[layer], len(p.cells)-1)
		return len(p.cells) - 1
	}
	for v, i := range p.nodes {
		add(p.layer[v], cell{node: i, h: p.g.Nodes[i].H})
	}
	p.lines = make([]line, len(p.edges))
	for i := range p.edges {
		e := p.edge(i)
		l, r := p.ends(i, local)
		ln := line{cells: []int{l}, label: -1}
		// The label stands beside the node to which the arrow points.
		labelled := -1
		if e.LabelW > 0 {
			labelled = p.layer[r] - 1
			if p.reversed[i] {
				labelled = p.layer[l] + 1
			}
		}
		for k := p.layer[l] + 1; k < p.layer[r]; k++ {
			c := cell{node: -1}
			if k == labelled {
				c.h, c.level = e.LabelH+2, e.LabelH
				ln.label = len(p.cells)
			}
			ln.cells = append(ln.cells, add(k, c))
		}
		ln.cells = append(ln.cells, r)
		p.lines[i] = ln
		fromRow, toRow := e.FromRow, e.ToRow
		if p.reversed[i] {
			fromRow, toRow = toRow, fromRow
		}
		for k := 1; k < len(ln.cells); k++ {
			a, b := ln.cells[k-1], ln.cells[k]
			weight := e.weight()
			here, there := p.cells[a].level, p.cells[b].level
			if k == 1 {
				here = fromRow
			} else {
				weight *= 2
			}
			if k == len(ln.cells)-1 {
				there = toRow
			} else if k > 1 {
				weight *= 4
			}
			p.cells[a].after = append(p.cells[a].after, link{b, here, there, weight, i})
			p.cells[b].before = append(p.cells[b].before, link{a, there, here, weight, i})
		}
	}
}
