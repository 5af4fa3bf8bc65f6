// Package node runs actors: it gives them addresses, names, run slots and time, starts and ends
// them, and breaks waits that can never end.
package node

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/bucket"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/source"
)

// Options say how a node runs.
type Options struct {
	// Limits bound every actor; nil: actor.Default.
	Limits *actor.Limits
	// LimitsOf, if it is set, returns the limits of an actor of a name, and whether it is
	// critical; nil limits are those of all.
	LimitsOf func(name string) (l *actor.Limits, critical bool)
	// Slots is how many actors run at once; 0: as many as there are processors.
	Slots int
	// Sends is how many messages all actors may send in a second, together; 0: no limit. Those of critical actors
	// count, but are always sent.
	Sends int
	// Actors is how many there may be at once; 0: no limit.
	Actors int
	// Script makes the actor of a script that has been found.
	Script func(o actor.Options, file *source.File, args []string) (*actor.Actor, error)
	// Find returns the text of a script by its name: "db" for newservice("db").
	Find func(name string) (*source.File, error)
	// Env are the settings that skynet.getenv finds.
	Env map[string]string
	// Restart says what becomes of an actor whose start or memory fails; nil: nothing.
	Restart func(name string) Restart
	// Print takes what actors log, a line each, and Report what goes wrong. They are called from
	// any goroutine, one at a time.
	Print  func(from actor.Handle, text string)
	Report func(actor.Event)
	// Guards say what is done about what breaks a rule; nil: what is usual under the profile compat.
	Guards *guard.Guards
}

// A Node is a set of actors that know each other's addresses and names.
type Node struct {
	scheduler
	options Options
	limits  *actor.Limits
	sends   *bucket.Bucket // of all actors
	began   time.Time
	traces  atomic.Uint64
	timers  timers
	watch   actor.Observers
	quit    chan struct{}
	group   sync.WaitGroup

	table handles

	mutex    sync.Mutex
	names    map[string]actor.Handle
	owned    map[actor.Handle][]string
	env      map[string]string
	unique   map[string]*only
	awaited  map[string]*awaited // by name
	parked   int                 // messages in awaited
	watchers map[actor.Handle][]func(*actor.Actor, string)
	spawns   map[actor.Handle]*bucket.Bucket
	failures map[string][]int64 // when starts of a name have failed
	all      []func(*actor.Actor)
	monitor  atomic.Uint32 // a handle
	empty    *sync.Cond
	alive    int
	stopping bool
	reason   string

	output  sync.Mutex
	breaks  sync.WaitGroup
	broken  map[*actor.Task]bool  // with mutex: cycles that are being reported
	audited int64                 // when it was last asked
	left    map[*actor.Task]int64 // with mutex: since when a task is in a cycle that was reported, and is left alone
	asked   map[*actor.Task]int64 // since when a task waits for a service; that was reported. The sweep's alone
	audit   atomic.Int64          // when the collector is asked again about lost responses
	beat    int64                 // when actors were last looked at that run for long
}

// New makes a node without actors. Close must be called.
func New(o Options) *Node {
	n := &Node{
		options: o, limits: o.Limits, sends: bucket.New(o.Sends), began: time.Now(), quit: make(chan struct{}),
		names: make(map[string]actor.Handle), owned: make(map[actor.Handle][]string), env: make(map[string]string),
		unique: make(map[string]*only), watchers: make(map[actor.Handle][]func(*actor.Actor, string)),
		spawns: make(map[actor.Handle]*bucket.Bucket), failures: make(map[string][]int64), broken: make(map[*actor.Task]bool), left: make(map[*actor.Task]int64),
	}
	for k, v := range o.Env {
		n.env[k] = v
	}
	if n.options.Guards == nil {
		n.options.Guards = guard.New(guard.Options{})
	}
	if n.limits == nil {
		l := actor.Default()
		n.limits = &l
	}
	n.empty = sync.NewCond(&n.mutex)
	n.scheduler.slots = o.Slots
	if n.scheduler.slots <= 0 {
		n.scheduler.slots = runtime.GOMAXPROCS(0)
	}
	n.timers.kick = make(chan struct{}, 1)
	n.group.Add(1)
	go n.keepTime()
	return n
}

// Now implements actor.Host.
func (n *Node) Now() int64 { return int64(time.Since(n.began)) }

// Trace implements actor.Host.
func (n *Node) Trace() uint64 { return n.traces.Add(1) }

// Started implements actor.Host.
func (n *Node) Started() time.Time { return n.began }

// Observers implements actor.Host.
func (n *Node) Observers() *actor.Observers { return &n.watch }

// Find implements actor.Host.
func (n *Node) Find(h actor.Handle) *actor.Actor { return n.table.find(h) }

// Print implements actor.Host.
func (n *Node) Print(a *actor.Actor, text string) {
	if n.options.Print == nil {
		return
	}
	var h actor.Handle
	if a != nil {
		h = a.Handle()
	}
	n.output.Lock()
	defer n.output.Unlock()
	n.options.Print(h, text)
}

// Report implements actor.Host.
func (n *Node) Report(e actor.Event) {
	if n.options.Report == nil {
		return
	}
	n.output.Lock()
	defer n.output.Unlock()
	n.options.Report(e)
}

// Guards implements actor.Host.
func (n *Node) Guards() *guard.Guards { return n.options.Guards }

// Getenv implements actor.Host.
func (n *Node) Getenv(key string) (string, bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	v, ok := n.env[key]
	return v, ok
}

// Setenv implements actor.Host.
func (n *Node) Setenv(key, value string) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if _, ok := n.env[key]; ok {
		return false
	}
	n.env[key] = value
	return true
}

// Add makes an actor of Go code, and gives it a name if that is not empty. It has started when
// Add returns.
func (n *Node) Add(name string, b actor.Behaviour) (*actor.Actor, error) {
	limits, critical := n.limitsOf(name)
	a, err := n.add(name, func(h actor.Handle) (*actor.Actor, error) {
		return actor.New(actor.Options{Handle: h, Name: name, Host: n, Limits: limits, Critical: critical, Sends: n.sends, Behaviour: b}), nil
	})
	if err != nil {
		return nil, err
	}
	if name != "" && !n.Bind(name, a.Handle()) {
		a.Kill("its name is taken")
		return nil, fmt.Errorf("the name %s is taken", name)
	}
	a.Started(nil)
	return a, nil
}

func (n *Node) limitsOf(name string) (*actor.Limits, bool) {
	if n.options.LimitsOf != nil {
		if l, critical := n.options.LimitsOf(name); l != nil {
			return l, critical
		} else if critical {
			return n.limits, true
		}
	}
	return n.limits, false
}

// add gives an actor an address.
func (n *Node) add(name string, make func(actor.Handle) (*actor.Actor, error)) (*actor.Actor, error) {
	n.mutex.Lock()
	if n.stopping {
		n.mutex.Unlock()
		return nil, fmt.Errorf("the node is ending: %s", n.reason)
	}
	if most := n.options.Actors; most > 0 && n.alive >= most {
		n.mutex.Unlock()
		return nil, &actor.LimitError{What: fmt.Sprintf("the node has %d actors", most), Key: "run.actors"}
	}
	n.alive++
	n.mutex.Unlock()
	h := n.table.reserve()
	a, err := make(h)
	if err != nil {
		n.mutex.Lock()
		n.alive--
		n.empty.Broadcast()
		n.mutex.Unlock()
		return nil, err
	}
	n.table.set(h, a)
	a.Open()
	n.mutex.Lock()
	stopping := n.stopping
	n.mutex.Unlock()
	if stopping {
		a.Kill(n.reason)
	}
	return a, nil
}

// Kill implements actor.Host.
func (n *Node) Kill(h actor.Handle, reason string) bool {
	a := n.Find(h)
	if a == nil {
		return false
	}
	a.Kill(reason)
	return true
}

// Shutdown implements actor.Host. It does not wait.
func (n *Node) Shutdown(reason string) {
	n.stop(reason)
	n.table.each(func(a *actor.Actor) { a.Kill(reason) })
}

// stop has no more actors made. The first reason stays.
func (n *Node) stop(reason string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if !n.stopping {
		n.stopping, n.reason = true, reason
	}
	n.empty.Broadcast()
}

// Stop asks all actors to end, and waits until they have; those that have not after some time are
// killed. It reports whether all have ended by themselves.
func (n *Node) Stop(reason string, grace time.Duration) bool {
	n.stop(reason)
	n.table.each(func(a *actor.Actor) { a.End(reason) })
	late := time.AfterFunc(grace, n.empty.Broadcast)
	defer late.Stop()
	end := time.Now().Add(grace)
	n.mutex.Lock()
	for n.alive > 0 && time.Now().Before(end) {
		n.empty.Wait()
	}
	ended := n.alive == 0
	n.mutex.Unlock()
	n.Shutdown(reason)
	return ended
}

// Reason returns why the node ends; "" while it does not.
func (n *Node) Reason() string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.reason
}

// Wait waits until no actor is left, or Shutdown is called.
func (n *Node) Wait() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for n.alive > 0 && !n.stopping {
		n.empty.Wait()
	}
}

// Close ends all actors and waits until they, and the node's goroutines, have ended.
func (n *Node) Close() {
	n.Shutdown("the node is closed")
	n.mutex.Lock()
	for n.alive > 0 {
		n.empty.Wait()
	}
	n.mutex.Unlock()
	select {
	case <-n.quit:
	default:
		close(n.quit)
	}
	n.group.Wait()
	n.breaks.Wait()
	n.scheduler.close()
}

// Each calls f with every actor, in the order of their addresses.
func (n *Node) Each(f func(*actor.Actor)) { n.table.each(f) }

// Ended implements actor.Host.
func (n *Node) Ended(a *actor.Actor) {
	h := a.Handle()
	if a.Exited() {
		n.Print(a, "KILL self")
	}
	n.table.clear(h)
	n.mutex.Lock()
	names := n.owned[h]
	for _, name := range names {
		if n.names[name] == h {
			delete(n.names, name)
		}
	}
	delete(n.owned, h)
	delete(n.spawns, h)
	watchers := n.watchers[h]
	delete(n.watchers, h)
	all := n.all
	n.mutex.Unlock()
	for _, f := range watchers {
		f(a, a.Reason())
	}
	for _, f := range all {
		f(a)
	}
	n.tellMonitor(a)
	n.supervise(a, names)
	n.mutex.Lock()
	n.alive--
	n.empty.Broadcast()
	n.mutex.Unlock()
}

// Watch has f called when an actor has ended, with the reason, from any goroutine; at once if it
// has ended already.
func (n *Node) Watch(h actor.Handle, f func(a *actor.Actor, reason string)) {
	n.mutex.Lock()
	if n.Find(h) == nil {
		n.mutex.Unlock()
		f(nil, "it has ended before")
		return
	}
	n.watchers[h] = append(n.watchers[h], f)
	n.mutex.Unlock()
}

// Link ends one actor when the other ends, and the other way round.
func (n *Node) Link(a, b actor.Handle) {
	n.Watch(a, func(_ *actor.Actor, reason string) { n.Kill(b, "linked to "+a.String()+", which has ended: "+reason) })
	n.Watch(b, func(_ *actor.Actor, reason string) { n.Kill(a, "linked to "+b.String()+", which has ended: "+reason) })
}

// SetMonitor implements actor.Host.
func (n *Node) SetMonitor(h actor.Handle) { n.monitor.Store(uint32(h)) }

// Monitor implements actor.Host.
func (n *Node) Monitor() actor.Handle { return actor.Handle(n.monitor.Load()) }

// tellMonitor tells the monitor that an actor has ended.
func (n *Node) tellMonitor(a *actor.Actor) {
	if m := n.Find(n.Monitor()); m != nil && m != a {
		_ = m.Offer(actor.Envelope{Source: a.Handle(), Type: actor.Client, Payload: actor.Bytes("")}) // a full mailbox has said so
	}
}

// WatchAll has f called when any actor has ended, from any goroutine.
func (n *Node) WatchAll(f func(*actor.Actor)) {
	n.mutex.Lock()
	n.all = append(n.all, f)
	n.mutex.Unlock()
}
