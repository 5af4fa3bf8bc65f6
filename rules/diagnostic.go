package rules

import (
	"cmp"
	"slices"

	"github.com/skylint/skylint/source"
)

// A Severity says how bad a finding is.
type Severity uint8

// The severities, mildest first.
const (
	// Note is a fact worth seeing.
	Note Severity = iota + 1
	// Warning depends on a caller or a setting.
	Warning
	// Error hangs, fails, or lets a remote peer in on every run that reaches it, and no
	// configuration makes it right.
	Error
)

// String returns "note", "warning" or "error".
func (s Severity) String() string { return [...]string{"off", "note", "warning", "error"}[s] }

// A Location is a place in a file.
type Location struct {
	File *source.File
	source.Span
}

// Line returns the line, from 1, of the start of the location.
func (l Location) Line() int { return l.File.Line(l.Start) }

// A Related is another place that explains a Diagnostic.
type Related struct {
	Location
	Message string
}

// A Step is one step of the path that leads to a Diagnostic: how a value came there, or
// the next call of a cycle.
type Step struct {
	Location
	Message string
}

// An Edit replaces the bytes of a location by a text.
type Edit struct {
	Location
	NewText string
}

// A Fix is a change of the source that removes the cause of a Diagnostic.
type Fix struct {
	Title string // completes "fix: ...", imperative
	Safe  bool   // it cannot change what a correct program does
	Edits []Edit // do not overlap; may be in several files
}

// A Diagnostic is one violation of a rule at one place, found by skylint or tripped in
// skyrun.
type Diagnostic struct {
	Rule     *Rule
	Severity Severity
	Location
	// Message says what is wrong, with the names involved; one line, no full stop at its end,
	// lower case at its start unless a name stands there.
	Message string
	// Key identifies what the finding is about within rule and file ("GATE" for a global):
	// the stable fingerprint is made of rule, file, Key and the ordinal among equals. Empty:
	// the text of the line takes its place.
	Key string
	// Label is what stands under the code frame's mark; may be empty.
	Label string
	// Help says the way out; one line each; may be empty.
	Help []string
	// Related are other places worth seeing.
	Related []Related
	// Path is how it comes about, step by step; may be empty.
	Path []Step
	// Fixes are offered changes, best first.
	Fixes []Fix
	// Services names those services in which it was found; empty where the file
	// belongs to none or it does not matter.
	Services []string
	// Occurrences is how often it happened, where that was counted: at run time. 0: nobody counted.
	Occurrences int
	// Suppressed is set when a comment suppresses it.
	Suppressed *Suppression
	// Fingerprint identifies it across changes of the source; set by Fingerprint.
	Fingerprint string
}

// Sort puts diagnostics in the order of reports: path, place, rule, message. The order
// is total, so that reports are the same bytes however the work was divided.
func Sort(ds []Diagnostic) {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.File.Path, b.File.Path),
			cmp.Compare(a.Start, b.Start),
			cmp.Compare(a.Rule.ID, b.Rule.ID),
			cmp.Compare(a.End, b.End),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// A Problem is a file, or a part of one, that could not be read, parsed or understood:
// not a finding, but a reason why there may be findings that nobody made.
type Problem struct {
	Path string // of the file or folder, as in source.File
	// Location is where in the file, with a nil File where no place in the text is known.
	Location
	Message string // as in Diagnostic
	Help    []string
	Related []Related
}

// A Report is all that one run has to say.
type Report struct {
	Diagnostics []Diagnostic // sorted; suppressed ones are among them only if asked for
	Problems    []Problem    // sorted by path and place
	Files       int          // files analysed
	Lines       int
	Suppressed  int // findings that comments silenced
	Baselined   int // findings that the baseline knew
}

// Count returns the number of findings of a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for i := range r.Diagnostics {
		if r.Diagnostics[i].Severity == s && r.Diagnostics[i].Suppressed == nil {
			n++
		}
	}
	return n
}
