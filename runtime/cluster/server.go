package cluster

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// A Peer is a node that is connected, as who answers it sees it.
type Peer interface {
	// Request handles a request. done is to be called once, from any goroutine; of a push, nobody
	// looks at what it says. Request may block: nothing more is read from the peer meanwhile.
	Request(to Address, message string, push bool, done func(answer string, err error))
	// Closed is called when the connection has ended, with the reason.
	Closed(why error)
}

// A Server answers the nodes that connect to one listener.
type Server struct {
	listener net.Listener
	limits   *Limits
	most     int
	accept   func(peer net.Addr) (Peer, error)
	refused  func(error)
	group    sync.WaitGroup

	quit chan struct{} // closed by Close

	mutex  sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// Serve answers who connects. accept is asked for what answers a connection; refused, which may be nil,
// is told why one is not taken. A maximum of 0 is that of the limits.
func Serve(l net.Listener, limits *Limits, most int, accept func(net.Addr) (Peer, error), refused func(error)) *Server {
	if most <= 0 || most > limits.Connections {
		most = limits.Connections
	}
	s := &Server{listener: l, limits: limits, most: most, accept: accept, refused: refused, quit: make(chan struct{}), conns: map[net.Conn]bool{}}
	s.group.Add(1)
	go s.run()
	return s
}

// again is when a listener tries again that has failed.
const again = 50 * time.Millisecond

var errFull = errors.New("a connection was refused: there are as many as there may be; see cluster.connections in sky.toml, and the second argument of cluster.open")

func (s *Server) run() {
	defer s.group.Done()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			s.mutex.Lock()
			closed := s.closed
			s.mutex.Unlock()
			if closed || errors.Is(err, net.ErrClosed) {
				return
			}
			s.refuse(err)
			time.Sleep(again) // there are too many files, say
			continue
		}
		s.mutex.Lock()
		full := len(s.conns) >= s.most
		if s.closed || full {
			s.mutex.Unlock()
			conn.Close()
			if full {
				s.refuse(errFull)
			}
			continue
		}
		s.conns[conn] = true
		s.group.Add(1)
		s.mutex.Unlock()
		go s.serve(conn)
	}
}

func (s *Server) refuse(err error) {
	if s.refused != nil {
		s.refused(err)
	}
}

// serve answers one connection until it ends.
func (s *Server) serve(conn net.Conn) {
	defer s.group.Done()
	defer func() {
		conn.Close()
		s.mutex.Lock()
		delete(s.conns, conn)
		s.mutex.Unlock()
	}()
	peer, err := s.accept(conn.RemoteAddr())
	if err != nil {
		s.refuse(err)
		return
	}
	out := newWriter()
	var group sync.WaitGroup
	group.Go(func() {
		out.run(conn, s.limits.Write)
		conn.Close()
	})
	err = out.end(s.read(conn, peer, out))
	conn.Close()
	group.Wait()
	peer.Closed(err)
}

func (s *Server) read(conn net.Conn, peer Peer, out *writer) error {
	r := bufio.NewReaderSize(conn, 64<<10)
	parts := assembler{most: s.limits.Message}
	busy := make(chan struct{}, s.limits.Requests)
	fail := func(session uint32, err error) error {
		return out.add(s.limits.Unsent, func(b []byte) []byte { return appendError(b, session, err.Error()) })
	}
	var buffer []byte
	for {
		// A peer that does not read its answers is not asked for more.
		out.await(s.limits.Unsent / 2)
		var err error
		if buffer, err = readPacket(r, buffer); err != nil {
			if err == io.EOF {
				err = errors.New("the node has closed the connection")
			}
			return err
		}
		p, err := parseRequest(buffer)
		if err != nil {
			return err
		}
		message, of, complete, err := parts.add(&p)
		var large *errLarge
		if errors.As(err, &large) {
			if !large.push {
				err = fail(large.session, large)
			} else {
				s.refuse(err)
				err = nil
			}
		}
		if err != nil {
			return err
		}
		if !complete {
			continue
		}
		select {
		case busy <- struct{}{}:
		case <-s.quit:
			return net.ErrClosed
		}
		session := of.session
		peer.Request(of.to, message, of.push, func(answer string, err error) {
			<-busy
			if of.push {
				return
			}
			if err == nil && int64(len(answer)) > s.limits.Message {
				err = &errLarge{size: int64(len(answer)), most: s.limits.Message}
			}
			if err != nil {
				err = fail(session, err)
			} else {
				err = out.add(s.limits.Unsent, func(b []byte) []byte { return appendAnswer(b, session, answer) })
			}
			if err != nil {
				conn.Close() // an answer that is missing is worse than none
			}
		})
	}
}

// Close ends the listener and its connections, and waits until they have ended.
func (s *Server) Close() {
	s.mutex.Lock()
	if !s.closed {
		s.closed = true
		close(s.quit)
	}
	for conn := range s.conns {
		conn.Close()
	}
	s.mutex.Unlock()
	s.listener.Close()
	s.group.Wait()
}

// Addr returns where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }
