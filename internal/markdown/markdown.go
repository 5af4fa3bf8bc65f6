// Package markdown shows Markdown on a terminal: wrapped, with bold headings and indented
// code.
//
// It knows what the rule pages use: headings, paragraphs, lists, quotes, fenced code,
// tables, and code, emphasis and links within a line. Anything else is shown as it is
// written.
package markdown

import (
	"strings"
	"unicode/utf8"
)

// Options say how a page is shown. The zero value is plain text, 80 columns wide.
type Options struct {
	// Width is the number of columns that text is wrapped to; 0 means 80.
	Width int
	// Color allows the escape sequences of ANSI terminals.
	Color bool
}

const (
	bold      = "\x1b[1m"
	underline = "\x1b[4m"
	dim       = "\x1b[2m"
	cyan      = "\x1b[36m"
	reset     = "\x1b[0m"
)

// Render returns page as text for a terminal. It ends with a line break unless it is
// empty.
func Render(page string, o Options) string {
	if o.Width <= 0 {
		o.Width = 80
	}
	r := renderer{Options: o}
	lines := strings.Split(strings.ReplaceAll(page, "\r\n", "\n"), "\n")
	for len(lines) > 0 {
		lines = r.block(lines)
	}
	return strings.TrimLeft(r.out.String(), "\n")
}

type renderer struct {
	Options
	out   strings.Builder
	tight bool // the block before was an item of a list
}

// block shows the block that lines begin with and returns the lines behind it.
func (r *renderer) block(lines []string) []string {
	line := lines[0]
	trimmed := strings.TrimSpace(line)
	tight := r.tight
	r.tight = false
	switch {
	case trimmed == "":
		return lines[1:]
	case strings.HasPrefix(trimmed, "```"):
		return r.code(strings.TrimSpace(trimmed[3:]), lines[1:])
	case strings.HasPrefix(trimmed, "|"):
		return r.table(lines)
	}
	if level, title := heading(trimmed); level > 0 {
		r.gap()
		style := bold
		if level == 1 {
			style += underline
		}
		r.line(r.styled(style, r.inline(title, style)))
		return lines[1:]
	}

	// A paragraph, perhaps behind a mark, until an empty line or the next block.
	marker, rest := mark(line)
	text := []string{strings.TrimSpace(rest)}
	n := 1
	for ; n < len(lines) && continues(lines[n], marker); n++ {
		next := strings.TrimSpace(lines[n])
		if marker == "> " {
			next = strings.TrimSpace(strings.TrimPrefix(next, ">"))
		}
		text = append(text, next)
	}
	if isItem := marker != "" && marker != "> "; !isItem || !tight {
		r.gap()
	}
	r.tight = marker != "" && marker != "> "
	hang := strings.Repeat(" ", utf8.RuneCountInString(marker))
	if marker == "> " {
		hang = marker
	}
	for i, l := range r.wrap(strings.Join(text, " "), r.Width-utf8.RuneCountInString(marker)) {
		if i == 0 {
			r.line(marker + l)
		} else {
			r.line(hang + l)
		}
	}
	return lines[n:]
}

// gap puts an empty line between two blocks.
func (r *renderer) gap() {
	if r.out.Len() > 0 {
		r.out.WriteByte('\n')
	}
}

func (r *renderer) line(s string) {
	r.out.WriteString(strings.TrimRight(s, " "))
	r.out.WriteByte('\n')
}

func (r *renderer) styled(style, s string) string {
	if !r.Color {
		return s
	}
	return style + s + reset
}

// code shows a fenced block. A name in its info string (file=service/db.lua) is its title.
func (r *renderer) code(info string, lines []string) []string {
	n := 0
	for n < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[n]), "```") {
		n++
	}
	r.gap()
	for _, word := range strings.Fields(info) {
		if name, ok := strings.CutPrefix(word, "file="); ok {
			r.line("    " + r.styled(dim, name))
			r.out.WriteByte('\n')
		}
	}
	for _, l := range lines[:n] {
		r.line("    " + l)
	}
	return lines[min(n+1, len(lines)):]
}

// table shows rows with their columns below each other; what is too wide stays so.
func (r *renderer) table(lines []string) []string {
	var rows [][]string
	var widths []int
	n := 0
	for ; n < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[n]), "|"); n++ {
		row := strings.Trim(strings.TrimSpace(lines[n]), "|")
		if strings.Trim(row, "|-: ") == "" {
			continue // the line below the head
		}
		var cells []string
		for i, cell := range strings.Split(row, "|") {
			cell = strings.TrimSpace(cell)
			cells = append(cells, cell)
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], visible(r.inline(cell, "")))
		}
		rows = append(rows, cells)
	}
	r.gap()
	for i, cells := range rows {
		var b strings.Builder
		for j, cell := range cells {
			shown := r.inline(cell, "")
			pad := widths[j] - visible(shown) + 2
			if i == 0 {
				shown = r.styled(bold, r.inline(cell, bold))
			}
			b.WriteString(shown)
			if j < len(cells)-1 {
				b.WriteString(strings.Repeat(" ", pad))
			}
		}
		r.line(b.String())
	}
	return lines[n:]
}

// heading returns the level of a heading, 0 for other lines, and its text.
func heading(line string) (level int, title string) {
	rest := strings.TrimLeft(line, "#")
	level = len(line) - len(rest)
	if level == 0 || level > 6 || !strings.HasPrefix(rest, " ") {
		return 0, ""
	}
	return level, strings.TrimSpace(rest)
}

// mark splits a line into the mark of a list item or quote, with its indentation, as it
// is shown, and the text behind it.
func mark(line string) (marker, rest string) {
	trimmed := strings.TrimLeft(line, " \t")
	indent := line[:len(line)-len(trimmed)]
	if rest, ok := strings.CutPrefix(trimmed, ">"); ok {
		return "> ", rest
	}
	for _, bullet := range []string{"- ", "* ", "+ "} {
		if rest, ok := strings.CutPrefix(trimmed, bullet); ok {
			return "  " + indent + "- ", rest
		}
	}
	digits := 0
	for digits < len(trimmed) && '0' <= trimmed[digits] && trimmed[digits] <= '9' {
		digits++
	}
	if digits > 0 && strings.HasPrefix(trimmed[digits:], ". ") {
		return "  " + indent + trimmed[:digits+2], trimmed[digits+2:]
	}
	return "", trimmed
}

// continues reports whether line belongs to the paragraph above it.
func continues(line, marker string) bool {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "|") {
		return false
	}
	if level, _ := heading(trimmed); level > 0 {
		return false
	}
	next, _ := mark(line)
	return next == "" || next == "> " && marker == "> "
}
