package solve

// pairs is a set of pairs of numbers, of which the first is not 0, each with a value of its own:
// a hash table with open addressing and linear probing, of which the analysis asks so often that
// a map of the language took a tenth of its time.
type pairs struct {
	slots []slot // a power of two of them
	count int
	shift uint8
}

// slot is a pair and its value; the pair is 0 where there is none.
type slot struct {
	key   uint64
	value int32
}

func pair(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

// at returns where a pair is or would be put.
func (p *pairs) at(key uint64) *slot {
	mask := len(p.slots) - 1
	i := int(key * 0x9e3779b97f4a7c15 >> p.shift) // Fibonacci hashing (Knuth, volume 3, 6.4)
	for p.slots[i].key != 0 && p.slots[i].key != key {
		i = (i + 1) & mask
	}
	return &p.slots[i]
}

// get returns the value of a pair; false if it is not in the set.
func (p *pairs) get(key uint64) (int32, bool) {
	if p.count == 0 {
		return 0, false
	}
	at := p.at(key)
	return at.value, at.key != 0
}

// add adds a pair, unless it is there; it reports whether it is new.
func (p *pairs) add(key uint64, value int32) bool {
	if 4*(p.count+1) > 3*len(p.slots) {
		p.grow()
	}
	at := p.at(key)
	if at.key != 0 {
		return false
	}
	*at = slot{key, value}
	p.count++
	return true
}

// set gives a pair a value, and adds it if it is not there.
func (p *pairs) set(key uint64, value int32) {
	if !p.add(key, value) {
		p.at(key).value = value
	}
}

func (p *pairs) grow() {
	old := p.slots
	size := max(4096, 2*len(old))
	p.slots, p.shift = written[slot](size), 64
	for n := size; n > 1; n >>= 1 {
		p.shift--
	}
	for _, s := range old {
		if s.key != 0 {
			*p.at(s.key) = s
		}
	}
}

func (p *pairs) clear() {
	clear(p.slots)
	p.count = 0
}

// written returns n zeros which have been written: memory that is read before it is written costs
// two page faults, and disturbs the other processors.
func written[T any](n int) []T {
	s := make([]T, n)
	clear(s)
	return s
}
