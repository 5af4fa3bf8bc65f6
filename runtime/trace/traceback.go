package trace

import (
	"fmt"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/lower"
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
	var lines []string
	for ; ; level++ {
		f, ok := At(L, level)
		if !ok {
			break
		}
		line := "\n\t" + f.Position() + " in " + f.title(L, level)
		if f.Tail {
			line += "\n\t(...tail calls...)"
		}
		lines = append(lines, line)
		if len(lines) > maxLevels {
			break
		}
	}
	if n := len(lines); n > firstLevels+lastLevels {
		for _, line := range lines[:firstLevels] {
			b.WriteString(line)
		}
		fmt.Fprintf(&b, "\n\t...\t(skipping %d levels)", n-firstLevels-lastLevels)
		lines = lines[n-lastLevels:]
	}
	for _, line := range lines {
		b.WriteString(line)
	}
	return b.String()
}

// maxLevels bounds the work for a very deep stack.
const maxLevels = 1000

// title names the function of a frame.
func (f Frame) title(L *lua.LState, level int) string {
	if name := GlobalName(f.L, f.Func); name != "" {
		return "function '" + name + "'"
	}
	if kind, name := Called(L, level); kind != "" {
		return kind + " '" + name + "'"
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
