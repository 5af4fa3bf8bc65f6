package skynet

import (
	"errors"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/trace"
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

// noService tells the guard of a launch of something that no file is, and of launches that come to no end.
func (s *Service) noService(L *lua.LState, err error) {
	var none *actor.NoServiceError
	var limit *actor.LimitError
	if errors.As(err, &limit) && limit.Key == "actor.hops" {
		s.actor.TripRefused(L, rules.InitCycle, "", limit.What)
	}
	if errors.As(err, &none) {
		s.actor.Trip(L, rules.UnknownService, none.Name, "there is no service '"+none.Name+"'")
	}
}

// badArgument tells the guard of an argument that a service does not get as it is, and reports whether
// it is to be refused.
func (s *Service) badArgument(L *lua.LState, v lua.LValue) (refuse bool) {
	if v.Type() == lua.LTNumber {
		return false
	}
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

// guards has the library ask what is done about what breaks a rule.
func (s *Service) guards(h *host.State) {
	h.Guard = func(L *lua.LState, rule *rules.Rule, key, message string, refused bool) bool {
		if s.maker.own(L) {
			return refused
		}
		// What the text of the program says is there to be read, granted or not.
		if rule == rules.DynamicCode || rule == rules.ForbiddenAPI && key != "os.exit" {
			if f, ok := trace.Script(L); ok && f.ConstantArgument() {
				return refused
			}
		}
		if refused {
			s.actor.TripRefused(L, rule, key, message)
			return true
		}
		return s.actor.Trip(L, rule, key, message)
	}
	h.GlobalWrite = s.globalWrite
}

// own reports whether the innermost function of a script is one of the runtime's own programs.
func (m *Maker) own(L *lua.LState) bool {
	f, ok := trace.Script(L)
	return ok && m.config.Own != nil && m.config.Own(f.Code.Chunk.Tree.File)
}

// globalWrite tells the guards of a global that the script makes.
func (s *Service) globalWrite(L *lua.LState, key lua.LValue, raw bool) bool {
	name := lua.LVAsString(key)
	f, ok := trace.Script(L)
	if !ok || slices.Contains(s.maker.config.Preload, f.Code.Chunk.Tree.File) {
		return false
	}
	path := strings.TrimPrefix(strings.TrimPrefix(f.Code.Chunk.Tree.File.Path, "@"), "./")
	if may := s.maker.config.MayWrite; may != nil && may(path, name) || s.maker.own(L) {
		return false
	}
	if raw || !f.SetsGlobal() {
		return s.actor.Trip(L, rules.EnvironmentWrite, name, "the global '"+name+"' is made through the table of globals")
	}
	if declared(f, name) {
		return false
	}
	return s.actor.Trip(L, rules.GlobalWrite, name, "'"+name+"' is assigned but nowhere declared, which makes it a global variable")
}

// declared reports whether a file declares a global by a statement of Lua 5.5.
func declared(f trace.Frame, name string) bool {
	for _, g := range f.Code.Chunk.Scope.Globals {
		if g.Declared && g.Name == name {
			return true
		}
	}
	return false
}

// askDebug tells the guards of a request to another service to run a text, or to let a debugger in.
func (s *Service) askDebug(L *lua.LState, payload *actor.Payload) {
	switch payload.Text(0) {
	case "RUN":
		s.actor.TripRefused(L, rules.DynamicCode, "RUN", "a text is sent to another service to be run there")
	case "REMOTEDEBUG":
		s.actor.TripRefused(L, rules.DebugAccess, "REMOTEDEBUG", "a debugger is attached to another service")
	}
}

// notStarted tells the guard of a main chunk that has ended without skynet.start.
func (s *Service) notStarted(main *lua.LFunction) {
	place := guard.Place{}
	if code, _ := trace.Function(main); code != nil {
		tree := code.Chunk.Tree
		place.File, place.Line = tree.File, 1
		if all := tree.Statements(tree.Main); len(all) > 0 {
			place.Line, place.Span = tree.Line(all[0]), tree.Span(all[0])
		}
	}
	s.actor.TripAt(place, rules.MissingStart, "'"+s.actor.Name()+"' never calls skynet.start, so that it would never start")
}
