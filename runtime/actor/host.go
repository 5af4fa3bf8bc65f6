package actor

import (
	"time"

	"github.com/skylint/skylint/runtime/guard"
)

// Host is what an actor and its modules see of the node. Its methods may be called from any
// goroutine, unless they say otherwise.
type Host interface {
	Scheduler

	// Now is the node's time in nanoseconds, from its start. It never goes back.
	Now() int64
	// Trace returns a number that no message has yet.
	Trace() uint64
	// Started is when the node began.
	Started() time.Time
	// After sends the actor an answer to a session after some hundredths of a second; at once if
	// there are none to wait for.
	After(a *Actor, session int32, ticks int64)

	// Find returns the actor at an address; nil if it has ended.
	Find(h Handle) *Actor
	// Lookup returns the address behind ".name" or "name"; 0 if nobody has it.
	Lookup(name string) Handle
	// AwaitName returns the address behind a global name. If nobody has it, 0 is returned, and the ticket is
	// completed with the address as soon as somebody has; unless LeaveName is called first.
	AwaitName(name string, k Ticket) Handle
	LeaveName(name string, k Ticket)
	// Park keeps a message for whoever registers a global name. The error is a *SendError.
	Park(name string, e Envelope) error
	// Bind gives an actor a name. One that is taken stays with its owner, and false is returned.
	Bind(name string, h Handle) bool
	// Spawn makes an actor of a script that is found by its name, and has it started. It does not
	// wait for the start: see Task.AwaitStart.
	Spawn(by *Actor, name string, args []string) (*Actor, error)
	// Unique returns the actor that is the only one of its name, for uniqueservice, and has it
	// started if there is none. It may be starting still. A start that failed is an error for ever.
	Unique(by *Actor, name string, args []string) (*Actor, error)
	// Query calls found with the only actor of a name as soon as there is one, from any goroutine;
	// it may do so before it returns.
	Query(name string, found func(*Actor, error))
	// Kill ends an actor.
	Kill(h Handle, reason string) bool
	// Observers returns who is told what the actors do.
	Observers() *Observers
	// SetMonitor says which actor gets a message of the type Client in the name of every other one
	// that has ended; 0: none. Monitor returns it.
	SetMonitor(h Handle)
	Monitor() Handle
	// Shutdown ends the node.
	Shutdown(reason string)

	// Getenv and Setenv are the settings that all actors share. Setenv refuses one that is set.
	Getenv(key string) (string, bool)
	Setenv(key, value string) bool

	// Print writes a line for the operator that an actor has logged: skynet.error.
	Print(a *Actor, text string)
	// Report notes something that went wrong.
	Report(Event)
	// Guards say what is done about what breaks a rule, and keep the record.
	Guards() *guard.Guards

	// The rest is the engine's own.

	Ended(a *Actor)
	Starting(a *Actor, err error)
}

// Scheduler gives out run slots. The engine calls it.
type Scheduler interface {
	// Ready has a slot given to the actor: to r, or, if r is nil, to any runner.
	Ready(a *Actor, r *Runner)
	// Release gives a slot back whose goroutine is about to block.
	Release(a *Actor)
	// Hand gives the slot of a goroutine that is about to block to an actor that is ready: to r, or, if
	// r is nil, to any runner. Where others wait, it goes to the end of the queue like them.
	Hand(a *Actor, r *Runner)
	// Start has a runner go on with an actor, in the slot and with the baton of who calls.
	Start(a *Actor)
	// Crowded reports whether somebody waits for a slot.
	Crowded() bool
	// Again gives the slot to others and waits for another one, on the goroutine of r.
	Again(a *Actor, r *Runner)
}

// A Runner is a goroutine that runs tasks, one at a time.
type Runner struct {
	wake chan struct{}
	// Actor is whom a waiting runner is to go on with when it is woken.
	Actor *Actor
	// Picked says that the actor knows what to do.
	Picked bool
	// Next is the scheduler's.
	Next *Runner
}

// NewRunner returns what stands for the calling goroutine.
func NewRunner() *Runner { return &Runner{wake: make(chan struct{}, 1)} }

// Wake lets a waiting runner go on, and Wait waits for that.
func (r *Runner) Wake() { r.wake <- struct{}{} }

// Wait waits for Wake.
func (r *Runner) Wait() { <-r.wake }

// A NoServiceError says that there is no service of a name.
type NoServiceError struct {
	Name string
	Err  error // what was tried
}

// Error returns what was tried.
func (e *NoServiceError) Error() string { return e.Err.Error() }

// An Event is something that went wrong in an actor, for the log.
type Event struct {
	Kind    string // "handler", "start", "deadlock", "limit", "restart", ...
	Actor   Handle
	Name    string // of the actor's script
	Handler string // what was being done: "lua get"
	Source  Handle
	Session int32
	Trace   uint64
	Digest  uint64 // of the message
	Message string
	Stack   string
	// Cycle is who waits for whom in a deadlock, the last of them for the first.
	Cycle []Handle
}
