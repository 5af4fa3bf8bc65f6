package sproto

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/sproto"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// A host sends requests and takes in requests and answers. Its table holds what the one of
// cloudwu/sproto holds: __proto, __package, and __session with the types of the answers that are
// waited for.

func newHost(L *lua.LState) int {
	schema := self(L, 1)
	name := arg.OptString(L, 2, "package")
	t := schema.Type(name)
	if t == nil {
		thread.Errorf(L, "type package not found: %s", name)
	}
	h := L.CreateTable(0, 3)
	h.RawSetString("__proto", L.Get(1))
	h.RawSetString("__package", userdata(t))
	h.RawSetString("__session", L.CreateTable(0, 0))
	h.Metatable = classes.Of(actor.Of(L)).server
	L.Push(h)
	return 1
}

var serverMethods = library.Maker("sproto.host.", []library.Function{
	{Name: "dispatch", Call: dispatch},
	{Name: "attach", Call: attach},
})

// checkHost returns the parts of a host.
func checkHost(L *lua.LState) (schema *sproto.Schema, header *sproto.Type, sessions *lua.LTable) {
	h := arg.Table(L, 1)
	object, _ := h.RawGetString("__proto").(*lua.LTable)
	pack, _ := h.RawGetString("__package").(*lua.LUserData)
	sessions, _ = h.RawGetString("__session").(*lua.LTable)
	if object != nil && pack != nil && sessions != nil {
		if u, ok := object.RawGetString("__cobj").(*lua.LUserData); ok {
			schema, _ = u.Value.(*sproto.Schema)
		}
		header, _ = pack.Value.(*sproto.Type)
	}
	if schema == nil || header == nil {
		arg.Error(L, 1, "Need a sproto host")
	}
	return schema, header, sessions
}

// header makes the table that stands before a message.
func headerTable(L *lua.LState, kind, session, ud lua.LValue) *lua.LTable {
	t := L.CreateTable(0, 3)
	t.RawSetString("type", kind)
	t.RawSetString("session", session)
	t.RawSetString("ud", ud)
	return t
}

// dispatch takes in a message: "REQUEST", name, arguments, answer, ud; or "RESPONSE", session,
// results, ud.
func dispatch(L *lua.LState) int {
	schema, header, sessions := checkHost(L)
	bin := unpacked(L, arg.String(L, 2))
	head := L.CreateTable(0, 3)
	content := bin[decode(L, header, bin, head):]
	session, ud := head.RawGetString("session"), head.RawGetString("ud")
	if kind := head.RawGetString("type"); kind != lua.LNil {
		p, _ := lookup(L, schema, kind, 2)
		if p == nil {
			thread.Errorf(L, "%s not found", kind)
		}
		var args, respond lua.LValue = lua.LNil, lua.LNil
		if p.Request != nil {
			t := L.CreateTable(0, len(p.Request.Fields))
			decode(L, p.Request, content, t)
			args = t
		}
		if session != lua.LNil {
			respond = responder(header, answer(p), session)
		}
		for _, v := range []lua.LValue{lua.LString("REQUEST"), lua.LString(p.Name), args, respond, ud} {
			L.Push(v)
		}
		return 5
	}
	if session == lua.LNil {
		thread.Errorf(L, "session not found")
	}
	waiting := sessions.RawGet(session)
	if waiting == lua.LNil {
		thread.Errorf(L, "Unknown session")
	}
	sessions.RawSet(session, lua.LNil)
	var results lua.LValue = lua.LNil
	pushed := []lua.LValue{lua.LString("RESPONSE"), session, results, ud}
	if u, ok := waiting.(*lua.LUserData); ok {
		if t, ok := u.Value.(*sproto.Type); ok && t != confirm {
			into := L.CreateTable(0, len(t.Fields))
			decode(L, t, content, into)
			pushed[2] = into
		}
	}
	for _, v := range pushed {
		L.Push(v)
	}
	return 4
}

// responder makes the function that packs the answer to a request.
func responder(header, t *sproto.Type, session lua.LValue) *lua.LFunction {
	return library.Closure(func(L *lua.LState) int {
		b := encode(L, header, headerTable(L, lua.LNil, session, L.Get(2)))
		switch t {
		case nil:
		case confirm:
			b += encodeOptional(L, nil, L.Get(1))
		default:
			b += encode(L, t, L.Get(1))
		}
		L.Push(lua.LString(packed(L, b)))
		return 1
	}, session)
}

// attach makes the function that packs requests of another schema.
func attach(L *lua.LState) int {
	_, header, sessions := checkHost(L)
	schema := self(L, 2)
	L.Push(library.Closure(func(L *lua.LState) int {
		p := find(L, schema, 1)
		session := L.Get(3)
		b := encode(L, header, headerTable(L, lua.LNumber(p.Tag), session, L.Get(4)))
		if session != lua.LNil && session != lua.LFalse {
			var waiting lua.LValue = lua.LTrue
			if t := answer(p); t != nil {
				waiting = userdata(t)
			}
			sessions.RawSet(session, waiting)
		}
		if p.Request != nil {
			b += encode(L, p.Request, L.Get(2))
		}
		L.Push(lua.LString(packed(L, b)))
		return 1
	}, sessions))
	return 1
}
