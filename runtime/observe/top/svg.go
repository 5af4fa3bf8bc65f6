package top

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"
)

// Sizes of a cell of the picture.
const (
	cellWidth  = 7.8
	cellHeight = 17
	border     = 14
)

// classes are the styles by their numbers, as classes of the picture.
var classes = [...]string{"", "d", "s", "h", "x", "b", "w", "g", "a"}

// SVG writes the canvas as a picture that needs nothing else, in a light or a dark theme as the reader has it.
func (c *Canvas) SVG(w io.Writer) error {
	b := bufio.NewWriter(w)
	width, height := float64(c.W)*cellWidth+2*border, c.H*cellHeight+2*border
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d">
<style>
svg { --p: #fbfbfd; --t: #1d2430; --q: #667085; --x: #dbe7fb; --r: #c4262e; --o: #a15c00; --g: #1f8a4c; --a: #2567c4; --l: #d5dae2 }
@media (prefers-color-scheme: dark) { svg { --p: #12151a; --t: #e4e8ef; --q: #93a0b4; --x: #24405f; --r: #ff6b6b; --o: #f0a94a; --g: #4cc38a; --a: #6aa8ff; --l: #313a47 } }
text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--t); white-space: pre }
.p { fill: var(--p); stroke: var(--l) } .bar { fill: var(--x) } .d { fill: var(--q) } .s, .x { font-weight: 600 } .h { fill: var(--q); font-weight: 600 }
.b { fill: var(--r); font-weight: 600 } .w { fill: var(--o) } .g { fill: var(--g) } .a { fill: var(--a); font-weight: 600 }
</style>
<rect class="p" x=".5" y=".5" width="%.0f" height="%d" rx="8"/>
`, width, height, width, height, width-1, height-1)
	for y := range c.H {
		if c.W > 0 && c.At(c.W-1, y).Style == Selected {
			fmt.Fprintf(b, `<rect class="bar" x="%d" y="%d" width="%.1f" height="%d"/>`+"\n", border-4, border+y*cellHeight, float64(c.W)*cellWidth+8, cellHeight)
		}
		for x := 0; x < c.W; {
			from, style := x, c.At(x, y).Style
			var text strings.Builder
			for x < c.W && c.At(x, y).Style == style {
				text.WriteString(c.At(x, y).Text)
				x++
			}
			if line := strings.TrimRight(text.String(), " "); line != "" {
				blanks := len(line) - len(strings.TrimLeft(line, " "))
				fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%d" textLength="%.1f">%s</text>`+"\n", classes[style],
					border+float64(from+blanks)*cellWidth, border+y*cellHeight+13, float64(columnsOf(line)-blanks)*cellWidth, html.EscapeString(line[blanks:]))
			}
		}
	}
	b.WriteString("</svg>\n")
	return b.Flush()
}

func columnsOf(line string) int { return width(line) }
