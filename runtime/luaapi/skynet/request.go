package skynet

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// request is what skynet.request makes: several calls at once, whose answers are taken as they come.
type request struct {
	service *Service
	table   *lua.LTable
	sent    map[int32]sentRequest
	invalid []lua.LValue // requests to nobody
	answers []answer
	timer   int32
	late    bool // the timer has run down
	waiting *actor.Ticket
}

type sentRequest struct {
	item  *lua.LTable
	to    actor.Handle
	proto *protocol
}

type answer struct {
	session int32
	payload actor.Payload
	failed  bool
}

// Receive implements actor.Receiver.
func (r *request) Receive(e *actor.Envelope) {
	if e.Session == r.timer {
		r.late = true
	} else {
		r.answers = append(r.answers, answer{e.Session, e.Payload, e.Type == actor.Error})
	}
	if k := r.waiting; k != nil {
		r.waiting = nil
		k.CompleteHere(actor.Payload{}, nil)
	}
}

var requests = actor.NewKey(func(*actor.Actor) *map[*lua.LTable]*request {
	m := map[*lua.LTable]*request{}
	return &m
})

// requestMeta is the metatable of requests, which nobody can change.
var requestMeta = sync.OnceValue(func() *lua.LTable {
	L := new(lua.LState)
	methods := L.CreateTable(0, 3)
	add, closing := library.New("request.add", requestAdd), library.New("request.close", requestClose)
	methods.RawSetString("add", add)
	methods.RawSetString("close", closing)
	methods.RawSetString("select", library.New("request.select", requestSelect))
	mt := L.CreateTable(0, 4)
	mt.RawSetString("__index", library.Freeze("skynet.request", methods))
	mt.RawSetString("__call", add)
	mt.RawSetString("__close", closing)
	mt.RawSetString("__metatable", lua.LFalse)
	library.Hide(mt)
	return mt
})

// newRequest is skynet.request.
func newRequest(L *lua.LState) int {
	t := L.CreateTable(4, 2)
	t.Metatable = requestMeta()
	if item, ok := L.Get(1).(*lua.LTable); ok {
		t.Append(item)
	}
	L.Push(t)
	return 1
}

func requestAdd(L *lua.LState) int {
	t := arg.Table(L, 1)
	item := arg.Table(L, 2)
	if (*requests.Of(Of(L).actor))[t] != nil {
		thread.Errorf(L, "a request that was selected takes no more items")
	}
	t.Append(item)
	L.Push(t)
	return 1
}

// requestSelect sends all, and returns an iterator over the answers.
func requestSelect(L *lua.LState) int {
	s := Of(L)
	table := arg.Table(L, 1)
	all := *requests.Of(s.actor)
	if all[table] != nil {
		thread.Errorf(L, "a request can be selected once")
	}
	t := actor.Running(L)
	t.MayWait(L)
	r := &request{service: s, table: table, sent: map[int32]sentRequest{}}
	all[table] = r
	top := L.GetTop()
	for i := 1; i <= table.Len(); i++ {
		item, ok := table.RawGetInt(i).(*lua.LTable)
		if !ok {
			thread.Errorf(L, "item %d of the request is no table", i)
		}
		n := item.Len()
		if k, ok := item.RawGetString("n").(lua.LNumber); ok {
			n = int(k)
		}
		for j := 1; j <= n; j++ {
			L.Push(item.RawGetInt(j))
		}
		to, p := s.address(L, top+1), s.protocol(L, top+2)
		payload, err := s.pack(L, p, top+3)
		if err != nil {
			actor.Raise(L, err)
		}
		L.SetTop(top)
		session, err := t.RequestFor(L, to, p.id, &payload, r)
		if err != nil {
			r.invalid = append(r.invalid, item)
			continue
		}
		r.sent[session] = sentRequest{item, to, p}
	}
	if ticks := L.Get(2); ticks != lua.LNil {
		r.timer = s.actor.TimerFor(arg.Integer(L, 2), r)
	}
	L.Push(library.Closure(r.next, table))
	L.Push(lua.LNil)
	L.Push(lua.LNil)
	L.Push(table)
	return 4
}

// next is the iterator: it returns an item of the request and the answer: a table, or false.
func (r *request) next(L *lua.LState) int {
	if n := len(r.invalid); n > 0 {
		item := r.invalid[n-1]
		r.invalid = r.invalid[:n-1]
		L.Push(item)
		return 1
	}
	for len(r.answers) == 0 {
		if len(r.sent) == 0 {
			return 0
		}
		if r.late {
			r.table.RawSetString("timeout", lua.LTrue)
			return 0
		}
		t := actor.Running(L)
		w := actor.Wait{Kind: actor.OnSelect}
		if r.timer != 0 {
			w.Deadline = -1
		} else {
			for session, sent := range r.sent {
				w.Sessions = append(w.Sessions, actor.Target{To: sent.to, Session: session})
			}
		}
		k := t.Ticket()
		r.waiting = &k
		_, err := t.Block(L, w)
		r.waiting = nil
		if err != nil {
			actor.Raise(L, err)
		}
		if r.late && len(r.answers) == 0 {
			r.table.RawSetString("timeout", lua.LTrue)
			return 0
		}
	}
	a := r.answers[0]
	r.answers = r.answers[1:]
	sent := r.sent[a.session]
	delete(r.sent, a.session)
	L.Push(sent.item)
	if a.failed {
		L.Push(lua.LFalse)
		return 2
	}
	top := L.GetTop()
	n := r.service.unpack(L, sent.proto, &a.payload)
	result := L.CreateTable(n, 1)
	for i := 1; i <= n; i++ {
		result.RawSetInt(i, L.Get(top+i))
	}
	result.RawSetString("n", lua.LNumber(n))
	L.SetTop(top)
	L.Push(result)
	return 2
}

// requestClose forgets what has not been answered.
func requestClose(L *lua.LState) int {
	a := Of(L).actor
	all := *requests.Of(a)
	table := arg.Table(L, 1)
	r := all[table]
	if r == nil {
		return 0
	}
	delete(all, table)
	for session := range r.sent {
		a.Forget(session)
	}
	if r.timer != 0 {
		a.Forget(r.timer)
	}
	r.sent, r.answers = nil, nil
	return 0
}
