package fix

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// context is the number of unchanged lines around a change.
const context = 3

// A region is lines that are replaced: the old ones are lines[first:last] of the file.
type region struct {
	first, last int
	new         []string
}

// Diff writes the changes as a unified diff, as "git apply" and "patch -p1" take it. path
// returns the name of a file in it.
func (p *Plan) Diff(w io.Writer, path func(*source.File) string) error {
	var b strings.Builder
	for i := range p.Changes {
		c := &p.Changes[i]
		name := path(c.File)
		fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", name, name)
		c.diff(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Change) diff(b *strings.Builder) {
	old := splitLines(c.File.Text)
	regions := c.regions(old)
	shift := 0 // how much further down the new lines are
	for len(regions) > 0 {
		// A hunk holds all regions whose contexts touch.
		n := 1
		for n < len(regions) && regions[n].first-regions[n-1].last <= 2*context {
			n++
		}
		hunk := regions[:n]
		regions = regions[n:]

		first := max(0, hunk[0].first-context)
		last := min(len(old), hunk[n-1].last+context)
		delta := 0
		for _, r := range hunk {
			delta += len(r.new) - (r.last - r.first)
		}
		fmt.Fprintf(b, "@@ -%s +%s @@\n", extent(first, last-first), extent(first+shift, last-first+delta))
		at := first
		for _, r := range hunk {
			put(b, ' ', old[at:r.first])
			put(b, '-', old[r.first:r.last])
			put(b, '+', r.new)
			at = r.last
		}
		put(b, ' ', old[at:last])
		shift += delta
	}
}

// regions returns the lines that the edits change, in order.
func (c *Change) regions(old []string) []region {
	starts := make([]uint32, 1, len(old)+1)
	for _, l := range old {
		starts = append(starts, starts[len(starts)-1]+uint32(len(l)))
	}
	lineOf := func(offset uint32) int {
		line, found := slices.BinarySearch(starts, offset)
		if !found || line == len(old) && !strings.HasSuffix(c.File.Text, "\n") {
			line--
		}
		return max(line, 0)
	}
	var regions []region
	for i := 0; i < len(c.Edits); {
		first, last := lineOf(c.Edits[i].Start), 0
		j := i
		for ; j < len(c.Edits) && (j == i || lineOf(c.Edits[j].Start) < last); j++ {
			e := c.Edits[j]
			end := lineOf(e.End)
			atStart := end < len(starts) && starts[end] == e.End
			if !atStart || e.NewText != "" && !strings.HasSuffix(e.NewText, "\n") || starts[lineOf(e.Start)] != e.Start {
				end++ // a part of that line goes, or something is put in front of it
			}
			last = min(max(last, end), len(old))
		}
		r := trimmed(old, first, last, c.splice(starts[first], starts[last], c.Edits[i:j]))
		if r.first < r.last || len(r.new) > 0 {
			regions = append(regions, r)
		}
		i = j
	}
	return regions
}

// splice returns the text from start to end with the edits made.
func (c *Change) splice(start, end uint32, edits []rules.Edit) string {
	var b strings.Builder
	for _, e := range edits {
		b.WriteString(c.File.Text[start:e.Start])
		b.WriteString(e.NewText)
		start = e.End
	}
	b.WriteString(c.File.Text[start:max(start, end)])
	return b.String()
}

// trimmed returns the region without lines at its ends that stay as they are.
func trimmed(old []string, first, last int, text string) region {
	r := region{first, last, splitLines(text)}
	for r.first < r.last && len(r.new) > 0 && old[r.first] == r.new[0] {
		r.first++
		r.new = r.new[1:]
	}
	for r.first < r.last && len(r.new) > 0 && old[r.last-1] == r.new[len(r.new)-1] {
		r.last--
		r.new = r.new[:len(r.new)-1]
	}
	return r
}

// splitLines splits a text behind each line feed, as diff and patch do.
func splitLines(text string) []string { return slices.Collect(strings.Lines(text)) }

// extent writes the lines of a hunk as a diff does: the first one, from 1, and their number;
// the line before where there is none.
func extent(first, n int) string {
	if n == 0 {
		return fmt.Sprintf("%d,0", first)
	}
	if n == 1 {
		return fmt.Sprint(first + 1)
	}
	return fmt.Sprintf("%d,%d", first+1, n)
}

func put(b *strings.Builder, mark byte, lines []string) {
	for _, l := range lines {
		b.WriteByte(mark)
		b.WriteString(l)
		if !strings.HasSuffix(l, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
