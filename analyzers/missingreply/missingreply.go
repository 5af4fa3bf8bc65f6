// Package missingreply finds requests that a handler leaves without an answer (SKY203).
package missingreply

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/answer"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each place once where a handler of a request that is surely made returns
// without an answer.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.MissingReply}, System: run}

type place struct {
	file int32
	node syntax.Node
}

type checker struct {
	p     *analyzers.SystemPass
	found analyzers.Shared[place]
}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p}
	for _, s := range p.Services {
		var answers *answer.Service
		for _, e := range s.Entries {
			m := request(p.System, e)
			if m == nil {
				continue
			}
			if answers == nil {
				answers = p.Answers().Service(s)
			}
			c.entry(answers, s, e, m)
			c.givesUp(s, e, m)
		}
		for _, e := range s.Entries {
			c.unpacks(s, e)
		}
	}
	c.found.Report(p)
}

// request returns the first message that surely calls an entry and waits, or nil.
func request(sys *effect.System, e *effect.Entry) *effect.Message {
	for _, m := range sys.Senders(e) {
		if m.API == nil || m.API.WaitsFor == models.WaitNone || m.Kind != effect.Call && m.Kind != effect.Cluster {
			continue
		}
		plain := m.Command == "" && m.Reason == "" && alone(sys, m)
		if e.Kind == effect.Dispatch && plain || e.Kind == effect.Command && (m.Certain || m.Implied) {
			return m
		}
	}
	return nil
}

// alone reports whether a message can go to no other service.
func alone(sys *effect.System, m *effect.Message) bool {
	messages := sys.Messages(m.From, m.Entry)
	for i := range messages {
		if o := &messages[i]; o.Raw == m.Raw && o.Site == m.Site && o.To != m.To {
			return false
		}
	}
	return true
}

// entry looks at what handles one kind of request.
func (c *checker) entry(a *answer.Service, s *effect.Service, e *effect.Entry, m *effect.Message) {
	var handler *effect.Entry
	for _, d := range s.Entries {
		if d.Kind != effect.Dispatch || d.Protocol != e.Protocol {
			continue
		}
		if handler != nil {
			return // which of them is in force is not known
		}
		handler = d
	}
	if handler == nil || len(handler.Functions) != 1 || s.IsOpen("") || !c.answersItself(handler) {
		return
	}
	h := handler.Functions[0]
	if a.Keeps(h) {
		return
	}
	o := a.Handle(h, e, path.Nothing)
	if o.Answers > 0 || e.Kind != effect.Command || len(e.Functions) == 0 {
		if o.Answers > 0 && len(e.Functions) > 0 {
			o = a.Handle(h, e, both(a, e))
		}
		c.exits(s, e, m, h, &o)
		return
	}
	if !missing(&o) {
		return
	}
	// The handler never answers: each function does, or should.
	for _, f := range e.Functions {
		c.exits(s, e, m, f, a.Function(f))
	}
}

// answersItself reports whether a handler is called for each message as it is, with its session:
// the frames of gates answer with what their handlers return.
func (c *checker) answersItself(handler *effect.Entry) bool {
	plain := false
	site := handler.Registered
	call := &c.p.Values.IR(site.File).Calls[site.Call]
	for _, atom := range c.p.Values.Values(site.File, call.Callee) {
		if e := c.p.Values.Atom(atom).Entry; e != nil {
			plain = e.Path == "skynet.dispatch" || e.Path == "skynet.register_protocol"
		}
	}
	return plain
}

// both is the effect of an entry's functions, of which any may run.
func both(a *answer.Service, e *effect.Entry) path.Effect {
	out := a.Function(e.Functions[0]).Effect()
	for _, f := range e.Functions[1:] {
		if a.Function(f).Effect() != out {
			return path.May
		}
	}
	return out
}

func missing(o *path.Outcome) bool {
	for _, x := range o.Exits {
		if x.State.Missing() {
			return true
		}
	}
	return false
}

// exits reports where a function returns without an answer.
func (c *checker) exits(s *effect.Service, e *effect.Entry, m *effect.Message, f effect.Function, o *path.Outcome) {
	always := true
	for _, x := range o.Exits {
		always = always && x.State == path.None
	}
	file := c.p.Values.Program().Files[f.File]
	exits := o.Exits
	if node := file.Scope.Funcs[f.Func].Node; always && len(exits) > 1 && node != syntax.None {
		exits = []path.Exit{{At: node, State: path.None}} // it is the function, not one of its ways
	}
	for _, x := range exits {
		if !x.State.Missing() {
			continue
		}
		message := fmt.Sprintf("'%s' is called, and returns here without an answer", e.Name())
		if always {
			message = fmt.Sprintf("'%s' is called, and never answered", e.Name())
		}
		d := c.report(s, e, m, place{f.File, x.At}, message, "answer with skynet.retpack(), even if there is nothing to say, or raise an error")
		if node := file.Scope.Funcs[f.Func].Node; d != nil && node != syntax.None && node != x.At {
			d.Related = append(d.Related, rules.Related{Location: c.at(f.File, node), Message: "it is handled by this function"})
		}
	}
}

// report reports a place of a request that is surely made, and returns what it says; nil if the
// place was reported before.
func (c *checker) report(s *effect.Service, e *effect.Entry, m *effect.Message, k place, message, help string) *rules.Diagnostic {
	if c.found.In(s.Name, k) {
		return nil
	}
	d := &rules.Diagnostic{
		Rule: rules.MissingReply, Location: c.at(k.file, k.node), Key: e.Name(), Message: message,
		Label: "the caller waits for ever", Help: []string{help},
		Related:  []rules.Related{{Location: c.p.At(m.Site), Message: "it is called here"}},
		Services: []string{s.Name},
	}
	c.found.Add(k, d)
	return d
}

// at returns the first line of a node, so that a whole function or branch is not marked.
func (c *checker) at(file int32, n syntax.Node) rules.Location {
	f := c.p.Values.Program().Files[file]
	span := f.Tree.Span(n)
	if line := f.Line(span.Start); f.Line(span.End) > line {
		span.End = span.Start + uint32(len(f.LineText(line))) - (span.Start - f.LineStart(line))
	}
	return f.AtSpan(span.Start, span.End)
}
