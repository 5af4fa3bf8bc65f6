package runtime

import (
	"fmt"
	"sort"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/library"
)

// A Request is a message that a Go function handles. It is used while the function runs.
type Request struct {
	task     *actor.Task
	envelope *actor.Envelope
}

// Source returns who sent it.
func (r *Request) Source() actor.Handle { return r.envelope.Source }

// Values returns what it holds: nil, bool, float64, string, and tables as []any, or as map[any]any
// where they have other keys.
func (r *Request) Values() []any { return valuesOf(&r.envelope.Payload) }

// Reply answers. If nobody waits for an answer it does nothing.
func (r *Request) Reply(values ...any) error {
	p, err := payloadOf(values)
	if err != nil {
		return err
	}
	r.task.Answer(p)
	return nil
}

// Call sends a message of type lua to a service, and waits for the answer; other messages to the
// function's own service are handled meanwhile.
func (r *Request) Call(to actor.Handle, values ...any) ([]any, error) {
	p, err := payloadOf(values)
	if err != nil {
		return nil, err
	}
	answer, err := r.task.Call(nil, to, actor.Lua, &p)
	return valuesOf(&answer), err
}

// native is an actor that is a Go function.
type native struct{ handle func(*Request) error }

func (b native) Message(t *actor.Task, e *actor.Envelope) error {
	return b.handle(&Request{t, e})
}

func (native) Close() {}

// Handle makes a service of a Go function, and gives it a name, ".db" say; "" for none. The
// function is called with one message at a time, but for those that come while it waits in Call.
// An error that it returns answers the message.
func (n *Node) Handle(name string, f func(*Request) error) (actor.Handle, error) {
	a, err := n.Add(name, native{f})
	if err != nil {
		return 0, err
	}
	return a.Handle(), nil
}

// Module makes a module of Go functions, for Options. They are called with what the script passes,
// as Request.Values has it; an error is raised in the script. They must not block.
func Module(name string, functions map[string]func(args []any) ([]any, error)) actor.Module {
	names := make([]string, 0, len(functions))
	for f := range functions {
		names = append(names, f)
	}
	sort.Strings(names)
	var list []library.Function
	for _, f := range names {
		call := functions[f]
		list = append(list, library.Function{Name: f, Call: func(L *lua.LState) int {
			args := make([]any, L.GetTop())
			for i := range args {
				args[i] = fromLua(L.Get(i+1), 0)
			}
			results, err := call(args)
			if err == nil {
				var p actor.Payload
				if p, err = payloadOf(results); err == nil {
					return p.Push(L)
				}
			}
			actor.Raise(L, err)
			return 0
		}})
	}
	return actor.Functions(name, list)
}

// maxDepth is how deep tables may be.
const maxDepth = 32

func payloadOf(values []any) (actor.Payload, error) {
	var p actor.Payload
	for _, v := range values {
		l, err := toLua(v, 0)
		if err != nil {
			return actor.Payload{}, err
		}
		p.Add(l)
	}
	return p, nil
}

func valuesOf(p *actor.Payload) []any {
	values := make([]any, p.Len())
	for i := range values {
		values[i] = fromLua(p.At(i), 0)
	}
	return values
}

// toLua returns a Go value as a value of Lua, which belongs to nobody.
func toLua(v any, depth int) (lua.LValue, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d tables within each other", maxDepth)
	}
	switch v := v.(type) {
	case nil:
		return lua.LNil, nil
	case bool:
		return lua.LBool(v), nil
	case int:
		return lua.LNumber(v), nil
	case int32:
		return lua.LNumber(v), nil
	case int64:
		return lua.LNumber(v), nil
	case float64:
		return lua.LNumber(v), nil
	case actor.Handle:
		return lua.LNumber(v), nil
	case string:
		return lua.LString(v), nil
	case []byte:
		return lua.LString(v), nil
	case []any:
		t := new(lua.LState).CreateTable(len(v), 0)
		for i, x := range v {
			l, err := toLua(x, depth+1)
			if err != nil {
				return nil, err
			}
			t.RawSetInt(i+1, l)
		}
		return t, nil
	case map[string]any:
		t := new(lua.LState).CreateTable(0, len(v))
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			l, err := toLua(v[k], depth+1)
			if err != nil {
				return nil, err
			}
			t.RawSetString(k, l)
		}
		return t, nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be sent", v)
}

// fromLua returns a value of Lua for Go.
func fromLua(v lua.LValue, depth int) any {
	switch v := v.(type) {
	case lua.LBool:
		return bool(v)
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		return string(v)
	case *lua.LTable:
		if depth > maxDepth {
			return nil
		}
		if n := v.Len(); n > 0 {
			if k, _ := v.Next(lua.LNumber(n)); k == lua.LNil {
				list := make([]any, n)
				for i := range list {
					list[i] = fromLua(v.RawGetInt(i+1), depth+1)
				}
				return list
			}
		}
		m := map[any]any{}
		for k, x := v.Next(lua.LNil); k != lua.LNil; k, x = v.Next(k) {
			if key := fromLua(k, depth+1); key != nil {
				if _, isList := key.([]any); !isList {
					if _, isMap := key.(map[any]any); !isMap {
						m[key] = fromLua(x, depth+1)
					}
				}
			}
		}
		return m
	}
	return nil
}
