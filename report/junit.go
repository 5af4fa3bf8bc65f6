package report

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/skylint/skylint/rules"
)

// The elements of JUnit's XML that CI servers read, in the order that the schema of Jenkins
// wants: github.com/jenkinsci/xunit-plugin, junit-10.xsd.
type (
	junitSuites struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string       `xml:"name,attr"`
		ClassName string       `xml:"classname,attr"`
		Time      string       `xml:"time,attr"`
		File      string       `xml:"file,attr,omitempty"`
		Line      int          `xml:"line,attr,omitempty"`
		Skipped   *junitReason `xml:"skipped"`
		Error     *junitReason `xml:"error"`
		Failure   *junitReason `xml:"failure"`
		Output    *junitOutput `xml:"system-out"`
	}
	junitReason struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
	junitOutput struct {
		Text string `xml:",cdata"`
	}
)

// noTime stands where JUnit wants the seconds that a test took.
const noTime = "0"

// JUnit writes a report as the XML of JUnit, which CI servers show as tests: a suite for each
// file with findings, in it a test for each finding. An error or a warning is a failure, a note
// passes and has its text as output, a suppressed finding is skipped, and what could not be read
// or parsed is an error. A report without findings is one test that passes, since servers take a
// report without tests for a broken one.
func JUnit(w io.Writer, r *rules.Report, o Options) error {
	j := &junit{options: o, names: map[[2]string]int{}, suites: map[string]*junitSuite{}}
	o.Color, o.Links, o.Unicode = false, false, false
	j.text = newText(&j.body, o)
	j.all.Name = o.command()
	for i := range r.Diagnostics {
		j.diagnostic(&r.Diagnostics[i])
	}
	for i := range r.Problems {
		j.problem(&r.Problems[i])
	}
	if len(j.all.Suites) == 0 {
		j.add(o.command(), junitCase{Name: summary(r), Time: noTime})
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	buffered.WriteString(xml.Header)
	e := xml.NewEncoder(buffered)
	e.Indent("", "  ")
	if err := e.Encode(&j.all); err != nil {
		return err
	}
	buffered.WriteByte('\n')
	return buffered.Flush()
}

type junit struct {
	options Options
	all     junitSuites
	suites  map[string]*junitSuite
	names   map[[2]string]int
	start   locator
	text    *text
	body    strings.Builder // what text writes to
}

func (j *junit) diagnostic(d *rules.Diagnostic) {
	at := j.start.position(d.File, d.Start)
	path := clean(j.options.path(d.File.Path))
	c := junitCase{Name: d.Rule.ID + " " + d.Rule.Name + ": " + clean(d.Message), Time: noTime, File: path, Line: at.Line}
	place := fmt.Sprintf("%s:%d:%d", path, at.Line, at.Column)
	switch {
	case d.Suppressed != nil:
		c.Skipped = &junitReason{Message: "suppressed: " + clean(d.Suppressed.Reason)}
	case d.Severity == rules.Note:
		c.Output = &junitOutput{"\n" + j.frames(func(t *text) { t.diagnostic(d) })}
	default:
		c.Failure = &junitReason{place + ": " + clean(d.Message), d.Severity.String(), "\n" + j.frames(func(t *text) { t.diagnostic(d) })}
	}
	j.add(path, c)
}

func (j *junit) problem(p *rules.Problem) {
	path := clean(j.options.path(p.Path))
	c := junitCase{Name: "problem: " + clean(p.Message), Time: noTime, File: path}
	place := path
	if p.File != nil {
		at := j.start.position(p.File, p.Start)
		c.Line = at.Line
		place = fmt.Sprintf("%s:%d:%d", path, at.Line, at.Column)
	}
	c.Error = &junitReason{place + ": " + clean(p.Message), "problem", "\n" + j.frames(func(t *text) { t.problem(p) })}
	j.add(path, c)
}

// frames returns what the text format says of one finding.
func (j *junit) frames(write func(*text)) string {
	clear(j.text.said)
	write(j.text)
	j.text.Flush() // a strings.Builder takes everything
	defer j.body.Reset()
	return j.body.String()
}

// add puts a test into the suite of its file, with a name that no other test has there: some
// servers show only one of several with the same name.
func (j *junit) add(suite string, c junitCase) {
	key := [2]string{suite, c.Name}
	j.names[key]++
	if n := j.names[key]; n > 1 {
		c.Name = fmt.Sprintf("%s (%d)", c.Name, n)
	}
	c.ClassName = cmp.Or(suite, ".")
	s := j.suite(c.ClassName)
	s.Cases = append(s.Cases, c)
	s.Tests++
	j.all.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
		j.all.Failures++
	case c.Error != nil:
		s.Errors++
		j.all.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// suite returns the suite of that name.
func (j *junit) suite(name string) *junitSuite {
	s := j.suites[name]
	if s == nil {
		s = &junitSuite{Name: name, Time: noTime}
		j.suites[name] = s
		j.all.Suites = append(j.all.Suites, s)
	}
	return s
}
