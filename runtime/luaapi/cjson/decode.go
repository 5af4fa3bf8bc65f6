package cjson

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/thread"
)

var (
	infinity = lua.LNumber(math.Inf(1))
	nan      = lua.LNumber(math.NaN())
)

// What a table and a field take, in bytes.
const (
	tableSize = 112
	cellSize  = 16
	entrySize = 120
)

type decoder struct {
	*options
	L     *lua.LState
	text  string
	at    int
	depth int64
}

// document reads the whole text.
func (d *decoder) document() lua.LValue {
	v := d.value(d.next())
	if t := d.next(); t.kind != end {
		d.unexpected("the end", t)
	}
	return v
}

func (d *decoder) unexpected(want string, t token) {
	found := kindNames[t.kind]
	if t.kind == failure {
		found = t.problem
	}
	thread.Errorf(d.L, "Expected %s but found %s at character %d", want, found, t.at+1)
}

func (d *decoder) value(t token) lua.LValue {
	switch t.kind {
	case textToken, numberToken, booleanToken:
		return t.value
	case nullToken:
		return seri.Null
	case objectBegin:
		return d.object()
	case arrayBegin:
		return d.array()
	}
	d.unexpected("value", t)
	return nil
}

func (d *decoder) descend() *lua.LTable {
	if d.depth++; d.depth > d.decodeDepth {
		thread.Errorf(d.L, "Found too many nested data structures (%d) at character %d", d.depth, d.at)
	}
	limit.Of(d.L).Charge(d.L, limit.Memory, tableSize)
	return d.L.CreateTable(0, 0)
}

func (d *decoder) object() lua.LValue {
	object := d.descend()
	t := d.next()
	if t.kind == objectEnd {
		d.depth--
		return object
	}
	for {
		if t.kind != textToken {
			d.unexpected("object key string", t)
		}
		key := string(t.value.(lua.LString))
		if t = d.next(); t.kind != colon {
			d.unexpected("colon", t)
		}
		v := d.value(d.next())
		limit.Of(d.L).Charge(d.L, limit.Memory, entrySize)
		object.RawSetString(key, v)
		switch t = d.next(); t.kind {
		case objectEnd:
			d.depth--
			return object
		case comma:
			t = d.next()
		default:
			d.unexpected("comma or object end", t)
		}
	}
}

func (d *decoder) array() lua.LValue {
	array := d.descend()
	if d.markArrays {
		array.Metatable = d.arrayMark
	}
	t := d.next()
	if t.kind == arrayEnd {
		d.depth--
		return array
	}
	for n := 1; ; n++ {
		v := d.value(t)
		if int64(n) > limit.Of(d.L).Limits().Table {
			limit.Of(d.L).Charge(d.L, limit.Table, int64(n))
		}
		limit.Of(d.L).Charge(d.L, limit.Memory, cellSize)
		array.RawSetInt(n, v)
		switch t = d.next(); t.kind {
		case arrayEnd:
			d.depth--
			return array
		case comma:
			t = d.next()
		default:
			d.unexpected("comma or array end", t)
		}
	}
}
