// Package actor is what an actor is made of: its mailbox, its tasks, what they wait for, and the
// Lua state that its code runs in. Package node gives actors addresses and run slots; the
// packages below luaapi are what a script gets of them by require.
//
// # Baton
//
// An actor has one baton. Exactly one goroutine holds it, and only that one touches the Lua
// state, or anything of the actor that has no lock of its own. A message is handled by a Task: a
// goroutine and a Lua thread from pools. When a task has to wait it blocks its goroutine where
// it stands, below any number of protected calls, metamethods, iterators and coroutines, and
// gives the baton up: to a task of the actor that may go on, to the next message, or, when
// there is nothing to do, to nobody. It has the baton again when Block returns.
//
// So a Go function that a script calls runs with the baton, and may look at and change whatever
// belongs to the actor, as long as it does not block by other means than those of this package. It
// must not keep the LState that it was called with, nor a table, for another goroutine.
//
// An actor executes Lua only while it also holds one of the node's run slots. Both go together: a
// task that blocks gives up both.
//
// # Order
//
// As in skynet. The running task goes on until it waits or ends; then those that were woken go on,
// first woken first; then what it forked runs, first forked first; then the next message is
// taken. A reply is a message like any other and keeps its place among those of the same sender.
//
// # How a Go function waits
//
// With the ways of this package alone:
//
//	t := actor.Running(L)                     // the task that runs in L
//	payload, err := t.Call(L, to, typ, p)     // a call, with its deadline
//	err := t.Sleep(L, d)                      // false, or true if it was woken
//	err := lock.Acquire(L)                    // a queue, a module that is being loaded
//
// and, for anything else, a ticket:
//
//	ticket := t.Ticket()
//	go work(func(result ...) { ticket.Complete(payload, err) })  // from any goroutine, once
//	payload, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "skynet.socket.read"})
//
// Complete may be called before Block. A ticket that is stale (the task has gone on because
// of a deadline, a kill, a deadlock) does nothing. An error that one of these returns is to be
// raised: Raise does it, with the place of the script. When the actor is being ended, Block
// does not return; it unwinds the script.
//
// A Wait says what the task waits for, and that is what the graph of waits is made of. Targets that
// are exact (a session, a Lock, an actor's start, room in a mailbox) can be part of a cycle, which
// is then found and broken. Open ones (a token, a socket, a sleep, a stored response) never
// are: they are listed with their age. A wait without a deadline of its own takes that of the
// message that its task handles.
//
// # Modules
//
// A Module is what require finds by name before it looks at files. Open is called with the
// baton, once for each actor that requires it, and returns the module's value: as a rule a table
// that Table has made, which belongs to the actor and which scripts may change, with functions
// that all actors share. State that a module keeps for an actor lives under a key of its own:
//
//	var key = actor.NewKey(func(a *actor.Actor) *mine { return new(mine) })
//	m := key.Of(actor.Of(L))
//
// A module is handed to the node in its options; nothing registers itself.
package actor
