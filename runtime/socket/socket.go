package socket

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/skylint/skylint/runtime/bucket"
)

// A socket is a connection, a listener, or a UDP socket.
type socket struct {
	id       int
	pool     *Pool
	conn     net.Conn
	raw      syscall.RawConn
	listener net.Listener
	packets  *net.UDPConn
	cancel   context.CancelFunc // of a dial

	active       atomic.Int64 // when something last passed, in ns
	read_, wrote atomic.Int64
	accepted     atomic.Int64

	mu        sync.Mutex
	owner     Owner
	framer    *Framer
	dialing   bool
	reader    stage             // of the goroutine that reads
	paused    chan struct{}     // closed when reading goes on; nil if it is not paused
	closing   bool              // nothing more can be sent
	ended     bool              // the connection is closed, or about to be
	cause     string            // why it was broken from this side
	gathered  *[gatherSize]byte // small pieces to be sent: fill bytes of them
	fill      int
	writing   bool // a goroutine writes what is queued
	high, low [][]byte
	unsent    int64
	peer      netip.AddrPort // of a UDP socket
	warnAt    int64
}

// A stage is how far a goroutine has come.
type stage uint8

const (
	none stage = iota
	running
	done
)

// warning is how much unsent data the owner is first told of; then each doubling.
const warning = 1 << 20

func (s *socket) use(conn net.Conn) {
	s.conn = conn
	if c, ok := conn.(syscall.Conn); ok {
		s.raw, _ = c.SyscallConn()
	}
}

// connection returns what a connection stands on: nil as long as it is being made, and for others.
func (s *socket) connection() net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// holder returns the owner, or nil.
func (s *socket) holder() Owner {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owner
}

// over reports whether the socket has been closed from this side.
func (s *socket) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

func (s *socket) touch() { s.active.Store(time.Now().UnixNano()) }

// emit tells the owner, if there is one.
func (s *socket) emit(e Event) {
	if s.pool.closed.Load() {
		return
	}
	if owner := s.holder(); owner != nil {
		e.ID = s.id
		owner.Event(e)
	}
}

// connected takes the connection of a dial; it reports false if the socket was closed meanwhile.
func (s *socket) connected(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.closing {
		return false
	}
	s.use(conn)
	s.dialing, s.reader = false, running
	s.touch()
	if len(s.high)+len(s.low) > 0 {
		s.write()
	}
	return true
}

// start has its owner get what comes from now on.
func (s *socket) start(f *Framer) error {
	s.mu.Lock()
	if s.ended || s.closing {
		s.mu.Unlock()
		return ErrGone
	}
	if f != nil {
		s.framer = f
	}
	again := s.reader != none || s.dialing
	s.resume()
	if !again {
		s.reader = running
		s.pool.group.Add(1)
	}
	s.mu.Unlock()
	if again {
		s.emit(Event{Kind: Connect, Data: "transfer"})
		return nil
	}
	go func() {
		defer s.pool.group.Done()
		s.emit(Event{Kind: Connect, Data: "start"})
		switch {
		case s.listener != nil:
			s.accept()
		case s.packets != nil:
			s.receive()
		default:
			s.read()
		}
	}()
	return nil
}

func (s *socket) pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused == nil && !s.ended {
		s.paused = make(chan struct{})
	}
}

// resume lets reading go on. The lock is held.
func (s *socket) resume() {
	if s.paused != nil {
		close(s.paused)
		s.paused = nil
	}
}

// goOn waits while reading is held up.
func (s *socket) goOn() {
	s.mu.Lock()
	paused := s.paused
	s.mu.Unlock()
	if paused != nil {
		<-paused
	}
}

// read reads a connection until it ends.
func (s *socket) read() {
	var err error
	for {
		s.goOn()
		var chunk string
		chunk, err = s.readSome()
		if chunk != "" {
			s.touch()
			s.read_.Add(int64(len(chunk)))
			if err := s.deliver(chunk); err != nil {
				s.fail(err.Error())
			}
		}
		if err != nil {
			break
		}
	}
	s.mu.Lock()
	cause := s.cause
	s.mu.Unlock()
	switch {
	case cause != "":
		s.finish(Event{Kind: Error, Data: cause})
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded):
		s.finish(Event{Kind: Close})
	default:
		s.finish(Event{Kind: Error, Data: reason(err).Error()})
	}
}

func (s *socket) deliver(chunk string) error {
	s.mu.Lock()
	f := s.framer
	s.mu.Unlock()
	if f == nil {
		s.emit(Event{Kind: Data, N: len(chunk), Data: chunk})
		return nil
	}
	return f.Feed(chunk, func(frame string) { s.emit(Event{Kind: Data, N: len(frame), Data: frame}) })
}

// finish tells of the end. What is queued is still sent.
func (s *socket) finish(e Event) {
	s.mu.Lock()
	s.flush()
	s.closing, s.reader = true, done
	last := !s.writing || s.ended
	if last {
		s.end()
	}
	s.mu.Unlock()
	if last {
		s.pool.remove(s)
	}
	s.emit(e)
}

// end closes what the socket stands on. The lock is held.
func (s *socket) end() {
	if s.ended {
		return
	}
	s.ended, s.closing = true, true
	s.resume()
	switch {
	case s.listener != nil:
		s.listener.Close()
	case s.packets != nil:
		s.packets.Close()
	case s.conn != nil:
		s.conn.Close()
	case s.cancel != nil:
		s.cancel()
	}
}

// close ends the socket when all is sent. The owner is told at once, and reads no more.
func (s *socket) close() {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return
	}
	s.flush()
	s.closing = true
	if !s.writing {
		s.stop()
		return
	}
	s.resume()
	s.conn.SetReadDeadline(time.Unix(1, 0)) // who reads stops, and says so
	alone := s.reader == none
	s.reader = max(s.reader, running)
	s.mu.Unlock()
	if alone {
		s.finish(Event{Kind: Close})
	}
}

// abort ends the socket at once.
func (s *socket) abort() {
	s.mu.Lock()
	s.stop()
}

// fail ends the socket at once, with an error for its owner.
func (s *socket) fail(cause string) {
	s.mu.Lock()
	if s.cause == "" && !s.ended {
		s.cause = cause
	}
	s.stop()
}

// stop ends the socket, and tells the owner if no goroutine is there to do it. It releases the lock.
func (s *socket) stop() {
	already := s.ended || s.dialing
	s.end()
	s.leave(already)
}

// leave forgets a socket that has ended, unless a goroutine is still to say so. It releases the lock.
func (s *socket) leave(silent bool) {
	at := s.reader
	s.mu.Unlock()
	if at == running || silent && at == none {
		return
	}
	s.pool.remove(s)
	if at == none {
		s.emit(Event{Kind: Close})
	}
}

// pause waits. It reports false if the pool was closed meanwhile.
func (p *Pool) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.done:
		return false
	case <-timer.C:
		return true
	}
}

// accept takes connections.
func (s *socket) accept() {
	admitted := bucket.New(s.pool.limits.Accepts)
	var delay time.Duration
	for {
		s.goOn()
		if d := admitted.Reserve(time.Now().UnixNano()); d > 0 && !s.pool.pause(d) {
			break
		}
		conn, err := s.listener.Accept()
		if err != nil {
			if s.over() {
				break
			}
			// Too many open files, as a rule: others may be closed meanwhile, so the listener stays.
			delay = min(max(2*delay, 5*time.Millisecond), time.Second)
			s.emit(Event{Kind: Warning, Data: reason(err).Error()})
			s.pool.pause(delay)
			continue
		}
		delay = 0
		address := conn.RemoteAddr().String()
		id, err := s.pool.adopt(conn, s.holder())
		if err != nil {
			s.pool.Refused.Add(1)
			conn.Close()
			continue
		}
		s.accepted.Add(1)
		s.emit(Event{Kind: Accept, N: id, Address: address})
	}
	s.finish(Event{Kind: Close})
}

func (s *socket) info() Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := Info{
		ID: s.id, Read: s.read_.Load(), Written: s.wrote.Load(), Unsent: s.unsent, Accepted: s.accepted.Load(),
		Idle: time.Duration(time.Now().UnixNano() - s.active.Load()), Owner: s.owner, Paused: s.paused != nil,
	}
	switch {
	case s.listener != nil:
		i.Type, i.Local = "LISTEN", s.listener.Addr().String()
	case s.packets != nil:
		i.Type, i.Local = "UDP", s.packets.LocalAddr().String()
	case s.conn == nil:
		i.Type = "CONNECTING"
	default:
		i.Type, i.Local, i.Peer = "TCP", s.conn.LocalAddr().String(), s.conn.RemoteAddr().String()
	}
	if s.closing {
		i.Type = "CLOSING"
	}
	return i
}
