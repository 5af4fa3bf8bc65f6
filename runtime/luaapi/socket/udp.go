package socket

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

// udp is skynet.socket.udp(callback [, host, port]).
func (s *service) udp(L *lua.LState) int {
	f := arg.Function(L, 1)
	id, _, err := s.options.Pool.OpenUDP(s.owner, arg.OptString(L, 2, ""), int(arg.OptInteger(L, 3, 0)))
	if err != nil {
		thread.Errorf(L, "cannot open a UDP socket: %s", err)
	}
	c := s.add(id)
	c.datagram, c.connected = f, true
	return push(L, lua.LNumber(id))
}

// udpConnect is skynet.socket.udp_connect(id, host, port [, callback]).
func (s *service) udpConnect(L *lua.LState) int {
	c := s.conn(L, 1)
	if err := s.options.Pool.ConnectUDP(c.id, arg.String(L, 2), int(arg.Integer(L, 3))); err != nil {
		thread.Errorf(L, "%s", err)
	}
	if L.Get(4) != lua.LNil {
		c.datagram = arg.Function(L, 4)
	}
	return 0
}

// udpListen is skynet.socket.udp_listen(host, port, callback).
func (s *service) udpListen(L *lua.LState) int {
	id, _, err := s.options.Pool.OpenUDP(s.owner, arg.String(L, 1), int(arg.Integer(L, 2)))
	if err != nil {
		thread.Errorf(L, "cannot open a UDP socket: %s", err)
	}
	return s.datagrams(L, id)
}

// udpDial is skynet.socket.udp_dial(host, port, callback).
func (s *service) udpDial(L *lua.LState) int {
	host, port := arg.String(L, 1), int(arg.Integer(L, 2))
	id, _, err := s.options.Pool.OpenUDP(s.owner, "", 0)
	if err == nil {
		if err = s.options.Pool.ConnectUDP(id, host, port); err != nil {
			s.options.Pool.Shutdown(id)
		}
	}
	if err != nil {
		thread.Errorf(L, "cannot open a UDP socket: %s", err)
	}
	return s.datagrams(L, id)
}

// datagrams gives a socket the callback that is the third argument.
func (s *service) datagrams(L *lua.LState, id int) int {
	c := s.add(id)
	c.connected = true
	if L.Get(3) != lua.LNil {
		c.datagram = arg.Function(L, 3)
	}
	return push(L, lua.LNumber(id))
}

// sendTo is skynet.socket.sendto(id, address, data).
func (s *service) sendTo(L *lua.LState) int {
	id, to := int(arg.Integer(L, 1)), arg.String(L, 2)
	return push(L, lua.LBool(s.options.Pool.SendTo(id, to, text(L, 3))))
}

// udpAddress is skynet.socket.udp_address(from): a host and a port.
func udpAddress(L *lua.LState) int {
	a, err := socket.Address(arg.String(L, 1))
	if err != nil {
		arg.Error(L, 1, "no address of a datagram")
	}
	return push(L, lua.LString(a.Addr().String()), lua.LNumber(a.Port()))
}
