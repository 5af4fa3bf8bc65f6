package corolib

import (
	"runtime"
	"runtime/metrics"
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
	ws.end(ws.abandoned.take())
	if int64(len(ws.live)) >= ws.budget.Limits().Coroutines-1 {
		ws.budget.Work(L, collectionWork)
		ws.force()
	}
}

// collectionWork is what a collection of the process's garbage costs the script that needs it.
const collectionWork = 200_000

// reclaim is Budget.Reclaim: the coroutines that nothing can resume are ended, and their memory
// with them.
func (ws *workers) reclaim() bool {
	if ws.end(ws.abandoned.take()) {
		return true
	}
	ws.budget.Try(limit.Instructions, collectionWork)
	return ws.force()
}

// force has the process collect its garbage, unless it has not done so by itself since that was
// last of no use, and ends the coroutines that are found.
func (ws *workers) force() bool {
	if len(ws.live) == 0 || collections() == ws.forced {
		return false
	}
	runtime.GC()
	found := false
	for range 20 { // the collector calls back from a goroutine of its own
		if ws.end(ws.abandoned.take()) {
			found = true
		} else if found {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	if !found {
		ws.forced = collections()
	}
	return found
}

// collections returns how often the process has collected its garbage.
func collections() uint64 {
	sample := [1]metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}

func (ws *workers) end(list []*coroutine) (ended bool) {
	for _, c := range list {
		// What has to-be-closed variables stays: no code runs when the collector says so.
		if c.status != suspended || c.worker == nil || c.mustClose() {
			continue
		}
		c.closing = true
		c.status = running
		c.worker.next()
		c.finish(ws)
		ended = true
	}
	return ended
}

func (c *coroutine) mustClose() bool {
	for t := thread.Of(c.top); t != nil; t = t.Up {
		if t.Depth() > 0 {
			return true
		}
	}
	return false
}
