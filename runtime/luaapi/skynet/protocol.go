package skynet

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/message"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// A protocol is a type of messages, by name and number.
type protocol struct {
	name string
	id   actor.Type
	// builtin says that values are copied as they are, and that dispatch and pack are here; of others
	// the script's own table tells, which it may change at any time.
	builtin  bool
	dispatch lua.LValue
	class    *lua.LTable
	native   func(t *actor.Task, e *actor.Envelope) error
}

func (p *protocol) field(name string) lua.LValue {
	if p.class == nil {
		return lua.LNil
	}
	return p.class.RawGetString(name)
}

func (p *protocol) dispatcher() lua.LValue {
	if p.class != nil {
		return p.class.RawGetString("dispatch")
	}
	if p.dispatch == nil {
		return lua.LNil
	}
	return p.dispatch
}

// Native has messages of a type handled by Go code: the debug protocol, say.
func (s *Service) Native(name string, id actor.Type, handle func(t *actor.Task, e *actor.Envelope) error) {
	s.add(&protocol{name: name, id: id, builtin: true, native: handle})
}

func (s *Service) add(p *protocol) {
	if s.byName == nil {
		s.byName = make(map[string]*protocol, 4)
	}
	s.byName[p.name] = p
	s.types = append(s.types, p)
}

// typed finds the protocol of a type; nil for none.
func (s *Service) typed(id actor.Type) *protocol {
	if id == actor.Lua {
		return &s.lua
	}
	for _, p := range s.types {
		if p.id == id {
			return p
		}
	}
	return nil
}

// protocol finds the one that an argument names.
func (s *Service) protocol(L *lua.LState, n int) *protocol {
	v := L.Get(n)
	if name, ok := v.(lua.LString); ok && name == "lua" {
		return &s.lua
	}
	p := s.find(v)
	if p == nil {
		thread.Errorf(L, "bad argument #%d: there is no protocol %s (see skynet.register_protocol)", n, lua.LVAsString(v))
	}
	return p
}

func (s *Service) find(v lua.LValue) *protocol {
	switch v := v.(type) {
	case lua.LString:
		if v == "lua" {
			return &s.lua
		}
		if p := s.byName[string(v)]; p != nil {
			return p
		}
		switch v {
		case "response":
			return &protocol{name: "response", id: actor.Response}
		case "error":
			return &protocol{name: "error", id: actor.Error}
		}
	case lua.LNumber:
		if v >= 0 && v < 256 {
			return s.typed(actor.Type(v))
		}
	}
	return nil
}

// registerProtocol is skynet.register_protocol.
func registerProtocol(L *lua.LState) int {
	s := Of(L)
	class := arg.Table(L, 1)
	name, isName := class.RawGetString("name").(lua.LString)
	id, isID := class.RawGetString("id").(lua.LNumber)
	if !isName || !isID || id < 0 || id > 255 || id != lua.LNumber(int(id)) {
		thread.Errorf(L, "bad argument #1 to 'register_protocol' (a protocol has a name, and an id from 0 to 255)")
	}
	if s.find(name) != nil || s.typed(actor.Type(id)) != nil || actor.Type(id) == actor.Response || actor.Type(id) == actor.Error {
		thread.Errorf(L, "bad argument #1 to 'register_protocol' (the name %s or the id %d is taken)", name, int(id))
	}
	s.add(&protocol{name: string(name), id: actor.Type(id), class: class})
	return 0
}

// dispatch is skynet.dispatch.
func dispatch(L *lua.LState) int {
	s := Of(L)
	p := s.find(L.Get(1))
	f := L.Get(2)
	if p == nil {
		if f == lua.LNil {
			L.Push(lua.LNil)
			return 1
		}
		p = s.protocol(L, 1)
	}
	before := p.dispatcher()
	if lua.LVAsBool(f) {
		if p.class != nil {
			p.class.RawSetString("dispatch", f)
		} else {
			p.dispatch = f
		}
	}
	L.Push(before)
	return 1
}

// Message implements actor.Behaviour: it hands a message to what the script has given dispatch.
func (s *Service) Message(t *actor.Task, e *actor.Envelope) error {
	switch e.Type {
	case actor.Response:
		return s.stray(t, e)
	case actor.Error: // its sender says that it will answer nothing any more
		s.actor.Term(e.Source)
		return nil
	}
	if s.filter != nil || s.forward != nil {
		if err := s.remap(t, e); err != nil {
			return err
		}
	}
	p := s.typed(e.Type)
	if p == nil {
		if e.Type == actor.Trace {
			if s.tracing.sources == nil {
				s.tracing.sources = make(map[actor.Handle]string)
			}
			s.tracing.sources[e.Source] = e.Text(0)
			return nil
		}
		return s.unknown(t, e, fmt.Sprint(uint8(e.Type)))
	}
	if s.tracing.sources != nil || s.tracing.force != nil {
		s.traced(t, p, e.Source)
		if t.Tag != "" {
			err := s.handle(t, p, e)
			if err != nil {
				s.step(nil, t, "error", false)
			} else {
				s.step(nil, t, "end", false)
			}
			return err
		}
	}
	return s.handle(t, p, e)
}

// remap does what skynet.filter and skynet.forward_type ask for.
func (s *Service) remap(t *actor.Task, e *actor.Envelope) error {
	if s.filter != nil {
		if err := s.filtered(t, e); err != nil {
			return err
		}
	}
	if to, ok := s.forward[e.Type]; ok {
		e.Type = to
	}
	return nil
}

// handle has the script handle a message.
func (s *Service) handle(t *actor.Task, p *protocol, e *actor.Envelope) error {
	if p.native != nil {
		return p.native(t, e)
	}
	f := p.dispatcher()
	if f == lua.LNil {
		return s.unknown(t, e, p.name)
	}
	if _, raw := e.Raw(); p.builtin && !raw {
		L := t.Prepare(f)
		s.pushSender(L, e)
		e.Push(L)
		return t.Perform(nil)
	}
	args, err := s.unpackInTask(t, p, e)
	if err != nil {
		return err
	}
	L := t.Prepare(f)
	s.pushSender(L, e)
	for _, v := range args {
		L.Push(v)
	}
	return t.Perform(nil)
}

// pushSender pushes session and source. The source is mostly the same as the last time, and
// would be allocated each time.
func (s *Service) pushSender(L *lua.LState, e *actor.Envelope) {
	if e.Session == 0 {
		L.Push(zero)
	} else {
		L.Push(lua.LNumber(e.Session))
	}
	if e.Source != s.source || s.sourceValue == nil {
		s.source, s.sourceValue = e.Source, lua.LNumber(e.Source)
	}
	L.Push(s.sourceValue)
}

// unpackInTask lets the script unpack a message, in a task that handles it.
func (s *Service) unpackInTask(t *actor.Task, p *protocol, e *actor.Envelope) ([]lua.LValue, error) {
	fn := lua.LValue(unpackFunction)
	if !p.builtin {
		if fn = p.field("unpack"); fn == lua.LNil {
			return nil, fmt.Errorf("the protocol %s has no unpack function", p.name)
		}
	}
	L := t.Prepare(fn)
	pushMessage(L, &e.Payload)
	var args []lua.LValue
	err := t.Perform(func(L *lua.LState) {
		args = make([]lua.LValue, L.GetTop())
		for i := range args {
			args[i] = L.Get(i + 1)
		}
	})
	return args, err
}

// pack makes the payload of a message of the arguments from the n-th on.
func (s *Service) pack(L *lua.LState, p *protocol, n int) (payload actor.Payload, err error) {
	if p.builtin {
		return s.copy(L, n)
	}
	fn := p.field("pack")
	if fn == lua.LNil {
		thread.Errorf(L, "the protocol %s has no pack function", p.name)
	}
	return s.packBy(L, fn, n)
}

// packBy is pack by a function of the script; nil is skynet.pack.
func (s *Service) packBy(L *lua.LState, fn lua.LValue, n int) (payload actor.Payload, err error) {
	if fn == lua.LNil || fn == lua.LValue(packFunction) {
		return s.copy(L, n)
	}
	top := L.GetTop()
	L.Push(fn)
	for i := n; i <= top; i++ {
		L.Push(L.Get(i))
	}
	L.Call(max(top-n+1, 0), 2)
	payload, err = s.take(L, -2)
	L.SetTop(top)
	return payload, err
}

// copy copies the arguments from the n-th on.
func (s *Service) copy(L *lua.LState, n int) (actor.Payload, error) {
	var payload actor.Payload
	top := L.GetTop()
	c := message.New(L, s.copier)
	for i := n; i <= top; i++ {
		v, err := c.Value(L.Get(i))
		if err != nil {
			return payload, err
		}
		payload.Add(v)
	}
	return payload, nil
}

// unpack pushes what a message holds, as p's unpack function says, and returns the number.
func (s *Service) unpack(L *lua.LState, p *protocol, payload *actor.Payload) int {
	_, raw := payload.Raw()
	if p.builtin && !raw {
		return payload.Push(L)
	}
	fn := lua.LValue(unpackFunction)
	if !p.builtin {
		if fn = p.field("unpack"); fn == lua.LNil {
			thread.Errorf(L, "the protocol %s has no unpack function", p.name)
		}
	}
	top := L.GetTop()
	L.Push(fn)
	n := pushMessage(L, payload)
	L.Call(n, lua.MultRet)
	return L.GetTop() - top
}

// address returns the actor that an argument names: a number, ":0000000a", ".name" or "name".
func (s *Service) address(L *lua.LState, n int) actor.Handle {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		return actor.Handle(v)
	case lua.LString:
		if h, ok := actor.ParseHandle(string(v)); ok {
			return h
		}
		return s.actor.Host().Lookup(string(v))
	}
	arg.TypeError(L, n, "service address")
	return 0
}

var (
	packFunction   = library.New("skynet.pack", packValues)
	unpackFunction = library.New("skynet.unpack", unpackValues)
)
