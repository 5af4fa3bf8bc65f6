package host

import (
	"errors"
	"os"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/grant"
)

// Files are the files that a script may touch. What a name leads to outside of them is refused
// with an error.
type Files interface {
	Open(name string, flag int) (*os.File, error)
	Remove(name string) error
	Rename(from, to string) error
	Temp() (file *os.File, name string, err error)
}

// Failure pushes what functions of io and os return after a failure: nil, a message and a
// number. It returns 3.
func Failure(L *lua.LState, name string, err error) int {
	text, code := Reason(err)
	if name != "" {
		text = name + ": " + text
	}
	L.Push(lua.LNil)
	L.Push(lua.LString(text))
	L.Push(lua.LNumber(code))
	return 3
}

// Reason returns why something failed as C says it, and the number that it has there.
func Reason(err error) (string, int) {
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno):
		text := errno.Error()
		return strings.ToUpper(text[:1]) + text[1:], int(errno)
	case errors.Is(err, grant.ErrOutside), errors.Is(err, grant.ErrKind):
		return err.Error(), int(syscall.EACCES)
	}
	return "Input/output error", int(syscall.EIO)
}
