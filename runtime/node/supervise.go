package node

import (
	"fmt"
	"time"

	"github.com/skylint/skylint/runtime/actor"
)

// A Policy says what becomes of an actor whose start fails, or whose memory is spent.
type Policy uint8

// The policies, by their names in sky.toml: never, on-failure, escalate.
const (
	Never     Policy = iota // it stays ended
	OnFailure               // it is started again, after a while, as long as it does not fail too often
	Escalate                // the node ends
)

// Restart is a policy with its numbers.
type Restart struct {
	Policy Policy
	// Backoff is how long the first restart waits; each further one within Window waits twice as
	// long, at most MaxBackoff.
	Backoff, MaxBackoff time.Duration
	// Most is how many failures within Window are followed by a restart; one more, and the actor
	// stays ended. 0: any number.
	Most   int
	Window time.Duration
}

// DefaultRestart is what OnFailure does where nothing else is said.
var DefaultRestart = Restart{Policy: OnFailure, Backoff: 100 * time.Millisecond, MaxBackoff: 30 * time.Second, Most: 5, Window: time.Minute}

// supervise starts an actor again that has failed, or lets the node end, by its policy. A
// restarted one has a new address, and the names of the old one.
func (n *Node) supervise(a *actor.Actor, names []string) {
	why, failed := a.Failure()
	if !failed || n.options.Restart == nil {
		return
	}
	r := n.options.Restart(a.Name())
	switch r.Policy {
	case Never:
		return
	case Escalate:
		n.Report(actor.Event{Kind: "escalate", Actor: a.Handle(), Name: a.Name(), Message: why})
		n.Shutdown(fmt.Sprintf("%s %s has failed: %s", a.Handle(), a.Name(), why))
		return
	}
	now := n.Now()
	n.mutex.Lock()
	var recent []int64
	for _, at := range n.failures[a.Name()] {
		if r.Window <= 0 || now-at < int64(r.Window) {
			recent = append(recent, at)
		}
	}
	recent = append(recent, now)
	n.failures[a.Name()] = recent
	stopping := n.stopping
	n.mutex.Unlock()
	if stopping {
		return
	}
	if r.Most > 0 && len(recent) > r.Most {
		n.Report(actor.Event{Kind: "given-up", Actor: a.Handle(), Name: a.Name(), Message: fmt.Sprintf("it has failed %d times within %v and is not started again; see actor.restart in sky.toml", len(recent), r.Window)})
		return
	}
	wait := r.Backoff << min(len(recent)-1, 20)
	if r.MaxBackoff > 0 {
		wait = min(wait, r.MaxBackoff)
	}
	n.Report(actor.Event{Kind: "restart", Actor: a.Handle(), Name: a.Name(), Message: fmt.Sprintf("started again in %v: %s", wait, why)})
	n.group.Add(1)
	go func() {
		defer n.group.Done()
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-n.quit:
			return
		case <-timer.C:
		}
		next, err := n.start(a.Name(), a.Args(), len(recent), 0)
		if err != nil {
			n.Report(actor.Event{Kind: "start", Name: a.Name(), Message: err.Error()})
			return
		}
		for _, name := range names {
			n.Bind(name, next.Handle())
		}
		n.mutex.Lock()
		if u := n.unique[a.Name()]; u != nil && (u.actor == a || u.actor == nil) {
			u.actor, u.err = next, nil
		}
		n.mutex.Unlock()
	}()
}
