// Package strlib is Lua's library string.
package strlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "byte", Call: bytes}, {Name: "char", Call: char}, {Name: "dump", Call: dump}, {Name: "find", Call: find},
	{Name: "format", Call: format}, {Name: "gmatch", Call: gmatch}, {Name: "gsub", Call: gsub}, {Name: "len", Call: length},
	{Name: "lower", Call: lower}, {Name: "match", Call: match}, {Name: "pack", Call: pack}, {Name: "packsize", Call: packsize},
	{Name: "rep", Call: rep}, {Name: "reverse", Call: reverse}, {Name: "sub", Call: sub}, {Name: "unpack", Call: unpack},
	{Name: "upper", Call: upper},
}

// start converts a place that a string begins at, from 1 or from the end, to one from 1 up.
func start(place int64, size int) int {
	switch {
	case place > 0:
		return int(min(place, int64(size)+1))
	case place == 0, place < -int64(size):
		return 1
	}
	return size + int(place) + 1
}

// last converts a place that a string ends at.
func last(place int64, size int) int {
	switch {
	case place > int64(size):
		return size
	case place >= 0:
		return int(place)
	case place < -int64(size):
		return 0
	}
	return size + int(place) + 1
}

func bytes(L *lua.LState) int {
	s := arg.String(L, 1)
	i := arg.OptInteger(L, 2, 1)
	from := start(i, len(s))
	if i == 0 {
		from = 1
	}
	to := last(arg.OptInteger(L, 3, i), len(s))
	if i == 0 && L.Get(3) == lua.LNil {
		to = 0
	}
	if from > to {
		return 0
	}
	n := to - from + 1
	if n > maxResults {
		thread.Errorf(L, "string slice too long")
	}
	value.Reserve(L, n)
	for k := from - 1; k < to; k++ {
		L.Push(lua.LNumber(s[k]))
	}
	return n
}

// maxResults is how many values a function may return.
const maxResults = 250_000

func char(L *lua.LState) int {
	n := L.GetTop()
	limit.Of(L).Charge(L, limit.String, int64(n))
	b := make([]byte, n)
	for i := range b {
		c := arg.Integer(L, i+1)
		arg.Check(L, 0 <= c && c <= 255, i+1, "value out of range")
		b[i] = byte(c)
	}
	if n == 1 {
		L.Push(single[b[0]])
	} else {
		L.Push(lua.LString(b))
	}
	return 1
}

func length(L *lua.LState) int {
	L.Push(lua.LNumber(len(arg.String(L, 1))))
	return 1
}

func lower(L *lua.LState) int {
	return mapped(L, func(c byte) byte {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	})
}

func upper(L *lua.LState) int {
	return mapped(L, func(c byte) byte {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		return c
	})
}

func mapped(L *lua.LState, f func(byte) byte) int {
	s := arg.String(L, 1)
	limit.Of(L).Charge(L, limit.String, int64(len(s)))
	b := make([]byte, len(s))
	for i := range b {
		b[i] = f(s[i])
	}
	L.Push(lua.LString(b))
	return 1
}

func reverse(L *lua.LState) int {
	s := arg.String(L, 1)
	limit.Of(L).Charge(L, limit.String, int64(len(s)))
	b := make([]byte, len(s))
	for i := range b {
		b[len(s)-1-i] = s[i]
	}
	L.Push(lua.LString(b))
	return 1
}

func rep(L *lua.LState) int {
	s, n, separator := arg.String(L, 1), arg.Integer(L, 2), arg.OptString(L, 3, "")
	if n <= 0 || len(s)+len(separator) == 0 {
		L.Push(empty)
		return 1
	}
	one := int64(len(s) + len(separator))
	if one > (1<<62)/n {
		thread.Errorf(L, "resulting string too large")
	}
	limit.Of(L).Charge(L, limit.String, one*n-int64(len(separator)))
	if separator == "" {
		L.Push(lua.LString(strings.Repeat(s, int(n))))
		return 1
	}
	L.Push(lua.LString(strings.Repeat(s+separator, int(n-1)) + s))
	return 1
}

func sub(L *lua.LState) int {
	s := arg.String(L, 1)
	from := start(arg.Integer(L, 2), len(s))
	to := last(arg.OptInteger(L, 3, -1), len(s))
	L.Push(part(L, s, from-1, to))
	return 1
}
