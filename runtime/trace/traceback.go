package trace

import (
	"fmt"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/runtime/thread"
)

// LibraryName, if it is set, returns the name of a function of the library, such as
// "string.rep", or "".
var LibraryName func(*lua.LFunction) string

// Shown of a long traceback are the first levels and the last ones.
const (
	firstLevels = 10
	lastLevels  = 11
)

// Traceback writes the stack of a coroutine from a level on, as debug.traceback does. message is
// left out if it is empty.
func Traceback(L *lua.LState, message string, level int) string {
	var b strings.Builder
	if message != "" {
		b.WriteString(message)
		b.WriteByte('\n')
	}
	b.WriteString("stack traceback:")
	refs := thread.Levels(L)
	refs = refs[min(max(level, 0), len(refs)):]
	globals := 0 // that are looked through for the name of each function
	if L.Env != nil {
		globals = limit.KeyCount(L.Env) + limit.ArrayLen(L.Env)
	}
	limit.Of(L).Try(limit.Instructions, int64(len(refs)/8+(20+globals)*min(len(refs), firstLevels+lastLevels)))
	for i := 0; i < len(refs); i++ {
		if n := len(refs); i == firstLevels && n > firstLevels+lastLevels {
			skipped := n - firstLevels - lastLevels
			fmt.Fprintf(&b, "\n\t...\t(skipping %d levels)", skipped)
			i += skipped
		}
		f, ok := refFrame(refs[i])
		if !ok || thread.IsOperation(f.Func) {
			continue
		}
		var caller Frame
		if i+1 < len(refs) {
			caller, _ = refFrame(refs[i+1])
		}
		b.WriteString("\n\t" + f.Position() + " in " + f.title(caller))
		if f.Tail {
			b.WriteString("\n\t(...tail calls...)")
		}
	}
	if thread.Of(L).Root.Main {
		b.WriteString("\n\t[C]: in ?") // what called the script
	}
	return b.String()
}

func refFrame(r thread.Ref) (Frame, bool) {
	dbg, ok := r.L.GetStack(r.Raw)
	if !ok {
		return Frame{}, false
	}
	return frameOf(r.L, dbg)
}

// title names the function of a frame.
func (f Frame) title(caller Frame) string {
	if name := GlobalName(f.L, f.Func); name != "" {
		return "function '" + Shown(name) + "'"
	}
	if caller.Func != nil {
		if kind, name := f.calledBy(caller); kind != "" {
			return kind + " '" + Shown(name) + "'"
		}
	}
	switch {
	case f.Func.IsG:
		return "?"
	case isMain(f.Func):
		return "main chunk"
	}
	return fmt.Sprintf("function <%s:%d>", f.Func.Proto.SourceName, f.Func.Proto.LineDefined)
}

func isMain(f *lua.LFunction) bool { return !f.IsG && f.Proto.LineDefined == 0 }

// GlobalName returns the name under which a function is found in the library or among the
// globals, or "".
func GlobalName(L *lua.LState, fn *lua.LFunction) string {
	if LibraryName != nil {
		if name := LibraryName(fn); name != "" {
			return name
		}
	}
	if fn.Env == nil || L.Env == nil || isMain(fn) {
		return ""
	}
	var names []string
	L.Env.ForEach(func(k, v lua.LValue) {
		if v == lua.LValue(fn) {
			if s, ok := k.(lua.LString); ok {
				names = append(names, string(s))
			}
		}
	})
	if len(names) == 0 {
		return ""
	}
	sort.Strings(names)
	return names[0]
}

// Place is where in the source text a frame is.
func (f Frame) Place() (*lower.Code, bool) { return f.Code, f.Code != nil }
