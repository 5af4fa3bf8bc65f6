package actor

import lua "github.com/yuin/gopher-lua"

// held tells the audit of the script's memory what the actor holds of it: functions that are to
// run, tokens of what sleeps, and messages that have been taken from the senders. It is called
// with the baton.
func (a *Actor) held(add func(lua.LValue)) {
	start := func(s *starter) {
		if s.fn != nil {
			add(s.fn)
		}
		for _, v := range s.args {
			add(v)
		}
	}
	for i := a.forksAt; i < len(a.forks); i++ {
		start(&a.forks[i])
	}
	for i := range a.sessions.slots {
		if s := a.sessions.slots[i].start; s != nil {
			start(s)
		}
	}
	for token := range a.tokens {
		add(token)
	}
	for i := range a.local {
		a.local[i].each(func(e *Envelope) {
			for k := range e.Payload.Len() {
				add(e.Payload.At(k))
			}
		})
	}
}

// each visits the envelopes from the front.
func (q *queue) each(visit func(*Envelope)) {
	at := q.head
	b := q.first
	for range q.count {
		if at == blockSize {
			b, at = b.next, 0
		}
		visit(&b.items[at])
		at++
	}
}
