package baselib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// nextFunction and ipairsStep are what pairs and ipairs return.
var (
	nextFunction *lua.LFunction
	ipairsStep   = library.New("for iterator", func(L *lua.LState) int {
		i := arg.Integer(L, 2) + 1
		var v lua.LValue
		if t, ok := L.Get(1).(*lua.LTable); ok {
			v = value.Index(L, t, lua.LNumber(i))
		} else {
			limit.CheckDepth(L)
			v = L.GetTable(L.Get(1), lua.LNumber(i))
		}
		if v == lua.LNil {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(i))
		L.Push(v)
		return 2
	})
)

// SetNext tells pairs which function next is.
func SetNext(fn *lua.LFunction) { nextFunction = fn }

func ipairs(L *lua.LState) int {
	v := arg.Any(L, 1)
	L.Push(ipairsStep)
	L.Push(v)
	L.Push(lua.LNumber(0))
	return 3
}

func pairs(L *lua.LState) int {
	v := arg.Any(L, 1)
	if m := value.Metafield(L, v, "__pairs"); m != lua.LNil {
		L.Push(m)
		L.Push(v)
		limit.Call(L, 1, 3)
		return 3
	}
	L.Push(nextFunction)
	L.Push(v)
	L.Push(lua.LNil)
	return 3
}

func next(L *lua.LState) int {
	t := arg.Table(L, 1)
	if t.Metatable != lua.LNil {
		library.Settle(t)
		t = library.Contents(t)
	}
	key := L.Get(2)
	if key != lua.LNil && t.RawGet(key) == lua.LNil && !wasKey(t, key) {
		thread.Errorf(L, "invalid key to 'next'")
	}
	if n, ok := key.(lua.LNumber); ok && n > 0 && n <= limit.MaxArray && n > lua.LNumber(limit.ArrayLen(t)) && t.RawGetH(key) == lua.LNil && n == lua.LNumber(int(n)) {
		// The array has become shorter since: what follows it comes next.
		key = lua.LNumber(limit.ArrayLen(t))
	}
	k, v := t.Next(key)
	chargeNext(L, t, key, k)
	if k == lua.LNil {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(k)
	L.Push(v)
	return 2
}

// chargeNext charges for the empty cells and deleted keys that the VM passed between two keys.
func chargeNext(L *lua.LState, t *lua.LTable, from, to lua.LValue) {
	const few = 64
	start, fromArray := 0, from == lua.LNil
	if n, ok := from.(lua.LNumber); ok && n > 0 && n <= limit.MaxArray {
		start, fromArray = int(n), true
	}
	if fromArray {
		if n, ok := to.(lua.LNumber); ok && n > 0 && n <= limit.MaxArray {
			if passed := int(n) - start; passed > few {
				limit.Of(L).Work(L, int64(passed)/16)
			}
			return
		}
		if passed := limit.ArrayLen(t) - start; passed > few {
			limit.Of(L).Work(L, int64(passed)/16)
		}
	}
	if passed := keysPassed(t, from, to); passed > few {
		limit.Of(L).Work(L, int64(passed))
	}
}
