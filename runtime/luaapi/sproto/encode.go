package sproto

import (
	"encoding/binary"
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/sproto"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// maxEncoded is how large an encoded struct may be, maxDepth how deep it may be nested: the
// limits of cloudwu/sproto.
const (
	maxEncoded = 1 << 24
	maxDepth   = 64
)

// An encoder encodes one Lua value. Errors are raised in L.
type encoder struct {
	L *lua.LState
	b []byte
}

// encode returns a table as a struct of the type.
func encode(L *lua.LState, t *sproto.Type, v lua.LValue) string {
	e := encoder{L: L, b: make([]byte, 0, 64)}
	e.structure(t, v, 0)
	limit.Of(L).Charge(L, limit.String, int64(len(e.b)))
	limit.Of(L).Work(L, int64(len(e.b)/16))
	return string(e.b)
}

// room makes sure that n more bytes are not too many.
func (e *encoder) room(n int) {
	if len(e.b)+n > maxEncoded {
		thread.Errorf(e.L, "object is too large (>%d)", maxEncoded)
	}
}

// get does what v[name] does.
func (e *encoder) get(v lua.LValue, name string) lua.LValue {
	if t, ok := v.(*lua.LTable); ok {
		if v := t.RawGetString(name); v != lua.LNil || t.Metatable == lua.LNil {
			return v
		}
	}
	return e.L.GetField(v, name)
}

func (e *encoder) structure(t *sproto.Type, v lua.LValue, depth int) {
	if depth >= maxDepth {
		thread.Errorf(e.L, "The table is too deep")
	}
	limit.Of(e.L).Work(e.L, int64(len(t.Fields))+1)
	head := 2 + 2*t.Heads()
	e.room(head)
	start := len(e.b)
	for range head {
		e.b = append(e.b, 0)
	}
	heads, last := 0, -1
	put := func(word int) {
		binary.LittleEndian.PutUint16(e.b[start+2+2*heads:], uint16(word))
		heads++
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		field := e.get(v, f.Name)
		if field == lua.LNil {
			continue
		}
		word := 0
		if f.Array {
			e.size(func() { e.array(t, f, field, depth) })
		} else {
			word = e.single(t, f, field, depth)
		}
		if gap := f.Tag - last - 1; gap > 0 {
			put(2*gap - 1)
		}
		put(word)
		last = f.Tag
	}
	binary.LittleEndian.PutUint16(e.b[start:], uint16(heads))
	if unused := head - 2 - 2*heads; unused > 0 {
		data := start + head
		copy(e.b[data-unused:], e.b[data:])
		e.b = e.b[:len(e.b)-unused]
	}
}

// size writes what fill writes, with its length before it.
func (e *encoder) size(fill func()) {
	e.room(4)
	start := len(e.b)
	e.b = append(e.b, 0, 0, 0, 0)
	fill()
	binary.LittleEndian.PutUint32(e.b[start:], uint32(len(e.b)-start-4))
}

// single writes a field that is no list. It returns what stands for it in the head: 0 if it is
// in the data part.
func (e *encoder) single(t *sproto.Type, f *sproto.Field, v lua.LValue, depth int) int {
	switch f.Kind {
	case sproto.Integer:
		n := e.integer(t, f, 0, v)
		if 0 <= n && n < 0x7fff {
			return int(n+1) * 2
		}
		e.size(func() {
			if n == int64(int32(n)) {
				e.b = binary.LittleEndian.AppendUint32(e.b, uint32(n))
			} else {
				e.b = binary.LittleEndian.AppendUint64(e.b, uint64(n))
			}
		})
	case sproto.Boolean:
		if e.boolean(t, f, 0, v) {
			return 4
		}
		return 2
	case sproto.Double:
		e.size(func() { e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(e.double(v))) })
	default:
		e.size(func() { e.object(t, f, 0, v, depth) })
	}
	return 0
}

// object writes a string or a struct, without its length.
func (e *encoder) object(t *sproto.Type, f *sproto.Field, index int, v lua.LValue, depth int) {
	if f.Kind == sproto.Struct {
		if _, ok := v.(*lua.LTable); !ok {
			e.wrong(t, f, index, "a table", v)
		}
		e.structure(f.Of, v, depth+1)
		return
	}
	s, ok := v.(lua.LString)
	if !ok {
		e.wrong(t, f, index, "a string", v)
	}
	e.room(len(s))
	e.b = append(e.b, s...)
}

func (e *encoder) wrong(t *sproto.Type, f *sproto.Field, index int, wanted string, v lua.LValue) {
	thread.Errorf(e.L, "%s.%s[%d] is not %s (Is a %s)", t.Name, f.Name, index, wanted, v.Type())
}

func (e *encoder) integer(t *sproto.Type, f *sproto.Field, index int, v lua.LValue) int64 {
	x, ok := value.ToNumber(e.L, v)
	if f.Scale != 0 {
		if !ok {
			e.wrong(t, f, index, "a number", v)
		}
		x = math.Round(x * float64(f.Scale))
	}
	n, whole := number.Integer(x)
	switch {
	case ok && whole:
		return n
	case ok && number.Whole(x):
		thread.Errorf(e.L, "%s.%s[%d] is %.0f, which is too large to be exact", t.Name, f.Name, index, x)
	case ok:
		e.wrong(t, f, index, "an integer", v)
	}
	e.wrong(t, f, index, "an integer", v)
	return 0
}

func (e *encoder) boolean(t *sproto.Type, f *sproto.Field, index int, v lua.LValue) bool {
	b, ok := v.(lua.LBool)
	if !ok {
		e.wrong(t, f, index, "a boolean", v)
	}
	return bool(b)
}

// double is 0 for what is no number, as in the original.
func (e *encoder) double(v lua.LValue) float64 {
	x, _ := value.ToNumber(e.L, v)
	return x
}

// array writes the elements of a list.
func (e *encoder) array(t *sproto.Type, f *sproto.Field, list lua.LValue, depth int) {
	pairs := value.Metafield(e.L, list, "__pairs")
	table, isTable := list.(*lua.LTable)
	if pairs == lua.LNil && !isTable {
		thread.Errorf(e.L, "%s.%s(1) should be a table or an userdata with metamethods (Is a %s)", t.Name, f.Name, list.Type())
	}
	if f.Key >= 0 {
		e.indexed(t, f, table, list, pairs, depth)
		return
	}
	wide := false
	start := len(e.b)
	for i := 1; ; i++ {
		var v lua.LValue
		if isTable && table.Metatable == lua.LNil {
			v = table.RawGetInt(i)
		} else {
			v = e.L.GetTable(list, lua.LNumber(i))
		}
		if v == lua.LNil {
			return
		}
		limit.Of(e.L).Work(e.L, 1)
		e.room(9)
		switch f.Kind {
		case sproto.Integer, sproto.Double:
			if i == 1 {
				e.b = append(e.b, 4)
			}
			wide = e.number(t, f, i, v, start, wide)
		case sproto.Boolean:
			b := byte(0)
			if e.boolean(t, f, i, v) {
				b = 1
			}
			e.b = append(e.b, b)
		default:
			e.size(func() { e.object(t, f, i, v, depth) })
		}
	}
}

// number writes an element of a list of numbers, which are four bytes each, or eight from the
// first one on that needs them. The list begins at start; wide says whether eight are used.
func (e *encoder) number(t *sproto.Type, f *sproto.Field, index int, v lua.LValue, start int, wide bool) bool {
	var n int64
	fits := false
	if f.Kind == sproto.Double {
		n = int64(math.Float64bits(e.double(v)))
	} else {
		n = e.integer(t, f, index, v)
		fits = n == int64(int32(n))
	}
	if fits && !wide {
		e.b = binary.LittleEndian.AppendUint32(e.b, uint32(n))
		return false
	}
	if !wide {
		e.widen(start)
	}
	e.b = binary.LittleEndian.AppendUint64(e.b, uint64(n))
	return true
}

// widen makes numbers of four bytes into ones of eight.
func (e *encoder) widen(start int) {
	e.b[start] = 8
	narrow := e.b[start+1:]
	n := len(narrow) / 4
	e.room(4 * n)
	e.b = append(e.b, make([]byte, 4*n)...)
	all := e.b[start+1:]
	for i := n - 1; i >= 0; i-- {
		x := int32(binary.LittleEndian.Uint32(all[4*i:]))
		binary.LittleEndian.PutUint64(all[8*i:], uint64(int64(x)))
	}
}

// indexed writes the structs of a table that is indexed by one of their fields, or of which keys
// and values are the two fields of a struct, in the order of pairs.
func (e *encoder) indexed(t *sproto.Type, f *sproto.Field, table *lua.LTable, list, pairs lua.LValue, depth int) {
	one := func(key, v lua.LValue) {
		limit.Of(e.L).Work(e.L, 1)
		if f.Map {
			entry := e.L.CreateTable(0, 2)
			entry.RawSetString(f.Of.Fields[0].Name, key)
			entry.RawSetString(f.Of.Fields[1].Name, v)
			v = entry
		}
		e.size(func() { e.object(t, f, 1, v, depth) })
	}
	if pairs == lua.LNil {
		table = library.Contents(table)
		for key, v := table.Next(lua.LNil); key != lua.LNil; key, v = table.Next(key) {
			one(key, v)
		}
		return
	}
	L := e.L
	top := L.GetTop()
	L.Push(pairs)
	L.Push(list)
	L.Call(1, 3)
	iterate, state, key := L.Get(top+1), L.Get(top+2), L.Get(top+3)
	for {
		L.SetTop(top)
		L.Push(iterate)
		L.Push(state)
		L.Push(key)
		L.Call(2, 2)
		var v lua.LValue
		key, v = L.Get(top+1), L.Get(top+2)
		if key == lua.LNil {
			L.SetTop(top)
			return
		}
		one(key, v)
	}
}
