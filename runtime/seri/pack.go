package seri

import (
	"encoding/binary"
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Pack returns the values on L's stack from index from to the top. It raises an error for a
// function, a thread or a userdata, for tables that are nested too deeply, and when the result
// is longer than a string may be. __pairs of a table is called; other metamethods are not.
func Pack(L *lua.LState, from int) string {
	p := packer{L: L, most: limit.Of(L).Limits().String}
	for i := from; i <= L.GetTop(); i++ {
		p.value(L.Get(i), 0)
	}
	return string(p.out)
}

// PackValues is Pack for values that are not on the stack.
func PackValues(L *lua.LState, values ...lua.LValue) string {
	p := packer{L: L, most: limit.Of(L).Limits().String}
	for _, v := range values {
		p.value(v, 0)
	}
	return string(p.out)
}

// PackMessage is Pack for the values of a message, which are no script's: they are plain, and
// nobody pays for the work. The error says what cannot be packed, or that there is too much.
func PackMessage(most int64, values ...lua.LValue) (text string, err error) {
	defer func() {
		err = failureOf(recover())
	}()
	p := packer{most: most}
	for _, v := range values {
		p.value(v, 0)
	}
	return string(p.out), nil
}

// A failure is what goes wrong where there is no script to raise an error in.
type failure string

func (f failure) Error() string { return string(f) }

// failureOf returns what raise has panicked with.
func failureOf(v any) error {
	switch v := v.(type) {
	case nil:
		return nil
	case failure:
		return v
	}
	panic(v)
}

// raise raises an error in a script, or panics with a failure.
func raise(L *lua.LState, format string, args ...any) {
	if L == nil {
		panic(failure(fmt.Sprintf(format, args...)))
	}
	thread.Errorf(L, format, args...)
}

type packer struct {
	L    *lua.LState // nil: the values are no script's
	out  []byte
	most int64
}

// valueWork is how many instructions' worth of time it takes to write or read a value.
const valueWork = 4

// room asks for n bytes before they are appended. The final string is a copy.
func (p *packer) room(n int) {
	if cap(p.out)-len(p.out) >= n {
		return
	}
	need := len(p.out) + n
	if p.L != nil {
		limit.Of(p.L).Charge(p.L, limit.String, int64(need))
	} else if int64(need) > p.most {
		raise(nil, "the message is larger than %d bytes", p.most)
	}
	if grown := 2 * cap(p.out); int64(grown) <= p.most {
		need = max(need, grown, 64)
	}
	out := make([]byte, len(p.out), need)
	copy(out, p.out)
	p.out = out
}

func (p *packer) value(v lua.LValue, depth int) {
	if depth > MaxDepth {
		raise(p.L, "serialize can't pack too depth table")
	}
	if p.L != nil {
		limit.Of(p.L).Work(p.L, valueWork)
	}
	p.room(9)
	switch v := v.(type) {
	case *lua.LNilType:
		p.out = append(p.out, typeNil)
	case lua.LBool:
		cookie := 0
		if v {
			cookie = 1
		}
		p.out = append(p.out, head(typeBoolean, cookie))
	case lua.LNumber:
		if i, ok := number.Integer(float64(v)); ok {
			p.integer(i)
			return
		}
		p.out = append(p.out, head(typeNumber, numberReal))
		p.out = binary.LittleEndian.AppendUint64(p.out, math.Float64bits(float64(v)))
	case lua.LString:
		p.text(string(v))
	case *lua.LTable:
		p.table(v, depth+1)
	default:
		if v == lua.LValue(Null) {
			p.out = append(p.out, typePointer, 0, 0, 0, 0, 0, 0, 0, 0)
			return
		}
		raise(p.L, "Unsupport type %s to serialize", v.Type())
	}
}

func (p *packer) integer(i int64) {
	switch {
	case i == 0:
		p.out = append(p.out, head(typeNumber, numberZero))
	case i != int64(int32(i)):
		p.out = append(p.out, head(typeNumber, numberQword))
		p.out = binary.LittleEndian.AppendUint64(p.out, uint64(i))
	case i < 0 || i >= 1<<16:
		p.out = append(p.out, head(typeNumber, numberDword))
		p.out = binary.LittleEndian.AppendUint32(p.out, uint32(i))
	case i < 1<<8:
		p.out = append(p.out, head(typeNumber, numberByte), byte(i))
	default:
		p.out = append(p.out, head(typeNumber, numberWord))
		p.out = binary.LittleEndian.AppendUint16(p.out, uint16(i))
	}
}

func (p *packer) text(s string) {
	p.room(len(s) + 5)
	switch {
	case len(s) < maxCookie:
		p.out = append(p.out, head(typeShort, len(s)))
	case len(s) < 1<<16:
		p.out = append(p.out, head(typeLong, 2))
		p.out = binary.LittleEndian.AppendUint16(p.out, uint16(len(s)))
	default:
		if uint64(len(s)) > math.MaxUint32 {
			raise(p.L, "a string of %d bytes is too long to serialize", len(s))
		}
		p.out = append(p.out, head(typeLong, 4))
		p.out = binary.LittleEndian.AppendUint32(p.out, uint32(len(s)))
	}
	p.out = append(p.out, s...)
}

func (p *packer) table(t *lua.LTable, depth int) {
	if p.L != nil {
		if pairs := value.Metafield(p.L, t, "__pairs"); pairs != lua.LNil {
			p.pairs(t, pairs, depth)
			return
		}
	}
	if t.Metatable != lua.LNil {
		library.Settle(t)
		t = library.Contents(t)
	}
	size := t.Len()
	if p.L != nil {
		// Len looks for the end among empty cells, and Next passes them.
		limit.Of(p.L).Work(p.L, int64(limit.ArrayLen(t)-size)/8)
	}
	if size >= maxCookie-1 {
		p.out = append(p.out, head(typeTable, maxCookie-1))
		p.integer(int64(size))
	} else {
		p.out = append(p.out, head(typeTable, size))
	}
	for i := 1; i <= size; i++ {
		p.value(t.RawGetInt(i), depth)
	}
	key := lua.LValue(lua.LNil)
	if size > 0 {
		key = lua.LNumber(size)
	}
	for {
		var v lua.LValue
		if key, v = t.Next(key); key == lua.LNil {
			break
		}
		if n, ok := key.(lua.LNumber); ok && n >= 1 && n <= lua.LNumber(size) && n == lua.LNumber(int(n)) {
			continue // __pairs of an element has changed the table meanwhile
		}
		p.value(key, depth)
		p.value(v, depth)
	}
	p.room(1)
	p.out = append(p.out, typeNil)
}

// pairs writes what a loop over pairs(t) gets.
func (p *packer) pairs(t *lua.LTable, pairs lua.LValue, depth int) {
	p.out = append(p.out, head(typeTable, 0))
	L := p.L
	L.Push(pairs)
	L.Push(t)
	limit.Call(L, 1, 3)
	next, state, key := L.Get(-3), L.Get(-2), L.Get(-1)
	L.Pop(3)
	for {
		L.Push(next)
		L.Push(state)
		L.Push(key)
		limit.Call(L, 2, 2)
		k, v := L.Get(-2), L.Get(-1)
		L.Pop(2)
		if k == lua.LNil {
			break
		}
		p.value(k, depth)
		p.value(v, depth)
		key = k
	}
	p.room(1)
	p.out = append(p.out, typeNil)
}
