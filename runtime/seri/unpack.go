package seri

import (
	"encoding/binary"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// maxResults is how many values a function may return.
const maxResults = 250_000

// Unpack pushes the values that data holds, and returns how many. It raises an error if data
// is nothing that Pack could have written, before it allocates more than data pays for.
func Unpack(L *lua.LState, data string) int {
	u := unpacker{L: L, rest: data}
	n := 0
	for u.rest != "" {
		if n++; n > maxResults {
			thread.Errorf(L, "too many results")
		}
		if n%32 == 0 {
			value.Reserve(L, 64)
		}
		L.Push(u.value(0))
	}
	return n
}

type unpacker struct {
	L    *lua.LState
	rest string
}

func (u *unpacker) invalid() { thread.Errorf(u.L, "Invalid serialize stream %d", len(u.rest)) }

// take returns the next n bytes.
func (u *unpacker) take(n int) string {
	if n > len(u.rest) {
		u.invalid()
	}
	taken := u.rest[:n]
	u.rest = u.rest[n:]
	return taken
}

func (u *unpacker) value(depth int) lua.LValue {
	limit.Of(u.L).Work(u.L, valueWork)
	first := u.take(1)[0]
	cookie := int(first >> 3)
	switch first & 7 {
	case typeNil:
		return lua.LNil
	case typeBoolean:
		return lua.LBool(cookie != 0)
	case typeNumber:
		return u.number(cookie)
	case typePointer:
		// A pointer that came in a message is no value to have, whoever wrote it.
		if bits := u.take(8); bits != "\x00\x00\x00\x00\x00\x00\x00\x00" {
			thread.Errorf(u.L, "Invalid serialize stream %d (a pointer)", len(u.rest))
		}
		return Null
	case typeShort:
		return u.text(cookie)
	case typeLong:
		switch cookie {
		case 2:
			return u.text(int(binary.LittleEndian.Uint16([]byte(u.take(2)))))
		case 4:
			return u.text(int(binary.LittleEndian.Uint32([]byte(u.take(4)))))
		}
	case typeTable:
		return u.table(cookie, depth+1)
	}
	u.invalid()
	return nil
}

// text returns a string that does not keep the data in memory.
func (u *unpacker) text(n int) lua.LValue {
	s := u.take(n)
	if n > 64 {
		limit.Of(u.L).Charge(u.L, limit.String, int64(n))
	}
	return lua.LString(strings.Clone(s))
}

func (u *unpacker) number(cookie int) lua.LValue {
	if cookie == numberReal {
		return lua.LNumber(math.Float64frombits(binary.LittleEndian.Uint64([]byte(u.take(8)))))
	}
	i := u.integer(cookie)
	f, exact := number.Float(i)
	if !exact {
		thread.Errorf(u.L, "integer %d is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)", i)
	}
	return lua.LNumber(f)
}

func (u *unpacker) integer(cookie int) int64 {
	switch cookie {
	case numberZero:
		return 0
	case numberByte:
		return int64(u.take(1)[0])
	case numberWord:
		return int64(binary.LittleEndian.Uint16([]byte(u.take(2))))
	case numberDword:
		return int64(int32(binary.LittleEndian.Uint32([]byte(u.take(4)))))
	case numberQword:
		return int64(binary.LittleEndian.Uint64([]byte(u.take(8))))
	}
	u.invalid()
	return 0
}

func (u *unpacker) table(cookie, depth int) lua.LValue {
	if depth > MaxDepth+1 {
		thread.Errorf(u.L, "Invalid serialize stream %d (tables are nested too deeply)", len(u.rest))
	}
	size := int64(cookie)
	if cookie == maxCookie-1 {
		first := u.take(1)[0]
		if first&7 != typeNumber {
			u.invalid()
		}
		size = u.integer(int(first >> 3))
	}
	// Each element takes a byte at least.
	if size < 0 || size > int64(len(u.rest)) {
		u.invalid()
	}
	budget := limit.Of(u.L)
	budget.Charge(u.L, limit.Table, size)
	budget.Charge(u.L, limit.Memory, tableSize)
	t := u.L.CreateTable(int(size), 0)
	for i := int64(1); i <= size; i++ {
		if v := u.value(depth); v != lua.LNil {
			t.RawSetInt(int(i), v)
		}
	}
	for {
		key := u.value(depth)
		if key == lua.LNil {
			return t
		}
		if n, ok := key.(lua.LNumber); ok && n != n {
			thread.Errorf(u.L, "table index is NaN")
		}
		v := u.value(depth)
		budget.Charge(u.L, limit.Memory, entrySize)
		value.SetRaw(u.L, t, key, v)
	}
}

// What a table and a key with its value take, in bytes.
const (
	tableSize = 112
	entrySize = 120
)
