package operator

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/thread"
)

func openVariable(L *lua.LState) int {
	name := "?"
	if s, ok := L.Get(2).(lua.LString); ok {
		name = string(s)
	}
	L.Push(lua.LNumber(thread.Of(L).Open(L, L.Get(1), name)))
	return 1
}

func closeVariables(L *lua.LState) int {
	n := L.GetTop()
	if h, ok := L.Get(1).(lua.LNumber); ok {
		thread.Of(L).Close(L, int(h))
	}
	return n - 1
}

func appendList(L *lua.LState) int {
	t := L.Get(1).(*lua.LTable)
	n := int(L.Get(2).(lua.LNumber))
	top := L.GetTop()
	limit.Of(L).Charge(L, limit.Table, int64(n+top-2))
	for i := 3; i <= top; i++ {
		t.RawSetInt(n+i-2, L.Get(i))
	}
	L.Push(t)
	return 1
}

func pack(L *lua.LState) int {
	n := L.GetTop()
	limit.Of(L).Charge(L, limit.Table, int64(n))
	t := L.CreateTable(n, 1)
	for i := 1; i <= n; i++ {
		t.RawSetInt(i, L.Get(i))
	}
	t.RawSetString("n", lua.LNumber(n))
	L.Push(t)
	return 1
}

func undefined(L *lua.LState) int {
	if L.Get(1) != lua.LNil {
		thread.Errorf(L, "global '%s' already defined", string(L.Get(2).(lua.LString)))
	}
	return 0
}
