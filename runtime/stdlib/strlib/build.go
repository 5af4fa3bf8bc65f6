package strlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

// builder makes a string that may become long: it asks the budget before it grows.
type builder struct {
	strings.Builder
	L *lua.LState
}

func (b *builder) room(n int) {
	if b.Cap()-b.Len() >= n {
		return
	}
	need := b.Len() + n
	limit.Of(b.L).Charge(b.L, limit.String, int64(need))
	// Double the size, but not beyond what the limit allows.
	if most := limit.Of(b.L).Limits().String; int64(2*b.Cap()) <= most {
		need = max(need, 2*b.Cap(), 32)
	}
	b.Grow(need - b.Len())
}

func (b *builder) text(s string) {
	b.room(len(s))
	b.WriteString(s)
}

func (b *builder) bytes(s []byte) {
	b.room(len(s))
	b.Write(s)
}

func (b *builder) byte(c byte) {
	b.room(1)
	b.WriteByte(c)
}

func (b *builder) push() int {
	b.L.Push(lua.LString(b.String()))
	return 1
}

// single has the strings of one byte.
var single = func() (v [256]lua.LValue) {
	for i := range v {
		v[i] = lua.LString([]byte{byte(i)})
	}
	return v
}()

var empty lua.LValue = lua.LString("")

// part returns a part of a string as a value. It is a copy: a short part must not keep a
// long string in memory.
func part(L *lua.LState, whole string, from, to int) lua.LValue {
	n := to - from
	switch {
	case n <= 0:
		return empty
	case n == 1:
		return single[whole[from]]
	case n == len(whole):
		return lua.LString(whole)
	}
	if n > 256 {
		limit.Of(L).Charge(L, limit.String, int64(n))
	}
	return lua.LString(strings.Clone(whole[from:to]))
}
