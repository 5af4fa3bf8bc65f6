package socket

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// Connect makes a connection for Go code, a client of a database say. It counts as a socket of the
// pool, is in its list, and is closed with it. It takes no longer than Limits.Dial.
func (p *Pool) Connect(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: p.limits.Dial}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, reason(err)
	}
	s := &socket{}
	s.use(conn)
	if err := p.add(s); err != nil {
		conn.Close()
		return nil, err
	}
	return &client{conn, s}, nil
}

// A client is a connection that somebody else reads.
type client struct {
	net.Conn
	s *socket
}

func (c *client) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.s.touch()
		c.s.read_.Add(int64(n))
	}
	return n, err
}

func (c *client) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.s.sent(n)
	return n, err
}

func (c *client) Close() error {
	c.s.abort()
	return nil
}

// SyscallConn lets clients look whether the peer has closed the connection.
func (c *client) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}
