package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// A diff is the lines that a fix changes.
type diff struct{ hunks []hunk }

// A hunk replaces some lines of a file, those from first on, by others.
type hunk struct {
	file     *source.File
	first    int
	old, new []string
}

const (
	maxHunks     = 4
	maxHunkLines = 6
	maxHunkBytes = 1 << 16 // of the lines that a hunk replaces
)

// newDiff returns the diff of a fix; nil when it changes nothing, or lines too long to show.
func newDiff(f *rules.Fix) *diff {
	edits := slices.Clone(f.Edits)
	slices.SortStableFunc(edits, func(a, b rules.Edit) int {
		return cmp.Or(cmp.Compare(a.File.Path, b.File.Path), cmp.Compare(a.Start, b.Start))
	})
	d := &diff{}
	for i := 0; i < len(edits); {
		file := edits[i].File
		first, last := file.Line(edits[i].Start), lastLineOf(&edits[i])
		j := i + 1
		for j < len(edits) && edits[j].File == file && file.Line(edits[j].Start) <= last+1 {
			last = max(last, lastLineOf(&edits[j]))
			j++
		}
		if file.LineStart(last+1)-file.LineStart(first) > maxHunkBytes {
			return nil
		}
		if h := newHunk(file, first, last, edits[i:j]); len(h.old)+len(h.new) > 0 {
			d.hunks = append(d.hunks, h)
		}
		i = j
	}
	if d.hunks == nil {
		return nil
	}
	return d
}

// lastLineOf returns the last line of which an edit replaces something. One that ends at the
// start of a line, and begins at the start of one, leaves that line as it is.
func lastLineOf(e *rules.Edit) int {
	f := e.File
	last := f.Line(e.End)
	if e.End > e.Start && f.LineStart(last) == e.End && f.LineStart(f.Line(e.Start)) == e.Start && (e.NewText == "" || strings.HasSuffix(e.NewText, "\n")) {
		last--
	}
	return last
}

// newHunk applies edits to the lines from first to last.
func newHunk(f *source.File, first, last int, edits []rules.Edit) hunk {
	start, end := f.LineStart(first), f.LineStart(last+1)
	var b strings.Builder
	at := start
	for _, e := range edits {
		if e.Start < at {
			continue // edits that overlap are a fault of the fix: the first wins
		}
		b.WriteString(f.Text[at:e.Start])
		b.WriteString(e.NewText)
		at = e.End
	}
	if at < end {
		b.WriteString(f.Text[at:end])
	}
	h := hunk{file: f, first: first, old: lines(f.Text[start:max(end, at)]), new: lines(b.String())}
	for len(h.old) > 0 && len(h.new) > 0 && h.old[0] == h.new[0] {
		h.old, h.new = h.old[1:], h.new[1:]
		h.first++
	}
	for len(h.old) > 0 && len(h.new) > 0 && h.old[len(h.old)-1] == h.new[len(h.new)-1] {
		h.old, h.new = h.old[:len(h.old)-1], h.new[:len(h.new)-1]
	}
	return h
}

// lines splits a text into lines without their breaks.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	all := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i := range all {
		all[i] = strings.TrimSuffix(all[i], "\r")
	}
	return all
}

func (d *diff) lastLine() int {
	last := 0
	for _, h := range d.hunks[:min(len(d.hunks), maxHunks)] {
		last = max(last, h.first+max(len(h.old), len(h.new)))
	}
	return last
}

// diff writes a diff.
func (t *text) diff(d *diff) {
	t.blank()
	for i, h := range d.hunks {
		if i == maxHunks {
			t.WriteString(t.ellipsis + " and " + counted(len(d.hunks)-maxHunks, "more place") + "\n")
			return
		}
		if i > 0 {
			if h.file == d.hunks[i-1].file {
				t.styled(t.ellipsis, gutter)
				t.WriteByte('\n')
			} else {
				t.head(t.also, clean(t.options.path(h.file.Path)))
			}
		}
		t.changed(h.first, h.old, "-", removed)
		t.changed(h.first, h.new, "+", added)
	}
}

func (t *text) changed(first int, lines []string, sign string, s style) {
	for i, text := range lines {
		if i == maxHunkLines && len(lines) > maxHunkLines+1 {
			t.WriteString(strings.Repeat(" ", t.digits+1) + sign + " " + t.ellipsis + " " + counted(len(lines)-i, "more line") + "\n")
			return
		}
		l := line{pieces: t.pieces[:0]}
		l.layOut(text[:min(len(text), reach)], 0)
		t.pieces = l.pieces
		r := t.number(first + i)
		r.put(t.digits+1, sign, s)
		l.view(max(t.width-t.digits-3, 20), 0, 0, t.ellipsis).cells(&r, t.digits+3, s)
		t.row(r)
	}
}
