package skynet

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/luaapi/codecache"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

var functions = []library.Function{
	{Name: "abort", Call: abort}, {Name: "address", Call: address}, {Name: "call", Call: call}, {Name: "context", Call: context},
	{Name: "dispatch", Call: dispatch}, {Name: "dispatch_message", Call: dispatchMessage}, {Name: "dispatch_unknown_request", Call: unknownRequest}, {Name: "dispatch_unknown_response", Call: unknownResponse},
	{Name: "endless", Call: endless}, {Name: "error", Call: logLine}, {Name: "exit", Call: exit},
	{Name: "filter", Call: filter}, {Name: "fork", Call: fork}, {Name: "forward_type", Call: forwardType}, {Name: "genid", Call: genID}, {Name: "getenv", Call: getEnv}, {Name: "harbor", Call: harbor},
	{Name: "hpc", Call: hpc}, {Name: "ignoreret", Call: ignoreRet}, {Name: "info_func", Call: infoFunc}, {Name: "init", Call: skynetInit},
	{Name: "init_service", Call: initService}, {Name: "kill", Call: kill}, {Name: "killthread", Call: killThread}, {Name: "launch", Call: launch},
	{Name: "localname", Call: localName}, {Name: "memlimit", Call: memLimit}, {Name: "monitor", Call: monitor}, {Name: "mqlen", Call: queueLength}, {Name: "name", Call: nameService},
	{Name: "newservice", Call: newService}, {Name: "now", Call: now}, {Name: "packstring", Call: packString}, {Name: "queryservice", Call: queryService},
	{Name: "rawcall", Call: rawCall}, {Name: "rawsend", Call: rawSend}, {Name: "redirect", Call: redirect}, {Name: "register", Call: register},
	{Name: "register_protocol", Call: registerProtocol}, {Name: "request", Call: newRequest}, {Name: "response", Call: response}, {Name: "ret", Call: ret},
	{Name: "retpack", Call: retPack}, {Name: "self", Call: self}, {Name: "send", Call: send}, {Name: "setenv", Call: setEnv},
	{Name: "sleep", Call: sleep}, {Name: "start", Call: start}, {Name: "starttime", Call: startTime}, {Name: "stat", Call: stat},
	{Name: "task", Call: task}, {Name: "term", Call: term}, {Name: "time", Call: unixTime}, {Name: "timeout", Call: timeout},
	{Name: "trace", Call: startTrace}, {Name: "trace_timeout", Call: traceTimeout}, {Name: "tracecall", Call: traceCall}, {Name: "tracelog", Call: traceLog},
	{Name: "traceproto", Call: traceProtocol}, {Name: "tracetag", Call: traceTag}, {Name: "tostring", Call: toString}, {Name: "trash", Call: trash}, {Name: "uniqtask", Call: uniqTask}, {Name: "uniqueservice", Call: uniqueService},
	{Name: "wait", Call: wait}, {Name: "wakeup", Call: wakeup}, {Name: "yield", Call: yield},
}

// types are the constants of the module.
var types = []struct {
	name string
	id   actor.Type
}{
	{"PTYPE_TEXT", actor.Text}, {"PTYPE_RESPONSE", actor.Response}, {"PTYPE_MULTICAST", actor.Multicast}, {"PTYPE_CLIENT", actor.Client},
	{"PTYPE_SYSTEM", actor.System}, {"PTYPE_HARBOR", actor.Harbor}, {"PTYPE_SOCKET", actor.Socket}, {"PTYPE_ERROR", actor.Error},
	{"PTYPE_QUEUE", actor.Queue}, {"PTYPE_DEBUG", actor.Debug}, {"PTYPE_LUA", actor.Lua}, {"PTYPE_SNAX", actor.Snax}, {"PTYPE_TRACE", actor.Trace},
}

// newTable makes a table of the module.
var newTable = sync.OnceValue(func() func(*lua.LState) *lua.LTable {
	fields := []library.Field{{Name: "pack", Value: packFunction}, {Name: "unpack", Value: unpackFunction}, {Name: "pcall", Value: library.Global("pcall")}}
	for _, c := range types {
		fields = append(fields, library.Field{Name: c.name, Value: lua.LNumber(c.id)})
	}
	// The same for all, so that the table of a service has no field of its own to look through first.
	fields = append(fields, library.Field{Name: "cache", Value: codecache.Frozen()})
	return library.Maker("skynet.", functions, fields...)
})

// open makes the modules skynet and skynet.manager for a service: they are the same table.
func open(L *lua.LState) lua.LValue {
	s := Of(L)
	if s.table == nil {
		s.table = newTable()(L)
		if s.maker.config.Opened != nil {
			s.maker.config.Opened(L, s)
		}
	}
	return s.table
}

// Module returns the module skynet of the service whose code runs in L.
func Module(L *lua.LState) *lua.LTable { return open(L).(*lua.LTable) }

// self is skynet.self.
func self(L *lua.LState) int {
	L.Push(lua.LNumber(Of(L).actor.Handle()))
	return 1
}

// address is skynet.address.
func address(L *lua.LState) int {
	if n, ok := L.Get(1).(lua.LNumber); ok {
		L.Push(lua.LString(actor.Handle(n).String()))
		return 1
	}
	L.Push(lua.LString(value.ToString(L, L.Get(1))))
	return 1
}

// localName is skynet.localname.
func localName(L *lua.LState) int {
	name := arg.String(L, 1)
	if h := Of(L).actor.Host().Lookup(name); h != 0 && strings.HasPrefix(name, ".") {
		L.Push(lua.LNumber(h))
		return 1
	}
	return 0
}

// checkName raises what skynet asserts of a name.
func checkName(L *lua.LState, name string) {
	if strings.HasPrefix(name, ".") {
		return
	}
	if _, err := strconv.ParseFloat(name, 64); err == nil || strings.HasPrefix(name, ":") || len(name) >= 16 || name == "" {
		thread.Errorf(L, "bad name %q (a name begins with a dot, or is global: shorter than 16 bytes and no number)", name)
	}
}

// register is skynet.register.
func register(L *lua.LState) int {
	s := Of(L)
	name := arg.String(L, 1)
	checkName(L, name)
	s.bind(L, name, s.actor.Handle())
	return 0
}

// nameService is skynet.name.
func nameService(L *lua.LState) int {
	s := Of(L)
	name := arg.String(L, 1)
	checkName(L, name)
	s.bind(L, name, s.address(L, 2))
	return 0
}

// bind gives a name. One that is taken stays where it is: skynet says nothing, here it is logged.
func (s *Service) bind(L *lua.LState, name string, h actor.Handle) bool {
	host := s.actor.Host()
	bound := host.Bind(name, h)
	if !bound {
		host.Report(actor.Event{Kind: "name", Actor: s.actor.Handle(), Name: s.actor.Name(), Message: fmt.Sprintf("the name %s is %s's already, and stays so", name, host.Lookup(name))})
	}
	return bound
}

// launch is skynet.launch.
func launch(L *lua.LState) int {
	s := Of(L)
	name, args := words(L, 1)
	a := s.launch(L, name, args)
	if a == nil {
		return 0
	}
	L.Push(lua.LNumber(a.Handle()))
	return 1
}

// launch starts a service without waiting for its start; nil if there is none of its name.
func (s *Service) launch(L *lua.LState, name string, args []string) *actor.Actor {
	if name != "snlua" || len(args) == 0 {
		thread.Errorf(L, "there is no C service %q here: only snlua can be launched", name)
	}
	a, err := s.actor.Host().Spawn(s.actor, args[0], args[1:])
	if err != nil {
		s.print(err.Error())
		return nil
	}
	return a
}

// kill is skynet.kill.
func kill(L *lua.LState) int {
	s := Of(L)
	s.kill(s.address(L, 1))
	return 0
}

func (s *Service) kill(h actor.Handle) {
	if h != 0 {
		s.print("KILL " + hex(h))
		s.actor.Host().Kill(h, "killed by "+s.actor.Handle().String())
	}
}

// abort is skynet.abort.
func abort(L *lua.LState) int {
	Of(L).abort()
	return 0
}

func (s *Service) abort() {
	s.actor.Host().Shutdown("skynet.abort by " + s.actor.Handle().String())
}

// term is skynet.term.
func term(L *lua.LState) int {
	s := Of(L)
	if name := globalName(L); name != "" {
		s.actor.TermName(name)
	}
	s.actor.Term(s.address(L, 1))
	return 0
}

// genID is skynet.genid.
func genID(L *lua.LState) int {
	L.Push(lua.LNumber(Of(L).actor.Fresh()))
	return 1
}

// getEnv is skynet.getenv.
func getEnv(L *lua.LState) int {
	if v, ok := Of(L).actor.Host().Getenv(arg.String(L, 1)); ok {
		L.Push(lua.LString(v))
		return 1
	}
	L.Push(lua.LNil)
	return 1
}

// setEnv is skynet.setenv.
func setEnv(L *lua.LState) int {
	Of(L).setEnv(L, arg.String(L, 1), value.ToString(L, L.Get(2)))
	return 0
}

func (s *Service) setEnv(L *lua.LState, key, v string) {
	if !s.actor.Host().Setenv(key, v) {
		thread.Errorf(L, "Can't setenv exist key : %s", key)
	}
}

// harbor is skynet.harbor: there is one node.
func harbor(L *lua.LState) int {
	L.Push(lua.LNumber(0))
	L.Push(lua.LFalse)
	return 2
}

// infoFunc is skynet.info_func.
func infoFunc(L *lua.LState) int {
	Of(L).info = L.Get(1)
	return 0
}

// Info returns what skynet.info_func was given; nil for nothing.
func (s *Service) Info() lua.LValue { return s.info }

// stat is skynet.stat.
func stat(L *lua.LState) int {
	L.Push(lua.LNumber(Of(L).stat(L, arg.String(L, 1))))
	return 1
}

func (s *Service) stat(L *lua.LState, what string) float64 {
	switch what {
	case "mqlen":
		return float64(s.actor.Length())
	case "message":
		return float64(s.actor.Handled())
	case "endless":
		if s.actor.WasEndless() {
			return 1
		}
	case "time", "cpu":
		// The work done, as the time it takes by and large.
		return float64(limit.Of(L).Used()) * 20e-9
	}
	return 0
}

// endless is skynet.endless.
func endless(L *lua.LState) int {
	L.Push(lua.LBool(Of(L).actor.WasEndless()))
	return 1
}

// queueLength is skynet.mqlen.
func queueLength(L *lua.LState) int {
	L.Push(lua.LNumber(Of(L).actor.Length()))
	return 1
}

// memLimit is skynet.memlimit. It can only lower what the node allows.
func memLimit(L *lua.LState) int {
	limit.Of(L).LowerMemory(arg.Integer(L, 1))
	library.Settle(Of(L).table)
	Of(L).table.RawSetString("memlimit", lua.LNil)
	return 0
}
