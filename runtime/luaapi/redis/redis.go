// Package redis is the module skynet.db.redis, over the client redigo: connections of a service to
// a Redis server, and subscriptions.
//
// Calls of several coroutines over one connection are sent as they come, and each gets its own reply. A
// connection that is lost is made again by the next call.
package redis

import (
	"strings"

	"github.com/gomodule/redigo/redis"
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
	return actor.Functions("skynet.db.redis", []library.Function{
		{Name: "connect", Call: m.connect}, {Name: "watch", Call: m.watch},
	})
}

type module struct {
	pool     *socket.Pool
	services *actor.Key[service]
}

// A service is what the module keeps for an actor.
type service struct {
	links    map[*link]bool
	commands *lua.LTable // the metatable's index of what connect returns
	watching *lua.LTable // and of what watch returns
}

// A client is what redis.connect returns.
type client struct {
	*module
	service *service
	address address
	link    *link
}

// field is where the table of a client has the client.
const field = "__redis"

func addressOf(L *lua.LState) address {
	conf := arg.Table(L, 1)
	a := address{host: "127.0.0.1", port: 6379}
	if h := conf.RawGetString("host"); h != lua.LNil {
		a.host = lua.LVAsString(h)
	}
	if p, ok := value.ToInteger(L, conf.RawGetString("port")); ok {
		a.port = int(p)
	}
	if p := conf.RawGetString("auth"); p != lua.LNil {
		a.auth, a.password, a.username = true, lua.LVAsString(p), lua.LVAsString(conf.RawGetString("username"))
	}
	if db, ok := value.ToInteger(L, conf.RawGetString("db")); ok {
		a.db, a.hasDB = int(db), true
	}
	return a
}

// object makes the table of a client.
func object(L *lua.LState, v any, index *lua.LTable) *lua.LTable {
	t := L.CreateTable(0, 1)
	t.RawSetString(field, &lua.LUserData{Value: v, Metatable: lua.LNil})
	mt := L.CreateTable(0, 1)
	mt.RawSetString("__index", index)
	t.Metatable = mt
	return t
}

// self returns what the table that is the first argument stands for.
func self[T any](L *lua.LState, what string) *T {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if u, ok := t.RawGetString(field).(*lua.LUserData); ok {
			if v, ok := u.Value.(*T); ok {
				return v
			}
		}
	}
	arg.TypeError(L, 1, what)
	return nil
}

// connect is redis.connect{host, port, db, auth, username}.
func (m *module) connect(L *lua.LState) int {
	s := m.services.Of(actor.Of(L))
	if s.commands == nil {
		s.commands = commands(L)
	}
	c := &client{module: m, service: s, address: addressOf(L)}
	c.call(L, [][]any{{"PING"}}) // so that who cannot connect hears of it here
	L.Push(object(L, c, s.commands))
	return 1
}

// commands is a table that makes the function of a command when it is first asked for.
func commands(L *lua.LState) *lua.LTable {
	t := L.CreateTable(0, 8)
	library.Fill(t, "redis.", []library.Function{
		{Name: "disconnect", Call: func(L *lua.LState) int {
			c := self[client](L, "client")
			c.drop()
			L.Get(1).(*lua.LTable).Metatable = lua.LNil
			return 0
		}},
		{Name: "exists", Call: truth("EXISTS", 1)}, {Name: "sismember", Call: truth("SISMEMBER", 2)},
		{Name: "pipeline", Call: pipeline},
	})
	mt := L.CreateTable(0, 1)
	mt.RawSetString("__index", makeCommand)
	t.Metatable = mt
	return t
}

var makeCommand = library.New("redis.command", func(L *lua.LState) int {
	t, key := arg.Table(L, 1), L.Get(2)
	name, ok := key.(lua.LString)
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	command := strings.ToUpper(string(name))
	f := library.Closure(func(L *lua.LState) int {
		c := self[client](L, "client")
		return c.reply(L, c.call(L, [][]any{arguments(L, command)})[0])
	})
	t.RawSet(key, f)
	L.Push(f)
	return 1
})

// arguments returns a command with the arguments from the second on: values, or a list of them.
func arguments(L *lua.LState, command string) []any {
	all := []any{command}
	if list, ok := L.Get(2).(*lua.LTable); ok {
		n := list.Len()
		if v, ok := list.RawGetString("n").(lua.LNumber); ok {
			n = int(v)
		}
		for i := 1; i <= n; i++ {
			all = append(all, text(L, command, i, list.RawGetInt(i)))
		}
		return all
	}
	for i := 2; i <= L.GetTop(); i++ {
		if i == 2 && L.Get(i) == lua.LNil {
			break // db:ping(nil) is db:ping()
		}
		all = append(all, text(L, command, i-1, L.Get(i)))
	}
	return all
}

func text(L *lua.LState, command string, i int, v lua.LValue) string {
	if v == lua.LNil {
		thread.Errorf(L, "argument #%d of the redis command %s is nil", i, command)
	}
	limit.Of(L).Work(L, 1)
	return value.ToString(L, v)
}

// truth is a command whose reply is a number, and true where it is not 0.
func truth(command string, n int) lua.LGFunction {
	return func(L *lua.LState) int {
		c := self[client](L, "client")
		all := []any{command}
		for i := range n {
			all = append(all, text(L, command, i+1, L.Get(i+2)))
		}
		reply := c.call(L, [][]any{all})[0]
		if _, failed := reply.(error); failed {
			return c.reply(L, reply)
		}
		L.Push(lua.LBool(reply != int64(0)))
		return 1
	}
}

// pipeline is db:pipeline(operations [, results]): the last reply, or the list of all results.
func pipeline(L *lua.LState) int {
	c := self[client](L, "client")
	list := arg.Table(L, 2)
	var all [][]any
	for i := 1; ; i++ {
		op, ok := list.RawGetInt(i).(*lua.LTable)
		if !ok {
			break
		}
		var command []any
		for j := 1; op.RawGetInt(j) != lua.LNil; j++ {
			command = append(command, text(L, "pipeline", j, op.RawGetInt(j)))
		}
		if len(command) == 0 {
			arg.Error(L, 2, "an operation without a command")
		}
		all = append(all, command)
	}
	if len(all) == 0 {
		arg.Error(L, 2, "no operations")
	}
	results, wanted := L.Get(3).(*lua.LTable)
	replies := c.call(L, all)
	if !wanted {
		return c.reply(L, replies[len(replies)-1])
	}
	for _, r := range replies {
		v, failed := convert(L, r)
		one := L.CreateTable(0, 2)
		one.RawSetString("ok", lua.LBool(!failed))
		one.RawSetString("out", v)
		results.Append(one)
	}
	L.Push(results)
	return 1
}

// call asks the server, and waits for the replies.
func (c *client) call(L *lua.LState, commands [][]any) []any {
	t := actor.Running(L)
	asked := &call{commands: commands, ticket: t.Ticket()}
	if c.link == nil || c.link.dead() {
		c.drop()
		c.link = open(c.pool, c.address, asked, nil, nil)
		c.service.links[c.link] = true
	} else {
		c.link.ask(asked)
	}
	what := "a reply of redis " + c.address.String() + " to " + commands[0][0].(string)
	if _, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: what}); err != nil {
		actor.Raise(L, err)
	}
	if asked.err != nil {
		thread.Raise(L, lua.LString(asked.err.Error()))
	}
	return asked.replies
}

func (c *client) drop() {
	if c.link != nil {
		delete(c.service.links, c.link)
		c.link.end(errDisconnected)
		c.link = nil
	}
}

// reply pushes a reply, or raises it.
func (c *client) reply(L *lua.LState, reply any) int {
	v, failed := convert(L, reply)
	if failed {
		thread.Raise(L, v)
	}
	L.Push(v)
	return 1
}

// convert makes a value of a reply. Failed says that it is, or holds, an error.
func convert(L *lua.LState, reply any) (v lua.LValue, failed bool) {
	limit.Of(L).Work(L, 1)
	switch r := reply.(type) {
	case nil:
		return lua.LNil, false
	case int64:
		x, exact := number.Float(r)
		if !exact {
			thread.Errorf(L, "the integer %d of a reply is beyond 2^53, and no number holds it exactly", r)
		}
		return lua.LNumber(x), false
	case string:
		return lua.LString(r), false
	case []byte:
		limit.Of(L).Charge(L, limit.String, int64(len(r)))
		return lua.LString(r), false
	case redis.Error:
		return lua.LString(r), true
	case error:
		return lua.LString(r.Error()), true
	case []any:
		list := L.CreateTable(len(r), 0)
		for i, x := range r {
			v, bad := convert(L, x)
			failed = failed || bad
			if v != lua.LNil {
				list.RawSetInt(i+1, v)
			}
		}
		return list, failed
	}
	return lua.LString("a reply of an unknown kind"), true
}
