package socketchannel

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// A channel is a connection that is made when somebody needs it. It is used with the baton.
type channel struct {
	*module
	actor       *actor.Actor
	self        *lua.LTable
	description *lua.LTable // auth, response, backup, overload
	reader      *lua.LTable // the metatable of what response functions read from
	host        string
	port        int
	nodelay     bool
	closed      bool

	link       *link
	connecting bool
	connectors []actor.Ticket // who waits for the one that connects
	authing    *actor.Task    // who authenticates, with requests of its own

	order    []*request // without sessions
	sessions map[lua.LValue]*request
}

// A link is one connection of a channel.
type link struct {
	conn  *socket.Conn
	value *lua.LTable // for response functions
	// idle is the task that reads, as long as it waits for a request to read an answer for.
	idle      actor.Ticket
	idling    bool
	congested bool
}

// A request waits for an answer.
type request struct {
	response lua.LValue // a function that reads it; nil: the answer names its session
	ticket   actor.Ticket
	waiting  bool // nobody wants it otherwise
	done     bool

	value  lua.LValue  // the answer
	many   *lua.LTable // several, of an answer in parts
	failed bool        // raise value
}

// finish gives a request its answer.
func (r *request) finish(v lua.LValue, failed bool) {
	r.done, r.value, r.failed = true, v, failed
	if r.many != nil && !failed {
		r.many.Append(v)
		r.value = r.many
	}
	if r.waiting {
		r.ticket.CompleteHere(actor.Payload{}, nil)
	}
}

// drop ends the connection, and fails who waits for an answer.
func (c *channel) drop() {
	l := c.link
	if l == nil {
		return
	}
	c.link = nil
	l.conn.OnEnd, l.conn.OnWarning = nil, nil
	c.sockets.Release(l.conn)
	c.fail(lua.LString("channel_closed"))
	l.wake()
}

// fail ends all requests; nil stands for socketchannel.error.
func (c *channel) fail(cause lua.LValue) {
	all := c.order
	c.order = nil
	for _, r := range c.sessions {
		all = append(all, r)
	}
	clear(c.sessions)
	for _, r := range all {
		r.many = nil
		r.finish(cause, true)
	}
}

func (l *link) wake() {
	if l.idling {
		l.idling = false
		l.idle.CompleteHere(actor.Payload{}, nil)
	}
}

// usable says what check found.
type usable uint8

const (
	no usable = iota
	yes
	never // it is closed, or was lost while this task authenticates
)

// check reports whether the running task can use the connection that there is.
func (c *channel) check(L *lua.LState) usable {
	own := c.authing != nil && c.authing == actor.Running(L)
	if l := c.link; l != nil {
		if !l.conn.Connected() {
			c.print("socket: disconnect detected ", c.name())
			c.drop()
			if own {
				return never
			}
			return no
		}
		if c.authing == nil || own {
			return yes
		}
	}
	if c.closed || own {
		return never
	}
	return no
}

// connect makes sure that there is a connection. It returns false for a channel that is closed, and
// raises socketchannel.error when it cannot connect and is to try once only.
func (c *channel) connect(L *lua.LState, once bool) bool {
	switch c.check(L) {
	case yes:
		return true
	case never:
		return false
	}
	cause := ""
	if c.connecting {
		t := actor.Running(L)
		c.connectors = append(c.connectors, t.Ticket())
		_, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "a connection to " + c.name()})
		if err != nil {
			actor.Raise(L, err)
		}
	} else {
		cause = c.makeConnection(L, once)
	}
	switch c.check(L) {
	case yes:
		return true
	case never:
		return false
	}
	c.print("Connect failed ", cause, " ", c.name())
	thread.Raise(L, Error(L))
	return false
}

// makeConnection connects, for all who wait for it; once or until it succeeds.
func (c *channel) makeConnection(L *lua.LState, once bool) (cause string) {
	c.connecting = true
	defer func() { // a wait may raise
		c.connecting = false
		waiting := c.connectors
		c.connectors = nil
		for _, k := range waiting {
			k.CompleteHere(actor.Payload{}, nil)
		}
	}()
	for pause := int64(0); !c.closed; pause = min(pause+100, 1000) {
		err := c.try(L)
		switch {
		case err == nil:
			if !once {
				c.print("socket: connect to ", c.name())
			}
			return ""
		case once:
			return err.Error()
		}
		c.print("socket: connect ", err.Error())
		if _, err := actor.Running(L).Sleep(L, pause, nil); err != nil {
			actor.Raise(L, err)
		}
	}
	return "the channel is closed"
}

type address struct {
	host string
	port int
}

// backups are the other addresses that the description has.
func (c *channel) backups(L *lua.LState, tried map[address]bool) (all []address) {
	list, ok := c.description.RawGetString("backup").(*lua.LTable)
	if !ok {
		return nil
	}
	for i := 1; i <= list.Len(); i++ {
		a := address{port: c.port}
		switch v := list.RawGetInt(i).(type) {
		case *lua.LTable:
			port, _ := value.ToInteger(L, v.RawGetString("port"))
			a.host, a.port = lua.LVAsString(v.RawGetString("host")), int(port)
		default:
			a.host = lua.LVAsString(v)
		}
		if !tried[a] {
			tried[a] = true
			all = append(all, a)
		}
	}
	return all
}

// try tries each address once.
func (c *channel) try(L *lua.LState) error {
	tried := map[address]bool{}
	next := append([]address{{c.host, c.port}}, c.backups(L, tried)...)
	var last error
	for i := 0; i < len(next); i++ {
		if i > 0 {
			c.print("socket: connect to backup host ", fmt.Sprintf("%s:%d", next[i].host, next[i].port))
		}
		conn, err := c.sockets.Dial(L, next[i].host, next[i].port, 0)
		if err != nil {
			last = err
			continue
		}
		c.host, c.port = next[i].host, next[i].port
		c.begin(L, conn)
		switch again, err := c.authenticate(L); {
		case err != nil:
			last = err
			next = append(next, c.backups(L, tried)...) // it may have learned of others
		case again: // it has changed the host
			i = -1
			next = []address{{c.host, c.port}}
		default:
			return nil
		}
		if c.closed {
			break
		}
	}
	if last == nil {
		return fmt.Errorf("the channel is closed")
	}
	return last
}

// begin takes a connection, and starts the task that reads it.
func (c *channel) begin(L *lua.LState, conn *socket.Conn) {
	l := &link{conn: conn, value: L.CreateTable(1, 1)}
	l.value.RawSetInt(1, lua.LNumber(conn.ID()))
	l.value.RawSetString("__conn", &lua.LUserData{Value: conn, Metatable: lua.LNil})
	l.value.Metatable = c.reader
	c.link = l
	if c.nodelay {
		conn.NoDelay()
	}
	conn.OnEnd = func() {
		if c.link == l && l.idling {
			c.print("socket closed by peer : ", c.name())
			c.drop()
		}
	}
	if overload, ok := c.description.RawGetString("overload").(*lua.LFunction); ok {
		conn.OnWarning = func(kib int) {
			if over := kib > 0; over != l.congested {
				l.congested = over
				c.actor.Fork(overload, []lua.LValue{lua.LBool(over)})
			}
		}
	}
	read := c.readInOrder
	if c.bySession() {
		read = c.readSessions
	}
	c.actor.Fork(library.Closure(func(L *lua.LState) int {
		read(L, l)
		return 0
	}, c.self, l.value), nil)
}

func (c *channel) bySession() bool { return c.description.RawGetString("response") != lua.LNil }

// authenticate calls the auth function of the description. Again says that the connection was
// dropped by it, because it has changed the host.
func (c *channel) authenticate(L *lua.LState) (again bool, err error) {
	auth := c.description.RawGetString("auth")
	if auth == lua.LNil || auth == lua.LFalse {
		return false, nil
	}
	c.authing = actor.Running(L)
	defer func() { c.authing = nil }()
	L.Push(auth)
	L.Push(c.self)
	n, failure := thread.Protect(L, 1, nil)
	L.Pop(n)
	if failure == nil {
		return c.link == nil && !c.closed, nil
	}
	c.drop()
	if failure.Value != Error(L) {
		c.print("socket: auth failed ", value.ToString(L, failure.Value))
	}
	return false, fmt.Errorf("no more backup host")
}

// request is channel:request(request [, response [, padding]]).
func (c *channel) request(L *lua.LState) int {
	if !c.connect(L, true) {
		thread.Errorf(L, "assertion failed!")
	}
	l := c.link
	response := L.Get(3)
	padding, many := L.Get(4).(*lua.LTable)
	sent := l.conn.Write(socket.Text(L, 2), many)
	if many {
		for i := 1; i <= padding.Len() && sent; i++ {
			sent = l.conn.Write(lua.LVAsString(padding.RawGetInt(i)), true)
		}
	}
	if !sent {
		if c.link == l {
			c.drop()
		}
		thread.Raise(L, Error(L))
	}
	if response == lua.LNil {
		return 0
	}
	return c.await(L, response)
}

// await waits for an answer: of a session, or the one that a function will read.
func (c *channel) await(L *lua.LState, response lua.LValue) int {
	t := actor.Running(L)
	r := &request{ticket: t.Ticket(), waiting: true}
	what := "an answer of " + c.name()
	if c.bySession() {
		c.sessions[response] = r
	} else {
		if n := len(c.order); n > 0 {
			what += fmt.Sprintf(", behind %d others", n)
		}
		r.response = response
		c.order = append(c.order, r)
		c.link.wake()
	}
	defer func() { r.waiting = false }()
	if _, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: what}); err != nil {
		actor.Raise(L, err)
	}
	if r.failed {
		if r.value == nil {
			r.value = Error(L)
		}
		thread.Raise(L, r.value)
	}
	L.Push(r.value)
	return 1
}

// readSessions reads answers that name their session, until the connection is gone.
func (c *channel) readSessions(L *lua.LState, l *link) {
	response := c.description.RawGetString("response")
	for c.link == l {
		L.Push(response)
		L.Push(l.value)
		n, failure := thread.Protect(L, 1, nil)
		if failure != nil || n == 0 || !lua.LVAsBool(L.Get(-n)) {
			L.Pop(n)
			c.broken(L, l, failure)
			return
		}
		session, ok, v, more := L.Get(-n), at(L, n, 2), at(L, n, 3), at(L, n, 4)
		L.Pop(n)
		r := c.sessions[session]
		switch {
		case r == nil:
			c.print("socket: unknown session : ", value.ToString(L, session))
		case lua.LVAsBool(more) && lua.LVAsBool(ok):
			if r.many == nil {
				r.many = L.CreateTable(2, 0)
			}
			r.many.Append(v)
		default:
			delete(c.sessions, session)
			r.finish(v, !lua.LVAsBool(ok))
		}
	}
}

// at returns the i-th of n results on the stack.
func at(L *lua.LState, n, i int) lua.LValue {
	if i > n {
		return lua.LNil
	}
	return L.Get(-n + i - 1)
}

// readInOrder reads the answer of each request with its own function.
func (c *channel) readInOrder(L *lua.LState, l *link) {
	for c.link == l {
		if len(c.order) == 0 {
			t := actor.Running(L)
			l.idle, l.idling = t.Ticket(), true
			_, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "a request to " + c.name(), Deadline: -1})
			l.idling = false
			if err != nil {
				c.drop()
				return
			}
			continue
		}
		r := c.order[0]
		for {
			L.Push(r.response)
			L.Push(l.value)
			n, failure := thread.Protect(L, 1, nil)
			ok, v, more := at(L, n, 1), at(L, n, 2), at(L, n, 3)
			L.Pop(n)
			if c.link != l {
				return // all were told
			}
			if failure != nil {
				c.broken(L, l, failure)
				return
			}
			if lua.LVAsBool(ok) && lua.LVAsBool(more) {
				if r.many == nil {
					r.many = L.CreateTable(2, 0)
				}
				r.many.Append(v)
				continue
			}
			c.order = c.order[1:]
			r.finish(v, !lua.LVAsBool(ok))
			break
		}
	}
}

// broken ends the connection because its answers cannot be read any more.
func (c *channel) broken(L *lua.LState, l *link, failure *thread.Failure) {
	if c.link != l {
		return
	}
	var cause lua.LValue
	if failure != nil && failure.Value != Error(L) {
		cause = failure.Value
	}
	c.fail(cause)
	c.drop()
}

func (c *channel) print(words ...string) {
	c.actor.Host().Print(c.actor, strings.Join(words, ""))
}
