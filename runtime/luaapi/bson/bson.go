// Package bson is the module bson: documents of MongoDB, as the lua-bson of skynet has them.
//
// What JSON has no type for is a string that begins with a zero byte and the number of its type:
// a date, an object id, the null value. bson.type tells what such a string is.
//
// Where it differs from lua-bson: a whole number is an int32 or an int64 however it was made (10/2 is
// 5); an int64 that no number holds exactly is what bson.int64 makes, instead of another number; a
// date outside of 1970 to 2106 keeps its seconds; a decimal128 is kept as it is; a key with a zero byte is
// refused; decode takes the bytes of a document as a string, too; and what is no BSON is refused
// without reading past its end.
package bson

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// The types of BSON, as https://bsonspec.org numbers them.
const (
	double         = 1
	text           = 2
	document       = 3
	array          = 4
	binaryType     = 5
	objectID       = 7
	boolean        = 8
	date           = 9
	null           = 10
	regex          = 11
	dbPointer      = 12
	code           = 13
	symbol         = 14
	codeWithScope  = 15
	int32Type      = 16
	timestamp      = 17
	int64Type      = 18
	decimal128     = 19
	maxKey         = 127
	minKey         = 255
	objectIDSize   = 12
	decimal128Size = 16
)

// maxDepth is how many documents may be within each other, as in lua-bson.
const maxDepth = 128

// object returns the string that stands for a value of a type that Lua has not.
func object(kind byte, data string) lua.LString {
	return lua.LString("\x00" + string([]byte{kind}) + data)
}

var open = library.Maker("bson.", []library.Function{
	{Name: "encode", Call: encode}, {Name: "encode_order", Call: encodeOrder}, {Name: "decode", Call: decode},
	{Name: "to_lightuserdata", Call: same}, {Name: "date", Call: newDate}, {Name: "timestamp", Call: newTimestamp},
	{Name: "objectid", Call: newObjectID}, {Name: "int64", Call: newInt64}, {Name: "binary", Call: newBinary},
	{Name: "regex", Call: newRegex}, {Name: "type", Call: typeOf},
}, library.Field{Name: "null", Value: object(null, "")}, library.Field{Name: "minkey", Value: object(minKey, "")},
	library.Field{Name: "maxkey", Value: object(maxKey, "")})

// Open makes the module for a state.
func Open(L *lua.LState) *lua.LTable { return open(L) }

// same is bson.to_lightuserdata: there is no other form of a document.
func same(L *lua.LState) int {
	check(L, 1)
	L.SetTop(1)
	return 1
}

func little32(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }
func little64(n int64) string  { return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) }

func push(L *lua.LState, values ...lua.LValue) int {
	for _, v := range values {
		L.Push(v)
	}
	return len(values)
}

// dateOf returns the string of a date. It has four bytes, as in lua-bson, where the seconds fit.
func dateOf(seconds int64) lua.LString {
	if seconds == int64(uint32(seconds)) {
		return object(date, little32(uint32(seconds)))
	}
	return object(date, little64(seconds))
}

// newDate is bson.date: the time of so many seconds after 1970.
func newDate(L *lua.LState) int {
	seconds := arg.Integer(L, 1)
	const most = math.MaxInt64 / 1000
	arg.Check(L, seconds >= -most && seconds <= most, 1, "a date out of range")
	return push(L, dateOf(seconds))
}

// increments numbers the timestamps that are made without a number.
var increments atomic.Uint32

// newTimestamp is bson.timestamp: seconds after 1970, and a number within the second.
func newTimestamp(L *lua.LState) int {
	seconds := arg.Integer(L, 1)
	arg.Check(L, seconds == int64(uint32(seconds)), 1, "seconds out of the range of 32 bits")
	var n int64
	if L.Get(2) == lua.LNil {
		n = int64(increments.Add(1) - 1)
	} else {
		n = arg.Integer(L, 2)
		arg.Check(L, n == int64(uint32(n)), 2, "a number out of the range of 32 bits")
	}
	return push(L, object(timestamp, little32(uint32(n))+little32(uint32(seconds))))
}

// process is what the object ids of this process have in common, and the counter that tells them apart.
var process struct {
	own     [5]byte
	counter atomic.Uint32
}

func init() {
	var seed [4]byte
	rand.Read(process.own[:]) // it never fails
	rand.Read(seed[:])
	process.counter.Store(binary.LittleEndian.Uint32(seed[:]))
}

// newObjectID is bson.objectid: a new one, or that of 24 hexadecimal digits.
func newObjectID(L *lua.LState) int {
	if s, ok := L.Get(1).(lua.LString); ok {
		id, err := hex.DecodeString(string(s))
		if err != nil || len(id) != objectIDSize {
			thread.Errorf(L, "Invalid objectid %.40s", string(s))
		}
		return push(L, object(objectID, string(id)))
	}
	return push(L, object(objectID, freshID()))
}

// newInt64 is bson.int64. It takes what it has made, since decode gives that for large ones.
func newInt64(L *lua.LState) int {
	if s, ok := L.Get(1).(lua.LString); ok && len(s) == 10 && s[0] == 0 && s[1] == int64Type {
		return push(L, s)
	}
	return push(L, object(int64Type, little64(arg.Integer(L, 1))))
}

// newBinary is bson.binary.
func newBinary(L *lua.LState) int {
	s := arg.String(L, 1)
	limit.Of(L).Charge(L, limit.String, int64(len(s)+3))
	return push(L, object(binaryType, "\x00"+s))
}

// newRegex is bson.regex: a pattern and its options.
func newRegex(L *lua.LState) int {
	pattern, options := arg.String(L, 1), arg.OptString(L, 2, "")
	for n, s := range []string{pattern, options} {
		checkKey(L, s, "part %d of a regex", n+1)
	}
	limit.Of(L).Charge(L, limit.String, int64(len(pattern)+len(options)+4))
	return push(L, object(regex, pattern+"\x00"+options+"\x00"))
}

// typeOf is bson.type: the name of a value's type and what it holds.
func typeOf(L *lua.LState) int {
	v := L.Get(1)
	switch s := v.(type) {
	case lua.LNumber, lua.LBool, *lua.LTable:
		return push(L, lua.LString(v.Type().String()), v)
	case *lua.LNilType:
		return push(L, lua.LString("nil"))
	case lua.LString:
		if len(s) < 2 || s[0] != 0 {
			return push(L, lua.LString("string"), v)
		}
		limit.Of(L).Charge(L, limit.String, int64(len(s)))
		return contents(L, s[1], string(s[2:]))
	}
	thread.Errorf(L, "Invalid type %s", v.Type())
	return 0
}

// sizes are those of the types that have one.
var sizes = map[byte]int{objectID: objectIDSize, timestamp: 8, int64Type: 8, decimal128: decimal128Size}

// names are those of the types for messages.
var names = map[byte]string{objectID: "object id", timestamp: "timestamp", int64Type: "int64", decimal128: "decimal128"}

// checkSize raises an error if the data of an object is not as long as its type wants.
func checkSize(L *lua.LState, kind byte, s string) {
	if n, ok := sizes[kind]; ok && len(s) != n {
		thread.Errorf(L, "Invalid %s", names[kind])
	}
}

// secondsOf returns the seconds of a date.
func secondsOf(L *lua.LState, s string) int64 {
	switch len(s) {
	case 4:
		return int64(long(s))
	case 8:
		return quad(s)
	}
	thread.Errorf(L, "Invalid date")
	return 0
}

// regexParts returns what a regex is made of.
func regexParts(L *lua.LState, s string) (pattern, options string) {
	d := decoder{L: L}
	pattern, s = d.cstring(s)
	options, s = d.cstring(s)
	if s != "" {
		thread.Errorf(L, "Invalid regex")
	}
	return pattern, options
}

// contents returns the name of an object's type and what it holds.
func contents(L *lua.LState, kind byte, s string) int {
	checkSize(L, kind, s)
	switch kind {
	case binaryType:
		if s == "" {
			thread.Errorf(L, "Invalid binary")
		}
		return push(L, lua.LString("binary"), lua.LString(s[1:]), lua.LNumber(s[0]))
	case objectID:
		return push(L, lua.LString("objectid"), lua.LString(hex.EncodeToString([]byte(s))))
	case date:
		return push(L, lua.LString("date"), lua.LNumber(secondsOf(L, s)))
	case timestamp:
		return push(L, lua.LString("timestamp"), lua.LNumber(long(s[4:])), lua.LNumber(long(s)))
	case regex:
		pattern, options := regexParts(L, s)
		return push(L, lua.LString("regex"), lua.LString(pattern), lua.LString(options))
	case minKey:
		return push(L, lua.LString("minkey"))
	case maxKey:
		return push(L, lua.LString("maxkey"))
	case null:
		return push(L, lua.LString("nil"))
	case int64Type:
		n := quad(s)
		x, exact := number.Float(n)
		if !exact {
			thread.Errorf(L, "the int64 is %d, which no number holds exactly", n)
		}
		return push(L, lua.LString("int64"), lua.LNumber(x))
	case code, dbPointer, symbol, codeWithScope, decimal128:
		return push(L, lua.LString("unsupported"), lua.LString(s))
	}
	thread.Errorf(L, "Invalid subtype %d", kind)
	return 0
}

// freshID returns a new object id: the time, what is the process's own, and a counter.
func freshID() string {
	id := binary.BigEndian.AppendUint32(make([]byte, 0, objectIDSize+1), uint32(time.Now().Unix()))
	id = append(id, process.own[:]...)
	n := process.counter.Add(1)
	return string(append(id, byte(n>>16), byte(n>>8), byte(n)))
}
