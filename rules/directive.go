package rules

import (
	"math"
	"slices"
	"strings"

	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/source"
)

// The verbs of comments for skylint.
const (
	ignore      = "ignore"
	ignoreFile  = "ignore-file"
	ignoreBegin = "ignore-begin"
	ignoreEnd   = "ignore-end"
)

var verbs = [...]string{ignore, ignoreFile, ignoreBegin, ignoreEnd}

const usage = "write it as -- skylint: ignore NAME: why it is right here"

// read reads the comments for skylint.
func (s *Suppressions) read() {
	var open []*directive // regions that have begun
	for i := range s.comments.Spans {
		d, ok := s.parse(i)
		if !ok {
			continue
		}
		switch d.verb {
		case ignore:
			at := s.comments.Spans[i].Start
			if !s.comments.CodeBefore(i) {
				next, ok := s.comments.NextCode(i)
				if !ok {
					next = at // holds for nothing, so it will be stale
				}
				at = next
			}
			d.first = s.file.Line(at)
			d.last = d.first
			if s.onLine == nil {
				s.onLine = make(map[int][]*directive)
			}
			s.onLine[d.first] = append(s.onLine[d.first], d.directive)
		case ignoreFile:
			d.first, d.last = 1, math.MaxInt
			s.wide = append(s.wide, d.directive)
		case ignoreBegin:
			d.first = s.file.Line(d.Start)
			open = append(open, d.directive)
			continue // heeded only once it is closed
		case ignoreEnd:
			begin := len(open) - 1
			for len(d.targets) > 0 && begin >= 0 && !sameNames(open[begin].targets, d.targets) {
				begin--
			}
			if begin < 0 {
				s.fault(d.Span, "this 'ignore-end' closes no 'ignore-begin'", "put -- skylint: ignore-begin NAME: reason before it, with the same names")
				continue
			}
			region := open[begin]
			region.last = s.file.Line(d.Start)
			region.end = i
			open = slices.Delete(open, begin, begin+1)
			s.wide = append(s.wide, region)
			s.directives = append(s.directives, region)
			continue
		}
		s.directives = append(s.directives, d.directive)
	}
	for _, d := range open {
		s.fault(d.Span, "this 'ignore-begin' has no 'ignore-end'", "put -- skylint: ignore-end where it stops to hold, or use ignore-file for the whole file")
	}
	// The narrowest comment is the one that is named in reports.
	slices.SortStableFunc(s.wide, func(a, b *directive) int {
		switch wideA, wideB := a.last == math.MaxInt, b.last == math.MaxInt; {
		case wideA == wideB:
			return 0
		case wideA:
			return 1
		}
		return -1
	})
}

func sameNames(a, b []target) bool {
	return slices.EqualFunc(a, b, func(x, y target) bool { return slices.Equal(x.rules, y.rules) })
}

// A parsed directive with its verb.
type parsed struct {
	*directive
	verb string
}

// parse reads comment i. ok is false when it is not for skylint or cannot be heeded; a
// comment for skylint that cannot be heeded is recorded as bad.
func (s *Suppressions) parse(i int) (d parsed, ok bool) {
	w, ok := split(s.comments.Body(i))
	if !ok {
		return d, false
	}
	span := s.comments.Spans[i]
	if !slices.Contains(verbs[:], w.verb) {
		s.unknownVerb(span, w)
		return d, false
	}
	d = parsed{&directive{Suppression: Suppression{Span: span, Reason: w.reason}, index: i, end: -1}, w.verb}

	at := w.namesAt
	faulty := false
	for part := range strings.SplitSeq(w.names, ",") {
		name := strings.TrimSpace(part)
		start := at + uint32(len(part)-len(strings.TrimLeft(part, " \t\r\n")))
		at += uint32(len(part)) + 1
		if name == "" {
			continue
		}
		selected, err := Select(name)
		switch {
		case err != nil:
			s.unknownName(span, source.Span{Start: start, End: start + uint32(len(name))}, name, err.(*UnknownError).Nearest)
			faulty = true
		case strings.EqualFold(name, "all"):
			s.fault(span, "a suppression names what it suppresses, and 'all' is everything", "name the rules or families")
			faulty = true
		case len(selected) > 0 && selected[0].Family == StaleSuppression.Family:
			s.fault(span, "'"+name+"' is about comments for skylint, and no comment suppresses it", "mend or remove the comment that is reported")
			faulty = true
		default:
			d.targets = append(d.targets, target{name: name, rules: selected})
		}
	}
	switch {
	case w.verb == ignoreEnd:
		return d, !faulty
	case len(d.targets) == 0:
		if !faulty {
			s.fault(span, "the suppression names no rule", usage)
		}
		return d, false
	case w.reason == "":
		s.fault(span, "the suppression gives no reason", usage)
		return d, false
	}
	return d, true // what it names rightly is heeded
}

// words is a comment for skylint taken apart, "skylint: ignore a, b: because"; verbAt and
// namesAt are offsets in the file.
type words struct {
	verb, names, reason string
	verbAt, namesAt     uint32
}

// split takes apart the body of a comment, which begins at an offset. ok is false when it
// is not for skylint.
func split(body string, at uint32) (w words, ok bool) {
	rest, ok := strings.CutPrefix(body, marker)
	if !ok {
		return w, false
	}
	trimmed := strings.TrimLeft(rest, " \t")
	w.verbAt = at + uint32(len(body)-len(trimmed))
	head, reason, _ := strings.Cut(trimmed, ":")
	w.reason = strings.Join(strings.Fields(reason), " ")
	end := strings.IndexAny(head, " \t\r\n")
	if end < 0 {
		end = len(head)
	}
	w.verb = head[:end]
	names := strings.TrimLeft(head[end:], " \t\r\n")
	w.namesAt = w.verbAt + uint32(len(head)-len(names))
	w.names = strings.TrimRight(names, " \t\r\n")
	return w, true
}

// names returns where the names of comment i, a directive, stand in the file.
func (s *Suppressions) names(i int) source.Span {
	w, _ := split(s.comments.Body(i))
	return source.Span{Start: w.namesAt, End: w.namesAt + uint32(len(w.names))}
}

// fault records a comment that cannot be heeded.
func (s *Suppressions) fault(span source.Span, message, help string) *Diagnostic {
	s.bad = append(s.bad, Diagnostic{
		Rule:     BadSuppression,
		Severity: BadSuppression.Severity,
		Location: Location{File: s.file, Span: span},
		Message:  message,
		Help:     []string{help},
	})
	return &s.bad[len(s.bad)-1]
}

func (s *Suppressions) unknownVerb(span source.Span, w words) {
	if w.verb == "" {
		s.fault(span, "the comment asks nothing of skylint", usage)
		return
	}
	message := "'" + w.verb + "' means nothing to skylint"
	near, ok := nearest.Of(w.verb, slices.Values(verbs[:]))
	if !ok {
		s.fault(span, message, usage)
		return
	}
	d := s.fault(span, message, "did you mean '"+near+"'?")
	s.offer(d, source.Span{Start: w.verbAt, End: w.verbAt + uint32(len(w.verb))}, near)
}

func (s *Suppressions) unknownName(span, at source.Span, name, near string) {
	message := "no rule is called '" + name + "'"
	switch {
	case strings.Contains(name, " "):
		s.fault(span, message, "put a comma between the rules, and a colon before the reason")
	case near == "":
		s.fault(at, message, "skylint rules lists them")
	default:
		s.offer(s.fault(at, message, "did you mean '"+near+"'?"), at, near)
	}
}

// offer adds a change of spelling: not a safe one, for it is a guess.
func (s *Suppressions) offer(d *Diagnostic, at source.Span, text string) {
	d.Fixes = []Fix{{Title: "write '" + text + "'", Edits: []Edit{{Location: Location{File: s.file, Span: at}, NewText: text}}}}
}
