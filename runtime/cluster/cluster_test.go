package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/runtime/cluster"
	"github.com/skylint/skylint/runtime/internal/wires"
)

// echo answers with what it was asked, by way of a goroutine.
type echo struct {
	mutex  sync.Mutex
	pushes []string
	closed []error
	hold   chan struct{}
}

func (e *echo) Request(to cluster.Address, message string, push bool, done func(string, error)) {
	if push {
		e.mutex.Lock()
		e.pushes = append(e.pushes, message)
		e.mutex.Unlock()
	}
	go func() {
		switch to.Name {
		case "@none":
			done("", errors.New("there is no @none"))
		case "@large":
			done(strings.Repeat("x", 1<<20), nil)
		case "@hold":
			<-e.hold
			done("held", nil)
		default:
			done(fmt.Sprint(to.Name, to.Handle, " ", message), nil)
		}
	}()
}

func (e *echo) Closed(why error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.closed = append(e.closed, why)
}

type answer struct {
	text string
	err  error
}

func ask(l *cluster.Link, to cluster.Address, message string) (a answer) {
	done := make(chan answer, 1)
	l.Request(to, message, func(text string, err error) { done <- answer{text, err} })
	return <-done
}

func limits() *cluster.Limits {
	l := cluster.Default()
	l.Message = 1 << 18
	l.Requests = 4
	return &l
}

// meet runs f with a server of the address "there" and a link to it.
func meet(t *testing.T, f func(w *wires.Wires, s *cluster.Server, e *echo, l *cluster.Link)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, e := new(wires.Wires), &echo{hold: make(chan struct{})}
		lis, _ := w.Listen("there")
		s := cluster.Serve(lis, limits(), 2, func(net.Addr) (cluster.Peer, error) { return e, nil }, nil)
		l := cluster.NewLink("db", "there", w, limits(), nil)
		f(w, s, e, l)
		l.Close(errors.New("the test is over"))
		close(e.hold)
		s.Close()
	})
}

func TestLink(t *testing.T) {
	meet(t, func(w *wires.Wires, s *cluster.Server, e *echo, l *cluster.Link) {
		if a := ask(l, cluster.Address{Name: "@sdb"}, "GET a"); a.text != "@sdb0 GET a" || a.err != nil {
			t.Errorf("a small one: %v", a)
		}
		large := strings.Repeat("0123456789", 20_000)
		if a := ask(l, cluster.Address{Handle: 9}, large); a.text != "9 "+large || a.err != nil {
			t.Errorf("a large one: %d bytes, %v", len(a.text), a.err)
		}
		if err := l.Push(cluster.Address{Name: ".x"}, large[1:]); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(e.pushes) != 1 || e.pushes[0] != large[1:] {
			t.Errorf("%d pushes", len(e.pushes))
		}
		for _, c := range []struct {
			to      string
			message string
			want    string
		}{
			{"@none", "", "the node db of the cluster (there): there is no @none"},
			{"@large", "", "(there): a message of 1048576 bytes is larger than 262144; see cluster.message-size"},
			{"@sdb", large + large, "(there): a message of 400000 bytes is larger than 262144"},
			{strings.Repeat("x", 300), "", "has 1 to 255 bytes"},
		} {
			if a := ask(l, cluster.Address{Name: c.to}, c.message); a.err == nil || !strings.Contains(a.err.Error(), c.want) {
				t.Errorf("%.10s: %.100s, %v; want %q", c.to, a.text, a.err, c.want)
			}
		}
		if a := ask(l, cluster.Address{Handle: 3}, "after"); a.text != "3 after" {
			t.Errorf("the link does not go on: %v", a)
		}
	})
}

// TestLost breaks connections: who waits gets an error, and the next request connects anew.
func TestLost(t *testing.T) {
	meet(t, func(w *wires.Wires, s *cluster.Server, e *echo, l *cluster.Link) {
		got := make(chan error, 9)
		for range 4 {
			l.Request(cluster.Address{Name: "@hold"}, "", func(_ string, err error) { got <- err })
		}
		if a := ask(l, cluster.Address{}, ""); a.err == nil || !strings.Contains(a.err.Error(), "more than 4 requests wait") {
			t.Errorf("a fifth request: %v", a)
		}
		synctest.Wait()
		s.Close()
		for range 4 {
			if err := <-got; err == nil || !strings.Contains(err.Error(), "the node db of the cluster (there): it has closed the connection") {
				t.Errorf("the server ends: %v", err)
			}
		}
		if a := ask(l, cluster.Address{}, ""); a.err == nil || !strings.Contains(a.err.Error(), "connection refused") {
			t.Errorf("nobody listens: %v", a)
		}
		lis, _ := w.Listen("there")
		again := cluster.Serve(lis, limits(), 0, func(net.Addr) (cluster.Peer, error) { return e, nil }, nil)
		defer again.Close()
		if a := ask(l, cluster.Address{Handle: 1}, "again"); a.text != "1 again" {
			t.Errorf("connected anew: %v", a)
		}
		l.Request(cluster.Address{Name: "@hold"}, "", func(_ string, err error) { got <- err })
		l.Close(errors.New("it is down"))
		if err := <-got; err == nil || !strings.HasSuffix(err.Error(), "(there): it is down") {
			t.Errorf("closed: %v", err)
		}
		if a := ask(l, cluster.Address{}, ""); a.err == nil || !strings.Contains(a.err.Error(), "it is down") {
			t.Errorf("after it was closed: %v", a)
		}
	})
}

// TestSilent has a node that takes the connection and says nothing, and one that does not even do that.
func TestSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(wires.Wires)
		w.Listen("deaf")
		l := cluster.NewLink("db", "deaf", w, limits(), nil)
		began := time.Now()
		if a := ask(l, cluster.Address{}, ""); a.err == nil || !strings.Contains(a.err.Error(), "no connection after 5s; see cluster.connect-timeout") || time.Since(began) != 5*time.Second {
			t.Errorf("nobody accepts: %v after %v", a, time.Since(began))
		}
		l.Close(net.ErrClosed)
		lis, _ := w.Listen("mute")
		go lis.Accept()
		l = cluster.NewLink("db", "mute", w, limits(), nil)
		if a := ask(l, cluster.Address{}, ""); a.err == nil || !strings.Contains(a.err.Error(), "it takes nothing: ") {
			t.Errorf("nobody reads: %v", a.err)
		}
		answered := false
		cancel := l.Request(cluster.Address{}, "", func(string, error) { answered = true })
		cancel()
		l.Close(net.ErrClosed)
		if answered {
			t.Error("a request was answered that was called off")
		}
	})
}

// TestHostile sends a server what no node sends, and connects more often than it may.
func TestHostile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := new(wires.Wires), &echo{hold: make(chan struct{})}
		lis, _ := w.Listen("there")
		var refused []string
		s := cluster.Serve(lis, limits(), 2, func(net.Addr) (cluster.Peer, error) { return e, nil }, func(err error) { refused = append(refused, err.Error()) })
		dial := func() net.Conn {
			c, err := w.Dial(context.Background(), "db", "there")
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		ended := func(c net.Conn) bool {
			_, err := c.Read(make([]byte, 1))
			return err != nil
		}
		one, two, three := dial(), dial(), dial()
		gone := ended(three)
		synctest.Wait()
		if !gone || len(refused) != 1 || !strings.Contains(refused[0], "cluster.connections") {
			t.Errorf("a third connection: %q", refused)
		}
		one.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		one.Close()
		synctest.Wait()
		if len(e.closed) != 1 {
			t.Errorf("%d connections have ended", len(e.closed))
		}
		// One byte at a time.
		go func() {
			for _, b := range []byte("\x00\x0a\x00\x09\x00\x00\x00\x01\x00\x00\x00x") {
				time.Sleep(time.Second)
				two.Write([]byte{b})
			}
		}()
		buffer := make([]byte, 64)
		if n, err := two.Read(buffer); err != nil || string(buffer[:n]) != "\x00\x08\x01\x00\x00\x00\x019 x" {
			t.Errorf("%q, %v", buffer[:n], err)
		}
		two.Close()
		synctest.Wait()
		close(e.hold)
		s.Close()
	})
}
