// Package socketchannel is the module skynet.socketchannel: requests and answers over one connection
// that is made anew when it is lost. Answers come in the order of the requests, or each names the
// session of its request.
//
// A request that has given up, because of its deadline say, keeps its place: its answer is read and
// dropped, so that those behind it get theirs.
package socketchannel

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Module returns the module of a node whose sockets are those of o.
func Module(o *socket.Options) actor.Module {
	m := &module{o}
	return actor.Module{Name: "skynet.socketchannel", Open: func(L *lua.LState) lua.LValue {
		t := L.CreateTable(0, 2)
		library.Fill(t, "skynet.socketchannel.", []library.Function{{Name: "channel", Call: m.channel}})
		t.RawSetString("error", Error(L))
		return t
	}}
}

type module struct{ sockets *socket.Options }

// failure is what the module keeps for an actor: the value that stands for a broken connection.
type failure struct{ value *lua.LTable }

var failures = actor.NewKey(func(*actor.Actor) *failure { return new(failure) })

// Error returns socketchannel.error of the actor that runs in L.
func Error(L *lua.LState) lua.LValue {
	f := failures.Of(actor.Of(L))
	if f.value == nil {
		f.value = L.CreateTable(0, 0)
		mt := L.CreateTable(0, 1)
		mt.RawSetString("__tostring", errorText)
		f.value.Metatable = mt
	}
	return f.value
}

var errorText = library.New("socketchannel.error", func(L *lua.LState) int {
	L.Push(lua.LString("[Error: socket]"))
	return 1
})

// field is where the table of a channel has the channel.
const field = "__channel"

// channel is socketchannel.channel(description).
func (m *module) channel(L *lua.LState) int {
	d := arg.Table(L, 1)
	host, ok := d.RawGetString("host").(lua.LString)
	if !ok {
		arg.Error(L, 1, "a channel has a host")
	}
	port, _ := value.ToInteger(L, d.RawGetString("port"))
	c := &channel{
		module: m, actor: actor.Of(L), host: string(host), port: int(port), sessions: map[lua.LValue]*request{},
		nodelay: lua.LVAsBool(d.RawGetString("nodelay")),
	}
	c.self = L.CreateTable(0, 1)
	c.self.RawSetString(field, &lua.LUserData{Value: c, Metatable: lua.LNil})
	mt := L.CreateTable(0, 1)
	mt.RawSetString("__index", methods(L))
	c.self.Metatable = mt
	// The functions of the description are kept in tables of the script, where they are counted.
	c.description = d
	c.reader = L.CreateTable(0, 1)
	index := L.CreateTable(0, 2)
	index.RawSetString("read", override(d, "socket_read", readFunction))
	index.RawSetString("readline", override(d, "socket_readline", lineFunction))
	c.reader.RawSetString("__index", index)
	L.Push(c.self)
	return 1
}

func override(d *lua.LTable, name string, otherwise *lua.LFunction) lua.LValue {
	if f, ok := d.RawGetString(name).(*lua.LFunction); ok {
		return f
	}
	return otherwise
}

func methods(L *lua.LState) *lua.LTable {
	t := L.CreateTable(0, len(methodList))
	library.Fill(t, "socketchannel.", methodList)
	return t
}

var methodList = []library.Function{
	{Name: "connect", Call: func(L *lua.LState) int {
		c := self(L)
		c.closed = false
		L.Push(lua.LBool(c.connect(L, lua.LVAsBool(L.Get(2)))))
		return 1
	}},
	{Name: "request", Call: func(L *lua.LState) int { return self(L).request(L) }},
	{Name: "response", Call: func(L *lua.LState) int {
		c := self(L)
		if !c.connect(L, false) {
			thread.Errorf(L, "assertion failed!")
		}
		return c.await(L, L.Get(2))
	}},
	{Name: "close", Call: func(L *lua.LState) int {
		c := self(L)
		if !c.closed {
			c.closed = true
			c.drop()
		}
		return 0
	}},
	{Name: "changehost", Call: func(L *lua.LState) int {
		c := self(L)
		c.host = arg.String(L, 2)
		if L.Get(3) != lua.LNil {
			c.port = int(arg.Integer(L, 3))
		}
		if !c.closed {
			c.drop()
		}
		return 0
	}},
	{Name: "changebackup", Call: func(L *lua.LState) int {
		self(L).description.RawSetString("backup", L.Get(2))
		return 0
	}},
}

// self returns the channel that is the first argument.
func self(L *lua.LState) *channel {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if u, ok := t.RawGetString(field).(*lua.LUserData); ok {
			if c, ok := u.Value.(*channel); ok {
				return c
			}
		}
	}
	arg.TypeError(L, 1, "channel")
	return nil
}

// readFunction and lineFunction are what the object has that a response function reads from. They
// raise socketchannel.error when the connection ends.
var (
	readFunction = library.New("socketchannel.read", func(L *lua.LState) int {
		c := connection(L)
		if c == nil {
			thread.Raise(L, Error(L))
		}
		var text lua.LString
		var ok bool
		if L.Get(2) == lua.LNil {
			text, ok = c.ReadSome(L)
		} else {
			text, ok = c.Read(L, int(arg.Integer(L, 2)))
		}
		return result(L, text, ok)
	})
	lineFunction = library.New("socketchannel.readline", func(L *lua.LState) int {
		c := connection(L)
		if c == nil {
			thread.Raise(L, Error(L))
		}
		text, ok := c.ReadLine(L, arg.OptString(L, 2, "\n"))
		return result(L, text, ok)
	})
)

func result(L *lua.LState, text lua.LString, ok bool) int {
	if !ok {
		thread.Raise(L, Error(L))
	}
	L.Push(text)
	return 1
}

// connection returns the socket whose object is the first argument; nil if it is closed.
func connection(L *lua.LState) *socket.Conn {
	if c, ok := L.Get(1).(*lua.LTable); ok {
		if u, ok := c.RawGetString("__conn").(*lua.LUserData); ok {
			if conn, ok := u.Value.(*socket.Conn); ok {
				return conn
			}
		}
	}
	return nil
}

// name says which channel it is.
func (c *channel) name() string { return fmt.Sprintf("%s:%d", c.host, c.port) }
