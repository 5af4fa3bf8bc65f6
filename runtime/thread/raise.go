package thread

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

func init() {
	limit.Raise = func(L *lua.LState, message string) { Errorf(L, "%s", message) }
}

// Raise raises a value as an error, as error(value, 0) does. It does not return.
func Raise(L *lua.LState, v lua.LValue) {
	t := Of(L)
	t.raised = true
	L.Error(v, 0)
	panic("unreachable: the thread has no protected call")
}

// Errorf raises a message that starts with the place of the Lua code that called the running
// Go function, if it was Lua code. It does not return.
func Errorf(L *lua.LState, format string, args ...any) {
	message := Where(L, 1) + fmt.Sprintf(format, args...)
	if n := len(message); n > 256 { // it quotes what is long
		Of(L).Budget().Try(limit.Memory, int64(n))
		Of(L).Budget().Try(limit.Instructions, int64(n)/8)
	}
	Raise(L, lua.LString(message))
}

// Where returns "file:line: " for the function at a level of the stack, and "" for one that
// is not Lua. Level 0 is the running function, level 1 the one that called it.
func Where(L *lua.LState, level int) string {
	in, dbg, ok := Level(L, level)
	if !ok {
		return ""
	}
	fn, err := in.GetInfo("Slf", dbg, nil)
	if f, isFn := fn.(*lua.LFunction); err != nil || !isFn || f.IsG || dbg.CurrentLine <= 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", dbg.Source, dbg.CurrentLine)
}

// Level finds the function at a level of the stack, through the protected calls of the
// coroutine. Level 0 is the running function. Frames that tail calls replaced are not levels,
// nor are operations of the host that a metamethod was called by.
func Level(L *lua.LState, level int) (in *lua.LState, dbg *lua.Debug, ok bool) {
	for t := Of(L); t != nil; t = t.Up {
		top, ok := t.L.GetStack(0)
		if !ok {
			continue
		}
		raw, found := 0, -1
		limit.Frames(top, func(tails int, operation bool) bool {
			if !operation || raw == 0 && !t.atBottom(top) {
				if level == 0 {
					found = raw
					return false
				}
				level--
			}
			raw += 1 + tails
			return true
		})
		if found == 0 {
			return t.L, top, true
		}
		if found > 0 {
			dbg, ok := t.L.GetStack(found)
			return t.L, dbg, ok
		}
	}
	return nil, nil, false
}

// atBottom reports whether a frame is that of the trampoline.
func (t *Thread) atBottom(dbg *lua.Debug) bool {
	fn, _ := t.L.GetInfo("f", dbg, nil)
	return fn == lua.LValue(trampoline)
}

// A Ref is a level of a stack: L.GetStack(Raw).
type Ref struct {
	L   *lua.LState
	Raw int
}

// Levels returns all levels of the stack, the running function first, as Level counts them.
func Levels(L *lua.LState) []Ref {
	var refs []Ref
	for t := Of(L); t != nil; t = t.Up {
		dbg, ok := t.L.GetStack(0)
		if !ok {
			continue
		}
		raw := 0
		limit.Frames(dbg, func(tails int, _ bool) bool {
			refs = append(refs, Ref{t.L, raw})
			raw += 1 + tails
			return true
		})
		if last := refs[len(refs)-1]; t.startsWithTrampoline(last.Raw) {
			refs = refs[:len(refs)-1]
		}
	}
	return refs
}

// startsWithTrampoline reports whether the last level of the stack, at raw, is the trampoline.
func (t *Thread) startsWithTrampoline(raw int) bool {
	dbg, ok := t.L.GetStack(raw)
	return ok && t.atBottom(dbg)
}

// IsOperation reports whether a function is one that compiled code calls for an operator: it
// alone has no environment.
func IsOperation(f *lua.LFunction) bool { return f.IsG && f.Env == nil }

// Translate, if it is set, turns a message of the VM into one of Lua's. It is called on the
// stack that the error was raised on.
var Translate func(L *lua.LState, message string) string

// maxHandling is how often a handler is called for errors in itself.
const maxHandling = 10

func (t *Thread) handle(L *lua.LState, value lua.LValue) lua.LValue {
	deep := t.handling > 0 && (t.ctx.Frames() > t.ctx.Room || t.ctx.Below+t.ctx.Frames() > t.Budget().Limits().Depth)
	if t.handling == maxHandling || deep {
		return lua.LString("error in error handling")
	}
	t.raised = false
	t.handling++
	t.ctx.Pinned++
	L.Push(t.handler)
	L.Push(value)
	L.Call(1, 1)
	t.ctx.Pinned--
	t.handling--
	return L.Get(-1)
}

// caught is L.Panic during a protected call: every error of Lua code comes here first, on the
// stack on which it was raised.
func caught(L *lua.LState) {
	t := Of(L)
	value := L.Get(-1)
	t.unwound = t.ctx.Frames()*frameWork + t.ctx.Top()/2
	if t.Budget().Spent() == nil && t.Root.abort == nil {
		if s, ok := value.(lua.LString); ok && !t.raised && Translate != nil {
			value = lua.LString(Translate(L, string(s)))
		}
		if t.handler != nil {
			value = t.handle(L, value)
		}
	}
	if root := t.Root; t.State.Report != nil && root.Main && !root.reported && (t.Up == nil || t.Budget().Spent() != nil) {
		root.reported = true
		t.State.Report(L, value)
	}
	t.raised = false
	// The VM writes a traceback of its own, at length, unless there is one.
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: value, StackTrace: "-"})
}
