// Package sproto is the library sproto for actors: the modules sproto, sproto.core, sprotoparser
// and sprotoloader, with the functions of cloudwu/sproto.
package sproto

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/sproto"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Modules returns the modules of a node. Schemas that sprotoloader saves are seen by all actors
// that have these modules.
func Modules() []actor.Module {
	s := new(store)
	return []actor.Module{core(s), rpc, parser, loader(s)}
}

var parser = actor.Functions("sprotoparser", []library.Function{
	{Name: "parse", Call: func(L *lua.LState) int {
		L.Push(lua.LString(parse(L, arg.String(L, 1), arg.OptString(L, 2, "=text")).Bundle()))
		return 1
	}},
})

func parse(L *lua.LState, text, name string) *sproto.Schema {
	limit.Of(L).Charge(L, limit.Memory, int64(len(text))*10)
	limit.Of(L).Work(L, int64(len(text))*10)
	s, err := sproto.Parse(text, name)
	if err != nil {
		thread.Errorf(L, "%s", err)
	}
	return s
}

func loader(s *store) actor.Module {
	return actor.Functions("sprotoloader", []library.Function{
		{Name: "register", Call: func(L *lua.LState) int {
			name := arg.String(L, 1)
			h := host.Of(L)
			if h.ReadFile == nil {
				thread.Errorf(L, "Can't open sproto file %s: files are not granted", name)
			}
			text, err := h.ReadFile(name)
			if err != nil {
				thread.Errorf(L, "Can't open sproto file %s: %s", name, err)
			}
			s.save(L, parse(L, string(text), name), 2)
			return 0
		}},
		{Name: "save", Call: func(L *lua.LState) int {
			schema := newSchema(L, arg.String(L, 1))
			if schema == nil {
				arg.Error(L, 1, "not a bundle of sproto")
			}
			s.save(L, schema, 2)
			return 0
		}},
		{Name: "load", Call: func(L *lua.LState) int {
			open(L)
			L.Push(object(L, s.load(L, 1)))
			return 1
		}},
	})
}

// rpc is the module sproto.
var rpc = actor.Module{Name: "sproto", Open: open}

// open makes what the objects of an actor need.
func open(L *lua.LState) lua.LValue {
	c := classes.Of(actor.Of(L))
	if c.sproto == nil {
		c.sproto, c.object, c.server = methods(L), L.CreateTable(0, 1), L.CreateTable(0, 1)
		c.object.RawSetString("__index", c.sproto)
		c.server.RawSetString("__index", serverMethods(L))
	}
	return c.sproto
}

// A class is what the objects of an actor are made with: the tables are the actor's, so that its
// code may add methods.
type class struct {
	sproto         *lua.LTable // the module, and the methods of its objects
	object, server *lua.LTable // metatables
}

var classes = actor.NewKey(func(*actor.Actor) *class { return new(class) })

var methods = library.Maker("sproto.", []library.Function{
	{Name: "new", Call: func(L *lua.LState) int {
		schema := newSchema(L, arg.String(L, 1))
		if schema == nil {
			thread.Errorf(L, "assertion failed!")
		}
		L.Push(object(L, schema))
		return 1
	}},
	{Name: "sharenew", Call: func(L *lua.LState) int {
		L.Push(object(L, checkSchema(L, 1)))
		return 1
	}},
	{Name: "parse", Call: func(L *lua.LState) int {
		L.Push(object(L, parse(L, arg.String(L, 1), "=text")))
		return 1
	}},
	{Name: "host", Call: newHost},
	{Name: "exist_type", Call: func(L *lua.LState) int {
		L.Push(lua.LBool(self(L, 1).Type(arg.String(L, 2)) != nil))
		return 1
	}},
	{Name: "exist_proto", Call: func(L *lua.LState) int {
		p, _ := lookup(L, self(L, 1), L.Get(2), 2)
		L.Push(lua.LBool(p != nil))
		return 1
	}},
	{Name: "queryproto", Call: func(L *lua.LState) int {
		p := find(L, self(L, 1), 2)
		t := L.CreateTable(0, 4)
		t.RawSetString("name", lua.LString(p.Name))
		t.RawSetString("tag", lua.LNumber(p.Tag))
		if p.Request != nil {
			t.RawSetString("request", userdata(p.Request))
		}
		if a := answer(p); a != nil {
			t.RawSetString("response", userdata(a))
		}
		L.Push(t)
		return 1
	}},
	{Name: "encode", Call: func(L *lua.LState) int {
		L.Push(lua.LString(encode(L, typeNamed(L), L.Get(3))))
		return 1
	}},
	{Name: "decode", Call: func(L *lua.LState) int { return pushDecoded(L, typeNamed(L), arg.String(L, 3)) }},
	{Name: "pencode", Call: func(L *lua.LState) int {
		L.Push(lua.LString(packed(L, encode(L, typeNamed(L), L.Get(3)))))
		return 1
	}},
	{Name: "pdecode", Call: func(L *lua.LState) int { return pushDecoded(L, typeNamed(L), unpacked(L, arg.String(L, 3))) }},
	{Name: "request_encode", Call: func(L *lua.LState) int {
		p := find(L, self(L, 1), 2)
		b := ""
		if p.Request != nil {
			b = encode(L, p.Request, L.Get(3))
		}
		L.Push(lua.LString(b))
		L.Push(lua.LNumber(p.Tag))
		return 2
	}},
	{Name: "response_encode", Call: func(L *lua.LState) int {
		p := find(L, self(L, 1), 2)
		b := ""
		switch a := answer(p); a {
		case nil:
		case confirm:
			b = encodeOptional(L, nil, L.Get(3))
		default:
			b = encode(L, a, L.Get(3))
		}
		L.Push(lua.LString(b))
		return 1
	}},
	{Name: "request_decode", Call: func(L *lua.LState) int {
		p := find(L, self(L, 1), 2)
		if p.Request == nil {
			L.Push(lua.LNil)
		} else {
			pushDecoded(L, p.Request, arg.String(L, 3))
			L.SetTop(L.GetTop() - 1)
		}
		L.Push(lua.LString(p.Name))
		return 2
	}},
	{Name: "response_decode", Call: func(L *lua.LState) int {
		p := find(L, self(L, 1), 2)
		if p.Response == nil {
			return 0
		}
		return pushDecoded(L, p.Response, arg.String(L, 3))
	}},
	{Name: "pack", Call: pack},
	{Name: "unpack", Call: unpack},
	{Name: "default", Call: func(L *lua.LState) int {
		if L.Get(3) == lua.LNil {
			L.Push(defaults(L, typeNamed(L)))
			return 1
		}
		p := find(L, self(L, 1), 2)
		t := p.Request
		switch arg.String(L, 3) {
		case "REQUEST":
		case "RESPONSE":
			t = p.Response
		default:
			thread.Errorf(L, "Invalid type")
		}
		if t == nil {
			return 0
		}
		L.Push(defaults(L, t))
		return 1
	}},
})

// object makes an object with a schema.
func object(L *lua.LState, s *sproto.Schema) *lua.LTable {
	t := L.CreateTable(0, 1)
	t.RawSetString("__cobj", userdata(s))
	t.Metatable = classes.Of(actor.Of(L)).object
	return t
}

// self returns the schema of an object.
func self(L *lua.LState, n int) *sproto.Schema {
	if u, ok := arg.Table(L, n).RawGetString("__cobj").(*lua.LUserData); ok {
		if s, ok := u.Value.(*sproto.Schema); ok {
			return s
		}
	}
	arg.Error(L, n, "Need a sproto object")
	return nil
}

// typeNamed returns the type whose name is the second argument.
func typeNamed(L *lua.LState) *sproto.Type {
	name := arg.String(L, 2)
	t := self(L, 1).Type(name)
	if t == nil {
		thread.Errorf(L, "type not found: %s", name)
	}
	return t
}

// find returns the protocol whose name or tag argument n is.
func find(L *lua.LState, s *sproto.Schema, n int) *sproto.Protocol {
	p, _ := lookup(L, s, L.Get(n), n)
	if p == nil {
		thread.Errorf(L, "%s not found", L.Get(n))
	}
	return p
}

// pushDecoded pushes what the text is, and its size.
func pushDecoded(L *lua.LState, t *sproto.Type, s string) int {
	into := L.CreateTable(0, len(t.Fields))
	n := decode(L, t, s, into)
	L.Push(into)
	L.Push(lua.LNumber(n))
	return 2
}
