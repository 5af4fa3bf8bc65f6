package effect

import (
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/project"
)

// maxCarried is how many values of a message are followed.
const maxCarried = 8

// connect lets messages carry values: the arguments behind the command to the functions that
// handle it, and what they reply to the call. It reports whether anything became known by that.
func (sys *System) connect() bool {
	answered := map[reply]bool{}
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			for i := range e.messages {
				if m := &e.messages[i]; m.To != nil && m.Target != nil {
					if !m.Implied { // what a library sends of its own is not read
						sys.deliver(m)
					}
					if m.Kind == Call {
						sys.answer(m, answered)
					}
				}
			}
		}
	}
	return sys.Values.Continue()
}

// deliver carries the values of one message.
func (sys *System) deliver(m *Message) {
	functions, first, source := m.Target.Functions, m.Target.First, m.Target.Source
	if m.Kind == Launch {
		functions, first = sys.started(m.To), 0
	} else if d := m.To.Dispatches(m.Protocol); len(functions) == 0 && d != nil { // the handler itself does it
		functions, first, source = d.Functions, d.First, d.Source
	}
	if len(m.Target.Functions) == 0 && m.Kind != Launch && sys.deliverArms(m) {
		m = &Message{From: m.From, Kind: m.Kind, payload: payload{file: -1}} // the sender's address is left
	}
	for _, fn := range functions {
		if source >= 0 && m.Kind != Launch && m.Kind != Cluster {
			sys.Values.PassAddress(m.From.Service, fn.File, fn.Func, source)
		}
		if m.payload.file < 0 {
			continue
		}
		for i := range maxCarried {
			at, ok := sys.place(m, m.payload.from+i)
			if !ok {
				break
			}
			sys.pass(m.From, at, fn, first+i)
		}
	}
}

// pass carries a value of a service to a parameter of a function.
func (sys *System) pass(from *Service, at solve.Place, to Function, i int) {
	sys.Values.Pass(at, to.File, to.Func, i)
	if sys.ownAddress(from, sys.Values.Item(at.File, at.List, at.Index)) {
		sys.Values.PassAddress(from.Service, to.File, to.Func, i)
	}
}

// ownAddress reports whether one of some values is the address of the service itself.
func (sys *System) ownAddress(s *Service, atoms []solve.Atom) bool {
	for _, a := range atoms {
		if d := sys.Values.Atom(a); d.Kind == solve.Self && s.Has(d.File) {
			return true
		}
	}
	return false
}

// started returns the function that gets the arguments of a launch.
func (sys *System) started(s *Service) []Function {
	switch s.Kind {
	case project.SnaxService:
		return s.Entries[0].Functions[len(s.World.Files):] // the hook init
	case project.FunctionService:
		for _, f := range s.World.Files {
			if f.File == s.Main {
				return []Function{{sys.Values.FileOf(f), f.Scope.FuncOf(s.Program)}}
			}
		}
	}
	for _, f := range s.World.Files {
		if f.File == s.Main {
			return []Function{{File: sys.Values.FileOf(f)}}
		}
	}
	return nil
}

// Lacks reports whether value i behind the command of a message, from 0, is surely not given.
func (sys *System) Lacks(m *Message, i int) bool {
	if m.payload.file < 0 {
		return false
	}
	_, lacks := sys.trace(m, m.payload.from+i)
	return lacks
}

// Given returns the term that stands for value i behind the command of a message, from 0, and the
// file in which it does; false if no single term does: the value is lacking, or one of many.
func (sys *System) Given(m *Message, i int) (file int32, t ir.Term, ok bool) {
	if m.payload.file < 0 {
		return 0, ir.None, false
	}
	at, lacks := sys.trace(m, m.payload.from+i)
	if lacks || at.Index >= len(at.List.Terms) {
		return 0, ir.None, false
	}
	return at.File, at.List.Terms[at.Index], true
}

// place returns where value i of a message's payload comes from, seen through the wrappers that
// hand it on.
func (sys *System) place(m *Message, i int) (solve.Place, bool) {
	at, lacks := sys.trace(m, i)
	return at, !lacks && at.Index-len(at.List.Terms) < solve.Extras
}

// trace is place, where lacks says that there is no such value.
func (sys *System) trace(m *Message, i int) (at solve.Place, lacks bool) {
	at = solve.Place{File: m.payload.file, List: m.payload.list, Index: i}
	for level := 0; ; level++ {
		f := sys.Values.IR(at.File)
		var d ir.TermData
		switch n := len(at.List.Terms); {
		case at.Index < n:
			d = *f.Term(at.List.Terms[at.Index])
		case at.List.Spread == ir.None:
			return at, true
		default:
			d = *f.Term(at.List.Spread)
			d.B += int32(at.Index - n)
		}
		// frames[0] is the API call itself: what stands there is a parameter of frames[1].fn.
		if level+1 >= len(m.frames) || d.Kind != ir.Parameter && d.Kind != ir.Extra {
			return at, false
		}
		fr := m.frames[level+1]
		if fr.fn.File != at.File || int32(fr.fn.Func) != d.A {
			return at, false
		}
		index := int(d.B)
		if d.Kind == ir.Extra {
			index += sys.Values.Parameters(at.File, fr.fn.Func)
		}
		at = solve.Place{File: fr.site.File, List: sys.call(fr.site).Args, Index: index + fr.first}
	}
}
