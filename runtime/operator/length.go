package operator

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/thread"
)

func length(L *lua.LState) int {
	v := L.Get(1)
	switch v := v.(type) {
	case *lua.LTable:
		if v.Metatable == lua.LNil {
			L.Push(lua.LNumber(border(L, v)))
			return 1
		}
	case lua.LString:
		L.Push(lua.LNumber(len(v)))
		return 1
	}
	if m := field(L, v, "__len"); m != lua.LNil {
		L.Push(binary(L, m, v, v))
		return 1
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		thread.Errorf(L, "attempt to get length of a %s value%s", TypeName(L, v), describe(L, 0))
	}
	L.Push(lua.LNumber(border(L, t)))
	return 1
}

// freeCells is how many empty cells are looked through for nothing.
const freeCells = 16

// border returns the length of a table, and charges for the empty cells that were looked at.
func border(L *lua.LState, t *lua.LTable) int {
	n := t.Len()
	if passed := limit.ArrayLen(t) - n; passed > freeCells {
		limit.Of(L).Work(L, int64(passed)/4)
	}
	return n
}
