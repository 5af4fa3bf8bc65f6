package skynet

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
)

// Tracing, as skynet has it: a task has a tag, every call that it makes is preceded by a message
// of type trace that carries the tag, and each step is logged.

// tracing is what a service keeps for it.
type tracing struct {
	count   int
	sources map[actor.Handle]string // what has come ahead of the next request, by its sender
	force   map[*protocol]bool      // skynet.traceproto
	timers  bool                    // skynet.trace_timeout
}

// traceLevels is how many places a line of the log names.
const traceLevels = 3

// step logs a step of a task that is traced; named says that the places on the stack are.
func (s *Service) step(L *lua.LState, t *actor.Task, what string, named bool) {
	if t.Tag == "" {
		return
	}
	if named {
		what += places(L, 1)
	}
	s.traceLine(t.Tag, what)
}

// places names the places where the script stands, from a level on: " : b.lua:3 a.lua:2".
func places(L *lua.LState, level int) string {
	var b strings.Builder
	b.WriteString(" :")
	for named := 0; named < traceLevels; level++ {
		f, ok := trace.At(L, level)
		if !ok {
			break
		}
		if f.Line > 0 {
			fmt.Fprintf(&b, " %s", strings.TrimSuffix(f.Position(), ":"))
			named++
		}
	}
	return b.String()
}

// traceLine logs a line of a trace.
func (s *Service) traceLine(tag, what string) {
	s.print(fmt.Sprintf("<TRACE %s> %d %s", tag, s.actor.Host().Now(), what))
}

// announce tells a callee that the next request is traced.
func (s *Service) announce(L *lua.LState, t *actor.Task, to actor.Handle) {
	if t.Tag == "" {
		return
	}
	s.step(L, t, "call", true)
	tag := actor.Bytes(t.Tag)
	_ = t.Send(L, to, actor.Trace, &tag) // who is not there cannot be traced
}

// traced gives a task that begins the tag that was announced, or one of its own.
func (s *Service) traced(t *actor.Task, p *protocol, source actor.Handle) {
	force, set := s.tracing.force[p]
	if set && !force {
		delete(s.tracing.sources, source)
		return
	}
	if tag, ok := s.tracing.sources[source]; ok {
		delete(s.tracing.sources, source)
		t.Tag = tag
		s.step(nil, t, "request", false)
		return
	}
	if set {
		s.newTag(t)
		s.step(nil, t, "trace", false)
	}
}

func (s *Service) newTag(t *actor.Task) {
	s.tracing.count++
	t.Tag = fmt.Sprintf("%s-%d", s.actor.Handle(), s.tracing.count)
}

// startTrace is skynet.trace.
func startTrace(L *lua.LState) int {
	s, t := Of(L), actor.Running(L)
	before := "nil"
	if t.Tag != "" {
		before = t.Tag
	}
	s.print("TRACE " + before)
	s.newTag(t)
	what := "trace"
	if info := L.Get(1); info != lua.LNil {
		what += " " + lua.LVAsString(info)
	}
	s.step(L, t, what, false)
	return 0
}

// traceTag is skynet.tracetag.
func traceTag(L *lua.LState) int {
	if tag := actor.Running(L).Tag; tag != "" {
		L.Push(lua.LString(tag))
		return 1
	}
	L.Push(lua.LNil)
	return 1
}

// traceLog is skynet.tracelog.
func traceLog(L *lua.LState) int {
	s := Of(L)
	tag, what := arg.String(L, 1), arg.String(L, 2)
	if L.Get(3) != lua.LNil {
		if _, other := L.Get(3).(*lua.LState); !other { // nobody looks at the stack of another coroutine
			what += places(L, int(arg.Integer(L, 3)))
		}
	}
	s.traceLine(tag, what)
	return 0
}

// traceCall is skynet.tracecall: a rawcall with a tag of the caller's.
func traceCall(L *lua.LState) int {
	s, t := Of(L), actor.Running(L)
	tag := arg.String(L, 1)
	s.traceLine(tag, "tracecall begin")
	to := s.address(L, 2)
	announced := actor.Bytes(tag)
	_ = t.Send(L, to, actor.Trace, &announced) // the call says whether anybody is there
	before := t.Tag
	t.Tag = ""
	L.Remove(1)
	n := rawCall(L)
	t.Tag = before
	s.traceLine(tag, "tracecall end")
	return n
}

// traceProtocol is skynet.traceproto.
func traceProtocol(L *lua.LState) int {
	s := Of(L)
	p := s.protocol(L, 1)
	if s.tracing.force == nil {
		s.tracing.force = make(map[*protocol]bool)
	}
	if L.Get(2) == lua.LNil {
		delete(s.tracing.force, p)
	} else {
		s.tracing.force[p] = lua.LVAsBool(L.Get(2))
	}
	return 0
}

// traceTimeout is skynet.trace_timeout: skynet.task shows where timers were set.
func traceTimeout(L *lua.LState) int {
	Of(L).tracing.timers = lua.LVAsBool(L.Get(1))
	return 0
}

// timerNote says where a timer was set.
func (s *Service) timerNote(L *lua.LState, ticks int64) string {
	if !s.tracing.timers {
		return ""
	}
	return trace.Traceback(L, fmt.Sprintf("TIMER %d+%d : ", s.actor.Host().Now()/10_000_000, ticks), 1)
}

// forwardType is skynet.forward_type: messages of some types are handled as others.
func forwardType(L *lua.LState) int {
	s := Of(L)
	m := arg.Table(L, 1)
	s.forward = make(map[actor.Type]actor.Type)
	for k, v := m.Next(lua.LNil); k != lua.LNil; k, v = m.Next(k) {
		from, ok1 := k.(lua.LNumber)
		to, ok2 := v.(lua.LNumber)
		if !ok1 || !ok2 || from < 0 || from > 255 || to < 0 || to > 255 {
			thread.Errorf(L, "bad argument #1 to 'forward_type' (a table of message types expected)")
		}
		s.forward[actor.Type(from)] = actor.Type(to)
	}
	L.Remove(1)
	return start(L)
}

// filter is skynet.filter: a function sees every message first, and may change it.
func filter(L *lua.LState) int {
	Of(L).filter = arg.Function(L, 1)
	L.Remove(1)
	return start(L)
}

// filtered lets the function of skynet.filter see a message.
func (s *Service) filtered(t *actor.Task, e *actor.Envelope) error {
	L := t.Prepare(s.filter)
	L.Push(lua.LNumber(e.Type))
	pushMessage(L, &e.Payload)
	L.Push(lua.LNumber(e.Session))
	L.Push(lua.LNumber(e.Source))
	return t.Perform(func(L *lua.LState) {
		if typ, ok := L.Get(1).(lua.LNumber); ok && typ >= 0 && typ < 256 {
			e.Type = actor.Type(typ)
		}
		if payload, err := s.take(L, 2); err == nil {
			e.Payload = payload
		}
	})
}

// monitor is skynet.monitor: a service is told of the end of every other one.
func monitor(L *lua.LState) int {
	query := lua.LVAsBool(L.Get(2))
	L.SetTop(1)
	var n int
	if query {
		n = queryService(L)
	} else {
		n = uniqueService(L)
	}
	h, _ := L.Get(-1).(lua.LNumber)
	Of(L).actor.Host().SetMonitor(actor.Handle(h))
	return n
}
