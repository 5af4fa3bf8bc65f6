// Package runtime is skyrun for Go programs: it runs a node of skynet services, and lets Go functions
// be services and modules of it.
//
//	setup, err := setup.Config("etc/config", setup.Options{})
//	n, err := runtime.New(runtime.Options{Setup: setup, Out: os.Stdout})
//	err = n.Start()
//	...
//	n.Close()
package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/luaapi/bson"
	"github.com/skylint/skylint/runtime/luaapi/cjson"
	clusterapi "github.com/skylint/skylint/runtime/luaapi/cluster"
	"github.com/skylint/skylint/runtime/luaapi/codecache"
	"github.com/skylint/skylint/runtime/luaapi/coroutine"
	"github.com/skylint/skylint/runtime/luaapi/crypt"
	"github.com/skylint/skylint/runtime/luaapi/dns"
	"github.com/skylint/skylint/runtime/luaapi/harbor"
	"github.com/skylint/skylint/runtime/luaapi/http"
	"github.com/skylint/skylint/runtime/luaapi/lfs"
	"github.com/skylint/skylint/runtime/luaapi/md5"
	"github.com/skylint/skylint/runtime/luaapi/memory"
	"github.com/skylint/skylint/runtime/luaapi/mysql"
	"github.com/skylint/skylint/runtime/luaapi/profile"
	"github.com/skylint/skylint/runtime/luaapi/queue"
	"github.com/skylint/skylint/runtime/luaapi/redis"
	"github.com/skylint/skylint/runtime/luaapi/services"
	"github.com/skylint/skylint/runtime/luaapi/sharetable"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	socketapi "github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/luaapi/socketchannel"
	"github.com/skylint/skylint/runtime/luaapi/sproto"
	"github.com/skylint/skylint/runtime/luaapi/stm"
	"github.com/skylint/skylint/runtime/luaapi/websocket"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/runtime/setup"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/transport"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Modules are the native modules of every node, besides skynet and skynet.manager.
func Modules() []actor.Module {
	table := func(open func(*lua.LState) *lua.LTable) func(*lua.LState) lua.LValue {
		return func(L *lua.LState) lua.LValue { return open(L) }
	}
	return append(append(missingModules(), []actor.Module{
		codecache.Module, queue.Module, coroutine.Module, profile.Module, sharetable.New(), sharetable.Published("skyrun.sharedata"), sharetable.Published("skyrun.datasheet"), stm.Module,
		{Name: "skynet.crypt", Open: table(crypt.Open)}, {Name: "client.crypt", Open: table(crypt.Open)}, {Name: "md5", Open: table(md5.Open)},
		{Name: "bson", Open: table(bson.Open)}, harbor.Module, lfs.Module,
		{Name: "cjson", Open: table(cjson.Open)}, {Name: "cjson.safe", Open: table(cjson.OpenSafe)},
	}...), services.Modules...)
}

// networkModules are the native modules over the sockets of a node.
func networkModules(o *socketapi.Options) []actor.Module {
	all := append(socketapi.Modules(o), socketchannel.Module(o), redis.Module(o.Pool), mysql.Module(o.Pool), websocket.Module(o), dns.Module)
	return append(all, http.Modules(o)...)
}

// Options say what a node runs, and how.
type Options struct {
	// Setup says where services and modules are and which one starts; nil: there are no scripts
	// but those of Find.
	Setup *setup.Node
	// Find is asked for the text of a service, and Read for that of a module, before files are; nil: not.
	Find func(name string) (*source.File, bool)
	// Dialect is that of the scripts; the zero Dialect is not the default: see syntax.DefaultDialect.
	Dialect syntax.Dialect
	// Limits bound every service; nil: actor.Default. LimitsOf is asked for those of one service.
	Limits   *actor.Limits
	LimitsOf func(name string) (l *actor.Limits, critical bool)
	// Restart says what becomes of a service whose start or memory fails; nil: nothing.
	Restart func(name string) node.Restart
	// Modules are native modules besides those of Modules; of one name, the last is taken.
	Modules []actor.Module
	// Sockets bound the sockets of the node; nil: socket.Default.
	Sockets *socket.Limits
	// Transport connects the nodes of a cluster; nil: skynet.cluster is off. Cluster bounds what they send;
	// nil: the usual.
	Transport transport.Transport
	Cluster   *cluster.Limits
	// Stdin is what skynet.socket.stdin reads; nil: nothing.
	Stdin io.ReadCloser
	// Library is called for every service, to say what it is granted.
	Library func(h *host.State)
	// Slots is how many services run at once; 0: as many as there are processors.
	Slots int
	// Sends is how many messages all services may send in a second, together; 0: no limit.
	Sends int
	// Actors is how many there may be at once, those of the runtime included; 0: no limit.
	Actors int
	// Out takes what services print; nil: nothing does. Log takes what they log, a line each, and Report
	// what goes wrong; nil: nothing does. None of them is called by two goroutines at once.
	Out    io.Writer
	Log    func(from actor.Handle, text string)
	Report func(actor.Event)
	// Guards say what is done about what breaks a rule, and keep the record; nil: what is usual under the
	// profile compat.
	Guards *guard.Guards
	// MayWrite reports whether a file, named as in the node's folder, may make a global of a name; nil: the
	// preload file alone may make any.
	MayWrite func(path, name string) bool
}

// A Node runs services. Its methods may be called from any goroutine.
type Node struct {
	*node.Node
	options Options
	gate    *actor.Actor // who calls for Go code
	console console
	places  sync.Map // by the name of a service: *setup.Service
	sockets *socket.Pool
	cluster *clusterapi.Node
	log     *userLog // nil: the project has no service for the log
}

// writer is an io.Writer for several goroutines.
type writer struct {
	mutex sync.Mutex
	out   io.Writer
}

func (w *writer) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.out.Write(p)
}

// New makes a node. Nothing runs before Start. Close must be called.
func New(o Options) (*Node, error) {
	if o.Sockets == nil {
		l := socket.Default()
		o.Sockets = &l
	}
	n := &Node{options: o, sockets: socket.New(*o.Sockets)}
	modules := append(Modules(), sproto.Modules()...)
	modules = append(modules, memory.New(func(f func(*actor.Actor)) { n.Each(f) }))
	modules = append(modules, networkModules(&socketapi.Options{Pool: n.sockets, Stdin: o.Stdin})...)
	n.cluster = n.newCluster()
	modules = append(modules, n.cluster.Module())
	config := skynet.Config{Modules: append(modules, o.Modules...), Dialect: o.Dialect, Opened: services.Opened, Own: services.Own, Place: n.place, MayWrite: o.MayWrite}
	var env map[string]string
	if o.Setup != nil {
		config.Path = o.Setup.LuaPath
		env = o.Setup.Settings()
		preload, err := o.Setup.PreloadFiles()
		if err != nil {
			return nil, err
		}
		config.Preload = preload
		if config.Loader, err = o.Setup.LoaderFile(); err != nil {
			return nil, err
		}
		config.LoaderGlobals = [][2]string{{"LUA_PATH", o.Setup.LuaPath}, {"LUA_CPATH", env["lua_cpath"]}, {"LUA_SERVICE", strings.Join(o.Setup.LuaService, ";")}}
		if v, ok := env["preload"]; ok {
			config.LoaderGlobals = append(config.LoaderGlobals, [2]string{"LUA_PRELOAD", v})
		}
	}
	var out io.Writer
	if o.Out != nil {
		out = &writer{out: o.Out}
	}
	config.Library = func(h *host.State) {
		h.Out, h.ReadFile = out, n.read
		if o.Library != nil {
			o.Library(h)
		}
	}
	print := o.Log
	if len(userLogger(o.Setup)) > 0 {
		n.log = newUserLog()
		print = func(from actor.Handle, text string) {
			if o.Log != nil {
				o.Log(from, text)
			}
			n.log.print(from, text)
		}
	}
	maker := skynet.NewMaker(config)
	n.Node = node.New(node.Options{
		Limits: o.Limits, LimitsOf: o.LimitsOf, Slots: o.Slots, Sends: o.Sends, Actors: o.Actors, Script: maker.New, Find: n.find, Env: env, Restart: o.Restart, Print: print, Report: o.Report, Guards: o.Guards,
	})
	if err := n.AddServices(n.log == nil); err != nil {
		n.Close()
		return nil, err
	}
	gate, err := n.Add("", native{func(*Request) error { return errors.New("nothing is to be asked here") }})
	if err != nil {
		n.Close()
		return nil, err
	}
	n.gate = gate
	return n, nil
}

// Close ends all services, and then the sockets.
func (n *Node) Close() {
	n.Node.Close()
	n.cluster.Close()
	if n.log != nil {
		n.log.close()
	}
	n.sockets.Shut()
}

// find returns the text of a service.
func (n *Node) find(name string) (*source.File, error) {
	if n.options.Find != nil {
		if f, ok := n.options.Find(name); ok {
			return f, nil
		}
	}
	if f, ok := services.Find(name); ok {
		return f, nil
	}
	if n.options.Setup == nil {
		return nil, fmt.Errorf("there is no service %s", name)
	}
	s, err := n.options.Setup.Service(name)
	if err != nil {
		return nil, err
	}
	n.places.Store(name, s)
	return s.File, nil
}

func (n *Node) place(name string) (path, modules string) {
	if v, ok := n.places.Load(name); ok {
		s := v.(*setup.Service)
		return s.Path, s.Modules
	}
	return "", ""
}

// read reads a file for require, loadfile and dofile: what the node's folders hold.
func (n *Node) read(name string) ([]byte, error) {
	if n.options.Find != nil {
		if f, ok := n.options.Find(strings.TrimSuffix(path.Clean(name), ".lua")); ok {
			return []byte(f.Text), nil
		}
	}
	if n.options.Setup == nil {
		return nil, errors.New("no such file")
	}
	text, err := n.options.Setup.Read(name)
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		reason, _ := host.Reason(err)
		return nil, errors.New(reason)
	}
	return []byte(text), err
}

// Start starts the first service: that of the setup. It returns when its start has ended. Where the
// setup has no bootstrap of its own, the service starts at once.
func (n *Node) Start(ctx context.Context) error {
	s := n.options.Setup
	if s == nil {
		return errors.New("there is no setup that says what to start")
	}
	words := s.Bootstrap
	if len(words) == 0 {
		words = s.Start
	}
	if len(words) == 0 {
		return errors.New("the config says of no service that it is to be started (start = \"...\")")
	}
	if err := n.startLogger(ctx); err != nil {
		return err
	}
	_, err := n.Launch(ctx, words[0], words[1:]...)
	return err
}

// Launch starts a service, as skynet.newservice does, and returns its address.
func (n *Node) Launch(ctx context.Context, name string, args ...string) (actor.Handle, error) {
	a, err := n.Spawn(nil, name, args)
	if err != nil {
		return 0, err
	}
	started := make(chan error, 1)
	a.OnStart(func(err error) { started <- err })
	select {
	case err := <-started:
		return a.Handle(), err
	case <-ctx.Done():
		return a.Handle(), context.Cause(ctx)
	}
}

// Call sends a message of type lua to a service, by its name or its address as text, and waits for
// the answer. Values are those that a Value may be.
func (n *Node) Call(ctx context.Context, to string, values ...any) ([]any, error) {
	payload, err := payloadOf(values)
	if err != nil {
		return nil, err
	}
	h, ok := actor.ParseHandle(to)
	if !ok {
		h = n.Lookup(to)
	}
	if n.Find(h) == nil {
		return nil, fmt.Errorf("nobody is at %s", to)
	}
	type answer struct {
		values []any
		err    error
	}
	done := make(chan answer, 1)
	n.gate.Event(func(a *actor.Actor) {
		a.Go(func(t *actor.Task) {
			p, err := t.Call(nil, h, actor.Lua, &payload)
			done <- answer{valuesOf(&p), err}
		})
	})
	select {
	case a := <-done:
		return a.values, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
