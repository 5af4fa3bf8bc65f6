package report

import (
	"bufio"
	"slices"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// A row is one line of output as a row of cells, one for each column of the screen, so
// that marks and labels can be put anywhere.
type row []cell

type cell struct {
	text  string // empty behind a wide character
	style style
}

func (r *row) grow(n int) {
	if n > cap(*r) {
		*r = slices.Grow(*r, n-len(*r))
	}
	for len(*r) < n {
		*r = append(*r, cell{" ", plain})
	}
}

// put writes a text at a column, over what is there.
func (r *row) put(at int, text string, s style) {
	if isASCII(text) {
		r.grow(at + len(text))
		for i := range len(text) {
			(*r)[at+i] = cell{text[i : i+1], s}
		}
		return
	}
	for g := displaywidth.StringGraphemes(text); g.Next(); {
		r.putPiece(at, g.Value(), g.Width(), s)
		at += g.Width()
	}
}

// isASCII reports whether a clean text has one column for each byte.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// putPiece writes a text of a known width that is not to be taken apart.
func (r *row) putPiece(at int, text string, width int, s style) {
	if width == 0 { // a mark without a letter joins what stands before it
		if at > 0 {
			r.grow(at)
			(*r)[at-1].text += text
		}
		return
	}
	r.grow(at + width)
	(*r)[at] = cell{text, s}
	for i := at + 1; i < at+width; i++ {
		(*r)[i] = cell{"", s}
	}
}

// fill puts a text of one column into the columns from one to another.
func (r *row) fill(from, to int, text string, s style) {
	r.grow(to)
	for i := from; i < to; i++ {
		(*r)[i] = cell{text, s}
	}
}

// A terminal writes styled text. Errors are kept by the writer below it.
type terminal struct {
	*bufio.Writer
	color bool
	spare row // the memory of the last row that was written
}

// newRow returns an empty row. There is one row at a time: writing it ends its life.
func (t *terminal) newRow() row {
	r := t.spare[:0]
	t.spare = nil
	return r
}

func (t *terminal) styled(text string, s style) {
	if !t.color || s == plain || text == "" {
		t.WriteString(text)
		return
	}
	t.WriteString("\x1b[" + codes[s] + "m")
	t.WriteString(text)
	t.WriteString("\x1b[0m")
}

// row writes a row without the space at its end, and the end of the line.
func (t *terminal) row(r row) {
	t.spare = r
	for len(r) > 0 && r[len(r)-1].text == " " {
		r = r[:len(r)-1]
	}
	current := plain
	for _, c := range r {
		if t.color && c.style != current {
			if current != plain {
				t.WriteString("\x1b[0m")
			}
			if c.style != plain {
				t.WriteString("\x1b[" + codes[c.style] + "m")
			}
			current = c.style
		}
		t.WriteString(c.text)
	}
	if current != plain {
		t.WriteString("\x1b[0m")
	}
	t.WriteByte('\n')
}
