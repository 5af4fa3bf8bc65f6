package actor

import (
	"time"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/message"
)

// A Policy says what becomes of a message that meets a full mailbox.
type Policy uint8

// The policies, by their names in sky.toml: block, reject, drop-oldest.
const (
	Block      Policy = iota // the sender waits, at most SendWait, then as Reject
	Reject                   // the sender gets an error; send returns false
	DropOldest               // the oldest message goes; if it was a call, it is answered with an error
)

// Limits bound one actor. Package config/running has their keys in sky.toml. A zero is no limit.
type Limits struct {
	// Mailbox is how many messages may wait. Answers do not count: they are always taken.
	Mailbox int
	// Policy says what happens to one more.
	Policy Policy
	// SendWait is how long a sender waits for room.
	SendWait time.Duration
	// CallTimeout is the deadline of a call that has none from the message being handled.
	CallTimeout time.Duration
	// StartTimeout is how long the start of an actor may take, for who waits for it.
	StartTimeout time.Duration
	// Hops is how many calls within calls may lead to one.
	Hops int
	// Instructions and Time bound what one message uses; time spent waiting does not count.
	Instructions int64
	Time         time.Duration
	// Message bounds one message.
	Message message.Limits
	// Tasks is how many messages, forks and timers may be at work at once.
	Tasks int
	// Timers is how many timers may be set at once.
	Timers int
	// Sends and Spawns are how many messages may be sent and actors started in a second: a
	// bucket of as many tokens, filled evenly.
	Sends  int
	Spawns int
	// Received is how many messages a second are taken from any one sender.
	Received int
	// Script bounds the state: memory, depth and the sizes of values.
	Script limit.Limits
}

// Default returns the limits where nothing else is said.
func Default() Limits {
	l := limit.Default()
	l.Memory = 256 << 20
	l.Depth = 1800 // what fits the smallest stack
	return Limits{
		Mailbox: 16384, Policy: Block, SendWait: time.Second,
		CallTimeout: 30 * time.Second, StartTimeout: 60 * time.Second, Hops: 200,
		Time: time.Minute, Message: message.Default,
		Tasks: 10_000, Timers: 100_000,
		Script: l,
	}
}

// exceeded is the error of a limit of this package.
func exceeded(what, key string) error { return &LimitError{what, "actor." + key} }

// A LimitError says that a limit of an actor was met, and which key of sky.toml sets it.
type LimitError struct{ What, Key string }

// Error names the key.
func (e *LimitError) Error() string { return e.What + "; see " + e.Key + " in sky.toml" }
