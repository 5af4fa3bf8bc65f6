package skynet

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// The module skynet.core: what skynet's own Lua code is written on. Projects use it for messages whose
// type, session or source are numbers. The engine takes the messages itself, so there is no callback to
// replace.

// newCore makes a table of the module.
var newCore = sync.OnceValue(func() func(*lua.LState) *lua.LTable {
	functions := []library.Function{
		{Name: "send", Call: coreSend}, {Name: "redirect", Call: coreRedirect}, {Name: "genid", Call: genID},
		{Name: "command", Call: coreCommand}, {Name: "intcommand", Call: coreIntCommand}, {Name: "addresscommand", Call: coreAddressCommand},
		{Name: "error", Call: logLine}, {Name: "harbor", Call: harbor}, {Name: "callback", Call: coreCallback}, {Name: "trace", Call: traceLog},
		{Name: "tostring", Call: toString}, {Name: "packstring", Call: packString}, {Name: "trash", Call: trash}, {Name: "now", Call: now}, {Name: "hpc", Call: hpc},
	}
	return library.Maker("skynet.core.", functions, library.Field{Name: "pack", Value: packFunction}, library.Field{Name: "unpack", Value: unpackFunction})
})

// openCore makes the module skynet.core for a service.
func openCore(L *lua.LState) lua.LValue { return newCore()(L) }

// openRequire makes the module skynet.require: require is the global one, which lets a module wait while it
// is loaded.
func openRequire(L *lua.LState) lua.LValue {
	t := L.CreateTable(0, 3)
	t.RawSetString("require", library.Global("require"))
	t.RawSetString("init", L.GetField(Module(L), "init"))
	t.RawSetString("init_all", library.Closure(func(L *lua.LState) int {
		Of(L).runInits(L)
		return 0
	}))
	return t
}

// messageType returns an argument that is the number of a type.
func messageType(L *lua.LState, n int) actor.Type {
	typ := arg.Integer(L, n)
	if typ < 0 || typ > 255 {
		arg.Error(L, n, "a type of messages is a number from 0 to 255")
	}
	return actor.Type(typ)
}

// coreSession returns the session in an argument: nil asks for a fresh one.
func (s *Service) coreSession(L *lua.LState, n int) int32 {
	if n <= L.GetTop() && L.Get(n) == lua.LNil {
		return s.actor.Fresh()
	}
	return int32(arg.Integer(L, n))
}

// dest returns the address in the first argument, which is not 0.
func (s *Service) dest(L *lua.LState) actor.Handle {
	if n, ok := L.Get(1).(lua.LNumber); ok && n == 0 {
		thread.Errorf(L, "Invalid service address 0")
	}
	return s.address(L, 1)
}

// coreSend is core.send(address, type, session, message[, size]).
func coreSend(L *lua.LState) int {
	s := Of(L)
	to, typ, session := s.dest(L), messageType(L, 2), s.coreSession(L, 3)
	payload, err := s.takeMessage(L, 4)
	if err == nil {
		err = actor.Running(L).Post(L, to, typ, session, &payload)
	}
	return posted(L, session, err)
}

// coreRedirect is core.redirect(address, source, type, session, message[, size]).
func coreRedirect(L *lua.LState) int {
	s := Of(L)
	to, source, typ, session := s.dest(L), actor.Handle(arg.Integer(L, 2)), messageType(L, 3), s.coreSession(L, 4)
	payload, err := s.takeMessage(L, 5)
	if err == nil {
		err = actor.Running(L).Redirect(L, to, source, typ, session, &payload)
	}
	return posted(L, session, err)
}

// takeMessage is take for a message that must be there.
func (s *Service) takeMessage(L *lua.LState, n int) (actor.Payload, error) {
	if L.Get(n) == lua.LNil {
		arg.TypeError(L, n, "message")
	}
	return s.take(L, n)
}

// posted pushes the session of a message that was sent: nothing if nobody is there, false if it was not taken.
func posted(L *lua.LState, session int32, err error) int {
	if err == nil {
		L.Push(lua.LNumber(session))
		return 1
	}
	if v := notSent(L, err); v != lua.LNil {
		L.Push(v)
		return 1
	}
	return 0
}

// coreCallback is core.callback: the engine has only the one that skynet.start would set.
func coreCallback(L *lua.LState) int {
	f := arg.Function(L, 1)
	if f != Module(L).RawGetString("dispatch_message") && lua.LValue(f) != L.GetField(Module(L), "dispatch_message") {
		thread.Errorf(L, "skynet.core.callback: skyrun takes the messages of a service itself; skynet.filter and skynet.forward_type let a function see, or change, each of them")
	}
	return 0
}

// dispatchMessage is skynet.dispatch_message(type, message, size, session, source): the message is handled as
// if it had come in, as soon as the running task waits or ends.
func dispatchMessage(L *lua.LState) int {
	s := Of(L)
	typ := messageType(L, 1)
	payload, err := s.take(L, 2)
	if err != nil {
		actor.Raise(L, err)
	}
	session, source := int32(arg.Integer(L, 4)), actor.Handle(arg.Integer(L, 5))
	actor.Running(L).Redeliver(typ, source, session, &payload)
	return 0
}

// coreCommand is core.command(name[, parameter]): text for text.
func coreCommand(L *lua.LState) int {
	result, ok := Of(L).command(L, arg.String(L, 1), parameter(L))
	if !ok {
		return 0
	}
	L.Push(lua.LString(result))
	return 1
}

// coreIntCommand is core.intcommand: the result is a number.
func coreIntCommand(L *lua.LState) int {
	result, ok := Of(L).command(L, arg.String(L, 1), parameter(L))
	if !ok {
		return 0
	}
	n, err := strconv.ParseFloat(result, 64)
	if err != nil {
		thread.Errorf(L, "Invalid result %s", result)
	}
	L.Push(lua.LNumber(n))
	return 1
}

// coreAddressCommand is core.addresscommand: the result is an address.
func coreAddressCommand(L *lua.LState) int {
	result, _ := Of(L).command(L, arg.String(L, 1), parameter(L))
	h, ok := actor.ParseHandle(result)
	if !ok {
		return 0
	}
	L.Push(lua.LNumber(h))
	return 1
}

func parameter(L *lua.LState) string {
	if L.GetTop() < 2 {
		return ""
	}
	return arg.String(L, 2)
}

// A textCommand does what one of skynet's commands does. ok is false for no result.
type textCommand func(s *Service, L *lua.LState, parameter string) (result string, ok bool)

// hex is an address as commands have it.
func hex(h actor.Handle) string { return fmt.Sprintf(":%x", uint32(h)) }

// refused are commands that there are none of here, and what to use in their place.
var refused = map[string]string{
	"TIMEOUT": "use skynet.timeout",
	"LOGON":   "the console of the node has logon and logoff",
	"LOGOFF":  "the console of the node has logon and logoff",
	"SIGNAL":  "an endless loop ends by itself: see actor.time in sky.toml",
}

// commands are those of skynet that make sense here.
var commands = map[string]textCommand{
	"REG": func(s *Service, L *lua.LState, name string) (string, bool) {
		if name == "" {
			return hex(s.actor.Handle()), true
		}
		return s.commandName(L, name, s.actor.Handle())
	},
	"QUERY": func(s *Service, _ *lua.LState, name string) (string, bool) {
		if h := s.actor.Host().Lookup(name); h != 0 && strings.HasPrefix(name, ".") {
			return hex(h), true
		}
		return "", false
	},
	"NAME": func(s *Service, L *lua.LState, words string) (string, bool) {
		name, address, _ := strings.Cut(words, " ")
		h, ok := actor.ParseHandle(address)
		if !ok {
			return "", false
		}
		return s.commandName(L, name, h)
	},
	"EXIT": func(s *Service, _ *lua.LState, _ string) (string, bool) {
		s.actor.End("it has exited")
		return "", false
	},
	"KILL": func(s *Service, _ *lua.LState, name string) (string, bool) {
		s.kill(s.named(name))
		return "", false
	},
	"LAUNCH": func(s *Service, L *lua.LState, words string) (string, bool) {
		name, args := "", strings.Fields(words)
		if len(args) > 0 {
			name, args = args[0], args[1:]
		}
		a := s.launch(L, name, args)
		if a == nil {
			return "", false
		}
		return a.Handle().String(), true
	},
	"GETENV": func(s *Service, _ *lua.LState, key string) (string, bool) { return s.actor.Host().Getenv(key) },
	"SETENV": func(s *Service, L *lua.LState, words string) (string, bool) {
		if key, v, ok := strings.Cut(words, " "); ok {
			s.setEnv(L, key, v)
		}
		return "", false
	},
	"STARTTIME": func(s *Service, _ *lua.LState, _ string) (string, bool) {
		return strconv.FormatInt(s.actor.Host().Started().Unix(), 10), true
	},
	"ABORT": func(s *Service, _ *lua.LState, _ string) (string, bool) {
		s.abort()
		return "", false
	},
	"MONITOR": func(s *Service, _ *lua.LState, name string) (string, bool) {
		host := s.actor.Host()
		if name != "" {
			host.SetMonitor(s.named(name))
			return "", false
		}
		h := host.Monitor()
		return hex(h), h != 0
	},
	"STAT": func(s *Service, L *lua.LState, what string) (string, bool) {
		return lua.LNumber(s.stat(L, what)).String(), true
	},
}

// command does a command of skynet by its name.
func (s *Service) command(L *lua.LState, name, parameter string) (result string, ok bool) {
	if instead, ok := refused[name]; ok {
		thread.Errorf(L, "skynet.core: there is no command %s in skyrun: %s", name, instead)
	}
	if f := commands[name]; f != nil {
		return f(s, L, parameter)
	}
	return "", false
}

// commandName gives a local name, and returns it if it was free.
func (s *Service) commandName(L *lua.LState, name string, h actor.Handle) (string, bool) {
	if !strings.HasPrefix(name, ".") {
		s.print("error: Can't set global name " + name + " in C")
		return "", false
	}
	return strings.TrimPrefix(name, "."), s.bind(L, name, h)
}

// named returns the address in the text of a command: ":a" or ".name"; 0 for none.
func (s *Service) named(name string) actor.Handle {
	if h, ok := actor.ParseHandle(name); ok {
		return h
	}
	if strings.HasPrefix(name, ".") {
		return s.actor.Host().Lookup(name)
	}
	s.print("error: Can't convert " + name + " to handle")
	return 0
}
