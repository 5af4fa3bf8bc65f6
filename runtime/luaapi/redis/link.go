package redis

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/gomodule/redigo/redis"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/socket"
)

// An address says how to connect: what redis.connect and redis.watch take.
type address struct {
	host               string
	port               int
	username, password string
	auth               bool
	db                 int
	hasDB              bool
}

func (a *address) String() string { return net.JoinHostPort(a.host, strconv.Itoa(a.port)) }

// A call is commands that somebody waits for the replies of.
type call struct {
	commands [][]any
	replies  []any // each a value of the client, or an error that the server has sent
	err      error // of the connection
	ticket   actor.Ticket
}

func (c *call) finish() { c.ticket.Complete(actor.Payload{}, nil) }

// A link is one connection. What is asked while it connects waits for it; replies come in the
// order of the calls. One goroutine writes, and one reads: it sees at once when the server closes.
type link struct {
	pool    *socket.Pool
	address address
	stop    context.CancelFunc
	// push is called with all that the server sends; it may wait. A call is over when it has been sent. Nil:
	// the server sends replies alone.
	push func(any)
	// ended is called once the link has failed.
	ended func(error)

	mutex  sync.Mutex
	more   sync.Cond
	conn   net.Conn
	out    []*call
	in     []*call
	closed error // why it is of no use any more
}

// open starts to connect. The calls are made before all others.
func open(pool *socket.Pool, a address, first *call, push func(any), ended func(error)) *link {
	ctx, cancel := context.WithCancel(context.Background())
	l := &link{pool: pool, address: a, stop: cancel, push: push, ended: ended}
	l.more.L = &l.mutex
	if first != nil {
		l.out = append(l.out, first)
	}
	go l.run(ctx)
	return l
}

// dead reports whether nothing can be asked any more.
func (l *link) dead() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.closed != nil
}

// ask queues a call.
func (l *link) ask(c *call) {
	l.mutex.Lock()
	if err := l.closed; err != nil {
		l.mutex.Unlock()
		c.err = err
		c.finish()
		return
	}
	l.out = append(l.out, c)
	l.mutex.Unlock()
	l.more.Signal()
}

// end closes the link, and fails what waits.
func (l *link) end(err error) {
	l.mutex.Lock()
	if l.closed != nil {
		l.mutex.Unlock()
		return
	}
	l.closed = err
	waiting := append(l.in, l.out...)
	l.in, l.out = nil, nil
	conn := l.conn
	l.mutex.Unlock()
	l.stop()
	l.more.Broadcast()
	if conn != nil {
		conn.Close()
	}
	for _, c := range waiting {
		c.err = err
		c.finish()
	}
	if l.ended != nil {
		l.ended(err)
	}
}

func (l *link) trouble(err error) error {
	return fmt.Errorf("[Error: socket] redis %s: %w", &l.address, err)
}

func (l *link) run(ctx context.Context) {
	options := []redis.DialOption{redis.DialContextFunc(l.connect)}
	if l.address.auth {
		options = append(options, redis.DialUsername(l.address.username), redis.DialPassword(l.address.password))
	}
	if l.address.hasDB {
		options = append(options, redis.DialDatabase(l.address.db))
	}
	conn, err := redis.DialContext(ctx, "tcp", l.address.String(), options...)
	if err != nil {
		l.end(l.trouble(err))
		return
	}
	go l.read(conn)
	l.write(conn)
}

// connect makes the connection, so that end can close it while the client still introduces itself.
func (l *link) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := l.pool.Connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.closed != nil {
		conn.Close()
		return nil, l.closed
	}
	l.conn = conn
	return conn, nil
}

// write sends calls, those that have come meanwhile in one piece.
func (l *link) write(conn redis.Conn) {
	for {
		l.mutex.Lock()
		for len(l.out) == 0 && l.closed == nil {
			l.more.Wait()
		}
		if l.closed != nil {
			l.mutex.Unlock()
			return
		}
		batch := l.out
		l.out = nil
		l.in = append(l.in, batch...)
		l.mutex.Unlock()
		for _, c := range batch {
			for _, command := range c.commands {
				if err := conn.Send(command[0].(string), command[1:]...); err != nil {
					l.end(l.trouble(err))
					return
				}
			}
		}
		if err := conn.Flush(); err != nil {
			l.end(l.trouble(err))
			return
		}
		if l.push != nil { // what is asked has no replies of its own
			l.mutex.Lock()
			sent := l.in
			l.in = nil
			l.mutex.Unlock()
			for _, c := range sent {
				c.finish()
			}
		}
	}
}

// read takes replies until the connection ends.
func (l *link) read(conn redis.Conn) {
	for {
		reply, err := conn.Receive()
		if err != nil {
			if conn.Err() != nil {
				l.end(l.trouble(err))
				return
			}
			reply = err // one that the server has sent
		}
		if l.push != nil {
			l.push(reply)
			continue
		}
		l.mutex.Lock()
		if len(l.in) == 0 {
			l.mutex.Unlock()
			l.end(l.trouble(fmt.Errorf("a reply that nobody has asked for")))
			return
		}
		c := l.in[0]
		c.replies = append(c.replies, reply)
		whole := len(c.replies) == len(c.commands)
		if whole {
			l.in = l.in[1:]
		}
		l.mutex.Unlock()
		if whole {
			c.finish()
		}
	}
}
