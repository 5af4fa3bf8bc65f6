// Package sarif writes reports in the Static Analysis Results Interchange Format, SARIF
// 2.1.0, so that code scanning services and editors can show them.
//
// It is the only user of go-sarif, and stands between it and the world: what that library
// writes for absent values is not valid, so nulls are taken out, the parts that it lacks
// are added here, and its file writer is not used. Every report is valid by the schema of
// the standard and by the rules of GitHub's code scanning, whatever is in the source:
// package sariftest checks that for the tests of all packages.
//
// Reports name files relative to the root of the project, and hold neither times nor
// names of the machine: the same findings make the same bytes.
package sarif

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/skylint/skylint/internal/atomicfile"
	"github.com/skylint/skylint/rules"
)

// Options say what a report does not know of itself.
type Options struct {
	// Tool is the name of the program; empty means skylint.
	Tool string
	// Version is that of the program, as "0.1.0".
	Version string
	// Rules are those that were on. Each gets a descriptor, whether it found something or
	// not; rules of findings that are not among them are added.
	Rules []*rules.Rule
	// Suppressed asks for the suppressed findings too, marked as such. Otherwise they are
	// left out.
	Suppressed bool
	// Path returns the path by which the reader of the report knows the file at a path of the
	// project: relative to the root of the repository for code scanning. nil leaves it.
	Path func(path string) string
	// ExitCode is what the program ends with. 2 and more mean that it did not do all that
	// it was asked to.
	ExitCode int
}

// Write writes the report. It fails when w does, and when a finding has no rule or file.
func Write(w io.Writer, report *rules.Report, o Options) error {
	data, err := Marshal(report, o)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// WriteFile makes the report the content of a file, which is replaced whole or not at all
// and keeps its permissions.
func WriteFile(path string, report *rules.Report, o Options) error {
	data, err := Marshal(report, o)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Marshal returns the report as it would be written. It fails when a finding has no rule
// or no file. The report and its files must not change meanwhile; other calls with them
// may run at the same time.
func Marshal(report *rules.Report, o Options) ([]byte, error) {
	w := &writer{
		options:   o,
		files:     gallery{byURI: map[string]*artifact{}, path: o.Path},
		ruleIndex: map[string]uint{},
	}
	run, err := w.run(report)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: string(gosarif.Version210),
		Runs:    []*sarifRun{run},
	}); err != nil {
		return nil, err
	}
	return tidy(b.Bytes()), nil
}

// A sarifLog is the root of a report.
type sarifLog struct {
	Schema  string      `json:"$schema"`
	Version string      `json:"version"`
	Runs    []*sarifRun `json:"runs"`
}

// A sarifRun is gosarif's, with those parts in place of its own that are different here.
type sarifRun struct {
	Tool struct {
		Driver component `json:"driver"`
	} `json:"tool"`
	gosarif.Run
	Artifacts  []*artifact  `json:"artifacts,omitempty"`
	Results    []*result    `json:"results"`
	Taxonomies []*component `json:"taxonomies,omitempty"`
}

// A writer makes one report.
type writer struct {
	options    Options
	files      gallery
	rules      []*descriptor
	ruleIndex  map[string]uint // by id
	weaknesses taxonomy
}

func (w *writer) run(report *rules.Report) (*sarifRun, error) {
	for _, r := range w.options.Rules {
		w.rule(r)
	}
	results := []*result{}
	for i := range report.Diagnostics {
		d := &report.Diagnostics[i]
		if d.Suppressed != nil && !w.options.Suppressed {
			continue
		}
		r, err := w.result(d)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	invocation := w.invocation(report)
	w.addGitHubFingerprints(results)

	run := &sarifRun{Results: results, Artifacts: w.files.artifacts, Taxonomies: w.weaknesses.components()}
	w.driver(&run.Tool.Driver)
	run.Invocations = []*gosarif.Invocation{invocation}
	run.ColumnKind = "utf16CodeUnits"
	run.DefaultEncoding = new("UTF-8")
	run.Language = new("en")
	if w.files.newlines {
		run.NewlineSequences = []string{"\r\n", "\n\r", "\n", "\r"} // as Lua counts lines
	}
	run.OriginalUriBaseIDs = map[string]*gosarif.ArtifactLocation{
		sourceRoot: {Description: plainMessage("The root of the project.")},
	}
	run.Properties = gosarif.Properties{
		"files": report.Files, "lines": report.Lines,
		"suppressed": report.Suppressed, "baselined": report.Baselined,
	}
	return run, nil
}

// driver describes the program.
func (w *writer) driver(c *component) {
	c.Name = cmp.Or(w.options.Tool, "skylint")
	c.InformationURI = new("https://github.com/skylint/skylint")
	version, semantic := toolVersion(w.options.Version)
	c.Version = new(version)
	if semantic {
		c.SemanticVersion = new(version)
	}
	rules := w.rules
	if rules == nil {
		rules = []*descriptor{}
	}
	c.Rules = &rules
	c.SupportedTaxonomies = w.weaknesses.references()
}

// toolVersion returns a version that begins with a number, as viewers compare versions,
// and whether it is a semantic one. What has no number, such as "dev", is before all.
func toolVersion(version string) (string, bool) {
	v := clean(strings.TrimPrefix(version, "v"))
	if v == "" {
		return "0.0.0", true
	}
	if v[0] < '0' || v[0] > '9' {
		v = "0.0.0-" + v
	}
	core, rest := v, ""
	if i := strings.IndexAny(v, "-+"); i >= 0 {
		core, rest = v[:i], v[i+1:]
	}
	numbers := strings.Split(core, ".")
	semantic := len(numbers) == 3
	for _, n := range numbers {
		semantic = semantic && n != "" && strings.Trim(n, "0123456789") == "" && (n == "0" || n[0] != '0')
	}
	for _, r := range rest {
		semantic = semantic && (r < 0x80 && strings.ContainsRune("-+.", r) || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	return v, semantic && (rest != "" || core == v)
}

// invocation says how the run went: problems are notifications of it.
func (w *writer) invocation(report *rules.Report) *gosarif.Invocation {
	i := &gosarif.Invocation{
		ExecutionSuccessful: new(w.options.ExitCode < 2),
		ExitCode:            new(w.options.ExitCode),
	}
	for _, p := range report.Problems {
		related, links := w.related(p.Related)
		n := &gosarif.Notification{
			Level:   "error",
			Message: richMessage(firstText(p.Message, "something is wrong here"), p.Help, links),
		}
		switch {
		case p.File != nil:
			n.Locations = append(n.Locations, w.files.location(p.Location, ""))
		case p.Path != "":
			n.Locations = append(n.Locations, &gosarif.Location{PhysicalLocation: &gosarif.PhysicalLocation{
				ArtifactLocation: w.files.of(p.Path, nil).reference(),
			}})
		}
		n.Locations = append(n.Locations, related...) // a notification has no others
		i.ToolExecutionNotifications = append(i.ToolExecutionNotifications, n)
	}
	return i
}

// addGitHubFingerprints reads every file with findings once more, several at a time.
func (w *writer) addGitHubFingerprints(results []*result) {
	var next atomic.Int64
	var group sync.WaitGroup
	artifacts := w.files.artifacts
	for range min(runtime.GOMAXPROCS(0), len(artifacts)) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(artifacts) {
					return
				}
				if a := artifacts[i]; len(a.lines) > 0 {
					a.hashes = githubFingerprints(a.file.Text, a.lines)
				}
			}
		})
	}
	group.Wait()
	for _, r := range results {
		if hash, ok := r.at.hashes[r.line]; ok {
			r.PartialFingerprints[githubKey] = hash
		}
	}
}
