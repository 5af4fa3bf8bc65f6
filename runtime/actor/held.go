package actor

import lua "github.com/yuin/gopher-lua"

// held tells the audit of the script's memory what the actor holds of it: functions that are to
// run, tokens of what sleeps, and messages, from the moment when they are in the mailbox. It is
// called with the baton.
func (a *Actor) held(add func(lua.LValue)) {
	payload := func(p *Payload) {
		for k := range p.Len() {
			add(p.At(k))
		}
	}
	start := func(s *starter) {
		if s.fn != nil {
			add(s.fn)
		}
		for _, v := range s.args {
			add(v)
		}
		if s.message != nil {
			payload(&s.message.Payload)
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
	for token := range a.tokens.held {
		add(token)
	}
	for _, t := range a.tasks {
		if t.begun {
			payload(&t.envelope.Payload)
			payload(&t.result)
			start(&t.start)
		}
	}
	// What has come in and was not taken yet is the actor's, too. The walk itself must not hold
	// senders up.
	var incoming []lua.LValue
	note := func(e *Envelope) {
		for k := range e.Payload.Len() {
			incoming = append(incoming, e.Payload.At(k))
		}
	}
	a.mu.Lock()
	for i := range a.incoming {
		a.incoming[i].each(note)
	}
	a.mu.Unlock()
	for _, v := range incoming {
		add(v)
	}
	if a.waked {
		payload(&a.single.Payload)
	}
	for i := range a.local {
		a.local[i].each(func(e *Envelope) { payload(&e.Payload) })
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
