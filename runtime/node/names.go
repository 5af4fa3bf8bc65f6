package node

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/bucket"
)

// Lookup implements actor.Host.
func (n *Node) Lookup(name string) actor.Handle {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.owner(name)
}

// owner returns who has a name: nobody any more from the moment when he is to end. It is called with the
// mutex.
func (n *Node) owner(name string) actor.Handle {
	h := n.names[name]
	if a := n.Find(h); a == nil || a.Reason() != "" {
		return 0
	}
	return h
}

// Bind implements actor.Host.
func (n *Node) Bind(name string, h actor.Handle) bool {
	bound, lost := n.bind(name, h)
	for _, e := range lost {
		n.Report(e)
	}
	return bound
}

// bind gives a name, and returns what was lost that had waited for it.
func (n *Node) bind(name string, h actor.Handle) (bound bool, lost []actor.Event) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if owner := n.owner(name); owner != 0 {
		return owner == h, nil
	}
	a := n.Find(h)
	if a == nil || a.Reason() != "" {
		return false, nil
	}
	n.names[name] = h
	n.owned[h] = append(n.owned[h], name)
	if w := n.awaited[name]; w != nil {
		delete(n.awaited, name)
		n.parked -= len(w.sends)
		lost = w.registered(a) // with the mutex, so that nobody's next message overtakes
	}
	return true, lost
}

// Names returns the names that an actor has.
func (n *Node) Names(h actor.Handle) []string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return append([]string(nil), n.owned[h]...)
}

// only is the only actor of a name: that of uniqueservice.
type only struct {
	actor   *actor.Actor // nil: nobody has started it
	err     error        // that it could not be started
	waiting []func(*actor.Actor, error)
}

// only returns what is known of the only actor of a name. It is called with the mutex.
func (n *Node) only(name string) *only {
	u := n.unique[name]
	if u == nil {
		u = new(only)
		n.unique[name] = u
	}
	return u
}

// Unique implements actor.Host.
func (n *Node) Unique(by *actor.Actor, name string, args []string) (*actor.Actor, error) {
	n.mutex.Lock()
	u := n.only(name)
	if u.actor != nil || u.err != nil {
		defer n.mutex.Unlock()
		return u.actor, u.err
	}
	n.mutex.Unlock()
	a, err := n.Spawn(by, name, args)
	n.mutex.Lock()
	if u.actor != nil { // somebody was faster
		other := u.actor
		n.mutex.Unlock()
		if a != nil {
			a.Kill("there is one of its name already")
		}
		return other, nil
	}
	u.actor, u.err = a, err
	waiting := u.waiting
	u.waiting = nil
	n.mutex.Unlock()
	if a != nil {
		a.OnStart(func(err error) {
			if err != nil {
				n.mutex.Lock()
				u.actor, u.err = nil, err
				n.mutex.Unlock()
			}
		})
	}
	for _, f := range waiting {
		f(a, err)
	}
	return a, err
}

// SetUnique makes an actor the only one of a name, for Go code that provides what a script would.
func (n *Node) SetUnique(name string, a *actor.Actor) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.unique[name] = &only{actor: a}
}

// Query implements actor.Host.
func (n *Node) Query(name string, found func(*actor.Actor, error)) {
	n.mutex.Lock()
	u := n.only(name)
	if u.actor == nil && u.err == nil {
		u.waiting = append(u.waiting, found)
		n.mutex.Unlock()
		return
	}
	a, err := u.actor, u.err
	n.mutex.Unlock()
	found(a, err)
}

// Spawn implements actor.Host.
func (n *Node) Spawn(by *actor.Actor, name string, args []string) (*actor.Actor, error) {
	if by != nil {
		if err := n.allowSpawn(by); err != nil {
			return nil, err
		}
	}
	depth := 0
	if by != nil && by.Starting() {
		if depth = by.Depth() + 1; by.Limits().Hops > 0 && depth > by.Limits().Hops {
			return nil, &actor.LimitError{What: fmt.Sprintf("more than %d services start each other before the first has started", by.Limits().Hops), Key: "actor.hops"}
		}
	}
	return n.start(name, args, 0, depth)
}

// allowSpawn takes a token from the bucket of an actor.
func (n *Node) allowSpawn(by *actor.Actor) error {
	most := by.Limits().Spawns
	if most <= 0 {
		return nil
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	b := n.spawns[by.Handle()]
	if b == nil {
		b = bucket.New(most)
		n.spawns[by.Handle()] = b
	}
	if !b.Take(n.Now()) {
		return &actor.LimitError{What: fmt.Sprintf("%s starts more than %d services a second", by.Handle(), most), Key: "actor.spawns"}
	}
	return nil
}

// start makes an actor of a script and has it started.
func (n *Node) start(name string, args []string, attempt, depth int) (*actor.Actor, error) {
	if n.options.Find == nil || n.options.Script == nil {
		return nil, fmt.Errorf("there is no service %s: the node runs no scripts", name)
	}
	file, err := n.options.Find(name)
	if err != nil {
		return nil, &actor.NoServiceError{Name: name, Err: err}
	}
	limits, critical := n.limitsOf(name)
	return n.add(name, func(h actor.Handle) (*actor.Actor, error) {
		a, err := n.options.Script(actor.Options{Handle: h, Name: name, Args: args, Attempt: attempt, Depth: depth, Host: n, Limits: limits, Critical: critical, Sends: n.sends}, file, args)
		if err == nil {
			n.Print(a, "LAUNCH snlua "+strings.Join(append([]string{name}, args...), " "))
		}
		return a, err
	})
}

// Starting implements actor.Host.
func (n *Node) Starting(a *actor.Actor, err error) {
	if err != nil && err != actor.ErrExited {
		n.Report(actor.Event{Kind: "start", Actor: a.Handle(), Name: a.Name(), Message: err.Error()})
	}
}
