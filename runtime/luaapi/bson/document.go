package bson

import (
	"encoding/binary"
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// encoded is the value of the userdata that a document is.
type encoded struct {
	bytes []byte
	index map[string]place // nil before makeindex
}

// A place is where a value of a fixed size stands in a document.
type place struct {
	kind byte
	at   int
}

// Size is how much memory it takes.
func (d *encoded) Size() int64 { return int64(cap(d.bytes)) + int64(len(d.index))*64 }

func documentOf(v lua.LValue) *encoded {
	if u, ok := v.(*lua.LUserData); ok {
		if d, ok := u.Value.(*encoded); ok {
			return d
		}
	}
	return nil
}

// check returns an argument that must be a document.
func check(L *lua.LState, n int) *encoded {
	d := documentOf(L.Get(n))
	if d == nil {
		arg.TypeError(L, n, "bson")
	}
	return d
}

// pushDocument pushes a document.
func pushDocument(L *lua.LState, b []byte) int {
	return push(L, &lua.LUserData{Value: &encoded{bytes: b}, Metatable: metatable})
}

// metatable is that of all documents of all states. No script gets hold of it.
//
//baton:ok filled before any state is made, and only read then
var metatable = new(lua.LState).CreateTable(0, 8)

func init() {
	methods := new(lua.LState).CreateTable(0, 2)
	methods.RawSetString("decode", library.New("decode", decode))
	methods.RawSetString("makeindex", library.New("makeindex", makeIndex))
	mt := metatable
	mt.RawSetString("__name", lua.LString("bson"))
	mt.RawSetString("__metatable", lua.LFalse)
	mt.RawSetString("__index", methods)
	mt.RawSetString("__newindex", library.New("newindex", replace))
	mt.RawSetString("__tostring", library.New("tostring", func(L *lua.LState) int {
		d := check(L, 1)
		limit.Of(L).Charge(L, limit.String, int64(len(d.bytes)))
		return push(L, lua.LString(d.bytes))
	}))
	mt.RawSetString("__len", library.New("len", func(L *lua.LState) int { return push(L, lua.LNumber(len(check(L, 1).bytes))) }))
	library.Hide(methods)
	library.Hide(mt)
}

// makeIndex is b:makeindex: afterwards values of a fixed size can be replaced by b.key = v.
func makeIndex(L *lua.LState) int {
	doc := check(L, 1)
	limit.Of(L).Work(L, int64(len(doc.bytes))/8)
	d, all := decoder{L}, string(doc.bytes)
	index := map[string]place{}
	for s := all[4 : len(all)-1]; s != ""; {
		limit.Of(L).Work(L, valueWork)
		kind := s[0]
		var key string
		key, s = d.cstring(s[1:])
		at := len(all) - 1 - len(s)
		n := int64(0)
		switch kind {
		case double, date, int64Type, timestamp:
			n = 8
		case int32Type:
			n = 4
		case boolean:
			n = 1
		case objectID:
			n = objectIDSize
		}
		if n > 0 {
			limit.Of(L).Charge(L, limit.Memory, 64)
			index[key] = place{kind, at}
			_, s = d.take(s, n)
			continue
		}
		switch kind {
		case text:
			n, _ = d.int32(s)
			n += 4
		case document, array:
			n, _ = d.int32(s)
		default:
			n = d.size(kind, s)
		}
		_, s = d.take(s, n)
	}
	doc.index = index
	L.SetTop(1)
	return 1
}

// replace is b.key = v.
func replace(L *lua.LState) int {
	doc, key := check(L, 1), arg.String(L, 2)
	if doc.index == nil {
		thread.Errorf(L, "call makeindex first")
	}
	p, ok := doc.index[key]
	if !ok {
		thread.Errorf(L, "Can't replace key : %s", key)
	}
	to := doc.bytes[p.at:]
	switch p.kind {
	case double:
		binary.LittleEndian.PutUint64(to, math.Float64bits(arg.Number(L, 3)))
	case boolean:
		to[0] = 0
		if lua.LVAsBool(L.Get(3)) {
			to[0] = 1
		}
	case int32Type:
		binary.LittleEndian.PutUint32(to, uint32(integer(L, p.kind, 32)))
	case int64Type:
		binary.LittleEndian.PutUint64(to, uint64(integer(L, p.kind, 64)))
	default:
		s := arg.String(L, 3)
		if len(s) < 6 || s[0] != 0 || s[1] != p.kind {
			thread.Errorf(L, "Type mismatch, need bson type %d", p.kind)
		}
		checkSize(L, p.kind, s[2:])
		if p.kind == date {
			binary.LittleEndian.PutUint64(to, uint64(secondsOf(L, s[2:])*1000))
			break
		}
		copy(to, s[2:])
	}
	return 0
}

// integer returns the third argument, which must be a whole number of so many bits.
func integer(L *lua.LState, kind byte, bits int) int64 {
	v := L.Get(3)
	if s, ok := v.(lua.LString); ok && kind == int64Type && len(s) == 10 && s[0] == 0 && s[1] == int64Type {
		return quad(string(s[2:]))
	}
	x, ok := v.(lua.LNumber)
	n, whole := number.Integer(float64(x))
	if !ok || !whole || bits == 32 && n != int64(int32(n)) {
		what := v.Type().String()
		if ok {
			what = number.Format(float64(x))
		}
		thread.Errorf(L, "%s must be a %dbit integer", what, bits)
	}
	return n
}
