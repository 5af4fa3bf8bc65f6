package thread

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

// variable is a to-be-closed variable in scope.
type variable struct {
	value lua.LValue
}

// Open puts a value on the list of what is to be closed, and returns the length that the list
// had. nil and false are not closed, but take a place all the same. name is that of the
// variable, for the error if the value cannot be closed.
func (t *Thread) Open(L *lua.LState, v lua.LValue, name string) int {
	if !lua.LVIsFalse(v) && closer(L, v) == lua.LNil {
		Errorf(L, "variable '%s' got a non-closable value", name)
	}
	t.open = append(t.open, variable{v})
	return len(t.open) - 1
}

func closer(L *lua.LState, v lua.LValue) lua.LValue {
	if mt := rawMetatable(L, v); mt != nil {
		return mt.RawGetString("__close")
	}
	return lua.LNil
}

func rawMetatable(L *lua.LState, v lua.LValue) *lua.LTable {
	var mt lua.LValue
	switch v := v.(type) {
	case *lua.LTable:
		mt = v.Metatable
	case *lua.LUserData:
		mt = v.Metatable
	default:
		return nil
	}
	t, _ := mt.(*lua.LTable)
	return t
}

// Close closes the variables from the top of the list down to the length h, the way a block
// that ends does: an error of a closing method goes on upwards, and to the ones below.
func (t *Thread) Close(L *lua.LState, h int) {
	for len(t.open) > h {
		v := t.pop()
		if lua.LVIsFalse(v) {
			continue
		}
		method := closer(L, v)
		if method.Type() != lua.LTFunction && !callable(L, method) {
			Errorf(L, "attempt to call a %s value (metamethod 'close')", method.Type())
		}
		L.Push(method)
		L.Push(v)
		L.Push(lua.LNil)
		limit.Call(L, 2, 0)
	}
}

func (t *Thread) pop() lua.LValue {
	v := t.open[len(t.open)-1].value
	t.open[len(t.open)-1] = variable{}
	t.open = t.open[:len(t.open)-1]
	return v
}

// unwind closes everything after an error, from the top. Each method gets the error; an error
// that it raises takes its place.
func (t *Thread) unwind(f *Failure) {
	for len(t.open) > 0 {
		v := t.pop()
		if lua.LVIsFalse(v) {
			continue
		}
		t.L.Push(trampoline)
		t.L.Push(closer(t.L, v))
		t.L.Push(v)
		t.L.Push(f.Value)
		if err := t.L.PCall(3, 0, nil); err != nil {
			*f = *failure(err)
			if f.Defect != "" {
				t.Budget().Fail(fmt.Sprint("a defect of the host, see its log"))
			}
		}
	}
}

// Depth returns the length of the list of what is to be closed.
func (t *Thread) Depth() int { return len(t.open) }
