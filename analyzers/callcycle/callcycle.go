// Package callcycle finds handlers that call each other in a circle (SKY301), and services whose
// starts wait for each other (SKY302).
package callcycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/wait"
	"github.com/skylint/skylint/rules"
)

// Analyzer reports each circle once, at the first step.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.CallCycle, rules.InitCycle}, System: run}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, graph: wait.Find(p.System, p.Suspensions()), reported: map[rules.Location]bool{}}
	for _, found := range c.graph.Handlers() {
		if !c.queued(&found) {
			c.handlers(&found)
		}
	}
	for _, found := range c.graph.Starts() {
		c.starts(&found)
	}
}

type checker struct {
	p        *analyzers.SystemPass
	graph    *wait.Graph
	queues   *wait.Queues // nil until somebody asks
	reported map[rules.Location]bool
}

// sure reports whether each step of a circle is surely taken, and to the service that it shows.
func (c *checker) sure(found *wait.Cycle) bool {
	for i := range found.Edges {
		if e := &found.Edges[i]; !e.Certain || !c.graph.Always(e) {
			return false
		}
	}
	return true
}

// queued reports whether a queue ends a circle: a handler calls while it holds one that the circle enters, so that
// the second round waits for the first, and no third begins. That is for SKY303 to say.
func (c *checker) queued(found *wait.Cycle) bool {
	if c.queues == nil {
		c.queues = wait.FindQueues(c.p.System, c.p.Suspensions())
	}
	steps := map[effect.Site]bool{}
	for i := range found.Edges {
		steps[found.Edges[i].Raw] = true
	}
	for i := range found.Edges {
		for _, r := range c.queues.Reentries(found.Edges[i].From.Service) {
			if !slices.ContainsFunc(r.Messages, func(m effect.Message) bool { return !steps[m.Raw] }) {
				return true
			}
		}
	}
	return false
}

// handlers reports a circle of calls.
func (c *checker) handlers(found *wait.Cycle) {
	d := c.diagnose(rules.CallCycle, found)
	first := &found.Edges[0]
	d.Label = "each handler waits for the next, and each round starts them all anew"
	if len(found.Edges) == 1 {
		d.Message = fmt.Sprintf("'%s' calls itself, and waits", name(first.From))
		d.Label = "the handler waits for itself, and each round starts it anew"
	} else {
		d.Message = "handlers call each other in a circle: " + around(found)
	}
	d.Help = []string{"answer without asking back, or send what needs no answer; else make sure that the circle is left"}
	if c.sure(found) {
		d.Severity = rules.Error
		d.Label = "no path leaves the circle"
	}
	c.report(d)
}

// starts reports a circle of starts.
func (c *checker) starts(found *wait.Cycle) {
	d := c.diagnose(rules.InitCycle, found)
	first := &found.Edges[0]
	unique := false // somebody waits for the one service of its name, which has begun already
	for i := range found.Edges {
		unique = unique || found.Edges[i].Kind == wait.Unique || found.Edges[i].Kind == wait.Asked
	}
	switch {
	case len(found.Edges) == 1 && unique:
		d.Message = fmt.Sprintf("'%s' waits for its own start", first.From.Service.Name)
		d.Label = "this waits for the end of the start that it is a part of"
		d.Help = []string{"use skynet.self()"}
	case len(found.Edges) == 1 && first.From.IsStart():
		d.Message = fmt.Sprintf("'%s' launches another '%s' whenever it starts", first.From.Service.Name, first.From.Service.Name)
		d.Label = "this goes on until the memory is used up"
		d.Help = []string{"launch it from elsewhere, or only on a condition, such as an argument"}
	case unique:
		d.Message = "the starts of services wait for each other: " + around(found)
		d.Label = "none of them ends"
		d.Help = []string{"launch one of them before the other's start needs it, or ask for it after the start: skynet.fork(function() ... end)"}
	default:
		d.Message = "the starts of services launch each other: " + around(found)
		d.Label = "each round launches them anew, without an end"
		d.Help = []string{"launch one of them as the only one of its name, or from elsewhere"}
	}
	if c.sure(found) {
		d.Severity = rules.Error
	}
	c.report(d)
}

// diagnose returns what the reports of both rules have in common: the steps.
func (c *checker) diagnose(rule *rules.Rule, found *wait.Cycle) rules.Diagnostic {
	d := rules.Diagnostic{Rule: rule, Severity: rules.Note, Location: c.p.At(found.Edges[0].Site), Key: around(found)}
	for i := range found.Edges {
		e := &found.Edges[i]
		d.Path = append(d.Path, rules.Step{Location: c.p.At(e.Site), Message: step(e)})
		if i == 0 || e.From.Service != found.Edges[i-1].From.Service {
			d.Services = append(d.Services, e.From.Service.Name)
		}
	}
	return d
}

// step says what one step of a circle waits for.
func step(e *wait.Edge) string {
	from := fmt.Sprintf("'%s'", name(e.From))
	if e.From.IsStart() {
		from = fmt.Sprintf("the start of '%s'", e.From.Service.Name)
	}
	switch e.Kind {
	case wait.Reply:
		return fmt.Sprintf("%s waits for '%s'", from, name(e.To))
	case wait.Fresh:
		return fmt.Sprintf("%s launches '%s', and waits for its start", from, e.To.Service.Name)
	case wait.Asked:
		return fmt.Sprintf("%s waits until '%s' is there", from, e.To.Service.Name)
	}
	return fmt.Sprintf("%s waits for the start of '%s'", from, e.To.Service.Name)
}

func name(p wait.Point) string { return p.Service.Name + "." + p.Entry.Name() }

// around names the points of a circle: "a.x → b.y → a.x".
func around(found *wait.Cycle) string {
	var b strings.Builder
	for i := range found.Edges {
		b.WriteString(name(found.Edges[i].From) + " → ")
	}
	return b.String() + name(found.Edges[0].From)
}

// report reports a circle, unless another one begins at the same call: services that differ in
// their nodes alone go round alike.
func (c *checker) report(d rules.Diagnostic) {
	if !c.reported[d.Location] {
		c.reported[d.Location] = true
		c.p.Report(d)
	}
}
