package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/skylint/skylint/runtime/transport"
)

// A Link is how a node asks another one. It connects when there is something to send, and again after
// the connection has broken. Its methods may be called from any goroutine.
type Link struct {
	node, address string
	transport     transport.Transport
	limits        *Limits
	lost          func(error)
	group         sync.WaitGroup
	cancel        context.CancelFunc
	context       context.Context

	mutex   sync.Mutex
	out     *writer // of the connection that there is, or that is being made; nil: there is none
	waiting map[uint32]func(string, error)
	last    uint32
	closed  error
}

// NewLink returns a link to a node. lost, if it is not nil, is told of what breaks connections.
func NewLink(node, address string, t transport.Transport, l *Limits, lost func(error)) *Link {
	ctx, cancel := context.WithCancel(context.Background())
	return &Link{node: node, address: address, transport: t, limits: l, lost: lost, context: ctx, cancel: cancel, waiting: make(map[uint32]func(string, error))}
}

// Address returns where the node is.
func (l *Link) Address() string { return l.address }

// Request sends a request. done is called once, from any goroutine and perhaps before Request returns,
// with the answer or with an error that names the node; not after cancel.
func (l *Link) Request(to Address, message string, done func(answer string, err error)) (cancel func()) {
	session, err := l.send(to, message, done)
	if err != nil {
		done("", &NodeError{l.node, l.address, err})
		return func() {}
	}
	return func() {
		l.mutex.Lock()
		delete(l.waiting, session)
		l.mutex.Unlock()
	}
}

// Push sends a message that nobody answers. That it is taken does not say that it arrives.
func (l *Link) Push(to Address, message string) error {
	if _, err := l.send(to, message, nil); err != nil {
		return &NodeError{l.node, l.address, err}
	}
	return nil
}

func (l *Link) send(to Address, message string, done func(string, error)) (uint32, error) {
	if len(to.Name) > maxName {
		return 0, errName
	}
	if size := int64(len(message)); size > l.limits.Message {
		return 0, &errLarge{size: size, most: l.limits.Message}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.closed != nil {
		return 0, l.closed
	}
	if len(l.waiting) >= l.limits.Requests {
		return 0, fmt.Errorf("more than %d requests wait for an answer; see cluster.requests in sky.toml", l.limits.Requests)
	}
	session := l.fresh()
	if l.out == nil {
		l.out = newWriter()
		l.group.Add(1)
		go l.run(l.out)
	}
	if err := l.out.add(l.limits.Unsent, func(b []byte) []byte { return appendRequest(b, to, session, done == nil, message) }); err != nil {
		return 0, err
	}
	if done != nil {
		l.waiting[session] = done
	}
	return session, nil
}

// fresh returns a session that nobody waits with: 1 to 2^31-1, as in skynet.
func (l *Link) fresh() uint32 {
	for {
		l.last = l.last&0x7fffffff + 1
		if l.last > 0x7fffffff {
			l.last = 1
		}
		if _, taken := l.waiting[l.last]; !taken {
			return l.last
		}
	}
}

// run makes a connection, and goes on until it breaks.
func (l *Link) run(out *writer) {
	defer l.group.Done()
	err := l.connect(out)
	out.end(err)
	l.mutex.Lock()
	if l.out == out {
		l.out = nil
	}
	waiting := l.waiting
	l.waiting = make(map[uint32]func(string, error))
	closed := l.closed
	l.mutex.Unlock()
	if closed != nil {
		err = closed
	}
	err = &NodeError{l.node, l.address, err}
	for _, done := range waiting {
		done("", err)
	}
	if closed == nil && l.lost != nil {
		l.lost(err)
	}
}

func (l *Link) connect(out *writer) error {
	ctx, cancel := context.WithTimeout(l.context, l.limits.Dial)
	conn, err := l.transport.Dial(ctx, l.node, l.address)
	late := ctx.Err()
	cancel()
	if err != nil {
		if errors.Is(late, context.DeadlineExceeded) {
			return fmt.Errorf("no connection after %v; see cluster.connect-timeout in sky.toml", l.limits.Dial)
		}
		return err
	}
	stop := context.AfterFunc(l.context, func() { conn.Close() })
	defer stop()
	var group sync.WaitGroup
	group.Go(func() {
		out.run(conn, l.limits.Write)
		conn.Close()
	})
	err = out.end(l.read(conn))
	conn.Close()
	group.Wait()
	return err
}

// read takes answers until the connection breaks.
func (l *Link) read(conn net.Conn) error {
	r := bufio.NewReaderSize(conn, 64<<10)
	parts := assembler{most: l.limits.Message}
	var buffer []byte
	for {
		var err error
		if buffer, err = readPacket(r, buffer); err != nil {
			if err == io.EOF {
				err = errors.New("it has closed the connection")
			}
			return err
		}
		p, err := parseAnswer(buffer)
		if err != nil {
			return err
		}
		message, of, complete, err := parts.add(&p)
		var large *errLarge
		switch {
		case errors.As(err, &large):
			l.answer(large.session, "", &NodeError{l.node, l.address, err})
		case err != nil:
			return err
		case complete && of.failed:
			l.answer(of.session, "", &NodeError{l.node, l.address, &AnswerError{message}})
		case complete:
			l.answer(of.session, message, nil)
		}
	}
}

func (l *Link) answer(session uint32, message string, err error) {
	l.mutex.Lock()
	done := l.waiting[session]
	delete(l.waiting, session)
	l.mutex.Unlock()
	if done != nil { // else nobody waits any more
		done(message, err)
	}
}

// Close ends the link: whoever waits gets the error. It waits until the connection has ended.
func (l *Link) Close(why error) {
	l.mutex.Lock()
	if l.closed == nil {
		l.closed = why
	}
	out := l.out
	l.mutex.Unlock()
	if out != nil {
		out.end(why)
	}
	l.cancel()
	l.group.Wait()
}
