// Package value does with values what the VM does, in the way of Lua 5.4.
package value

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
)

// Metatable returns the metatable of a value, or nil.
func Metatable(L *lua.LState, v lua.LValue) *lua.LTable {
	var mt lua.LValue
	switch v := v.(type) {
	case *lua.LTable:
		mt = v.Metatable
	case *lua.LUserData:
		mt = v.Metatable
	case lua.LString:
		mt = L.GetMetatable(v) // that of strings has no __metatable
	}
	t, _ := mt.(*lua.LTable)
	return t
}

// Metafield returns a field of a value's metatable; nil if there is none.
func Metafield(L *lua.LState, v lua.LValue, event string) lua.LValue {
	if mt := Metatable(L, v); mt != nil {
		return mt.RawGetString(event)
	}
	return lua.LNil
}

// TypeName returns the name of a value's type for messages: __name, or the type.
func TypeName(L *lua.LState, v lua.LValue) string {
	if name, ok := Metafield(L, v, "__name").(lua.LString); ok {
		return string(name)
	}
	return v.Type().String()
}

// callPinned is Call where Lua cannot suspend the coroutine.
func callPinned(L *lua.LState, fn, arg lua.LValue) lua.LValue {
	L.Push(fn)
	L.Push(arg)
	limit.CallPinned(L, 1, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

// Call calls a function with arguments, and returns its first result.
func Call(L *lua.LState, fn lua.LValue, args ...lua.LValue) lua.LValue {
	L.Push(fn)
	for _, a := range args {
		L.Push(a)
	}
	limit.Call(L, len(args), 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

// ToString does what tostring does.
func ToString(L *lua.LState, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return number.Format(float64(v))
	case lua.LBool:
		if v {
			return "true"
		}
		return "false"
	case *lua.LNilType:
		return "nil"
	}
	if m := Metafield(L, v, "__tostring"); m != lua.LNil {
		switch s := callPinned(L, m, v).(type) {
		case lua.LString:
			return string(s)
		case lua.LNumber:
			return number.Format(float64(s))
		}
		thread.Errorf(L, "'__tostring' must return a string")
	}
	name := TypeName(L, v)
	limit.Of(L).Charge(L, limit.String, int64(len(name)+32))
	return name + ": " + ID(v)
}

// Reserve makes room on the stack for n values that are about to be pushed, and charges for
// them: by itself the VM makes room for few at a time.
func Reserve(L *lua.LState, n int) {
	const few = 32
	if n <= few {
		return
	}
	limit.Of(L).Charge(L, limit.Memory, int64(n)*16)
	limit.Of(L).Work(L, int64(n))
	top := L.GetTop()
	L.SetTop(top + n)
	L.SetTop(top)
}

var seed = maphash.MakeSeed()

// ID returns what stands for the identity of a table, function, thread or userdata in texts:
// the same for the same value, as long as the process runs, and no address.
func ID(v lua.LValue) string {
	var address [8]byte
	binary.LittleEndian.PutUint64(address[:], uint64(reflect.ValueOf(v).Pointer()))
	h := maphash.Bytes(seed, address[:])
	const digits = "0123456789abcdef"
	text := [...]byte{'0', 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for i := len(text) - 1; i >= 2; i-- {
		text[i] = digits[h&15]
		h >>= 4
	}
	return string(text[:])
}

// Index does what t[key] does.
func Index(L *lua.LState, t *lua.LTable, key lua.LValue) lua.LValue {
	if v := t.RawGet(key); v != lua.LNil || t.Metatable == lua.LNil {
		return v
	}
	limit.CheckDepth(L)
	return L.GetTable(t, key)
}

// SetIndex does what t[key] = v does.
func SetIndex(L *lua.LState, t *lua.LTable, key, v lua.LValue) {
	limit.CheckDepth(L)
	L.SetTable(t, key, v)
}

// Len does what # does. The result of __len must be an integer.
func Len(L *lua.LState, v lua.LValue) int64 {
	if s, ok := v.(lua.LString); ok {
		return int64(len(s))
	}
	if m := Metafield(L, v, "__len"); m != lua.LNil {
		n, ok := ToInteger(L, Call(L, m, v))
		if !ok {
			thread.Errorf(L, "object length is not an integer")
		}
		return n
	}
	if t, ok := v.(*lua.LTable); ok {
		return int64(t.Len())
	}
	thread.Raise(L, lua.LString("attempt to get length of a "+TypeName(L, v)+" value"))
	return 0
}

// ToInteger converts a number without fraction, or a string that reads as one.
func ToInteger(L *lua.LState, v lua.LValue) (int64, bool) {
	f, ok := ToNumber(L, v)
	if !ok || f != math.Floor(f) || f < -(1<<63) || f >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// ToNumber converts a number, or a string that reads as one.
func ToNumber(L *lua.LState, v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		ChargeText(L, string(v))
		return number.Parse(string(v))
	}
	return 0, false
}

// ChargeText charges for reading a text as a number.
func ChargeText(L *lua.LState, s string) {
	if len(s) > 64 {
		limit.Of(L).Work(L, int64(len(s))/8)
	}
}

func incomparable(a, b string) string {
	if a == b {
		return "attempt to compare two " + a + " values"
	}
	return "attempt to compare " + a + " with " + b
}

// Less does what < does.
func Less(L *lua.LState, a, b lua.LValue) bool {
	switch x := a.(type) {
	case lua.LNumber:
		if y, ok := b.(lua.LNumber); ok {
			return x < y
		}
	case lua.LString:
		if y, ok := b.(lua.LString); ok {
			return x < y
		}
	}
	m := Metafield(L, a, "__lt")
	if m == lua.LNil {
		m = Metafield(L, b, "__lt")
	}
	if m == lua.LNil {
		// Without a place: it is a function of the library that compares.
		thread.Raise(L, lua.LString(incomparable(TypeName(L, a), TypeName(L, b))))
	}
	return lua.LVAsBool(Call(L, m, a, b))
}

// SetRaw sets a field as rawset does, and charges for the memory that the VM will take for
// it: a single number as a key can make it allocate a large array.
func SetRaw(L *lua.LState, t *lua.LTable, key, v lua.LValue) {
	if n, ok := key.(lua.LNumber); ok {
		if i := float64(n); i == math.Floor(i) && i >= 1 && i <= limit.MaxArray {
			if have := limit.ArrayLen(t); int(i) > have {
				if v == lua.LNil {
					return
				}
				if int(i) > have+1 {
					limit.Of(L).Charge(L, limit.Table, int64(i))
				}
			}
		}
	}
	t.RawSet(key, v)
}
