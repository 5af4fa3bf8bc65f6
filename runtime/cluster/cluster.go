// Package cluster is what the nodes of a cluster say to each other: the protocol of skynet's cluster, over
// the connections of package transport. A Link asks a node, a Server answers nodes. What the messages mean
// is for others.
package cluster

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// Limits bound what another node can make this one hold.
type Limits struct {
	// Message is how many bytes a message may have, whichever way it goes.
	Message int64
	// Connections is how many other nodes may be connected to one listener.
	Connections int
	// Requests is how many requests of one connection may be unanswered.
	Requests int
	// Unsent is how many bytes may wait to be sent on one connection.
	Unsent int
	// Dial is how long it may take to connect, and Write how long a peer may take nothing.
	Dial, Write time.Duration
}

// Default returns the usual limits.
func Default() Limits {
	return Limits{Message: 16 << 20, Connections: 256, Requests: 4096, Unsent: 64 << 20, Dial: 5 * time.Second, Write: 30 * time.Second}
}

// A NodeError says what is wrong with another node.
type NodeError struct {
	Node, Address string
	Err           error
}

// Error names the node.
func (e *NodeError) Error() string {
	if e.Address == "" {
		return fmt.Sprintf("the node %s of the cluster: %v", e.Node, e.Err)
	}
	return fmt.Sprintf("the node %s of the cluster (%s): %v", e.Node, e.Address, e.Err)
}

// Unwrap returns what is wrong.
func (e *NodeError) Unwrap() error { return e.Err }

// An AnswerError is an error that a node has answered with.
type AnswerError struct{ Text string }

// Error returns what the node has said.
func (e *AnswerError) Error() string { return e.Text }

// A writer sends packets in the order in which they were given, on a goroutine of its own.
type writer struct {
	mutex sync.Mutex
	some  *sync.Cond // something is to be sent, or it is over
	room  *sync.Cond // something has been sent, or it is over
	queue []byte
	err   error
}

func newWriter() *writer {
	w := new(writer)
	w.some, w.room = sync.NewCond(&w.mutex), sync.NewCond(&w.mutex)
	return w
}

// add queues packets. The function appends them.
func (w *writer) add(most int, packets func([]byte) []byte) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.err != nil {
		return w.err
	}
	if len(w.queue) > most {
		return fmt.Errorf("more than %d bytes wait to be sent; see cluster.unsent in sky.toml", most)
	}
	w.queue = packets(w.queue)
	w.some.Signal()
	return nil
}

// await waits until fewer than most bytes are unsent.
func (w *writer) await(most int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for w.err == nil && len(w.queue) > most {
		w.room.Wait()
	}
}

// end has nothing more sent. It returns the reason: the first one stays.
func (w *writer) end(err error) error {
	w.mutex.Lock()
	if w.err == nil {
		w.err = err
	}
	err = w.err
	w.mutex.Unlock()
	w.some.Broadcast()
	w.room.Broadcast()
	return err
}

// run sends on a connection until the end.
func (w *writer) run(conn net.Conn, patience time.Duration) {
	var spare []byte
	for {
		w.mutex.Lock()
		for w.err == nil && len(w.queue) == 0 {
			w.some.Wait()
		}
		if w.err != nil {
			w.mutex.Unlock()
			return
		}
		out := w.queue
		w.queue = spare[:0]
		w.mutex.Unlock()
		w.room.Broadcast()
		conn.SetWriteDeadline(time.Now().Add(patience))
		if _, err := conn.Write(out); err != nil {
			w.end(fmt.Errorf("it takes nothing: %w", err))
			return
		}
		if spare = out; cap(spare) > 1<<20 {
			spare = nil
		}
	}
}
