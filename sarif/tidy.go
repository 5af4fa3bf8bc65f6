package sarif

import "bytes"

// tidy indents compact JSON, and leaves out members and elements that are null: go-sarif
// writes null for much that is absent, the schema allows it almost nowhere, and GitHub
// refuses a report for one of them. src has to be what encoding/json makes.
func tidy(src []byte) []byte {
	t := tidier{src: src, out: make([]byte, 0, len(src)+len(src)/2)}
	t.value()
	return append(t.out, '\n')
}

type tidier struct {
	src   []byte
	at    int // of the next byte of src
	out   []byte
	depth int
}

func (t *tidier) value() {
	switch t.src[t.at] {
	case '{':
		t.list('}', true)
	case '[':
		t.list(']', false)
	case '"':
		t.out = append(t.out, t.string()...)
	default:
		t.out = append(t.out, t.scalar()...)
	}
}

// list copies an object or an array.
func (t *tidier) list(end byte, members bool) {
	t.out = append(t.out, t.src[t.at])
	t.at++
	t.depth++
	n := 0
	for t.src[t.at] != end {
		if t.src[t.at] == ',' {
			t.at++
		}
		var key []byte
		if members {
			key = t.string()
			t.at++ // the colon
		}
		if t.src[t.at] == 'n' {
			t.scalar()
			continue
		}
		if n > 0 {
			t.out = append(t.out, ',')
		}
		n++
		t.line()
		if members {
			t.out = append(append(t.out, key...), ": "...)
		}
		t.value()
	}
	t.at++
	t.depth--
	if n > 0 {
		t.line()
	}
	t.out = append(t.out, end)
}

func (t *tidier) line() {
	t.out = append(t.out, '\n')
	for range t.depth {
		t.out = append(t.out, "  "...)
	}
}

// string takes a string with its quotes.
func (t *tidier) string() []byte {
	from := t.at
	for t.at++; ; {
		t.at += bytes.IndexByte(t.src[t.at:], '"') + 1
		escapes := 0
		for t.src[t.at-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return t.src[from:t.at]
		}
	}
}

// scalar takes a number or a word.
func (t *tidier) scalar() []byte {
	from := t.at
	for t.at < len(t.src) && bytes.IndexByte([]byte(",]}\n"), t.src[t.at]) < 0 {
		t.at++
	}
	return t.src[from:t.at]
}
