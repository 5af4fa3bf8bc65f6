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

// driver is skynet.socketdriver: sockets whose messages the service handles itself, with a
// protocol "socket" of its own and the unpack of this module, or with netpack.filter.
func driver(o *Options) actor.Module {
	own := actor.NewKey(func(a *actor.Actor) *drivers {
		d := &drivers{owner: &owner{actor: a}, ids: map[int]bool{}}
		a.OnEnd(func() {
			for id := range d.ids {
				o.Pool.Shutdown(id)
			}
		})
		return d
	})
	pool := o.Pool
	id := func(L *lua.LState) int { return int(arg.Integer(L, 1)) }
	return actor.Functions("skynet.socketdriver", []library.Function{
		{Name: "listen", Call: func(L *lua.LState) int {
			host, port := arg.String(L, 1), int(arg.Integer(L, 2))
			id, address, err := pool.Listen(host, port)
			if err != nil {
				thread.Errorf(L, "cannot listen on %s:%d: %s", host, port, err)
			}
			own.Of(actor.Of(L)).ids[id] = true
			return push(L, lua.LNumber(id), lua.LString(address.Addr().String()), lua.LNumber(address.Port()))
		}},
		{Name: "connect", Call: func(L *lua.LState) int {
			d := own.Of(actor.Of(L))
			id, err := pool.Dial(d.owner, arg.String(L, 1), int(arg.Integer(L, 2)))
			if err != nil {
				thread.Errorf(L, "%s", err)
			}
			d.ids[id] = true
			return push(L, lua.LNumber(id))
		}},
		{Name: "start", Call: func(L *lua.LState) int {
			d := own.Of(actor.Of(L))
			if pool.Start(d.owner, id(L)) == nil {
				d.ids[id(L)] = true
			}
			return 0
		}},
		{Name: "pause", Call: func(L *lua.LState) int { pool.Pause(id(L)); return 0 }},
		{Name: "close", Call: func(L *lua.LState) int {
			delete(own.Of(actor.Of(L)).ids, id(L))
			pool.Close(id(L))
			return 0
		}},
		{Name: "shutdown", Call: func(L *lua.LState) int {
			delete(own.Of(actor.Of(L)).ids, id(L))
			pool.Shutdown(id(L))
			return 0
		}},
		{Name: "send", Call: func(L *lua.LState) int { return push(L, lua.LBool(pool.Send(id(L), text(L, 2), false))) }},
		{Name: "lsend", Call: func(L *lua.LState) int { return push(L, lua.LBool(pool.Send(id(L), text(L, 2), true))) }},
		{Name: "nodelay", Call: func(L *lua.LState) int { pool.NoDelay(id(L), true); return 0 }},
		{Name: "udp", Call: func(L *lua.LState) int {
			d := own.Of(actor.Of(L))
			id, _, err := pool.OpenUDP(d.owner, arg.OptString(L, 1, ""), int(arg.OptInteger(L, 2, 0)))
			if err != nil {
				thread.Errorf(L, "cannot open a UDP socket: %s", err)
			}
			d.ids[id] = true
			return push(L, lua.LNumber(id))
		}},
		{Name: "udp_connect", Call: func(L *lua.LState) int {
			if err := pool.ConnectUDP(id(L), arg.String(L, 2), int(arg.Integer(L, 3))); err != nil {
				thread.Errorf(L, "%s", err)
			}
			return 0
		}},
		{Name: "udp_send", Call: func(L *lua.LState) int {
			to := arg.String(L, 2)
			return push(L, lua.LBool(pool.SendTo(id(L), to, text(L, 3))))
		}},
		{Name: "udp_address", Call: udpAddress},
		{Name: "header", Call: header},
		{Name: "unpack", Call: unpack},
		{Name: "drop", Call: func(*lua.LState) int { return 0 }}, // a message is no memory of its own
		{Name: "info", Call: func(L *lua.LState) int { return push(L, netstat(L, pool)) }},
	})
}

// drivers is what the module keeps for an actor.
type drivers struct {
	owner *owner
	ids   map[int]bool
}

// message returns the message of a socket that argument n is.
func message(L *lua.LState, n int) socket.Event {
	p := skynet.Peek(L.Get(n))
	if p == nil || p.Len() < 4 {
		arg.TypeError(L, n, "message of a socket")
	}
	return event(p)
}

// unpack returns type, id, number and text of a message; of a datagram the address, too.
func unpack(L *lua.LState) int {
	e := message(L, 1)
	values := []lua.LValue{lua.LNumber(e.Kind), lua.LNumber(e.ID), lua.LNumber(e.N)}
	switch e.Kind {
	case socket.UDP:
		values = append(values, lua.LString(e.Data), lua.LString(e.Address))
	case socket.Accept, socket.Connect:
		values = append(values, lua.LString(e.Address))
	default:
		values = append(values, lua.LString(e.Data))
	}
	return push(L, values...)
}

func (s *service) netstat(L *lua.LState) int { return push(L, netstat(L, s.options.Pool)) }

// netstat is a list of all sockets of the node.
func netstat(L *lua.LState, pool *socket.Pool) *lua.LTable {
	all := pool.List()
	list := L.CreateTable(len(all), 0)
	for i, s := range all {
		t := L.CreateTable(0, 8)
		t.RawSetString("id", lua.LNumber(s.ID))
		t.RawSetString("type", lua.LString(s.Type))
		t.RawSetString("sock", lua.LString(s.Local))
		t.RawSetString("peer", lua.LString(s.Peer))
		t.RawSetString("read", lua.LNumber(s.Read))
		t.RawSetString("write", lua.LNumber(s.Written))
		t.RawSetString("wbuffer", lua.LNumber(s.Unsent))
		t.RawSetString("rtime", lua.LString(fmt.Sprint(s.Idle)))
		if s.Type == "LISTEN" {
			t.RawSetString("accept", lua.LNumber(s.Accepted))
		}
		if o, ok := s.Owner.(interface{ Address() actor.Handle }); ok {
			t.RawSetString("address", lua.LString(o.Address().String()))
		}
		list.RawSetInt(i+1, t)
	}
	return list
}

// Address returns the address of the owner.
func (o *owner) Address() actor.Handle { return o.actor.Handle() }
