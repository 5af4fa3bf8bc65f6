// Package socket is the modules skynet.socket, skynet.socketdriver, skynet.netpack and
// snax.gateserver, over the sockets of the node.
package socket

import (
	"context"
	"fmt"
	"net"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Modules returns the modules of a node.
func Modules(o *Options) []actor.Module {
	on := func(f func(s *service, L *lua.LState) int) lua.LGFunction {
		return func(L *lua.LState) int { return f(o.of(L), L) }
	}
	client := actor.Functions("skynet.socket", []library.Function{
		{Name: "abandon", Call: on((*service).abandon)}, {Name: "block", Call: on((*service).block)},
		{Name: "close", Call: on((*service).close)}, {Name: "close_fd", Call: on((*service).closeFD)},
		{Name: "disconnected", Call: on((*service).disconnected)}, {Name: "header", Call: header},
		{Name: "invalid", Call: on((*service).invalid)}, {Name: "limit", Call: on((*service).setLimit)},
		{Name: "listen", Call: on((*service).listen)}, {Name: "lwrite", Call: on(low)},
		{Name: "netstat", Call: on((*service).netstat)}, {Name: "onclose", Call: on((*service).setOnclose)},
		{Name: "open", Call: on((*service).open)}, {Name: "pause", Call: on((*service).pause)},
		{Name: "read", Call: on((*service).read)}, {Name: "readall", Call: on((*service).readAll)},
		{Name: "readline", Call: on((*service).readLine)}, {Name: "resolve", Call: on((*service).resolve)},
		{Name: "sendto", Call: on((*service).sendTo)}, {Name: "shutdown", Call: on((*service).shutdown)},
		{Name: "start", Call: on((*service).start)}, {Name: "stdin", Call: on((*service).stdin)},
		{Name: "udp", Call: on((*service).udp)}, {Name: "udp_address", Call: udpAddress},
		{Name: "udp_connect", Call: on((*service).udpConnect)}, {Name: "udp_dial", Call: on((*service).udpDial)},
		{Name: "udp_listen", Call: on((*service).udpListen)}, {Name: "warning", Call: on((*service).setWarning)},
		{Name: "write", Call: on(high)},
	})
	plain := client.Open
	client.Open = func(L *lua.LState) lua.LValue {
		o.of(L) // from now on the messages of sockets are the module's
		return plain(L)
	}
	return []actor.Module{client, driver(o), netpack, gateserver(o)}
}

// text returns what is to be sent: what Text does, or a message with its size.
func text(L *lua.LState, n int) string {
	s := Text(L, n)
	if size, ok := L.Get(n + 1).(lua.LNumber); ok && int(size) >= 0 && int(size) < len(s) {
		s = s[:int(size)]
	}
	return s
}

// Text returns what is to be sent: a string, or a list of strings.
func Text(L *lua.LState, n int) string {
	list, ok := L.Get(n).(*lua.LTable)
	if !ok {
		return arg.String(L, n)
	}
	var parts []byte
	for i := 1; ; i++ {
		v := list.RawGetInt(i)
		if v == lua.LNil {
			return string(parts)
		}
		limit.Of(L).Work(L, 1)
		s, ok := v.(lua.LString)
		if !ok {
			if _, number := v.(lua.LNumber); !number {
				arg.Error(L, n, fmt.Sprintf("item %d of the list is a %s value", i, v.Type()))
			}
			s = lua.LString(value.ToString(L, v))
		}
		limit.Of(L).Charge(L, limit.String, int64(len(parts)+len(s)))
		parts = append(parts, s...)
	}
}

func high(s *service, L *lua.LState) int { return s.send(L, false) }
func low(s *service, L *lua.LState) int  { return s.send(L, true) }

func (s *service) send(L *lua.LState, low bool) int {
	id, data := int(arg.Integer(L, 1)), text(L, 2)
	limit.Of(L).Work(L, int64(len(data)/16))
	return push(L, lua.LBool(s.options.Pool.Send(id, data, low)))
}

// open is skynet.socket.open: the id, or nil and why not.
func (s *service) open(L *lua.LState) int {
	host, port := arg.String(L, 1), 0
	if L.Get(2) == lua.LNil {
		h, p, err := net.SplitHostPort(host)
		if err != nil {
			thread.Errorf(L, "bad argument #2: no port")
		}
		var n int64
		if n, _ = value.ToInteger(L, lua.LString(p)); n <= 0 {
			thread.Errorf(L, "bad argument #1: %q is no port", p)
		}
		host, port = h, int(n)
	} else {
		port = int(arg.Integer(L, 2))
	}
	c, err := s.dial(L, host, port, 0)
	return opened(L, c, err)
}

// opened pushes what the functions return that open a socket.
func opened(L *lua.LState, c *Conn, err error) int {
	if err != nil {
		return push(L, lua.LNil, lua.LString(err.Error()))
	}
	return push(L, lua.LNumber(c.id))
}

// start is skynet.socket.start: the service owns the socket from now on.
func (s *service) start(L *lua.LState) int {
	id := int(arg.Integer(L, 1))
	accept, _ := L.Get(2).(*lua.LFunction)
	c, err := s.take(L, id, accept)
	return opened(L, c, err)
}

func (s *service) stdin(L *lua.LState) int {
	if s.options.Stdin == nil {
		return push(L, lua.LNil, lua.LString("the standard input is not given to services"))
	}
	id, err := s.options.Pool.Adopt(socket.Reader(s.options.Stdin))
	if err != nil {
		return push(L, lua.LNil, lua.LString(err.Error()))
	}
	c, err := s.take(L, id, nil)
	return opened(L, c, err)
}

func (s *service) pause(L *lua.LState) int {
	c := s.conn(L, 1)
	c.pauseIf(pauseAbove + 1)
	return 0
}

func (s *service) listen(L *lua.LState) int {
	host := arg.String(L, 1)
	port := 0
	if L.Get(2) == lua.LNil {
		h, p, err := net.SplitHostPort(host)
		if err != nil {
			thread.Errorf(L, "bad argument #1 to 'listen' (%q has no port)", host)
		}
		n, _ := value.ToInteger(L, lua.LString(p))
		host, port = h, int(n)
	} else {
		port = int(arg.Integer(L, 2))
	}
	id, address, err := s.options.Pool.Listen(host, port)
	if err != nil {
		thread.Errorf(L, "cannot listen on %s: %s", net.JoinHostPort(host, fmt.Sprint(port)), err)
	}
	s.add(id)
	return push(L, lua.LNumber(id), lua.LString(address.Addr().String()), lua.LNumber(address.Port()))
}

// read is skynet.socket.read: so many bytes, or what is there; false and the rest when it is closed.
func (s *service) read(L *lua.LState) int {
	c := s.conn(L, 1)
	if L.Get(2) == lua.LNil {
		text, more := c.ReadSome(L)
		return come(L, text, more)
	}
	text, whole := c.Read(L, int(arg.Integer(L, 2)))
	return come(L, text, whole)
}

// come pushes what a read has brought: text, or false and the rest.
func come(L *lua.LState, text lua.LString, whole bool) int {
	if whole {
		return push(L, text)
	}
	return push(L, lua.LFalse, text)
}

func (s *service) readAll(L *lua.LState) int {
	c := s.conn(L, 1)
	if !c.connected && c.buffer.len() == 0 {
		return push(L, lua.LFalse)
	}
	return push(L, c.ReadAll(L))
}

func (s *service) readLine(L *lua.LState) int {
	c := s.conn(L, 1)
	separator := arg.OptString(L, 2, "\n")
	if separator == "" {
		arg.Error(L, 2, "an empty separator")
	}
	text, whole := c.ReadLine(L, separator)
	return come(L, text, whole)
}

// block waits until there is something to read.
func (s *service) block(L *lua.LState) int {
	c := s.conn(L, 1)
	if c.connected && c.buffer.len() == 0 {
		c.reserve(L, some)
		c.suspend(L, "bytes")
	}
	return push(L, lua.LBool(c.connected))
}

// close is skynet.socket.close: it waits until all is sent, and for who reads.
func (s *service) close(L *lua.LState) int {
	if c := s.conns[int(arg.Integer(L, 1))]; c != nil {
		c.Close(L)
	}
	return 0
}

func (s *service) closeFD(L *lua.LState) int {
	s.options.Pool.Close(int(arg.Integer(L, 1)))
	return 0
}

func (s *service) shutdown(L *lua.LState) int {
	id := int(arg.Integer(L, 1))
	s.options.Pool.Shutdown(id)
	if c := s.conns[id]; c != nil && !c.waiting {
		delete(s.conns, id)
	}
	return 0
}

// abandon gives a socket up for another service, which starts it.
func (s *service) abandon(L *lua.LState) int {
	id := int(arg.Integer(L, 1))
	if c := s.conns[id]; c != nil {
		c.connected = false
		c.wake()
		delete(s.conns, id)
	}
	return 0
}

func (s *service) invalid(L *lua.LState) int {
	return push(L, lua.LBool(s.conns[int(arg.Integer(L, 1))] == nil))
}

func (s *service) disconnected(L *lua.LState) int {
	c := s.conns[int(arg.Integer(L, 1))]
	if c == nil {
		return 0
	}
	return push(L, lua.LBool(!c.connected && !c.opening))
}

func (s *service) setLimit(L *lua.LState) int {
	s.conn(L, 1).limit = int(arg.Integer(L, 2))
	return 0
}

func (s *service) setOnclose(L *lua.LState) int {
	s.onclose[s.conn(L, 1).id] = arg.Function(L, 2)
	return 0
}

func (s *service) setWarning(L *lua.LState) int {
	s.conn(L, 1).warning = arg.Function(L, 2)
	return 0
}

// header is the number that some bytes are, the high one first.
func header(L *lua.LState) int {
	b := arg.String(L, 1)
	if len(b) > 6 {
		arg.Error(L, 1, "more than six bytes")
	}
	n := 0
	for i := range len(b) {
		n = n<<8 | int(b[i])
	}
	return push(L, lua.LNumber(n))
}

// resolve finds the addresses of a host.
func (s *service) resolve(L *lua.LState) int {
	host := arg.String(L, 1)
	t := actor.Running(L)
	k := t.Ticket()
	go func() {
		found, err := net.DefaultResolver.LookupHost(context.Background(), host)
		var p actor.Payload
		for _, a := range found {
			p.Add(lua.LString(a))
		}
		k.Complete(p, err)
	}()
	p, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "the address of " + host})
	if err != nil {
		actor.Raise(L, err)
	}
	list := L.CreateTable(p.Len(), 0)
	for i := range p.Len() {
		list.RawSetInt(i+1, p.At(i))
	}
	return push(L, list)
}
