// Package answer finds where handlers answer their requests, and on which paths they do not.
package answer

import (
	"slices"
	"sync"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// A System is where the code of a program answers. It is safe for concurrent use.
type System struct {
	sys *effect.System
	// sites are the functions in which an answer is given, by file, but for those of libraries.
	sites [][]effect.Function

	mu       sync.Mutex // guards all that follows, and the scenes
	services map[*effect.Service]*Service
	shared   [2]*scene // for any service, without and with hidden answers
	pairs    map[[2]int32]bool
	keeps    map[effect.Function]bool
	assigns  []map[scope.Var][]ir.Term // by file; nil until asked for
}

// A Service is what is known of the answers of one service. It is safe for concurrent use.
type Service struct {
	*scene
	// handlers are the functions that get messages, and those that look commands up: what they
	// do depends on the command.
	handlers map[effect.Function]bool
	// answering are the functions in which an answer is given.
	answering []effect.Function
}

// New looks for the answers in all files.
func New(sys *effect.System) *System {
	prog := sys.Values.Program()
	a := &System{
		sys: sys, sites: make([][]effect.Function, len(prog.Files)), services: map[*effect.Service]*Service{},
		pairs: map[[2]int32]bool{}, keeps: map[effect.Function]bool{}, assigns: make([]map[scope.Var][]ir.Term, len(prog.Files)),
	}
	for hidden := range a.shared {
		a.shared[hidden] = &scene{sys: a, hidden: hidden == 1, dense: make([]*function, sys.Functions())}
	}
	for i, f := range prog.Files {
		if program.ImplementsModel(f.File, prog.Models) {
			continue
		}
		for k := range f.Uses {
			if u := &f.Uses[k]; u.Entry.Replies != models.ReplyNone {
				fn := effect.Function{File: int32(i), Func: f.Scope.FuncOf(u.Node)}
				if !slices.Contains(a.sites[i], fn) {
					a.sites[i] = append(a.sites[i], fn)
				}
			}
		}
	}
	return a
}

// Service returns what is known of a service.
func (sys *System) Service(s *effect.Service) *Service {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	a := sys.services[s]
	if a == nil {
		a = sys.newService(s)
		sys.services[s] = a
	}
	return a
}

func (sys *System) newService(s *effect.Service) *Service {
	a := &Service{scene: &scene{sys: sys, s: s, shared: sys.shared[0]}, handlers: map[effect.Function]bool{}}
	for _, e := range s.Entries {
		if e.Kind == effect.Dispatch {
			for _, f := range e.Functions {
				a.handlers[f] = true
			}
		}
	}
	for _, f := range s.World.Files {
		for _, fn := range sys.sites[sys.sys.Values.FileOf(f)] {
			a.answering = append(a.answering, fn)
			a.hidden = a.hidden || !a.inHandler(fn)
		}
	}
	for _, l := range s.Lookups {
		a.handlers[l.In] = true
	}
	if a.hidden {
		a.scene.shared = sys.shared[1]
	}
	return a
}

// inHandler reports whether a function is a handler of messages, or stands within one.
func (a *Service) inHandler(f effect.Function) bool {
	info := a.sys.sys.Values.IR(f.File).Info
	for fn := f.Func; ; fn = info.Funcs[fn].Outer {
		if a.handlers[effect.Function{File: f.File, Func: fn}] {
			return true
		}
		if fn == scope.Main {
			return false
		}
	}
}

// Answering returns the functions of the service in which an answer is given.
func (a *Service) Answering() []effect.Function { return a.answering }

// OnlyHandlers reports whether nothing but the handlers of messages gives answers.
func (a *Service) OnlyHandlers() bool { return !a.hidden }

// Function follows a function as it is called without a known message. The outcome must not be
// changed.
func (a *Service) Function(f effect.Function) *path.Outcome {
	a.sys.mu.Lock()
	defer a.sys.mu.Unlock()
	return &a.known(a.sys.sys.Number(f)).outcome
}

// Answers reports whether a function answers on all of its paths.
func (a *Service) Answers(f effect.Function) bool {
	a.sys.mu.Lock()
	defer a.sys.mu.Unlock()
	n := a.sys.sys.Number(f)
	if _, g := a.home(n); !g.answers {
		return false // without a look at its paths
	}
	return a.known(n).effect == path.Answers
}

// Handle follows a function of the handler as it runs for an entry. What the entry's own
// functions do is taken to be as said.
func (a *Service) Handle(f effect.Function, e *effect.Entry, own path.Effect) path.Outcome {
	a.sys.mu.Lock()
	defer a.sys.mu.Unlock()
	r := &request{scene: a.scene, service: a, entry: e, own: own, outcomes: map[effect.Function]*path.Outcome{}}
	if !a.handlers[f] {
		return a.known(a.sys.sys.Number(f)).outcome
	}
	return *r.handler(f)
}

// Keeps reports whether a handler of skynet.dispatch keeps the session of its message, to answer
// by other means.
func (a *Service) Keeps(f effect.Function) bool {
	a.sys.mu.Lock()
	defer a.sys.mu.Unlock()
	keeps, known := a.sys.keeps[f]
	if !known {
		keeps = keepsSession(a.sys.sys, f)
		a.sys.keeps[f] = keeps
	}
	return keeps
}

func keepsSession(sys *effect.System, f effect.Function) bool {
	terms := sys.Values.IR(f.File)
	t := terms.Info.Tree
	if sys.Values.Parameters(f.File, f.Func) == 0 {
		node := terms.Info.Funcs[f.Func].Node
		return node == syntax.None || t.IsVariadic(node) // all is passed on
	}
	for n := range t.Nodes(syntax.Name) {
		term := terms.Of(n)
		if d := terms.Term(term); d.Kind != ir.Parameter || d.A != int32(f.Func) || d.B != 0 {
			continue
		}
		parent := t.Parent(n)
		if t.Kind(parent) != syntax.Binary {
			return true
		}
		if op, _, _ := t.Binary(parent); op < syntax.Lt || op > syntax.Eq {
			return true
		}
	}
	return false
}
