package redis

import (
	"errors"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

var (
	errDisconnected = errors.New("[Error: socket] redis: disconnected")
	errEnded        = errors.New("[Error: socket] redis: the service has ended")
)

// A watcher is what redis.watch returns: subscriptions, which a new connection makes again.
type watcher struct {
	*module
	service  *service
	address  address
	link     *link
	inbox    *inbox
	channels []subscription
}

type subscription struct{ command, channel string }

// backlog is how many messages may wait for their watcher. Then the connection is read no more.
const backlog = 1024

// An inbox hands the messages of one connection to its watcher.
type inbox struct {
	messages chan any
	over     chan struct{} // closed when no more will come
	cause    error
	wake     chan actor.Ticket
}

func (m *module) watch(L *lua.LState) int {
	s := m.services.Of(actor.Of(L))
	if s.watching == nil {
		s.watching = watching(L)
	}
	w := &watcher{module: m, service: s, address: addressOf(L)}
	w.open(L)
	L.Push(object(L, w, s.watching))
	return 1
}

func watching(L *lua.LState) *lua.LTable {
	t := L.CreateTable(0, 8)
	list := []library.Function{
		{Name: "message", Call: func(L *lua.LState) int { return self[watcher](L, "watch").message(L) }},
		{Name: "disconnect", Call: func(L *lua.LState) int {
			self[watcher](L, "watch").drop()
			L.Get(1).(*lua.LTable).Metatable = lua.LNil
			return 0
		}},
	}
	for _, name := range []string{"subscribe", "psubscribe", "unsubscribe", "punsubscribe"} {
		list = append(list, library.Function{Name: name, Call: func(L *lua.LState) int {
			w := self[watcher](L, "watch")
			if w.link == nil || w.link.dead() {
				w.open(L)
			}
			c := &call{ticket: actor.Running(L).Ticket()}
			for i := 2; i <= L.GetTop(); i++ {
				c.commands = append(c.commands, []any{name, text(L, name, i-1, L.Get(i))})
			}
			w.link.ask(c)
			w.wait(L, c)
			return 0
		}})
	}
	library.Fill(t, "redis.watch.", list)
	return t
}

// wait waits until a call has been sent.
func (w *watcher) wait(L *lua.LState, c *call) {
	if _, err := actor.Running(L).Block(L, actor.Wait{Kind: actor.OnSocket, What: "a connection to redis " + w.address.String()}); err != nil {
		actor.Raise(L, err)
	}
	if c.err != nil {
		thread.Raise(L, lua.LString(c.err.Error()))
	}
}

// open connects, and makes the subscriptions that there were.
func (w *watcher) open(L *lua.LState) {
	w.drop()
	in := &inbox{messages: make(chan any, backlog), over: make(chan struct{}), wake: make(chan actor.Ticket, 1)}
	first := &call{ticket: actor.Running(L).Ticket()}
	for _, s := range w.channels {
		first.commands = append(first.commands, []any{s.command, s.channel})
	}
	push := func(message any) {
		select {
		case in.messages <- message:
			in.ring()
		case <-in.over:
		}
	}
	ended := func(err error) {
		in.cause = err
		close(in.over)
		in.ring()
	}
	w.inbox = in
	w.link = open(w.pool, w.address, first, push, ended)
	w.service.links[w.link] = true
	w.wait(L, first)
}

// ring wakes the watcher, if it waits.
func (in *inbox) ring() {
	select {
	case k := <-in.wake:
		k.Complete(actor.Payload{}, nil)
	default:
	}
}

func (w *watcher) drop() {
	if w.link != nil {
		delete(w.service.links, w.link)
		w.link.end(errDisconnected)
		w.link = nil
	}
}

// next waits for a message.
func (w *watcher) next(L *lua.LState) any {
	in := w.inbox
	for {
		select {
		case m := <-in.messages:
			return m
		default:
		}
		select {
		case <-in.over:
			thread.Raise(L, lua.LString(in.cause.Error()))
		default:
		}
		t := actor.Running(L)
		select {
		case <-in.wake: // of a wait that has failed
		default:
		}
		in.wake <- t.Ticket()
		select { // it may have come in between
		case <-in.over:
			in.ring()
		default:
			if len(in.messages) > 0 {
				in.ring()
			}
		}
		if _, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "a message of redis " + w.address.String()}); err != nil {
			actor.Raise(L, err)
		}
	}
}

// message is watch:message(): data, channel; of a pattern data, channel, pattern.
func (w *watcher) message(L *lua.LState) int {
	if w.link == nil || w.link.dead() && len(w.inbox.messages) == 0 {
		w.open(L)
	}
	for {
		limit.Of(L).Work(L, 10)
		m := w.next(L)
		list, ok := m.([]any)
		if !ok {
			v, _ := convert(L, m)
			thread.Raise(L, v)
		}
		at := func(i int) lua.LValue {
			if i >= len(list) {
				return lua.LNil
			}
			v, _ := convert(L, list[i])
			return v
		}
		channel := lua.LVAsString(at(1))
		switch kind := lua.LVAsString(at(0)); kind {
		case "message":
			L.Push(at(2))
			L.Push(at(1))
			return 2
		case "pmessage":
			L.Push(at(3))
			L.Push(at(2))
			L.Push(at(1))
			return 3
		case "subscribe", "psubscribe":
			if s := (subscription{kind, channel}); !slices.Contains(w.channels, s) {
				w.channels = append(w.channels, s)
			}
		case "unsubscribe", "punsubscribe":
			made := subscription{strings.Replace(kind, "un", "", 1), channel}
			w.channels = slices.DeleteFunc(w.channels, func(s subscription) bool { return s == made })
		}
	}
}
