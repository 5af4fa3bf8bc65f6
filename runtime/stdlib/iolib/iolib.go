// Package iolib is Lua's library io. The standard streams are those of the state; files are
// those that the host grants.
package iolib

import (
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "close", Call: closeDefault}, {Name: "input", Call: input}, {Name: "lines", Call: lines},
	{Name: "open", Call: open}, {Name: "output", Call: output}, {Name: "popen", Call: popen},
	{Name: "read", Call: read}, {Name: "tmpfile", Call: temporary}, {Name: "type", Call: kind},
	{Name: "write", Call: write},
}

// Values are the standard streams. It is called once, before any state is made.
func Values() map[string]lua.LValue {
	fillMetatable()
	return map[string]lua.LValue{"stdin": stdin, "stdout": stdout, "stderr": stderr}
}

// maxOpen is how many files a state may have open.
const maxOpen = 200

// state is what the library keeps for one state.
type state struct {
	input, output *lua.LUserData
	open          map[*file]struct{}
	in            *console // the standard input, once it was read
}

func stateOf(L *lua.LState) *state {
	h := host.Of(L)
	if s, ok := h.IO.(*state); ok {
		return s
	}
	s := &state{input: stdin, output: stdout, open: make(map[*file]struct{})}
	h.IO = s
	return s
}

// Close closes the files that the script has left open.
func Close(h *host.State) {
	if s, ok := h.IO.(*state); ok {
		for f := range s.open {
			f.close(s)
		}
	}
}

// granted returns the files that the script may open, or raises an error.
func granted(L *lua.LState, function string) host.Files {
	files := host.Of(L).Files
	if files == nil {
		thread.Errorf(L, "io.%s is not granted", function)
	}
	return files
}

func popen(L *lua.LState) int {
	host.Refused(L, rules.ForbiddenAPI, "io.popen", "io.popen gives a command to a shell")
	thread.Errorf(L, "io.popen is not granted")
	return 0
}

// modes are those of io.open, without the b at their end.
var modes = map[string]int{
	"r": os.O_RDONLY, "r+": os.O_RDWR,
	"w": os.O_WRONLY | os.O_CREATE | os.O_TRUNC, "w+": os.O_RDWR | os.O_CREATE | os.O_TRUNC,
	"a": os.O_WRONLY | os.O_CREATE | os.O_APPEND, "a+": os.O_RDWR | os.O_CREATE | os.O_APPEND,
}

func open(L *lua.LState) int {
	files := granted(L, "open")
	name := arg.String(L, 1)
	flag, ok := modes[strings.TrimRight(arg.OptString(L, 2, "r"), "b")]
	arg.Check(L, ok, 2, "invalid mode")
	u, err := openFile(L, files, name, flag)
	if err != nil {
		return host.Failure(L, name, err)
	}
	L.Push(u)
	return 1
}

func openFile(L *lua.LState, files host.Files, name string, flag int) (*lua.LUserData, error) {
	charge(L)
	f, err := files.Open(name, flag)
	if err != nil {
		return nil, err
	}
	return stateOf(L).add(&file{f: f, flag: flag}), nil
}

// charge takes what a file costs before it is opened.
func charge(L *lua.LState) {
	limit.Of(L).Charge(L, limit.Memory, 2*bufferSize)
	limit.Of(L).Work(L, 2000)
	if len(stateOf(L).open) >= maxOpen {
		thread.Errorf(L, "too many open files (more than %d): close what is no longer used", maxOpen)
	}
}

func (s *state) add(f *file) *lua.LUserData {
	s.open[f] = struct{}{}
	return wrap(f)
}

func temporary(L *lua.LState) int {
	files := granted(L, "tmpfile")
	charge(L)
	f, name, err := files.Temp()
	if err != nil {
		return host.Failure(L, "", err)
	}
	L.Push(stateOf(L).add(&file{f: f, flag: os.O_RDWR, gone: func() { files.Remove(name) }}))
	return 1
}

// closeDefault closes a file, or the default output.
func closeDefault(L *lua.LState) int {
	if L.GetTop() == 0 {
		L.Push(stateOf(L).output)
	}
	return closeFile(L)
}

func input(L *lua.LState) int {
	s := stateOf(L)
	return byDefault(L, &s.input, "input", os.O_RDONLY)
}

func output(L *lua.LState) int {
	s := stateOf(L)
	return byDefault(L, &s.output, "output", os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
}

// byDefault sets a default file, if there is an argument, and returns it.
func byDefault(L *lua.LState, at **lua.LUserData, function string, flag int) int {
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
	case lua.LString:
		u, err := openFile(L, granted(L, function+" with a file"), string(v), flag)
		if err != nil {
			text, _ := host.Reason(err)
			thread.Errorf(L, "cannot open file '%s' (%s)", string(v), text)
		}
		*at = u
	default:
		self(L)
		*at = v.(*lua.LUserData)
	}
	L.Push(*at)
	return 1
}

// opened returns a default file, which must be open.
func opened(L *lua.LState, u *lua.LUserData, what string) *file {
	f := u.Value.(*file)
	if f.closed {
		thread.Errorf(L, "default %s file is closed", what)
	}
	return f
}

func read(L *lua.LState) int {
	f := opened(L, stateOf(L).input, "input")
	return f.read(L, arguments(L, 1), 1)
}

func write(L *lua.LState) int {
	u := stateOf(L).output
	return opened(L, u, "output").write(L, 1, u)
}

func lines(L *lua.LState) int {
	if L.Get(1) == lua.LNil {
		f := opened(L, stateOf(L).input, "input")
		L.Push(f.iterator(arguments(L, 2), false))
		return 1
	}
	name := arg.String(L, 1)
	u, err := openFile(L, granted(L, "lines"), name, os.O_RDONLY)
	if err != nil {
		text, _ := host.Reason(err)
		thread.Errorf(L, "cannot open file '%s' (%s)", name, text)
	}
	L.Push(u.Value.(*file).iterator(arguments(L, 2), true))
	L.Push(lua.LNil)
	L.Push(lua.LNil)
	L.Push(u)
	return 4
}

// arguments returns the arguments from one on.
func arguments(L *lua.LState, from int) []lua.LValue {
	arg.Check(L, L.GetTop()-from < 250, from, "too many arguments")
	var all []lua.LValue
	for i := from; i <= L.GetTop(); i++ {
		all = append(all, L.Get(i))
	}
	return all
}

func kind(L *lua.LState) int {
	var result lua.LValue = lua.LNil
	if u, ok := arg.Any(L, 1).(*lua.LUserData); ok {
		if f, ok := u.Value.(*file); ok {
			result = lua.LString("file")
			if f.closed {
				result = lua.LString("closed file")
			}
		}
	}
	L.Push(result)
	return 1
}
