package sproto

import (
	"encoding/binary"
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/sproto"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// A decoder decodes one struct. Errors are raised in L.
type decoder struct {
	L *lua.LState
}

// decode reads a struct of the type from the beginning of a text into a table. It returns how
// many bytes it took.
func decode(L *lua.LState, t *sproto.Type, text string, into *lua.LTable) int {
	limit.Of(L).Work(L, int64(len(text)/8))
	d := decoder{L}
	return d.structure(t, text, into, 0)
}

func (d decoder) fail() { thread.Errorf(d.L, "decode error") }

func word(s string) int { return int(s[0]) | int(s[1])<<8 }

// long reads 32 bits.
func long(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// text splits off a text that has its length before it.
func (d decoder) text(s string) (text, rest string) {
	if len(s) < 4 {
		d.fail()
	}
	n := uint64(long(s))
	if uint64(len(s)-4) < n {
		d.fail()
	}
	return s[4 : 4+n], s[4+n:]
}

// table makes a table for n fields, and charges for it.
func (d decoder) table(list, fields int) *lua.LTable {
	limit.Of(d.L).Charge(d.L, limit.Memory, int64(100+32*fields+16*list))
	return d.L.CreateTable(list, fields)
}

func (d decoder) structure(t *sproto.Type, s string, into *lua.LTable, depth int) int {
	if depth >= maxDepth {
		thread.Errorf(d.L, "The table is too deep")
	}
	if len(s) < 2 {
		d.fail()
	}
	heads := word(s)
	if len(s) < 2+2*heads {
		d.fail()
	}
	limit.Of(d.L).Work(d.L, int64(heads)+1)
	head, data := s[2:2+2*heads], s[2+2*heads:]
	for tag := -1; head != ""; head = head[2:] {
		tag++
		v := word(head)
		if v&1 != 0 {
			tag += v / 2
			continue
		}
		text := ""
		if v == 0 {
			text, data = d.text(data)
		}
		f := t.Field(tag)
		if f == nil {
			continue
		}
		switch {
		case f.Array && v == 0:
			into.RawSetString(f.Name, d.array(f, text, depth))
		case f.Array:
			d.fail()
		case v != 0:
			into.RawSetString(f.Name, d.small(t, f, v/2-1))
		default:
			into.RawSetString(f.Name, d.single(t, f, text, depth))
		}
	}
	return len(s) - len(data)
}

// small is a value that stands in the head.
func (d decoder) small(t *sproto.Type, f *sproto.Field, n int) lua.LValue {
	switch f.Kind {
	case sproto.Integer:
		return d.integer(t.Name, f, int64(n))
	case sproto.Boolean:
		return lua.LBool(n != 0)
	}
	d.fail()
	return lua.LNil
}

func (d decoder) single(t *sproto.Type, f *sproto.Field, text string, depth int) lua.LValue {
	switch f.Kind {
	case sproto.Integer, sproto.Double:
		switch len(text) {
		case 4:
			return d.number(t.Name, f, int64(int32(long(text))))
		case 8:
			return d.number(t.Name, f, int64(binary.LittleEndian.Uint64([]byte(text))))
		}
	case sproto.String:
		return lua.LString(text)
	case sproto.Struct:
		return d.whole(f.Of, text, depth)
	}
	d.fail()
	return lua.LNil
}

// whole reads a struct that must fill the text.
func (d decoder) whole(t *sproto.Type, text string, depth int) *lua.LTable {
	into := d.table(0, len(t.Fields))
	if d.structure(t, text, into, depth+1) != len(text) {
		d.fail()
	}
	return into
}

func (d decoder) number(in string, f *sproto.Field, n int64) lua.LValue {
	if f.Kind == sproto.Double {
		return lua.LNumber(math.Float64frombits(uint64(n)))
	}
	return d.integer(in, f, n)
}

// integer is an integer, which is never another one than what was sent.
func (d decoder) integer(in string, f *sproto.Field, n int64) lua.LValue {
	if f.Scale != 0 {
		return lua.LNumber(float64(n) / float64(f.Scale))
	}
	x, exact := number.Float(n)
	if !exact {
		thread.Errorf(d.L, "%s.%s is %d, which no number holds exactly", in, f.Name, n)
	}
	return lua.LNumber(x)
}

func (d decoder) array(f *sproto.Field, text string, depth int) *lua.LTable {
	switch f.Kind {
	case sproto.Integer, sproto.Double:
		if len(text) <= 1 {
			return d.table(0, 0)
		}
		width := int(text[0])
		text = text[1:]
		if width != 4 && width != 8 || len(text)%width != 0 {
			d.fail()
		}
		n := len(text) / width
		list := d.table(n, 0)
		for i := range n {
			var v int64
			if width == 4 {
				v = int64(int32(long(text[4*i:])))
			} else {
				v = int64(binary.LittleEndian.Uint64([]byte(text[8*i : 8*i+8])))
			}
			list.RawSetInt(i+1, d.number("list", f, v))
		}
		return list
	case sproto.Boolean:
		list := d.table(len(text), 0)
		for i := range len(text) {
			list.RawSetInt(i+1, lua.LBool(text[i] != 0))
		}
		return list
	}
	return d.objects(f, text, depth)
}

// objects reads a list of strings or structs.
func (d decoder) objects(f *sproto.Field, text string, depth int) *lua.LTable {
	list := d.table(0, 0)
	for i := 1; text != ""; i++ {
		var item string
		item, text = d.text(text)
		limit.Of(d.L).Charge(d.L, limit.Memory, 16)
		limit.Of(d.L).Work(d.L, 1)
		if f.Kind == sproto.String {
			list.RawSetInt(i, lua.LString(item))
			continue
		}
		v := d.whole(f.Of, item, depth)
		if f.Key < 0 {
			list.RawSetInt(i, v)
			continue
		}
		key := v.RawGetString(f.Of.Field(f.Key).Name)
		switch {
		case !f.Map && key == lua.LNil:
			thread.Errorf(d.L, "Can't find main index (tag=%d) in [%s]", f.Key, f.Name)
		case !f.Map:
			value.SetRaw(d.L, list, key, v)
		default:
			first, second := v.RawGetString(f.Of.Fields[0].Name), v.RawGetString(f.Of.Fields[1].Name)
			if first == lua.LNil {
				thread.Errorf(d.L, "Can't find key field in [%s]", f.Name)
			}
			if second == lua.LNil {
				thread.Errorf(d.L, "Can't find value field in [%s]", f.Name)
			}
			value.SetRaw(d.L, list, first, second)
		}
	}
	return list
}
