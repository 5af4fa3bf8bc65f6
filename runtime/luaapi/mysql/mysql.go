// Package mysql is the module skynet.db.mysql, over the driver go-sql-driver: connections of a service
// to a MySQL or MariaDB server.
package mysql

import (
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/go-sql-driver/mysql"
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Module returns the module of a node with these sockets.
func Module(pool *socket.Pool) actor.Module {
	m := &module{pool: pool}
	m.services = actor.NewKey(func(a *actor.Actor) *service {
		s := &service{links: map[*link]bool{}}
		a.OnEnd(func() {
			for l := range s.links {
				l.end(errEnded)
			}
		})
		return s
	})
	return actor.Module{Name: "skynet.db.mysql", Open: func(L *lua.LState) lua.LValue {
		t := L.CreateTable(0, 16)
		library.Fill(t, "skynet.db.mysql.", append([]library.Function{{Name: "connect", Call: m.connect}}, methods...))
		m.services.Of(actor.Of(L)).index = t
		return t
	}}
}

var (
	errEnded        = errors.New("[Error: socket] mysql: the service has ended")
	errDisconnected = errors.New("[Error: socket] mysql: disconnected")
)

type module struct {
	pool     *socket.Pool
	services *actor.Key[service]
}

// A service is what the module keeps for an actor.
type service struct {
	links map[*link]bool
	index *lua.LTable // the module, where the methods of a connection are
}

// A client is what mysql.connect returns.
type client struct {
	*module
	service   *service
	config    *mysql.Config
	object    *lua.LTable
	onConnect lua.LValue
	compact   bool
	version   lua.LValue

	link       *link
	connecting bool
	task       *actor.Task // who connects: calls of on_connect go before all others
	waiting    []actor.Ticket
}

// field is where the table of a client has the client.
const field = "__mysql"

var methods = []library.Function{
	{Name: "disconnect", Call: func(L *lua.LState) int {
		self(L).drop()
		L.Get(1).(*lua.LTable).Metatable = lua.LNil
		return 0
	}},
	{Name: "query", Call: func(L *lua.LState) int {
		c, sql := self(L), arg.String(L, 2)
		a := c.call(L, sql, func(l *link, a *answer) error { return l.query(sql, a) })
		L.Push(c.result(L, a, "multiresultset"))
		return 1
	}},
	{Name: "prepare", Call: prepare}, {Name: "execute", Call: execute},
	{Name: "stmt_reset", Call: func(L *lua.LState) int {
		c, id := self(L), statement(L)
		a := c.call(L, "the reset of a statement", func(l *link, a *answer) error {
			if l.statements[id] == nil {
				return errNoStatement
			}
			return l.ping() // the driver keeps nothing of a statement between executions
		})
		L.Push(c.result(L, a, "multiresultset"))
		return 1
	}},
	{Name: "stmt_close", Call: func(L *lua.LState) int {
		c, id := self(L), statement(L)
		c.call(L, "the close of a statement", func(l *link, a *answer) error { return l.closeStatement(id) })
		return 0
	}},
	{Name: "ping", Call: func(L *lua.LState) int {
		c := self(L)
		L.Push(c.result(L, c.call(L, "ping", func(l *link, a *answer) error { return l.ping() }), "multiresultset"))
		return 1
	}},
	{Name: "server_ver", Call: func(L *lua.LState) int { L.Push(self(L).version); return 1 }},
	{Name: "set_compact_arrays", Call: func(L *lua.LState) int { self(L).compact = lua.LVAsBool(L.Get(2)); return 0 }},
	{Name: "quote_sql_str", Call: func(L *lua.LState) int {
		s := arg.String(L, 1)
		limit.Of(L).Charge(L, limit.String, int64(2*len(s)+2))
		L.Push(lua.LString("'" + escapes.Replace(s) + "'"))
		return 1
	}},
}

var escapes = strings.NewReplacer("\x00", `\0`, "\b", `\b`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\x1a", `\Z`, `\`, `\\`, `'`, `\'`, `"`, `\"`)

// self returns the client that the first argument stands for.
func self(L *lua.LState) *client {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if u, ok := t.RawGetString(field).(*lua.LUserData); ok {
			if c, ok := u.Value.(*client); ok {
				return c
			}
		}
	}
	arg.TypeError(L, 1, "connection")
	return nil
}

// connect is mysql.connect{host, port, database, user, password, charset, compact_arrays, on_connect}.
func (m *module) connect(L *lua.LState) int {
	o := arg.Table(L, 1)
	text := func(name, otherwise string) string {
		if v := o.RawGetString(name); v != lua.LNil {
			return lua.LVAsString(v)
		}
		return otherwise
	}
	port := int64(3306)
	if p, ok := value.ToInteger(L, o.RawGetString("port")); ok {
		port = p
	}
	// As skynet's: several statements in one text, and rows that an update has found count.
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", addressOf(text("host", "127.0.0.1"), int(port))
	c.User, c.Passwd, c.DBName = text("user", ""), text("password", ""), text("database", "")
	c.MultiStatements, c.ClientFoundRows, c.Logger = true, true, &mysql.NopLogger{}
	if charset := text("charset", ""); charset != "" {
		if err := c.Apply(mysql.Charset(charset, "")); err != nil {
			arg.Error(L, 1, err.Error())
		}
	}
	db := &client{
		module: m, service: m.services.Of(actor.Of(L)), config: c,
		onConnect: o.RawGetString("on_connect"), compact: lua.LVAsBool(o.RawGetString("compact_arrays")), version: lua.LNil,
	}
	db.object = L.CreateTable(0, 2)
	db.object.RawSetString(field, &lua.LUserData{Value: db, Metatable: lua.LNil})
	db.object.RawSetString("on_connect", db.onConnect) // where it is counted
	mt := L.CreateTable(0, 1)
	mt.RawSetString("__index", db.service.index)
	db.object.Metatable = mt
	db.connected(L)
	L.Push(db.object)
	return 1
}

// connected makes sure that there is a connection, and that on_connect has been called on it.
func (c *client) connected(L *lua.LState) *link {
	t := actor.Running(L)
	for c.connecting && c.task != t {
		c.waiting = append(c.waiting, t.Ticket())
		if _, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "a connection to mysql " + c.config.Addr}); err != nil {
			actor.Raise(L, err)
		}
	}
	if c.link != nil && !c.link.dead() {
		return c.link
	}
	if c.connecting { // it was lost while on_connect uses it
		thread.Raise(L, lua.LString(errDisconnected.Error()))
	}
	c.drop()
	c.connecting, c.task = true, t
	defer func() {
		c.connecting, c.task = false, nil
		waiting := c.waiting
		c.waiting = nil
		for _, k := range waiting {
			k.CompleteHere(actor.Payload{}, nil)
		}
	}()
	first := &call{ticket: t.Ticket(), do: func(l *link, a *answer) error {
		a.version = l.tap.version
		return nil
	}}
	c.link = open(c.pool, c.config, limit.Of(L).Limits().Memory, first)
	c.service.links[c.link] = true
	a := c.await(L, first, "a connection to mysql "+c.config.Addr)
	c.version = lua.LString(a.version)
	if c.onConnect != lua.LNil {
		L.Push(c.onConnect)
		L.Push(c.object)
		L.Call(1, 0)
	}
	return c.link
}

func (c *client) drop() {
	if c.link != nil {
		delete(c.service.links, c.link)
		c.link.end(errDisconnected)
		c.link = nil
	}
}

// call asks the server, and waits for the answer. A connection that was lost while nobody asked is made
// again, unless what is asked depends on it.
func (c *client) call(L *lua.LState, what string, do func(*link, *answer) error) *answer {
	if len(what) > 40 {
		what = what[:37] + "..."
	}
	wait := "an answer of mysql " + c.config.Addr + " to " + what
	for again := true; ; again = false {
		lost := false
		asked := &call{ticket: actor.Ticket{}, do: func(l *link, a *answer) error {
			if err := l.alive(); err != nil {
				lost = true
				return err
			}
			return do(l, a)
		}}
		l := c.connected(L)
		asked.ticket = actor.Running(L).Ticket()
		l.ask(asked)
		a := c.wait(L, asked, wait)
		if a.err == nil {
			return a
		}
		if !lost || !again {
			thread.Raise(L, lua.LString(a.err.Error()))
		}
	}
}

// await waits for the answer to a call, and raises what is wrong with the connection.
func (c *client) await(L *lua.LState, asked *call, what string) *answer {
	a := c.wait(L, asked, what)
	if a.err != nil {
		thread.Raise(L, lua.LString(a.err.Error()))
	}
	return a
}

func (c *client) wait(L *lua.LState, asked *call, what string) *answer {
	if _, err := actor.Running(L).Block(L, actor.Wait{Kind: actor.OnSocket, What: what}); err != nil {
		actor.Raise(L, err)
	}
	return &asked.answer
}

// prepare is db:prepare(sql): a table that stands for the statement, or one that says what is wrong.
func prepare(L *lua.LState) int {
	c, sql := self(L), arg.String(L, 2)
	a := c.call(L, sql, func(l *link, a *answer) error { return l.prepare(sql, a) })
	if a.refused != nil {
		L.Push(refusal(L, L.CreateTable(0, 4), a.refused))
		return 1
	}
	t := L.CreateTable(0, 4)
	t.RawSetString("prepare_id", lua.LNumber(a.id))
	t.RawSetString("field_count", lua.LNumber(a.prepared.fields))
	t.RawSetString("param_count", lua.LNumber(a.prepared.params))
	t.RawSetString("warning_count", lua.LNumber(a.prepared.warnings))
	L.Push(t)
	return 1
}

// statement returns the number of the statement that the second argument stands for.
func statement(L *lua.LState) int {
	id, ok := value.ToInteger(L, arg.Table(L, 2).RawGetString("prepare_id"))
	if !ok {
		arg.Error(L, 2, "no statement that db:prepare has made")
	}
	return int(id)
}

// execute is db:execute(statement, ...).
func execute(L *lua.LState) int {
	c, id := self(L), statement(L)
	args := make([]driver.NamedValue, L.GetTop()-2)
	for i := range args {
		args[i].Ordinal = i + 1
		switch v := L.Get(i + 3).(type) {
		case *lua.LNilType:
		case lua.LBool:
			args[i].Value = bool(v)
		case lua.LNumber:
			args[i].Value = float64(v)
			if n, whole := number.Integer(float64(v)); whole {
				args[i].Value = n
			}
		case lua.LString:
			args[i].Value = string(v)
		default:
			thread.Errorf(L, "invalid parameter type %s", v.Type())
		}
	}
	if n, ok := value.ToInteger(L, L.Get(2).(*lua.LTable).RawGetString("param_count")); ok && int(n) != len(args) {
		thread.Errorf(L, "require stmt.param_count %d get arg_num %d", n, len(args))
	}
	a := c.call(L, "a prepared statement", func(l *link, a *answer) error { return l.execute(id, args, a) })
	L.Push(c.result(L, a, "mulitresultset")) // the spelling is skynet's
	return 1
}
