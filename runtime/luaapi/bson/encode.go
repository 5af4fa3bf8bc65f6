package bson

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// valueWork is how many instructions' worth of time it takes to write or read a value.
const valueWork = 4

// An encoder writes one document. Errors are raised in L.
type encoder struct {
	L   *lua.LState
	out []byte
}

// room makes room for n more bytes, and charges for them.
func (e *encoder) room(n int) {
	if cap(e.out)-len(e.out) >= n {
		return
	}
	need := len(e.out) + n
	budget := limit.Of(e.L)
	budget.Charge(e.L, limit.String, int64(need))
	if grown := 2 * cap(e.out); int64(grown) <= min(budget.Limits().String, math.MaxInt32) {
		need = max(need, grown, 64)
	}
	if need > math.MaxInt32 {
		thread.Errorf(e.L, "the document is larger than %d bytes", math.MaxInt32)
	}
	out := make([]byte, len(e.out), need)
	copy(out, e.out)
	e.out = out
}

func (e *encoder) raw(s string) {
	e.room(len(s))
	e.out = append(e.out, s...)
}

func (e *encoder) byte(b byte) {
	e.room(1)
	e.out = append(e.out, b)
}

func (e *encoder) int32(n int32) {
	e.room(4)
	e.out = binary.LittleEndian.AppendUint32(e.out, uint32(n))
}

func (e *encoder) int64(n int64) {
	e.room(8)
	e.out = binary.LittleEndian.AppendUint64(e.out, uint64(n))
}

// cstring writes text with a zero byte behind it.
func (e *encoder) cstring(s string) {
	limit.Of(e.L).Work(e.L, int64(len(s))/16)
	if !utf8.ValidString(s) && !surrogates(s) {
		thread.Errorf(e.L, "Invalid utf8 string")
	}
	e.raw(s)
	e.byte(0)
}

// surrogates reports whether nothing is wrong with a text but that it has surrogates as if they were
// characters, which lua-bson lets pass.
func surrogates(s string) bool {
	for s != "" {
		if r, n := utf8.DecodeRuneInString(s); r != utf8.RuneError || n > 1 {
			s = s[n:]
			continue
		}
		if len(s) < 3 || s[0] != 0xed || s[1] < 0xa0 || s[1] > 0xbf || s[2]&0xc0 != 0x80 {
			return false
		}
		s = s[3:]
	}
	return true
}

// checkKey raises an error for a text with a zero byte, where one ends it.
func checkKey(L *lua.LState, s, what string, args ...any) {
	if strings.IndexByte(s, 0) >= 0 {
		thread.Errorf(L, what+" cannot hold a zero byte", args...)
	}
}

func (e *encoder) head(kind byte, key string) {
	e.byte(kind)
	checkKey(e.L, key, "the key %q", key)
	e.cstring(key)
}

// length writes what fill writes, with its length before it, that of the length included.
func (e *encoder) length(fill func()) {
	start := len(e.out)
	e.int32(0)
	fill()
	binary.LittleEndian.PutUint32(e.out[start:], uint32(len(e.out)-start))
}

func (e *encoder) value(key string, v lua.LValue, depth int) {
	limit.Of(e.L).Work(e.L, valueWork)
	switch v := v.(type) {
	case lua.LNumber:
		e.number(key, float64(v))
	case lua.LBool:
		e.head(boolean, key)
		if v {
			e.byte(1)
		} else {
			e.byte(0)
		}
	case lua.LString:
		if len(v) > 1 && v[0] == 0 {
			e.head(v[1], key)
			e.object(v[1], string(v[2:]))
			return
		}
		e.head(text, key)
		e.int32(int32(len(v) + 1))
		e.cstring(string(v))
	case *lua.LTable:
		e.table(key, v, depth+1)
	case *lua.LNilType:
		thread.Errorf(e.L, "Bson array has a hole (nil), Use bson.null instead")
	default:
		d := documentOf(v)
		if d == nil {
			thread.Errorf(e.L, "Invalid value type : %s", v.Type())
		}
		e.head(document, key)
		e.raw(string(d.bytes))
	}
}

func (e *encoder) number(key string, x float64) {
	n, whole := number.Integer(x)
	switch {
	case !whole || n == 0 && math.Signbit(x):
		e.head(double, key)
		e.int64(int64(math.Float64bits(x)))
	case n == int64(int32(n)):
		e.head(int32Type, key)
		e.int32(int32(n))
	default:
		e.head(int64Type, key)
		e.int64(n)
	}
}

// object writes the data of an object.
func (e *encoder) object(kind byte, s string) {
	checkSize(e.L, kind, s)
	switch kind {
	case binaryType:
		if s == "" {
			thread.Errorf(e.L, "Invalid binary")
		}
		e.int32(int32(len(s) - 1))
		e.raw(s)
	case date:
		e.int64(secondsOf(e.L, s) * 1000)
	case regex:
		pattern, options := regexParts(e.L, s)
		e.cstring(pattern)
		e.cstring(options)
	case code, symbol, dbPointer, codeWithScope:
		if !complete(kind, s) {
			thread.Errorf(e.L, "Invalid value of type %d", kind)
		}
		e.raw(s)
	case objectID, timestamp, int64Type, decimal128:
		e.raw(s)
	case minKey, maxKey, null:
	default:
		thread.Errorf(e.L, "Invalid subtype %d", kind)
	}
}

// table writes a table: as an array if it has __len, or no __pairs and an element 1.
func (e *encoder) table(key string, t *lua.LTable, depth int) {
	if depth > maxDepth {
		thread.Errorf(e.L, "Too depth while encoding bson")
	}
	if n := value.Metafield(e.L, t, "__len"); n != lua.LNil && !library.IsFrozen(t) {
		length, ok := value.Call(e.L, n, t).(lua.LNumber)
		size, whole := number.Integer(float64(length))
		if !ok || !whole {
			thread.Errorf(e.L, "__len should return integer")
		}
		e.head(array, key)
		e.array(t, size, depth)
		return
	}
	if pairs := e.pairs(t); pairs != lua.LNil {
		e.head(document, key)
		e.byPairs(pairs, t, depth)
		return
	}
	t = plain(t)
	if size := length(e.L, t); size > 0 {
		e.head(array, key)
		e.array(t, size, depth)
		return
	}
	e.head(document, key)
	e.fields(t, depth)
}

// pairs returns the function __pairs of a table of the script's.
func (e *encoder) pairs(t *lua.LTable) lua.LValue {
	if library.IsFrozen(t) {
		return lua.LNil
	}
	return value.Metafield(e.L, t, "__pairs")
}

// plain returns the table that holds what t shows.
func plain(t *lua.LTable) *lua.LTable {
	library.Settle(t)
	return library.Contents(t)
}

// length returns how long a table is that is an array; 0 for any other. As in lua-bson, its first
// key tells.
func length(L *lua.LState, t *lua.LTable) int64 {
	first, _ := t.Next(lua.LNil)
	n, ok := first.(lua.LNumber)
	if !ok {
		return 0
	}
	i, whole := number.Integer(float64(n))
	size := value.Len(L, t)
	if !whole || i < 1 || i > 1 && i > size {
		return 0
	}
	return size
}

func (e *encoder) array(t *lua.LTable, size int64, depth int) {
	e.length(func() {
		for i := int64(1); i <= size; i++ {
			e.value(strconv.FormatInt(i-1, 10), value.Index(e.L, t, lua.LNumber(i)), depth)
		}
		e.byte(0)
	})
}

func (e *encoder) field(key, v lua.LValue, depth int) {
	switch k := key.(type) {
	case lua.LString:
		e.value(string(k), v, depth)
	case lua.LNumber:
		thread.Errorf(e.L, "Bson dictionary's key can't be number")
	default:
		thread.Errorf(e.L, "Invalid key type : %s", key.Type())
	}
}

func (e *encoder) fields(t *lua.LTable, depth int) {
	e.length(func() {
		for key, v := t.Next(lua.LNil); key != lua.LNil; key, v = t.Next(key) {
			e.field(key, v, depth)
		}
		e.byte(0)
	})
}

// byPairs writes what a table's __pairs yields.
func (e *encoder) byPairs(pairs lua.LValue, t *lua.LTable, depth int) {
	L := e.L
	top := L.GetTop()
	L.Push(pairs)
	L.Push(t)
	limit.Call(L, 1, 3)
	iterate, state, key := L.Get(top+1), L.Get(top+2), L.Get(top+3)
	L.SetTop(top)
	e.length(func() {
		for {
			L.Push(iterate)
			L.Push(state)
			L.Push(key)
			limit.Call(L, 2, 2)
			var v lua.LValue
			key, v = L.Get(top+1), L.Get(top+2)
			L.SetTop(top)
			if key == lua.LNil {
				break
			}
			e.field(key, v, depth)
		}
		e.byte(0)
	})
}

// encode is bson.encode: the document of a table.
func encode(L *lua.LState) int {
	t := arg.Table(L, 1)
	L.SetTop(1)
	e := encoder{L: L}
	if pairs := e.pairs(t); pairs != lua.LNil {
		e.byPairs(pairs, t, 0)
	} else {
		e.fields(plain(t), 0)
	}
	return pushDocument(L, e.out)
}

// encodeOrder is bson.encode_order: the document of keys and values in turn.
func encodeOrder(L *lua.LState) int {
	n := L.GetTop()
	if n%2 != 0 {
		thread.Errorf(L, "Invalid ordered dict")
	}
	e := encoder{L: L}
	e.length(func() {
		for i := 1; i <= n; i += 2 {
			switch key := L.Get(i).(type) {
			case lua.LString:
				e.value(string(key), L.Get(i+1), 0)
			case lua.LNumber:
				e.value(number.Format(float64(key)), L.Get(i+1), 0)
			default:
				thread.Errorf(L, "Argument %d need a string", i)
			}
		}
		e.byte(0)
	})
	return pushDocument(L, e.out)
}
