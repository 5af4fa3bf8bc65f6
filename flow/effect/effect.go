// Package effect finds what services do to each other: which functions handle their messages,
// which calls each of them reaches, and where these calls go.
package effect

import (
	"context"
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
)

// A Function is a function of a file, by the file's index in the program.
type Function struct {
	File int32
	Func scope.Func
}

// A Site is a call of the text.
type Site struct {
	File, Call int32
}

// An EntryKind says how code of a service comes to run.
type EntryKind uint8

// The kinds of entries.
const (
	// Init is the main chunk, the start function, and what skynet.init was given.
	Init EntryKind = iota
	// Dispatch is the handler of a protocol itself.
	Dispatch
	// Command is what a handler does for one command.
	Command
)

// An Entry is a place where code of a service begins to run.
type Entry struct {
	Kind     EntryKind
	Protocol string // of a Dispatch or Command
	Command  string
	// Functions run for it. For a Command none means that the handler itself does it, where it
	// compares the command's name.
	Functions []Function
	// First is which parameter of the functions is the first value behind the command.
	First int
	// Loose says that First is a guess.
	Loose bool
	// Source is which parameter is the address of the sender, -1 for none.
	Source int
	// Registered is the call that sets the handler.
	Registered Site

	arms     []arm // where a handler does it itself
	apart    bool  // it does more for it than is in arms
	messages []Message
	returns  bool    // what its functions return is the reply
	replies  []int32 // the calls that answer
	network  bool    // an API calls it with what a socket receives
}

// Name returns how a graph names the entry.
func (e *Entry) Name() string {
	switch e.Kind {
	case Init:
		return "init"
	case Command:
		return e.Command
	}
	return e.Protocol
}

// A Service is what one service does.
type Service struct {
	*project.Service
	World   *program.World
	Entries []*Entry
	// Names are those under which it registers itself.
	Names []string
	// Lookups are where its handlers look a command up in a table.
	Lookups []Lookup
	// Stages are the functions that get the commands of its messages: its handlers, and those
	// to which they hand the command on.
	Stages []Stage
	files  bitset
	texts  bitset // the strings that stand in them, or that messages bring
	own    bitset // the strings that stand in them
	// indexes are the files, ascending.
	indexes []int32
	// open says that commands may come from where no name is known.
	open map[string]bool
	// commands are the entries for commands; nil while they are being looked for.
	commands map[commandKey]*Entry
	// given are the names that its code gives, in the order of the calls.
	given []given
	// room is where its messages are; each round writes over those of the one before.
	room []Message
}

// given is a name that a service gives to another one, or to itself.
type given struct {
	name string
	to   *Service
}

type commandKey struct{ protocol, command string }

// A Lookup is where a handler looks the command of a message up in a table.
type Lookup struct {
	File     int32
	Term     ir.Term // the Load
	In       Function
	Protocol string
	// Driven says that what is looked up comes from the driver of the sockets: it is one of a few
	// words, whatever a peer sends.
	Driven bool
}

// A Stage is a function that gets the command of messages as a parameter.
type Stage struct {
	Function
	Protocol string
	// Source, Command and Payload are which parameters are the sender's address, the command, and
	// the first value behind it; -1 for none.
	Source, Command, Payload int
}

// Entry returns the entry for a command of a protocol, or nil.
func (s *Service) Entry(protocol, command string) *Entry {
	if s.commands != nil {
		return s.commands[commandKey{protocol, command}]
	}
	for _, e := range s.Entries {
		if e.Kind == Command && e.Protocol == protocol && e.Command == command {
			return e
		}
	}
	return nil
}

// Dispatches returns the entry of the handler of a protocol, or nil.
func (s *Service) Dispatches(protocol string) *Entry {
	for _, e := range s.Entries {
		if e.Kind == Dispatch && e.Protocol == protocol {
			return e
		}
	}
	return nil
}

// IsOpen reports whether the handler of a protocol also takes commands that are not known.
func (s *Service) IsOpen(protocol string) bool { return s.open[""] || s.open[protocol] }

// A System is the services of a program and what they do. It is safe for concurrent use.
type System struct {
	Values   *solve.Result
	Services []*Service

	byProject map[*project.Service]*Service
	byFile    [][]*Service // by file: the services that load it
	names     map[string][]*Service
	index     *index
	facts     *facts
	jobs      int
}

// Analyse finds what the services of a program do, on at most jobs goroutines (see package
// parallel). The result is the same for any number.
func Analyse(values *solve.Result, jobs int) *System {
	sys := &System{Values: values, byProject: map[*project.Service]*Service{}, index: newIndex(values), jobs: jobs}
	n := len(values.Program().Files)
	sys.byFile = make([][]*Service, n)
	for _, w := range values.Program().Worlds {
		if !w.IsService() {
			continue
		}
		s := &Service{Service: w.Service, World: w, files: newBitset(n)}
		for _, f := range w.Files {
			file := values.FileOf(f)
			s.files.add(file)
			s.indexes = append(s.indexes, file)
			sys.byFile[file] = append(sys.byFile[file], s)
		}
		slices.Sort(s.indexes)
		sys.Services = append(sys.Services, s)
		sys.byProject[w.Service] = s
	}
	sys.each(sys.findTexts)
	// Handlers come with values, and values with messages.
	for range maxRounds {
		sys.round()
		if !sys.connect() {
			break
		}
	}
	sys.findFacts()
	return sys
}

// maxRounds bounds how far values travel by messages that only values of messages made known.
const maxRounds = 6

// findTexts notes the strings that stand in the files of a service.
func (sys *System) findTexts(s *Service) {
	s.texts = newBitset(sys.Values.Atoms())
	for _, file := range s.indexes {
		sys.Values.Literals(file, s.addText)
	}
	s.own = slices.Clone(s.texts)
}

// addText notes a string that can be in the service. Messages may bring some that are newer than
// the set.
func (s *Service) addText(a solve.Atom) {
	for int(a)>>6 >= len(s.texts) {
		s.texts = append(s.texts, 0)
	}
	s.texts.add(int32(a))
}

// round finds entries and messages as far as values are known. The services are looked at side by
// side: none reads what is being found of another.
func (sys *System) round() {
	sys.index.update(sys.Values, sys.jobs)
	sys.each(func(s *Service) {
		for _, file := range s.indexes {
			sys.Values.Received(file, s.addText)
		}
		s.Entries, s.Names, s.Lookups, s.Stages, s.open, s.commands, s.given = nil, nil, nil, nil, map[string]bool{}, nil, s.given[:0]
		sys.enter(s)
		s.commands = make(map[commandKey]*Entry, len(s.Entries))
		for _, e := range slices.Backward(s.Entries) { // the first of those that are alike counts
			if e.Kind == Command {
				s.commands[commandKey{e.Protocol, e.Command}] = e
			}
		}
	})
	sys.names = map[string][]*Service{}
	for _, s := range sys.Services {
		for _, g := range s.given {
			if !slices.Contains(sys.names[g.name], g.to) {
				sys.names[g.name] = append(sys.names[g.name], g.to)
				g.to.Names = append(g.to.Names, g.name)
			}
		}
	}
	sys.each(func(s *Service) {
		out := s.room[:0]
		for _, e := range s.Entries {
			first := len(out)
			out = sys.messages(s, e, out)
			e.messages = out[first:len(out):len(out)]
		}
		s.room = out
	})
}

// each calls do for each service, on several goroutines.
func (sys *System) each(do func(*Service)) {
	// Nothing ends the context: a system that is half found would be of no use to anybody.
	_ = parallel.For(context.Background(), len(sys.Services), sys.jobs, func(i int) { do(sys.Services[i]) })
}

// Has reports whether a service loads a file.
func (s *Service) Has(file int32) bool { return file < 0 || s.files.has(file) }

// in keeps those atoms that can be in a service.
func (sys *System) in(s *Service, atoms []solve.Atom) []solve.Atom {
	all := true
	for _, a := range atoms {
		all = all && sys.isIn(s, a)
	}
	if all {
		return atoms
	}
	var kept []solve.Atom
	for _, a := range atoms {
		if sys.isIn(s, a) {
			kept = append(kept, a)
		}
	}
	return kept
}

func (sys *System) isIn(s *Service, a solve.Atom) bool {
	switch d := sys.Values.Atom(a); d.Kind {
	case solve.Self:
		return true
	case solve.String:
		return s.texts.has(int32(a)) || sys.Values.IsSent(a)
	default:
		return s.Has(d.File) && s.Has(sys.Values.Maker(a))
	}
}

// roots are the functions with which a service begins: its files' chunks, or the function that
// service.new was given.
func (sys *System) roots(s *Service) []Function {
	var fs []Function
	for _, f := range s.World.Files {
		file := sys.Values.FileOf(f)
		if f.File == s.Main && s.Kind == project.FunctionService {
			fs = append(fs, Function{file, f.Scope.FuncOf(s.Program)})
			continue
		}
		fs = append(fs, Function{file, scope.Main})
	}
	return fs
}

// Reach calls visit for each call that running the functions may reach within a service, in a
// fixed order. What is handed to fork or timeout counts as reached; handlers do not.
func (sys *System) Reach(s *Service, from []Function, visit func(Site)) {
	w := newWalk(sys, s)
	w.all = true
	w.visit = func(c int32) { visit(sys.index.siteOf[c]) }
	w.run(from)
	w.end()
}

// ReachedBy returns the entries of a service that may run a function: those from which Reach goes
// into it, and the one that it belongs to itself.
func (sys *System) ReachedBy(s *Service, f Function) []*Entry {
	x := sys.index
	if !s.files.has(f.File) {
		return nil
	}
	seen := newBitset(x.functions())
	work := []int32{x.fn(f)}
	seen.add(work[0])
	for len(work) > 0 {
		fn := work[len(work)-1]
		work = work[:len(work)-1]
		for _, from := range x.from[x.fromAt[fn]:x.fromAt[fn+1]] {
			c := x.call(from.site)
			host := x.host[c]
			if seen.has(host) || !s.files.has(from.site.File) {
				continue
			}
			if slices.ContainsFunc(x.targetsOf(c), func(t target) bool { return t.fn == fn && !(x.sets.has(c) && t.indirect) }) {
				seen.add(host)
				work = append(work, host)
			}
		}
	}
	var reached []*Entry
	for _, e := range s.Entries {
		if slices.ContainsFunc(e.Functions, func(g Function) bool { return seen.has(x.fn(g)) }) || x.anyArm(e, func(c int32) bool {
			return slices.ContainsFunc(x.targetsOf(c), func(t target) bool { return seen.has(t.fn) && !(x.sets.has(c) && t.indirect) })
		}) {
			reached = append(reached, e)
		}
	}
	return reached
}

// walk goes through the functions that a service may run.
type walk struct {
	sys   *System
	s     *Service
	seen  *marks
	stack []target
	arms  []arm
	all   bool // not only through functions from which something of interest can be reached
	visit func(call int32)
}

func newWalk(sys *System, s *Service) *walk {
	seen, _ := sys.index.marks.Get().(*marks)
	if seen == nil {
		seen = &marks{in: make([]uint32, sys.index.functions())}
	}
	seen.begin()
	return &walk{sys: sys, s: s, seen: seen}
}

// end gives back what the walk has seen.
func (w *walk) end() { w.sys.index.marks.Put(w.seen) }

func (w *walk) push(f Function, n int32) {
	if !w.seen.has(n) && w.s.files.has(f.File) && (w.all || w.sys.index.active.has(n)) {
		w.seen.add(n)
		w.stack = append(w.stack, target{Function: f, fn: n})
	}
}

func (w *walk) run(from []Function) {
	x := w.sys.index
	for _, f := range slices.Backward(from) {
		w.push(f, x.fn(f))
	}
	for len(w.stack) > 0 {
		f := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		for _, c := range x.inside(f.fn) {
			w.call(c)
		}
	}
}

func (w *walk) call(c int32) {
	x := w.sys.index
	w.visit(c)
	handler := x.sets.has(c)
	for _, t := range x.targetsOf(c) {
		if !(handler && t.indirect) {
			w.push(t.Function, t.fn)
		}
	}
}

// runArms runs what a handler does itself for a command.
func (w *walk) runArms(e *Entry) {
	w.arms = e.arms
	w.sys.index.anyArm(e, func(c int32) bool {
		w.seen.add(w.sys.index.host[c])
		w.call(c)
		return false
	})
	w.run(nil)
}

// passes reports whether the walk has come by a call: of a handler that does something itself, only
// by those that are done for the command.
func (w *walk) passes(site Site) bool {
	x := w.sys.index
	host := x.host[x.call(site)]
	if !w.seen.has(host) {
		return false
	}
	own := false
	for i := range w.arms {
		if x.fn(w.arms[i].in) == host {
			if w.arms[i].has(x, site) {
				return true
			}
			own = true
		}
	}
	return !own
}

// setsHandler reports whether a function of an API is given functions that handle messages, which
// are entries of their own.
func setsHandler(e *models.Entry) bool {
	if e.Path == "skynet.dispatch" {
		return true
	}
	for i := range e.Args {
		if e.Args[i].Role == models.RoleCallbacks && e.Args[i].Callback == models.CallbackHandler {
			return true
		}
	}
	return false
}

// call returns the call at a site.
func (sys *System) call(s Site) *ir.Call { return &sys.Values.IR(s.File).Calls[s.Call] }
