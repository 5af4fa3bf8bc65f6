package actor

import (
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// A Handle is the address of an actor in its node. The first is 1; none is used twice.
type Handle uint32

// String returns the address as skynet writes it: ":0000000a".
func (h Handle) String() string { return fmt.Sprintf(":%08x", uint32(h)) }

// ParseHandle reads an address as String writes it.
func ParseHandle(s string) (Handle, bool) {
	hex, ok := strings.CutPrefix(s, ":")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	return Handle(n), err == nil
}

// A Type is the type of a message; its numbers are skynet's PTYPE.
type Type uint8

// The types that the engine or its modules know. Others, from 100 on, belong to scripts.
const (
	Text Type = iota
	Response
	Multicast
	Client
	System
	Harbor
	Socket
	Error
	Queue
	Debug
	Lua
	Snax
	Trace
)

var typeNames = [...]string{"text", "response", "multicast", "client", "system", "harbor", "socket", "error", "queue", "debug", "lua", "snax", "trace"}

// String returns skynet's name of the type; of one that a script has made, its number.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return strconv.Itoa(int(t))
}

// few is how many values a message holds without a slice of its own.
const few = 4

// A Payload is the values of a message, which belong to who receives it, or bytes that an unpack
// function will read. The zero Payload holds no values.
type Payload struct {
	n      int32
	raw    bool
	inline [few]lua.LValue
	more   []lua.LValue
}

// Values makes a payload of values. They must be nobody else's: see package message.
func Values(values ...lua.LValue) Payload {
	var p Payload
	for _, v := range values {
		p.Add(v)
	}
	return p
}

// Bytes makes a payload that is to be unpacked by who receives it.
func Bytes(text string) Payload {
	p := Values(lua.LString(text))
	p.raw = true
	return p
}

// Raw returns the bytes of a payload that is to be unpacked.
func (p *Payload) Raw() (text string, raw bool) {
	if !p.raw {
		return "", false
	}
	s, _ := p.inline[0].(lua.LString)
	return string(s), true
}

// Len returns the number of values.
func (p *Payload) Len() int { return int(p.n) }

// At returns a value, from 0 on; nil behind the last.
func (p *Payload) At(i int) lua.LValue {
	switch {
	case i < 0 || i >= int(p.n):
		return lua.LNil
	case i < few:
		return p.inline[i]
	}
	return p.more[i-few]
}

// Add appends a value.
func (p *Payload) Add(v lua.LValue) {
	if p.n < few {
		p.inline[p.n] = v
	} else {
		p.more = append(p.more, v)
	}
	p.n++
}

// Push pushes the values on a stack, and returns their number.
func (p *Payload) Push(L *lua.LState) int {
	for i := range int(min(p.n, few)) {
		L.Push(p.inline[i])
	}
	for _, v := range p.more {
		L.Push(v)
	}
	return int(p.n)
}

// Text returns a value as a string; "" for one that is none.
func (p *Payload) Text(i int) string {
	switch v := p.At(i).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return v.String()
	}
	return ""
}

// An Envelope is a message on its way. Only the engine sets the source: an actor cannot name
// another as its own.
type Envelope struct {
	Source  Handle
	Session int32 // 0: nobody waits for an answer. Of an answer: what it answers
	Type    Type
	// Critical messages are taken first.
	Critical bool
	// Unknown says, of an error, that the receiver has no such command.
	Unknown bool
	// Hops is how many calls within calls have led here.
	Hops uint16
	// Deadline is when who asked gives up, in the node's time; 0: never.
	Deadline int64
	// Trace is the same in all messages that follow from one.
	Trace uint64
	Payload

	// forged says that the message was sent in the name of another actor, which as far as the
	// engine knows has not asked for an answer: nobody gets one but from the script itself.
	forged bool
	event  func(*Actor) // no message: the engine's own
}

// Command returns what a message asks for: its first value, if that is a string; "" otherwise.
func (p *Payload) Command() string {
	if p.raw || p.n == 0 {
		return ""
	}
	s, _ := p.inline[0].(lua.LString)
	return string(s)
}
