package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/skylint/skylint/rules"
)

// GitHub writes a report as workflow commands, by which GitHub marks the lines of a change,
// and a summary for the log. Paths have to be those from the root of the repository.
func GitHub(w io.Writer, r *rules.Report, o Options) error {
	g := &github{Writer: bufio.NewWriterSize(w, 1<<16), options: o}
	for i := range r.Diagnostics {
		d := &r.Diagnostics[i]
		if d.Suppressed != nil {
			continue
		}
		command := "notice"
		if d.Severity != rules.Note {
			command = d.Severity.String()
		}
		g.command(command, o.path(d.File.Path), &d.Location, d.Rule.ID+" "+d.Rule.Name, d.Message, slices.Concat(g.steps(d.Path), helps(d.Help)))
	}
	for i := range r.Problems {
		p := &r.Problems[i]
		place, path := &p.Location, o.path(p.Path)
		if p.File == nil {
			place = nil
		}
		g.command("error", path, place, "problem", p.Message, helps(p.Help))
	}
	g.WriteString(summary(r) + "\n")
	return g.Flush()
}

type github struct {
	*bufio.Writer
	options Options
	start   locator
	end     locator
}

// steps tells how a finding comes about, a line for each step.
func (g *github) steps(path []rules.Step) []string {
	var lines []string
	for i, s := range path {
		lines = append(lines, fmt.Sprintf("%d. %s:%d: %s", i+1, g.options.path(s.File.Path), s.Line(), s.Message))
	}
	return lines
}

func helps(help []string) []string {
	var lines []string
	for _, h := range help {
		lines = append(lines, "help: "+h)
	}
	return lines
}

// command writes one command. Columns are given only within one line, where they mean
// something to GitHub; the end is behind the last character.
func (g *github) command(name, path string, place *rules.Location, title, message string, more []string) {
	fmt.Fprintf(g, "::%s file=%s", name, property(path))
	if place != nil {
		start, end := g.start.position(place.File, place.Start), g.end.position(place.File, place.End)
		if end.Column == 1 && end.Line > start.Line {
			end = g.end.position(place.File, place.End-1) // it ends with its line, not on the next
		}
		fmt.Fprintf(g, ",line=%d,endLine=%d", start.Line, end.Line)
		if start.Line == end.Line {
			fmt.Fprintf(g, ",col=%d,endColumn=%d", start.Column, max(end.Column, start.Column+1))
		}
	}
	text := clean(message)
	for _, line := range more {
		text += "\n" + clean(line)
	}
	fmt.Fprintf(g, ",title=%s::%s\n", property(title), data(text))
}

// data escapes the message of a command.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property of a command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
