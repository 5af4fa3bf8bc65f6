// Package utf8lib is Lua's library utf8.
package utf8lib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "char", Call: char}, {Name: "codepoint", Call: codepoint}, {Name: "codes", Call: codes},
	{Name: "len", Call: length}, {Name: "offset", Call: offset},
}

// Pattern matches one character.
const Pattern = "[\x00-\x7F\xC2-\xFD][\x80-\xBF]*"

const (
	maxUnicode = 0x10FFFF
	maxCode    = 0x7FFFFFFF
)

func continues(s string, i int) bool { return i < len(s) && s[i]&0xC0 == 0x80 }

// decode reads the character at i. Size is 0 if there is none.
func decode(s string, i int, strict bool) (code int64, size int) {
	if i >= len(s) {
		return 0, 0
	}
	c := s[i]
	if c < 0x80 {
		return int64(c), 1
	}
	least := [...]int64{1 << 62, 0x80, 0x800, 0x10000, 0x200000, 0x4000000}
	count := 0
	for ; c&0x40 != 0; c <<= 1 {
		count++
		if !continues(s, i+count) {
			return 0, 0
		}
		code = code<<6 | int64(s[i+count]&0x3F)
	}
	code |= int64(c&0x7F) << (count * 5)
	if count > 5 || count == 0 || code > maxCode || code < least[count] {
		return 0, 0
	}
	if strict && (code > maxUnicode || 0xD800 <= code && code <= 0xDFFF) {
		return 0, 0
	}
	return code, count + 1
}

// appendCode writes a character, of up to 31 bits.
func appendCode(b []byte, code uint32) []byte {
	if code < 0x80 {
		return append(b, byte(code))
	}
	var room [6]byte
	i := len(room)
	first := uint32(0x3F) // the most that fits the first byte
	for {
		i--
		room[i] = byte(0x80 | code&0x3F)
		code >>= 6
		first >>= 1
		if code <= first {
			break
		}
	}
	i--
	room[i] = byte(^first<<1 | code)
	return append(b, room[i:]...)
}

// place converts a place that may count from the end.
func place(i int64, size int) int64 {
	switch {
	case i >= 0:
		return i
	case -i > int64(size):
		return 0
	}
	return int64(size) + i + 1
}

func char(L *lua.LState) int {
	n := L.GetTop()
	limit.Of(L).Charge(L, limit.String, int64(n)*6)
	b := make([]byte, 0, n)
	for i := 1; i <= n; i++ {
		code := arg.Integer(L, i)
		arg.Check(L, uint64(code) <= maxCode, i, "value out of range")
		b = appendCode(b, uint32(code))
	}
	L.Push(lua.LString(b))
	return 1
}

func codepoint(L *lua.LState) int {
	s := arg.String(L, 1)
	from := place(arg.OptInteger(L, 2, 1), len(s))
	to := place(arg.OptInteger(L, 3, from), len(s))
	strict := !lua.LVAsBool(L.Get(4))
	arg.Check(L, from >= 1, 2, "out of bounds")
	arg.Check(L, to <= int64(len(s)), 3, "out of bounds")
	if from > to {
		return 0
	}
	if to-from >= 250_000 {
		thread.Errorf(L, "string slice too long")
	}
	value.Reserve(L, int(to-from)+1)
	n := 0
	for i := int(from) - 1; i < int(to); {
		code, size := decode(s, i, strict)
		if size == 0 {
			thread.Errorf(L, "invalid UTF-8 code")
		}
		L.Push(lua.LNumber(code))
		n++
		i += size
	}
	return n
}

func length(L *lua.LState) int {
	s := arg.String(L, 1)
	from := place(arg.OptInteger(L, 2, 1), len(s)) - 1
	to := place(arg.OptInteger(L, 3, -1), len(s)) - 1
	strict := !lua.LVAsBool(L.Get(4))
	arg.Check(L, 0 <= from && from <= int64(len(s)), 2, "initial position out of bounds")
	arg.Check(L, to < int64(len(s)), 3, "final position out of bounds")
	limit.Of(L).Work(L, max(0, to-from)/8)
	n := 0
	for from <= to {
		_, size := decode(s, int(from), strict)
		if size == 0 {
			L.Push(lua.LNil)
			L.Push(lua.LNumber(from + 1))
			return 2
		}
		from += int64(size)
		n++
	}
	L.Push(lua.LNumber(n))
	return 1
}

func offset(L *lua.LState) int {
	s := arg.String(L, 1)
	n := arg.Integer(L, 2)
	otherwise := int64(1)
	if n < 0 {
		otherwise = int64(len(s)) + 1
	}
	at := place(arg.OptInteger(L, 3, otherwise), len(s)) - 1
	arg.Check(L, 0 <= at && at <= int64(len(s)), 3, "position out of bounds")
	i := int(at)
	limit.Of(L).Work(L, int64(len(s))/32)
	if n == 0 {
		for i > 0 && continues(s, i) {
			i--
		}
		L.Push(lua.LNumber(i + 1))
		return 1
	}
	if continues(s, i) {
		thread.Errorf(L, "initial position is a continuation byte")
	}
	if n < 0 {
		for ; n < 0 && i > 0; n++ {
			for i--; i > 0 && continues(s, i); i-- {
			}
		}
	} else {
		for n--; n > 0 && i < len(s); n-- {
			for i++; continues(s, i); i++ {
			}
		}
	}
	if n == 0 {
		L.Push(lua.LNumber(i + 1))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

func codes(L *lua.LState) int {
	strict := !lua.LVAsBool(L.Get(2))
	s := arg.String(L, 1)
	arg.Check(L, !continues(s, 0), 1, "invalid UTF-8 code")
	next := nextLoose
	if strict {
		next = nextStrict
	}
	L.Push(next)
	L.Push(lua.LString(s))
	L.Push(lua.LNumber(0))
	return 3
}

var (
	nextStrict = library.New("for iterator", func(L *lua.LState) int { return next(L, true) })
	nextLoose  = library.New("for iterator", func(L *lua.LState) int { return next(L, false) })
)

func next(L *lua.LState, strict bool) int {
	s := arg.String(L, 1)
	i := int(min(uint64(arg.Integer(L, 2)), uint64(len(s)+1)))
	if i < len(s) {
		for continues(s, i) {
			i++
		}
	}
	if i >= len(s) {
		return 0
	}
	code, size := decode(s, i, strict)
	if size == 0 || continues(s, i+size) {
		thread.Errorf(L, "invalid UTF-8 code")
	}
	L.Push(lua.LNumber(i + 1))
	L.Push(lua.LNumber(code))
	return 2
}
