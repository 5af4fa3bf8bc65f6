// Package effect finds what services do to each other: which functions handle their messages,
// which calls each of them reaches, and where these calls go.
package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
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
	// Source is which parameter is the address of the sender, -1 for none.
	Source int
	// Registered is the call that sets the handler.
	Registered Site
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
	files   map[int32]bool
	// open says that commands may come from where no name is known.
	open map[string]bool
}

// A Lookup is where a handler looks the command of a message up in a table.
type Lookup struct {
	File     int32
	Term     ir.Term // the Load
	In       Function
	Protocol string
}

// Entry returns the entry for a command of a protocol, or nil.
func (s *Service) Entry(protocol, command string) *Entry {
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
func (s *Service) IsOpen(protocol string) bool { return s.open[protocol] }

// A System is the services of a program and what they do.
type System struct {
	Values   *solve.Result
	Services []*Service

	byProject map[*project.Service]*Service
	names     map[string][]*Service
	callers   map[Function][]caller
	calls     map[Function][]int32 // the calls that stand in a function
	starts    map[Function]bool
}

// caller is a call that may call a function.
type caller struct {
	site  Site
	first int // which argument is the function's first
	plain bool
}

// Analyse finds what the services of a program do.
func Analyse(values *solve.Result) *System {
	sys := &System{Values: values, byProject: map[*project.Service]*Service{}, calls: map[Function][]int32{}}
	for i := range values.Program().Files {
		f := values.IR(int32(i))
		for c := range f.Calls {
			fn := Function{int32(i), f.Calls[c].In}
			sys.calls[fn] = append(sys.calls[fn], int32(c))
		}
	}
	for _, w := range values.Program().Worlds {
		if !w.IsService() {
			continue
		}
		s := &Service{Service: w.Service, World: w, files: map[int32]bool{}, open: map[string]bool{}}
		for _, f := range w.Files {
			s.files[values.FileOf(f)] = true
		}
		sys.Services = append(sys.Services, s)
		sys.byProject[w.Service] = s
	}
	// Handlers come with values, and values with messages.
	for range maxRounds {
		sys.round()
		if !sys.connect() {
			break
		}
	}
	return sys
}

// maxRounds bounds how far values travel by messages that only values of messages made known.
const maxRounds = 5

func (sys *System) round() {
	sys.findCallers()
	sys.names = map[string][]*Service{}
	for _, s := range sys.Services {
		s.Entries, s.Names, s.Lookups = nil, nil, nil
		sys.enter(s)
		for _, n := range s.Names {
			sys.names[n] = append(sys.names[n], s)
		}
	}
}

// findCallers notes which calls may call each function.
func (sys *System) findCallers() {
	sys.callers = map[Function][]caller{}
	for i := range sys.Values.Program().Files {
		f := sys.Values.IR(int32(i))
		for c := range f.Calls {
			sys.Values.Callees(int32(i), int32(c), func(callee solve.Callee) {
				d := sys.Values.Atom(callee.Atom)
				if d.Kind == solve.Function {
					fn := Function{d.File, d.Func}
					sys.callers[fn] = append(sys.callers[fn], caller{Site{int32(i), int32(c)}, callee.First, !callee.Silent})
				}
			})
		}
	}
}

// apiOf returns the models of the functions that a call calls itself.
func (sys *System) apiOf(site Site, yield func(e *models.Entry, first int)) {
	sys.Values.Callees(site.File, site.Call, func(c solve.Callee) {
		if d := sys.Values.Atom(c.Atom); d.Kind == solve.API {
			yield(d.Entry, c.First)
		}
	})
}

// Has reports whether a service loads a file.
func (s *Service) Has(file int32) bool { return file < 0 || s.files[file] }

// in keeps those atoms that can be in a service.
func (sys *System) in(s *Service, atoms []solve.Atom) []solve.Atom {
	var kept []solve.Atom
	for _, a := range atoms {
		if d := sys.Values.Atom(a); d.Kind == solve.Self || s.Has(d.File) {
			kept = append(kept, a)
		}
	}
	return kept
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
	seen := map[Function]bool{}
	var stack []Function
	push := func(f Function) {
		if !seen[f] && s.files[f.File] {
			seen[f] = true
			stack = append(stack, f)
		}
	}
	for _, f := range slices.Backward(from) {
		push(f)
	}
	for len(stack) > 0 {
		f := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, c := range sys.calls[f] {
			site := Site{f.File, c}
			visit(site)
			handler := false
			sys.apiOf(site, func(e *models.Entry, _ int) { handler = handler || setsHandler(e) })
			sys.Values.Callees(f.File, c, func(callee solve.Callee) {
				if d := sys.Values.Atom(callee.Atom); d.Kind == solve.Function && !(handler && callee.Indirect) {
					push(Function{d.File, d.Func})
				}
			})
		}
	}
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

// tree returns the tree of a file.
func (sys *System) tree(file int32) *syntax.Tree { return sys.Values.Program().Files[file].Tree }

// call returns the call at a site.
func (sys *System) call(s Site) *ir.Call { return &sys.Values.IR(s.File).Calls[s.Call] }
