// Package comment looks at the comments of a Lua file: what they say, and what stands
// around them.
package comment

import (
	"strings"

	"github.com/skylint/skylint/source"
)

// A List is the comments of a file, in the order of the text.
type List struct {
	File  *source.File
	Spans []source.Span
}

// Body returns what comment i says, without delimiters and the space around it, and the
// offset in the file where that begins.
func (l List) Body(i int) (text string, at uint32) {
	span := l.Spans[i]
	text = strings.TrimPrefix(l.File.Text[span.Start:span.End], "--")
	if inner, level, ok := longOpening(text); ok {
		text = strings.TrimSuffix(inner, "]"+strings.Repeat("=", level)+"]")
		at = span.Start + 2 + uint32(level) + 2
	} else {
		at = span.End - uint32(len(text))
		rest := strings.TrimLeft(text, "-") // a comment for documentation
		at += uint32(len(text) - len(rest))
		text = rest
	}
	rest := strings.TrimLeft(text, " \t\r\n\v\f")
	at += uint32(len(text) - len(rest))
	return strings.TrimRight(rest, " \t\r\n\v\f"), at
}

// Long reports whether comment i is one in long brackets.
func (l List) Long(i int) bool {
	_, _, ok := longOpening(strings.TrimPrefix(l.File.Text[l.Spans[i].Start:l.Spans[i].End], "--"))
	return ok
}

// longOpening removes [[ or [=[ from the front of s.
func longOpening(s string) (inner string, level int, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return s, 0, false
	}
	rest := strings.TrimLeft(s[1:], "=")
	level = len(s) - 1 - len(rest)
	inner, ok = strings.CutPrefix(rest, "[")
	return inner, level, ok
}

const bom = "\ufeff"

// CodeBefore reports whether code stands before comment i on its first line.
func (l List) CodeBefore(i int) bool {
	text := l.File.Text
	at := l.Spans[i].Start
	for {
		at = uint32(len(strings.TrimRight(text[:at], " \t\v\f")))
		switch {
		case at == 0 || text[at-1] == '\n' || text[at-1] == '\r' || text[:at] == bom:
			return false
		case i > 0 && l.Spans[i-1].End == at:
			i--
			at = l.Spans[i].Start
			if strings.ContainsAny(text[at:l.Spans[i].End], "\r\n") {
				return false // the line begins inside that comment
			}
		default:
			return true
		}
	}
}

// NextCode returns the offset of the first code behind comment i; ok is false when only
// comments and space follow.
func (l List) NextCode(i int) (at uint32, ok bool) {
	text := l.File.Text
	at = l.Spans[i].End
	for i++; ; i++ {
		rest := strings.TrimLeft(text[at:], " \t\r\n\v\f")
		at = uint32(len(text) - len(rest))
		if i < len(l.Spans) && l.Spans[i].Start == at {
			at = l.Spans[i].End
			continue
		}
		return at, rest != ""
	}
}
