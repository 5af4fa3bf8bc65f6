// Package message copies values from one Lua state to another. Tables are copied deeply, once, by
// who sends; strings, numbers and booleans are shared, since nothing can change them.
//
// What a message may hold is what skynet's serialisation takes: nil, booleans, numbers, strings
// and tables of them; metatables are left behind, but __pairs is honoured. A table that occurs
// twice arrives as two, and one that holds itself is too deep.
package message

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

// Limits bound one message.
type Limits struct {
	Size  int64 // bytes of strings, and 16 for every other value
	Depth int   // tables within tables
	Count int   // values, keys included
}

// Default are the limits where nothing else is said. The depth is skynet's.
var Default = Limits{Size: 16 << 20, Depth: 32, Count: 1 << 20}

// An Error says why a value cannot be sent.
type Error struct {
	// Key is the key of sky.toml whose limit was met; "" if no limit is to blame.
	Key     string
	Message string
}

// Error returns the message, with the key.
func (e *Error) Error() string {
	if e.Key == "" {
		return e.Message
	}
	return e.Message + "; see " + e.Key + " in sky.toml"
}

// Keys of sky.toml.
const (
	SizeKey  = "actor.message-size"
	DepthKey = "actor.message-depth"
	CountKey = "actor.message-count"
)

// Shared is what the Value of a userdata must implement to be sent: it is not copied, so it must
// never change, and hold nothing of a Lua state.
type Shared interface{ SharedByActors() }

// A Copier copies the values of one message. It is made by New, and is of no use after an error.
type Copier struct {
	limits Limits
	size   int64
	count  int
	// L runs __pairs, and pays for the work; nil: metatables are not looked at.
	L *lua.LState
}

// New returns a copier for one message. L may be nil where the values are not a script's.
func New(L *lua.LState, limits *Limits) Copier { return Copier{limits: *limits, L: L} }

// Size returns about how many bytes the copied values take.
func (c *Copier) Size() int64 { return c.size }

// Value returns a value for the other state. The error is an *Error. It may raise, if __pairs does.
func (c *Copier) Value(v lua.LValue) (lua.LValue, error) {
	// Scalars are handed on in the interface that they came in: a new one would be allocated.
	switch x := v.(type) {
	case lua.LNumber, lua.LBool, *lua.LNilType:
		c.count++
		c.size += 16
		return v, nil
	case lua.LString:
		c.count++
		c.size += 16 + int64(len(x))
		if c.size > c.limits.Size {
			return nil, c.tooLarge()
		}
		return v, nil
	case *lua.LTable:
		return c.table(x, 1)
	case *lua.LUserData:
		if shared, ok := x.Value.(Shared); ok {
			c.count++
			c.size += 16
			if x.Metatable == lua.LNil {
				return x, nil // nothing can change it, and it stays the same: cjson.null
			}
			return &lua.LUserData{Value: shared, Metatable: lua.LNil}, nil
		}
	}
	return nil, &Error{Message: "Unsupport type " + v.Type().String() + " to serialize"}
}

func (c *Copier) tooLarge() error {
	return &Error{SizeKey, fmt.Sprintf("the message is larger than %d bytes", c.limits.Size)}
}

// charge stops a table that is too large before it is copied.
func (c *Copier) charge(values int) error {
	c.count += values
	c.size += int64(values) * 16
	if c.count > c.limits.Count {
		return &Error{CountKey, fmt.Sprintf("the message holds more than %d values", c.limits.Count)}
	}
	if c.size > c.limits.Size {
		return c.tooLarge()
	}
	if c.L != nil {
		limit.Of(c.L).Work(c.L, int64(values)*2)
	}
	return nil
}

func (c *Copier) table(t *lua.LTable, depth int) (lua.LValue, error) {
	if depth > c.limits.Depth {
		return nil, &Error{DepthKey, fmt.Sprintf("serialize can't pack too depth table (more than %d tables within each other, or a table that holds itself)", c.limits.Depth)}
	}
	if mt, ok := t.Metatable.(*lua.LTable); ok && c.L != nil {
		if pairs := mt.RawGetString("__pairs"); pairs != lua.LNil {
			return c.pairs(t, pairs, depth)
		}
	}
	list := limit.KeysOf(t)
	n, keys := limit.ArrayLen(t), list.Len()
	if err := c.charge(1 + n + 2*keys); err != nil {
		return nil, err
	}
	to := newTable(n, min(keys, 1024))
	for i := 1; i <= n; i++ {
		v := t.RawGetInt(i)
		if v == lua.LNil {
			// RawSetInt would put what follows a hole elsewhere: as the VM does.
			continue
		}
		v, err := c.inner(v, depth)
		if err != nil {
			return nil, err
		}
		to.RawSetInt(i, v)
	}
	// As a rule all keys are strings. To ask for the next one each time would take as long as the copy.
	for i := range keys {
		k, ok := list.String(i)
		if !ok {
			last := lua.LValue(lua.LNil)
			if i > 0 {
				k, _ = list.String(i - 1)
				last = lua.LString(k)
			} else if n > 0 {
				last = lua.LNumber(n)
			}
			return to, c.rest(to, t, last, depth)
		}
		v := t.RawGetString(k)
		if v == lua.LNil {
			continue
		}
		if err := c.text(k); err != nil {
			return nil, err
		}
		v, err := c.inner(v, depth)
		if err != nil {
			return nil, err
		}
		to.RawSetString(k, v)
	}
	return to, nil
}

// rest copies what next shows behind a key.
func (c *Copier) rest(to, t *lua.LTable, last lua.LValue, depth int) error {
	for k, v := t.Next(last); k != lua.LNil; k, v = t.Next(k) {
		k, err := c.inner(k, depth)
		if err != nil {
			return err
		}
		if v, err = c.inner(v, depth); err != nil {
			return err
		}
		if s, ok := k.(lua.LString); ok {
			to.RawSetString(string(s), v)
		} else {
			to.RawSet(k, v)
		}
	}
	return nil
}

// text takes account of a string that stands in a table.
func (c *Copier) text(s string) error {
	c.size += int64(len(s))
	if c.size > c.limits.Size {
		return c.tooLarge()
	}
	return nil
}

// inner copies what stands in a table, which is counted already.
func (c *Copier) inner(v lua.LValue, depth int) (lua.LValue, error) {
	switch x := v.(type) {
	case lua.LNumber, lua.LBool:
		return v, nil
	case lua.LString:
		return v, c.text(string(x))
	case *lua.LTable:
		return c.table(x, depth+1)
	}
	return c.Value(v)
}

// pairs copies what the __pairs of a table shows.
func (c *Copier) pairs(t *lua.LTable, pairs lua.LValue, depth int) (lua.LValue, error) {
	if err := c.charge(1); err != nil {
		return nil, err
	}
	L := c.L
	top := L.GetTop()
	defer L.SetTop(top)
	L.Push(pairs)
	L.Push(t)
	limit.Call(L, 1, 3)
	next, state, key := L.Get(-3), L.Get(-2), L.Get(-1)
	to := newTable(0, 8)
	for {
		L.SetTop(top)
		L.Push(next)
		L.Push(state)
		L.Push(key)
		limit.Call(L, 2, 2)
		var v lua.LValue
		if key, v = L.Get(-2), L.Get(-1); key == lua.LNil {
			return to, nil
		}
		if err := c.charge(2); err != nil {
			return nil, err
		}
		k, err := c.inner(key, depth)
		if err != nil {
			return nil, err
		}
		if v != lua.LNil {
			if v, err = c.inner(v, depth); err != nil {
				return nil, err
			}
			to.RawSet(k, v)
		}
	}
}

// newTable makes a table, which belongs to no state: the VM makes it without looking at one.
func newTable(array, hash int) *lua.LTable { return (*lua.LState)(nil).CreateTable(array, hash) }
