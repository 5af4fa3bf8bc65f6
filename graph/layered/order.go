package layered

import (
	"cmp"
	"slices"
)

// rounds is how often the columns are gone over to find a better order.
const rounds = 16

// order puts the cells of each column in an order with few crossings: each goes to the
// middle of its neighbours, column by column, to and fro, and neighbours change places where that
// helps.
func (p *part) order() {
	p.startOrder()
	best := p.save()
	least := p.crossings()
	for round := 0; round < rounds && least > 0; round++ {
		if round%2 == 0 {
			for k := 1; k < len(p.columns); k++ {
				p.arrange(k, func(c *cell) []link { return c.before })
			}
		} else {
			for k := len(p.columns) - 2; k >= 0; k-- {
				p.arrange(k, func(c *cell) []link { return c.after })
			}
		}
		p.exchange()
		if n := p.crossings(); n < least {
			least, best = n, p.save()
		}
	}
	for k := range p.columns {
		copy(p.columns[k], best[k])
		p.number(k)
	}
}

// startOrder numbers the cells as they are found from the left, depth first: what belongs
// together comes to stand together.
func (p *part) startOrder() {
	seen := make([]bool, len(p.cells))
	columns := make([][]int, len(p.columns))
	column := make([]int, len(p.cells))
	for k, cells := range p.columns {
		for _, c := range cells {
			column[c] = k
		}
	}
	var stack []int
	for _, cells := range p.columns {
		for _, root := range cells {
			stack = append(stack, root)
			for len(stack) > 0 {
				c := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if seen[c] {
					continue
				}
				seen[c] = true
				columns[column[c]] = append(columns[column[c]], c)
				for _, l := range slices.Backward(p.cells[c].before) {
					stack = append(stack, l.to)
				}
				for _, l := range slices.Backward(p.cells[c].after) {
					stack = append(stack, l.to)
				}
			}
		}
	}
	p.columns = columns
	for k := range p.columns {
		p.number(k)
	}
}

func (p *part) number(column int) {
	for i, c := range p.columns[column] {
		p.cells[c].pos = i
	}
}

func (p *part) save() [][]int {
	saved := make([][]int, len(p.columns))
	for k := range p.columns {
		saved[k] = slices.Clone(p.columns[k])
	}
	return saved
}

// place of the far end of a link in the order of its column; the row tells links to one box apart.
func (p *part) at(l *link) float64 {
	c := &p.cells[l.to]
	if c.node >= 0 && l.there >= 0 {
		return float64(c.pos) + 0.9*l.there/max(c.h, 1)
	}
	return float64(c.pos) + 0.45
}

// arrange sorts a column by the middle of the neighbours. A cell without any keeps its place.
func (p *part) arrange(column int, side func(*cell) []link) {
	cells := p.columns[column]
	key := make(map[int]float64, len(cells))
	var movable []int
	for _, c := range cells {
		links := side(&p.cells[c])
		if len(links) == 0 {
			continue
		}
		sum, weight := 0.0, 0.0
		for i := range links {
			sum += p.at(&links[i]) * links[i].weight
			weight += links[i].weight
		}
		key[c] = sum / weight
		movable = append(movable, c)
	}
	slices.SortStableFunc(movable, func(a, b int) int { return cmp.Compare(key[a], key[b]) })
	for i, c := range cells {
		if _, ok := key[c]; ok {
			cells[i] = movable[0]
			movable = movable[1:]
		}
	}
	p.number(column)
}

// exchange swaps neighbours in columns while that takes crossings away.
func (p *part) exchange() {
	for range 4 {
		better := false
		for k := range p.columns {
			cells := p.columns[k]
			for i := 1; i < len(cells); i++ {
				a, b := &p.cells[cells[i-1]], &p.cells[cells[i]]
				now := p.between(a.before, b.before) + p.between(a.after, b.after)
				if now == 0 {
					continue
				}
				if p.between(b.before, a.before)+p.between(b.after, a.after) < now {
					cells[i-1], cells[i] = cells[i], cells[i-1]
					a.pos, b.pos = i, i-1
					better = true
				}
			}
		}
		if !better {
			return
		}
	}
}

// between counts the crossings of the links of two cells of which the first stands above.
func (p *part) between(upper, lower []link) int {
	n := 0
	for i := range upper {
		for k := range lower {
			if p.at(&upper[i]) > p.at(&lower[k]) {
				n++
			}
		}
	}
	return n
}

// crossings counts the crossings between all columns, as Barth, Jünger and Mutzel do: with a
// tree of counts, in which each line asks how many before it end below.
func (p *part) crossings() int {
	total := 0
	for k := range p.columns[:len(p.columns)-1] {
		var ends []float64
		for _, c := range p.columns[k] {
			links := p.cells[c].after
			from := len(ends)
			for i := range links {
				ends = append(ends, p.at(&links[i]))
			}
			slices.Sort(ends[from:])
		}
		total += inversions(ends)
	}
	return total
}

// inversions counts pairs of which the first is greater.
func inversions(values []float64) int {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	tree := make([]int, len(sorted)+1)
	n := 0
	for i, v := range values {
		rank, _ := slices.BinarySearch(sorted, v)
		n += i
		for k := rank + 1; k > 0; k -= k & -k {
			n -= tree[k]
		}
		for k := rank + 1; k < len(tree); k += k & -k {
			tree[k]++
		}
	}
	return n
}
