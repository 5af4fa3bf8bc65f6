// Package accept says which commands a service takes, and whether it surely refuses all others.
//
// A set of commands is closed if nothing that a handler does with a command can let in one that
// is not listed: it looks commands up in tables into which nothing unknown is put and behind which
// no function answers, it compares them with constants, and it does nothing with the rest of a
// message whose command it has not found. What cannot be followed makes a set open.
package accept

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

// A System answers for the services of a program. It is not safe for concurrent use.
type System struct {
	sys      *effect.System
	computed map[solve.Atom]bool // tables into which something is put under a key that is not known
	sets     map[protocolOf]*Set
}

type protocolOf struct {
	service  *effect.Service
	protocol string
}

// Has reports whether a command is among those of the set.
func (s *Set) Has(command string) bool {
	_, found := slices.BinarySearch(s.Names, command)
	return found
}

// A Set is the commands that a service takes by one protocol.
type Set struct {
	// Names are in alphabetical order, each once.
	Names []string
	// Closed says that it refuses all other commands: it raises, or does nothing with them.
	Closed bool
}

// New returns what answers for a system.
func New(sys *effect.System) *System {
	return &System{sys: sys, sets: map[protocolOf]*Set{}}
}

// Commands returns the commands that a service takes by a protocol.
func (a *System) Commands(s *effect.Service, protocol string) *Set {
	k := protocolOf{s, protocol}
	if set := a.sets[k]; set != nil {
		return set
	}
	set := &Set{}
	for _, e := range s.Entries {
		if e.Kind == effect.Command && e.Protocol == protocol {
			set.Names = append(set.Names, e.Command)
		}
	}
	set.Closed = len(set.Names) > 0 && !s.IsOpen(protocol) && a.isClosed(s, protocol, set)
	slices.Sort(set.Names)
	set.Names = slices.Compact(set.Names)
	a.sets[k] = set
	return set
}

func (a *System) isClosed(s *effect.Service, protocol string, set *Set) bool {
	if s.Kind == project.SnaxService && protocol == "snax" {
		return a.snax(s)
	}
	if !a.handlersKnown(s) {
		return false
	}
	h := &handler{System: a, s: s, protocol: protocol, set: set, effects: map[effect.Function]path.Effect{}, calm: map[effect.Function]bool{}}
	for _, e := range s.Entries {
		if e.Kind != effect.Dispatch || e.Protocol != protocol {
			continue
		}
		if len(e.Functions) == 0 {
			return false
		}
		for _, f := range e.Functions {
			if e := h.refuses(f); e != path.Nothing && e != path.Ends {
				return false
			}
		}
	}
	return len(h.effects) > 0
}

// handlersKnown reports whether it is known of each call of the service that sets handlers which
// protocol it is for and what handles it.
func (a *System) handlersKnown(s *effect.Service) bool {
	for _, f := range s.World.Files {
		file := a.sys.Values.FileOf(f)
		for i := range f.Uses {
			u := &f.Uses[i]
			if u.Entry.Path != "skynet.dispatch" {
				continue
			}
			call, ok := a.sys.Values.CallAt(file, u.Node)
			if !ok {
				return false
			}
			args := a.sys.Values.IR(file).Calls[call].Args
			if len(args.Terms) < 2 {
				if args.Spread != ir.None {
					return false
				}
				continue // it asks for the handler
			}
			if !a.only(a.sys.Values.Argument(file, call, 0), solve.String) || !a.only(a.sys.Values.Argument(file, call, 1), solve.Function) {
				return false
			}
		}
	}
	return true
}

// only reports whether some atoms are of one kind, and that there are any.
func (a *System) only(atoms []solve.Atom, kind solve.Kind) bool {
	return len(atoms) > 0 && !slices.ContainsFunc(atoms, func(x solve.Atom) bool { return a.sys.Values.Atom(x).Kind != kind })
}

// snax reports whether the functions of a snax service are all there is: nothing but constant
// names is put into accept and response, and these go nowhere else.
func (a *System) snax(s *effect.Service) bool {
	for _, f := range s.World.Files {
		if f.File != s.Main {
			continue
		}
		t := f.Tree
		for n := range t.Nodes(syntax.Name) {
			if !f.Scope.IsGlobal(n, "accept") && !f.Scope.IsGlobal(n, "response") {
				continue
			}
			parent := t.Parent(n)
			if t.Kind(parent) != syntax.Index {
				return false
			}
			object, key := t.Index(parent)
			if object != n || t.Kind(key) != syntax.String && t.Kind(key) != syntax.Name {
				return false
			}
			if terms := a.sys.Values.IR(a.sys.Values.FileOf(f)); t.IsTarget(parent) && terms.Term(terms.Of(key)).Kind != ir.String {
				return false
			}
		}
	}
	return true
}

// isTable reports whether the fields of a table are all known: the functions in it are the
// commands that a service can find there.
func (a *System) isTable(s *effect.Service, table solve.Atom, depth int) bool {
	d := a.sys.Values.Atom(table)
	if d.Kind != solve.Table || d.File < 0 || depth > 4 || a.storedInto()[table] {
		return false
	}
	behind := a.sys.Values.Meta(table, "__index")
	if len(behind) == 0 && a.sys.Values.HasMeta(table) {
		return false
	}
	for _, p := range behind {
		if p != table && !a.isTable(s, p, depth+1) {
			return false
		}
	}
	return !a.escapes(s, table)
}

// names adds the names of the fields of a table, and of those in which it looks others up.
func (a *System) names(set *Set, table solve.Atom, depth int) {
	a.sys.Values.Fields(table, func(name string, _ []solve.Atom) {
		if name != "" && name[0] != '#' {
			set.Names = append(set.Names, name)
		}
	})
	for _, p := range a.sys.Values.Prototypes(table) {
		if depth < 4 {
			a.names(set, p, depth+1)
		}
	}
}

// storedInto returns the tables into which values are put under keys that are not known. A copy
// of all pairs of tables that are known is not one: the names of what is copied are.
func (a *System) storedInto() map[solve.Atom]bool {
	if a.computed != nil {
		return a.computed
	}
	a.computed = map[solve.Atom]bool{}
	for i := range a.sys.Values.Program().Files {
		file := int32(i)
		f := a.sys.Values.IR(file)
		for k := range f.Stores {
			st := &f.Stores[k]
			if st.Key == ir.None {
				continue // an item of a list
			}
			switch f.Term(st.Key).Kind {
			case ir.String, ir.Number:
				continue
			}
			switch f.Term(st.Value).Kind {
			case ir.String, ir.Number, ir.Nil, ir.Boolean, ir.Table:
				continue
			}
			into := a.sys.Values.Values(file, st.Object)
			if a.copies(file, st, into) {
				continue
			}
			for _, t := range into {
				a.computed[t] = true
			}
		}
		for k := range a.sys.Values.Program().Files[i].Uses {
			u := &a.sys.Values.Program().Files[i].Uses[k]
			if u.Entry.Path != "rawset" {
				continue
			}
			if call, ok := a.sys.Values.CallAt(file, u.Node); ok {
				for _, t := range a.sys.Values.Argument(file, call, 0) {
					a.computed[t] = true
				}
			}
		}
	}
	return a.computed
}

// fewTables is how many tables code may copy that the analysis of values follows.
const fewTables = 12

// copies reports whether a store is that of a loop which copies all pairs of tables that are known.
func (a *System) copies(file int32, st *ir.Store, into []solve.Atom) bool {
	f := a.sys.Values.IR(file)
	key, value := f.Term(st.Key), f.Term(st.Value)
	if key.Kind != ir.KeyOf || value.Kind != ir.Element || key.A != value.A {
		return false
	}
	from := a.sys.Values.Values(file, ir.Term(key.A))
	return a.only(from, solve.Table) && len(from) <= fewTables && len(into) <= fewTables
}

// escapes reports whether a service gives a table to what is not followed.
func (a *System) escapes(s *effect.Service, table solve.Atom) bool {
	for _, w := range s.World.Files {
		file := a.sys.Values.FileOf(w)
		f := a.sys.Values.IR(file)
		for c := range f.Calls {
			args := f.Calls[c].Args
			for i := range args.Terms {
				if slices.Contains(a.sys.Values.Argument(file, int32(c), i), table) && !a.isFollowed(file, int32(c), i) {
					return true
				}
			}
		}
	}
	return false
}

// isFollowed reports whether an argument of a call goes where its uses are seen: into functions
// of the program, or into those of an API, which leave tables alone.
func (a *System) isFollowed(file, call int32, i int) bool {
	followed, lost := false, false
	a.sys.Values.Callees(file, call, func(c solve.Callee) {
		d := a.sys.Values.Atom(c.Atom)
		followed = true
		if d.Kind == solve.API && d.Entry.Path == "setmetatable" && i == 0 {
			lost = lost || !a.only(a.sys.Values.Argument(file, call, 1), solve.Table)
		}
		if d.Kind == solve.Function && !c.Silent && i >= c.First {
			for _, v := range a.sys.Values.Parameter(d.File, d.Func, i-c.First) {
				lost = lost || a.sys.Values.Atom(v).Kind == solve.Unknown
			}
		}
	})
	return followed && !lost
}

// handler follows what the handlers of one protocol of a service do with a command that is none
// of those that they know.
type handler struct {
	*System
	s        *effect.Service
	protocol string
	set      *Set
	effects  map[effect.Function]path.Effect
	calm     map[effect.Function]bool // see quiet
}

// stage returns the stage that a function is; false if it gets no command, or in two places.
func (h *handler) stage(f effect.Function) (effect.Stage, bool) {
	var found []effect.Stage
	for _, st := range h.s.Stages {
		if st.Function == f && st.Protocol == h.protocol && !slices.Contains(found, st) {
			found = append(found, st)
		}
	}
	if len(found) != 1 {
		return effect.Stage{}, false
	}
	return found[0], true
}

// refuses says what a function does with a command that is not known: Ends if it raises, Nothing
// if it does nothing with the message, else May.
func (h *handler) refuses(f effect.Function) path.Effect {
	if e, ok := h.effects[f]; ok {
		return e
	}
	h.effects[f] = path.Nothing // where it calls itself
	st, ok := h.stage(f)
	if !ok {
		h.effects[f] = path.May
		return path.May
	}
	u := &unmatched{handler: h, Stage: st, terms: h.sys.Values.IR(f.File)}
	u.t = u.terms.Info.Tree
	e := path.May
	if u.usesKnown() {
		o := u.follow(f.Func)
		switch {
		case o.Answers > 0:
		case len(o.Exits) == 0:
			e = path.Ends
		default:
			e = path.Nothing
		}
	}
	h.effects[f] = e
	return e
}

// quiet reports whether a function does nothing with what it is given but format and print it:
// it calls nothing else, and puts nothing anywhere but into tables of its own.
func (h *handler) quiet(f effect.Function, depth int) bool {
	if q, ok := h.calm[f]; ok {
		return q
	}
	if depth > 6 {
		return false
	}
	h.calm[f] = true // where it calls itself
	q := h.isQuiet(f, depth)
	h.calm[f] = q
	return q
}

func (h *handler) isQuiet(f effect.Function, depth int) bool {
	terms := h.sys.Values.IR(f.File)
	for i := range terms.Stores {
		st := &terms.Stores[i]
		if object := terms.Term(st.Object); st.In == f.Func && (object.Kind != ir.Table || terms.Info.FuncOf(object.Node) != f.Func) {
			return false
		}
	}
	for i := range terms.Assigns {
		if as := &terms.Assigns[i]; as.In == f.Func && (as.Var == scope.NoVar || terms.Info.Var(as.Var).Func != f.Func) {
			return false
		}
	}
	for _, c := range h.sys.CallsIn(f) {
		known, quiet := false, true
		site := h.sys.Site(c)
		h.sys.Values.Callees(site.File, site.Call, func(callee solve.Callee) {
			known = true
			switch d := h.sys.Values.Atom(callee.Atom); d.Kind {
			case solve.Function:
				quiet = quiet && h.quiet(effect.Function{File: d.File, Func: d.Func}, depth+1)
			case solve.API:
				quiet = quiet && !d.Entry.Yields() && d.Entry.Replies == models.ReplyNone && d.Entry.Spawns == 0 &&
					!slices.ContainsFunc(d.Entry.Args, func(a models.Arg) bool { return a.Role == models.RoleAddress })
			default:
				quiet = false
			}
		})
		if !known || !quiet {
			return false
		}
	}
	return true
}

// isLog reports whether a function of an API only says something, or raises.
func isLog(e *models.Entry) bool {
	return slices.ContainsFunc(e.Args, func(a models.Arg) bool { return a.Role == models.RoleLog }) ||
		e.Flags.Has(models.Pure) || e.Flags.Has(models.NeverReturns) || e.Path == "assert"
}
