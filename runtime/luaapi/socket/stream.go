package socket

import (
	"errors"
	"fmt"
	"net"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
)

// What follows is skynet.socket for modules that are written in Go. Functions that take L may wait,
// and raise what goes wrong with the wait: a deadline, an end of the actor.

// Dial opens a connection for the actor that runs in L. It takes no longer than most, if that is not 0,
// and than the node allows.
func (o *Options) Dial(L *lua.LState, host string, port int, most time.Duration) (*Conn, error) {
	return o.of(L).dial(L, host, port, most)
}

// Start makes the actor that runs in L the owner of a socket that is there.
func (o *Options) Start(L *lua.LState, id int) (*Conn, error) { return o.of(L).take(L, id, nil) }

// Conn returns a socket of the actor that runs in L; nil if it has none of that number.
func (o *Options) Conn(L *lua.LState, id int) *Conn { return o.of(L).conns[id] }

func (s *service) dial(L *lua.LState, host string, port int, most time.Duration) (*Conn, error) {
	id, err := s.options.Pool.Dial(s.owner, host, port)
	if err != nil {
		return nil, err
	}
	c := s.add(id)
	c.opening = true
	what := "a connection to " + net.JoinHostPort(host, fmt.Sprint(port))
	if most == 0 {
		return c, c.open(L, what)
	}
	if err := c.wait(L, what, s.actor.Host().Now()+int64(most)); err != nil {
		s.options.Pool.Shutdown(id)
		delete(s.conns, id)
		return nil, fmt.Errorf("no connection within %v", most)
	}
	return c, c.opened()
}

// take makes the service the owner of a socket. The function gets what a listener accepts.
func (s *service) take(L *lua.LState, id int, accept *lua.LFunction) (*Conn, error) {
	c := s.conns[id]
	if c == nil {
		c = s.add(id)
	}
	if accept != nil {
		c.accept = accept
	}
	c.opening, c.paused = true, false
	if err := s.options.Pool.Start(s.owner, id); err != nil {
		delete(s.conns, id)
		return nil, err
	}
	return c, c.open(L, "the start")
}

// open waits until the socket is connected.
func (c *Conn) open(L *lua.LState, what string) error {
	c.suspend(L, what)
	return c.opened()
}

func (c *Conn) opened() error {
	if c.connected {
		return nil
	}
	delete(c.s.conns, c.id)
	return errors.New(c.trouble)
}

// Release closes a socket when all is sent, and forgets it: nobody is to read it any more. Who
// reads gets what has come.
func (o *Options) Release(c *Conn) {
	o.Pool.Close(c.id)
	c.connected, c.opening, c.want = false, false, nothing
	c.wake()
	delete(c.s.conns, c.id)
}

// ID returns the number of the socket.
func (c *Conn) ID() int { return c.id }

// Connected reports whether more can come.
func (c *Conn) Connected() bool { return c.connected }

// Read waits for n bytes. When the socket is closed before, it returns the rest, and false.
func (c *Conn) Read(L *lua.LState, n int) (text lua.LString, whole bool) {
	limit.Of(L).Charge(L, limit.String, int64(n))
	if c.buffer.len() < n && c.connected {
		c.reserve(L, count)
		c.bytes = n
		c.suspend(L, fmt.Sprintf("%d bytes", n))
	}
	if n >= 0 && c.buffer.len() >= n {
		return c.text(L, n), true
	}
	return c.text(L, c.buffer.len()), false
}

// ReadSome waits for any bytes; false says that the socket is closed.
func (c *Conn) ReadSome(L *lua.LState) (text lua.LString, more bool) {
	if c.buffer.len() == 0 && c.connected {
		c.reserve(L, some)
		c.suspend(L, "bytes")
	}
	more = c.buffer.len() > 0
	return c.text(L, c.buffer.len()), more
}

// ReadLine waits for a line, and returns it without the separator that ends it. When the socket is
// closed before, it returns the rest, and false.
func (c *Conn) ReadLine(L *lua.LState, separator string) (text lua.LString, whole bool) {
	if _, ok := c.buffer.find(separator); !ok && c.connected {
		c.reserve(L, line)
		c.separator = separator
		c.suspend(L, "a line")
	}
	if text, ok := c.buffer.line(separator); ok {
		limit.Of(L).Charge(L, limit.String, int64(len(text)))
		return lua.LString(text), true
	}
	return c.text(L, c.buffer.len()), false
}

// ReadAll waits for the end, and returns all that has come.
func (c *Conn) ReadAll(L *lua.LState) lua.LString {
	if c.connected {
		c.reserve(L, everything)
		c.suspend(L, "the end")
	}
	return c.text(L, c.buffer.len())
}

func (c *Conn) text(L *lua.LState, n int) lua.LString {
	limit.Of(L).Charge(L, limit.String, int64(n))
	return lua.LString(c.buffer.pop(n))
}

// Write sends bytes; with low, only while nothing else waits to be sent. It does not wait, and
// reports false for a socket that cannot be sent to.
func (c *Conn) Write(data string, low bool) bool { return c.s.options.Pool.Send(c.id, data, low) }

// NoDelay has small pieces sent at once.
func (c *Conn) NoDelay() { c.s.options.Pool.NoDelay(c.id, true) }

// Shutdown closes the socket at once. Who reads gets what has come.
func (c *Conn) Shutdown() { c.s.options.Pool.Shutdown(c.id) }

// Close closes the socket when all is sent, and waits for that and for who reads.
func (c *Conn) Close(L *lua.LState) {
	c.s.options.Pool.Close(c.id)
	if c.connected {
		if c.waiting {
			t := actor.Running(L)
			c.closer, c.closing = t.Ticket(), true
			_, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: fmt.Sprintf("the reader of socket %d", c.id)})
			if err != nil {
				actor.Raise(L, err)
			}
		} else {
			c.suspend(L, "the close")
		}
		c.connected = false
	}
	delete(c.s.conns, c.id)
}
