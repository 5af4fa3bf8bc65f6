// Package lua has as much of gopher-lua as the tests need.
package lua

type LValue interface{ String() string }

type LTable struct{ Metatable LValue }

func (*LTable) String() string             { return "" }
func (*LTable) RawGetString(string) LValue { return nil }

type LString string

func (s LString) String() string { return string(s) }

type LFunction struct{ Env *LTable }

func (*LFunction) String() string { return "" }

type LState struct{ Env *LTable }

func (*LState) String() string      { return "" }
func (*LState) Get(int) LValue      { return nil }
func (*LState) ToString(int) string { return "" }
func (*LState) Push(LValue)         {}
