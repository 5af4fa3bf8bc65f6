package node

import (
	"fmt"
	"maps"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
)

// A name without a dot is global: in skynet a message to one that nobody has waits until somebody registers
// it. So it does here, up to a number of messages; a call does as long as any call does.

// awaited is what waits for a name.
type awaited struct {
	calls []actor.Ticket
	sends []parked
}

// parked is a message that nobody waits for.
type parked struct {
	envelope actor.Envelope
	since    int64
}

// mostParked is how many messages a node keeps for names that nobody has.
const mostParked = 1024

// await returns what waits for a name. It is called with the mutex.
func (n *Node) await(name string) *awaited {
	w := n.awaited[name]
	if w == nil {
		w = new(awaited)
		if n.awaited == nil {
			n.awaited = make(map[string]*awaited)
		}
		n.awaited[name] = w
	}
	return w
}

// AwaitName implements actor.Host.
func (n *Node) AwaitName(name string, k actor.Ticket) actor.Handle {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if h := n.owner(name); h != 0 {
		return h
	}
	w := n.await(name)
	w.calls = append(w.calls, k)
	return 0
}

// LeaveName implements actor.Host.
func (n *Node) LeaveName(name string, k actor.Ticket) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if w := n.awaited[name]; w != nil {
		if i := slices.Index(w.calls, k); i >= 0 {
			w.calls = slices.Delete(w.calls, i, i+1)
		}
		if len(w.calls)+len(w.sends) == 0 {
			delete(n.awaited, name)
		}
	}
}

// Park implements actor.Host.
func (n *Node) Park(name string, e actor.Envelope) error {
	n.mutex.Lock()
	if h := n.owner(name); h != 0 {
		n.mutex.Unlock()
		if a := n.Find(h); a != nil {
			return a.Offer(e)
		}
		return &actor.SendError{To: h, Gone: true}
	}
	defer n.mutex.Unlock()
	if n.parked >= mostParked {
		return &actor.SendError{Text: fmt.Sprintf("nobody has the name %s, and %d messages wait for names already", name, mostParked)}
	}
	n.parked++
	w := n.await(name)
	w.sends = append(w.sends, parked{e, n.Now()})
	return nil
}

// registered lets those go on that wait for a name that an actor has now: messages in the order in which they
// were sent, then calls. It returns which messages were not taken.
func (w *awaited) registered(a *actor.Actor) (lost []actor.Event) {
	for _, p := range w.sends {
		if err := a.Offer(p.envelope); err != nil {
			lost = append(lost, actor.Event{Kind: "name", Actor: p.envelope.Source, Message: "a message that has waited for a name is lost: " + err.Error()})
		}
	}
	for _, k := range w.calls {
		k.Complete(actor.Values(lua.LNumber(a.Handle())), nil)
	}
	return lost
}

// parkedEntries appends the messages that wait for names to the list of waits.
func (n *Node) parkedEntries(now int64, to []Entry) []Entry {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, name := range slices.Sorted(maps.Keys(n.awaited)) {
		for _, p := range n.awaited[name].sends {
			e := Entry{Actor: p.envelope.Source, Kind: actor.OnName, What: fmt.Sprintf("somebody to register the name %q, for a message", name), Age: time.Duration(now - p.since)}
			if a := n.Find(p.envelope.Source); a != nil {
				e.Name = a.Name()
			}
			to = append(to, e)
		}
	}
	return to
}
