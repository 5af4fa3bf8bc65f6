package operator

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
)

func concat(L *lua.LState) int {
	n := L.GetTop()
	if n == 2 {
		a, aok := L.Get(1).(lua.LString)
		b, bok := L.Get(2).(lua.LString)
		if aok && bok {
			limit.Of(L).Charge(L, limit.String, int64(len(a)+len(b)))
			L.Push(a + b)
			return 1
		}
	}
	L.Push(concatenate(L, n, func(i int) lua.LValue { return L.Get(i + 1) }))
	return 1
}

func concatTable(L *lua.LState) int {
	t := L.Get(1).(*lua.LTable)
	n := int(L.Get(2).(lua.LNumber))
	L.Push(concatenate(L, n, func(i int) lua.LValue { return t.RawGetInt(i + 1) }))
	return 1
}

// concatenate joins n values from the right. Runs of strings and numbers are joined at once.
func concatenate(L *lua.LState, n int, value func(int) lua.LValue) lua.LValue {
	var right lua.LValue // the result so far
	for i := n - 1; i >= 0; {
		first := i
		size := 0
		if right != nil {
			if s, ok := right.(lua.LString); ok {
				size = len(s)
			}
		}
		for first >= 0 {
			k, ok := textLen(value(first))
			if !ok {
				break
			}
			size += k
			first--
		}
		if right == nil && first < i || right != nil && isText(right) && first < i {
			limit.Of(L).Charge(L, limit.String, int64(size))
			buf := make([]byte, 0, size)
			for k := first + 1; k <= i; k++ {
				buf = appendText(buf, value(k))
			}
			if right != nil {
				buf = appendText(buf, right)
			}
			right = lua.LString(buf)
			i = first
			continue
		}
		if right == nil {
			right = value(i)
			i--
			continue
		}
		left := value(i)
		m := metamethod(L, left, right, "__concat")
		if m == lua.LNil {
			bad, at := left, i
			if isText(left) {
				bad, at = right, i+1
			}
			thread.Errorf(L, "attempt to concatenate a %s value%s", TypeName(L, bad), describe(L, at))
		}
		right = binary(L, m, left, right)
		i--
	}
	return right
}

func isText(v lua.LValue) bool {
	switch v.(type) {
	case lua.LString, lua.LNumber:
		return true
	}
	return false
}

// textLen returns an upper bound of the length of a string or number.
func textLen(v lua.LValue) (int, bool) {
	switch v := v.(type) {
	case lua.LString:
		return len(v), true
	case lua.LNumber:
		return 24, true
	}
	return 0, false
}

func appendText(b []byte, v lua.LValue) []byte {
	switch v := v.(type) {
	case lua.LString:
		return append(b, v...)
	case lua.LNumber:
		return number.Append(b, float64(v))
	}
	return b
}
