package thread

import (
	"errors"
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// A Failure is an error that ended a call.
type Failure struct {
	// Value is the error value of the script, after its handler if there was one.
	Value lua.LValue
	// Defect is what a panic of Go code said, for the host's log alone; "" for an error of Lua.
	Defect string
}

// Text returns the error as a text for people: a string or number as it is, of other values their type.
func (f *Failure) Text() string {
	switch v := f.Value.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return v.String()
	}
	return "(error object is a " + f.Value.Type().String() + " value)"
}

// The VM puts its own hook for errors in place at the start of a protected call. To put ours there
// instead takes code that runs first inside of the call. For a Lua function that is the context,
// which is asked before the first instruction:

// entrance is the context that a thread has from the start of a call to its first instruction.
type entrance Thread

func (e *entrance) Done() <-chan struct{} {
	e.L.Panic = caught
	e.L.SetContext(e.ctx)
	return e.ctx.Done()
}

func (e *entrance) Deadline() (time.Time, bool) { return time.Time{}, false }
func (e *entrance) Err() error                  { return nil }
func (e *entrance) Value(any) any               { return nil }

// trampoline does it at the bottom of calls of anything else.
var trampoline = &lua.LFunction{IsG: true, GFunction: func(L *lua.LState) int {
	L.Panic = caught
	if v := L.Get(1); v.Type() != lua.LTFunction && !callable(L, v) {
		Raise(L, lua.LString("attempt to call a "+v.Type().String()+" value"))
	}
	L.Call(L.GetTop()-1, lua.MultRet)
	return L.GetTop()
}}

// callable reports whether a value that is no function can be called.
func callable(L *lua.LState, v lua.LValue) bool {
	mt := rawMetatable(L, v)
	return mt != nil && mt.RawGetString("__call").Type() == lua.LTFunction
}

// Protect calls the function below the nargs values on top of L's stack with these values, on
// a thread of its own, and takes them all from the stack. The results are pushed, and their
// number is returned; after an error nothing is pushed. A handler that is not nil is called
// with the error value on the stack on which it was raised. It does not return when the budget
// is spent, or the coroutine is being ended: then the error goes on upwards.
func Protect(L *lua.LState, nargs int, handler lua.LValue) (int, *Failure) {
	up := Of(L)
	up.enter()
	up.Budget().Work(L, callWork+int64(nargs)/valuesPerInstruction)
	t := up.protected()
	t.handler = handler
	reserve(t.L, nargs)
	base := L.GetTop() - nargs
	direct := t.direct(L.Get(base))
	for i := base; i <= base+nargs; i++ {
		t.L.Push(L.Get(i))
	}
	L.SetTop(base - 1)
	failure := t.call(nargs, direct)
	if failure != nil {
		unwound := t.unwound
		t.free(failure.Defect == "")
		up.pass(failure)
		up.Budget().Work(L, failureWork+unwound)
		return 0, failure
	}
	n := t.L.GetTop()
	reserve(L, n)
	for i := 1; i <= n; i++ {
		L.Push(t.L.Get(i))
	}
	t.L.SetTop(0)
	t.free(true)
	return n, nil
}

// What a protected call costs besides what it calls, and what an error does, in instructions: by
// itself, and for each frame that it ends.
const (
	callWork    = 10
	failureWork = 100
	frameWork   = 4
)

// valuesPerInstruction is how many arguments are handed on in the time of an instruction.
const valuesPerInstruction = 4

// reserve makes room on a stack in one piece: by itself the VM makes room for few values at a time.
func reserve(L *lua.LState, n int) {
	if n > 32 {
		top := L.GetTop()
		L.SetTop(top + n)
		L.SetTop(top)
	}
}

// pass raises again what a protected call must not hold back.
func (t *Thread) pass(f *Failure) {
	if err := t.Budget().Spent(); err != nil {
		Raise(t.L, lua.LString(err.Error()))
	}
	if t.Root.abort != nil {
		Raise(t.L, f.Value)
	}
}

// Run calls fn with the arguments on a thread that does nothing else, the first one of a run
// or of a coroutine, and returns its results.
func (t *Thread) Run(fn lua.LValue, args ...lua.LValue) ([]lua.LValue, *Failure) {
	if f := t.Call(fn, args...); f != nil {
		return nil, f
	}
	results := make([]lua.LValue, t.L.GetTop())
	for i := range results {
		results[i] = t.L.Get(i + 1)
	}
	t.L.SetTop(0)
	return results, nil
}

// Call is Run for handlers of messages: the results stay on t's stack, where t.L.Get(1) to
// t.L.Get(t.L.GetTop()) are, until the next call or Free. It allocates nothing. A handler is run by
//
//	t := state.New()
//	failure := t.Call(fn, args...)
//	...
//	t.Free()
//
// which takes less than 0.2 µs besides what the function does. It may block in a Go function as
// long as it likes, while other threads of the state run; at any time one goroutine uses the
// state. If the handler has limits of its own, the budget works for a limit.Task meanwhile.
func (t *Thread) Call(fn lua.LValue, args ...lua.LValue) *Failure {
	t.reported = false
	if t.L.GetTop() > 0 {
		t.L.SetTop(0)
	}
	direct := t.direct(fn)
	t.L.Push(fn)
	reserve(t.L, len(args))
	for _, a := range args {
		t.L.Push(a)
	}
	return t.call(len(args), direct)
}

// Prepare begins what Call does in one: the arguments of fn are pushed on the stack that it
// returns, and Perform calls it.
func (t *Thread) Prepare(fn lua.LValue) *lua.LState {
	t.reported = false
	if t.L.GetTop() > 0 {
		t.L.SetTop(0)
	}
	t.straight = t.direct(fn)
	t.L.Push(fn)
	return t.L
}

// Perform calls the function of Prepare with what has been pushed since. The results stay on the
// stack, as with Call.
func (t *Thread) Perform() *Failure {
	n := t.L.GetTop() - 1
	if !t.straight {
		n--
	}
	return t.call(n, t.straight)
}

// direct reports whether a function needs no trampoline, and puts it on the stack if it does.
func (t *Thread) direct(fn lua.LValue) bool {
	if f, ok := fn.(*lua.LFunction); ok && !f.IsG {
		return true
	}
	t.L.Push(trampoline)
	return false
}

// call calls the function that stands below n values, and closes what an error has left open.
func (t *Thread) call(n int, direct bool) *Failure {
	if direct {
		t.L.SetContext((*entrance)(t))
	} else {
		n++
	}
	err := t.L.PCall(n, lua.MultRet, nil)
	if err == nil {
		return nil
	}
	t.L.SetContext(t.ctx) // it may have failed before the first instruction
	f := failure(err)
	if f.Defect != "" {
		t.Budget().Fail("a defect of the host, see its log")
	}
	t.handler, t.handling, t.raised = nil, 0, false
	t.unwind(f)
	return f
}

func failure(err error) *Failure {
	var api *lua.ApiError
	if !errors.As(err, &api) {
		return &Failure{Value: lua.LString("internal error"), Defect: err.Error()}
	}
	if api.Type != lua.ApiErrorPanic {
		return &Failure{Value: api.Object}
	}
	text := fmt.Sprint(api.Object)
	if strings.Contains(text, "callstack overflow") {
		return &Failure{Value: lua.LString("stack overflow"), Defect: text}
	}
	return &Failure{Value: lua.LString("internal error"), Defect: text}
}

// Abort ends the coroutine that t is the first thread of: it raises v in L, which is the
// thread that runs in it, and no protected call holds it back.
func (t *Thread) Abort(L *lua.LState, v lua.LValue) {
	t.abort = v
	Raise(L, v)
}

// AbortAll is Abort for all coroutines that led to L, each resumed by the one before, and for
// what resumed the first: it ends the whole run.
func (t *Thread) AbortAll(L *lua.LState, v lua.LValue) {
	for root := t.Root; root != nil; root = root.by {
		root.abort = v
	}
	Raise(L, v)
}

// Aborting reports whether the coroutine that t belongs to is being ended.
func (t *Thread) Aborting() bool { return t.Root.abort != nil }
