package runtime

import (
	"context"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/services"
)

// WaitIdle waits until no service of the project is left, or the node ends (by skynet.abort, say).
// The runtime's own services do not count, nor do those of Go code. The error is that of ctx.
func (n *Node) WaitIdle(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	n.WatchAll(func(*actor.Actor) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	ended := make(chan struct{})
	go func() {
		n.Wait()
		close(ended)
	}()
	for n.busy() {
		select {
		case <-changed:
		case <-ended:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// busy reports whether there is a service of the project, besides one for the log.
func (n *Node) busy() bool {
	found := false
	logger := n.Lookup(".logger")
	n.Each(func(a *actor.Actor) {
		if _, own := services.Find(a.Name()); a.State() != nil && a.Handle() != logger && (!own || a.Name() == "snaxd" || a.Name() == "service_cell") {
			found = true
		}
	})
	return found
}
