// Package socket is the sockets of a node, over Go's net: TCP and UDP, each with an owner that gets
// what happens as events, in skynet's terms.
//
// A socket costs one goroutine while it is read, and no buffer while it is idle: bytes are read
// into buffers that all sockets share, when there are some. Writing never blocks the caller: small
// pieces are gathered and sent by a goroutine of the pool; what the kernel does not take at once is
// queued up to a limit, and a goroutine lives for as long as something is queued. An owner whose Event
// blocks holds up the reading of that one socket, and by that the peer.
package socket

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A Kind is what has happened. The numbers are skynet's.
type Kind uint8

// The kinds of events.
const (
	Data    Kind = 1 // bytes have come; with a Framer, one frame
	Connect Kind = 2 // the socket is connected, or listens, or has been started
	Close   Kind = 3 // the peer, or Pool.Close, has closed it; nothing more comes
	Accept  Kind = 4 // a listener has a new socket: N, from Address
	Error   Kind = 5 // it is broken: Data says why; nothing more comes
	UDP     Kind = 6 // a datagram has come, from Address
	Warning Kind = 7 // N KiB wait to be sent; 0: all has been sent since
)

// An Event is what has happened to a socket.
type Event struct {
	Kind    Kind
	ID      int
	N       int
	Data    string
	Address string // "127.0.0.1:8888"; of a datagram, what Pool.SendTo takes
}

// An Owner is told what happens. Event is called by one goroutine at a time for each socket but for
// Warning, which the one that sends causes. It may block.
type Owner interface{ Event(Event) }

// Limits bound what the sockets of a node may use; 0 is no limit.
type Limits struct {
	// Sockets is how many there may be. A listener closes what it accepts beyond that.
	Sockets int
	// Owned is how many of them one owner may have. One more is an error, and a listener closes what it
	// accepts for its owner beyond that.
	Owned int
	// Unsent is how many bytes may wait to be sent on one socket. Above that it is closed.
	Unsent int64
	// Unread is how many bytes an owner may hold of something that has not ended yet, a line say.
	// It is for owners: the pool holds nothing that has come.
	Unread int64
	// Idle is how long a connection may pass nothing before it is closed.
	Idle time.Duration
	// Dial is how long it may take to connect.
	Dial time.Duration
	// Accepts is how many connections a second one listener takes; more wait in the kernel.
	Accepts int
}

// Default returns limits for a server on the open network.
func Default() Limits {
	return Limits{Sockets: 65536, Unsent: 64 << 20, Unread: 16 << 20, Dial: 10 * time.Second}
}

// ErrGone is the error of what is done to a socket that is not there, or is being closed.
var ErrGone = errors.New("no such socket")

// ErrLimit is the error of a socket too many.
var ErrLimit = errors.New("too many sockets; see socket.sockets in sky.toml")

// ErrOwned is the error of a socket too many for its owner.
var ErrOwned = errors.New("too many sockets of one service; see socket.per-service in sky.toml")

// A Pool is the sockets of a node. It is safe for concurrent use.
type Pool struct {
	limits Limits
	next   atomic.Int64
	closed atomic.Bool
	done   chan struct{}
	group  sync.WaitGroup

	flusher *flusher

	mu      sync.RWMutex
	sockets map[int]*socket
	owned   map[Owner]int

	// Refused counts what listeners have closed at once because of Limits.Sockets.
	Refused atomic.Int64
}

// Limits returns what the pool was made with.
func (p *Pool) Limits() Limits { return p.limits }

// New makes a pool. Shut ends it.
func New(l Limits) *Pool {
	p := &Pool{limits: l, sockets: map[int]*socket{}, owned: map[Owner]int{}, done: make(chan struct{}), flusher: newFlusher()}
	p.group.Go(p.flusher.run)
	if l.Idle > 0 {
		p.group.Add(1)
		go p.sweep()
	}
	return p
}

// Shut closes all sockets, and returns when their goroutines are gone. Owners hear no more.
func (p *Pool) Shut() {
	if p.closed.Swap(true) {
		return
	}
	close(p.done)
	p.flusher.end()
	p.mu.RLock()
	all := make([]*socket, 0, len(p.sockets))
	for _, s := range p.sockets {
		all = append(all, s)
	}
	p.mu.RUnlock()
	for _, s := range all {
		s.abort()
	}
	p.group.Wait()
}

// sweep closes what is idle.
func (p *Pool) sweep() {
	defer p.group.Done()
	ticker := time.NewTicker(max(p.limits.Idle/4, 10*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ticker.C:
		}
		limit := time.Now().Add(-p.limits.Idle).UnixNano()
		p.mu.RLock()
		var idle []*socket
		for _, s := range p.sockets {
			if s.active.Load() < limit && s.connection() != nil {
				idle = append(idle, s)
			}
		}
		p.mu.RUnlock()
		for _, s := range idle {
			s.fail("idle for longer than socket.idle in sky.toml allows")
		}
	}
}

func (p *Pool) get(id int) *socket {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.sockets[id]
}

// add gives a socket its number.
func (p *Pool) add(s *socket) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed.Load() {
		return ErrGone
	}
	if p.limits.Sockets > 0 && len(p.sockets) >= p.limits.Sockets {
		return ErrLimit
	}
	if err := p.claim(s.owner); err != nil {
		return err
	}
	s.pool, s.id = p, int(p.next.Add(1))
	s.touch()
	p.sockets[s.id] = s
	return nil
}

func (p *Pool) remove(s *socket) {
	owner := s.holder()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sockets[s.id] == s {
		delete(p.sockets, s.id)
		p.release(owner)
	}
}

// claim counts a socket of an owner, and release counts it no more. The lock is held.
func (p *Pool) claim(owner Owner) error {
	if owner == nil || p.limits.Owned == 0 {
		return nil
	}
	if p.owned[owner] >= p.limits.Owned {
		return ErrOwned
	}
	p.owned[owner]++
	return nil
}

func (p *Pool) release(owner Owner) {
	if owner == nil || p.limits.Owned == 0 {
		return
	}
	if p.owned[owner]--; p.owned[owner] == 0 {
		delete(p.owned, owner)
	}
}

// transfer makes somebody else the owner of a socket, for the limit.
func (p *Pool) transfer(s *socket, to Owner) error {
	from := s.holder()
	if from == to {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sockets[s.id] != s {
		return ErrGone
	}
	if err := p.claim(to); err != nil {
		return err
	}
	p.release(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owner = to
	return nil
}

// Listen opens a listener. It takes connections once it was started. Port 0 is any that is free.
func (p *Pool) Listen(host string, port int) (id int, address netip.AddrPort, err error) {
	network := "tcp"
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		network = "tcp4" // else Go takes 0.0.0.0 for all addresses of IPv6, too
	}
	l, err := net.Listen(network, net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return 0, address, reason(err)
	}
	s := &socket{listener: l}
	if err := p.add(s); err != nil {
		l.Close()
		return 0, address, err
	}
	address = l.Addr().(*net.TCPAddr).AddrPort()
	return s.id, address, nil
}

// Dial connects. The owner gets Connect, with the address of the peer, or Error. The socket is read
// from then on.
func (p *Pool) Dial(owner Owner, host string, port int) (id int, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &socket{owner: owner, dialing: true, cancel: cancel}
	if err := p.add(s); err != nil {
		cancel()
		return 0, err
	}
	p.group.Add(1)
	go func() {
		defer p.group.Done()
		defer cancel()
		dialer := net.Dialer{Timeout: p.limits.Dial}
		conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil && !s.connected(conn) {
			conn.Close()
			err = ErrGone
		}
		if err != nil {
			p.remove(s)
			s.emit(Event{Kind: Error, Data: reason(err).Error()})
			return
		}
		s.emit(Event{Kind: Connect, Address: conn.RemoteAddr().String()})
		s.read()
	}()
	return s.id, nil
}

// Adopt takes over a connection. It is read once it was started; until then nobody owns it. What a
// listener accepts belongs to the listener's owner until then.
func (p *Pool) Adopt(conn net.Conn) (id int, err error) { return p.adopt(conn, nil) }

func (p *Pool) adopt(conn net.Conn, owner Owner) (id int, err error) {
	s := &socket{owner: owner}
	s.use(conn)
	if err := p.add(s); err != nil {
		return 0, err
	}
	return s.id, nil
}

// Start makes somebody the owner, who gets Connect. What was not read yet is read from now on.
func (p *Pool) Start(owner Owner, id int) error { return p.StartFramed(owner, id, nil) }

// StartFramed is Start for somebody who wants whole frames as Data.
func (p *Pool) StartFramed(owner Owner, id int, f *Framer) error {
	s := p.get(id)
	if s == nil {
		return ErrGone
	}
	if err := p.transfer(s, owner); err != nil {
		return err
	}
	return s.start(f)
}

// Pause holds up the reading of a socket until it is started again.
func (p *Pool) Pause(id int) {
	if s := p.get(id); s != nil {
		s.pause()
	}
}

// Send queues bytes behind all that was sent before; with low, only while nothing else waits. It
// does not block. It reports false for a socket that is gone, is being closed, or has too much
// unsent. On a UDP socket it is a datagram for the address that ConnectUDP has set.
func (p *Pool) Send(id int, data string, low bool) bool {
	s := p.get(id)
	return s != nil && s.send(data, low)
}

// Close closes a socket. The owner gets Close at once, and nothing more; what was sent before is
// still sent.
func (p *Pool) Close(id int) {
	if s := p.get(id); s != nil {
		s.close()
	}
}

// Shutdown closes a socket at once. The owner gets Close.
func (p *Pool) Shutdown(id int) {
	if s := p.get(id); s != nil {
		s.abort()
	}
}

// NoDelay has small pieces sent at once, which is what Go does unless told otherwise; false lets
// the kernel gather them.
func (p *Pool) NoDelay(id int, on bool) {
	if s := p.get(id); s != nil {
		if c, ok := s.connection().(*net.TCPConn); ok {
			c.SetNoDelay(on)
		}
	}
}

// Info is what is known of a socket.
type Info struct {
	ID            int
	Type          string // "LISTEN", "TCP", "UDP", "CONNECTING", "CLOSING"
	Local, Peer   string
	Read, Written int64 // bytes
	Unsent        int64 // bytes
	Idle          time.Duration
	Owner         Owner
	Accepted      int64
	Paused        bool
}

// List returns what is known of all sockets, by number.
func (p *Pool) List() []Info {
	p.mu.RLock()
	all := make([]Info, 0, len(p.sockets))
	for _, s := range p.sockets {
		all = append(all, s.info())
	}
	p.mu.RUnlock()
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// reason takes from an error of package net what says nothing to the owner of a socket.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Timeout() {
			return errors.New("connection timed out")
		}
		err = op.Err
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return errors.New(dns.Err + ": " + dns.Name)
	}
	type syscallError interface{ Unwrap() error }
	if e, ok := err.(syscallError); ok && e.Unwrap() != nil {
		return e.Unwrap()
	}
	return err
}
