package skynet

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/actor"
)

// noSession tells the guards of an answer that nobody waits for.
func noSession(L *lua.LState, t *actor.Task) {
	if t.Handles() {
		t.Actor().Trip(L, rules.DoubleReply, "", "the message was answered already")
		return
	}
	t.Actor().Trip(L, rules.ReplyOutsideRequest, "", "nobody waits for an answer here: this runs in a coroutine of its own")
}

// nobody tells the guard of a message to a name that no service has.
func (s *Service) nobody(L *lua.LState) {
	if name, ok := L.Get(1).(lua.LString); ok {
		s.actor.Trip(L, rules.UnknownService, string(name), "no service has the name '"+string(name)+"'")
	}
}

// noService tells the guard of a launch of something that no file is.
func (s *Service) noService(L *lua.LState, err error) {
	var none *actor.NoServiceError
	if errors.As(err, &none) {
		s.actor.Trip(L, rules.UnknownService, none.Name, "there is no service '"+none.Name+"'")
	}
}

// badArgument tells the guard of an argument that a service does not get as it is, and reports whether
// it is to be refused.
func (s *Service) badArgument(L *lua.LState, v lua.LValue) (refuse bool) {
	text, ok := v.(lua.LString)
	what := "a " + v.Type().String() + " cannot be an argument of a service"
	switch {
	case !ok:
	case text == "":
		what = "an empty argument of a service does not arrive"
	case strings.ContainsAny(string(text), " \t\n\r\v\f"):
		what = "an argument with a space arrives as several"
	default:
		return false
	}
	return s.actor.Trip(L, rules.BadSpawnArgument, "", what)
}
