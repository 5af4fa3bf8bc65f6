// Package source holds the text of one file and answers where in it a byte is.
//
// Everything else in the project speaks of places as byte offsets into a File;
// lines and columns are computed here, on demand, because only the few places
// that are shown to somebody need them.
package source

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// A File is a named text. It is immutable after New and safe for concurrent use.
type File struct {
	// Path names the file for people and reports: slash-separated, relative to
	// the project's root where there is one.
	Path string
	// Text is the content, byte for byte as it was read.
	Text string

	once   sync.Once
	starts []uint32 // offset of the first byte of each line
}

// New returns a File of that path and content.
func New(path, text string) *File { return &File{Path: path, Text: text} }

// A Span is the half-open range of bytes [Start, End) of a File.
type Span struct{ Start, End uint32 }

// Empty reports whether the span covers no byte.
func (s Span) Empty() bool { return s.End <= s.Start }

// Contains reports whether offset lies in the span.
func (s Span) Contains(offset uint32) bool { return s.Start <= offset && offset < s.End }

// A Position is a place for people: a line and a column, both counted from 1.
// The unit of the column is that of the method which made it.
type Position struct{ Line, Column int }

// Before reports whether p comes earlier in the file than q.
func (p Position) Before(q Position) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Column < q.Column
}

// lineStarts finds the line breaks as Lua does: \n, \r, \r\n and \n\r each end one line.
func (f *File) lineStarts() []uint32 {
	f.once.Do(func() {
		text := f.Text
		starts := make([]uint32, 1, 1+strings.Count(text, "\n"))
		if strings.IndexByte(text, '\r') < 0 {
			for at := 0; ; {
				i := strings.IndexByte(text[at:], '\n')
				if i < 0 {
					break
				}
				at += i + 1
				starts = append(starts, uint32(at))
			}
		} else {
			for i := 0; i < len(text); i++ {
				c := text[i]
				if c != '\n' && c != '\r' {
					continue
				}
				if i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\r') && text[i+1] != c {
					i++
				}
				starts = append(starts, uint32(i+1))
			}
		}
		f.starts = starts
	})
	return f.starts
}

// LineCount returns the number of lines; a text that ends in a line break has an
// empty last line.
func (f *File) LineCount() int {
	if strings.IndexByte(f.Text, '\r') < 0 { // to count takes much less than to note where they are
		return 1 + strings.Count(f.Text, "\n")
	}
	return len(f.lineStarts())
}

// Line returns the line, counted from 1, that holds the byte at offset. An offset
// at or beyond the end is on the last line.
func (f *File) Line(offset uint32) int {
	starts := f.lineStarts()
	return sort.Search(len(starts), func(i int) bool { return starts[i] > offset })
}

// LineStart returns the offset of the first byte of a line, and the length of the
// text for a line beyond the last.
func (f *File) LineStart(line int) uint32 {
	starts := f.lineStarts()
	if line < 1 {
		return 0
	}
	if line > len(starts) {
		return uint32(len(f.Text))
	}
	return starts[line-1]
}

// LineText returns a line without its line break, "" where there is no such line.
func (f *File) LineText(line int) string {
	if line < 1 || line > f.LineCount() {
		return ""
	}
	return strings.TrimRight(f.Text[f.LineStart(line):f.LineStart(line+1)], "\r\n")
}

// Position returns line and column of offset, the column in bytes.
func (f *File) Position(offset uint32) Position {
	line := f.Line(offset)
	return Position{Line: line, Column: int(min(offset, uint32(len(f.Text)))-f.LineStart(line)) + 1}
}

// RunePosition returns line and column of offset, the column in Unicode code
// points: what a terminal's user counts. A byte that is not UTF-8 counts as one.
func (f *File) RunePosition(offset uint32) Position {
	p := f.Position(offset)
	start := f.LineStart(p.Line)
	p.Column = utf8.RuneCountInString(f.Text[start:start+uint32(p.Column-1)]) + 1
	return p
}

// UTF16Position returns line and column of offset, the column in UTF-16 code
// units: what SARIF and the language server protocol count.
func (f *File) UTF16Position(offset uint32) Position {
	p := f.Position(offset)
	start := f.LineStart(p.Line)
	units := 0
	for _, r := range f.Text[start : start+uint32(p.Column-1)] {
		if r > 0xFFFF {
			units++
		}
		units++
	}
	p.Column = units + 1
	return p
}
