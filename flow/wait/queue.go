package wait

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/syntax"
)

// A Lock is a call that enters a queue of which a service has one, and what runs while it is held.
type Lock struct {
	suspend.Acquisition
	Runs *suspend.Set
}

// A Reentry is a request that is made while a queue is held, and whose handling, perhaps by way of
// other requests, enters the queue.
type Reentry struct {
	Service *effect.Service
	Lock    *Lock
	// Messages are the request and those that it leads to, the last one to the service again.
	Messages []effect.Message
	// File and Node are the call that enters the queue at the end.
	File int32
	Node syntax.Node
}

// Queues is what is waited for while queues are held. It is not safe for concurrent use.
type Queues struct {
	// Locks are in the order of the text.
	Locks []Lock

	sys      *effect.System
	where    *suspend.Info
	handling map[*effect.Entry]*suspend.Set // what runs before who asked goes on
}

// FindQueues returns the queues of a system.
func FindQueues(sys *effect.System, where *suspend.Info) *Queues {
	q := &Queues{sys: sys, where: where, handling: map[*effect.Entry]*suspend.Set{}}
	for _, a := range where.Acquisitions() {
		if q.isOne(a.Queue) {
			q.Locks = append(q.Locks, Lock{a, where.Runs(a.Inside)})
		}
	}
	return q
}

// isOne reports whether a queue is made once in a service, and not for each thing.
func (q *Queues) isOne(queue solve.Atom) bool {
	d := q.sys.Values.Atom(queue)
	fn := q.sys.Values.Program().Files[d.File].Scope.FuncOf(d.Node)
	return fn == scope.Main || !q.where.Handled(effect.Function{File: d.File, Func: fn})
}

// Reentries returns the requests of a service that wait for a queue which it holds, once for each
// message.
func (q *Queues) Reentries(s *effect.Service) []Reentry {
	if len(q.Locks) == 0 {
		return nil
	}
	var out []Reentry
	for _, e := range s.Entries {
		for _, m := range q.sys.Messages(s, e) {
			if !waits(&m) {
				continue
			}
			host := q.sys.Host(m.Raw)
			for i := range q.Locks {
				l := &q.Locks[i]
				if !l.Runs.Has(host) || !s.Has(l.In.File) {
					continue
				}
				r := Reentry{Service: s, Lock: l}
				if q.leadsTo(&r, m, map[*effect.Entry]bool{}) {
					out = append(out, r)
					break
				}
			}
		}
	}
	return out
}

// waits reports whether who sends a message waits until it is handled, or the service started.
func waits(m *effect.Message) bool {
	return (m.Kind == effect.Call || m.Kind == effect.Launch) && m.To != nil && m.Target != nil
}

// Waits reports whether the handler or start that sends a message waits for it in its own
// coroutine; one that starts another coroutine for it goes on.
func (q *Queues) Waits(m *effect.Message) bool {
	return waits(m) && q.handles(m.From, m.Entry).Has(q.sys.Host(m.Raw))
}

// handles returns the functions that run for a message before who sent it goes on, as far as they
// are the handler's own coroutine.
func (q *Queues) handles(s *effect.Service, e *effect.Entry) *suspend.Set {
	runs := q.handling[e]
	if runs == nil {
		if e.Kind == effect.Init {
			runs = q.where.RunsAtStart(e.Functions)
		} else {
			from := e.Functions
			if d := s.Dispatches(e.Protocol); d != nil && d != e && len(from) == 0 {
				from = d.Functions
			}
			runs = q.where.Runs(from)
		}
		q.handling[e] = runs
	}
	return runs
}

// maxChain is how many requests are followed.
const maxChain = 6

// leadsTo follows a request through the requests that its handler makes to one that enters the
// queue.
func (q *Queues) leadsTo(r *Reentry, m effect.Message, seen map[*effect.Entry]bool) bool {
	if seen[m.Target] || len(r.Messages) == maxChain {
		return false
	}
	seen[m.Target] = true
	r.Messages = append(r.Messages, m)
	if m.To == r.Service && q.enters(r, m.Target) {
		return true
	}
	for _, next := range q.sys.Messages(m.To, m.Target) {
		if q.Waits(&next) && q.leadsTo(r, next, seen) {
			return true
		}
	}
	r.Messages = r.Messages[:len(r.Messages)-1]
	return false
}

// enters reports whether the handling of a message enters the queue, and notes where.
func (q *Queues) enters(r *Reentry, e *effect.Entry) bool {
	own := q.handles(r.Service, e)
	var dispatch []effect.Function
	if d := r.Service.Dispatches(e.Protocol); d != nil && e.Kind == effect.Command {
		dispatch = d.Functions
	}
	for i := range q.Locks {
		l := &q.Locks[i]
		if l.Queue != r.Lock.Queue {
			continue
		}
		r.File, r.Node = l.In.File, l.Node
		if own.Has(l.In) {
			return true
		}
		if slices.Contains(dispatch, l.In) && slices.ContainsFunc(l.Inside, func(f effect.Function) bool { return slices.Contains(e.Functions, f) }) {
			return true
		}
	}
	return false
}
