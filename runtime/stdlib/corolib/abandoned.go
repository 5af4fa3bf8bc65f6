package corolib

import (
	"runtime"
	"sync"
	"time"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/thread"
)

// abandoned are the coroutines of a state that have yielded, and whose value is gone: nothing
// can resume them. Lua's collector frees such a coroutine. Here its goroutine has to end.
type abandoned struct {
	mutex sync.Mutex
	list  []*coroutine
}

type watched struct {
	to        *abandoned
	coroutine weak.Pointer[coroutine]
}

// watch puts the coroutine on the list when its value has been collected.
func (a *abandoned) watch(c *coroutine, v *lua.LState) {
	runtime.AddCleanup(v, func(w watched) {
		// One that has not begun, or has ended, is collected with its value.
		if c := w.coroutine.Value(); c != nil {
			w.to.mutex.Lock()
			w.to.list = append(w.to.list, c)
			w.to.mutex.Unlock()
		}
	}, watched{a, weak.Make(c)})
}

func (a *abandoned) take() []*coroutine {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	list := a.list
	a.list = nil
	return list
}

// collect ends the coroutines that nothing can resume. Where the limit is near it has the
// process look for them.
func (ws *workers) collect(L *lua.LState) {
	ws.end(L, ws.abandoned.take())
	most := limit.Of(L).Limits().Coroutines
	if most <= 0 || int64(len(ws.live)) < most-1 {
		return
	}
	limit.Of(L).Work(L, 200_000)
	runtime.GC()
	for range 20 { // the collector calls back from a goroutine of its own
		list := ws.abandoned.take()
		ws.end(L, list)
		if len(list) > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func (ws *workers) end(L *lua.LState, list []*coroutine) {
	for _, c := range list {
		// What has to-be-closed variables stays: no code runs when the collector says so.
		if c.status != suspended || c.worker == nil || c.mustClose() {
			continue
		}
		c.closing = true
		c.status = running
		c.worker.next()
		c.finish(L, ws)
	}
}

func (c *coroutine) mustClose() bool {
	for t := thread.Of(c.top); t != nil; t = t.Up {
		if t.Depth() > 0 {
			return true
		}
	}
	return false
}
