package iolib

import (
	"bufio"
	"io"
	"os"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/baselib"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

const bufferSize = 4096

// A file is an open file of one state, or stands for a standard stream of the state that
// uses it: then all states share it, and it does not change.
type file struct {
	stream stream
	f      *os.File
	r      *bufio.Reader // nil before the first read
	w      *bufio.Writer // nil before the first write
	flag   int           // as os.OpenFile takes it
	direct bool          // without a buffer
	closed bool
	gone   func() // removes a temporary file
}

type stream int

const (
	noStream stream = iota
	inStream
	outStream
	errStream
)

var (
	//baton:ok filled before any state is made, and only read then
	metatable = new(lua.LState).CreateTable(0, 8) // filled by Values

	stdin  = wrap(&file{stream: inStream})
	stdout = wrap(&file{stream: outStream})
	stderr = wrap(&file{stream: errStream})
)

func fillMetatable() {
	methods := new(lua.LState).CreateTable(0, 8)
	for _, f := range []library.Function{
		{Name: "close", Call: closeFile}, {Name: "flush", Call: flush}, {Name: "lines", Call: fileLines},
		{Name: "read", Call: fileRead}, {Name: "seek", Call: seek}, {Name: "setvbuf", Call: setBuffer}, {Name: "write", Call: fileWrite},
	} {
		methods.RawSetString(f.Name, library.Closure(f.Call)) // without a name for messages, as in lua5.4
	}
	mt := metatable
	mt.RawSetString("__index", methods)
	mt.RawSetString("__name", lua.LString("FILE*"))
	mt.RawSetString("__metatable", lua.LFalse)
	mt.RawSetString("__tostring", library.New("tostring", describe))
	mt.RawSetString("__close", library.New("close", closeSilently))
	library.Hide(methods)
	library.Hide(mt)
}

func wrap(f *file) *lua.LUserData {
	return &lua.LUserData{Value: f, Env: noGlobals, Metatable: metatable}
}

//baton:ok an empty table that no function reads or writes
var noGlobals = new(lua.LState).CreateTable(0, 0)

// of returns the first argument, which must be a file, open or not.
func of(L *lua.LState) *file {
	if u, ok := L.Get(1).(*lua.LUserData); ok {
		if f, ok := u.Value.(*file); ok {
			return f
		}
	}
	arg.TypeError(L, 1, "FILE*")
	return nil
}

// self returns the first argument, which must be an open file.
func self(L *lua.LState) *file {
	f := of(L)
	if f.closed {
		thread.Errorf(L, "attempt to use a closed file")
	}
	return f
}

func describe(L *lua.LState) int {
	text := "file (closed)"
	if f := of(L); !f.closed {
		text = "file (" + value.ID(L.Get(1)) + ")"
	}
	L.Push(lua.LString(text))
	return 1
}

func closeFile(L *lua.LState) int {
	f := self(L)
	if f.stream != noStream {
		L.Push(lua.LNil)
		L.Push(lua.LString("cannot close standard file"))
		return 2
	}
	return result(L, f.close(stateOf(L)))
}

func closeSilently(L *lua.LState) int {
	if f := of(L); !f.closed && f.stream == noStream {
		f.close(stateOf(L))
	}
	return 0
}

// result returns true, or what went wrong.
func result(L *lua.LState, err error) int {
	if err != nil {
		return host.Failure(L, "", err)
	}
	L.Push(lua.LTrue)
	return 1
}

func (f *file) close(s *state) error {
	err := f.flush()
	if e := f.f.Close(); err == nil {
		err = e
	}
	f.closed, f.r, f.w = true, nil, nil
	delete(s.open, f)
	if f.gone != nil {
		f.gone()
	}
	return err
}

func (f *file) flush() error {
	if f.w == nil || f.w.Buffered() == 0 {
		return nil
	}
	return f.w.Flush()
}

func flush(L *lua.LState) int {
	if err := self(L).flush(); err != nil {
		return host.Failure(L, "", err)
	}
	L.SetTop(1)
	return 1
}

func setBuffer(L *lua.LState) int {
	f := self(L)
	mode := arg.String(L, 2)
	arg.Check(L, mode == "no" || mode == "full" || mode == "line", 2, "invalid option '"+mode+"'")
	if f.stream == noStream {
		f.direct = mode == "no"
	}
	L.Push(lua.LTrue)
	return 1
}

func fileWrite(L *lua.LState) int {
	return self(L).write(L, 2, L.Get(1).(*lua.LUserData))
}

// write writes the arguments from one on, and returns the file.
func (f *file) write(L *lua.LState, from int, u *lua.LUserData) int {
	for i := from; i <= L.GetTop(); i++ {
		if err := f.put(L, arg.String(L, i)); err != nil {
			return host.Failure(L, "", err)
		}
	}
	if f.direct {
		if err := f.flush(); err != nil {
			return host.Failure(L, "", err)
		}
	}
	L.Push(u)
	return 1
}

func (f *file) put(L *lua.LState, text string) error {
	switch f.stream {
	case inStream:
		return syscall.EBADF
	case outStream:
		baselib.Write(L, []byte(text))
		return nil
	case errStream:
		baselib.WriteError(L, text)
		return nil
	}
	if f.flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return syscall.EBADF
	}
	limit.Of(L).Charge(L, limit.Output, int64(len(text)))
	if f.r != nil && f.r.Buffered() > 0 { // go back to where the script is
		if _, err := f.f.Seek(-int64(f.r.Buffered()), io.SeekCurrent); err != nil {
			return err
		}
		f.r.Reset(f.f)
	}
	if f.w == nil {
		f.w = bufio.NewWriterSize(f.f, bufferSize)
	}
	if _, err := f.w.WriteString(text); err != nil {
		f.w.Reset(f.f) // the writer would keep the error
		return err
	}
	return nil
}

func seek(L *lua.LState) int {
	f := self(L)
	whence, ok := map[string]int{"set": io.SeekStart, "cur": io.SeekCurrent, "end": io.SeekEnd}[arg.OptString(L, 2, "cur")]
	arg.Check(L, ok, 2, "invalid option '"+arg.OptString(L, 2, "cur")+"'")
	offset := arg.OptInteger(L, 3, 0)
	limit.Of(L).Work(L, 200)
	if f.stream != noStream {
		return host.Failure(L, "", syscall.ESPIPE)
	}
	err := f.flush()
	if f.r != nil && whence == io.SeekCurrent {
		offset -= int64(f.r.Buffered())
	}
	var at int64
	if err == nil {
		at, err = f.f.Seek(offset, whence)
	}
	if err != nil {
		return host.Failure(L, "", err)
	}
	if f.r != nil {
		f.r.Reset(f.f)
	}
	L.Push(lua.LNumber(at))
	return 1
}
