package thread

import (
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// A Failure is an error that ended a call.
type Failure struct {
	// Value is the error value of the script, after its handler if there was one.
	Value lua.LValue
	// Defect is what a panic of Go code said, for the host's log alone; "" for an error of Lua.
	Defect string
}

// trampoline sits at the bottom of every protected call. The VM has just put its own hook for
// errors in place: this puts ours there.
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
	t.L.Push(trampoline)
	for i := base; i <= base+nargs; i++ {
		t.L.Push(L.Get(i))
	}
	L.SetTop(base - 1)
	failure := t.call(nargs + 1)
	if failure != nil {
		t.free(failure.Defect == "")
		up.pass(failure)
		up.Budget().Work(L, failureWork)
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
	if err := t.Budget().Spent(); err != nil || t.Root.abort != nil {
		Raise(t.L, f.Value)
	}
}

// Run calls fn with the arguments on a thread that does nothing else, the first one of a run
// or of a coroutine.
func (t *Thread) Run(fn lua.LValue, handler lua.LValue, args ...lua.LValue) ([]lua.LValue, *Failure) {
	t.handler, t.reported = handler, false
	t.L.Push(trampoline)
	t.L.Push(fn)
	reserve(t.L, len(args))
	for _, a := range args {
		t.L.Push(a)
	}
	if f := t.call(len(args) + 1); f != nil {
		return nil, f
	}
	n := t.L.GetTop()
	results := make([]lua.LValue, n)
	for i := range results {
		results[i] = t.L.Get(i + 1)
	}
	t.L.SetTop(0)
	return results, nil
}

// call calls the trampoline that stands below n values, and closes what an error has left open.
func (t *Thread) call(n int) *Failure {
	err := t.L.PCall(n, lua.MultRet, nil)
	if err == nil {
		return nil
	}
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
