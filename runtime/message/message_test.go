package message_test

import (
	"errors"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/message"
)

func table() *lua.LTable { return new(lua.LState).CreateTable(0, 0) }

// show lists what next shows, in its order.
func show(t *lua.LTable) string {
	var b strings.Builder
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		b.WriteString(k.String() + "=")
		if inner, ok := v.(*lua.LTable); ok {
			b.WriteString("{" + show(inner) + "}")
		} else {
			b.WriteString(v.String())
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// A copy has all that the table has, in the same order, whatever the keys are.
func TestOrder(t *testing.T) {
	keys := map[string][]lua.LValue{
		"none":            {},
		"strings":         {lua.LString("b"), lua.LString("a"), lua.LString("c")},
		"a number first":  {lua.LNumber(-1), lua.LString("b"), lua.LString("a")},
		"a number behind": {lua.LString("b"), lua.LString("a"), lua.LNumber(0.5), lua.LString("c"), lua.LTrue},
	}
	for name, keys := range keys {
		for _, array := range []int{0, 3} {
			for gone := range len(keys) + 1 {
				from := table()
				for i := range array {
					from.RawSetInt(i+1, lua.LString("item"))
				}
				for i, k := range keys {
					inner := table()
					inner.RawSetString("i", lua.LNumber(i))
					from.RawSet(k, inner)
				}
				if gone < len(keys) {
					from.RawSet(keys[gone], lua.LNil)
				}
				c := message.New(nil, &message.Default)
				v, err := c.Value(from)
				if err != nil {
					t.Fatal(err)
				}
				to := v.(*lua.LTable)
				if got, want := show(to), show(from); got != want {
					t.Errorf("%s, %d items, %d gone: the copy is %s; want %s", name, array, gone, got, want)
				}
				if len(keys) > 0 && gone != 0 && to.RawGet(keys[0]) == from.RawGet(keys[0]) {
					t.Errorf("%s: a table within is shared, not copied", name)
				}
			}
		}
	}
}

// Keys count as values do.
func TestSize(t *testing.T) {
	long := lua.LString(strings.Repeat("x", 100))
	key, value := table(), table()
	key.RawSet(long, lua.LTrue)
	value.RawSetString("x", long)
	for name, from := range map[string]*lua.LTable{"key": key, "value": value} {
		for _, most := range []int64{50, 200} {
			c := message.New(nil, &message.Limits{Size: most, Depth: 4, Count: 10})
			_, err := c.Value(from)
			var e *message.Error
			if refused := errors.As(err, &e) && e.Key == message.SizeKey; refused != (most < 100) {
				t.Errorf("a long %s within %d bytes: %v", name, most, err)
			}
		}
	}
}
