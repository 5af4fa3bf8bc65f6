package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"github.com/skylint/skylint/source"
)

// A mark is a place in a code frame, with what is said about it.
type mark struct {
	source.Span
	label   string
	primary bool
	style   style

	first, last int  // lines
	slot        int  // for a mark over several lines: which line in the margin is its own
	open        bool // while drawing: its side is drawn on this row
}

func (m *mark) long() bool { return m.first != m.last }

// maxSlots is how many marks over several lines are drawn side by side; of further ones
// only the first line is marked.
const maxSlots = 3

// A frame is the lines of one file that marks are on.
type frame struct {
	file  *source.File
	at    uint32  // the place that heads it: that of the mark that was given first
	marks []*mark // in the order of the text
	slots int
	lines []int // those that are shown
}

// newFrame places marks in a file.
func newFrame(f *source.File, marks []*mark) *frame {
	fr := &frame{file: f, at: marks[0].Start, marks: marks}
	slices.SortStableFunc(marks, func(a, b *mark) int { return cmp.Compare(a.Start, b.Start) })
	for _, m := range marks {
		fr.locate(m)
	}
	for _, m := range marks {
		fr.lines = append(fr.lines, m.first, m.last)
		if m.last-m.first == 2 {
			fr.lines = append(fr.lines, m.first+1)
		}
		if m.first > 1 && strings.TrimSpace(f.LineText(m.first)) == "" {
			fr.lines = append(fr.lines, m.first-1) // a mark on nothing is told by what is before it
		}
	}
	slices.Sort(fr.lines)
	fr.lines = slices.Compact(fr.lines)
	for i := len(fr.lines) - 1; i > 0; i-- {
		if fr.lines[i]-fr.lines[i-1] == 2 { // a gap of one line is longer than the line
			fr.lines = slices.Insert(fr.lines, i, fr.lines[i-1]+1)
		}
	}
	return fr
}

// locate finds the lines of a mark. An end behind a line break belongs to the line before.
func (fr *frame) locate(m *mark) {
	f := fr.file
	size := uint32(len(f.Text))
	m.Start = min(m.Start, size)
	m.End = max(min(m.End, size), m.Start)
	m.first = f.Line(m.Start)
	m.last = m.first
	if m.End > m.Start {
		m.last = f.Line(m.End - 1)
		lineEnd := f.LineStart(m.last) + uint32(len(f.LineText(m.last)))
		m.End = min(m.End, max(lineEnd, m.Start))
	}
	if !m.long() {
		return
	}
	if fr.slots == maxSlots {
		m.last = m.first
		m.End = f.LineStart(m.first) + uint32(len(f.LineText(m.first)))
		return
	}
	m.slot = fr.slots
	fr.slots++
}

// lastLine returns the highest line number that the frame shows.
func (fr *frame) lastLine() int { return fr.lines[len(fr.lines)-1] }

// extent returns from where to where a line is marked: by the primary mark, if only that is
// asked for and it is on the line. It is empty, at the line's start, when nothing is marked.
func (fr *frame) extent(n int, primary bool) source.Span {
	var all source.Span
	some := false
	add := func(offset uint32) {
		if !some {
			all = source.Span{Start: offset, End: offset}
			some = true
		}
		all = source.Span{Start: min(all.Start, offset), End: max(all.End, offset)}
	}
	for _, m := range fr.marks {
		if m.first == n && (m.primary || !primary) {
			add(m.Start)
		}
		if m.last == n && (m.primary || !primary) {
			add(m.End)
		}
	}
	switch {
	case some:
		return all
	case primary:
		return fr.extent(n, false)
	}
	start := fr.file.LineStart(n)
	return source.Span{Start: start, End: start}
}

// A frameWriter draws frames with line numbers of one width.
type frameWriter struct {
	*terminal
	glyphs
	width  int     // columns of the screen
	digits int     // of the line numbers
	pieces []piece // of the last line that was laid out
}

// number returns what stands before a line of code: its number, or nothing for 0.
func (w *frameWriter) number(n int) row {
	r := w.newRow()
	text := ""
	if n > 0 {
		text = strconv.Itoa(n)
	}
	r.put(w.digits-len(text), text, gutter)
	r.put(w.digits+1, w.bar, gutter)
	return r
}

// blank writes a line with nothing but the bar.
func (w *frameWriter) blank() { w.row(w.number(0)) }

// head writes where a frame is from.
func (w *frameWriter) head(arrow, place string) {
	w.WriteString(strings.Repeat(" ", w.digits))
	w.styled(arrow, gutter)
	w.WriteString(" " + place + "\n")
}

// draw writes the lines of a frame with their marks.
func (w *frameWriter) draw(fr *frame) {
	w.blank()
	for i, n := range fr.lines {
		if i > 0 && n > fr.lines[i-1]+1 {
			r := w.newRow()
			r.put(0, w.ellipsis, gutter)
			w.sides(&r, fr)
			w.row(r)
		}
		w.line(fr, n)
	}
}

// margin is the column in which code begins, behind the sides of long marks.
func (w *frameWriter) margin(fr *frame) int { return w.digits + 3 + 2*fr.slots }

func (w *frameWriter) side(m *mark) int { return w.digits + 3 + 2*m.slot }

// sides draws the sides of the long marks that have begun and not ended.
func (w *frameWriter) sides(r *row, fr *frame) {
	for _, m := range fr.marks {
		if m.open {
			r.put(w.side(m), w.glyphs.side, m.style)
		}
	}
}

// line writes one line of code and the rows with marks below it.
func (w *frameWriter) line(fr *frame, n int) {
	all, primary := fr.extent(n, false), fr.extent(n, true)
	l := newLine(fr.file, n, all, &w.pieces)
	margin := w.margin(fr)
	room := max(w.width-margin, 20)
	from, to := l.column(all.Start, false), l.column(all.End, true)
	if l.before || l.behind || to-from > room {
		l = newLine(fr.file, n, primary, &w.pieces)
		from, to = l.column(primary.Start, false), l.column(primary.End, true)
	}
	v := l.view(room, from, to, w.ellipsis)

	text := w.number(n)
	v.cells(&text, margin, plain)
	rows := lineMarks{frameWriter: w, frame: fr, line: n, view: v, margin: margin}
	w.sides(&text, fr)
	for _, m := range fr.marks {
		if m.first == n && m.long() && rows.leads(m) {
			text.put(w.side(m), w.begin, m.style)
			m.open = true
		}
	}
	w.row(text)
	rows.short()
	rows.begins()
	rows.ends()
}

// lineMarks draws the rows below one line.
type lineMarks struct {
	*frameWriter
	frame  *frame
	line   int
	view   view
	margin int
}

// leads reports whether a long mark begins with its line, so that no row of its own has to
// show where.
func (w *lineMarks) leads(m *mark) bool {
	f := w.frame.file
	return strings.TrimSpace(f.Text[f.LineStart(m.first):m.Start]) == ""
}

// start begins a row.
func (w *lineMarks) start() row {
	r := w.number(0)
	w.sides(&r, w.frame)
	return r
}

// span returns the columns of the output that a mark on this line alone covers: those of the
// ellipsis when it is in the part that is cut off.
func (w *lineMarks) span(m *mark) (from, to int) {
	switch v := &w.view; {
	case v.left && m.End <= v.first && m.Start < v.first:
		return w.margin, w.margin + displaywidth.String(v.ellipsis)
	case v.right && m.Start >= v.last:
		from = w.margin + v.place(v.to)
		return from, from + displaywidth.String(v.ellipsis)
	}
	from = w.margin + w.view.place(w.view.column(m.Start, false))
	to = w.margin + w.view.place(w.view.column(m.End, true))
	return from, max(to, from+1)
}

func (w *lineMarks) glyph(m *mark) string {
	if m.primary {
		return w.primary
	}
	return w.glyphs.secondary
}

// short draws the marks that are on this line alone: one row of marks with the last label
// behind it, and below it the other labels, each hanging from its mark.
func (w *lineMarks) short() {
	var marks []*mark
	for _, m := range w.frame.marks {
		if m.first == w.line && !m.long() {
			marks = append(marks, m)
		}
	}
	if marks == nil {
		return
	}
	r := w.start()
	end := 0
	for _, primary := range [...]bool{false, true} { // the primary one is drawn over others
		for _, m := range marks {
			if m.primary == primary {
				from, to := w.span(m)
				r.fill(from, to, w.glyph(m), m.style)
				end = max(end, to)
			}
		}
	}
	var hanging []*mark
	for _, m := range marks {
		if m.label != "" {
			hanging = append(hanging, m)
		}
	}
	if n := len(hanging) - 1; n >= 0 {
		last := hanging[n]
		from, to := w.span(last)
		before := -1
		if n > 0 {
			before, _ = w.span(hanging[n-1])
		}
		if to == end && from > before {
			r.put(end+1, last.label, last.style)
			hanging = hanging[:n]
		}
	}
	w.row(r)
	w.hang(hanging)
}

// hang draws labels below their marks, the rightmost first.
func (w *lineMarks) hang(marks []*mark) {
	for i := len(marks) - 1; i >= 0; i-- {
		if i == len(marks)-1 {
			w.row(w.hooks(marks))
		}
		r := w.hooks(marks[:i])
		from, _ := w.span(marks[i])
		r.put(from, marks[i].label, marks[i].style)
		w.row(r)
	}
}

func (w *lineMarks) hooks(marks []*mark) row {
	r := w.start()
	for _, m := range marks {
		from, _ := w.span(m)
		r.put(from, w.glyphs.hang, m.style)
	}
	return r
}

// begins draws where marks over several lines begin.
func (w *lineMarks) begins() {
	for _, m := range w.frame.marks {
		if m.first != w.line || !m.long() || w.leads(m) {
			continue
		}
		r := w.start()
		at := w.margin + w.view.place(w.view.column(m.Start, false))
		r.put(w.side(m), w.corner, m.style)
		r.fill(w.side(m)+1, at, w.across, m.style)
		r.put(at, w.glyph(m), m.style)
		w.row(r)
		m.open = true
	}
}

// ends draws where marks over several lines end.
func (w *lineMarks) ends() {
	for _, m := range slices.Backward(w.frame.marks) {
		if m.last != w.line || !m.long() {
			continue
		}
		r := w.start()
		at := w.margin + max(w.view.place(w.view.column(m.End, true))-1, 0)
		r.put(w.side(m), w.crossing, m.style)
		r.fill(w.side(m)+1, at, w.across, m.style)
		r.put(at, w.glyph(m), m.style)
		if m.label != "" {
			r.put(at+2, m.label, m.style)
		}
		w.row(r)
		m.open = false
	}
}
