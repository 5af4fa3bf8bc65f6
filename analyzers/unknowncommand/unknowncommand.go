// Package unknowncommand finds messages with a command that their receiver does not have (SKY307).
package unknowncommand

import (
	"fmt"
	"slices"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/accept"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/rules"
)

// Analyzer reports each call once for each command.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.UnknownCommand}, System: run}

// A question is one message of the text, to whichever services it may go.
type question struct {
	site, raw effect.Site
	command   string
}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, accepts: accept.New(p.System)}
	for _, s := range p.Services {
		for _, e := range s.Entries {
			groups := map[question][]*effect.Message{}
			var order []question
			messages := p.Messages(s, e)
			for i := range messages {
				m := &messages[i]
				if m.Command == "" || m.API == nil || m.Implied || m.Kind == effect.Launch {
					continue
				}
				k := question{m.Site, m.Raw, m.Command}
				if groups[k] == nil {
					order = append(order, k)
				}
				groups[k] = append(groups[k], m)
			}
			for _, k := range order {
				c.message(groups[k])
			}
		}
	}
	c.found.Report(p)
}

type place struct {
	site    effect.Site
	command string
}

type checker struct {
	p       *analyzers.SystemPass
	accepts *accept.System
	found   analyzers.Shared[place]
}

// message looks at what one call may send with one command.
func (c *checker) message(all []*effect.Message) {
	m := all[0]
	if m.To == nil || m.Vague {
		return
	}
	var known []string
	for _, o := range all {
		if o.To == nil || o.Target != nil || o.Native != "" {
			return
		}
		set := c.accepts.Commands(o.To, o.Protocol)
		if !set.Closed || set.Has(m.Command) {
			return
		}
		known = append(known, set.Names...)
	}
	k := place{m.Site, m.Command}
	if c.found.Of(k) != nil {
		return
	}
	if !m.Certain && !c.alone(m) || !c.p.IsWhole(m) {
		return
	}
	c.found.Add(k, c.diagnose(all, known))
}

// alone reports whether a call sends one command, to whichever services: where it sends several
// to several, not each goes to each.
func (c *checker) alone(m *effect.Message) bool {
	messages := c.p.Messages(m.From, m.Entry)
	for i := range messages {
		if o := &messages[i]; o.Raw == m.Raw && o.Site == m.Site && o.Command != m.Command {
			return false
		}
	}
	return true
}

func (c *checker) diagnose(all []*effect.Message, known []string) *rules.Diagnostic {
	m := all[0]
	d := &rules.Diagnostic{
		Rule: rules.UnknownCommand, Location: c.p.At(m.Site), Key: m.Command,
		Message: fmt.Sprintf("'%s' has no command '%s'", m.To.Name, m.Command),
		Label:   "the message is refused",
	}
	if m.Kind == effect.Send {
		d.Label = "the message is lost"
	}
	slices.Sort(known)
	known = slices.Compact(known)
	if best, ok := nearest.Of(m.Command, slices.Values(known)); ok {
		d.Help = append(d.Help, fmt.Sprintf("did you mean '%s'?", best))
	} else {
		d.Help = append(d.Help, "send a command that the service has, or add this one to it")
	}
	var programs []*effect.Service // a program that differs from node to node is one
	for _, o := range all {
		if slices.ContainsFunc(programs, func(s *effect.Service) bool { return s.Main == o.To.Main && s.Program == o.To.Program }) {
			continue
		}
		programs = append(programs, o.To)
		for _, e := range o.To.Entries {
			if e.Kind != effect.Dispatch || e.Protocol != o.Protocol || len(e.Functions) == 0 {
				continue
			}
			at := c.p.At(e.Registered)
			d.Related = append(d.Related, rules.Related{Location: firstLine(at), Message: fmt.Sprintf("'%s' handles its messages here", o.To.Name)})
			break
		}
	}
	if n := len(programs); n > 1 {
		d.Message = fmt.Sprintf("none of the %d services that this can reach has a command '%s'", n, m.Command)
	}
	d.Services = []string{m.From.Name}
	return d
}

// firstLine cuts a location to the first line of it: a handler is long.
func firstLine(l rules.Location) rules.Location {
	if line := l.File.Line(l.Start); l.File.Line(l.End) > line {
		l.End = l.File.LineStart(line) + uint32(len(l.File.LineText(line)))
	}
	return l
}
