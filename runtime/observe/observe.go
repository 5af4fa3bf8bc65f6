// Package observe says what a node is at: its actors and their mailboxes, who sends what to whom and
// how fast it is answered, what waits for what and where, and what has gone wrong.
//
// What an actor is at is asked of the actor when a snapshot is taken, and costs nothing before. How many
// messages go from where to where, and how long they take, is counted only while somebody looks:
//
//	o := observe.New(n, observe.Options{Name: "game"})
//	stop := o.Look()
//	defer stop()
//	... later, as often as wanted:
//	s := o.Snapshot(observe.Query{})
//
// Counters only grow, so that who takes two snapshots knows the rate in between, for any time in between.
// The folders below serve snapshots: control on a unix socket, web as a page and as metrics, top in a
// terminal, spans as traces.
package observe

import (
	"strings"
	"sync"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/node"
)

// Options say what is observed.
type Options struct {
	// Name is the name of the node, for people.
	Name string
}

// An Observer counts what a node does, and takes snapshots of it. It may be used from any goroutine.
type Observer struct {
	node    *node.Node
	options Options
	events  events
	tallies *actor.Key[tally]

	looking sync.Mutex
	looks   int
	stop    func()

	mutex    sync.Mutex
	actors   map[actor.Handle]*tally
	services map[string]*service
}

// New makes an observer of a node, which has to call Report with what goes wrong.
func New(n *node.Node, o Options) *Observer {
	ob := &Observer{node: n, options: o, actors: map[actor.Handle]*tally{}, services: map[string]*service{}}
	ob.events.kinds = map[string]uint64{}
	ob.tallies = actor.NewKey(ob.newTally)
	n.WatchAll(func(a *actor.Actor) {
		ob.mutex.Lock()
		defer ob.mutex.Unlock()
		delete(ob.actors, a.Handle())
	})
	return ob
}

// Node returns the node.
func (ob *Observer) Node() *node.Node { return ob.node }

// Look has messages counted until stop is called, which does nothing when it is called again.
func (ob *Observer) Look() (stop func()) {
	ob.looking.Lock()
	defer ob.looking.Unlock()
	if ob.looks++; ob.looks == 1 {
		ob.stop = ob.node.Observers().Add((*counter)(ob))
	}
	return sync.OnceFunc(func() {
		ob.looking.Lock()
		defer ob.looking.Unlock()
		if ob.looks--; ob.looks == 0 {
			ob.stop()
		}
	})
}

// Looking reports whether messages are counted.
func (ob *Observer) Looking() bool {
	ob.looking.Lock()
	defer ob.looking.Unlock()
	return ob.looks > 0
}

// tally is what is counted of one actor.
type tally struct {
	service *service

	mutex   sync.Mutex
	handled uint64
	failed  uint64
	latency Histogram
}

// service is what is counted of all actors of a name, of those that have ended too.
type service struct {
	mutex    sync.Mutex
	messages uint64
	handled  uint64
	failed   uint64
	latency  Histogram
	incoming map[edge]*flow
}

// edge is one kind of messages that a service gets.
type edge struct {
	from    string
	typ     actor.Type
	command string
}

type flow struct {
	messages uint64
	calls    uint64
	failed   uint64
	took     time.Duration
}

const (
	// mostServices bounds what is kept of services that have ended: names can be made at run time.
	mostServices = 4096
	// mostFlows bounds the kinds of messages of a service, and longestCommand what is kept of a name:
	// both come with messages.
	mostFlows      = 1024
	longestCommand = 48
	// Others stands for those beyond the bounds.
	Others = "(others)"
	// Host stands for the program that the node is part of, Clients for who is behind a gate, and Gone for a
	// sender that has ended.
	Host    = "(host)"
	Clients = "(clients)"
	Gone    = "(gone)"
)

func (ob *Observer) service(name string) *service {
	ob.mutex.Lock()
	defer ob.mutex.Unlock()
	s := ob.services[name]
	if s == nil && len(ob.services) >= mostServices {
		name = Others
		s = ob.services[name]
	}
	if s == nil {
		s = &service{incoming: map[edge]*flow{}}
		ob.services[name] = s
	}
	return s
}

func (ob *Observer) newTally(a *actor.Actor) *tally {
	t := &tally{service: ob.service(nameOf(a))}
	ob.mutex.Lock()
	defer ob.mutex.Unlock()
	if ob.node.Find(a.Handle()) == a {
		ob.actors[a.Handle()] = t
	}
	return t
}

// counter is the Observer as the actors see it.
type counter Observer

func (c *counter) name(h actor.Handle) string {
	if h == 0 {
		return Host
	}
	if a := c.node.Find(h); a != nil {
		return nameOf(a)
	}
	return Gone
}

// nameOf returns the name that an actor is shown by: text, whatever bytes a script has asked for.
func nameOf(a *actor.Actor) string {
	if a.Name() == "" {
		return Host
	}
	return valid(a.Name())
}

func valid(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

// flow returns what is counted of a kind of messages. It is called with the lock.
func (s *service) flow(e edge) *flow {
	if len(e.command) > longestCommand {
		e.command = e.command[:longestCommand]
	}
	f := s.incoming[e]
	if f != nil {
		return f
	}
	if len(s.incoming) >= mostFlows {
		e.command = Others
		if f = s.incoming[e]; f != nil {
			return f
		}
		e.from = Others
		if f = s.incoming[e]; f != nil {
			return f
		}
	}
	e.command = string([]byte(e.command)) // not a piece of a long message
	f = new(flow)
	s.incoming[e] = f
	return f
}

// Begun implements actor.Observer.
func (c *counter) Begun(t *actor.Task, e *actor.Envelope) {
	s := c.tallies.Of(t.Actor()).service
	from := Clients
	if e.Type != actor.Client { // the source of those is what the gate says: the number of a connection
		from = c.name(e.Source)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.messages++
	s.flow(edge{from, e.Type, e.Command()}).messages++
}

// Handled implements actor.Observer.
func (c *counter) Handled(h actor.Handling) {
	t := c.tallies.Of(h.Task.Actor())
	took := time.Duration(h.Ended - h.Began)
	t.mutex.Lock()
	t.handled++
	t.latency.Add(took)
	if h.Err != nil {
		t.failed++
	}
	t.mutex.Unlock()
	s := t.service
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.handled++
	s.latency.Add(took)
	if h.Err != nil {
		s.failed++
	}
}

// Called implements actor.Observer.
func (c *counter) Called(call actor.Called) {
	callee := c.node.Find(call.To)
	if callee == nil {
		return // nobody is there to be drawn
	}
	s := (*Observer)(c).service(nameOf(callee))
	s.mutex.Lock()
	defer s.mutex.Unlock()
	f := s.flow(edge{nameOf(call.Task.Actor()), call.Type, call.Command})
	f.calls++
	f.took += time.Duration(call.Ended - call.Began)
	if call.Err != nil {
		f.failed++
	}
}
