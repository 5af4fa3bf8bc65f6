package socket

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// A gate is a service that takes connections and hands their frames to its handler: snax.gateserver.
// Frames are put together where the bytes are read, so that the service sees whole ones.
type gate struct {
	options  *Options
	actor    *actor.Actor
	owner    *owner
	handler  *lua.LTable
	listener int
	most     int
	nodelay  bool
	clients  map[int]client
	number   int // connections that are open
	ticket   actor.Ticket
	opening  bool
}

// client is what a gate knows of a connection.
type client uint8

const (
	unknown client = iota
	open           // frames are handed on
	closed         // it has ended, and closeclient was not called yet
	leaving        // closeclient was called, and it has not ended yet
)

var gates = actor.NewKey(func(*actor.Actor) *gate { return new(gate) })

func gateserver(o *Options) actor.Module {
	return actor.Functions("snax.gateserver", []library.Function{
		{Name: "openclient", Call: func(L *lua.LState) int {
			g, id := gates.Of(actor.Of(L)), int(arg.Integer(L, 1))
			if g.clients[id] == open {
				o.Pool.StartFramed(g.owner, id, &socket.Framer{})
			}
			return 0
		}},
		{Name: "closeclient", Call: func(L *lua.LState) int {
			g, id := gates.Of(actor.Of(L)), int(arg.Integer(L, 1))
			switch g.clients[id] {
			case open:
				g.clients[id] = leaving
				o.Pool.Close(id)
			case closed:
				delete(g.clients, id)
			}
			return 0
		}},
		{Name: "start", Call: func(L *lua.LState) int {
			startGate(L, o)
			return 0
		}},
	})
}

// startGate is gateserver.start(handler).
func startGate(L *lua.LState, o *Options) {
	g := gates.Of(actor.Of(L))
	g.options, g.actor, g.handler, g.clients = o, actor.Of(L), arg.Table(L, 1), map[int]client{}
	g.owner = &owner{g.actor, new(flow)}
	for _, name := range []string{"message", "connect"} {
		if g.handler.RawGetString(name) == lua.LNil {
			arg.Error(L, 1, "a handler has the functions message and connect; there is no "+name)
		}
	}
	skynet.Of(L).Native("socket", actor.Socket, g.message)
	g.actor.OnEnd(func() {
		g.owner.flow.end()
		o.Pool.Shutdown(g.listener)
		for id := range g.clients {
			o.Pool.Shutdown(id)
		}
	})
	call := func(L *lua.LState, name string, args ...lua.LValue) {
		L.Push(L.GetField(skynet.Module(L), name))
		push(L, args...)
		L.Call(len(args), 0)
	}
	call(L, "start", library.Closure(func(L *lua.LState) int {
		call(L, "dispatch", lua.LString("lua"), library.Closure(g.command))
		return 0
	}))
}

// command handles a message of the type lua: session, source, command, arguments.
func (g *gate) command(L *lua.LState) int {
	source, name := L.Get(2), L.Get(3)
	top := L.GetTop()
	L.Push(L.GetField(skynet.Module(L), "retpack"))
	switch f := g.handler.RawGetString("command"); {
	case name == lua.LString("open"):
		g.open(L, source)
	case name == lua.LString("close"):
		g.options.Pool.Close(g.listener)
	case f != lua.LNil:
		actor.Running(L).HandledBy(f)
		L.Push(f)
		L.Push(name)
		L.Push(source)
		for i := 4; i <= top; i++ {
			L.Push(L.Get(i))
		}
		L.Call(max(top-1, 2), lua.MultRet)
	default:
		thread.Errorf(L, "the gate has no command %s: its handler has no function command", lua.LVAsString(name))
	}
	L.Call(L.GetTop()-top-1, 0)
	return 0
}

// open is the command open: it listens, and pushes what the handler's open returns.
func (g *gate) open(L *lua.LState, source lua.LValue) {
	conf, ok := L.Get(4).(*lua.LTable)
	if !ok {
		thread.Errorf(L, "the command open has no table of settings: port, address, maxclient, nodelay")
	}
	if g.listener != 0 {
		thread.Errorf(L, "the gate is open already")
	}
	host, port := "0.0.0.0", conf.RawGetString("port")
	if s, ok := conf.RawGetString("address").(lua.LString); ok {
		host = string(s)
	}
	n, ok := port.(lua.LNumber)
	if !ok {
		thread.Errorf(L, "the command open has no port")
	}
	g.most = 1024
	if m, ok := conf.RawGetString("maxclient").(lua.LNumber); ok {
		g.most = int(m)
	}
	g.nodelay = lua.LVAsBool(conf.RawGetString("nodelay"))
	g.actor.Host().Print(g.actor, fmt.Sprintf("Listen on %s:%d", host, int(n)))
	id, address, err := g.options.Pool.Listen(host, int(n))
	if err != nil {
		thread.Errorf(L, "cannot listen on %s:%d: %s", host, int(n), err)
	}
	g.listener = id
	t := actor.Running(L)
	g.ticket, g.opening = t.Ticket(), true
	g.options.Pool.Start(g.owner, id)
	if _, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "the listener"}); err != nil {
		actor.Raise(L, err)
	}
	conf.RawSetString("address", lua.LString(address.Addr().String()))
	conf.RawSetString("port", lua.LNumber(address.Port()))
	if f := g.handler.RawGetString("open"); f != lua.LNil {
		L.Push(f)
		L.Push(source)
		L.Push(conf)
		L.Call(2, lua.MultRet)
	}
}

// call calls a function of the handler, if it has it.
func (g *gate) call(t *actor.Task, name string, args ...lua.LValue) error {
	f := g.handler.RawGetString(name)
	if f == lua.LNil {
		return nil
	}
	return call(t, f, args...)
}

// message handles a message of a socket.
func (g *gate) message(t *actor.Task, m *actor.Envelope) error {
	e := event(&m.Payload)
	g.owner.flow.arrived(e)
	id := lua.LNumber(e.ID)
	switch e.Kind {
	case socket.Connect:
		if e.ID == g.listener && g.opening {
			g.opening = false
			g.ticket.CompleteHere(actor.Payload{}, nil)
		}
	case socket.Data:
		if g.clients[e.ID] != open {
			g.actor.Host().Print(g.actor, fmt.Sprintf("Drop message from fd (%d) : %d bytes", e.ID, len(e.Data)))
			return nil
		}
		return g.call(t, "message", id, lua.LString(e.Data), lua.LNumber(len(e.Data)))
	case socket.Accept:
		if g.number >= g.most {
			g.options.Pool.Shutdown(e.N)
			return nil
		}
		g.options.Pool.NoDelay(e.N, g.nodelay)
		g.clients[e.N] = open
		g.number++
		return g.call(t, "connect", lua.LNumber(e.N), lua.LString(e.Address))
	case socket.Close:
		if e.ID == g.listener {
			g.listener = 0
			return nil
		}
		if !g.ended(e.ID) {
			return nil
		}
		return g.call(t, "disconnect", id)
	case socket.Error:
		if e.ID == g.listener {
			return fmt.Errorf("gateserver accept error: %s", e.Data)
		}
		if !g.ended(e.ID) {
			return nil
		}
		return g.call(t, "error", id, lua.LString(e.Data))
	case socket.Warning:
		return g.call(t, "warning", id, lua.LNumber(e.N))
	}
	return nil
}

// ended takes in that a connection has ended. It reports false for one that was refused.
func (g *gate) ended(id int) bool {
	switch g.clients[id] {
	case open:
		g.clients[id] = closed
	case leaving:
		delete(g.clients, id)
	default:
		return false
	}
	g.number--
	return true
}
