package rules

import (
	"iter"
	"slices"
	"strings"

	"github.com/skylint/skylint/rules/internal/comment"
	"github.com/skylint/skylint/rules/luacheck"
	"github.com/skylint/skylint/source"
)

// A Suppression is a comment that asks for silence:
//
//	-- skylint: ignore unchecked-command: the gate has checked it
type Suppression struct {
	source.Span // of the comment
	Reason      string
}

// Suppressions are the comments of one file that ask for silence. At the end of a line of
// code, "-- skylint: ignore NAME: reason" holds for that line; on a line of its own, for the
// next line with code. "ignore-file" holds for the file, "ignore-begin" up to the
// "ignore-end" that closes it. NAME is one or more rules or families, with commas.
//
// Comments for luacheck are heeded for the rules that are the same as one of its warnings.
//
// A nil *Suppressions is that of a file without such comments. The methods remember what
// was suppressed, so they are not safe for concurrent use.
type Suppressions struct {
	file       *source.File
	comments   comment.List
	directives []*directive
	onLine     map[int][]*directive // the directives that hold for a line
	wide       []*directive         // the others, files after regions
	bad        []Diagnostic
	luacheck   *luacheck.Options
}

// A directive is a well-formed comment for skylint.
type directive struct {
	Suppression
	index   int // of the comment
	end     int // of the comment that ends a region; -1 for none
	first   int // lines for which it holds, both included
	last    int
	targets []target
}

// A target is one name of a directive.
type target struct {
	name  string
	rules []*Rule
	used  bool
}

const marker = "skylint:"

// ReadSuppressions reads the comments of a file, given by their places in the order of the
// text. functionEnd returns the end of the innermost function around an offset, or the length
// of the text outside of all; luacheck's comments need it. Without such comments the result
// is nil and cost one search through the text.
func ReadSuppressions(f *source.File, comments iter.Seq[source.Span], functionEnd func(offset uint32) uint32) *Suppressions {
	own, others := strings.Contains(f.Text, marker), strings.Contains(f.Text, luacheck.Marker)
	if !own && !others {
		return nil
	}
	s := &Suppressions{file: f, comments: comment.List{File: f, Spans: slices.Collect(comments)}}
	if own {
		s.read()
	}
	if others {
		s.luacheck = luacheck.Read(s.comments, functionEnd)
	}
	return s
}

// Apply marks those diagnostics of the file that a comment suppresses, and returns their
// number. Diagnostics of other files and those already suppressed are left alone.
func (s *Suppressions) Apply(ds []Diagnostic) int {
	if s == nil {
		return 0
	}
	n := 0
	for i := range ds {
		d := &ds[i]
		if d.File != s.file || d.Suppressed != nil {
			continue
		}
		line := d.Line()
		for _, dir := range s.onLine[line] {
			dir.suppress(d)
		}
		for _, dir := range s.wide {
			if dir.first <= line && line <= dir.last {
				dir.suppress(d)
			}
		}
		if d.Suppressed == nil && len(d.Rule.Luacheck) > 0 {
			name, _, _ := strings.Cut(d.Key, ".")
			if span, ok := s.luacheck.Silences(d.Start, d.Rule.Luacheck, name); ok {
				d.Suppressed = &Suppression{Span: span, Reason: "silenced for luacheck"}
			}
		}
		if d.Suppressed != nil {
			n++
		}
	}
	return n
}

// suppress marks a diagnostic on one of the directive's lines if it names the rule.
func (dir *directive) suppress(d *Diagnostic) {
	for i := range dir.targets {
		if slices.Contains(dir.targets[i].rules, d.Rule) {
			dir.targets[i].used = true
			if d.Suppressed == nil {
				d.Suppressed = &dir.Suppression
			}
		}
	}
}

// Globals returns the globals that comments for luacheck declare, in the order of the text.
func (s *Suppressions) Globals() []luacheck.Global {
	if s == nil {
		return nil
	}
	return s.luacheck.Globals()
}

// Findings returns the diagnostics about the comments themselves: those that cannot be
// heeded, and those that suppressed nothing in the calls of Apply so far though all their
// rules ran on this file; ran says which did. After a run that had to leave out part of the
// file it should say so of none.
func (s *Suppressions) Findings(ran func(*Rule) bool) []Diagnostic {
	if s == nil {
		return nil
	}
	found := slices.Clone(s.bad)
	for _, dir := range s.directives {
		if d, ok := s.stale(dir, ran); ok {
			found = append(found, d)
		}
	}
	Sort(found)
	return found
}

// stale returns the diagnostic about those names of a directive that suppressed nothing.
func (s *Suppressions) stale(dir *directive, ran func(*Rule) bool) (Diagnostic, bool) {
	var gone, kept []string
	for _, t := range dir.targets {
		if t.used || !t.couldBeUsed(ran) {
			kept = append(kept, t.name)
		} else {
			gone = append(gone, t.name)
		}
	}
	if gone == nil {
		return Diagnostic{}, false
	}
	d := Diagnostic{
		Rule:     StaleSuppression,
		Severity: StaleSuppression.Severity,
		Location: Location{File: s.file, Span: dir.Span},
		Message:  "the suppression of " + quotedList(gone) + " suppresses nothing",
		Key:      strings.Join(gone, ","),
	}
	if kept == nil {
		fix := Fix{Title: "remove the comment", Safe: true, Edits: []Edit{s.removal(dir.index)}}
		if dir.end >= 0 {
			fix.Title = "remove the comments"
			fix.Edits = append(fix.Edits, s.removal(dir.end))
		}
		d.Fixes = []Fix{fix}
	} else {
		d.Fixes = []Fix{{Title: "remove " + quotedList(gone), Safe: true, Edits: []Edit{
			{Location: Location{File: s.file, Span: s.names(dir.index)}, NewText: strings.Join(kept, ", ")},
		}}}
	}
	return d, true
}

// couldBeUsed reports whether all rules of a target ran, but for those that are not
// checked statically at all.
func (t target) couldBeUsed(ran func(*Rule) bool) bool {
	some := false
	for _, r := range t.rules {
		if strings.HasPrefix(r.Static, "none:") {
			continue
		}
		if !ran(r) {
			return false
		}
		some = true
	}
	return some
}

// removal returns the edit that takes out a comment, with its line where it is alone there.
func (s *Suppressions) removal(index int) Edit {
	text := s.file.Text
	span := s.comments.Spans[index]
	before := text[:span.Start]
	after := text[span.End:]
	blank := strings.TrimRight(before, " \t\v\f")
	rest := strings.TrimLeft(after, " \t\v\f")
	endsLine := rest == "" || rest[0] == '\n' || rest[0] == '\r'
	switch startsLine := blank == "" || strings.HasSuffix(blank, "\n") || strings.HasSuffix(blank, "\r"); {
	case startsLine && endsLine:
		span.Start = uint32(len(blank))
		span.End = s.file.LineStart(s.file.Line(span.End) + 1)
	case endsLine:
		span.Start = uint32(len(blank))
	default:
		span.End = uint32(len(text) - len(rest))
	}
	return Edit{Location: Location{File: s.file, Span: span}}
}

// quotedList returns names as people list them: 'a', 'b' and 'c'.
func quotedList(names []string) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case i > 0 && i == len(names)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString("'" + n + "'")
	}
	return b.String()
}
