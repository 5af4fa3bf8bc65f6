package solve

// pairs is a set of pairs of numbers, of which the first is not 0, each with a value of its own:
// a hash table with open addressing and linear probing, of which the analysis asks so often that
// a map of the language took a tenth of its time.
type pairs struct {
	keys   []uint64 // 0 where there is none; a power of two of them
	values []int32
	count  int
	shift  uint8
}

func pair(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

// at returns where a pair is or would be put.
func (p *pairs) at(key uint64) int {
	mask := len(p.keys) - 1
	i := int(key * 0x9e3779b97f4a7c15 >> p.shift) // Fibonacci hashing (Knuth, volume 3, 6.4)
	for p.keys[i] != 0 && p.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// get returns the value of a pair; false if it is not in the set.
func (p *pairs) get(key uint64) (int32, bool) {
	if p.count == 0 {
		return 0, false
	}
	i := p.at(key)
	return p.values[i], p.keys[i] != 0
}

// add adds a pair, unless it is there; it reports whether it is new.
func (p *pairs) add(key uint64, value int32) bool {
	if 4*(p.count+1) > 3*len(p.keys) {
		p.grow()
	}
	i := p.at(key)
	if p.keys[i] != 0 {
		return false
	}
	p.keys[i], p.values[i] = key, value
	p.count++
	return true
}

// set gives a pair a value, and adds it if it is not there.
func (p *pairs) set(key uint64, value int32) {
	if !p.add(key, value) {
		p.values[p.at(key)] = value
	}
}

func (p *pairs) grow() {
	old := *p
	size := max(1024, 2*len(old.keys))
	p.keys, p.values, p.shift = make([]uint64, size), make([]int32, size), 64
	for n := size; n > 1; n >>= 1 {
		p.shift--
	}
	for i, key := range old.keys {
		if key != 0 {
			at := p.at(key)
			p.keys[at], p.values[at] = key, old.values[i]
		}
	}
}

func (p *pairs) clear() {
	clear(p.keys)
	p.count = 0
}
