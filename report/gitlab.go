package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/skylint/skylint/rules"
)

// gitlabIssue is an entry of GitLab's Code Quality report, of which GitLab reads these fields:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end,omitempty"`
}

// gitlabSeverities are our severities in GitLab's words: info, minor, major, critical, blocker.
var gitlabSeverities = map[rules.Severity]string{rules.Note: "info", rules.Warning: "major", rules.Error: "critical"}

// GitLab writes a report for GitLab's Code Quality: one JSON list. Paths have to be those from
// the root of the repository. Fingerprints are those of the findings, and each is there once;
// what could not be read or parsed is an entry of its own.
func GitLab(w io.Writer, r *rules.Report, o Options) error {
	g := &gitlab{options: o, used: map[string]bool{}, issues: []gitlabIssue{}}
	for i := range r.Diagnostics {
		d := &r.Diagnostics[i]
		if d.Suppressed != nil {
			continue
		}
		location := gitlabLocation{Path: o.path(d.File.Path), Lines: gitlabLines{Begin: d.Line()}}
		if end := lastLine(d.Location); end > location.Lines.Begin {
			location.Lines.End = end
		}
		g.issue(gitlabIssue{clean(d.Message), d.Rule.ID + " " + d.Rule.Name, d.Fingerprint, gitlabSeverities[d.Severity], location})
	}
	for i := range r.Problems {
		p := &r.Problems[i]
		location := gitlabLocation{Path: o.path(p.Path), Lines: gitlabLines{Begin: 1}}
		if p.File != nil {
			location.Lines.Begin = p.Line()
		}
		g.issue(gitlabIssue{clean(p.Message), "problem", "", "blocker", location})
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	e := json.NewEncoder(buffered)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(g.issues); err != nil {
		return err
	}
	return buffered.Flush()
}

// lastLine returns the line of the last character of a location.
func lastLine(l rules.Location) int {
	if l.End <= l.Start {
		return l.Line()
	}
	return l.File.Line(min(l.End, uint32(len(l.File.Text))) - 1)
}

type gitlab struct {
	options Options
	used    map[string]bool
	issues  []gitlabIssue
}

// issue adds an entry. One without a fingerprint, or with that of another, gets one of its own:
// GitLab would take the two for one.
func (g *gitlab) issue(i gitlabIssue) {
	for n := 0; i.Fingerprint == "" || g.used[i.Fingerprint]; n++ {
		sum := sha256.Sum256([]byte(strings.Join([]string{i.CheckName, i.Location.Path, i.Description, strconv.Itoa(n)}, "\x00")))
		i.Fingerprint = hex.EncodeToString(sum[:16])
	}
	g.used[i.Fingerprint] = true
	g.issues = append(g.issues, i)
}
