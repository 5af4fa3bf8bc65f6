package syntax

// manyActives is the number of declarations above which a name is looked up in an index.
// Little code has that many in scope, so most does not pay for one.
const manyActives = 100

// nameIndex finds the last active declaration of a name at once. It is brought up to date
// by each lookup, and shortened when a scope ends.
type nameIndex struct {
	last   map[string]int32 // plus one
	hidden []int32          // for each declaration in the index the one that it hides, plus one
	global []int32          // those that declare a global by name
}

// lookupMany is lookup for a great number of declarations.
func (p *parser) lookupMany(name string) (found active, ok, undeclared bool) {
	x := &p.index
	if x.last == nil {
		x.last = make(map[string]int32)
	}
	for i := len(x.hidden); i < len(p.actives); i++ {
		a := p.actives[i]
		key := p.declared(a)
		x.hidden = append(x.hidden, x.last[key])
		x.last[key] = int32(i + 1)
		if a.kind == plainGlobal || a.kind == constGlobal {
			x.global = append(x.global, int32(i))
		}
	}
	for _, key := range [2]string{name, "*"} {
		if i := x.last[key]; i > 0 {
			return p.actives[i-1], true, false
		}
	}
	return active{}, false, len(x.global) > 0
}

// forget takes all but the first n declarations out of the index.
func (p *parser) forget(n int) {
	x := &p.index
	for i := len(x.hidden) - 1; i >= n; i-- {
		x.last[p.declared(p.actives[i])] = x.hidden[i]
	}
	x.hidden = x.hidden[:min(n, len(x.hidden))]
	for len(x.global) > 0 && int(x.global[len(x.global)-1]) >= n {
		x.global = x.global[:len(x.global)-1]
	}
}
