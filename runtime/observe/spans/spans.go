// Package spans sends what a node does as traces of OpenTelemetry, to whatever takes OTLP over HTTP: each
// call is a span, and each handling of a message is one.
//
// The encoding is OTLP's JSON (specification 1.x, "OTLP/HTTP"). The SDK of OpenTelemetry is not used: a span is
// known only when it has ended, with its identity, which the SDK makes at the beginning; and its exporter brings gRPC into every
// start of skyrun, looked at or not.
//
// All that follows from one message has one trace, whose number the log has as well. The span of a handler hangs
// below that of the call; that of a message that was only sent hangs below the handler of its sender, as long as that is
// remembered, and else below the trace.
package spans

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/node"
)

// The kinds of spans, by OTLP's numbers.
const (
	server   = 2
	client   = 3
	consumer = 5
)

// A span is a call, or the handling of a message.
type span struct {
	trace, id, parent uint64
	kind              int
	name              string
	began, ended      int64 // node's time
	failure           string
	actor             actor.Handle
	service           string
	peer              string // whom a call goes to
	typ               actor.Type
	command           string
}

const (
	// queued is how many spans wait to be sent; what comes when there are more is dropped, and counted.
	queued = 16384
	// batch is how many are sent at once, and lingering how long the first of them waits.
	batch     = 512
	lingering = time.Second
	// remembered is how many handlers are known as senders.
	remembered = 1 << 14
	// longestText bounds what comes from messages.
	longestText = 256
)

// An Exporter sends the spans of a node until Close is called.
type Exporter struct {
	node    *node.Node
	options Options
	began   time.Time
	prefix  [8]byte // of all trace ids of this process
	least   uint64  // traces whose number mixes to less are left out
	stop    func()
	spans   chan span
	quit    chan struct{}
	group   sync.WaitGroup
	dropped atomic.Int64
	ids     atomic.Uint64

	mutex   sync.Mutex
	running map[*actor.Task]uint64 // the span of what a task handles
	senders []sender               // by trace and actor
}

// sender is who handled a message of a trace last.
type sender struct {
	trace uint64
	actor actor.Handle
	span  uint64
}

// Start has the spans of a node sent. Problems are reported to Options.Report.
func Start(n *node.Node, o Options) (*Exporter, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	x := &Exporter{
		node: n, options: o, began: n.Started(), spans: make(chan span, queued), quit: make(chan struct{}),
		running: map[*actor.Task]uint64{}, senders: make([]sender, remembered),
	}
	rand.Read(x.prefix[:]) // it never fails
	if o.Ratio < 1 {
		x.least = uint64((1 - max(o.Ratio, 0)) * math.MaxUint64)
		if o.Ratio <= 0 {
			x.least = math.MaxUint64
		}
	}
	x.group.Add(1)
	go x.send()
	x.stop = n.Observers().Add(x)
	return x, nil
}

// Close sends what waits, for some seconds at most, and ends.
func (x *Exporter) Close() {
	x.stop()
	close(x.quit)
	x.group.Wait()
}

// mix spreads a number over all 64 bits (the finaliser of splitmix64), never to 0.
func mix(n uint64) uint64 {
	n ^= n >> 30
	n *= 0xbf58476d1ce4e5b9
	n ^= n >> 27
	n *= 0x94d049bb133111eb
	return max(n^n>>31, 1)
}

// callID is the span of a call: who calls, and who is called, can both tell it.
func callID(trace uint64, caller actor.Handle, session int32) uint64 {
	return mix(trace*0x9e3779b97f4a7c15 ^ uint64(caller)<<32 ^ uint64(uint32(session)))
}

// wanted reports whether a trace is one of those that are sent.
func (x *Exporter) wanted(trace uint64) bool { return x.least == 0 || mix(trace) > x.least }

func (x *Exporter) slot(trace uint64, h actor.Handle) *sender {
	return &x.senders[mix(trace^uint64(h)<<40)%remembered]
}

// Begun implements actor.Observer.
func (x *Exporter) Begun(t *actor.Task, _ *actor.Envelope) {
	if !x.wanted(t.Trace()) {
		return
	}
	id := mix(x.ids.Add(1) ^ binary.LittleEndian.Uint64(x.prefix[:]))
	x.mutex.Lock()
	defer x.mutex.Unlock()
	x.running[t] = id
	*x.slot(t.Trace(), t.Actor().Handle()) = sender{t.Trace(), t.Actor().Handle(), id}
}

// Handled implements actor.Observer.
func (x *Exporter) Handled(h actor.Handling) {
	t, e := h.Task, h.Envelope
	x.mutex.Lock()
	id, ok := x.running[t]
	delete(x.running, t)
	parent := uint64(0)
	if s := x.slot(t.Trace(), e.Source); ok && e.Session == 0 && s.trace == t.Trace() && s.actor == e.Source && s.span != id {
		parent = s.span
	}
	x.mutex.Unlock()
	if !ok {
		return
	}
	s := span{
		trace: t.Trace(), id: id, parent: parent, kind: consumer, began: h.Began, ended: h.Ended, actor: t.Actor().Handle(), service: t.Actor().Name(),
		typ: e.Type, command: clip(e.Command()),
	}
	if e.Session != 0 {
		s.kind = server
		if e.Type != actor.Client { // whose sessions are the gate's
			s.parent = callID(s.trace, e.Source, e.Session)
		}
	}
	s.name = named(s.service, s.typ, s.command)
	if h.Err != nil {
		s.failure = clip(h.Err.Error())
	}
	x.put(s)
}

// Called implements actor.Observer.
func (x *Exporter) Called(c actor.Called) {
	trace := c.Task.Trace()
	if !x.wanted(trace) {
		return
	}
	x.mutex.Lock()
	parent := x.running[c.Task]
	x.mutex.Unlock()
	a := c.Task.Actor()
	s := span{
		trace: trace, id: callID(trace, a.Handle(), c.Session), parent: parent, kind: client, began: c.Began, ended: c.Ended, actor: a.Handle(), service: a.Name(),
		peer: c.To.String(), typ: c.Type, command: clip(c.Command),
	}
	if callee := x.node.Find(c.To); callee != nil {
		s.peer = callee.Name()
	}
	s.name = "call " + named(s.peer, s.typ, s.command)
	if c.Err != nil {
		s.failure = clip(c.Err.Error())
	}
	x.put(s)
}

func (x *Exporter) put(s span) {
	select {
	case x.spans <- s:
	default:
		x.dropped.Add(1)
	}
}

func named(service string, typ actor.Type, command string) string {
	if command == "" {
		command = typ.String()
	}
	return service + " " + command
}

func clip(text string) string {
	if len(text) > longestText {
		text = text[:longestText] + "..."
	}
	return text
}

// traceID is the trace of a number in this process.
func (x *Exporter) traceID(n uint64) string {
	return hex.EncodeToString(x.prefix[:]) + fmt.Sprintf("%016x", n)
}
