package report

import (
	"bufio"
	"fmt"
	"io"
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
		g.command(command, o.path(d.File.Path), &d.Location, d.Rule.ID+" "+d.Rule.Name, d.Message, d.Help)
	}
	for i := range r.Problems {
		p := &r.Problems[i]
		place, path := &p.Location, o.path(p.Path)
		if p.File == nil {
			place = nil
		}
		g.command("error", path, place, "problem", p.Message, p.Help)
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

// command writes one command. Columns are given only within one line, where they mean
// something to GitHub; the end is behind the last character.
func (g *github) command(name, path string, place *rules.Location, title, message string, help []string) {
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
	for _, h := range help {
		text += "\nhelp: " + clean(h)
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
