package node

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/skylint/skylint/runtime/actor"
)

// idle is an actor that does nothing.
type idle struct{}

func (idle) Message(*actor.Task, *actor.Envelope) error { return nil }
func (idle) Close()                                     {}

// spawnWithTimer makes an actor that has set a timer of an hour.
func spawnWithTimer(t *testing.T, n *Node) (actor.Handle, weak.Pointer[actor.Actor]) {
	a, err := n.Add("", idle{})
	if err != nil {
		t.Fatal(err)
	}
	n.After(a, 1, 360_000)
	return a.Handle(), weak.Make(a)
}

// An actor that has ended is not kept by its timers, and they go once there are many.
func TestTimersOfEndedActors(t *testing.T) {
	n := New(Options{})
	defer n.Close()
	var first weak.Pointer[actor.Actor]
	var last actor.Handle
	for i := range leastPrune {
		h, p := spawnWithTimer(t, n)
		if i == 0 {
			first = p
		}
		n.Kill(h, "the test")
		last = h
	}
	for h := range last + 1 {
		for n.Find(h) != nil {
			time.Sleep(time.Millisecond)
		}
	}
	spawnWithTimer(t, n)
	n.timers.mutex.Lock()
	left := len(n.timers.heap)
	n.timers.mutex.Unlock()
	if left != 1 {
		t.Errorf("%d timers are left of one actor that runs and of those that have ended", left)
	}
	for end := time.Now().Add(5 * time.Second); first.Value() != nil; time.Sleep(time.Millisecond) {
		if runtime.GC(); time.Now().After(end) {
			t.Fatal("the actor is kept")
		}
	}
}
