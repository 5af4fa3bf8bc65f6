package report

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"github.com/skylint/skylint/source"
)

const (
	tabWidth = 4
	// reach is how many bytes of a line are looked at before and behind the part that is
	// marked: more than fits on any screen, and little of a line of megabytes.
	reach = 4096
)

// A piece is what is shown for a few bytes of a line that belong together: a character with
// its combining marks, a tab as spaces, a byte that cannot be shown as an escape.
type piece struct {
	text   string
	offset uint32 // in the file
	column int    // from 0
	width  int
}

// A line is one line of a file as it is shown.
type line struct {
	pieces []piece
	end    uint32 // offset behind the last piece
	width  int
	// before and behind say that the line goes on beyond the pieces.
	before, behind bool
}

// newLine lays out a line of a file around some of its bytes. Its pieces are in the memory
// of those that are spare.
func newLine(f *source.File, number int, around source.Span, spare *[]piece) *line {
	start := f.LineStart(number)
	text := f.LineText(number)
	l := &line{pieces: (*spare)[:0]}
	if number == 1 && strings.HasPrefix(text, "\ufeff") {
		text = text[len("\ufeff"):] // nobody sees it in an editor either
		start += uint32(len("\ufeff"))
	}
	if from := max(int(around.Start)-int(start), 0) - reach; from > 0 {
		for from < len(text) && !utf8.RuneStart(text[from]) {
			from++
		}
		from = min(from, len(text))
		text, start, l.before = text[from:], start+uint32(from), true
	}
	if to := max(int(min(around.End, around.Start+reach))-int(start), 0) + reach; to < len(text) {
		for to > 0 && !utf8.RuneStart(text[to]) {
			to--
		}
		text, l.behind = text[:to], true
	}
	l.layOut(text, start)
	*spare = l.pieces
	return l
}

func (l *line) layOut(text string, start uint32) {
	add := func(shown string, at, width int) {
		l.pieces = append(l.pieces, piece{shown, start + uint32(at), l.width, width})
		l.width += width
	}
	l.pieces = slices.Grow(l.pieces, len(text))
	for at := 0; at < len(text); {
		if c := text[at]; ' ' <= c && c < 0x7f && (at+1 == len(text) || text[at+1] < utf8.RuneSelf) {
			add(text[at:at+1], at, 1)
			at++
			continue
		}
		if text[at] == '\t' {
			n := tabWidth - l.width%tabWidth
			add("    "[:n], at, n)
			at++
			continue
		}
		if r, n := utf8.DecodeRuneInString(text[at:]); mustEscape(r, n) {
			shown := escape(r, text[at:at+n])
			add(shown, at, len(shown))
			at += n
			continue
		}
		end := at
		for end < len(text) {
			r, n := utf8.DecodeRuneInString(text[end:])
			if mustEscape(r, n) {
				break
			}
			end += n
		}
		for g := displaywidth.StringGraphemes(text[at:end]); g.Next(); {
			add(g.Value(), at, g.Width())
			at += len(g.Value())
		}
	}
	l.end = start + uint32(len(text))
}

// mustEscape reports whether a character is not shown as it is: it would steer the terminal,
// change the order in which a reader sees the text, or not be seen at all.
func mustEscape(r rune, size int) bool {
	switch {
	case r < ' ' || r == utf8.RuneError && size == 1:
		return true
	case r < 0x7f:
		return false
	case r == '\u200c' || r == '\u200d': // joiners, needed in words and emoji
		return false
	case r&0xfffe == 0xfffe: // no characters, and not allowed in XML
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func escape(r rune, text string) string {
	switch {
	case r == utf8.RuneError && len(text) == 1:
		return fmt.Sprintf(`\x%02x`, text[0])
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u{%x}`, r)
}

// clean returns a text for one line of output, with escapes as in lines of code.
func clean(s string) string {
	for at, r := range s {
		if n := 1; r >= ' ' && r < 0x7f {
			continue
		} else if r != utf8.RuneError {
			n = utf8.RuneLen(r)
			if !mustEscape(r, n) {
				continue
			}
		} else if _, n = utf8.DecodeRuneInString(s[at:]); n > 1 {
			continue
		}
		return cleanFrom(s, at)
	}
	return s
}

func cleanFrom(s string, at int) string {
	var b strings.Builder
	b.WriteString(s[:at])
	for at < len(s) {
		r, n := utf8.DecodeRuneInString(s[at:])
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case mustEscape(r, n):
			b.WriteString(escape(r, s[at:at+n]))
		default:
			b.WriteString(s[at : at+n])
		}
		at += n
	}
	return b.String()
}

// column returns where an offset is shown. The inside of a piece counts as its start, or as
// its end if up is set.
func (l *line) column(offset uint32, up bool) int {
	if offset >= l.end {
		return l.width
	}
	i := sort.Search(len(l.pieces), func(i int) bool { return l.pieces[i].offset > offset }) - 1
	if i < 0 {
		return 0
	}
	p := l.pieces[i]
	if up && offset > p.offset {
		return p.column + p.width
	}
	return p.column
}

// A view is the part of a line that fits.
type view struct {
	*line
	from, to    int    // columns of the line
	first, last uint32 // offsets of what is in them
	left, right bool   // something is cut off there
	ellipsis    string
}

// view cuts a line to a width so that the columns from lo to hi are in it, or as much of
// them as can be.
func (l *line) view(width, lo, hi int, ellipsis string) view {
	v := view{line: l, from: 0, to: l.width, ellipsis: ellipsis, left: l.before, right: l.behind}
	room := width
	if l.before || l.width > width {
		cut := displaywidth.String(ellipsis)
		room = max(width-2*cut, 1)
		if hi > room || l.before {
			v.from = max(0, lo-room/4)
			if !l.behind {
				v.from = min(v.from, max(0, l.width-room))
			}
		}
		v.left = l.before || v.from > 0
		if !v.left {
			room += cut
		}
	}
	if v.from+room < l.width {
		v.to, v.right = v.from+room, true
	}
	v.first, v.last = l.end, l.end
	for _, p := range l.pieces {
		if p.column >= v.from {
			v.first = min(v.first, p.offset)
		}
		if p.column+p.width > v.to {
			v.last = p.offset
			break
		}
	}
	return v
}

// cells puts what the view shows into a row.
func (v view) cells(r *row, at int, s style) {
	if v.left {
		r.put(at, v.ellipsis, faint)
	}
	for _, p := range v.pieces {
		if p.column >= v.from && p.column+p.width <= v.to {
			r.putPiece(at+v.place(p.column), p.text, p.width, s)
		}
	}
	if v.right {
		r.put(at+v.place(v.to), v.ellipsis, faint)
	}
}

// place returns the column of the output, from 0, that shows a column of the line.
func (v view) place(column int) int {
	column = min(max(column, v.from), v.to) - v.from
	if v.left {
		column += displaywidth.String(v.ellipsis)
	}
	return column
}
