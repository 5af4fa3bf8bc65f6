package cjson

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// valueWork is how many instructions' worth of time it takes to write or read a value.
const valueWork = 4

type encoder struct {
	*options
	L    *lua.LState
	out  []byte
	most int64
}

func (e *encoder) room(n int) {
	if cap(e.out)-len(e.out) >= n {
		return
	}
	need := len(e.out) + n
	limit.Of(e.L).Charge(e.L, limit.String, int64(need))
	if grown := 2 * cap(e.out); int64(grown) <= e.most {
		need = max(need, grown, 64)
	}
	out := make([]byte, len(e.out), need)
	copy(out, e.out)
	e.out = out
}

func (e *encoder) raw(s string) {
	e.room(len(s))
	e.out = append(e.out, s...)
}

func (e *encoder) refuse(v lua.LValue, reason string) {
	thread.Errorf(e.L, "Cannot serialise %s: %s", v.Type(), reason)
}

func (e *encoder) value(v lua.LValue, depth int64) {
	limit.Of(e.L).Work(e.L, valueWork)
	switch v := v.(type) {
	case *lua.LNilType:
		e.raw("null")
	case lua.LBool:
		if v {
			e.raw("true")
		} else {
			e.raw("false")
		}
	case lua.LNumber:
		e.number(v)
	case lua.LString:
		e.text(string(v))
	case *lua.LTable:
		e.table(v, depth+1)
	default:
		switch v {
		case lua.LValue(seri.Null):
			e.raw("null")
		case lua.LValue(e.emptyArray):
			e.raw("[]")
		default:
			e.refuse(v, "type not supported")
		}
	}
}

func (e *encoder) number(v lua.LNumber) {
	x := float64(v)
	invalid := ""
	switch {
	case math.IsNaN(x):
		invalid = "NaN"
	case math.IsInf(x, 1):
		invalid = "Infinity"
	case math.IsInf(x, -1):
		invalid = "-Infinity"
	default:
		e.raw(e.format(x))
		return
	}
	switch {
	case e.encodeNull:
		e.raw("null")
	case e.encodeInvalid:
		e.raw(invalid)
	default:
		e.refuse(v, "must not be NaN or Infinity")
	}
}

// escapes has what bytes are written as that do not stand for themselves.
var escapes = func() (t [256]string) {
	for i := range 0x20 {
		t[i] = fmt.Sprintf(`\u%04x`, i)
	}
	t['\b'], t['\t'], t['\n'], t['\f'], t['\r'] = `\b`, `\t`, `\n`, `\f`, `\r`
	t['"'], t['\\'], t['/'], t[0x7f] = `\"`, `\\`, `\/`, `\u007f`
	return t
}()

func (e *encoder) text(s string) {
	limit.Of(e.L).Work(e.L, int64(len(s))/8)
	e.room(len(s) + 2)
	e.out = append(e.out, '"')
	for i := range len(s) {
		c := s[i]
		if escape := escapes[c]; escape != "" && (c != '/' || e.escapeSlash) {
			e.raw(escape)
			continue
		}
		e.room(1)
		e.out = append(e.out, c)
	}
	e.room(1)
	e.out = append(e.out, '"')
}

func (e *encoder) table(t *lua.LTable, depth int64) {
	if depth > e.encodeDepth {
		thread.Errorf(e.L, "Cannot serialise, excessive depth (%d)", depth)
	}
	mark := t.Metatable
	if mark != lua.LNil {
		library.Settle(t)
		t = library.Contents(t)
	}
	size := int64(-1)
	if mark == lua.LValue(e.arrayMark) {
		size = int64(t.Len())
	} else {
		size = e.length(t)
		if size == 0 && !e.emptyAsArray && mark != lua.LValue(e.emptyArrayMark) {
			size = -1
		}
	}
	if size < 0 {
		e.object(t, depth)
		return
	}
	e.raw("[")
	for i := 1; i <= int(size); i++ {
		if i > 1 {
			e.raw(",")
		}
		e.value(t.RawGet(lua.LNumber(i)), depth)
	}
	e.raw("]")
}

// length returns the length of a table that is an array: all keys are whole and positive. It
// returns -1 for any other.
func (e *encoder) length(t *lua.LTable) int64 {
	highest, items := int64(0), int64(0)
	for key, _ := t.Next(lua.LNil); key != lua.LNil; key, _ = t.Next(key) {
		n, ok := key.(lua.LNumber)
		if !ok || n < 1 || n != lua.LNumber(math.Floor(float64(n))) || n > 1<<53 {
			return -1
		}
		highest = max(highest, int64(n))
		if items++; items%64 == 0 {
			limit.Of(e.L).Work(e.L, 64)
		}
	}
	limit.Of(e.L).Work(e.L, int64(limit.ArrayLen(t))/16)
	if e.sparseRatio > 0 && highest > items*e.sparseRatio && highest > e.sparseSafe {
		if !e.sparseConvert {
			e.refuse(t, "excessively sparse array")
		}
		return -1
	}
	return highest
}

func (e *encoder) object(t *lua.LTable, depth int64) {
	e.raw("{")
	first := true
	for key, v := t.Next(lua.LNil); key != lua.LNil; key, v = t.Next(key) {
		if !first {
			e.raw(",")
		}
		first = false
		switch key := key.(type) {
		case lua.LNumber:
			e.raw(`"`)
			e.number(key)
			e.raw(`"`)
		case lua.LString:
			e.text(string(key))
		default:
			e.refuse(key, "table key must be a number or string")
		}
		e.raw(":")
		e.value(v, depth)
	}
	e.raw("}")
}
