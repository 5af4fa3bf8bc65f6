// Package unprotectedhandler finds errors that handlers raise over what they were sent, where
// the sender never learns of them (SKY201).
package unprotectedhandler

import (
	"slices"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each place once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.UnprotectedHandler}, System: run}

type place struct {
	file int32
	node syntax.Node
}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p}
	for _, s := range p.Services {
		c.service(s)
	}
	c.found.Report(p)
}

type checker struct {
	p     *analyzers.SystemPass
	found analyzers.Shared[place]
}

// service looks at the handlers of one service.
func (c *checker) service(s *effect.Service) {
	if s.IsOpen("") {
		return
	}
	var bare map[effect.Function]bool // what handlers run outside of any pcall
	for _, e := range s.Entries {
		if e.Kind == effect.Init || !c.lost(s, e) {
			continue
		}
		if bare == nil {
			bare = c.bare(s)
		}
		for _, f := range e.Functions {
			if bare[f] {
				m := &message{checker: c, s: s, e: e, remote: c.p.Remote(e), seen: map[effect.Function]bool{}}
				m.function(f, c.fields(s, e, f), 0)
			}
		}
		if e.Kind == effect.Dispatch && c.p.Remote(e) {
			c.unpacks(s, e)
		}
	}
}

// lost reports whether nobody learns what is raised over a message of an entry: it is sent, or
// comes from a peer.
func (c *checker) lost(s *effect.Service, e *effect.Entry) bool {
	// Services of C code send messages of type text, and wait for no reply.
	if e.Protocol == "text" || c.p.Remote(e) && !c.onlyCalled(s, e) {
		return true
	}
	for _, m := range c.p.Senders(e) {
		if m.Kind == effect.Send && m.API != nil && m.API.WaitsFor == models.WaitNone && (m.Certain || m.Implied || e.Kind == effect.Dispatch) {
			return true
		}
	}
	return false
}

// onlyCalled reports whether other nodes reach a protocol of a service only with calls, as far as
// is known: the answers carry its errors. A handler of which nothing is known takes anything.
func (c *checker) onlyCalled(s *effect.Service, e *effect.Entry) bool {
	if e.Protocol != "lua" {
		return false
	}
	known := false
	for _, other := range s.Entries {
		if other.Protocol != e.Protocol {
			continue
		}
		for _, m := range c.p.Senders(other) {
			if m.Kind != effect.Cluster || m.API == nil {
				continue
			}
			if m.API.WaitsFor == models.WaitNone {
				return false
			}
			known = true
		}
	}
	return known || e.Kind == effect.Command
}

// fields returns which parameters of an entry's function are fields of the message.
func (c *checker) fields(s *effect.Service, e *effect.Entry, f effect.Function) []bool {
	n := c.p.Values.Parameters(f.File, f.Func)
	fields := make([]bool, n)
	for i := range fields {
		switch {
		case e.Protocol == "socket":
			fields[i] = true
		case e.Kind == effect.Dispatch: // function(session, source, command, ...), or function(command, source, ...)
			fields[i] = i == commandOf(s, e, f) || i >= e.First
		default:
			fields[i] = i >= e.First && e.First >= 0 && i != e.Source
		}
	}
	return fields
}

// commandOf returns which parameter of a handler is the command; -1 for none.
func commandOf(s *effect.Service, e *effect.Entry, f effect.Function) int {
	for i := range s.Stages {
		if st := &s.Stages[i]; st.Function == f && st.Protocol == e.Protocol {
			return st.Command
		}
	}
	return -1
}

// report reports a place, with a message that gets there.
func (m *message) report(at syntax.Node, key, text string) {
	m.reportSent(at, key, m.sent(), text, 0)
}

// sent returns a message of the program that gets there and awaits no reply, or nil.
func (m *message) sent() *effect.Message {
	senders := m.p.Senders(m.e)
	if i := slices.IndexFunc(senders, func(s *effect.Message) bool { return s.Kind == effect.Send }); i >= 0 {
		return senders[i]
	}
	return nil
}

// reportSent reports a place with the message that it is about; severity is 0 for that of the rule.
func (m *message) reportSent(at syntax.Node, key string, sent *effect.Message, text string, severity rules.Severity) {
	k := place{m.f.File, at}
	if m.found.In(m.s.Name, k) {
		return
	}
	f := m.p.Values.Program().Files[m.f.File]
	d := &rules.Diagnostic{
		Rule: rules.UnprotectedHandler, Severity: severity, Location: f.At(at), Key: key, Message: text,
		Label:    "what is behind this is not done, and the log is all that says so",
		Help:     []string{"check what was sent and drop it with a line in the log, or run the handler under pcall and tidy up"},
		Services: []string{m.s.Name},
	}
	if severity == rules.Note && m.p.Values.IR(m.f.File).Info.Tree.Kind(at) != syntax.Call {
		d.Label = "if it is not what is meant, what is behind this is not done, and the log is all that says so"
	}
	if sent != nil {
		d.Related = append(d.Related, rules.Related{Location: m.p.At(sent.Site), Message: "such a message is sent here, and no reply awaited"})
	}
	m.found.Add(k, d)
}
