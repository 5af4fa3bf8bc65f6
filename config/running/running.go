// Package running has the sections of sky.toml that say how skyrun runs a node: [limits], [actor],
// [socket], [run] and [guards]. It is data alone; runtime/settings makes of it what the engine takes.
//
// Each section can stand at the top level and in a node: [node.gate.actor] is read on top of
// [actor]. In [actor], a table is what holds for the actors of that name: [actor.db].
package running

import (
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/unit"
)

// The sections. A program lists them in config.Options.
var (
	LimitsSection = config.NewNodeSection("limits", DefaultLimits)
	ActorSection  = config.NewNodeSection("actor", DefaultActors)
	SocketSection = config.NewNodeSection("socket", DefaultSocket)
	RunSection    = config.NewNodeSection("run", DefaultRun)
	GuardsSection = config.NewNodeSection("guards", DefaultGuards)
)

// Sections returns all of them.
func Sections() []config.Section {
	return []config.Section{LimitsSection, ActorSection, SocketSection, RunSection, GuardsSection, ClusterSection}
}

// Limits are those of a Lua state, of every actor.
type Limits struct {
	Instructions unit.Count `toml:"instructions" doc:"Instructions of the VM over the whole life of an actor, and the work of library functions in the same unit."`
	Time         unit.Span  `toml:"time" doc:"Time that an actor runs over its whole life; waiting does not count."`
	Memory       unit.Size  `toml:"memory" doc:"Bytes that the values of one actor take."`
	Output       unit.Size  `toml:"output" doc:"Bytes that an actor prints over its whole life."`
	Depth        unit.Count `toml:"depth" doc:"Calls within calls."`
	Nesting      unit.Count `toml:"nesting" doc:"Protected calls, coroutines and callbacks within each other."`
	Coroutines   unit.Count `toml:"coroutines" doc:"Coroutines of one actor that have not ended."`
	String       unit.Size  `toml:"string" doc:"Bytes of one string."`
	Table        unit.Count `toml:"table" doc:"Elements of one table."`
	Pattern      unit.Count `toml:"pattern" doc:"Steps of one pattern match."`
	Source       unit.Size  `toml:"source" doc:"Bytes of one chunk of source text."`
}

// DefaultLimits returns what holds where the file says nothing.
func DefaultLimits() Limits {
	return Limits{
		Memory: 256 << 20, Depth: 1800, Nesting: 190, Coroutines: 10_000, String: 64 << 20, Table: 1<<22 - 1, Pattern: 20_000_000, Source: 8 << 20,
	}
}

// A Policy says what becomes of a message that meets a full mailbox.
type Policy uint8

// The policies.
const (
	Block Policy = iota
	Reject
	DropOldest
)

// Choices implements document.Choice.
func (*Policy) Choices() []string { return []string{"block", "reject", "drop-oldest"} }

// A Restart says what becomes of an actor whose start fails, or whose memory is spent.
type Restart uint8

// The ways.
const (
	Never Restart = iota
	OnFailure
	Escalate
)

// Choices implements document.Choice.
func (*Restart) Choices() []string { return []string{"never", "on-failure", "escalate"} }

// Actor is what holds for an actor and its messages.
type Actor struct {
	Critical     bool       `toml:"critical" doc:"Its messages are handled before those of others."`
	Mailbox      unit.Count `toml:"mailbox" doc:"How many messages may wait. Answers do not count: they are always taken."`
	Policy       Policy     `toml:"policy" doc:"What happens to a message that meets a full mailbox: the sender waits (block), gets an error (reject), or the oldest message goes (drop-oldest)."`
	SendWait     unit.Span  `toml:"send-wait" doc:"How long a sender waits for room under the policy block."`
	CallTimeout  unit.Span  `toml:"call-timeout" doc:"The deadline of a call. It shrinks along the chain of calls."`
	StartTimeout unit.Span  `toml:"start-timeout" doc:"How long who starts an actor waits for its start."`
	Hops         unit.Count `toml:"hops" doc:"How many calls within calls may lead to one; and how many services may start each other before the first has started."`
	Instructions unit.Count `toml:"instructions" doc:"Instructions that the handling of one message may take."`
	Time         unit.Span  `toml:"time" doc:"Time that the handling of one message may run; waiting does not count."`
	Size         unit.Size  `toml:"message-size" doc:"Bytes of the strings of one message, and 16 for every other value."`
	Depth        unit.Count `toml:"message-depth" doc:"Tables within tables in one message."`
	Count        unit.Count `toml:"message-count" doc:"Values in one message, keys included."`
	Tasks        unit.Count `toml:"tasks" doc:"Messages, forks and timers that may be at work at once. Above it a call gets an error."`
	Timers       unit.Count `toml:"timers" doc:"Timers and requests that may be waited for at once."`
	Sends        unit.Count `toml:"sends" doc:"Messages that the actor may send in a second."`
	Received     unit.Count `toml:"received" doc:"Messages that it takes in a second from any one sender."`
	Spawns       unit.Count `toml:"spawns" doc:"Actors that it may start in a second."`

	Restart    Restart    `toml:"restart" doc:"What becomes of an actor whose start or memory fails: it stays ended (never), is started again (on-failure), or the node ends (escalate)."`
	Backoff    unit.Span  `toml:"restart-backoff" doc:"How long the first restart waits. Each further one within the window waits twice as long."`
	MaxBackoff unit.Span  `toml:"restart-backoff-max" doc:"The longest wait."`
	Most       unit.Count `toml:"restart-limit" doc:"Failures within the window that are followed by a restart."`
	Window     unit.Span  `toml:"restart-window" doc:"How long a failure counts."`
}

// An Override is what holds for the actors of one name.
type Override struct {
	Actor
	Limits Limits `toml:"limits" doc:"As [limits], for these actors."`
	// limits says that there are such.
	limits bool
}

// Actors are [actor] and its tables by name.
type Actors struct {
	Actor
	// named are the tables by name, in the order of the file.
	named []named
}

type named struct {
	name  string
	table *document.Table
}

// DefaultActors returns what holds where the file says nothing.
func DefaultActors() Actors {
	return Actors{Actor: Actor{
		Mailbox: 16384, SendWait: unit.Span(time.Second), CallTimeout: unit.Span(30 * time.Second), StartTimeout: unit.Span(time.Minute),
		Hops: 200, Time: unit.Span(time.Minute), Size: 16 << 20, Depth: 32, Count: 1 << 20, Tasks: 10_000, Timers: 100_000,
		Backoff: unit.Span(100 * time.Millisecond), MaxBackoff: unit.Span(30 * time.Second), Most: 5, Window: unit.Span(time.Minute),
	}}
}

// DecodeOther implements document.Opener: a table is that of an actor's name.
func (a *Actors) DecodeOther(e *document.Entry, errs *document.Errors) bool {
	if e.Value.Kind != document.TableKind {
		return false
	}
	// Here for its errors alone: what it is read on top of may still change.
	document.Decode(e.Value.Table, &Override{}, errs)
	a.named = append(a.named[:len(a.named):len(a.named)], named{e.Key, e.Value.Table})
	return true
}

// OtherSchema implements document.Opener.
func (*Actors) OtherSchema() any { return &Override{} }

// Named returns what holds for the actors of each name that the file has, on top of what holds
// for all.
func (a *Actors) Named(limits Limits) map[string]Override {
	all := map[string]Override{}
	for _, n := range a.named {
		o, ok := all[n.name]
		if !ok {
			o = Override{Actor: a.Actor, Limits: limits}
		}
		o.limits = o.limits || n.table.Get("limits") != nil
		document.Decode(n.table, &o, &document.Errors{})
		all[n.name] = o
	}
	return all
}

// HasLimits reports whether the actors have limits of their own.
func (o *Override) HasLimits() bool { return o.limits }

// Socket is what holds for the sockets of a node.
type Socket struct {
	Sockets unit.Count `toml:"sockets" doc:"How many sockets there may be. A listener closes what it accepts beyond that."`
	Owned   unit.Count `toml:"per-service" doc:"How many of them one service may own. One more is an error, and its listeners close what they accept beyond that."`
	Unsent  unit.Size  `toml:"unsent" doc:"Bytes that may wait to be sent on one socket. Above that it is closed."`
	Unread  unit.Size  `toml:"unread" doc:"Bytes that a socket may hold of a line, say, that has not ended. Above that it is closed."`
	Idle    unit.Span  `toml:"idle" doc:"How long a connection may pass nothing before it is closed."`
	Dial    unit.Span  `toml:"dial" doc:"How long it may take to connect."`
	Accepts unit.Count `toml:"accepts" doc:"Connections that one listener takes in a second; more wait in the kernel."`
}

// DefaultSocket returns what holds where the file says nothing.
func DefaultSocket() Socket {
	return Socket{Sockets: 65_536, Unsent: 64 << 20, Unread: 16 << 20, Dial: unit.Span(10 * time.Second)}
}

// A LogFormat says how the log is written.
type LogFormat uint8

// The formats.
const (
	Auto LogFormat = iota
	Text
	JSON
)

// Choices implements document.Choice.
func (*LogFormat) Choices() []string { return []string{"auto", "text", "json"} }

// Run is what holds for the process.
type Run struct {
	Slots  unit.Count `toml:"slots" doc:"How many actors run at once; 0: as many as there are processors."`
	Sends  unit.Count `toml:"sends" doc:"Messages that all actors of the node may send in a second, together. Those of critical actors count, but are always sent."`
	Actors unit.Count `toml:"actors" doc:"How many actors there may be at once."`
	Grace  unit.Span  `toml:"grace" doc:"How long the actors have to end when the process is told to stop."`
	Memory unit.Size  `toml:"memory" doc:"Bytes from which on the collector of the process works harder."`
	Log    LogFormat  `toml:"log" doc:"How the log is written: text, json, or auto: text on a terminal, JSON elsewhere."`
}

// DefaultRun returns what holds where the file says nothing.
func DefaultRun() Run { return Run{Actors: 100_000, Grace: unit.Span(5 * time.Second)} }
