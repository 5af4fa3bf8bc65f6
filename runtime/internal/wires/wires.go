// Package wires is a transport for tests: nodes that are connected in memory, so that a bubble of
// testing/synctest knows when all of them wait.
package wires

import (
	"context"
	"errors"
	"net"
	"sync"
)

// Wires are a transport in memory: who dials is handed to the listener of that address.
type Wires struct {
	mutex     sync.Mutex
	listeners map[string]*listener
}

type listener struct {
	address string
	conns   chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

// Dial implements transport.Transport.
func (w *Wires) Dial(ctx context.Context, node, address string) (net.Conn, error) {
	w.mutex.Lock()
	l := w.listeners[address]
	w.mutex.Unlock()
	if l == nil {
		return nil, errors.New("connection refused")
	}
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Listen implements transport.Transport.
func (w *Wires) Listen(address string) (net.Listener, error) {
	l := &listener{address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.listeners == nil {
		w.listeners = map[string]*listener{}
	}
	w.listeners[address] = l
	return l, nil
}

// Warning implements transport.Transport.
func (*Wires) Warning() string { return "a wire is no secret" }

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return name(l.address) }

type name string

func (name) Network() string  { return "wires" }
func (n name) String() string { return string(n) }
