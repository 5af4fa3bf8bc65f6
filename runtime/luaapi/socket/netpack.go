package socket

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// netpack is skynet.netpack: frames of two bytes of length, and content.
var netpack = actor.Functions("skynet.netpack", []library.Function{
	{Name: "pack", Call: func(L *lua.LState) int {
		s := text(L, 1)
		if len(s) > maxFrame {
			thread.Errorf(L, "Invalid size (too long) of data : %d", len(s))
		}
		limit.Of(L).Charge(L, limit.String, int64(len(s)+2))
		b := append(append(make([]byte, 0, len(s)+2), byte(len(s)>>8), byte(len(s))), s...)
		return push(L, lua.LString(b), lua.LNumber(len(b)))
	}},
	{Name: "tostring", Call: func(L *lua.LState) int { return push(L, lua.LString(text(L, 1))) }},
	{Name: "filter", Call: filter},
	{Name: "pop", Call: func(L *lua.LState) int {
		q, _ := queueOf(L, 1)
		if q == nil || len(q.ready) == 0 {
			return 0
		}
		p := q.ready[0]
		q.ready = q.ready[1:]
		return push(L, lua.LNumber(p.id), lua.LString(p.frame), lua.LNumber(len(p.frame)))
	}},
	{Name: "clear", Call: func(L *lua.LState) int {
		if q, _ := queueOf(L, 1); q != nil {
			*q = frames{parts: map[int]*socket.Framer{}}
		}
		return 0
	}},
})

// maxFrame is how long the content of a frame may be.
const maxFrame = 0xffff

// frames is what a filter keeps: parts of frames by socket, and whole ones.
type frames struct {
	parts map[int]*socket.Framer
	ready []frame
}

type frame struct {
	id    int
	frame string
}

func queueOf(L *lua.LState, n int) (*frames, lua.LValue) {
	u, ok := L.Get(n).(*lua.LUserData)
	if !ok {
		return nil, lua.LNil
	}
	q, ok := u.Value.(*frames)
	if !ok {
		arg.TypeError(L, n, "queue of netpack")
	}
	return q, u
}

// filter takes a message of a socket. It returns the queue, and what has happened: "data", id,
// frame, size; "more": there are several to be had of pop; "open", "close", "error", "warning", "init".
func filter(L *lua.LState) int {
	q, u := queueOf(L, 1)
	e := message(L, 2)
	if q == nil {
		q = &frames{parts: map[int]*socket.Framer{}}
		u = &lua.LUserData{Value: q, Metatable: lua.LNil}
	}
	values := func(what string, more ...lua.LValue) int {
		return push(L, u, lua.LString(what)) + push(L, more...)
	}
	switch e.Kind {
	case socket.Data:
		f := q.parts[e.ID]
		if f == nil {
			f = &socket.Framer{}
			q.parts[e.ID] = f
		}
		var first []frame
		f.Feed(e.Data, func(s string) { first = append(first, frame{e.ID, s}) })
		if !f.Partial() {
			delete(q.parts, e.ID)
		}
		switch {
		case len(first) == 0:
			return push(L, u)
		case len(first) == 1 && len(q.ready) == 0:
			return values("data", lua.LNumber(e.ID), lua.LString(first[0].frame), lua.LNumber(len(first[0].frame)))
		}
		q.ready = append(q.ready, first...)
		return values("more")
	case socket.Connect:
		return values("init", lua.LNumber(e.ID), lua.LString(e.Address), lua.LNumber(e.N))
	case socket.Close:
		delete(q.parts, e.ID)
		return values("close", lua.LNumber(e.ID))
	case socket.Accept:
		return values("open", lua.LNumber(e.N), lua.LString(e.Address))
	case socket.Error:
		delete(q.parts, e.ID)
		return values("error", lua.LNumber(e.ID), lua.LString(e.Data))
	case socket.Warning:
		return values("warning", lua.LNumber(e.ID), lua.LNumber(e.N))
	}
	return push(L, u)
}
