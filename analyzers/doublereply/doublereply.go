// Package doublereply finds requests that a handler answers twice (SKY204).
package doublereply

import (
	"fmt"
	"slices"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/answer"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each second answer once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.DoubleReply}, System: run, Long: true}

type place struct {
	file int32
	node syntax.Node
}

type checker struct {
	p     *analyzers.SystemPass
	a     *answer.Service
	s     *effect.Service
	found analyzers.Shared[place]
}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p}
	for _, s := range p.Services {
		c.s, c.a = s, p.Answers().Service(s)
		// Functions that answer, whoever calls them.
		for _, f := range c.a.Answering() {
			if f.Func != scope.Main {
				c.repeats(f, c.a.Function(f))
			}
		}
		if c.a.OnlyHandlers() {
			continue
		}
		// Handlers that answer with what a function returned which has answered itself.
		for _, e := range s.Entries {
			if e.Kind == effect.Command && len(e.Functions) > 0 {
				c.command(e)
			}
		}
	}
	c.found.Report(p)
}

// repeats reports the second answers of one function.
func (c *checker) repeats(f effect.Function, o *path.Outcome) {
	for _, r := range o.Repeats {
		if c.sends(f.File, r.At) || c.sends(f.File, r.First) {
			continue
		}
		c.report(f.File, r.At, f.File, r.First, "")
	}
}

// sends reports whether a call is of an API that sends with the session of a request, as
// skynet.redirect does: it neither wants the request nor takes it away.
func (c *checker) sends(file int32, call syntax.Node) bool {
	f := c.p.Values.Program().Files[file]
	i := slices.IndexFunc(f.Uses, func(u program.Use) bool { return u.Node == call })
	return i >= 0 && f.Uses[i].Entry.Replies == models.ReplyNone
}

// command reports a function of a command that answers where its handler does so too.
func (c *checker) command(e *effect.Entry) {
	handler := c.s.Dispatches(e.Protocol)
	if handler == nil || len(handler.Functions) != 1 || c.s.IsOpen("") {
		return
	}
	h := handler.Functions[0]
	if !slices.ContainsFunc(e.Functions, c.a.Answers) {
		return
	}
	o := c.a.Handle(h, e, path.Answers)
	if len(o.Repeats) == 0 {
		return
	}
	if alone := c.a.Handle(h, e, path.Nothing); len(alone.Repeats) > 0 {
		return // it does so whatever the command
	}
	for _, f := range e.Functions {
		if !c.a.Answers(f) {
			continue
		}
		own := c.a.Function(f)
		if len(own.Calls) == 0 || len(own.Repeats) > 0 {
			continue
		}
		c.report(f.File, own.Calls[len(own.Calls)-1], h.File, o.Repeats[0].At, e.Command)
	}
}

func (c *checker) report(file int32, at syntax.Node, otherFile int32, other syntax.Node, command string) {
	k := place{file, at}
	if c.found.In(c.s.Name, k) {
		return
	}
	f, g := c.p.Values.Program().Files[file], c.p.Values.Program().Files[otherFile]
	d := &rules.Diagnostic{
		Rule: rules.DoubleReply, Location: f.At(at), Key: c.key(file, at),
		Message:  "the request is answered already where this answers it",
		Label:    "this raises 'No session'",
		Help:     []string{"answer once on each path: return after the first answer"},
		Related:  []rules.Related{{Location: g.At(other), Message: "it is answered here before"}},
		Services: []string{c.s.Name},
	}
	if command != "" {
		d.Message = fmt.Sprintf("'%s' answers its request, and so does the handler that called it", command)
		d.Label = "the handler's answer raises 'No session'"
		d.Help = []string{"return the values and let the handler answer, or tell it not to"}
		d.Related[0].Message = "the handler answers here, too"
	}
	c.found.Add(k, d)
}

func (c *checker) key(file int32, at syntax.Node) string {
	t := c.p.Values.Program().Files[file].Tree
	if t.Kind(at) == syntax.Call {
		callee, _ := t.Call(at)
		return t.Text(callee)
	}
	return ""
}
