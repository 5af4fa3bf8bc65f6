package iolib

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

func fileRead(L *lua.LState) int {
	f := self(L)
	return f.read(L, arguments(L, 2), 2)
}

func fileLines(L *lua.LState) int {
	f := self(L)
	L.Push(f.iterator(arguments(L, 2), false))
	return 1
}

// iterator returns the function that io.lines loops with. It closes the file at its end, if
// the file was opened for it.
func (f *file) iterator(formats []lua.LValue, own bool) *lua.LFunction {
	return library.Closure(func(L *lua.LState) int {
		if f.closed {
			thread.Errorf(L, "file is already closed")
		}
		n := f.read(L, formats, 2)
		if L.Get(-n) != lua.LNil {
			return n
		}
		if n > 1 {
			if message, ok := L.Get(1 - n).(lua.LString); ok && n == 3 {
				thread.Errorf(L, "%s", string(message))
			}
		}
		if own {
			f.close(stateOf(L))
		}
		return n
	})
}

// reader returns what to read the file from.
func (f *file) reader(L *lua.LState) (*bufio.Reader, error) {
	switch f.stream {
	case outStream, errStream:
		return nil, syscall.EBADF
	case inStream:
		s := stateOf(L)
		if s.in == nil {
			s.in = newConsole(host.Of(L).In)
		}
		s.in.L = L
		return s.in.buffer, nil
	}
	if err := f.flush(); err != nil {
		return nil, err
	}
	if f.r == nil {
		f.r = bufio.NewReaderSize(f.f, bufferSize)
	}
	return f.r, nil
}

// read reads by formats, and pushes what it has read, up to the first that there is nothing
// for: nil stands for that. first is the number of the argument that is the first format.
func (f *file) read(L *lua.LState, formats []lua.LValue, first int) int {
	r, err := f.reader(L)
	if err != nil {
		return host.Failure(L, "", err)
	}
	if len(formats) == 0 {
		formats = []lua.LValue{lua.LString("l")}
	}
	for i, format := range formats {
		limit.Of(L).Work(L, 10)
		v, err := item(L, r, format, first+i)
		if err != nil && !errors.Is(err, io.EOF) {
			return host.Failure(L, "", err)
		}
		L.Push(v)
		if v == lua.LNil {
			return i + 1
		}
	}
	return len(formats)
}

// item reads what one format says; nil if there is nothing.
func item(L *lua.LState, r *bufio.Reader, format lua.LValue, n int) (lua.LValue, error) {
	if count, ok := format.(lua.LNumber); ok {
		if count <= 0 {
			_, err := r.Peek(1)
			if err != nil {
				return lua.LNil, err
			}
			return lua.LString(""), nil
		}
		return characters(L, r, int64(count), false)
	}
	name, ok := format.(lua.LString)
	if !ok {
		arg.Error(L, n, "invalid format")
	}
	switch strings.TrimPrefix(string(name), "*") + " " {
	case "l ", "L ":
		return line(L, r, strings.HasSuffix(string(name), "L"))
	case "a ":
		return characters(L, r, 1<<62, true)
	case "n ":
		return numeral(r)
	}
	arg.Error(L, n, "invalid format")
	return lua.LNil, nil
}

// text returns what was read, charged.
func text(L *lua.LState, b []byte) lua.LValue {
	limit.Of(L).Charge(L, limit.String, int64(len(b)))
	return lua.LString(b)
}

// grow checks that a text may become as long.
func grow(L *lua.LState, n, more int) {
	limit.Of(L).Work(L, int64(more)/16+1)
	if int64(n) > limit.Of(L).Limits().String {
		limit.Of(L).Charge(L, limit.String, int64(n))
	}
}

func line(L *lua.LState, r *bufio.Reader, keep bool) (lua.LValue, error) {
	var b []byte
	for {
		part, err := r.ReadSlice('\n')
		grow(L, len(b)+len(part), len(part))
		b = append(b, part...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && len(b) == 0 {
			return lua.LNil, err
		}
		break
	}
	if !keep {
		b = bytes.TrimSuffix(b, []byte("\n"))
	}
	return text(L, b), nil
}

// characters reads up to n bytes; none is a text only if empty says so.
func characters(L *lua.LState, r *bufio.Reader, n int64, empty bool) (lua.LValue, error) {
	var b []byte
	for int64(len(b)) < n {
		part, err := r.Peek(1)
		if err == nil {
			part, _ = r.Peek(int(min(int64(r.Buffered()), n-int64(len(b)))))
			grow(L, len(b)+len(part), len(part))
			b = append(b, part...)
			r.Discard(len(part))
			continue
		}
		if !errors.Is(err, io.EOF) {
			return lua.LNil, err
		}
		break
	}
	if len(b) == 0 && !empty {
		return lua.LNil, nil
	}
	return text(L, b), nil
}

// maxNumeral is how long a numeral may be.
const maxNumeral = 200

// numeral reads as much as can be a numeral.
func numeral(r *bufio.Reader) (lua.LValue, error) {
	var b []byte
	next := func(set string) bool {
		c, err := r.Peek(1)
		if err != nil || strings.IndexByte(set, c[0]) < 0 || len(b) >= maxNumeral {
			return false
		}
		b = append(b, c[0])
		r.Discard(1)
		return true
	}
	digits := func(set string) (n int) {
		for next(set) {
			n++
		}
		return n
	}
	for {
		c, err := r.Peek(1)
		if err != nil {
			return lua.LNil, err
		}
		if strings.IndexByte(" \f\n\r\t\v", c[0]) < 0 {
			break
		}
		r.Discard(1)
	}
	next("+-")
	set, exponent, count := "0123456789", "eE", 0
	if next("0") {
		if next("xX") {
			set, exponent = "0123456789abcdefABCDEF", "pP"
		} else {
			count = 1
		}
	}
	count += digits(set)
	if next(".") {
		count += digits(set)
	}
	if count > 0 && next(exponent) {
		next("+-")
		digits("0123456789")
	}
	if x, ok := number.Parse(string(b)); ok && len(b) < maxNumeral {
		return lua.LNumber(x), nil
	}
	return lua.LNil, nil
}

// A console reads the standard input so that a script that waits for it can be stopped.
type console struct {
	L       *lua.LState // that reads
	in      io.Reader
	buffer  *bufio.Reader
	pending chan piece // of a read that goes on
}

type piece struct {
	data []byte
	err  error
}

func newConsole(in io.Reader) *console {
	c := &console{in: in}
	c.buffer = bufio.NewReaderSize(c, bufferSize)
	return c
}

// patience is how often a waiting read looks whether the script was stopped.
const patience = 20 * time.Millisecond

// Read implements io.Reader.
func (c *console) Read(b []byte) (int, error) {
	if c.in == nil {
		return 0, io.EOF
	}
	if c.pending == nil {
		c.pending = make(chan piece, 1)
		go func(in io.Reader, done chan<- piece) {
			data := make([]byte, bufferSize)
			n, err := in.Read(data)
			done <- piece{data[:n], err}
		}(c.in, c.pending)
	}
	ticker := time.NewTicker(patience)
	defer ticker.Stop()
	for {
		select {
		case p := <-c.pending:
			c.pending = nil
			return copy(b, p.data), p.err // b is the buffer, which is as large
		case <-ticker.C:
			limit.Of(c.L).Work(c.L, 1)
		}
	}
}
