// Package cjson is the modules cjson and cjson.safe, as lua-cjson 2.1 by Mark Pulford with the
// additions of OpenResty: what most projects on skynet read and write JSON with.
//
// It has a reader of its own, since it must take what lua-cjson takes (numbers in hexadecimal,
// NaN, strings of any bytes) and say what is wrong in its words: encoding/json takes none of the first
// and replaces bytes that are no UTF-8.
package cjson

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// maxDepth is the highest depth that can be set: the reader and the writer call themselves.
const maxDepth = 10_000

// options are what the functions that configure an instance of the module set.
type options struct {
	sparseConvert             bool
	sparseRatio, sparseSafe   int64
	encodeDepth, decodeDepth  int64
	precision                 int
	encodeInvalid, encodeNull bool // numbers that JSON has not: written as they are, or as null
	decodeInvalid             bool
	emptyAsArray, markArrays  bool
	escapeSlash               bool
	emptyArray                *lua.LUserData
	arrayMark, emptyArrayMark *lua.LTable
	keepBuffer, safe          bool
}

// Open makes the module cjson for a state.
func Open(L *lua.LState) *lua.LTable { return open(L, false) }

// OpenSafe makes the module cjson.safe: encode and decode return nil and a message instead of
// raising an error.
func OpenSafe(L *lua.LState) *lua.LTable { return open(L, true) }

func open(L *lua.LState, safe bool) *lua.LTable {
	o := &options{
		sparseRatio: 2, sparseSafe: 10, encodeDepth: 1000, decodeDepth: 1000, precision: 14, decodeInvalid: true,
		escapeSlash: true, keepBuffer: true, safe: safe,
		emptyArray: &lua.LUserData{Metatable: lua.LNil}, arrayMark: L.CreateTable(0, 0), emptyArrayMark: L.CreateTable(0, 0),
	}
	limit.Of(L).Charge(L, limit.Memory, 4096)
	t := L.CreateTable(0, 20)
	for _, f := range []library.Function{
		{Name: "encode", Call: o.protected(o.encode)}, {Name: "decode", Call: o.protected(o.decode)},
		{Name: "new", Call: func(L *lua.LState) int {
			L.Push(open(L, safe))
			return 1
		}},
		{Name: "encode_sparse_array", Call: o.sparse},
		{Name: "encode_max_depth", Call: integer(&o.encodeDepth)}, {Name: "decode_max_depth", Call: integer(&o.decodeDepth)},
		{Name: "encode_number_precision", Call: o.setPrecision}, {Name: "encode_keep_buffer", Call: boolean(&o.keepBuffer)},
		{Name: "encode_invalid_numbers", Call: o.invalidNumbers}, {Name: "decode_invalid_numbers", Call: boolean(&o.decodeInvalid)},
		{Name: "encode_empty_table_as_object", Call: o.emptyAsObject},
		{Name: "decode_array_with_array_mt", Call: boolean(&o.markArrays)},
		{Name: "encode_escape_forward_slash", Call: boolean(&o.escapeSlash)},
	} {
		t.RawSetString(f.Name, library.Closure(f.Call))
	}
	t.RawSetString("null", seri.Null)
	t.RawSetString("empty_array", o.emptyArray)
	t.RawSetString("array_mt", o.arrayMark)
	t.RawSetString("empty_array_mt", o.emptyArrayMark)
	name := "cjson"
	if safe {
		name = "cjson.safe"
	}
	t.RawSetString("_NAME", lua.LString(name))
	t.RawSetString("_VERSION", lua.LString("2.1.0"))
	return t
}

// protected makes a function of the safe module return its error.
func (o *options) protected(call func(*lua.LState) int) lua.LGFunction {
	if !o.safe {
		return call
	}
	return func(L *lua.LState) int {
		n := L.GetTop()
		L.Push(library.Closure(call))
		L.Insert(L.Get(-1), 1)
		L.Pop(1)
		results, failure := thread.Protect(L, n, nil)
		if failure != nil {
			L.Push(lua.LNil)
			L.Push(failure.Value)
			return 2
		}
		return results
	}
}

// setting counts the arguments of a function that configures.
func setting(L *lua.LState, most int) bool {
	arg.Check(L, L.GetTop() <= most, most+1, "found too many arguments")
	return L.GetTop() > 0 && L.Get(1) != lua.LNil
}

func integer(field *int64) lua.LGFunction {
	return func(L *lua.LState) int {
		if setting(L, 1) {
			n := arg.Integer(L, 1)
			arg.Check(L, n >= 1 && n <= maxDepth, 1, "expected integer between 1 and 10000")
			*field = n
		}
		L.Push(lua.LNumber(*field))
		return 1
	}
}

func boolean(field *bool) lua.LGFunction {
	return func(L *lua.LState) int {
		if setting(L, 1) {
			*field = choice(L, 1, "off", "on") == 1
		}
		L.Push(lua.LBool(*field))
		return 1
	}
}

// choice reads a boolean or the name of an option.
func choice(L *lua.LState, n int, names ...string) int {
	if b, ok := L.Get(n).(lua.LBool); ok {
		if b {
			return 1
		}
		return 0
	}
	text := arg.String(L, n)
	for i, name := range names {
		if name == text {
			return i
		}
	}
	arg.Error(L, n, "invalid option '"+text+"'")
	return 0
}

func (o *options) sparse(L *lua.LState) int {
	arg.Check(L, L.GetTop() <= 3, 4, "found too many arguments")
	if L.Get(1) != lua.LNil {
		o.sparseConvert = choice(L, 1, "off", "on") == 1
	}
	for n, field := range map[int]*int64{2: &o.sparseRatio, 3: &o.sparseSafe} {
		if L.Get(n) != lua.LNil {
			v := arg.Integer(L, n)
			arg.Check(L, v >= 0 && v <= 1<<31-1, n, "expected integer between 0 and 2147483647")
			*field = v
		}
	}
	L.Push(lua.LBool(o.sparseConvert))
	L.Push(lua.LNumber(o.sparseRatio))
	L.Push(lua.LNumber(o.sparseSafe))
	return 3
}

func (o *options) setPrecision(L *lua.LState) int {
	if setting(L, 1) {
		n := arg.Integer(L, 1)
		arg.Check(L, n >= 1 && n <= 16, 1, "expected integer between 1 and 16")
		o.precision = int(n)
	}
	L.Push(lua.LNumber(o.precision))
	return 1
}

func (o *options) invalidNumbers(L *lua.LState) int {
	if setting(L, 1) {
		n := choice(L, 1, "off", "on", "null")
		o.encodeInvalid, o.encodeNull = n == 1, n == 2
	}
	if o.encodeNull {
		L.Push(lua.LString("null"))
	} else {
		L.Push(lua.LBool(o.encodeInvalid))
	}
	return 1
}

func (o *options) emptyAsObject(L *lua.LState) int {
	if setting(L, 1) {
		o.emptyAsArray = choice(L, 1, "off", "on") == 0
	}
	L.Push(lua.LBool(!o.emptyAsArray))
	return 1
}

func (o *options) encode(L *lua.LState) int {
	arg.Check(L, L.GetTop() == 1, 1, "expected 1 argument")
	e := encoder{options: o, L: L, most: limit.Of(L).Limits().String}
	e.value(L.Get(1), 0)
	L.Push(lua.LString(e.out))
	return 1
}

func (o *options) decode(L *lua.LState) int {
	arg.Check(L, L.GetTop() == 1, 1, "expected 1 argument")
	text := arg.String(L, 1)
	limit.Of(L).Work(L, int64(len(text))/8)
	if len(text) >= 2 && (text[0] == 0 || text[1] == 0) {
		thread.Errorf(L, "JSON parser does not support UTF-16 or UTF-32")
	}
	d := decoder{options: o, L: L, text: text}
	L.Push(d.document())
	return 1
}

// format writes a number with the precision that is set; whole numbers are written whole.
func (o *options) format(x float64) string {
	if _, ok := number.Integer(x); ok {
		return number.Format(x)
	}
	return strconv.FormatFloat(x, 'g', o.precision, 64)
}
