package socket

import "bytes"

// A buffer holds what has come and was not read.
type buffer struct {
	b       []byte
	from    int // what was read already is before it
	scanned int // no separator begins before it, from from on
}

func (b *buffer) len() int { return len(b.b) - b.from }

func (b *buffer) push(s string) {
	if b.from == len(b.b) {
		b.b, b.from = b.b[:0], 0
	} else if b.from > len(b.b)/2 && b.from > 4096 {
		n := copy(b.b, b.b[b.from:])
		b.b, b.from = b.b[:n], 0
	}
	b.b = append(b.b, s...)
}

// pop takes n bytes.
func (b *buffer) pop(n int) string {
	s := string(b.b[b.from : b.from+n])
	b.from += n
	b.scanned = 0
	if b.from == len(b.b) {
		b.from = 0
		if b.b = b.b[:0]; cap(b.b) > 64<<10 {
			b.b = nil
		}
	}
	return s
}

func (b *buffer) all() string { return b.pop(b.len()) }

// find returns how long the line is that a separator ends.
func (b *buffer) find(separator string) (n int, ok bool) {
	text := b.b[b.from:]
	if i := bytes.Index(text[b.scanned:], []byte(separator)); i >= 0 {
		return b.scanned + i, true
	}
	b.scanned = max(len(text)-len(separator)+1, 0)
	return 0, false
}

// line takes a line, and its separator away.
func (b *buffer) line(separator string) (string, bool) {
	n, ok := b.find(separator)
	if !ok {
		return "", false
	}
	s := b.pop(n + len(separator))
	return s[:n], true
}
