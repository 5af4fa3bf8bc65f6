package pattern

// A byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

func (s *byteSet) add(c byte) { s[c>>6] |= 1 << (c & 63) }

func (s *byteSet) addRange(from, to byte) {
	for c := int(from); c <= int(to); c++ {
		s.add(byte(c))
	}
}

func (s *byteSet) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// addClass adds the class that a letter stands for, %a, or all but it, %A. It returns
// false for a byte that names no class.
func (s *byteSet) addClass(c byte) bool {
	var class byteSet
	switch c | 0x20 {
	case 'a':
		class.addRange('A', 'Z')
		class.addRange('a', 'z')
	case 'c':
		class.addRange(0, 31)
		class.add(127)
	case 'd':
		class.addRange('0', '9')
	case 'g':
		class.addRange(33, 126)
	case 'l':
		class.addRange('a', 'z')
	case 'p':
		class.addRange(33, 47)
		class.addRange(58, 64)
		class.addRange(91, 96)
		class.addRange(123, 126)
	case 's':
		class.addRange(9, 13)
		class.add(' ')
	case 'u':
		class.addRange('A', 'Z')
	case 'w':
		class.addRange('0', '9')
		class.addRange('A', 'Z')
		class.addRange('a', 'z')
	case 'x':
		class.addRange('0', '9')
		class.addRange('A', 'F')
		class.addRange('a', 'f')
	case 'z': // left from Lua 5.1
		class.add(0)
	default:
		return false
	}
	if c < 'A' || 'Z' < c && c < 'a' { // no letter, though c|0x20 is one
		return false
	}
	if c <= 'Z' {
		class.invert()
	}
	for i := range s {
		s[i] |= class[i]
	}
	return true
}

// read reads what is between [ and ]; i is where it begins. It returns where the
// pattern goes on, or -1 if there is no ].
func (s *byteSet) read(p string, i int) int {
	inverted := i < len(p) && p[i] == '^'
	if inverted {
		i++
	}
	last, ok := closeOf(p, i)
	if !ok {
		return -1
	}
	for ; i < last; i++ {
		switch c := p[i]; {
		case c == '%':
			i++
			if !s.addClass(p[i]) {
				s.add(p[i])
			}
		case i+2 < last && p[i+1] == '-':
			s.addRange(c, p[i+2])
			i += 2
		default:
			s.add(c)
		}
	}
	if inverted {
		s.invert()
	}
	return last + 1
}

// closeOf returns where the ] is of a set whose first byte, after a ^, is at i: that
// byte may be a ] itself.
func closeOf(p string, i int) (int, bool) {
	for first := i; ; {
		if i >= len(p) {
			return 0, false
		}
		c := p[i]
		if c == ']' && i > first {
			return i, true
		}
		i++
		if c == '%' {
			i++
		}
	}
}
