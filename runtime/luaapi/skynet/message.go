package skynet

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/message"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

// packed is a message in the hands of a script: what skynet.pack returns beside its size. In
// skynet it is a pointer. The values are copied already.
type packed struct {
	value   lua.LUserData // what the script sees
	payload actor.Payload
	gone    bool // it was sent, or thrown away
}

// packedOf returns what a value stands for; nil if it is no message.
func packedOf(v lua.LValue) *packed {
	if u, ok := v.(*lua.LUserData); ok {
		m, _ := u.Value.(*packed)
		return m
	}
	return nil
}

// cut returns as much of a message as its size says.
func cut(text string, size lua.LValue) string {
	if n, ok := size.(lua.LNumber); ok && int(n) >= 0 && int(n) < len(text) {
		return text[:int(n)]
	}
	return text
}

// pushMessage pushes a message and its size. Bytes are a string, which every function takes for
// a message.
func pushMessage(L *lua.LState, p *actor.Payload) int {
	if text, raw := p.Raw(); raw {
		L.Push(lua.LString(text))
		L.Push(lua.LNumber(len(text)))
		return 2
	}
	m := &packed{payload: *p}
	m.value.Value, m.value.Metatable = m, lua.LNil
	L.Push(&m.value)
	if n := nominalSize(p); n < len(sizes) {
		L.Push(sizes[n])
	} else {
		L.Push(lua.LNumber(n))
	}
	return 2
}

// sizes are the small numbers as values, which would be allocated each time.
var sizes = func() (list [128]lua.LValue) {
	for i := range list {
		list[i] = lua.LNumber(i)
	}
	return list
}()

// nominalSize is about what skynet's serialisation would take.
func nominalSize(p *actor.Payload) int {
	n := 0
	for i := range p.Len() {
		switch v := p.At(i).(type) {
		case lua.LString:
			n += 1 + len(v)
		case lua.LNumber:
			n += 5
		default:
			n++
		}
	}
	return n
}

// take returns the payload that a message and its size stand for; nil is an empty one.
func (s *Service) take(L *lua.LState, n int) (actor.Payload, error) {
	switch v := L.Get(n).(type) {
	case *lua.LNilType:
		return actor.Bytes(""), nil
	case lua.LString:
		text := string(v)
		if n > 0 {
			text = cut(text, L.Get(n+1))
		}
		if most := s.copier.Size; int64(len(text)) > most {
			return actor.Payload{}, &message.Error{Key: message.SizeKey, Message: fmt.Sprintf("the message is larger than %d bytes", most)}
		}
		return actor.Bytes(text), nil
	default:
		if m := packedOf(v); m != nil {
			if m.gone {
				thread.Errorf(L, "bad argument #%d (the message was sent or thrown away before)", n)
			}
			m.gone = true
			return m.payload, nil
		}
	}
	arg.TypeError(L, n, "message")
	return actor.Payload{}, nil
}

// packValues is skynet.pack.
func packValues(L *lua.LState) int {
	s := Of(L)
	payload, err := s.copy(L, 1)
	if err != nil {
		actor.Raise(L, err)
	}
	return pushMessage(L, &payload)
}

// packString is skynet.packstring.
func packString(L *lua.LState) int {
	L.Push(lua.LString(seri.Pack(L, 1)))
	return 1
}

// unpackValues is skynet.unpack.
func unpackValues(L *lua.LState) int {
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
		return 0
	case lua.LString:
		return seri.Unpack(L, cut(string(v), L.Get(2)))
	default:
		if m := packedOf(v); m != nil {
			if m.gone {
				thread.Errorf(L, "bad argument #1 to 'unpack' (the message was sent or thrown away before)")
			}
			// The script may unpack it again, so it gets a copy.
			c := message.New(L, Of(L).copier)
			for i := range m.payload.Len() {
				v, err := c.Value(m.payload.At(i))
				if err != nil {
					actor.Raise(L, err)
				}
				L.Push(v)
			}
			return m.payload.Len()
		}
	}
	arg.TypeError(L, 1, "message")
	return 0
}

// toString is skynet.tostring.
func toString(L *lua.LState) int {
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
		return 0
	case lua.LString:
		L.Push(lua.LString(cut(string(v), L.Get(2))))
		return 1
	default:
		if m := packedOf(v); m != nil && !m.gone {
			values := make([]lua.LValue, m.payload.Len())
			for i := range values {
				values[i] = m.payload.At(i)
			}
			L.Push(lua.LString(seri.PackValues(L, values...)))
			return 1
		}
	}
	arg.TypeError(L, 1, "message")
	return 0
}

// trash is skynet.trash.
func trash(L *lua.LState) int {
	if m := packedOf(L.Get(1)); m != nil {
		m.gone, m.payload = true, actor.Payload{}
	} else if _, ok := L.Get(1).(lua.LString); !ok {
		thread.Errorf(L, "skynet.trash invalid param %s", L.Get(1).Type().String())
	}
	return 0
}

// Peek returns the values of a message that a script has in its hands and that is no string; nil
// if v is none. They must not be changed.
func Peek(v lua.LValue) *actor.Payload {
	if m := packedOf(v); m != nil && !m.gone {
		return &m.payload
	}
	return nil
}
