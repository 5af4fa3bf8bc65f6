package sproto

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/sproto"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// slots is how many schemas a node keeps for all its actors.
const slots = 16

// A store keeps schemas for all actors of a node. It is safe for concurrent use.
type store struct {
	mu   sync.RWMutex
	kept [slots]*sproto.Schema
}

func (s *store) slot(L *lua.LState, n int) int {
	i := arg.OptInteger(L, n, 0)
	if i < 0 || i >= slots {
		thread.Errorf(L, "Invalid global slot index %d", i)
	}
	return int(i)
}

func (s *store) save(L *lua.LState, schema *sproto.Schema, n int) {
	i := s.slot(L, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[i] = schema
}

func (s *store) load(L *lua.LState, n int) *sproto.Schema {
	i := s.slot(L, n)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kept[i] == nil {
		thread.Errorf(L, "nil sproto at index %d", i)
	}
	return s.kept[i]
}

// confirm is the type of an answer that carries nothing.
var confirm = new(sproto.Type)

func userdata(v any) *lua.LUserData { return &lua.LUserData{Value: v, Metatable: lua.LNil} }

func checkSchema(L *lua.LState, n int) *sproto.Schema {
	if u, ok := L.Get(n).(*lua.LUserData); ok {
		if s, ok := u.Value.(*sproto.Schema); ok {
			return s
		}
	}
	arg.Error(L, n, "Need a sproto object")
	return nil
}

// checkType returns nil for the type of an answer that carries nothing, and for nil.
func checkType(L *lua.LState, n int) *sproto.Type {
	switch v := L.Get(n).(type) {
	case *lua.LNilType:
		return nil
	case *lua.LUserData:
		if t, ok := v.Value.(*sproto.Type); ok {
			if t == confirm {
				return nil
			}
			return t
		}
	}
	arg.Error(L, n, "Need a sproto_type object")
	return nil
}

func newSchema(L *lua.LState, bundle string) *sproto.Schema {
	// A bundle becomes about ten times its size.
	limit.Of(L).Charge(L, limit.Memory, int64(len(bundle))*10)
	limit.Of(L).Work(L, int64(len(bundle)))
	s, err := sproto.Load(bundle)
	if err != nil {
		return nil
	}
	return s
}

// core is sproto.core: what the other modules are made of, for programs that use it themselves.
func core(s *store) actor.Module {
	return actor.Functions("sproto.core", []library.Function{
		{Name: "newproto", Call: func(L *lua.LState) int {
			schema := newSchema(L, arg.String(L, 1))
			if schema == nil {
				return 0
			}
			L.Push(userdata(schema))
			return 1
		}},
		{Name: "deleteproto", Call: func(L *lua.LState) int {
			checkSchema(L, 1) // the collector deletes
			return 0
		}},
		{Name: "saveproto", Call: func(L *lua.LState) int {
			s.save(L, checkSchema(L, 1), 2)
			return 0
		}},
		{Name: "loadproto", Call: func(L *lua.LState) int {
			L.Push(userdata(s.load(L, 1)))
			return 1
		}},
		{Name: "querytype", Call: func(L *lua.LState) int {
			t := checkSchema(L, 1).Type(arg.String(L, 2))
			if t == nil {
				return 0
			}
			L.Push(userdata(t))
			return 1
		}},
		{Name: "protocol", Call: protocol},
		{Name: "encode", Call: func(L *lua.LState) int {
			L.Push(lua.LString(encodeOptional(L, checkType(L, 1), L.Get(2))))
			return 1
		}},
		{Name: "decode", Call: func(L *lua.LState) int {
			t := checkType(L, 1)
			if t == nil {
				return 0
			}
			into, ok := L.Get(L.GetTop()).(*lua.LTable)
			if !ok {
				into = L.CreateTable(0, len(t.Fields))
			}
			n := decode(L, t, arg.String(L, 2), into)
			L.Push(into)
			L.Push(lua.LNumber(n))
			return 2
		}},
		{Name: "pack", Call: pack},
		{Name: "unpack", Call: unpack},
		{Name: "default", Call: func(L *lua.LState) int {
			t := checkType(L, 1)
			if t == nil {
				arg.Error(L, 1, "Need a sproto_type object")
			}
			L.Push(defaults(L, t))
			return 1
		}},
		{Name: "dumpproto", Call: func(L *lua.LState) int {
			arg.Error(L, 1, "dumpproto is not there: it writes to the output of the process")
			return 0
		}},
	})
}

func protocol(L *lua.LState) int {
	schema := checkSchema(L, 1)
	p, other := lookup(L, schema, L.Get(2), 2)
	if p == nil {
		return 0
	}
	L.Push(other)
	for _, t := range []*sproto.Type{p.Request, answer(p)} {
		if t == nil {
			L.Push(lua.LNil)
		} else {
			L.Push(userdata(t))
		}
	}
	return 3
}

// answer is the type of a protocol's answer: confirm if it carries nothing.
func answer(p *sproto.Protocol) *sproto.Type {
	if p.Response == nil && p.Confirm {
		return confirm
	}
	return p.Response
}

// lookup finds a protocol by its tag or its name, and returns the other of the two.
func lookup(L *lua.LState, s *sproto.Schema, key lua.LValue, n int) (*sproto.Protocol, lua.LValue) {
	switch key := key.(type) {
	case lua.LNumber:
		if p := s.Tagged(int(key)); p != nil {
			return p, lua.LString(p.Name)
		}
	case lua.LString:
		if p := s.Protocol(string(key)); p != nil {
			return p, lua.LNumber(p.Tag)
		}
	default:
		arg.Error(L, n, "Should be number or string")
	}
	return nil, lua.LNil
}

// encodeOptional encodes; without a type there must be nothing to encode.
func encodeOptional(L *lua.LState, t *sproto.Type, v lua.LValue) string {
	if t != nil {
		return encode(L, t, v)
	}
	if v != lua.LNil {
		thread.Errorf(L, "nil expected, got %s: the answer carries nothing", v.Type())
	}
	return ""
}

func pack(L *lua.LState) int {
	L.Push(lua.LString(packed(L, arg.String(L, 1))))
	return 1
}

func packed(L *lua.LState, s string) string {
	most := int64(len(s) + len(s)/1024 + 16)
	limit.Of(L).Charge(L, limit.String, most)
	limit.Of(L).Work(L, most/4)
	return string(sproto.Pack(make([]byte, 0, len(s)/2+16), s))
}

func unpack(L *lua.LState) int {
	L.Push(lua.LString(unpacked(L, arg.String(L, 1))))
	return 1
}

func unpacked(L *lua.LState, s string) string {
	n, err := sproto.UnpackedLen(s)
	if err != nil {
		thread.Errorf(L, "%s", err)
	}
	if n > maxEncoded {
		thread.Errorf(L, "object is too large (>%d)", maxEncoded)
	}
	limit.Of(L).Charge(L, limit.String, int64(n))
	limit.Of(L).Work(L, int64(n/4))
	b, _ := sproto.Unpack(nil, s)
	return string(b)
}

// defaults makes a table with a value of its type in every field.
func defaults(L *lua.LState, t *sproto.Type) *lua.LTable {
	all := L.CreateTable(0, len(t.Fields))
	for i := range t.Fields {
		f := &t.Fields[i]
		var v lua.LValue
		switch f.Kind {
		case sproto.Boolean:
			v = lua.LFalse
		case sproto.String:
			v = lua.LString("")
		case sproto.Struct:
			if v = lua.LString(f.Of.Name); !f.Array {
				v = single(L, "__type", v)
			}
		default:
			v = lua.LNumber(0)
		}
		if f.Array {
			v = single(L, "__array", v)
		}
		all.RawSetString(f.Name, v)
	}
	return all
}

func single(L *lua.LState, key string, v lua.LValue) *lua.LTable {
	t := L.CreateTable(0, 1)
	t.RawSetString(key, v)
	return t
}
