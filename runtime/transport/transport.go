// Package transport is what carries the messages between nodes: the place where a secure transport
// is put in. What nodes say to each other is package cluster's.
package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// A Transport connects nodes. Its methods may be called from any goroutine. Whatever it promises of
// who is at the other end, it has made sure of before it hands out a connection.
type Transport interface {
	// Dial connects to a node at an address, "host:port". The name of the node is for transports that
	// check who answers.
	Dial(ctx context.Context, node, address string) (net.Conn, error)
	// Listen takes connections at an address.
	Listen(address string) (net.Listener, error)
	// Warning says what the transport does not protect from; "" for nothing.
	Warning() string
}

// Loopback is TCP without a protection, as skynet has it. It stays on the machine: an address off
// loopback is refused, whether it is to be listened at or dialled.
type Loopback struct{}

// keepAlive is how soon a peer is missed that has gone without a word.
const keepAlive = 15 * time.Second

// Dial implements Transport.
func (Loopback) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	d := net.Dialer{KeepAlive: keepAlive, Control: local}
	return d.DialContext(ctx, "tcp", address)
}

// Listen implements Transport.
func (Loopback) Listen(address string) (net.Listener, error) {
	l := net.ListenConfig{KeepAlive: keepAlive, Control: local}
	return l.Listen(context.Background(), "tcp", address)
}

// Warning implements Transport.
func (Loopback) Warning() string {
	return "skynet's protocol has no authentication and no encryption: whoever is on this machine can call the services of the node"
}

// local refuses an address off loopback. It is called with the address that a name stands for.
func local(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%s is not on this machine, and between machines nothing is sent without authentication and encryption: use an address of loopback (127.0.0.1)", address)
	}
	return nil
}
