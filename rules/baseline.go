package rules

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/skylint/skylint/source"
)

// BaselineName is how a baseline is called where nothing says otherwise.
const BaselineName = "sky.baseline"

// baselineHead is the first line of a baseline; its number is raised with each change of the
// format that older programs would misread.
const baselineHead = "skylint-baseline 1"

// A BaselineEntry is one finding of a Baseline. Only the fingerprint says whether a finding is
// this one; the rest is for people and for telling whether it was looked for.
type BaselineEntry struct {
	Fingerprint string
	Rule        string // id
	Path        string // as in source.File
	Message     string
	Line        int // of the baseline's file, from 1; 0 if it is not read from one
}

// A Baseline is the findings that a project knows of and lives with for now, so that only new
// ones are reported. It is immutable and safe for concurrent use.
type Baseline struct {
	// Entries are sorted by path, rule, message and fingerprint, each once: the file changes
	// where the findings do, and nowhere else.
	Entries []BaselineEntry

	known map[string]bool // fingerprints
}

// NewBaseline returns a baseline of entries in any order.
func NewBaseline(entries []BaselineEntry) *Baseline {
	b := &Baseline{known: make(map[string]bool, len(entries))}
	for _, e := range entries {
		if !b.known[e.Fingerprint] {
			b.known[e.Fingerprint] = true
			b.Entries = append(b.Entries, e)
		}
	}
	slices.SortFunc(b.Entries, func(a, b BaselineEntry) int {
		return cmp.Or(
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message), cmp.Compare(a.Fingerprint, b.Fingerprint),
		)
	})
	return b
}

// Baseline returns the entry of a finding that has its fingerprint.
func (d *Diagnostic) Baseline() BaselineEntry {
	return BaselineEntry{Fingerprint: d.Fingerprint, Rule: d.Rule.ID, Path: d.File.Path, Message: oneLine(d.Message)}
}

// oneLine returns a text without anything that would break a line or hide in it.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// Has reports whether the baseline knows a finding. A nil Baseline knows none.
func (b *Baseline) Has(d *Diagnostic) bool { return b != nil && b.known[d.Fingerprint] }

// A BaselineError is a line of a baseline that cannot be understood.
type BaselineError struct {
	Path    string
	Line    int
	Message string
	Help    string
}

func (e *BaselineError) Error() string { return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Message) }

// ReadBaseline reads what Baseline.Write has written. The error is a *BaselineError.
func ReadBaseline(f *source.File) (*Baseline, error) {
	var entries []BaselineEntry
	n := 0
	for line := range strings.Lines(f.Text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if n == 1 {
			if line != baselineHead {
				return nil, headError(f.Path, line)
			}
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		e, ok := parseEntry(line)
		if !ok {
			return nil, lineError(f.Path, n, line)
		}
		e.Line = n
		entries = append(entries, e)
	}
	if n == 0 {
		return nil, headError(f.Path, "")
	}
	return NewBaseline(entries), nil
}

// parseEntry reads fingerprint, rule, path and message, with tabs between them.
func parseEntry(line string) (e BaselineEntry, ok bool) {
	fields := strings.SplitN(line, "\t", 4)
	if len(fields) < 4 || !isFingerprint(fields[0]) || fields[1] == "" {
		return e, false
	}
	e = BaselineEntry{Fingerprint: fields[0], Rule: fields[1], Path: fields[2], Message: fields[3]}
	if strings.HasPrefix(e.Path, `"`) {
		var err error
		if e.Path, err = strconv.Unquote(e.Path); err != nil {
			return e, false
		}
	}
	return e, e.Path != ""
}

func isFingerprint(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}

func headError(path, line string) error {
	e := &BaselineError{path, 1, "this is no baseline: its first line is not \"" + baselineHead + "\"", "skylint baseline writes one"}
	if version, ok := strings.CutPrefix(line, "skylint-baseline "); ok {
		e.Message = "the baseline has the format " + strconv.Quote(version) + ", and this skylint reads only 1"
		e.Help = "skylint baseline writes it anew"
	}
	return e
}

func lineError(path string, n int, line string) error {
	e := &BaselineError{path, n, "this line is no entry of a baseline: a fingerprint of 32 hexadecimal digits, a rule, a path and a message, with tabs between them",
		"skylint baseline writes it anew"}
	for _, mark := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
		if strings.HasPrefix(line, mark) {
			e.Message = "a merge conflict is left in the baseline"
			e.Help = "keep the lines of both sides and take out the marks; skylint baseline --prune removes what is too much"
		}
	}
	return e
}

// Write writes the baseline as a text with one line for each finding.
func (b *Baseline) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString(baselineHead + "\n")
	out.WriteString("# Findings that were there when this file was written: skylint reports only others.\n")
	out.WriteString("# Made by \"skylint baseline\"; \"skylint baseline --prune\" takes out what has been mended.\n")
	for i := range b.Entries {
		e := &b.Entries[i]
		path := e.Path
		if oneLine(path) != path || strings.HasPrefix(path, `"`) {
			path = strconv.Quote(path)
		}
		out.WriteString(e.Fingerprint + "\t" + e.Rule + "\t" + path + "\t" + e.Message + "\n")
	}
	return out.Flush()
}

// Apply takes the findings that a baseline knows out of ds, which is changed in place.
// It returns those that are left and those that were taken out. Suppressed findings stay.
func (b *Baseline) Apply(ds []Diagnostic) (fresh, known []Diagnostic) {
	if b == nil {
		return ds, nil
	}
	fresh = ds[:0]
	for _, d := range ds {
		if d.Suppressed == nil && b.Has(&d) {
			known = append(known, d)
		} else {
			fresh = append(fresh, d)
		}
	}
	clear(ds[len(fresh):])
	return fresh, known
}

// Gone returns those entries that are not among the known findings though the run looked for
// them: what they are about has been mended, or a comment suppresses it.
func (b *Baseline) Gone(known []Diagnostic, lookedFor func(*BaselineEntry) bool) []BaselineEntry {
	if b == nil {
		return nil
	}
	found := make(map[string]bool, len(known))
	for i := range known {
		found[known[i].Fingerprint] = true
	}
	var gone []BaselineEntry
	for i := range b.Entries {
		if e := &b.Entries[i]; !found[e.Fingerprint] && lookedFor(e) {
			gone = append(gone, *e)
		}
	}
	return gone
}
