// Package badspawnargument finds arguments that do not reach a launched service as they are
// (SKY311).
package badspawnargument

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each argument of a launch that the launcher cannot write as one word: the
// arguments of a service are joined by spaces and taken apart again.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.BadSpawnArgument}, System: run}

// A fault is what is wrong with an argument.
type fault struct {
	message, label string
	help           string
	severity       rules.Severity
}

type checker struct {
	p       *analyzers.SystemPass
	callers map[effect.Function][]effect.Site
	seen    map[place]bool
}

type place struct {
	file int32
	node syntax.Node
}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, seen: map[place]bool{}}
	for i, f := range p.Values.Program().Files {
		for k := range f.Summary.Uses {
			if u := &f.Summary.Uses[k]; u.Kind == loads.Launch && !u.Wrapped {
				c.launch(int32(i), u)
			}
		}
	}
}

// launch looks at the arguments of one call.
func (c *checker) launch(file int32, u *loads.Use) {
	raw := strings.HasSuffix(u.API, ".launch") // it takes a command line
	for i, arg := range u.Args {
		c.argument(file, arg, u.Node, i+1 < len(u.Args), raw, 0)
	}
}

// maxDepth is how many functions between a value and the launch are looked through.
const maxDepth = 3

// argument looks at one argument, or where a function hands its own parameter on, at what its
// callers give it.
func (c *checker) argument(file int32, n, launch syntax.Node, more, raw bool, depth int) {
	f := c.p.Values.Program().Files[file]
	if bad := judge(f, n, more); bad != nil {
		if !(raw && bad.severity == rules.Warning) {
			c.report(f, file, n, launch, bad)
		}
		return
	}
	terms := c.p.Values.IR(file)
	d := terms.Term(terms.Of(n))
	if d.Kind != ir.Parameter && d.Kind != ir.Extra || depth == maxDepth {
		return
	}
	fn := effect.Function{File: file, Func: f.Scope.FuncOf(n)}
	if int32(fn.Func) != d.A {
		return
	}
	index, params := int(d.B), c.p.Values.Parameters(file, fn.Func)
	for _, site := range c.callersOf(fn) {
		call := &c.p.Values.IR(site.File).Calls[site.Call]
		list := call.Args.Terms
		nodes := arguments(c.p.Values.Program().Files[site.File].Tree, call)
		from, to := index, index+1
		if d.Kind == ir.Extra {
			from, to = params+index, len(list) // it hands on all that is left
		}
		for i := from; i < to && i < len(nodes); i++ {
			c.argument(site.File, nodes[i], call.Node, more || i+1 < to && i+1 < len(nodes), raw, depth+1)
		}
	}
}

// arguments returns the expressions that a call is given, with its receiver first for a method.
func arguments(t *syntax.Tree, call *ir.Call) []syntax.Node {
	if t.Kind(call.Node) == syntax.MethodCall {
		receiver, _, args := t.MethodCall(call.Node)
		return append([]syntax.Node{receiver}, args...)
	}
	_, args := t.Call(call.Node)
	return args
}

// callersOf returns the calls that call a function by itself, with their arguments as they are.
func (c *checker) callersOf(fn effect.Function) []effect.Site {
	if c.callers == nil {
		c.callers = map[effect.Function][]effect.Site{}
		for i := range c.p.Values.Program().Files {
			for k := range c.p.Values.IR(int32(i)).Calls {
				site := effect.Site{File: int32(i), Call: int32(k)}
				c.p.Values.Callees(site.File, site.Call, func(callee solve.Callee) {
					if d := c.p.Values.Atom(callee.Atom); d.Kind == solve.Function && !callee.Indirect && callee.First == 0 {
						to := effect.Function{File: d.File, Func: d.Func}
						c.callers[to] = append(c.callers[to], site)
					}
				})
			}
		}
	}
	return c.callers[fn]
}

// judge returns what is wrong with an argument as far as the text says it, or nil. Another one may
// stand behind it.
func judge(f *program.File, n syntax.Node, more bool) *fault {
	t := f.Tree
	n = f.API.Origin(n)
	switch t.Kind(n) {
	case syntax.Table:
		return raises("a table", "send the table in a message once the service has started, or write it as a string without spaces")
	case syntax.Function:
		return raises("a function", "a service shares no functions with others: send it a message")
	case syntax.True, syntax.False:
		return raises("a boolean", "pass a word, such as \"true\", and compare it in the service")
	case syntax.Nil:
		if more {
			return raises("nil", "pass a word that stands for nothing, such as \"-\"")
		}
	case syntax.Unary:
		if op, _ := t.Unary(n); op == syntax.Not {
			return raises("a boolean", "pass a word, such as \"true\", and compare it in the service")
		}
	case syntax.Binary:
		op, left, right := t.Binary(n)
		switch op {
		case syntax.Lt, syntax.Gt, syntax.Le, syntax.Ge, syntax.Eq, syntax.Ne:
			return raises("a boolean", "pass a word, such as \"true\", and compare it in the service")
		case syntax.And:
			return judge(f, right, more)
		case syntax.Or:
			if bad := judge(f, right, more); bad != nil {
				return bad
			}
			if k := t.Kind(f.API.Origin(left)); k == syntax.Binary || k == syntax.Table || k == syntax.Function {
				return judge(f, left, more)
			}
		case syntax.Concat:
			if spaced(f, n) {
				return splits("a string with a space in it")
			}
		}
	case syntax.String:
		switch text := t.Str(n); {
		case strings.Trim(text, space) == "":
			return splits("an empty string")
		case strings.ContainsAny(text, space):
			return splits("a string with a space in it")
		}
	}
	return nil
}

const space = " \t\n\v\f\r"

// spaced reports whether some text that is a part of a concatenation has a space in it.
func spaced(f *program.File, n syntax.Node) bool {
	n = f.API.Origin(n)
	switch t := f.Tree; t.Kind(n) {
	case syntax.String:
		return strings.ContainsAny(t.Str(n), space)
	case syntax.Binary:
		op, left, right := t.Binary(n)
		return op == syntax.Concat && (spaced(f, left) || spaced(f, right))
	}
	return false
}

func raises(what, help string) *fault {
	return &fault{fmt.Sprintf("%s cannot be an argument of a service", what), "the launch fails: arguments are joined into one string", help, rules.Error}
}

func splits(what string) *fault {
	f := &fault{
		fmt.Sprintf("%s does not arrive as one argument", what), "the service gets each word as an argument of its own",
		"send it in a message once the service has started, or leave the spaces out", rules.Warning,
	}
	if what == "an empty string" {
		f.label = "the service gets the next argument in its place"
		f.help = "pass a word that stands for nothing, such as \"-\""
	}
	return f
}

func (c *checker) report(f *program.File, file int32, n, launch syntax.Node, bad *fault) {
	k := place{file, n}
	if c.seen[k] {
		return
	}
	c.seen[k] = true
	c.p.Report(rules.Diagnostic{
		Rule: rules.BadSpawnArgument, Severity: bad.severity, Location: line(f, n), Key: f.Tree.Text(f.API.Origin(n)),
		Message: bad.message, Label: bad.label, Help: []string{bad.help},
		Related: []rules.Related{{Location: line(f, launch), Message: "it is launched here"}},
	})
}

// line returns the first line of a node.
func line(f *program.File, n syntax.Node) rules.Location {
	span := f.Tree.Span(n)
	end := f.LineStart(f.Line(span.Start)) + uint32(len(f.LineText(f.Line(span.Start))))
	return f.AtSpan(span.Start, min(span.End, end))
}
