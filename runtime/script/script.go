// Package script runs Lua chunks: it makes a state that shares compiled code and library with
// all others, runs functions in it under limits, and says what went wrong and where.
package script

import (
	"errors"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/runtime/stdlib"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Options say what a state may do.
type Options struct {
	Limits  limit.Limits
	Dialect syntax.Dialect
	// Watch are words: the state notes whether the text of any of its chunks has one.
	Watch []string
	// Host is called before the library is set up, to say where output goes and what is granted.
	Host func(*host.State)
}

// A State is a Lua state: globals, a budget, and what the library keeps. It has a thread only
// while something runs. It is used by one goroutine at a time.
type State struct {
	Globals *lua.LTable
	Budget  *limit.Budget
	Dialect syntax.Dialect
	// Owner is what the maker of the state keeps with it.
	Owner any

	watch   []string
	watched bool
	shared  thread.State
	library host.State
	exit    *Exit
}

// globalsSize is how many globals a state has room for from the start.
const globalsSize = 8

// New makes a state. Close must be called when it is no longer used.
func New(opts Options) *State {
	s := &State{
		Globals: thread.Template().CreateTable(0, globalsSize),
		Budget:  limit.New(opts.Limits),
		Dialect: opts.Dialect,
		watch:   opts.Watch,
	}
	s.library = host.State{Globals: s.Globals, Compile: compile, Exit: leave, Started: time.Now(), Now: time.Now}
	if opts.Host != nil {
		opts.Host(&s.library)
	}
	stdlib.Open(&s.library)
	s.shared = thread.State{Env: s.Globals, Budget: s.Budget, Host: s, Report: report}
	s.Budget.Root(s.Globals)
	return s
}

// Of returns the state that a Lua thread belongs to.
func Of(L *lua.LState) *State { return thread.Of(L).State.Host.(*State) }

// Library implements host.Host.
func (s *State) Library() *host.State { return &s.library }

// Close gives back what the state holds.
func (s *State) Close() {
	stdlib.Close(&s.library)
	stdlib.Close(&s.library)
	s.Budget.Close()
}

// Load compiles a file and returns it as a function of the state. The error is a *lower.Error.
func (s *State) Load(file *source.File) (*lua.LFunction, error) {
	if err := s.Budget.Try(limit.Source, int64(len(file.Text))); err != nil {
		return nil, err
	}
	chunk, err := Compile(file, s.Dialect, lower.Options{})
	if err != nil {
		return nil, err
	}
	s.look(file.Text)
	return chunk.Instantiate(s.Globals, s.Globals), nil
}

// look looks for the words that are watched for.
func (s *State) look(text string) {
	for _, word := range s.watch {
		s.watched = s.watched || strings.Contains(text, word)
	}
}

// Watched reports whether a chunk that the state has loaded has a word of Options.Watch in its text.
func (s *State) Watched() bool { return s.watched }

// compile is load for the library.
func compile(L *lua.LState, text, name string, env lua.LValue) (*lua.LFunction, error) {
	s := Of(L)
	s.Budget.Charge(L, limit.Source, int64(len(text)))
	s.Budget.Work(L, int64(len(text))*sourceWork)
	size := int64(weight(text))
	_, isTable := env.(*lua.LTable)
	if len(name) > maxName {
		name = strings.Clone("=" + lower.DisplayName(name))
	}
	chunk, err := texts.compile(source.New(name, text), s.Dialect, lower.Options{Name: name, FreeEnv: !isTable, Weight: size})
	if err != nil {
		return nil, err
	}
	s.Budget.Charge(L, limit.Memory, size)
	s.look(text)
	return chunk.Instantiate(s.Globals, env), nil
}

// maxName is how long a chunk's name is kept as it is; of a longer one, what messages show.
const maxName = 256

// sourceWork is how many instructions' worth of time it takes to compile a byte.
const sourceWork = 20

// Call runs a function to its end. The error is an *Error, or an *Exit.
func (s *State) Call(fn *lua.LFunction, args ...lua.LValue) ([]lua.LValue, error) {
	if err := s.Budget.Spent(); err != nil {
		return nil, &Error{Message: err.Error(), Limit: err}
	}
	t := s.shared.New()
	defer s.shared.Rest()
	defer t.Free()
	s.Budget.Begin()
	results, failure := t.Run(fn, args...)
	s.Budget.End()
	if failure == nil {
		return results, nil
	}
	return nil, s.Failed(t, failure)
}

// Thread returns a thread to call the handler of a message on: thread.Thread.Call says how. The
// clock of the time limit does not run by itself.
func (s *State) Thread() *thread.Thread { return s.shared.New() }

// Rest says that it may take a while until something runs again.
func (s *State) Rest() { s.shared.Rest() }

// Failed returns the error that ended a call on a thread of the state, before it is given back:
// an *Error, or an *Exit.
func (s *State) Failed(t *thread.Thread, failure *thread.Failure) error {
	if s.exit != nil {
		return s.exit
	}
	e, ok := t.Note.(*Error)
	if !ok {
		e = &Error{}
	}
	t.Note = nil
	e.Value, e.Defect = failure.Value, failure.Defect
	if s.Budget.Spent() == nil {
		e.Message = s.message(failure.Value)
	}
	if spent := s.Budget.Spent(); spent != nil { // by what makes a text of an error object, too
		e.Limit, e.Message = spent, spent.Error()
	}
	return e
}

// message returns an error value as the standalone interpreter prints it.
func (s *State) message(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString, lua.LNumber:
		return clip(stdlib.ToText(v))
	case *lua.LTable:
		mt, _ := v.Metatable.(*lua.LTable)
		if mt == nil {
			break
		}
		if f := mt.RawGetString("__tostring"); f != lua.LNil {
			t := s.shared.New()
			defer t.Free()
			s.Budget.Begin()
			results, failure := t.Run(f, v)
			s.Budget.End()
			if failure == nil && len(results) > 0 {
				if text, ok := results[0].(lua.LString); ok {
					return clip(string(text))
				}
			}
		}
	}
	return "(error object is a " + v.Type().String() + " value)"
}

// report is called where an error is raised that nothing has caught so far.
func report(L *lua.LState, v lua.LValue) {
	e := &Error{}
	level := 0
	for ; ; level++ {
		f, ok := trace.At(L, level)
		if !ok {
			break
		}
		if level == 0 && f.Func.IsG {
			e.By = library.NameOf(f.Func)
		}
		if code, ok := f.Place(); ok {
			e.File, e.Line, e.Span = code.Chunk.Tree.File, f.Line, code.Chunk.Tree.Span(f.Node)
			e.Code, e.Node, e.Level = code, f.Node, level
			break
		}
	}
	e.Traceback = trace.Traceback(L, "", 0)
	thread.Of(L).Root.Note = e
}

// leave ends the run because the script called os.exit.
func leave(L *lua.LState, code int) {
	s := Of(L)
	s.exit = &Exit{Code: code}
	s.Budget.Fail("os.exit")
	thread.Raise(L, lua.LNil)
}

// An Exit says that the script called os.exit.
type Exit struct{ Code int }

// Error implements error.
func (e *Exit) Error() string { return "the script has called os.exit" }

// An Error is an error that ended a call.
type Error struct {
	// Message is the error as the standalone interpreter prints it, without traceback.
	Message string
	// Value is the error value.
	Value lua.LValue
	// Limit is the limit that was spent, if that ended the call.
	Limit *limit.Error
	// Traceback is the stack on which the error was raised: "stack traceback:" and a line for each level.
	Traceback string
	// File, Line and Span are the place in the source text; File is nil if it is not known.
	File *source.File
	Line int
	Span source.Span
	// Code and Node are what the script executed there; Code is nil if it is not known. Level is how many
	// functions of the host stood above, and By the name of the one that raised the error: "assert"; "" for
	// an error of the VM.
	Code  *lower.Code
	Node  syntax.Node
	Level int
	By    string
	// Defect is what a panic of Go code said, for the log of the host alone.
	Defect string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the limit that was spent.
func (e *Error) Unwrap() error {
	if e.Limit != nil {
		return e.Limit
	}
	return nil
}

// IsLimit reports whether an error says that a limit was met, and which.
func IsLimit(err error) (*limit.Error, bool) {
	var e *limit.Error
	ok := errors.As(err, &e)
	return e, ok
}
