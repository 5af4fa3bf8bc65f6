// Package script runs Lua chunks: it makes a state that shares compiled code and library with
// all others, runs functions in it under limits, and says what went wrong and where.
package script

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/runtime/stdlib"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Options say what a state may do.
type Options struct {
	Limits  limit.Limits
	Dialect syntax.Dialect
	// Host is called before the library is set up, to say where output goes and what is granted.
	Host func(*host.State)
}

// A State is a Lua state: globals, a budget, and the thread that its functions run on. It is
// used by one goroutine at a time.
type State struct {
	Globals *lua.LTable
	Budget  *limit.Budget
	Dialect syntax.Dialect

	shared  thread.State
	library *host.State
	main    *thread.Thread
	report  *Error // of the call at hand
	exit    *Exit
}

// New makes a state. Close must be called when it is no longer used.
func New(opts Options) *State {
	s := &State{
		Globals: &lua.LTable{Metatable: lua.LNil},
		Budget:  limit.New(opts.Limits),
		Dialect: opts.Dialect,
	}
	s.library = host.New(s.Globals)
	s.library.Compile = s.compile
	s.library.Exit = s.leave
	if opts.Host != nil {
		opts.Host(s.library)
	}
	stdlib.Open(s.library)
	s.shared = thread.State{Global: thread.NewGlobal(), Env: s.Globals, Budget: s.Budget, Host: s}
	s.Budget.Root(s.Globals)
	s.main = s.shared.New()
	s.main.Report = s.note
	return s
}

// Library implements host.Host.
func (s *State) Library() *host.State { return s.library }

// Close gives back what the state holds.
func (s *State) Close() {
	stdlib.Close(s.library)
	stdlib.Close(s.library)
	s.main.Free()
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
	return chunk.Instantiate(s.main.L, s.Globals), nil
}

// compile is load for the library.
func (s *State) compile(L *lua.LState, text, name string, env lua.LValue) (*lua.LFunction, error) {
	s.Budget.Charge(L, limit.Source, int64(len(text)))
	s.Budget.Work(L, int64(len(text))*sourceWork)
	_, isTable := env.(*lua.LTable)
	if len(name) > maxName {
		name = strings.Clone("=" + lower.DisplayName(name))
	}
	chunk, err := texts.compile(source.New(name, text), s.Dialect, lower.Options{Name: name, FreeEnv: !isTable})
	if err != nil {
		return nil, err
	}
	return chunk.Instantiate(L, env), nil
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
	s.report, s.exit = nil, nil
	s.Budget.Begin()
	results, failure := s.main.Run(fn, nil, args...)
	s.Budget.End()
	if failure == nil {
		return results, nil
	}
	if s.exit != nil {
		return nil, s.exit
	}
	e := s.report
	if e == nil {
		e = &Error{}
	}
	e.Value, e.Defect = failure.Value, failure.Defect
	e.Limit = s.Budget.Spent()
	if e.Limit != nil {
		e.Message = e.Limit.Error()
	} else {
		e.Message = s.message(failure.Value)
	}
	return nil, e
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
			s.main.Report = nil
			s.Budget.Begin()
			results, failure := s.main.Run(f, nil, v)
			s.Budget.End()
			s.main.Report = s.note
			if failure == nil && len(results) > 0 {
				if text, ok := results[0].(lua.LString); ok {
					return clip(string(text))
				}
			}
		}
	}
	return "(error object is a " + v.Type().String() + " value)"
}

// note is called where an error is raised that nothing has caught so far.
func (s *State) note(L *lua.LState, v lua.LValue) {
	e := &Error{}
	level := 0
	for ; ; level++ {
		f, ok := trace.At(L, level)
		if !ok {
			break
		}
		if code, ok := f.Place(); ok {
			e.File, e.Line, e.Span = code.Chunk.Tree.File, f.Line, code.Chunk.Tree.Span(f.Node)
			break
		}
	}
	e.Traceback = trace.Traceback(L, "", 0)
	s.report = e
}

// leave ends the run because the script called os.exit.
func (s *State) leave(L *lua.LState, code int) {
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
