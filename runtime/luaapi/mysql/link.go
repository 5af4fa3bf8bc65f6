package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/go-sql-driver/mysql"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/socket"
)

// A set is the rows of one result.
type set struct {
	names []string
	kinds []string // the types of the columns, as the driver names them
	rows  [][]driver.Value
}

// An answer is what a call has brought.
type answer struct {
	results []status
	sets    []set
	binary  bool // the values came in binary
	refused *mysql.MySQLError
	err     error // of the connection

	version  string // of the server, when the link has just been made
	id       int    // of a statement that was prepared
	prepared prepared
}

// A call is something that is asked of the server.
type call struct {
	do     func(*link, *answer) error
	answer answer
	ticket actor.Ticket
}

// A link is one connection. A goroutine of its own makes its calls, one after the other.
type link struct {
	pool    *socket.Pool
	config  *mysql.Config
	most    int64 // bytes that one answer may have
	context context.Context
	stop    context.CancelFunc

	// These belong to the goroutine.
	conn       driver.Conn
	tap        *tap
	statements map[int]driver.Stmt
	last       int

	mutex  sync.Mutex
	more   sync.Cond
	raw    net.Conn
	calls  []*call
	closed error
}

// open starts to connect. The first call is finished when it has, or cannot.
func open(pool *socket.Pool, config *mysql.Config, most int64, first *call) *link {
	l := &link{pool: pool, config: config, most: most, statements: map[int]driver.Stmt{}}
	l.context, l.stop = context.WithCancel(context.Background())
	l.more.L = &l.mutex
	l.calls = []*call{first}
	go l.run()
	return l
}

// dead reports whether nothing can be asked any more.
func (l *link) dead() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.closed != nil
}

func (l *link) ask(c *call) {
	l.mutex.Lock()
	if err := l.closed; err != nil {
		l.mutex.Unlock()
		c.fail(err)
		return
	}
	l.calls = append(l.calls, c)
	l.mutex.Unlock()
	l.more.Signal()
}

func (c *call) fail(err error) {
	c.answer.err = err
	c.ticket.Complete(actor.Payload{}, nil)
}

// end closes the link, and fails what waits. It may be called from any goroutine.
func (l *link) end(err error) {
	l.mutex.Lock()
	if l.closed != nil {
		l.mutex.Unlock()
		return
	}
	l.closed = err
	waiting, raw := l.calls, l.raw
	l.calls = nil
	l.mutex.Unlock()
	l.stop()
	l.more.Broadcast()
	if raw != nil {
		raw.Close()
	}
	for _, c := range waiting {
		c.fail(err)
	}
}

func (l *link) trouble(err error) error {
	return fmt.Errorf("[Error: socket] mysql %s: %w", l.config.Addr, err)
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
	l.raw, l.tap = conn, &tap{Conn: conn}
	return l.tap, nil
}

func (l *link) run() {
	config := l.config.Clone()
	config.DialFunc = l.connect
	connector, err := mysql.NewConnector(config)
	if err == nil {
		l.conn, err = connector.Connect(l.context)
	}
	if err != nil {
		l.end(l.trouble(err))
		return
	}
	defer l.conn.Close()
	for {
		l.mutex.Lock()
		for len(l.calls) == 0 && l.closed == nil {
			l.more.Wait()
		}
		if l.closed != nil {
			l.mutex.Unlock()
			return
		}
		c := l.calls[0]
		l.mutex.Unlock()
		err := c.do(l, &c.answer)
		l.mutex.Lock()
		if l.closed != nil { // it has been told
			l.mutex.Unlock()
			return
		}
		if err == nil || errors.As(err, &c.answer.refused) {
			l.calls = l.calls[1:]
			l.mutex.Unlock()
			c.answer.results = l.tap.results
			c.ticket.Complete(actor.Payload{}, nil)
			continue
		}
		l.mutex.Unlock()
		l.end(l.trouble(err))
		return
	}
}

// alive finds out whether the server has closed the connection while nobody asked.
func (l *link) alive() error {
	if r, ok := l.conn.(driver.SessionResetter); ok {
		return r.ResetSession(l.context)
	}
	return nil
}

// query asks a text of SQL.
func (l *link) query(sql string, a *answer) error {
	l.tap.expect(first)
	rows, err := l.conn.(driver.QueryerContext).QueryContext(l.context, sql, nil)
	if err != nil {
		return err
	}
	return l.collect(rows, a)
}

// prepare prepares a statement.
func (l *link) prepare(sql string, a *answer) error {
	l.tap.expect(preparation)
	s, err := l.conn.(driver.ConnPrepareContext).PrepareContext(l.context, sql)
	if err != nil {
		return err
	}
	l.last++
	l.statements[l.last] = s
	a.id, a.prepared = l.last, l.tap.prepared
	return nil
}

// errNoStatement is what a server says of a statement that it does not know.
var errNoStatement = &mysql.MySQLError{Number: 1243, SQLState: [5]byte{'H', 'Y', '0', '0', '0'}, Message: "Unknown prepared statement handler given to execute: the connection was made anew since, or it was closed"}

func (l *link) execute(id int, args []driver.NamedValue, a *answer) error {
	l.tap.expect(first)
	s := l.statements[id]
	if s == nil {
		return errNoStatement
	}
	a.binary = true
	rows, err := s.(driver.StmtQueryContext).QueryContext(l.context, args)
	if err != nil {
		return err
	}
	return l.collect(rows, a)
}

// closeStatement forgets a statement.
func (l *link) closeStatement(id int) error {
	l.tap.expect(ignored)
	if s := l.statements[id]; s != nil {
		delete(l.statements, id)
		return s.Close()
	}
	return nil
}

func (l *link) ping() error {
	l.tap.expect(first)
	return l.conn.(driver.Pinger).Ping(l.context)
}

// collect takes all rows of all results.
func (l *link) collect(rows driver.Rows, a *answer) error {
	defer rows.Close()
	left := l.most
	for {
		if names := rows.Columns(); len(names) > 0 {
			s := set{names: append([]string(nil), names...)}
			if t, ok := rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
				for i := range names {
					s.kinds = append(s.kinds, t.ColumnTypeDatabaseTypeName(i))
				}
			}
			for {
				values := make([]driver.Value, len(names))
				err := rows.Next(values)
				if err == io.EOF {
					break
				}
				if err != nil {
					return err
				}
				for i, v := range values {
					left -= 16
					if b, ok := v.([]byte); ok {
						left -= int64(len(b))
						values[i] = string(b) // the driver uses its buffer again
					}
				}
				if l.most > 0 && left < 0 {
					return fmt.Errorf("a result of more than %d bytes; see limits.memory in sky.toml", l.most)
				}
				s.rows = append(s.rows, values)
			}
			a.sets = append(a.sets, s)
		}
		next, ok := rows.(driver.RowsNextResultSet)
		if !ok || !next.HasNextResultSet() {
			return nil
		}
		if err := next.NextResultSet(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// addressOf returns where a server is.
func addressOf(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
