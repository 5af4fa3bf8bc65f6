// Package report writes what a run has found: as text with code frames for people, as JSON,
// as the commands by which GitHub marks lines of a change, as GitLab's Code Quality, and as the
// XML of JUnit.
package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// Options say how to write a report. The zero value is a plain text of 120 columns.
type Options struct {
	// Color allows the colours of a terminal.
	Color bool
	// Width is the number of columns; 0 for 120. Lines of code are cut to it, nothing else is.
	Width int
	// Unicode draws frames with lines in place of ASCII.
	Unicode bool
	// Links makes the names of rules links, where Color allows escape sequences.
	Links bool
	// Command is the name of the program in hints; empty for skylint.
	Command string
	// Version is that of the program.
	Version string
	// Path returns how the path of a file is shown; nil shows it as it is.
	Path func(path string) string
}

func (o *Options) path(path string) string {
	if o.Path == nil {
		return path
	}
	return o.Path(path)
}

func (o *Options) command() string {
	if o.Command == "" {
		return "skylint"
	}
	return o.Command
}

// A Writer writes a report in one go. The error is that of w.
type Writer func(w io.Writer, r *rules.Report, o Options) error

// A Format is a way to write a report.
type Format struct {
	Name  string
	About string // for the help of the command line
	Write Writer
}

// Formats is a list of formats, in the order in which they are named to people.
type Formats []Format

// Builtin returns the formats of this package; callers add their own.
func Builtin() Formats {
	return Formats{
		{"text", "code frames, for people", Text},
		{"json", "one JSON document", JSON},
		{"github", "workflow commands, by which GitHub marks the lines of a change", GitHub},
		{"gitlab", "GitLab's Code Quality", GitLab},
		{"junit", "JUnit's XML, which CI servers show as tests", JUnit},
	}
}

// Names returns the names of the formats.
func (fs Formats) Names() []string {
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.Name
	}
	return names
}

// Find returns the format of a name. The error names those that there are.
func (fs Formats) Find(name string) (Format, error) {
	names := fs.Names()
	if i := slices.Index(names, name); i >= 0 {
		return fs[i], nil
	}
	hint := ""
	if near, ok := nearest.Of(name, slices.Values(names)); ok {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return Format{}, fmt.Errorf("unknown format %q: use one of %s%s", name, strings.Join(names, ", "), hint)
}

// A locator turns offsets into positions with columns in code points. It goes on from the
// last one, so that many findings on one enormous line cost one walk along it.
type locator struct {
	file   *source.File
	line   int
	offset uint32
	column int
}

func (l *locator) position(f *source.File, offset uint32) source.Position {
	offset = min(offset, uint32(len(f.Text)))
	line := f.Line(offset)
	if l.file != f || l.line != line || offset < l.offset {
		*l = locator{file: f, line: line, offset: f.LineStart(line), column: 1}
	}
	for range f.Text[l.offset:offset] {
		l.column++
	}
	l.offset = offset
	return source.Position{Line: line, Column: l.column}
}

// grouped writes a number with commas: 1,234.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted writes a number with its noun: 1 error, 2 errors.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// summary says in one line what the report holds.
func summary(r *rules.Report) string {
	var found []string
	for _, s := range [...]rules.Severity{rules.Error, rules.Warning, rules.Note} {
		if n := r.Count(s); n > 0 {
			found = append(found, counted(n, s.String()))
		}
	}
	if found == nil {
		found = []string{"no findings"}
	}
	text := strings.Join(found, ", ") + " in " + counted(r.Files, "file") + " (" + counted(r.Lines, "line") + ")"
	if r.Suppressed > 0 {
		text += "; " + grouped(r.Suppressed) + " suppressed"
	}
	if r.Baselined > 0 {
		text += "; " + grouped(r.Baselined) + " in the baseline"
	}
	if n := len(r.Problems); n > 0 {
		text += "; " + counted(n, "problem") + ", so findings may be missing"
	}
	return text
}
