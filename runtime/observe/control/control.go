// Package control is the socket of a running node, for who may be the node's user: a unix socket of mode
// 0600, on which a line is a command.
//
// A line is answered as the debug console of skynet does: by lines, the last of which is "<CMD OK>" or
// "<CMD Error>". A line that begins with the word json is answered by one line of JSON, an Answer. The
// commands are those of the debug console, and those that Help lists, which the node answers even when all of its
// services are stuck. None of them runs code that is sent.
package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/observe"
)

const (
	// longestLine is how long a command may be, in bytes.
	longestLine = 4096
	// mostConnections is how many there may be at once.
	mostConnections = 64
	// writeTimeout is how long an answer may take to be read.
	writeTimeout = 10 * time.Second
	// okLine and errorLine end an answer that is text.
	okLine, errorLine = "<CMD OK>", "<CMD Error>"
)

// An Answer is what comes of a command.
type Answer struct {
	OK bool `json:"ok"`
	// Result is what came of it; of a snapshot an observe.Snapshot.
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// A Console performs the commands of the debug console: it returns what came of a line, the same as lines
// of text, and whether the command could be done.
type Console func(ctx context.Context, line string) (result any, lines []string, ok bool, err error)

// Help are the commands that are answered without any service, with what they do.
var Help = [][2]string{
	{"events", "events [kind] : what has gone wrong last, the oldest first: all, or deadlock, handler, start, ..."},
	{"health", "what /healthz says"},
	{"snapshot", "snapshot [address] : what the node is at, as JSON; with the stacks of what has waited for a second or longer"},
	{"violations", "what broke a rule last, once for each place, with how often it did"},
	{"waits", "waits [address] : what waits for what, the oldest first"},
}

// A Server serves the socket of a node.
type Server struct {
	observer *observe.Observer
	console  Console
	listener net.Listener
	remove   func()
	ctx      context.Context
	cancel   context.CancelFunc
	group    sync.WaitGroup

	mutex sync.Mutex
	conns map[net.Conn]bool
}

// Listen makes the socket, at a path at which nobody listens, and serves it until Close is called.
func Listen(path string, ob *observe.Observer, console Console) (*Server, error) {
	listener, remove, err := listen(path)
	if err != nil {
		return nil, err
	}
	s := &Server{observer: ob, console: console, listener: listener, remove: remove, conns: map[net.Conn]bool{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.group.Add(1)
	go s.accept()
	return s, nil
}

// Close ends all connections, and takes the socket away.
func (s *Server) Close() {
	s.cancel()
	s.listener.Close()
	s.remove()
	s.mutex.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mutex.Unlock()
	s.group.Wait()
}

func (s *Server) accept() {
	defer s.group.Done()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if s.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(10 * time.Millisecond) // too many open files, say: it passes
			continue
		}
		s.mutex.Lock()
		full := len(s.conns) >= mostConnections || s.ctx.Err() != nil
		if !full {
			s.conns[c] = true
			s.group.Add(1)
		}
		s.mutex.Unlock()
		if full {
			c.Close()
			continue
		}
		go s.serve(c)
	}
}

func (s *Server) serve(c net.Conn) {
	defer s.group.Done()
	t := &talk{server: s, out: c}
	defer func() {
		s.mutex.Lock()
		delete(s.conns, c)
		s.mutex.Unlock()
		c.Close()
		if t.stop != nil {
			t.stop()
		}
	}()
	lines := bufio.NewScanner(c)
	lines.Buffer(make([]byte, 0, 256), longestLine)
	for lines.Scan() {
		c.SetWriteDeadline(time.Now().Add(writeTimeout))
		if t.line(lines.Text()) != nil {
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		fmt.Fprintf(c, "a command is at most %d bytes long\n%s\n", longestLine, errorLine)
	}
}

// talk is one connection.
type talk struct {
	server *Server
	out    io.Writer
	stop   func() // looking, since the first snapshot
}

// line answers a line. The error is that the answer cannot be written.
func (t *talk) line(text string) error {
	words := strings.Fields(text)
	asJSON := len(words) > 0 && words[0] == "json"
	if asJSON {
		words = words[1:]
		text = strings.Join(words, " ")
	}
	if len(words) == 0 {
		return nil
	}
	result, lines, ok := t.perform(words, text)
	var b strings.Builder
	if asJSON {
		a := Answer{OK: ok}
		if ok {
			data, err := json.Marshal(result)
			if err != nil {
				return err
			}
			a.Result = data
		} else {
			a.Error = strings.Join(lines, "\n")
		}
		data, err := json.Marshal(a)
		if err != nil {
			return err
		}
		b.Write(data)
		b.WriteByte('\n')
	} else {
		for _, l := range lines {
			b.WriteString(strings.TrimRight(l, "\n"))
			b.WriteByte('\n')
		}
		last := okLine
		if !ok {
			last = errorLine
		}
		b.WriteString(last + "\n")
	}
	_, err := io.WriteString(t.out, b.String())
	return err
}

// perform does what a command says.
func (t *talk) perform(words []string, text string) (result any, lines []string, ok bool) {
	var q observe.Query
	switch words[0] {
	case "snapshot", "waits":
		if len(words) > 1 {
			h, err := t.server.address(words[1])
			if err != nil {
				return nil, []string{err.Error()}, false
			}
			q.Actor = h
		}
	}
	ob := t.server.observer
	switch words[0] {
	case "health":
		h := ob.Health()
		return h, []string{h.String()}, true
	case "snapshot":
		if t.stop == nil {
			t.stop = ob.Look()
		}
		q.Stacks = time.Second
		if q.Actor != 0 {
			q.Stacks = 1
		}
		s := ob.Snapshot(q)
		data, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return nil, []string{err.Error()}, false
		}
		return s, []string{string(data)}, true
	case "events":
		list := ob.Snapshot(q).Events
		slices.Reverse(list)
		if len(words) > 1 {
			list = slices.DeleteFunc(list, func(e observe.Event) bool { return e.Kind != words[1] })
		}
		for i := range list {
			lines = append(lines, list[i].Text())
		}
		return list, lines, true
	case "violations":
		list := ob.Snapshot(q).Violations
		for i := range list {
			lines = append(lines, list[i].Text())
		}
		return list, lines, true
	case "waits":
		q.Stacks = 1
		s := ob.Snapshot(q)
		for i := range s.Waits {
			lines = append(lines, s.Waits[i].Text())
		}
		return s.Waits, lines, true
	}
	result, lines, ok, err := t.server.console(t.server.ctx, text)
	if err != nil {
		return nil, []string{err.Error()}, false
	}
	if ok && words[0] == "help" {
		all := map[string]any{}
		if m, is := result.(map[string]any); is {
			all = m
		}
		for _, h := range Help {
			all[h[0]] = h[1]
			lines = append(lines, h[0]+"\t"+h[1])
		}
		result = all
	}
	return result, lines, ok
}

// address reads ":0000000a", "a" or ".name".
func (s *Server) address(word string) (actor.Handle, error) {
	if strings.HasPrefix(word, ".") {
		if h := s.observer.Node().Lookup(word); h != 0 {
			return h, nil
		}
		return 0, fmt.Errorf("%s is not a valid name", word)
	}
	h, ok := actor.ParseHandle(":" + strings.TrimPrefix(word, ":"))
	if !ok {
		return 0, fmt.Errorf("%s is no address: :0000000a, a or .name", word)
	}
	return h, nil
}
