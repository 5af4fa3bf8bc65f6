package top

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// A Style is how a piece of text looks. What it says is in the words too: terminals without colour show only
// bold, dim and reversed text.
type Style uint8

// The styles.
const (
	Plain Style = iota
	Dim
	Strong
	Heading
	Selected
	Bad
	Warn
	Good
	Accent
)

// A Cell is one place of a Canvas. The right half of a wide character is a cell without text.
type Cell struct {
	Text  string
	Style Style
}

// A Canvas is a picture of text that knows no terminal.
type Canvas struct {
	W, H  int
	cells []Cell
}

// NewCanvas makes an empty canvas.
func NewCanvas(w, h int) *Canvas {
	c := &Canvas{W: max(w, 0), H: max(h, 0)}
	c.cells = make([]Cell, c.W*c.H)
	for i := range c.cells {
		c.cells[i].Text = " "
	}
	return c
}

// At returns a cell.
func (c *Canvas) At(x, y int) Cell { return c.cells[y*c.W+x] }

// Put writes text and returns the column behind it. What lies outside is cut off. Text comes from services: what
// would do something to a terminal is shown as a dot.
func (c *Canvas) Put(x, y int, text string, s Style) int {
	for _, r := range text {
		w := displaywidth.Rune(r)
		switch {
		case !unicode.IsPrint(r):
			r, w = '·', 1
		case w <= 0:
			continue
		}
		if y < 0 || y >= c.H || x < 0 || x+w > c.W {
			x += w
			continue
		}
		c.cells[y*c.W+x] = Cell{string(r), s}
		if w == 2 {
			c.cells[y*c.W+x+1] = Cell{"", s}
		}
		x += w
	}
	return x
}

// Fill gives a row a style.
func (c *Canvas) Fill(y int, s Style) {
	if y < 0 || y >= c.H {
		return
	}
	for x := range c.W {
		c.cells[y*c.W+x].Style = s
	}
}

// String returns the text without trailing blanks.
func (c *Canvas) String() string {
	var b strings.Builder
	for y := range c.H {
		var line strings.Builder
		for x := range c.W {
			line.WriteString(c.At(x, y).Text)
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// width returns how many columns a text takes.
func width(text string) int {
	n := 0
	for _, r := range text {
		if w := displaywidth.Rune(r); !unicode.IsPrint(r) {
			n++
		} else if w > 0 {
			n += w
		}
	}
	return n
}

// cut shortens a text to a number of columns, with an ellipsis where something is missing.
func cut(text string, columns int) string {
	if width(text) <= columns {
		return text
	}
	if columns <= 0 {
		return ""
	}
	var b strings.Builder
	n := 0
	for _, r := range text {
		w := max(displaywidth.Rune(r), 0)
		if !unicode.IsPrint(r) {
			w = 1
		}
		if n+w > columns-1 {
			break
		}
		b.WriteRune(r)
		n += w
	}
	return b.String() + "…"
}

// pad brings a text to a number of columns, at the left or at the right.
func pad(text string, columns int, right bool) string {
	text = cut(text, columns)
	blanks := strings.Repeat(" ", max(columns-width(text), 0))
	if right {
		return blanks + text
	}
	return text + blanks
}
