package skynet

import (
	"fmt"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// What becomes of messages that nothing handles. Scripts may set functions for them, and get the ones before.

// unhandled are skynet's own functions for messages that no dispatch function handles, and for answers that
// nothing waits for: they log the message and raise.
var unhandled = sync.OnceValue(func() (f struct{ request, response *lua.LFunction }) {
	f.request = library.New("unknown_request", func(L *lua.LState) int {
		logUnknown(L, fmt.Sprintf("Unknown request (%s): ", lua.LVAsString(L.Get(5))))
		return 0
	})
	f.response = library.New("unknown_response", func(L *lua.LState) int {
		logUnknown(L, "Response message : ")
		return 0
	})
	return f
})

// logUnknown logs a message of arguments session, source, message, size, and raises.
func logUnknown(L *lua.LState, what string) {
	text := lua.LVAsString(L.Get(3))
	if m := Peek(L.Get(3)); m != nil {
		text = m.Text(0)
	}
	Of(L).print(what + text)
	source, _ := L.Get(2).(lua.LNumber)
	thread.Errorf(L, "Unknown session : %s from %x", lua.LVAsString(L.Get(1)), uint32(source))
}

// unknownRequest is skynet.dispatch_unknown_request.
func unknownRequest(L *lua.LState) int {
	s := Of(L)
	before := s.unknownFunction
	if before == nil {
		before = unhandled().request
	}
	s.unknownFunction = arg.Function(L, 1)
	L.Push(before)
	return 1
}

// unknownResponse is skynet.dispatch_unknown_response. Answers that nothing waits for, or that come
// too late, are dropped as long as there is no such function.
func unknownResponse(L *lua.LState) int {
	s := Of(L)
	before := s.strayFunction
	if before == nil {
		before = unhandled().response
	}
	s.strayFunction = arg.Function(L, 1)
	s.actor.Strays()
	L.Push(before)
	return 1
}

// unknown handles a message that no dispatch function handles.
func (s *Service) unknown(t *actor.Task, e *actor.Envelope, name string) error {
	if e.Session != 0 {
		return fmt.Errorf("%s %s has no dispatch function for messages of type %s", s.actor.Handle(), s.actor.Name(), name)
	}
	f := s.unknownFunction
	if f == nil {
		f = unhandled().request
	}
	L := t.Prepare(f)
	s.pushSender(L, e)
	pushMessage(L, &e.Payload)
	L.Push(lua.LString(name))
	return t.Perform(nil)
}

// stray handles an answer that nothing waits for.
func (s *Service) stray(t *actor.Task, e *actor.Envelope) error {
	L := t.Prepare(s.strayFunction)
	s.pushSender(L, e)
	pushMessage(L, &e.Payload)
	return t.Perform(nil)
}
