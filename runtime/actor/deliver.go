package actor

// Deliver puts a message of the host in the mailbox: what has come from a socket, say. It waits
// for room, whatever the policy, and so holds up where the messages come from. It is called by a
// goroutine of the host, never with a baton.
func (a *Actor) Deliver(e Envelope) error {
	for {
		a.mu.Lock()
		if a.dying {
			a.mu.Unlock()
			return &SendError{To: a.handle, Gone: true}
		}
		most := a.limits.Mailbox
		if most <= 0 || a.idle || a.normal(most) < most {
			if ready, r := a.accept(&e); ready {
				a.host.Ready(a, r)
			}
			return nil
		}
		w := &roomWait{done: make(chan error, 1)}
		a.rooms = append(a.rooms, w)
		a.waiting.Store(true)
		a.mu.Unlock()
		if err := <-w.done; err != nil {
			return err
		}
	}
}

// OnEnd has f called when the actor has ended, with the baton. It is called with the baton.
func (a *Actor) OnEnd(f func()) { a.ends = append(a.ends, f) }
