// Package host is what the library wants to know of the state it runs in.
package host

import (
	"io"
	"math/rand/v2"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/thread"
)

// A State is what the library keeps for one state. It is filled in before anything
// runs. It is used by one goroutine at a time.
type State struct {
	// Globals is the table of globals.
	Globals *lua.LTable
	// Out takes what print and io.write write, and Err what io.stderr and warn write; nil: it is
	// thrown away. In is what io.stdin reads; nil: nothing.
	Out, Err io.Writer
	In       io.Reader
	// Compile makes a function of source text; nil: load refuses. The chunk's name is as load
	// takes it. The error is Lua's message.
	Compile func(L *lua.LState, text, name string, env lua.LValue) (*lua.LFunction, error)
	// ReadFile reads a file for loadfile, dofile and require; nil: there are no files.
	ReadFile func(name string) ([]byte, error)
	// Files are what the script may open; nil: none.
	Files Files
	// Environment says that os.getenv may look.
	Environment bool
	// Exit ends the run for os.exit; it does not return. nil: os.exit refuses.
	Exit func(L *lua.LState, code int)
	// Path is package.path: where require looks.
	Path string
	// Module finds a native module by name: a function that is called with the name, and returns
	// the module's value; nil: there is none. It is asked before files are. A nil Module: there
	// are no native modules.
	Module func(L *lua.LState, name string) *lua.LFunction
	// Loading, if it is set, is called by require for a module that is not loaded yet. It calls
	// load, which runs the module's loader, and publish, which lets others find its value; or it
	// waits until another one who loads it has published it, and leaves it at that.
	Loading func(L *lua.LState, name string, load, publish func())
	// Guard, if it is set, is told of what a script does that breaks a rule, at the line that runs: what it
	// is about, what happened, and whether it is refused in any case. It reports whether it is to be refused.
	Guard func(L *lua.LState, rule *rules.Rule, key, message string, refused bool) bool
	// GlobalWrite, if it is set, is told of a global that a script is about to make, and reports whether it is
	// to be refused. raw says that it is made by rawset.
	GlobalWrite func(L *lua.LState, name lua.LValue, raw bool) bool
	// Started is when the state began, for os.clock.
	Started time.Time
	// Now tells the time.
	Now func() time.Time
	// Random is what math.random takes its numbers from.
	Random *rand.PCG

	// Added are the fields that the state has added to tables of the library, by the table that scripts see; nil:
	// none. Other states do not have them.
	Added map[*lua.LTable]*lua.LTable
	// Strings, Dumps, Coroutines, Packages and IO are what these libraries keep.
	Strings, Dumps, Coroutines, Packages, IO any
	// Warnings says that warn writes.
	Warnings bool
}

// A Host is what thread.State.Host must be.
type Host interface{ Library() *State }

// Library makes a State a Host by itself.
func (s *State) Library() *State { return s }

// Of returns the library's state of a Lua thread.
func Of(L *lua.LState) *State { return thread.Of(L).State.Host.(Host).Library() }

// Breaks tells the guard of a rule, and reports whether what the script does is to be refused.
func Breaks(L *lua.LState, rule *rules.Rule, key, message string) (refuse bool) {
	guard := Of(L).Guard
	return guard != nil && guard(L, rule, key, message, false)
}

// Refused tells the guard of a rule of something that is refused in any case.
func Refused(L *lua.LState, rule *rules.Rule, key, message string) {
	if guard := Of(L).Guard; guard != nil {
		guard(L, rule, key, message, true)
	}
}

// MakesGlobal tells the guard of a global that the script is about to make, and raises an error if it is
// refused.
func MakesGlobal(L *lua.LState, name lua.LValue, raw bool) {
	if h := Of(L); h.GlobalWrite != nil && h.GlobalWrite(L, name, raw) {
		thread.Errorf(L, "global '%s' is not declared (see skylint explain %s)", lua.LVAsString(name), rules.GlobalWrite.Name)
	}
}
