package http

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// MaxHeader is how long the head of a request may be: skynet's limit.
const MaxHeader = 8192

// A source reads by a function of the script. It is used by the task that runs in L alone.
type source struct {
	L       *lua.LState
	read    lua.LValue
	rest    string
	left    int64 // how much of a head may still come; below 0: there is no limit any more
	failure *thread.Failure
}

var errFailed = errors.New("the read function has failed")

// ErrTooLarge is the error of a head or a body that is longer than it may be.
var ErrTooLarge = errors.New("too large")

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	if s.failure != nil {
		return 0, errFailed
	}
	if s.rest == "" {
		if s.left == 0 {
			return 0, ErrTooLarge
		}
		s.L.Push(s.read)
		n, failure := thread.Protect(s.L, 0, nil)
		if failure != nil {
			s.failure = failure
			return 0, errFailed
		}
		text, ok := lua.LValue(lua.LNil), false
		if n > 0 {
			text = s.L.Get(-n)
		}
		s.L.Pop(n)
		if s.rest, ok = textOf(text); !ok {
			return 0, io.ErrUnexpectedEOF
		}
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	if s.left > 0 {
		s.left = max(0, s.left-int64(n))
	}
	return n, nil
}

func textOf(v lua.LValue) (string, bool) {
	s, ok := v.(lua.LString)
	return string(s), ok
}

// readRequest is httpd.read_request(readfunc [, bodylimit]): 200, url, method, header, body; another
// code for a request that must not be served; nil and the error of readfunc.
func readRequest(L *lua.LState) int {
	in := &source{L: L, read: L.Get(1), left: MaxHeader}
	most := int64(-1)
	if n, ok := value.ToInteger(L, L.Get(2)); ok {
		most = n
	}
	code := func(n int) int {
		if in.failure != nil {
			L.Push(lua.LNil)
			L.Push(in.failure.Value)
			return 2
		}
		L.Push(lua.LNumber(n))
		return 1
	}
	r, err := http.ReadRequest(bufio.NewReaderSize(in, 1024))
	if err != nil {
		return code(CodeOf(err))
	}
	if r.ProtoMajor != 1 || r.ProtoMinor > 1 {
		return code(http.StatusHTTPVersionNotSupported)
	}
	if most >= 0 && r.ContentLength > most {
		return code(http.StatusRequestEntityTooLarge)
	}
	in.left = -1
	body, err := readBody(L, r.Body, most)
	if err != nil {
		return code(CodeOf(err))
	}
	L.Push(lua.LNumber(http.StatusOK))
	L.Push(lua.LString(r.RequestURI))
	L.Push(lua.LString(r.Method))
	L.Push(Header(L, r))
	L.Push(lua.LString(body))
	return 5
}

// Header returns the header of a request as skynet has it: a table of texts, and of lists where a
// field comes again, with names in lower case.
func Header(L *lua.LState, r *http.Request) *lua.LTable {
	t := L.CreateTable(0, len(r.Header)+2)
	headerInto(L, t, r.Header)
	headerInto(L, t, r.Trailer)
	if r.Host != "" {
		t.RawSetString("host", lua.LString(r.Host))
	}
	if len(r.TransferEncoding) > 0 {
		t.RawSetString("transfer-encoding", lua.LString(strings.Join(r.TransferEncoding, ", ")))
	}
	return t
}

// CodeOf returns the code that answers what is wrong with a request.
func CodeOf(err error) int {
	switch {
	case errors.Is(err, ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case strings.Contains(err.Error(), "unsupported transfer encoding"):
		return http.StatusNotImplemented
	}
	return http.StatusBadRequest
}

// readBody reads a body of at most so many bytes; below 0: as many as a string may have.
func readBody(L *lua.LState, r io.Reader, most int64) (string, error) {
	var b strings.Builder
	piece := make([]byte, 16<<10)
	for {
		n, err := r.Read(piece)
		if most >= 0 && int64(b.Len()+n) > most {
			return "", ErrTooLarge
		}
		limit.Of(L).Charge(L, limit.String, int64(b.Len()+n))
		b.Write(piece[:n])
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// writeResponse is httpd.write_response(writefunc, code [, body [, header]]): true, or false and the error.
// The body is a text, or a function that returns the next piece and nil at the end.
func writeResponse(L *lua.LState) int {
	failure := protect(L, func(L *lua.LState) {
		code, body := int(arg.Integer(L, 2)), L.Get(3)
		var b strings.Builder
		fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", code, http.StatusText(code))
		length := false
		if t, ok := L.Get(4).(*lua.LTable); ok {
			for _, f := range Fields(L, t) {
				length = length || strings.EqualFold(f.Name, "content-length")
				b.WriteString(f.Name + ": " + f.Text + "\r\n")
			}
		}
		write := func(s string) {
			L.Push(L.Get(1))
			L.Push(lua.LString(s))
			L.Call(1, 0)
		}
		switch v := body.(type) {
		case lua.LString:
			if !length {
				b.WriteString("content-length: " + strconv.Itoa(len(v)) + "\r\n")
			}
			b.WriteString("\r\n")
			limit.Of(L).Charge(L, limit.String, int64(b.Len()+len(v)))
			write(b.String() + string(v))
		case *lua.LFunction:
			write(b.String() + "transfer-encoding: chunked\r\n\r\n")
			for {
				L.Push(v)
				L.Call(0, 1)
				piece := L.Get(-1)
				L.Pop(1)
				if piece == lua.LNil || piece == lua.LFalse {
					write("0\r\n\r\n")
					return
				}
				if text := lua.LVAsString(piece); text != "" {
					write(fmt.Sprintf("%x\r\n%s\r\n", len(text), text))
				}
			}
		case *lua.LNilType:
			write(b.String() + "\r\n")
		default:
			arg.TypeError(L, 3, "string or function")
		}
	})
	if failure != nil {
		L.Push(lua.LFalse)
		L.Push(failure.Value)
		return 2
	}
	L.Push(lua.LTrue)
	return 1
}

// protect calls a Go function with the arguments of the running one, as pcall does.
func protect(L *lua.LState, f func(*lua.LState)) *thread.Failure {
	top := L.GetTop()
	L.Push(closure(func(L *lua.LState) int { f(L); return 0 }))
	for i := 1; i <= top; i++ {
		L.Push(L.Get(i))
	}
	n, failure := thread.Protect(L, top, nil)
	L.Pop(n)
	return failure
}
