package observe

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skylint/skylint/runtime/actor"
)

// keptEvents is how many events are kept.
const keptEvents = 256

// An Event is something that went wrong, or was done about it.
type Event struct {
	Number  uint64    `json:"number"` // counts from 1 on
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"` // as in the log: "handler", "deadlock", ...
	Actor   string    `json:"actor"`
	Service string    `json:"service"`
	Command string    `json:"command,omitempty"`
	Message string    `json:"message"`
	Stack   string    `json:"stack,omitempty"`
	// Cycle is who waits for whom in a deadlock: the actors by address, the last for the first.
	Cycle []Party `json:"cycle,omitempty"`
}

// Text says an event in a line, and its stack in those that follow.
func (e *Event) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s in %s %s", e.Time.Format("15:04:05"), e.Kind, e.Actor, e.Service)
	if e.Command != "" {
		b.WriteString(", " + e.Command)
	}
	b.WriteString(": " + e.Message)
	if e.Stack != "" {
		b.WriteString("\n    " + strings.ReplaceAll(tidy(e.Stack), "\n", "\n    "))
	}
	return b.String()
}

// A Party is an actor, for people.
type Party struct {
	Actor   string `json:"actor"`
	Service string `json:"service"`
}

// events are the last events, and how many there were of each kind.
type events struct {
	mutex sync.Mutex
	ring  []Event
	count uint64
	kinds map[string]uint64
}

// Report keeps an event. It is for node.Options.Report.
func (ob *Observer) Report(e actor.Event) {
	kept := Event{Time: time.Now(), Kind: e.Kind, Actor: e.Actor.String(), Service: e.Name, Command: e.Handler, Message: e.Message, Stack: e.Stack}
	for _, h := range e.Cycle {
		kept.Cycle = append(kept.Cycle, ob.party(h))
	}
	ev := &ob.events
	ev.mutex.Lock()
	defer ev.mutex.Unlock()
	ev.count++
	ev.kinds[e.Kind]++
	kept.Number = ev.count
	if len(ev.ring) < keptEvents {
		ev.ring = append(ev.ring, kept)
		return
	}
	ev.ring[(ev.count-1)%keptEvents] = kept
}

func (ob *Observer) party(h actor.Handle) Party {
	p := Party{Actor: h.String()}
	if a := ob.node.Find(h); a != nil {
		p.Service = nameOf(a)
	}
	return p
}

// all returns the events that are kept, the newest first, and how many there were of each kind.
func (ev *events) all() (list []Event, kinds map[string]uint64) {
	ev.mutex.Lock()
	defer ev.mutex.Unlock()
	list = slices.Clone(ev.ring)
	slices.SortFunc(list, func(a, b Event) int { return int(b.Number) - int(a.Number) })
	return list, maps.Clone(ev.kinds)
}
