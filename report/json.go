package report

import (
	"bufio"
	"encoding/json"
	"io"

	"github.com/skylint/skylint/rules"
)

// jsonVersion is raised when a field is removed or changes its meaning.
const jsonVersion = 1

type jsonReport struct {
	Version     int              `json:"version"`
	Tool        jsonTool         `json:"tool"`
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
	Problems    []jsonProblem    `json:"problems"`
	Summary     jsonSummary      `json:"summary"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type jsonSummary struct {
	Errors     int `json:"errors"`
	Warnings   int `json:"warnings"`
	Notes      int `json:"notes"`
	Problems   int `json:"problems"`
	Suppressed int `json:"suppressed"`
	Baselined  int `json:"baselined"`
	Files      int `json:"files"`
	Lines      int `json:"lines"`
}

type jsonRule struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

type jsonPosition struct {
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in code points
	Offset uint32 `json:"offset"` // from 0, in bytes
}

type jsonPlace struct {
	Path  string        `json:"path"`
	Start *jsonPosition `json:"start,omitempty"` // absent where only the file is known
	End   *jsonPosition `json:"end,omitempty"`   // behind the last character
}

type jsonDiagnostic struct {
	Rule     jsonRule `json:"rule"`
	Severity string   `json:"severity"`
	Message  string   `json:"message"`
	jsonPlace
	Label       string           `json:"label,omitempty"`
	Key         string           `json:"key,omitempty"`
	Fingerprint string           `json:"fingerprint,omitempty"`
	Services    []string         `json:"services,omitempty"`
	Help        []string         `json:"help,omitempty"`
	Related     []jsonRemark     `json:"related,omitempty"`
	Steps       []jsonRemark     `json:"steps,omitempty"`
	Fixes       []jsonFix        `json:"fixes,omitempty"`
	Suppressed  *jsonSuppression `json:"suppressed,omitempty"`
}

type jsonRemark struct {
	Message string `json:"message"`
	jsonPlace
}

type jsonFix struct {
	Title string     `json:"title"`
	Safe  bool       `json:"safe"`
	Edits []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	jsonPlace
	NewText string `json:"newText"`
}

type jsonSuppression struct {
	Reason string `json:"reason"`
}

type jsonProblem struct {
	Message string `json:"message"`
	jsonPlace
	Help    []string     `json:"help,omitempty"`
	Related []jsonRemark `json:"related,omitempty"`
}

// JSON writes a report as one JSON document. Lines and columns count from 1, columns in code
// points; offsets count bytes from 0. What is not UTF-8 becomes U+FFFD.
func JSON(w io.Writer, r *rules.Report, o Options) error {
	c := &jsonConverter{options: o}
	report := jsonReport{
		Version:     jsonVersion,
		Tool:        jsonTool{o.command(), o.Version},
		Diagnostics: make([]jsonDiagnostic, 0, len(r.Diagnostics)),
		Problems:    make([]jsonProblem, 0, len(r.Problems)),
		Summary: jsonSummary{
			r.Count(rules.Error), r.Count(rules.Warning), r.Count(rules.Note), len(r.Problems), r.Suppressed, r.Baselined, r.Files, r.Lines,
		},
	}
	for i := range r.Diagnostics {
		report.Diagnostics = append(report.Diagnostics, c.diagnostic(&r.Diagnostics[i]))
	}
	for i := range r.Problems {
		p := &r.Problems[i]
		place := jsonPlace{Path: o.path(p.Path)}
		if p.File != nil {
			place = c.place(p.Location)
		}
		report.Problems = append(report.Problems, jsonProblem{p.Message, place, p.Help, c.related(p.Related)})
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	e := json.NewEncoder(buffered)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(report); err != nil {
		return err
	}
	return buffered.Flush()
}

// A jsonConverter turns places into positions.
type jsonConverter struct {
	options Options
	start   locator
	end     locator
}

func (c *jsonConverter) place(l rules.Location) jsonPlace {
	position := func(at *locator, offset uint32) *jsonPosition {
		p := at.position(l.File, offset)
		return &jsonPosition{p.Line, p.Column, min(offset, uint32(len(l.File.Text)))}
	}
	return jsonPlace{c.options.path(l.File.Path), position(&c.start, l.Start), position(&c.end, l.End)}
}

func (c *jsonConverter) diagnostic(d *rules.Diagnostic) jsonDiagnostic {
	j := jsonDiagnostic{
		Rule:     jsonRule{d.Rule.ID, d.Rule.Name, d.Rule.URL()},
		Severity: d.Severity.String(), Message: d.Message, jsonPlace: c.place(d.Location),
		Label: d.Label, Key: d.Key, Fingerprint: d.Fingerprint, Services: d.Services, Help: d.Help,
		Related: c.related(d.Related),
	}
	for _, s := range d.Path {
		j.Steps = append(j.Steps, jsonRemark{s.Message, c.place(s.Location)})
	}
	for _, f := range d.Fixes {
		fix := jsonFix{f.Title, f.Safe, make([]jsonEdit, 0, len(f.Edits))}
		for _, e := range f.Edits {
			fix.Edits = append(fix.Edits, jsonEdit{c.place(e.Location), e.NewText})
		}
		j.Fixes = append(j.Fixes, fix)
	}
	if d.Suppressed != nil {
		j.Suppressed = &jsonSuppression{d.Suppressed.Reason}
	}
	return j
}

func (c *jsonConverter) related(related []rules.Related) []jsonRemark {
	var remarks []jsonRemark
	for _, r := range related {
		remarks = append(remarks, jsonRemark{r.Message, c.place(r.Location)})
	}
	return remarks
}
