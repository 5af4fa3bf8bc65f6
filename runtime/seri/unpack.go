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

// UnpackMessage is Unpack for who has no script: the values belong to nobody, and nobody pays for
// the work. The error says what is wrong with data.
func UnpackMessage(data string) (values []lua.LValue, err error) {
	defer func() {
		if err = failureOf(recover()); err != nil {
			values = nil
		}
	}()
	u := unpacker{rest: data}
	for u.rest != "" {
		values = append(values, u.value(0))
	}
	return values, nil
}

type unpacker struct {
	L    *lua.LState // nil: the values are for no script
	rest string
	gaps int // elements that are not there, of arrays for no script
}

// maxGaps bounds them: the VM keeps a cell for each.
const maxGaps = 1 << 20

// set sets a field of a table, once the VM may make room for it.
func (u *unpacker) set(t *lua.LTable, key, v lua.LValue) {
	if u.L != nil {
		value.SetRaw(u.L, t, key, v)
		return
	}
	if n, ok := key.(lua.LNumber); ok && n >= 1 && n <= limit.MaxArray && n == lua.LNumber(int(n)) {
		if v == lua.LNil {
			return
		}
		if u.gaps += max(int(n)-limit.ArrayLen(t)-1, 0); u.gaps > maxGaps {
			raise(nil, "an array of %d elements has too many gaps", int(n))
		}
	}
	t.RawSet(key, v)
}

// pay charges a script for what it gets.
func (u *unpacker) pay(l limit.Kind, n int64) {
	if u.L != nil {
		limit.Of(u.L).Charge(u.L, l, n)
	}
}

func (u *unpacker) invalid() { raise(u.L, "Invalid serialize stream %d", len(u.rest)) }

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
	if u.L != nil {
		limit.Of(u.L).Work(u.L, valueWork)
	}
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
			raise(u.L, "Invalid serialize stream %d (a pointer)", len(u.rest))
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
		u.pay(limit.String, int64(n))
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
		raise(u.L, "integer %d is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)", i)
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
		raise(u.L, "Invalid serialize stream %d (tables are nested too deeply)", len(u.rest))
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
	u.pay(limit.Table, size)
	u.pay(limit.Memory, tableSize)
	t := (*lua.LState)(nil).CreateTable(int(size), 0)
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
			raise(u.L, "table index is NaN")
		}
		v := u.value(depth)
		u.pay(limit.Memory, entrySize)
		u.set(t, key, v)
	}
}

// What a table and a key with its value take, in bytes.
const (
	tableSize = 112
	entrySize = 120
)
