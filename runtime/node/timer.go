package node

import (
	"container/heap"
	"sync"
	"time"

	"github.com/skylint/skylint/runtime/actor"
)

// tick is the unit of skynet's time.
const tick = int64(10 * time.Millisecond)

// timers sends answers to sessions when their time has come: all of a tick in the order in which they
// were asked for.
type timers struct {
	mutex sync.Mutex
	heap  timerHeap
	count uint64
	prune int // how long the heap gets until timers of actors that have ended are taken out
	kick  chan struct{}
	due   int64 // when the keeper wakes up by itself
}

type timer struct {
	at      int64 // in ticks
	number  uint64
	actor   actor.Handle // not the actor: one that has ended is not kept until the time has come
	session int32
}

// leastPrune is how many timers are always let be.
const leastPrune = 1024

// clean takes out timers whose actors have ended, whenever the heap has doubled. It is called with the
// mutex.
func (t *timers) clean(find func(actor.Handle) *actor.Actor) {
	if len(t.heap) < max(t.prune, leastPrune) {
		return
	}
	kept := t.heap[:0]
	for _, x := range t.heap {
		if find(x.actor) != nil {
			kept = append(kept, x)
		}
	}
	t.heap = kept
	heap.Init(&t.heap)
	t.prune = 2 * len(kept)
}

type timerHeap []timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].number < h[j].number
}
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)   { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	n := len(old) - 1
	t := old[n]
	old[n] = timer{}
	*h = old[:n]
	return t
}

// After implements actor.Host.
func (n *Node) After(a *actor.Actor, session int32, ticks int64) {
	if ticks <= 0 {
		a.Post(actor.Envelope{Type: actor.Response, Session: session, Critical: a.Critical()})
		return
	}
	t := &n.timers
	t.mutex.Lock()
	t.count++
	at := n.Now()/tick + ticks
	t.clean(n.Find)
	heap.Push(&t.heap, timer{at, t.count, a.Handle(), session})
	sooner := at*tick < t.due
	t.mutex.Unlock()
	if sooner {
		select {
		case t.kick <- struct{}{}:
		default:
		}
	}
}

// expire sends what is due, and returns when the next one is; 0 for none.
func (n *Node) expire(now int64) int64 {
	t := &n.timers
	for {
		t.mutex.Lock()
		if len(t.heap) == 0 {
			t.mutex.Unlock()
			return 0
		}
		first := t.heap[0]
		if first.at*tick > now {
			t.mutex.Unlock()
			return first.at * tick
		}
		heap.Pop(&t.heap)
		t.mutex.Unlock()
		if a := n.Find(first.actor); a != nil {
			a.Post(actor.Envelope{Type: actor.Response, Session: first.session, Critical: a.Critical()})
		}
	}
}

// keepTime serves timers and sweeps waits until the node ends.
func (n *Node) keepTime() {
	defer n.group.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var sweep int64
	for {
		select {
		case <-n.quit:
			return
		case <-n.timers.kick:
		case <-timer.C:
		}
		now := n.Now()
		next := n.expire(now)
		if now >= sweep {
			sweep = now + n.sweep(now)
		}
		wake := sweep
		if next > 0 && next < wake {
			wake = next
		}
		n.timers.mutex.Lock()
		n.timers.due = wake
		if len(n.timers.heap) > 0 { // one may have come meanwhile
			wake = min(wake, n.timers.heap[0].at*tick)
		}
		n.timers.mutex.Unlock()
		timer.Reset(time.Duration(max(wake-n.Now(), 0)))
	}
}
