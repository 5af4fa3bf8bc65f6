package bson

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

func long(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func quad(s string) int64 { return int64(uint64(long(s)) | uint64(long(s[4:]))<<32) }

// What a table and a field take, in bytes.
const (
	tableSize = 112
	entrySize = 120
)

// A decoder reads one document. Errors are raised in L.
type decoder struct{ L *lua.LState }

// take splits n bytes off.
func (d decoder) take(s string, n int64) (data, rest string) {
	if n < 0 || n > int64(len(s)) {
		thread.Errorf(d.L, "Invalid bson block (%d:%d)", len(s), n)
	}
	return s[:n], s[n:]
}

// int32 reads a number that may be a length.
func (d decoder) int32(s string) (n int64, rest string) {
	data, rest := d.take(s, 4)
	return int64(int32(long(data))), rest
}

func (d decoder) cstring(s string) (text, rest string) {
	i := strings.IndexByte(s, 0)
	if i < 0 {
		thread.Errorf(d.L, "Invalid bson block : cstring")
	}
	return s[:i], s[i+1:]
}

// document reads a document or an array, and returns what is behind it.
func (d decoder) document(s string, isArray bool, depth int) (t *lua.LTable, rest string) {
	if depth > maxDepth {
		thread.Errorf(d.L, "Too depth while decoding bson")
	}
	n, _ := d.int32(s)
	s, rest = d.take(s, n)
	if n < 5 || s[n-1] != 0 {
		thread.Errorf(d.L, "Invalid document end")
	}
	budget := limit.Of(d.L)
	budget.Charge(d.L, limit.Memory, tableSize)
	t = d.L.CreateTable(0, 0)
	for s = s[4 : n-1]; s != ""; {
		budget.Work(d.L, valueWork)
		budget.Charge(d.L, limit.Memory, entrySize)
		kind := s[0]
		var name string
		name, s = d.cstring(s[1:])
		var v lua.LValue
		v, s = d.value(kind, s, depth)
		if !isArray {
			t.RawSetString(name, v)
			continue
		}
		i, err := strconv.ParseUint(name, 10, 31)
		if err != nil {
			thread.Errorf(d.L, "Invalid index %q of a bson array", name)
		}
		value.SetRaw(d.L, t, lua.LNumber(i+1), v)
	}
	return t, rest
}

func (d decoder) value(kind byte, s string, depth int) (v lua.LValue, rest string) {
	var data string
	switch kind {
	case double:
		data, rest = d.take(s, 8)
		return lua.LNumber(math.Float64frombits(uint64(quad(data)))), rest
	case boolean:
		data, rest = d.take(s, 1)
		return lua.LBool(data[0] != 0), rest
	case text:
		n, s := d.int32(s)
		if n <= 0 {
			thread.Errorf(d.L, "Invalid bson string , length = %d", n)
		}
		data, rest = d.take(s, n)
		return lua.LString(data[:n-1]), rest
	case document, array:
		return d.document(s, kind == array, depth+1)
	case int32Type:
		data, rest = d.take(s, 4)
		return lua.LNumber(int32(long(data))), rest
	case int64Type:
		data, rest = d.take(s, 8)
		if x, exact := number.Float(quad(data)); exact && math.Abs(x) <= number.Exact {
			return lua.LNumber(x), rest
		}
		return object(kind, data), rest
	case date:
		data, rest = d.take(s, 8)
		return dateOf(quad(data) / 1000), rest
	}
	n := d.size(kind, s)
	data, rest = d.take(s, n)
	if kind == binaryType {
		data = data[4:] // an object has the length from its string
	}
	limit.Of(d.L).Charge(d.L, limit.String, int64(len(data)+2))
	return object(kind, data), rest
}

// size returns how many bytes a value takes that is kept as an object.
func (d decoder) size(kind byte, s string) int64 {
	switch kind {
	case minKey, maxKey, null:
		return 0
	case objectID, timestamp, decimal128:
		return int64(sizes[kind])
	case regex:
		pattern, rest := d.cstring(s)
		options, _ := d.cstring(rest)
		return int64(len(pattern) + len(options) + 2)
	}
	n, _ := d.int32(s)
	if n < 0 || kind == codeWithScope && n < 4 {
		thread.Errorf(d.L, "Invalid bson block (%d:%d)", len(s), n)
	}
	switch kind {
	case binaryType:
		return n + 5
	case dbPointer, code, symbol, codeWithScope:
		return prefixed(kind, n)
	}
	thread.Errorf(d.L, "Invalid bson type : %d", kind)
	return 0
}

// prefixed returns how many bytes an object takes that begins with the length n.
func prefixed(kind byte, n int64) int64 {
	switch kind {
	case dbPointer:
		return n + 4 + objectIDSize
	case code, symbol:
		return n + 4
	}
	return n // that of codeWithScope counts itself
}

// complete reports whether the data of an object with a length in it is as long as that says.
func complete(kind byte, s string) bool {
	return len(s) >= 4 && prefixed(kind, int64(int32(long(s)))) == int64(len(s))
}

// decode is bson.decode: the table of a document. Without a document it returns nothing.
func decode(L *lua.LState) int {
	var s string
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
		return 0
	case lua.LString:
		s = string(v)
	default:
		s = string(check(L, 1).bytes)
	}
	limit.Of(L).Work(L, int64(len(s))/8)
	t, rest := decoder{L}.document(s, false, 0)
	if rest != "" {
		thread.Errorf(L, "%d bytes behind the document", len(rest))
	}
	L.Push(t)
	return 1
}
