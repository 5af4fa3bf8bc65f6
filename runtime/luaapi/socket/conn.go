package socket

import (
	"fmt"
	"io"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

// Options say what the sockets of a node are.
type Options struct {
	Pool *socket.Pool
	// Stdin is what skynet.socket.stdin reads; nil: nothing.
	Stdin io.ReadCloser
}

// pauseAbove is how much a service may leave unread before the socket is read no more: as in skynet.
const pauseAbove = 128 << 10

// A service is what the module keeps for an actor.
type service struct {
	options *Options
	actor   *actor.Actor
	owner   *owner
	conns   map[int]*Conn
	onclose map[int]lua.LValue
}

// A Conn is a socket of a service. It is used with the baton of its actor.
type Conn struct {
	id        int
	s         *service
	buffer    buffer
	connected bool
	opening   bool
	trouble   string // why opening failed
	paused    bool
	limit     int // of skynet.socket.limit; 0: none

	want      want
	bytes     int
	separator string
	ticket    actor.Ticket
	waiting   bool
	closing   bool // the task that closes it waits for the one that reads
	closer    actor.Ticket

	accept   lua.LValue // of a listener
	datagram lua.LValue // of a UDP socket
	warning  lua.LValue

	// OnEnd is told when the peer, or the service, has closed it; OnWarning how many KiB wait to be
	// sent. They do not wait for anything.
	OnEnd     func()
	OnWarning func(kib int)
}

// want is what a reader waits for.
type want uint8

const (
	nothing    want = iota
	some            // any bytes
	count           // conn.bytes
	line            // conn.separator
	everything      // until the end
)

// An owner brings what happens to sockets to their actor.
type owner struct {
	actor *actor.Actor
	// flow, if it is set, bounds the bytes that are on their way to the actor.
	flow *flow
}

// kinds are the kinds of events as values: made once.
var kinds = [...]lua.LValue{nil, lua.LNumber(socket.Data), lua.LNumber(socket.Connect), lua.LNumber(socket.Close), lua.LNumber(socket.Accept), lua.LNumber(socket.Error), lua.LNumber(socket.UDP), lua.LNumber(socket.Warning)}

// Event implements socket.Owner. What a peer can send without end waits for room in the mailbox.
func (o *owner) Event(e socket.Event) {
	m := actor.Envelope{Type: actor.Socket, Payload: actor.Values(kinds[e.Kind], lua.LNumber(e.ID), lua.LNumber(e.N), lua.LString(e.Data))}
	if e.Address != "" {
		m.Payload.Add(lua.LString(e.Address)) // frames have none, and four values lie in the envelope itself
	}
	switch e.Kind {
	case socket.Data, socket.UDP, socket.Accept:
		if o.flow != nil {
			o.flow.add(len(e.Data))
		}
		// If the actor has ended, its sockets are being closed.
		_ = o.actor.Deliver(m)
	default:
		// These come from the goroutine of an actor, too, which must not wait for itself.
		o.actor.Post(m)
	}
}

// event reads back what Event has sent.
func event(p *actor.Payload) socket.Event {
	n := func(i int) int { return int(lua.LVAsNumber(p.At(i))) }
	return socket.Event{Kind: socket.Kind(n(0)), ID: n(1), N: n(2), Data: p.Text(3), Address: p.Text(4)}
}

// message handles a message of a socket.
func (s *service) message(t *actor.Task, m *actor.Envelope) error {
	e := event(&m.Payload)
	s.owner.flow.arrived(e)
	c := s.conns[e.ID]
	if c == nil {
		switch e.Kind {
		case socket.Data, socket.Connect:
			s.options.Pool.Shutdown(e.ID) // nobody reads it
		case socket.Accept:
			s.options.Pool.Shutdown(e.N)
		case socket.Close, socket.Error:
			s.closed(e.ID)
		}
		return nil
	}
	switch e.Kind {
	case socket.Data:
		c.data(e.Data)
	case socket.Connect:
		if c.opening { // otherwise it was paused, and goes on
			c.connected, c.opening = true, false
			c.wake()
		}
	case socket.Close:
		c.end("")
	case socket.Error:
		c.end(e.Data)
	case socket.Accept:
		if c.accept == nil {
			s.options.Pool.Shutdown(e.N)
			return nil
		}
		return call(t, c.accept, lua.LNumber(e.N), lua.LString(e.Address))
	case socket.UDP:
		if c.datagram != nil {
			return call(t, c.datagram, lua.LString(e.Data), lua.LString(e.Address))
		}
	case socket.Warning:
		switch {
		case c.OnWarning != nil:
			c.OnWarning(e.N)
			return nil
		case c.warning != nil:
			return call(t, c.warning, lua.LNumber(c.id), lua.LNumber(e.N))
		case e.N == 0:
			return nil // it has been sent
		}
		s.actor.Host().Print(s.actor, fmt.Sprintf("WARNING: %d K bytes need to send out (fd = %d)", e.N, c.id))
	}
	return nil
}

// call calls a function of the script in a task.
func call(t *actor.Task, f lua.LValue, args ...lua.LValue) error {
	L := t.Prepare(f)
	for _, v := range args {
		L.Push(v)
	}
	return t.Perform(nil)
}

func (c *Conn) data(s string) {
	c.buffer.push(s)
	n := c.buffer.len()
	if c.satisfied() {
		c.want = nothing
		c.pauseIf(n)
		c.wake()
		return
	}
	most := c.limit
	key := "skynet.socket.limit"
	if most == 0 && c.want != nothing {
		most, key = int(c.s.options.Pool.Limits().Unread), "socket.unread in sky.toml"
	}
	if c.want != count && most > 0 && n > most {
		c.s.actor.Host().Print(c.s.actor, fmt.Sprintf("socket buffer overflow: fd=%d size=%d; see %s", c.id, n, key))
		c.s.options.Pool.Shutdown(c.id)
		return
	}
	if c.want == nothing {
		c.pauseIf(n)
	}
}

func (c *Conn) pauseIf(n int) {
	if n > pauseAbove && !c.paused {
		c.paused = true
		c.s.options.Pool.Pause(c.id)
	}
}

// satisfied reports whether the reader has what it waits for.
func (c *Conn) satisfied() bool {
	switch c.want {
	case some:
		return c.buffer.len() > 0
	case count:
		return c.buffer.len() >= c.bytes
	case line:
		_, ok := c.buffer.find(c.separator)
		return ok
	}
	return false
}

func (c *Conn) wake() {
	if c.waiting {
		c.waiting = false
		c.ticket.CompleteHere(actor.Payload{}, nil)
	}
}

// end takes in that the socket is closed.
func (c *Conn) end(trouble string) {
	if trouble != "" {
		if c.opening {
			c.trouble = trouble
		} else {
			c.s.actor.Host().Print(c.s.actor, fmt.Sprintf("socket: error on %d %s", c.id, trouble))
		}
	}
	c.connected, c.opening = false, false
	c.want = nothing
	c.s.closed(c.id)
	c.wake()
	if c.OnEnd != nil {
		c.OnEnd()
	}
}

// closed calls what skynet.socket.onclose has been given.
func (s *service) closed(id int) {
	if f := s.onclose[id]; f != nil {
		delete(s.onclose, id)
		s.actor.Fork(f, []lua.LValue{lua.LNumber(id)})
	}
}

// suspend waits for something to happen to the socket, and raises what ends the wait.
func (c *Conn) suspend(L *lua.LState, what string) {
	if err := c.wait(L, what, 0); err != nil {
		actor.Raise(L, err)
	}
}

// wait waits for something to happen to the socket, until a time of the node; 0: until the message that
// is handled must have been answered.
func (c *Conn) wait(L *lua.LState, what string, deadline int64) error {
	if c.paused {
		c.paused = false
		c.s.options.Pool.Start(c.s.owner, c.id)
	}
	t := actor.Running(L)
	c.ticket, c.waiting = t.Ticket(), true
	_, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: fmt.Sprintf("%s of socket %d", what, c.id), Deadline: deadline})
	c.waiting = false
	if c.closing {
		c.closing = false
		c.closer.CompleteHere(actor.Payload{}, nil)
	}
	if err != nil {
		c.want = nothing
	}
	return err
}

// of returns what the module keeps for the actor that runs in L.
func (o *Options) of(L *lua.LState) *service {
	a := actor.Of(L)
	s := services.Of(a)
	if s.options == nil {
		s.options, s.actor, s.owner = o, a, &owner{a, new(flow)}
		s.conns, s.onclose = map[int]*Conn{}, map[int]lua.LValue{}
		skynet.Of(L).Native("socket", actor.Socket, s.message)
		a.OnEnd(func() {
			s.owner.flow.end()
			for id := range s.conns {
				o.Pool.Shutdown(id)
			}
		})
	}
	return s
}

var services = actor.NewKey(func(*actor.Actor) *service { return new(service) })

// conn returns the socket whose number argument n is. It raises an error if the service has none.
func (s *service) conn(L *lua.LState, n int) *Conn {
	id := int(arg.Integer(L, n))
	c := s.conns[id]
	if c == nil {
		thread.Errorf(L, "bad argument #%d: the service has no socket %d", n, id)
	}
	return c
}

// reserve marks a socket as being read by the running task.
func (c *Conn) reserve(L *lua.LState, w want) {
	if c.want != nothing || c.waiting {
		thread.Errorf(L, "socket %d is being read by another coroutine", c.id)
	}
	c.want = w
}

func (s *service) add(id int) *Conn {
	c := &Conn{id: id, s: s}
	s.conns[id] = c
	return c
}

func push(L *lua.LState, values ...lua.LValue) int {
	for _, v := range values {
		L.Push(v)
	}
	return len(values)
}
