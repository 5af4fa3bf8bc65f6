// Package inspect says what the analysis knows at a place of the text: which function it is in,
// which services and handlers get there, where the messages of its calls go, and what its names
// stand for; or why that is not known.
package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

// A Place is what is known at a line, or at a column of it.
type Place struct {
	Path         string
	Line, Column int // Column is 0 for the whole line; in code points
	Text         string
	// Function is where the line stands: "function CMD.login, lines 12 to 40".
	Function string
	// Note says why little is known, if there is a reason for the whole file; else it is empty.
	Note     string
	Services []Service
	Calls    []Call
	Values   []Value
}

// A Service is one that loads the file.
type Service struct {
	Name string
	// How says why it has the file: "its main file", "required by service/x.lua:3".
	How string
	// Entries are what of it gets to the function: "init", "command login".
	Entries []string
}

// A Call is a call that begins on the line.
type Call struct {
	Column   int
	Text     string
	Callees  []string // what it may call
	Waits    bool     // it may suspend its coroutine
	Sends    bool     // what it calls sends messages
	Messages []Message
}

// A Message is what a call sends, and from where.
type Message struct {
	Text string
	From []Origin
}

// An Origin is what gets to a call: an entry, and the services whose entry gets there.
type Origin struct {
	Entry    string
	Services []string
}

// A Value is what a name on the line may stand for.
type Value struct {
	Name  string
	Atoms []string // sorted
	// Why says why nothing, or not everything, is known; empty where all is.
	Why string
}

// At returns what is known at a line of a file, from 1, and, unless it is 0, a column of it,
// counted in code points. The line must be one of the file. shown returns how the path of a file
// is shown.
func At(sys *effect.System, f *program.File, line, column int, shown func(path string) string) *Place {
	in := &inspector{sys: sys, prog: sys.Values.Program(), file: f, id: sys.Values.FileOf(f), terms: sys.Values.IR(sys.Values.FileOf(f)), shown: shown}
	p := &Place{Path: shown(f.Path), Line: line, Column: column, Text: f.LineText(line)}
	in.start = f.LineStart(line)
	in.end = in.start + uint32(len(p.Text))
	in.offset = in.start + uint32(len(p.Text)-len(strings.TrimLeft(p.Text, " \t")))
	if column > 0 {
		in.narrow = true
		in.offset = in.start
		for range column - 1 {
			_, size := utf8.DecodeRuneInString(f.Text[in.offset:in.end])
			in.offset += uint32(size)
		}
	}
	in.fn = in.functionAt()
	p.Function = in.describeFunction(in.fn)
	if f.Vendored != "" && len(f.Services) == 0 {
		p.Note = "this is other people's code that no service loads: what it does is not followed"
	}
	p.Services = in.services()
	p.Calls = in.calls()
	p.Values = in.values()
	return p
}

// inspector looks at one line.
type inspector struct {
	sys   *effect.System
	prog  *program.Program
	file  *program.File
	id    int32
	terms *ir.File
	shown func(string) string

	start, end, offset uint32 // of the line, and of the place on it
	narrow             bool   // only what is at offset
	fn                 scope.Func
	told               map[syntax.Node]bool // names that a call has told of
}

// here reports whether a node begins on the line, and holds the offset if there is one.
func (in *inspector) here(n syntax.Node) bool {
	start, end := in.file.Tree.Start(n), in.file.Tree.End(n)
	if in.narrow {
		return start <= in.offset && in.offset < end && start >= in.start
	}
	return in.start <= start && start < in.end
}

// functionAt returns the innermost function around the place. A line that defines a function
// counts as a part of it, unless a column says better.
func (in *inspector) functionAt() scope.Func {
	t := in.file.Tree
	best := scope.Main
	for i := range in.file.Scope.Funcs {
		n := in.file.Scope.Funcs[i].Node
		if n == syntax.None {
			continue
		}
		from, to := t.Start(n), t.End(n)
		if !in.narrow && in.start <= from && from < in.end && to > in.end {
			switch t.Kind(t.Parent(n)) {
			case syntax.FunctionStat, syntax.LocalFunction, syntax.GlobalFunc, syntax.LocalStat, syntax.AssignStat, syntax.Field:
				return scope.Func(i)
			}
		}
		if from <= in.offset && in.offset < to && (best == scope.Main || from >= t.Start(in.file.Scope.Funcs[best].Node)) {
			best = scope.Func(i)
		}
	}
	return best
}

// services returns the services that load the file, and what of them gets to the function.
func (in *inspector) services() []Service {
	var list []Service
	for _, s := range in.sys.Loading(in.id) {
		out := Service{Name: s.Name, How: in.how(s)}
		fn := effect.Function{File: in.id, Func: in.fn}
		reached := in.sys.ReachedBy(s, fn)
		for _, e := range reached {
			if e.Kind == effect.Dispatch && !slices.Contains(e.Functions, fn) && hasCommand(reached, e.Protocol) {
				continue // by a command, which says it better
			}
			if name := entryName(e); !slices.Contains(out.Entries, name) {
				out.Entries = append(out.Entries, name)
			}
		}
		list = append(list, out)
	}
	return list
}

// hasCommand reports whether one of some entries is a command of a protocol.
func hasCommand(entries []*effect.Entry, protocol string) bool {
	return slices.ContainsFunc(entries, func(e *effect.Entry) bool { return e.Kind == effect.Command && e.Protocol == protocol })
}

// entryName names an entry for people.
func entryName(e *effect.Entry) string {
	switch e.Kind {
	case effect.Init:
		return "init"
	case effect.Command:
		return "command " + short(e.Command)
	}
	return "the handler of " + e.Protocol
}

// how says why a service has the file.
func (in *inspector) how(s *effect.Service) string {
	if s.Main == in.file.File {
		return s.Kind.String() + ", this is its main file"
	}
	for i := range s.Requires {
		r := &s.Requires[i]
		if slices.Contains(r.Files, in.file.File) {
			how := s.Kind.String() + ", loads it at " + fmt.Sprintf("%s:%d", in.shown(r.From.Path), r.From.Tree.Line(r.Use.Node))
			if r.Reason != 0 {
				how += ", perhaps: " + r.Reason.String()
			}
			return how
		}
	}
	if in.file.Roles.Has(project.Preload) || in.file.Roles.Has(project.Loader) {
		return s.Kind.String() + ", its node runs it first"
	}
	return s.Kind.String() + ", loads it"
}

// calls returns what is known of the calls on the line, the outer before the inner ones.
func (in *inspector) calls() []Call {
	in.told = map[syntax.Node]bool{}
	var sites []int32
	for i := range in.terms.Calls {
		if in.here(in.terms.Calls[i].Node) {
			sites = append(sites, int32(i))
		}
	}
	t := in.file.Tree
	slices.SortStableFunc(sites, func(a, b int32) int {
		na, nb := in.terms.Calls[a].Node, in.terms.Calls[b].Node
		return cmp.Or(cmp.Compare(t.Start(na), t.Start(nb)), cmp.Compare(t.End(nb), t.End(na)))
	})
	if len(sites) == 0 {
		return nil
	}
	suspensions := suspend.Find(in.sys)
	sent := in.messages(sites)
	var list []Call
	for _, c := range sites {
		call := &in.terms.Calls[c]
		out := Call{Column: in.column(call.Node), Text: short(t.Text(call.Node)), Messages: sent[c]}
		in.sys.Values.Callees(in.id, c, func(callee solve.Callee) {
			text := in.describe(callee.Atom)
			if callee.Indirect {
				text = "hands on " + text
			}
			if !slices.Contains(out.Callees, text) {
				out.Callees = append(out.Callees, text)
			}
			if d := in.sys.Values.Atom(callee.Atom); d.Kind == solve.API && effect.Sends(d.Entry) {
				out.Sends = true
			}
		})
		if k := t.Kind(call.Node); k == syntax.Call {
			callee, _ := t.Call(call.Node)
			if len(out.Callees) > 0 {
				in.told[callee] = true
			} else {
				out.Callees = []string{"what is called is not known: " + cmp.Or(in.why(call.Callee), "nothing is known of its value")}
			}
		} else if len(out.Callees) == 0 {
			out.Callees = []string{"what is called is not known: " + cmp.Or(in.why(call.Callee), "nothing is known of its receiver")}
		}
		_, out.Waits = suspensions.At(in.id, call.Node)
		list = append(list, out)
	}
	return list
}

// messages returns what the calls send, in all services, by call.
func (in *inspector) messages(sites []int32) map[int32][]Message {
	out := map[int32][]Message{}
	for _, s := range in.sys.Loading(in.id) {
		for _, c := range sites {
			site := effect.Site{File: in.id, Call: c}
			var shared []func() // what the handlers of protocols send here, most of it for a command
			commands := false
			for _, e := range s.Entries {
				ms := in.sys.Messages(s, e)
				for i := range ms {
					switch {
					case !ms[i].Passes(site):
					case e.Kind == effect.Dispatch:
						shared = append(shared, func() { out[c] = addMessage(out[c], in.message(&ms[i]), s.Name, entryName(e)) })
					default:
						commands = commands || e.Kind == effect.Command
						out[c] = addMessage(out[c], in.message(&ms[i]), s.Name, entryName(e))
					}
				}
			}
			for _, add := range shared {
				if !commands {
					add()
				}
			}
		}
	}
	return out
}

func addMessage(list []Message, text, service, entry string) []Message {
	i := slices.IndexFunc(list, func(m Message) bool { return m.Text == text })
	if i < 0 {
		i = len(list)
		list = append(list, Message{Text: text})
	}
	m := &list[i]
	k := slices.IndexFunc(m.From, func(o Origin) bool { return o.Entry == entry })
	if k < 0 {
		k = len(m.From)
		m.From = append(m.From, Origin{Entry: entry})
	}
	if o := &m.From[k]; !slices.Contains(o.Services, service) {
		o.Services = append(o.Services, service)
	}
	return list
}

// message says where a message goes.
func (in *inspector) message(m *effect.Message) string {
	var b strings.Builder
	b.WriteString(m.Kind.String())
	switch {
	case m.Native != "":
		b.WriteString(" to " + m.Native + ", a service of C code")
	case m.To != nil:
		b.WriteString(" to " + m.To.Name)
	default:
		b.WriteString(" to a service that is not known: " + m.Reason)
	}
	if m.Kind != effect.Launch {
		switch {
		case m.Command != "":
			b.WriteString(", command " + short(m.Command))
		case m.To != nil && m.Reason != "":
			b.WriteString(", command not known: " + m.Reason)
		}
		if m.Protocol != "lua" {
			b.WriteString(", protocol " + m.Protocol)
		}
		switch {
		case m.To == nil:
		case m.Target == nil && m.Command != "":
			b.WriteString(", which nothing there is known to handle")
		case m.Target != nil && m.Target.Kind == effect.Command && len(m.Target.Functions) > 0:
			b.WriteString(", handled at " + in.functionPlace(m.Target.Functions[0]))
		case m.Target != nil && m.Target.Kind == effect.Dispatch && m.Command != "" && len(m.Target.Functions) > 0:
			b.WriteString(", perhaps handled at " + in.functionPlace(m.Target.Functions[0]))
		}
	}
	if (m.To != nil || m.Native != "") && !m.Certain && m.Reason == "" {
		b.WriteString("; one of several possibilities")
	}
	return b.String()
}

func (in *inspector) functionPlace(f effect.Function) string {
	file := in.prog.Files[f.File]
	if f.Func == scope.Main {
		return in.shown(file.Path)
	}
	return fmt.Sprintf("%s:%d", in.shown(file.Path), file.Tree.Line(file.Scope.Funcs[f.Func].Node))
}

func (in *inspector) column(n syntax.Node) int {
	return in.file.RunePosition(in.file.Tree.Start(n)).Column
}
