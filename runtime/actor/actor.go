package actor

import (
	"sync"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/bucket"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/thread"
)

// A Behaviour is what an actor does with messages.
type Behaviour interface {
	// Message handles a message in a task. The error is for who asked, if nobody has answered
	// yet, and for the log.
	Message(t *Task, e *Envelope) error
	// Close is called when the actor has ended, with the baton.
	Close()
}

// An Actor is one actor of a node.
type Actor struct {
	handle    Handle
	name      string
	args      []string
	depth     int
	host      Host
	observers *Observers
	limits    *Limits
	critical  bool
	behaviour Behaviour
	state     *script.State // nil for a native actor

	_  line // what senders write
	mu sync.Mutex
	// Guarded by mu. While idle is set nobody has the baton, and who holds mu may do as if.
	idle     bool
	dying    bool // nobody may send to it any more
	graceful bool // what has to be closed is closed
	reason   string
	incoming [2]queue // by lane: critical, normal
	taken    int      // how many normal messages were moved to local last: left is not more
	rooms    []*roomWait
	tasks    []*Task // all that there are, at work or pooled
	started  startState
	starters []func(error)
	startErr error
	roomWait *roomWait                 // what the task with the baton waits for
	failure  string                    // why it failed: its start, or its memory
	senders  map[Handle]*bucket.Bucket // what each may send yet
	beaten   uint32                    // beat when Endless was last called
	seen     bool                      // it was not idle then, nor since
	endless  bool                      // Endless has reported something

	_       line          // what the goroutine with the baton writes
	beat    atomic.Uint32 // counts tasks
	urgent  atomic.Bool   // incoming[0] holds something
	waiting atomic.Bool   // rooms holds somebody
	left    atomic.Int32  // normal messages in local
	fading  atomic.Bool   // Fade was called

	// With the baton.
	local     [2]queue
	single    Envelope // what has come while nobody had the baton: it is the first
	waked     bool     // single holds something
	sessions  sessions
	tokens    tokens
	woken     []Ticket
	wokenAt   int
	forks     []starter
	forksAt   int
	free      []*Task
	busy      int   // tasks that have begun and not ended
	first     *Task // the task of the actor's start
	current   *Task
	later     wakeup // of who got the last answer
	failed    bool   // the last thing that ran has raised: a fork goes first
	pending   starter
	lane      int // of the message that is next
	closing   bool
	closed    bool
	forget    int  // how many declined answers are noted before old ones are forgotten
	strays    bool // see Strays
	deferring bool // see Deferring
	exiting   *Task
	slice     int64                   // when the slot was got
	sends     *bucket.Bucket          // what the actor may send
	shared    *bucket.Bucket          // what all of the node may
	stored    map[*Responder]struct{} // written with mu, too
	declined  map[request]*Responder  // as stored
	kept      map[any]any             // by Key
	ends      []func()                // of OnEnd
}

// line keeps apart what two goroutines write all the time: a processor has to fetch a line of its cache
// anew after another one has written to it, which takes as long as a hundred instructions.
type line [64]byte

type startState uint8

const (
	starting startState = iota
	running
	failed
)

// Options say what actor to make.
type Options struct {
	Handle    Handle
	Name      string
	Host      Host
	Limits    *Limits
	Critical  bool
	Behaviour Behaviour
	State     *script.State
	// Args are the words that the script was started with, and Attempt how often it has failed
	// before: for a restart.
	Args    []string
	Attempt int
	// Depth is how many others were starting when this one was launched, each launched by the one before.
	Depth int
	// Sends is what all actors of the node may send together; nil: there is no limit.
	Sends *bucket.Bucket
}

// New makes an actor that does nothing yet. The node gives it its first run slot.
func New(o Options) *Actor {
	a := &Actor{handle: o.Handle, name: o.Name, args: o.Args, depth: o.Depth, host: o.Host, observers: o.Host.Observers(), limits: o.Limits, critical: o.Critical, behaviour: o.Behaviour, state: o.State, idle: true}
	a.sends, a.shared = bucket.New(o.Limits.Sends), o.Sends
	if a.state != nil {
		a.state.Budget.Host = a.held
	}
	return a
}

// Of returns the actor whose code runs in L.
func Of(L *lua.LState) *Actor { return thread.Of(L).State.Host.(*script.State).Owner.(*Actor) }

// Handle returns the address. It may be called from anywhere, as may Name, Host and Limits.
func (a *Actor) Handle() Handle { return a.handle }

// Name returns the name of the script, or of the Go function.
func (a *Actor) Name() string { return a.name }

// Host returns the node.
func (a *Actor) Host() Host { return a.host }

// Limits returns the limits.
func (a *Actor) Limits() *Limits { return a.limits }

// Critical reports whether the actor goes first.
func (a *Actor) Critical() bool { return a.critical }

// State returns the Lua state; nil for a native actor. It is used with the baton.
func (a *Actor) State() *script.State { return a.state }

// Running returns the task that has the baton.
func (a *Actor) Running() *Task { return a.current }

// Fresh returns a session that is not in use.
func (a *Actor) Fresh() int32 { return a.sessions.fresh() }

// A Key finds what a module keeps for an actor.
type Key[T any] struct{ make func(*Actor) *T }

// NewKey returns a key; make is called once for each actor.
func NewKey[T any](make func(*Actor) *T) *Key[T] { return &Key[T]{make} }

// Of returns what the module keeps for the actor. It is used with the baton.
func (k *Key[T]) Of(a *Actor) *T {
	if v, ok := a.kept[k]; ok {
		return v.(*T)
	}
	v := k.make(a)
	if a.kept == nil {
		a.kept = make(map[any]any, 2)
	}
	a.kept[k] = v
	return v
}

// Started says that the start of the actor has ended, and how. It is called once, with the baton.
func (a *Actor) Started(err error) {
	a.mu.Lock()
	if a.started != starting {
		a.mu.Unlock()
		return
	}
	a.started, a.startErr = running, err
	if err != nil {
		a.started = failed
	}
	waiting := a.starters
	a.starters = nil
	a.mu.Unlock()
	a.host.Starting(a, err)
	for _, f := range waiting {
		f(err)
	}
}

// Starting reports whether the start has not ended yet.
func (a *Actor) Starting() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.started == starting
}

// Depth is that of Options.
func (a *Actor) Depth() int { return a.depth }

// onStart has f called when the actor has started; false if it has already.
func (a *Actor) onStart(f func(error)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.started != starting {
		return false
	}
	a.starters = append(a.starters, f)
	return true
}

// OnStart has f called when the actor has started, or at once if it has.
func (a *Actor) OnStart(f func(error)) {
	if !a.onStart(f) {
		f(a.startError())
	}
}

func (a *Actor) startError() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.startErr
}

// Args returns the words that the script was started with.
func (a *Actor) Args() []string { return a.args }

// Reason returns why the actor is ending; "" if it is not.
func (a *Actor) Reason() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.reason
}

// Failure returns why the actor has failed: its start, or its memory. An exit or a kill is none.
func (a *Actor) Failure() (why string, failed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.failure, a.failure != ""
}

// Fail ends the actor because it cannot go on.
func (a *Actor) Fail(why string) {
	a.SetFailure(why)
	a.doom(why, false)
}

// Endless reports whether the actor is at the same message as when it was last called.
func (a *Actor) Endless() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	beat := a.beat.Load()
	same := !a.idle && a.seen && a.roomWait == nil && beat == a.beaten
	a.beaten, a.seen = beat, !a.idle
	a.endless = a.endless || same
	return same
}

// WasEndless reports whether Endless has reported something since this was last called.
func (a *Actor) WasEndless() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := a.endless
	a.endless = false
	return was
}
