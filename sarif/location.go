package sarif

import (
	"strings"
	"unicode/utf8"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// sourceRoot is the base of relative URIs: by convention, the root of the checkout.
const sourceRoot = "%SRCROOT%"

// Longer than this, in bytes, a snippet is no help: then there is none.
const (
	snippetLimit = 1000
	contextLimit = 4000
)

// An artifact is a file that the report speaks of.
type artifact struct {
	// Length in place of that of gosarif, which is always written, known or not.
	Length *int `json:"length,omitempty"`
	gosarif.Artifact

	file   *source.File // nil where the content is not known
	index  uint
	lines  []int          // of primary locations
	hashes map[int]string // GitHub's fingerprints of these lines
	last   place
}

// A place remembers the column of an offset, so that a file that is one very long line
// costs no time beyond measure.
type place struct {
	offset uint32
	units  int // from the start of its line
}

// A gallery is the list of all files that a report speaks of, in the order in which it
// does so.
type gallery struct {
	artifacts []*artifact
	byURI     map[string]*artifact
	path      func(string) string // see Options.Path; may be nil
	// newlines is set when some line ends as SARIF does not expect.
	newlines bool
}

// uriOf returns the URI by which the reader of the report knows a path.
func (g *gallery) uriOf(path string) string {
	if g.path != nil {
		path = g.path(path)
	}
	return uri(path)
}

// of returns the entry of a path, made if need be. file may be nil.
func (g *gallery) of(path string, file *source.File) *artifact {
	u := g.uriOf(path)
	a := g.byURI[u]
	if a == nil {
		a = &artifact{index: uint(len(g.artifacts))}
		a.Location = &gosarif.ArtifactLocation{URI: new(u)}
		if !isAbsolute(u) {
			a.Location.URIBaseId = new(sourceRoot)
		}
		if strings.HasSuffix(u, ".lua") {
			a.SourceLanguage = new("lua")
		}
		g.artifacts = append(g.artifacts, a)
		g.byURI[u] = a
	}
	if a.file == nil && file != nil {
		a.file = file
		a.Length = new(len(file.Text))
		g.newlines = g.newlines || oddNewlines(file.Text)
	}
	return a
}

// oddNewlines reports whether a text has line ends other than \n and \r\n.
func oddNewlines(text string) bool {
	for {
		i := strings.IndexByte(text, '\r')
		if i < 0 {
			return false
		}
		if !strings.HasPrefix(text[i:], "\r\n") {
			return true
		}
		text = text[i+2:]
	}
}

// reference is how locations name the artifact.
func (a *artifact) reference() *gosarif.ArtifactLocation {
	return &gosarif.ArtifactLocation{URI: a.Location.URI, URIBaseId: a.Location.URIBaseId, Index: new(a.index)}
}

// column returns the column, from 1 in UTF-16 code units, of an offset in the line that
// starts at line.
func (a *artifact) column(line, offset uint32) int {
	text := a.file.Text
	from, units := line, 0
	if line <= a.last.offset && a.last.offset <= offset {
		from, units = a.last.offset, a.last.units
	}
	units += utf16Length(text[from:offset])
	a.last = place{offset, units}
	return units + 1
}

// utf16Length counts the UTF-16 code units of a text; a byte that is not UTF-8 counts as
// one, as in package source.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

const byteOrderMark = "\uFEFF"

// lineStart returns the offset of the first character of a line. The standard has it that
// a byte order mark is none.
func (a *artifact) lineStart(line int) uint32 {
	if line == 1 && strings.HasPrefix(a.file.Text, byteOrderMark) {
		return uint32(len(byteOrderMark))
	}
	return a.file.LineStart(line)
}

// within moves a span into the text, and its ends out of characters.
func (a *artifact) within(s source.Span) source.Span {
	first, last := a.lineStart(1), uint32(len(a.file.Text))
	s.Start = min(max(s.Start, first), last)
	s.End = min(max(s.End, s.Start), last)
	empty := s.Empty()
	s.Start, _ = around(a.file.Text, s.Start)
	if empty {
		s.End = s.Start
	} else {
		_, s.End = around(a.file.Text, s.End)
	}
	return s
}

// around returns the start and the end of the character that has the offset in its
// middle, and the offset itself where there is none.
func around(text string, offset uint32) (start, end uint32) {
	for back := uint32(1); back < utf8.UTFMax && back <= offset && int(offset) < len(text) && !utf8.RuneStart(text[offset-back+1]); back++ {
		if _, size := utf8.DecodeRuneInString(text[offset-back:]); uint32(size) > back {
			return offset - back, offset - back + uint32(size)
		}
	}
	return offset, offset
}

// lineEnd returns the offset of the end of a line, before its line break.
func (a *artifact) lineEnd(line int) uint32 {
	return max(a.lineStart(line), a.file.LineStart(line)+uint32(len(a.file.LineText(line))))
}

// firstLine returns that part of a span which is on its first line, and the line. Viewers
// mark a whole function for a span of many lines, where its beginning is meant.
func (a *artifact) firstLine(s source.Span) (source.Span, int) {
	s = a.within(s)
	line := a.file.Line(s.Start)
	end := a.lineEnd(line)
	return source.Span{Start: min(s.Start, end), End: min(s.End, end)}, line
}

// region returns the region of a span of one line, with the text.
func (a *artifact) region(s source.Span, line int) *gosarif.Region {
	start := a.lineStart(line)
	r := &gosarif.Region{
		StartLine: new(line), StartColumn: new(a.column(start, s.Start)),
		EndLine: new(line), EndColumn: new(a.column(start, s.End)),
	}
	if !s.Empty() && s.End-s.Start <= snippetLimit {
		r.Snippet = &gosarif.ArtifactContent{Text: new(clean(a.file.Text[s.Start:s.End]))}
	}
	return r
}

// exact returns the region of a whole span.
func (a *artifact) exact(s source.Span) gosarif.Region {
	s = a.within(s)
	from, to := a.file.Line(s.Start), a.file.Line(s.End)
	return gosarif.Region{
		StartLine: new(from), StartColumn: new(a.column(a.lineStart(from), s.Start)),
		EndLine: new(to), EndColumn: new(a.column(a.lineStart(to), s.End)),
	}
}

// context returns the lines around a place that begins in line: two before it, two after,
// and what else of the whole finding is near. It is nil where that would be no more than
// the place, or too much.
func (a *artifact) context(place, whole source.Span, line int) *gosarif.Region {
	from := max(1, line-2)
	to := min(a.file.LineCount(), max(line+2, min(a.file.Line(whole.End), line+9)))
	if to > line && a.lineStart(to) == uint32(len(a.file.Text)) {
		to-- // the empty line after the last line break
	}
	for a.lineEnd(to)-a.lineStart(from) > contextLimit {
		switch first, last := a.lineEnd(from)-a.lineStart(from), a.lineEnd(to)-a.lineStart(to); {
		case to > line && (last >= first || from == line):
			to--
		case from < line:
			from++
		default:
			return nil
		}
	}
	start, end := a.lineStart(from), a.lineEnd(to)
	if from == to && place.Start == start && place.End == end {
		return nil
	}
	return &gosarif.Region{
		StartLine: new(from), StartColumn: new(1),
		EndLine: new(to), EndColumn: new(utf16Length(a.file.Text[a.lineStart(to):end]) + 1),
		Snippet: &gosarif.ArtifactContent{Text: new(clean(a.file.Text[start:end]))},
	}
}

// location returns a location with a message, both as plain as they can be.
func (g *gallery) location(l rules.Location, message string) *gosarif.Location {
	a := g.of(l.File.Path, l.File)
	place, line := a.firstLine(l.Span)
	loc := &gosarif.Location{PhysicalLocation: &gosarif.PhysicalLocation{
		ArtifactLocation: a.reference(), Region: a.region(place, line),
	}}
	if message != "" {
		loc.Message = plainMessage(message)
	}
	return loc
}

// uri makes a URI reference of a path: relative to sourceRoot, unless the path is not
// within the project. What is not an unreserved character is percent-encoded, byte for
// byte, so that names in any encoding keep their identity, "#" and "%" are no fragment
// and escape, and a colon begins no scheme.
func uri(path string) string {
	for strings.HasPrefix(path, "./") {
		path = strings.TrimLeft(path[2:], "/")
	}
	if path == "" {
		path = "stdin"
	}
	var b strings.Builder
	if strings.HasPrefix(path, "/") {
		b.WriteString("file://")
	} else if len(path) > 2 && path[1] == ':' && path[2] == '/' {
		b.WriteString("file:///" + path[:2])
		path = path[2:]
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("/-._~", c) >= 0:
			b.WriteByte(c)
		default:
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func isAbsolute(uri string) bool { return strings.HasPrefix(uri, "file:") }
