package observe

import (
	"fmt"
	"time"

	"github.com/skylint/skylint/runtime/actor"
)

// Health says whether a node takes work.
type Health struct {
	// OK is false when the node ends, for the reason.
	OK     bool          `json:"ok"`
	Reason string        `json:"reason,omitempty"`
	Uptime time.Duration `json:"uptime"` // in nanoseconds
	Actors int           `json:"actors"`
	Queue  int           `json:"queue"` // messages that wait
}

// Health returns the health of the node.
func (ob *Observer) Health() Health {
	h := Health{OK: true, Uptime: time.Duration(ob.node.Now())}
	ob.node.Each(func(a *actor.Actor) {
		h.Actors++
		h.Queue += a.Length()
	})
	if why := ob.node.Reason(); why != "" {
		h.OK, h.Reason = false, "the node is ending: "+why
	}
	return h
}

// String says it in a line.
func (h Health) String() string {
	word := "ok"
	if !h.OK {
		word = h.Reason
	}
	return fmt.Sprintf("%s: up %v, %d actors, %d messages wait", word, h.Uptime.Round(time.Second), h.Actors, h.Queue)
}
