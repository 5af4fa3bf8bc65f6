package sarif

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/skylint/skylint/rules"
)

// Names of fingerprints. The first is GitHub's; a number ends the second, to be raised
// when those that package rules gives change.
const (
	githubKey = "primaryLocationLineHash"
	ownKey    = "skylint/v1"
)

// A result is gosarif's with its main members first, as people read them, and with
// suppressions that can be an empty list, which gosarif's cannot.
type result struct {
	RuleID    string              `json:"ruleId"`
	RuleIndex uint                `json:"ruleIndex"`
	Level     string              `json:"level"`
	Message   *gosarif.Message    `json:"message"`
	Locations []*gosarif.Location `json:"locations"`
	gosarif.Result
	Suppressions *[]*gosarif.Suppression `json:"suppressions,omitempty"`

	at   *artifact
	line int
}

// result makes the result of a diagnostic.
func (w *writer) result(d *rules.Diagnostic) (*result, error) {
	switch {
	case d.Rule == nil:
		return nil, fmt.Errorf("a finding names no rule: %q", d.Message)
	case d.File == nil:
		return nil, fmt.Errorf("a finding of %s names no file: %q", d.Rule.ID, d.Message)
	}
	at := w.files.of(d.File.Path, d.File)
	place, line := at.firstLine(d.Span)
	region := at.region(place, line)
	if d.Label != "" {
		region.Message = plainMessage(d.Label)
	}
	related, links := w.related(d.Related)
	r := &result{
		RuleID:    d.Rule.ID,
		RuleIndex: w.rule(d.Rule),
		Level:     level(d.Severity),
		Message:   richMessage(firstText(d.Message, d.Rule.Title, d.Rule.ID), d.Help, links),
		Locations: []*gosarif.Location{{PhysicalLocation: &gosarif.PhysicalLocation{
			ArtifactLocation: at.reference(),
			Region:           region,
			ContextRegion:    at.context(place, d.Span, line),
		}}},
		at: at, line: line,
	}
	at.lines = append(at.lines, line)
	at.Roles = []string{"analysisTarget"}

	r.RelatedLocations = related
	r.CodeFlows = w.codeFlows(d.Path)
	r.GraphTraversals = w.traversals(d.Path)
	r.Fixes = w.fixes(d.Fixes)
	r.PartialFingerprints = map[string]any{}
	if d.Fingerprint != "" {
		r.PartialFingerprints[ownKey] = clean(d.Fingerprint)
	}
	if d.Occurrences > 0 {
		r.OccurrenceCount = new(uint(d.Occurrences))
	}
	if w.options.Suppressed {
		// All or none: where one result says whether it is suppressed, each does.
		r.Suppressions = new(w.suppressions(d))
	}
	r.Properties = gosarif.Properties{}
	if d.Rule.Precision != 0 {
		r.Properties["precision"] = d.Rule.Precision.String()
	}
	if len(d.Services) > 0 {
		services := make([]string, len(d.Services))
		for i, s := range d.Services {
			services[i] = clean(s)
		}
		r.Properties["services"] = services
	}
	return r, nil
}

func level(s rules.Severity) string {
	if s < rules.Note || s > rules.Error {
		return "warning" // what the standard takes an absent level for
	}
	return s.String()
}

// related returns related locations, with ids, and links to those that say something:
// GitHub shows no related location that the message does not link to.
func (w *writer) related(all []rules.Related) (locations []*gosarif.Location, links []link) {
	for _, r := range all {
		if r.File == nil {
			continue
		}
		l := w.files.location(r.Location, r.Message)
		id := uint(len(locations) + 1)
		l.Id = new(id)
		locations = append(locations, l)
		if r.Message != "" {
			links = append(links, link{r.Message, id})
		}
	}
	return locations, links
}

// codeFlows returns a path as one flow of one thread: its steps follow each other,
// whichever services they are in.
func (w *writer) codeFlows(path []rules.Step) []*gosarif.CodeFlow {
	var steps []*gosarif.ThreadFlowLocation
	for _, s := range path {
		if s.File != nil {
			steps = append(steps, &gosarif.ThreadFlowLocation{Location: w.files.location(s.Location, s.Message)})
		}
	}
	if steps == nil {
		return nil
	}
	return []*gosarif.CodeFlow{{ThreadFlows: []*gosarif.ThreadFlow{{Locations: steps}}}}
}

// fixes returns the fixes that change something, each once.
func (w *writer) fixes(fixes []rules.Fix) []*gosarif.Fix {
	var all []*gosarif.Fix
	for _, f := range fixes {
		changes := w.changes(f.Edits)
		if changes == nil {
			continue
		}
		fix := &gosarif.Fix{ArtifactChanges: changes}
		if f.Title != "" {
			fix.Description = plainMessage(f.Title)
		}
		fix.Properties = gosarif.Properties{"safe": f.Safe}
		if !slices.ContainsFunc(all, func(have *gosarif.Fix) bool { return reflect.DeepEqual(have, fix) }) {
			all = append(all, fix)
		}
	}
	return all
}

// changes returns edits by file, in the order in which the files come, those of a file in
// the order of the text.
func (w *writer) changes(edits []rules.Edit) []*gosarif.ArtifactChange {
	var files []*artifact
	of := map[*artifact][]rules.Edit{}
	for _, e := range edits {
		if e.File == nil || e.Empty() && e.NewText == "" {
			continue
		}
		a := w.files.of(e.File.Path, e.File)
		if of[a] == nil {
			files = append(files, a)
		}
		of[a] = append(of[a], e)
	}
	var changes []*gosarif.ArtifactChange
	for _, a := range files {
		slices.SortStableFunc(of[a], func(x, y rules.Edit) int { return cmp.Compare(x.Start, y.Start) })
		change := &gosarif.ArtifactChange{ArtifactLocation: *a.reference()}
		for _, e := range of[a] {
			replacement := &gosarif.Replacement{DeletedRegion: a.exact(e.Span)}
			if e.NewText != "" {
				replacement.InsertedContent = content(e.NewText)
			}
			change.Replacements = append(change.Replacements, replacement)
		}
		changes = append(changes, change)
	}
	return changes
}

// content is a text to be inserted as it is, whatever bytes it has.
func content(s string) *gosarif.ArtifactContent {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return &gosarif.ArtifactContent{Text: new(s)}
	}
	return &gosarif.ArtifactContent{Binary: new(base64.StdEncoding.EncodeToString([]byte(s)))}
}

func (w *writer) suppressions(d *rules.Diagnostic) []*gosarif.Suppression {
	if d.Suppressed == nil {
		return []*gosarif.Suppression{}
	}
	s := &gosarif.Suppression{
		Kind:     "inSource",
		Location: w.files.location(rules.Location{File: d.File, Span: d.Suppressed.Span}, ""),
	}
	if d.Suppressed.Reason != "" {
		s.Justification = new(clean(d.Suppressed.Reason))
	}
	return []*gosarif.Suppression{s}
}
