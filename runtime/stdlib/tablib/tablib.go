// Package tablib is Lua's library table.
package tablib

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "concat", Call: concat}, {Name: "insert", Call: insert}, {Name: "move", Call: move}, {Name: "pack", Call: pack},
	{Name: "remove", Call: remove}, {Name: "sort", Call: sort}, {Name: "unpack", Call: Unpack},
}

// maxResults is how many values a function may return.
const maxResults = 250_000

// A list is a table, or what behaves like one by its metatable.
type list struct {
	L     *lua.LState
	table *lua.LTable // nil: not a table
	value lua.LValue
	plain bool // without metamethods
}

// listAt returns an argument that must be a table, or have the metamethods that are named.
func listAt(L *lua.LState, n int, events ...string) list {
	v := L.Get(n)
	t, ok := v.(*lua.LTable)
	if !ok {
		mt := value.Metatable(L, v)
		for _, event := range events {
			if mt == nil || mt.RawGetString(event) == lua.LNil {
				arg.TypeError(L, n, "table")
			}
		}
		return list{L: L, value: v}
	}
	return list{L, t, t, t.Metatable == lua.LNil}
}

// len returns the length. The VM looks for it among the empty cells at the end of the array:
// where nothing can see it they are cut off, so that they are looked at only once.
func (l *list) len() int64 {
	if l.table == nil {
		return value.Len(l.L, l.value)
	}
	cells := limit.ArrayLen(l.table)
	size := l.table.Len()
	if passed := cells - size; passed > 0 {
		limit.Of(l.L).Work(l.L, int64(passed)/4)
		for ; cells > size; cells-- {
			l.table.Remove(cells)
		}
	}
	if l.plain {
		return int64(size)
	}
	return value.Len(l.L, l.value)
}

func (l *list) get(i int64) lua.LValue {
	if l.plain && 0 < i && i <= limit.MaxArray {
		return l.table.RawGetInt(int(i))
	}
	limit.CheckDepth(l.L)
	return l.L.GetTable(l.value, lua.LNumber(i))
}

func (l *list) set(i int64, v lua.LValue) {
	if !l.plain {
		limit.CheckDepth(l.L)
		l.L.SetTable(l.value, lua.LNumber(i), v)
		return
	}
	value.SetRaw(l.L, l.table, lua.LNumber(i), v)
}

func insert(L *lua.LState) int {
	l := listAt(L, 1, "__index", "__newindex", "__len")
	limit.Of(L).Work(L, 1)
	end := l.len() + 1
	switch L.GetTop() {
	case 2:
		l.grow(end)
		l.set(end, L.Get(2))
	case 3:
		at := arg.Integer(L, 2)
		arg.Check(L, uint64(at)-1 < uint64(end), 2, "position out of bounds")
		l.grow(end)
		limit.Of(L).Work(L, (end-at)/4)
		if v := L.Get(3); l.plain && v != lua.LNil && at < end && int(end-1) == limit.ArrayLen(l.table) {
			l.table.Insert(int(at), v)
			return 0
		}
		for i := end; i > at; i-- {
			l.set(i, l.get(i-1))
		}
		l.set(at, L.Get(3))
	default:
		thread.Errorf(L, "wrong number of arguments to 'insert'")
	}
	return 0
}

// grow checks that a list may have a length. The VM loses track of a longer one.
func (l *list) grow(n int64) {
	if n > limit.Of(l.L).Limits().Table {
		limit.Of(l.L).Charge(l.L, limit.Table, n)
	}
}

func remove(L *lua.LState) int {
	l := listAt(L, 1, "__index", "__newindex", "__len")
	limit.Of(L).Work(L, 1)
	size := l.len()
	at := arg.OptInteger(L, 2, size)
	if at != size {
		arg.Check(L, uint64(at)-1 <= uint64(size), 1, "position out of bounds")
	}
	v := l.get(at)
	limit.Of(L).Work(L, (size-at)/4)
	if l.plain && 0 < at && at <= size && int(size) == limit.ArrayLen(l.table) {
		L.Push(l.table.Remove(int(at)))
		return 1
	}
	for ; at < size; at++ {
		l.set(at, l.get(at+1))
	}
	l.set(at, lua.LNil)
	L.Push(v)
	return 1
}

func pack(L *lua.LState) int {
	n := L.GetTop()
	limit.Of(L).Charge(L, limit.Table, int64(n))
	t := L.CreateTable(n, 1)
	for i := 1; i <= n; i++ {
		t.RawSetInt(i, L.Get(i))
	}
	t.RawSetString("n", lua.LNumber(n))
	L.Push(t)
	return 1
}

// Unpack is table.unpack.
func Unpack(L *lua.LState) int {
	v := L.Get(1)
	from := arg.OptInteger(L, 2, 1)
	t, isTable := v.(*lua.LTable)
	l := list{L, t, v, isTable && t.Metatable == lua.LNil}
	to := int64(0)
	if L.Get(3) == lua.LNil {
		to = l.len()
	} else {
		to = arg.Integer(L, 3)
	}
	if from > to {
		return 0
	}
	n := uint64(to) - uint64(from)
	if n >= maxResults {
		thread.Errorf(L, "too many results to unpack")
	}
	value.Reserve(L, int(n)+1)
	for i := from; ; i++ {
		L.Push(l.get(i))
		if i == to {
			return int(n) + 1
		}
	}
}

func move(L *lua.LState) int {
	from := listAt(L, 1, "__index")
	first, last, at := arg.Integer(L, 2), arg.Integer(L, 3), arg.Integer(L, 4)
	n := 1
	if L.Get(5) != lua.LNil {
		n = 5
	}
	to := listAt(L, n, "__newindex")
	if last >= first {
		arg.Check(L, first > 0 || last < number.Exact-1+first, 3, "too many elements to move")
		count := last - first + 1
		arg.Check(L, at <= number.Exact-count+1 && count < number.Exact-1, 4, "destination wrap around")
		if !(at > last || at <= first || to.value != from.value) {
			for i := count - 1; i >= 0; i-- {
				limit.Of(L).Work(L, 2)
				to.set(at+i, from.get(first+i))
			}
		} else {
			for i := int64(0); i < count; i++ {
				limit.Of(L).Work(L, 2)
				to.set(at+i, from.get(first+i))
			}
		}
	}
	L.Push(to.value)
	return 1
}

func concat(L *lua.LState) int {
	l := listAt(L, 1, "__index", "__len")
	size := l.len()
	separator := arg.OptString(L, 2, "")
	from := arg.OptInteger(L, 3, 1)
	to := arg.OptInteger(L, 4, size)
	// The length is counted first, so that one piece of memory is enough, and asked for.
	total := int64(0)
	parts := int64(0)
	for i := from; i <= to; i++ {
		if parts++; parts%64 == 0 {
			limit.Of(L).Work(L, 16)
		}
		n, ok := textLen(l.get(i))
		if !ok {
			thread.Errorf(L, "invalid value (%s) at index %d in table for 'concat'", value.TypeName(L, l.get(i)), i)
		}
		total += n + int64(len(separator))
		if total > limit.Of(L).Limits().String+int64(len(separator)) {
			limit.Of(L).Charge(L, limit.String, total-int64(len(separator)))
		}
		if i == math.MaxInt64 {
			break
		}
	}
	limit.Of(L).Charge(L, limit.String, total)
	b := make([]byte, 0, total)
	for i := from; i <= to; i++ {
		switch v := l.get(i).(type) {
		case lua.LString:
			b = append(b, v...)
		case lua.LNumber:
			b = number.Append(b, float64(v))
		default:
			thread.Errorf(L, "invalid value (%s) at index %d in table for 'concat'", value.TypeName(L, v), i)
		}
		if i == to {
			break
		}
		b = append(b, separator...)
	}
	L.Push(lua.LString(b))
	return 1
}

func textLen(v lua.LValue) (int64, bool) {
	switch v := v.(type) {
	case lua.LString:
		return int64(len(v)), true
	case lua.LNumber:
		return 24, true
	}
	return 0, false
}
