package models

import (
	"strings"

	"github.com/skylint/skylint/syntax"
)

// An Entry says what one name means: a global, a member of a table, a method of an object,
// or the value of a module.
type Entry struct {
	// Path is the full name: "print", "os.execute", "skynet.socket.write" (the module's
	// require name, a dot, the member), "io.File:read" for a method. For the value of a
	// module it is the require name.
	Path string
	Kind Kind
	// Dialects have the name in every usual build.
	Dialects syntax.DialectSet
	// Compat are the dialects that have it only when built with compatibility options.
	Compat syntax.DialectSet
	// Deprecated are the dialects that have it, and whose manual advises against it.
	Deprecated syntax.DialectSet
	// Replacements say what to write where it is absent or deprecated.
	Replacements []Replacement
	// Doc is one sentence or a few.
	Doc string
	// SameAs is the path of the entry that this one is another name of, or "". What that
	// entry says of calls holds here too, and is repeated here.
	SameAs string
	// Table is the path of the table that holds the members of this value, for
	// Catalogue.Members; "" where it has none that are known.
	Table string
	// Module is the require name of the module that must be loaded for the name to be
	// there, where that is not the module it is a member of: "skynet.manager" for
	// skynet.kill.
	Module string

	Args    []Arg    // what a call needs its arguments for, without the receiver
	Results []Result // what it gives back

	// Raises says on what a call raises, apart from arguments of a wrong type; "" if on
	// nothing.
	Raises string
	// Asks is what a call sends to a service that belongs to the library; AsksFlagged what it
	// sends instead if its leading flag is given.
	Asks, AsksFlagged Request
	// Protocol is the type of that message, "" for lua. In the member __index of an object it
	// says that its functions send messages of this type to the service that the object stands
	// for, with their names as commands.
	Protocol string
	// Serial are the names of those functions of a RoleCallbacks argument that do not run twice
	// at the same time for the same thing, such as the login of one user: who calls them waits
	// for the first to end.
	Serial []string
	// WaitsFor is what a call suspends its coroutine for; see Yields.
	WaitsFor Wait
	Replies  Reply
	Spawns   SpawnSet
	// Source is where untrusted data comes from that a call's results carry and that its
	// callbacks receive.
	Source Source
	// Sanitises are the uses for which the first result is safe whatever the arguments
	// were.
	Sanitises RoleSet
	// Capabilities are what a program can do because it has the name.
	Capabilities CapabilitySet
	// Mutates has bit i set when the call changes its argument i, counted from 0.
	Mutates uint8
	Flags   Flags
}

// Name returns the last part of the path: "write" for "skynet.socket.write". For the value
// of a module it is the part of the require name behind the last dot.
func (e *Entry) Name() string {
	return e.Path[strings.LastIndexAny(e.Path, ".:")+1:]
}

// In reports whether every usual build of the dialect has the name.
func (e *Entry) In(d syntax.Dialect) bool { return e.Dialects.Has(d) }

// MayBeIn reports whether some build of the dialect has the name.
func (e *Entry) MayBeIn(d syntax.Dialect) bool { return (e.Dialects | e.Compat).Has(d) }

// Replacement returns what to write instead in a dialect that lacks the name or advises
// against it: a name, an operator or a short phrase. It is "" where there is nothing, and
// where the name is the right one.
func (e *Entry) Replacement(d syntax.Dialect) string {
	if e.In(d) && !e.Deprecated.Has(d) {
		return ""
	}
	for _, r := range e.Replacements {
		if r.Dialects.Has(d) {
			return r.Text
		}
	}
	return ""
}

// Yields reports whether a call may suspend the calling coroutine, so that other messages
// are handled before it returns.
func (e *Entry) Yields() bool { return e.WaitsFor != WaitNone }

// Arg returns the argument i, counted from 0, and whether there is one. The last argument
// stands for all behind it if it repeats. A leading flag that the call leaves out must be
// counted by the caller; see HasLeadingFlag.
func (e *Entry) Arg(i int) (Arg, bool) {
	switch n := len(e.Args); {
	case i < 0 || n == 0:
		return Arg{}, false
	case i < n:
		return e.Args[i], true
	case e.Args[n-1].Repeats:
		return e.Args[n-1], true
	}
	return Arg{}, false
}

// HasLeadingFlag reports whether a call may put a literal boolean before its arguments, as
// in skynet.uniqueservice(true, name).
func (e *Entry) HasLeadingFlag() bool { return len(e.Args) > 0 && e.Args[0].Role == RoleFlag }

// Changes reports whether a call changes its argument i, counted from 0.
func (e *Entry) Changes(i int) bool { return i >= 0 && i < 8 && e.Mutates&(1<<i) != 0 }

// A Request is a message to a service that belongs to a library. The zero Request is none.
type Request struct {
	Service string // the name of its file; "*" for the service of an object that is an argument, or the caller itself
	Command string
}

// A Replacement is what to write instead of a name in some dialects.
type Replacement struct {
	Dialects syntax.DialectSet
	Text     string
}

// An Arg is what a call needs one argument for.
type Arg struct {
	Role     Role
	Callback Callback // how a RoleCallback or RoleCallbacks is called
	Optional bool     // it may be left out or nil
	Repeats  bool     // it stands for any number of arguments, none too
}

// A Result is what a call gives back at one place.
type Result struct {
	Role     Role
	Arg      uint8  // for RoleArgument: which one, counted from 0
	Object   string // the path of the table of its methods; a function has the method __call
	Optional bool
	Repeats  bool
}

// Flags are facts that hold or do not.
type Flags uint8

// The flags.
const (
	// NeverReturns: what stands behind a call is not run.
	NeverReturns Flags = 1 << iota
	// Blocks: a call holds its thread of the operating system while it waits.
	Blocks
	// Pure: a call depends on its arguments alone and changes nothing.
	Pure
	// Writable: programs are meant to assign to the field.
	Writable
	// Open: the table has members that are not listed.
	Open
	// Hook: the program defines the name, and the environment it runs in uses it.
	Hook
)

// Has reports whether all flags of g hold.
func (f Flags) Has(g Flags) bool { return f&g == g }
