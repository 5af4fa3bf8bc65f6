package inspect

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxShown is how many groups of services, services of one, and origins of a message are listed.
const maxShown = 10

// WriteText writes what is known for people.
func (p *Place) WriteText(w io.Writer) error {
	out := &writer{bufio.NewWriter(w)}
	place := fmt.Sprintf("%s:%d", p.Path, p.Line)
	if p.Column > 0 {
		place += fmt.Sprintf(":%d", p.Column)
	}
	out.line(0, place+", in "+p.Function)
	out.line(0, "")
	out.line(2, strings.TrimSpace(strings.ReplaceAll(p.Text, "\t", " ")))

	if p.Note != "" {
		out.line(0, "")
		out.line(2, p.Note)
	}
	out.head("services")
	if len(p.Services) == 0 {
		out.line(2, "no service is known to load this file")
	}
	groups := p.groups()
	for i, g := range groups {
		if i == maxShown && len(groups) > maxShown+1 {
			out.line(2, fmt.Sprintf("and %d more", len(groups)-i))
			break
		}
		out.line(2, strings.Join(cut(g.names), ", ")+" ("+g.how+")")
		reached := "nothing is known to get here"
		if len(g.entries) > 0 {
			reached = "reached from " + strings.Join(cut(g.entries), ", ")
		}
		out.line(6, reached)
	}

	out.head("calls")
	if len(p.Calls) == 0 {
		out.line(2, "none begins here")
	}
	for i := range p.Calls {
		c := &p.Calls[i]
		out.line(2, fmt.Sprintf("%d: %s", c.Column, c.Text))
		for _, callee := range c.Callees {
			out.line(6, callee)
		}
		if c.Waits {
			out.line(6, "may wait: other messages are handled meanwhile")
		}
		for _, m := range c.Messages {
			out.line(6, m.Text)
			for k, o := range m.From {
				if k == maxShown && len(m.From) > maxShown+1 {
					out.line(10, fmt.Sprintf("and from %d more", len(m.From)-k))
					break
				}
				out.line(10, "from "+o.Entry+" of "+strings.Join(cut(o.Services), ", "))
			}
		}
		if c.Sends && len(c.Messages) == 0 {
			why := ""
			if !slices.ContainsFunc(p.Services, func(s Service) bool { return len(s.Entries) > 0 }) {
				why = ": nothing that runs is known to get here"
			}
			out.line(6, "no message of it is known"+why)
		}
	}

	out.head("values")
	if len(p.Values) == 0 {
		out.line(2, "no name stands here")
	}
	width := 0
	for i := range p.Values {
		if n := len([]rune(p.Values[i].Name)); n <= 24 {
			width = max(width, n)
		}
	}
	for i := range p.Values {
		v := &p.Values[i]
		lines := v.Atoms
		if v.Why != "" {
			why := "not known: " + v.Why
			if len(v.Atoms) > 0 {
				why = "and others, not known: " + v.Why
			}
			lines = append(lines[:len(lines):len(lines)], why)
		}
		name := v.Name
		if len([]rune(name)) > 24 {
			out.line(2, name)
			name = ""
		}
		for _, l := range lines {
			out.line(2, fmt.Sprintf("%-*s  %s", width, name, l))
			name = ""
		}
	}
	return out.Flush()
}

// A group is services of which the same is known.
type group struct {
	names   []string
	how     string
	entries []string
}

// groups returns the services in groups, in the order of the first of each.
func (p *Place) groups() []*group {
	var all []*group
	for i := range p.Services {
		s := &p.Services[i]
		k := slices.IndexFunc(all, func(g *group) bool { return g.how == s.How && slices.Equal(g.entries, s.Entries) })
		if k < 0 {
			k = len(all)
			all = append(all, &group{how: s.How, entries: s.Entries})
		}
		if !slices.Contains(all[k].names, s.Name) { // services of different nodes may share a name
			all[k].names = append(all[k].names, s.Name)
		}
	}
	return all
}

type writer struct{ *bufio.Writer }

func (w *writer) head(title string) { w.WriteString("\n" + title + "\n") }

func (w *writer) line(indent int, text string) {
	if text != "" {
		w.WriteString(strings.Repeat(" ", indent))
	}
	w.WriteString(printable(text) + "\n")
}

// printable takes out what would steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// cut shortens a long list.
func cut(texts []string) []string {
	if len(texts) > maxShown+1 {
		return append(texts[:maxShown:maxShown], fmt.Sprintf("and %d more", len(texts)-maxShown))
	}
	return texts
}
