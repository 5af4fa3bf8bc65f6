// Package skynet is the modules skynet and skynet.manager, native: what a service of skynet is
// made of, over the actors of package actor.
package skynet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/codecache"
	"github.com/skylint/skylint/runtime/message"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/packlib"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Config says what the services of a node have in common.
type Config struct {
	// Modules are the native modules besides skynet and skynet.manager.
	Modules []actor.Module
	Dialect syntax.Dialect
	// Path is package.path.
	Path string
	// Place returns, for a service, the global SERVICE_PATH and what goes before Path; nil: nothing.
	Place func(name string) (path, modules string)
	// Loader, if it is set, is run for each service of the project in the place of skynet's loader, with the
	// globals of LoaderGlobals: it finds the service and runs it. Preload is its matter, then.
	Loader        *source.File
	LoaderGlobals [][2]string // name and value
	// Preload runs before the main chunk of every service, in order.
	Preload []*source.File
	// MayWrite reports whether a file may make a global of a name; nil: none may.
	MayWrite func(path, name string) bool
	// Own reports whether a file is one of the runtime's own programs, which no guard watches; nil: none is.
	Own func(*source.File) bool
	// Library is called for each service, to say where output goes and what is granted.
	Library func(h *host.State)
	// Opened is called for each service when its module skynet is opened; nil: nothing is.
	Opened func(L *lua.LState, s *Service)
}

// A Maker makes services. It is used by any goroutine.
type Maker struct {
	config  Config
	modules map[string]*lua.LFunction
}

// NewMaker returns a maker of services.
func NewMaker(c Config) *Maker {
	m := &Maker{config: c, modules: make(map[string]*lua.LFunction)}
	for _, module := range append([]actor.Module{{Name: "skynet", Open: open}, {Name: "skynet.manager", Open: open}, {Name: "skynet.core", Open: openCore}, {Name: "skynet.require", Open: openRequire}, codecache.Module}, c.Modules...) {
		m.modules[module.Name] = library.Closure(func(L *lua.LState) int {
			L.Push(module.Open(L))
			return 1
		})
	}
	return m
}

// A Service is a service of skynet: the behaviour of an actor that runs a script. What it does not
// say otherwise is used with the actor's baton.
type Service struct {
	maker *Maker
	actor *actor.Actor
	state *script.State
	table *lua.LTable // the module skynet

	byName  map[string]*protocol
	types   []*protocol // all but lua, few: found by a look at each
	lua     protocol
	started bool // skynet.start was called
	inits   []lua.LValue
	loading map[string]*actor.Lock
	context map[*thread.Thread]*[]lua.LValue // what skynet.init has been given, by who loads a module
	info    lua.LValue
	tracing tracing
	forward map[actor.Type]actor.Type // skynet.forward_type
	filter  lua.LValue                // skynet.filter; nil: none
	// unknownFunction is that of skynet.dispatch_unknown_request; nil: none.
	unknownFunction *lua.LFunction
	// strayFunction is that of skynet.dispatch_unknown_response; nil: none.
	strayFunction *lua.LFunction
	copier        *message.Limits

	source      actor.Handle // of the last message, and the same as a value
	sourceValue lua.LValue
}

// deferring are words that code has which answers a message, or hands it on, by nothing but the numbers
// of its sender and session: after its handler has ended, maybe.
var deferring = []string{"redirect", "skynet.core"}

// New makes the actor of a script and has its main chunk run.
func (m *Maker) New(o actor.Options, file *source.File, args []string) (*actor.Actor, error) {
	s := &Service{maker: m, copier: &o.Limits.Message}
	s.lua = protocol{name: "lua", id: actor.Lua, builtin: true}
	servicePath, modules := "", m.config.Path
	if m.config.Place != nil {
		var own string
		if servicePath, own = m.config.Place(o.Name); own != "" {
			modules = own + ";" + modules
		}
	}
	state := script.New(script.Options{Limits: o.Limits.Script, Dialect: m.config.Dialect, Watch: deferring, Host: func(h *host.State) {
		h.Path = modules
		h.Module = module
		h.Loading = load
		s.guards(h)
		if m.config.Library != nil {
			m.config.Library(h)
		}
	}})
	o.State, o.Behaviour = state, s
	a := actor.New(o)
	s.actor, s.state = a, state
	state.Owner = a
	state.Budget.Pause = a.Pause
	state.Globals.RawSetString("SERVICE_NAME", lua.LString(o.Name))
	if servicePath != "" {
		state.Globals.RawSetString("SERVICE_PATH", lua.LString(servicePath))
	}
	a.Begin(func(t *actor.Task) { s.main(t, file, args) })
	return a, nil
}

// Of returns the service whose code runs in L.
func Of(L *lua.LState) *Service { return actor.Of(L).Behaviour().(*Service) }

// main runs the main chunk.
func (s *Service) main(t *actor.Task, file *source.File, args []string) {
	main, err := s.chunk(t, file, args)
	if err == nil && !s.started {
		s.notStarted(main)
		err = errors.New("its main chunk has ended without skynet.start, so that it would never start")
	}
	if err != nil {
		s.actor.Started(fmt.Errorf("%s: %w", s.actor.Name(), err))
		s.actor.Fail(err.Error())
		panic(err)
	}
}

// load has the project's own loader find and run the service.
func (s *Service) load(t *actor.Task, loader *source.File, args []string) (*lua.LFunction, error) {
	fn, err := s.state.Load(loader)
	if err != nil {
		return nil, err
	}
	for _, g := range s.maker.config.LoaderGlobals {
		s.state.Globals.RawSetString(g[0], lua.LString(g[1]))
	}
	L := t.Prepare(fn)
	L.Push(lua.LString(strings.Join(append([]string{s.actor.Name()}, args...), " ")))
	return fn, t.Perform(nil)
}

// chunk runs the file of the service, and what runs before it, and returns its function.
func (s *Service) chunk(t *actor.Task, file *source.File, args []string) (fn *lua.LFunction, err error) {
	if l := s.maker.config.Loader; l != nil && !strings.HasPrefix(file.Path, "skyrun/") {
		return s.load(t, l, args)
	}
	for _, f := range append(slices.Clone(s.maker.config.Preload), file) {
		if fn, err = s.state.Load(f); err != nil {
			return nil, err
		}
		L := t.Prepare(fn)
		if f != file {
			L.Push(lua.LString(s.actor.Name())) // as skynet's loader does
		}
		for _, arg := range args {
			L.Push(lua.LString(arg))
		}
		if err := t.Perform(nil); err != nil {
			return nil, err
		}
	}
	return fn, nil
}

// Close implements actor.Behaviour.
func (s *Service) Close() {}

// Actor returns the actor.
func (s *Service) Actor() *actor.Actor { return s.actor }

// module finds a native module.
func module(L *lua.LState, name string) *lua.LFunction { return Of(L).maker.modules[name] }

// load is the turn that require takes: a module is loaded by one task at a time, and the
// functions that it gives skynet.init are called before anybody gets it.
func load(L *lua.LState, name string, load, publish func()) {
	s, t := Of(L), actor.Running(L)
	if t.Main() {
		load()
		publish()
		return
	}
	if s.loading == nil {
		s.loading, s.context = make(map[string]*actor.Lock), make(map[*thread.Thread]*[]lua.LValue)
	}
	lock := s.loading[name]
	if lock == nil {
		lock = s.actor.NewLock("the module " + name + ", which another task loads")
		s.loading[name] = lock
	}
	if lock.Holds(L) {
		thread.Errorf(L, "circular dependency: the module '%s' requires itself", name)
	}
	if err := lock.Acquire(L); err != nil {
		actor.Raise(L, err)
	}
	defer lock.Release()
	if packlib.Loaded(L, name) != lua.LNil {
		return
	}
	root := thread.Of(L).Root
	outer := s.context[root]
	var mine []lua.LValue
	s.context[root] = &mine
	defer func() {
		if outer == nil {
			delete(s.context, root)
		} else {
			s.context[root] = outer
		}
	}()
	load()
	for _, f := range mine {
		L.Push(f)
		L.Call(0, 0)
	}
	publish()
}

// skynetInit is skynet.init.
func skynetInit(L *lua.LState) int {
	f := arg.Function(L, 1)
	s := Of(L)
	switch list := s.context[thread.Of(L).Root]; {
	case list != nil:
		*list = append(*list, f)
	case actor.Running(L).Main():
		s.inits = append(s.inits, f)
	default:
		thread.Errorf(L, "skynet.init is called neither by a main chunk nor by a module that is being loaded")
	}
	return 0
}

// start is skynet.start.
func start(L *lua.LState) int {
	f := arg.Function(L, 1)
	s := Of(L)
	s.started = true
	_, err := s.actor.Timeout(0, library.Closure(func(L *lua.LState) int {
		s.runStart(L, f)
		return 0
	}, f), true)
	if err != nil {
		actor.Raise(L, err)
	}
	return 0
}

// initService is skynet.init_service.
func initService(L *lua.LState) int {
	Of(L).runStart(L, arg.Function(L, 1))
	return 0
}

// runStart runs the functions of skynet.init and the start function, in the task of the start.
func (s *Service) runStart(L *lua.LState, f lua.LValue) {
	t := actor.Running(L)
	L.Push(library.Closure(func(L *lua.LState) int {
		s.runInits(L)
		L.Push(f)
		L.Call(0, 0)
		return 0
	}))
	_, failure := thread.Protect(L, 0, traceback)
	if failure == nil {
		s.actor.Started(nil)
		return
	}
	text := failure.Text()
	s.print("init service failed: " + text)
	s.actor.Started(errors.New("init service failed: " + firstLine(text)))
	s.actor.SetFailure("its start has failed: " + firstLine(text))
	t.Exit(L)
}

// runInits runs the functions of skynet.init.
func (s *Service) runInits(L *lua.LState) {
	for len(s.inits) > 0 {
		init := s.inits[0]
		s.inits = s.inits[1:]
		L.Push(init)
		L.Call(0, 0)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// traceback is a handler that adds the stack to a message.
var traceback = library.Closure(func(L *lua.LState) int {
	text, ok := L.Get(1).(lua.LString)
	if !ok {
		return 1
	}
	L.Push(lua.LString(trace.Traceback(L, string(text), 1)))
	return 1
})

func (s *Service) print(text string) { s.actor.Host().Print(s.actor, text) }
