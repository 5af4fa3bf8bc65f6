package observe

import (
	"cmp"
	"maps"
	"os"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/actor"
)

// A Query says what a snapshot is to have. The zero Query asks for all but the stacks.
type Query struct {
	// Actor, if it is set, is the only one whose waits are wanted.
	Actor actor.Handle
	// Waits is how many waits are wanted at most, the oldest; 0: 1000.
	Waits int
	// Stacks is how old a wait must be for its stack to be wanted, and MostStacks how many are; 0: none, and 100. A
	// stack is read by its actor, between two messages.
	Stacks     time.Duration
	MostStacks int
}

// A Snapshot is what a node is at. Each actor is seen at one moment, but not all at the same one: a node
// is not stopped to be looked at. Lists are in a fixed order. As JSON it is an interface: fields are added,
// none is taken away. Durations are in nanoseconds.
type Snapshot struct {
	Node       Node              `json:"node"`
	Actors     []Actor           `json:"actors"`    // by address
	Services   []Service         `json:"services"`  // by name
	Edges      []Edge            `json:"edges"`     // by from, to, type and command; empty until somebody looks
	Waits      []Wait            `json:"waits"`     // the oldest first
	AllWaits   int               `json:"all_waits"` // how many there are, listed or not
	Events     []Event           `json:"events"`    // the newest first
	EventKinds map[string]uint64 `json:"event_kinds"`
	Violations []Violation       `json:"violations"` // the newest first
	Trips      []Trips           `json:"trips"`      // how often which rule was broken, by rule and service
}

// Node is the node as a whole.
type Node struct {
	Name    string        `json:"name"`
	PID     int           `json:"pid"`
	Started time.Time     `json:"started"`
	Time    time.Duration `json:"time"`    // since then, when the snapshot was taken: what rates are counted by
	Looking bool          `json:"looking"` // whether messages are counted
	Ending  string        `json:"ending,omitempty"`
	// Slots is how many actors run at once; Running do, and Ready would if they could.
	Slots      int    `json:"slots"`
	Running    int    `json:"running"`
	Ready      int    `json:"ready"`
	Heap       uint64 `json:"heap"`    // bytes of live and dead objects
	Process    uint64 `json:"process"` // bytes that the process has of the system, for Go's heap, stacks and the rest
	Goroutines uint64 `json:"goroutines"`
}

// Actor is one actor.
type Actor struct {
	Party
	Names  []string `json:"names,omitempty"`
	Args   []string `json:"args,omitempty"`
	Native bool     `json:"native,omitempty"` // it is Go code
	State  string   `json:"state"`            // see actor.State
	// Critical and Normal are the messages that wait in each lane of the mailbox, Room how many may: 0 for any number.
	Critical int `json:"critical"`
	Normal   int `json:"normal"`
	Room     int `json:"room"`
	// Waiting is how many of its tasks wait.
	Waiting int `json:"waiting"`
	// Turns is how often a task of it has begun or gone on, always counted. It begins anew after 4294967295.
	Turns uint32 `json:"turns"`
	// Memory is what its values take in bytes, as last measured; 0: it is too small to have been.
	Memory int64 `json:"memory"`
	// Of the messages that were handled while somebody looked: how many, how many with an error, and how long
	// it took from the first instruction to the last, waits included.
	Handled uint64    `json:"handled"`
	Failed  uint64    `json:"failed"`
	Latency Histogram `json:"latency"`
}

// Service is all actors of a name.
type Service struct {
	Name   string `json:"name"`
	Native bool   `json:"native,omitempty"`
	Actors int    `json:"actors"` // there are
	Busy   int    `json:"busy"`   // of them
	Queue  int    `json:"queue"`  // messages that wait in all mailboxes
	Memory int64  `json:"memory"`
	// Counted as of an Actor, with those of actors that have ended. Messages is how many have begun.
	Messages uint64    `json:"messages"`
	Handled  uint64    `json:"handled"`
	Failed   uint64    `json:"failed"`
	Latency  Histogram `json:"latency"`
}

// Edge is one kind of messages from the actors of one name to those of another.
type Edge struct {
	From     string        `json:"from"`
	To       string        `json:"to"`
	Type     string        `json:"type"`              // "lua", "client", ...
	Command  string        `json:"command,omitempty"` // the first value, if it is a string
	Messages uint64        `json:"messages"`          // that were taken
	Calls    uint64        `json:"calls"`             // of them: that have an answer, or an error
	Failed   uint64        `json:"failed"`            // calls with an error
	Took     time.Duration `json:"took"`              // all calls together
}

// Snapshot says what the node is at.
func (ob *Observer) Snapshot(q Query) *Snapshot {
	if q.Waits <= 0 {
		q.Waits = 1000
	}
	if q.MostStacks <= 0 {
		q.MostStacks = 100
	}
	s := &Snapshot{}
	s.Node = ob.process()
	s.Actors = ob.allActors()
	s.Services, s.Edges = ob.flows(s.Actors)
	s.Waits, s.AllWaits = ob.waits(&q)
	s.Events, s.EventKinds = ob.events.all()
	s.Violations, s.Trips = ob.violations()
	return s
}

func (ob *Observer) process() Node {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/sched/goroutines:goroutines"}}
	metrics.Read(samples)
	n := Node{
		Name: ob.options.Name, PID: os.Getpid(), Started: ob.node.Started(), Time: time.Duration(ob.node.Now()), Looking: ob.Looking(), Ending: ob.node.Reason(),
		Heap: samples[0].Value.Uint64(), Process: samples[1].Value.Uint64() - samples[2].Value.Uint64(), Goroutines: samples[3].Value.Uint64(),
	}
	n.Slots, n.Running, n.Ready = ob.node.Load()
	return n
}

func (ob *Observer) allActors() []Actor {
	list := []Actor{}
	ob.node.Each(func(a *actor.Actor) {
		status := a.Status()
		x := Actor{
			Party: Party{a.Handle().String(), nameOf(a)}, Names: ob.node.Names(a.Handle()), Args: a.Args(), Native: a.State() == nil, State: status.State.String(),
			Critical: status.Critical, Normal: status.Normal, Room: a.Limits().Mailbox, Waiting: status.Waiting, Turns: a.Handled(),
		}
		if !x.Native {
			x.Memory = a.State().Budget.Measured()
		}
		ob.mutex.Lock()
		t := ob.actors[a.Handle()]
		ob.mutex.Unlock()
		if t != nil {
			t.mutex.Lock()
			x.Handled, x.Failed, x.Latency = t.handled, t.failed, t.latency
			t.mutex.Unlock()
		}
		list = append(list, x)
	})
	return list
}

// flows returns what is known of services: of those that have actors, and of those that had.
func (ob *Observer) flows(actors []Actor) ([]Service, []Edge) {
	byName := map[string]*Service{}
	named := func(name string) *Service {
		s := byName[name]
		if s == nil {
			s = &Service{Name: name}
			byName[name] = s
		}
		return s
	}
	for i := range actors {
		a := &actors[i]
		s := named(a.Service)
		s.Actors++
		s.Native = a.Native
		s.Queue += a.Critical + a.Normal
		s.Memory += a.Memory
		if a.State == actor.Busy.String() {
			s.Busy++
		}
	}
	ob.mutex.Lock()
	counted := maps.Clone(ob.services)
	ob.mutex.Unlock()
	edges := []Edge{}
	for name, c := range counted {
		s := named(name)
		c.mutex.Lock()
		s.Messages, s.Handled, s.Failed, s.Latency = c.messages, c.handled, c.failed, c.latency
		for e, f := range c.incoming {
			edges = append(edges, Edge{From: e.from, To: name, Type: e.typ.String(), Command: e.command, Messages: f.messages, Calls: f.calls, Failed: f.failed, Took: f.took})
		}
		c.mutex.Unlock()
	}
	services := make([]Service, 0, len(byName))
	for _, s := range byName {
		services = append(services, *s)
	}
	slices.SortFunc(services, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Command, b.Command))
	})
	return services, edges
}
