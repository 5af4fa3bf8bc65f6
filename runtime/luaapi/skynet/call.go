package skynet

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/message"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

// raiseCall raises why a call has failed, in skynet's words, with the cause behind them.
func raiseCall(L *lua.LState, err error) {
	var call *actor.CallError
	var send *actor.SendError
	if !errors.As(err, &call) && !(errors.As(err, &send) && send.Gone) {
		err = &actor.CallError{Cause: err.Error()}
	}
	actor.Raise(L, err)
}

// call is skynet.call.
func call(L *lua.LState) int {
	s := Of(L)
	p := s.protocol(L, 2)
	to := s.address(L, 1)
	payload, err := s.pack(L, p, 3)
	if err != nil {
		actor.Raise(L, err)
	}
	if to == 0 && globalName(L) == "" {
		s.nobody(L)
		thread.Errorf(L, "call to invalid address %s", L.Get(1).String())
	}
	answer := s.request(L, to, p, &payload)
	return s.unpack(L, p, &answer)
}

// rawCall is skynet.rawcall.
func rawCall(L *lua.LState) int {
	s := Of(L)
	p := s.protocol(L, 2)
	to := s.address(L, 1)
	payload, err := s.take(L, 3)
	if err != nil {
		actor.Raise(L, err)
	}
	if to == 0 && globalName(L) == "" {
		s.nobody(L)
		thread.Errorf(L, "call to invalid address")
	}
	answer := s.request(L, to, p, &payload)
	return pushMessage(L, &answer)
}

// globalName returns the first argument if it is a global name, which somebody may register later; else "".
func globalName(L *lua.LState) string {
	name, ok := L.Get(1).(lua.LString)
	if !ok || name == "" || name[0] == '.' || name[0] == ':' {
		return ""
	}
	return string(name)
}

// request calls and returns the answer, or raises why there is none. If to is 0, the first argument is a global
// name.
func (s *Service) request(L *lua.LState, to actor.Handle, p *protocol, payload *actor.Payload) actor.Payload {
	t := actor.Running(L)
	if t.Tag != "" {
		s.announce(L, t, to)
	}
	if p.id == actor.Debug {
		s.askDebug(L, payload)
	}
	var answer actor.Payload
	var err error
	if to != 0 {
		answer, err = t.Call(L, to, p.id, payload)
	} else {
		answer, err = t.CallName(L, globalName(L), p.id, payload)
	}
	if t.Tag != "" {
		s.step(nil, t, "resume", false)
	}
	if err != nil {
		raiseCall(L, err)
	}
	return answer
}

// send is skynet.send.
func send(L *lua.LState) int {
	s := Of(L)
	p := s.protocol(L, 2)
	to := s.address(L, 1)
	payload, err := s.pack(L, p, 3)
	return s.sent(L, to, p, payload, err)
}

// rawSend is skynet.rawsend.
func rawSend(L *lua.LState) int {
	s := Of(L)
	p := s.protocol(L, 2)
	to := s.address(L, 1)
	payload, err := s.take(L, 3)
	return s.sent(L, to, p, payload, err)
}

// sent sends, and pushes what send returns: 0, nil if nobody is there, false if it was not taken.
func (s *Service) sent(L *lua.LState, to actor.Handle, p *protocol, payload actor.Payload, err error) int {
	if n, ok := L.Get(1).(lua.LNumber); ok && n == 0 {
		thread.Errorf(L, "Invalid service address 0")
	}
	if err == nil {
		if name := globalName(L); to == 0 && name != "" {
			err = actor.Running(L).SendName(L, name, p.id, &payload)
		} else {
			err = actor.Running(L).Send(L, to, p.id, &payload)
		}
	}
	if err == nil {
		L.Push(zero)
		return 1
	}
	if to == 0 && globalName(L) == "" {
		s.nobody(L)
	}
	L.Push(notSent(L, err))
	return 1
}

// zero is the number that is pushed most often.
var zero lua.LValue = lua.LNumber(0)

// notSent returns what send returns after an error, or raises it.
func notSent(L *lua.LState, err error) lua.LValue {
	var message *message.Error
	var send *actor.SendError
	switch {
	case errors.As(err, &send) && send.Gone:
		return lua.LNil
	case errors.As(err, &send), errors.As(err, &message) && strings.HasSuffix(message.Key, "-size"):
		return lua.LFalse
	}
	actor.Raise(L, err)
	return lua.LNil
}

// redirect is skynet.redirect.
func redirect(L *lua.LState) int {
	s := Of(L)
	to, source := s.address(L, 1), s.address(L, 2)
	p := s.protocol(L, 3)
	session := int32(arg.OptInteger(L, 4, 0))
	payload, err := s.take(L, 5)
	if err == nil {
		err = actor.Running(L).Redirect(L, to, source, p.id, session, &payload)
	}
	var gone *actor.SendError
	switch {
	case err == nil:
		L.Push(lua.LNumber(session))
	case errors.As(err, &gone):
		L.Push(lua.LNil)
	default:
		actor.Raise(L, err)
	}
	return 1
}

// ret is skynet.ret.
func ret(L *lua.LState) int {
	s := Of(L)
	t := owing(L)
	s.step(nil, t, "response", false)
	payload, err := s.take(L, 1)
	return answered(L, t, payload, err)
}

// retPack is skynet.retpack.
func retPack(L *lua.LState) int {
	s := Of(L)
	payload, err := s.copy(L, 1)
	if err != nil {
		var large *message.Error
		if !errors.As(err, &large) || large.Key == "" {
			actor.Raise(L, err)
		}
	}
	t := owing(L)
	s.step(nil, t, "response", false)
	return answered(L, t, payload, err)
}

// owing returns the running task if it handles a message that nobody has answered.
func owing(L *lua.LState) *actor.Task {
	t := actor.Running(L)
	if !t.Owes() {
		noSession(L, t)
		thread.Errorf(L, "No session")
	}
	return t
}

func answered(L *lua.LState, t *actor.Task, payload actor.Payload, err error) int {
	if err != nil {
		t.Refuse(err.Error())
		L.Push(lua.LFalse)
		return 1
	}
	L.Push(lua.LBool(t.Answer(payload)))
	return 1
}

// ignoreRet is skynet.ignoreret.
func ignoreRet(L *lua.LState) int {
	if s := Of(L); s.state.Watched() {
		s.actor.Deferring()
	}
	actor.Running(L).Ignore(L)
	return 0
}

// context is skynet.context.
func context(L *lua.LState) int {
	t := actor.Running(L)
	if !t.Owes() {
		L.Push(lua.LNil)
		L.Push(lua.LNil)
		return 2
	}
	source, session, _ := t.Request()
	L.Push(lua.LNumber(session))
	L.Push(lua.LNumber(source))
	return 2
}

// newService is skynet.newservice.
func newService(L *lua.LState) int {
	s := Of(L)
	name, args := words(L, 1)
	t := actor.Running(L)
	t.MayWait(L)
	a, err := s.actor.Host().Spawn(s.actor, name, args)
	if err == nil {
		err = t.AwaitStart(L, a)
	}
	if errors.Is(err, actor.ErrExited) {
		L.Push(lua.LNil)
		return 1
	}
	return launched(L, a, err)
}

// uniqueService is skynet.uniqueservice.
func uniqueService(L *lua.LState) int {
	s := Of(L)
	name, args := words(L, global(L))
	t := actor.Running(L)
	t.MayWait(L)
	a, err := s.actor.Host().Unique(s.actor, name, args)
	if err == nil {
		err = t.AwaitStart(L, a)
	}
	return launched(L, a, err)
}

// launched pushes the address of a service that has started, or raises why it has not.
func launched(L *lua.LState, a *actor.Actor, err error) int {
	if err != nil {
		Of(L).noService(L, err)
		raiseCall(L, err)
	}
	L.Push(lua.LNumber(a.Handle()))
	return 1
}

// queryService is skynet.queryservice.
func queryService(L *lua.LState) int {
	s := Of(L)
	name := arg.String(L, global(L))
	t := actor.Running(L)
	t.MayWait(L)
	k := t.Ticket()
	s.actor.Host().Query(name, func(a *actor.Actor, err error) {
		if a != nil {
			k.Complete(actor.Values(lua.LNumber(a.Handle())), nil)
			return
		}
		k.Complete(actor.Payload{}, err)
	})
	answer, err := t.Block(L, actor.Wait{Kind: actor.OnQuery, What: name})
	if err == nil {
		h, _ := answer.At(0).(lua.LNumber)
		if found := s.actor.Host().Find(actor.Handle(h)); found == nil {
			err = &actor.SendError{To: actor.Handle(h), Gone: true}
		} else {
			err = t.AwaitStart(L, found)
		}
	}
	if err != nil {
		raiseCall(L, err)
	}
	L.Push(answer.At(0))
	return 1
}

// global returns where the arguments begin: a true in front asks for a service of all nodes.
func global(L *lua.LState) int {
	if L.Get(1) == lua.LTrue {
		return 2
	}
	return 1
}

// words returns the name of a service and its arguments: they are joined by spaces and taken
// apart again, as skynet does.
func words(L *lua.LState, n int) (string, []string) {
	var b strings.Builder
	top := L.GetTop()
	for top > n && L.Get(top) == lua.LNil {
		top--
	}
	for i := n; i <= top; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString, lua.LNumber:
			if i > n && Of(L).badArgument(L, v) {
				thread.Errorf(L, "bad argument #%d (a service gets its arguments as words: this is none, or several)", i)
			}
			b.WriteString(lua.LVAsString(v))
			b.WriteByte(' ')
		default:
			Of(L).badArgument(L, v)
			thread.Errorf(L, "bad argument #%d (a service is started with strings and numbers, got %s)", i, v.Type().String())
		}
	}
	list := strings.Fields(b.String())
	if len(list) == 0 {
		thread.Errorf(L, "bad argument #%d (the name of a service expected)", n)
	}
	return list[0], list[1:]
}
