package socket

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// An owner that hands events to the test, one at a time.
type owner struct{ events chan Event }

func newOwner() *owner { return &owner{make(chan Event, 64)} }

func (o *owner) Event(e Event) { o.events <- e }

const patience = 10 * time.Second

func (o *owner) next(t *testing.T, kind Kind) Event {
	t.Helper()
	select {
	case e := <-o.events:
		if e.Kind != kind {
			t.Fatalf("event %+v, want one of kind %d", e, kind)
		}
		return e
	case <-time.After(patience):
		t.Fatalf("no event of kind %d", kind)
	}
	return Event{}
}

func newPool(t *testing.T, l Limits) *Pool {
	t.Helper()
	before := runtime.NumGoroutine()
	p := New(l)
	t.Cleanup(func() {
		p.Shut()
		for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
				return
			}
		}
		if n := len(p.List()); n != 0 {
			t.Errorf("%d sockets are left", n)
		}
	})
	return p
}

// listen opens a listener, and connects a plain client to it.
func listen(t *testing.T, p *Pool, o Owner) (listener int, address string) {
	t.Helper()
	id, at, err := p.Listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(o, id); err != nil {
		t.Fatal(err)
	}
	return id, at.String()
}

func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// accepted connects a plain client, and returns it with the socket of the pool.
func accepted(t *testing.T, p *Pool) (o *owner, id int, client *net.TCPConn) {
	t.Helper()
	o = newOwner()
	_, address := listen(t, p, o)
	o.next(t, Connect)
	client = dial(t, address)
	e := o.next(t, Accept)
	if e.Address != client.LocalAddr().String() {
		t.Errorf("accepted %s, want %s", e.Address, client.LocalAddr())
	}
	return o, e.N, client
}

func read(t *testing.T, r io.Reader, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEcho(t *testing.T) {
	p := newPool(t, Default())
	o, id, client := accepted(t, p)
	client.Write([]byte("early")) // before it is started
	p.Start(o, id)
	o.next(t, Connect)
	if e := o.next(t, Data); e.Data != "early" || e.ID != id || e.N != 5 {
		t.Errorf("%+v", e)
	}
	if !p.Send(id, "hello ", false) || !p.Send(id, "client", false) {
		t.Error("not sent")
	}
	if got := read(t, client, 12); got != "hello client" {
		t.Errorf("got %q", got)
	}
	var info Info
	for _, i := range p.List() {
		if i.ID == id {
			info = i
		}
	}
	if info.Type != "TCP" || info.Read != 5 || info.Written != 12 || info.Peer != client.LocalAddr().String() {
		t.Errorf("%+v", info)
	}
	client.CloseWrite()
	o.next(t, Close)
	if p.Send(id, "late", false) {
		t.Error("sent to a socket that is closed")
	}
}

// What was sent before Close arrives, however much it is; the owner hears of the end at once, and once.
func TestCloseSendsAll(t *testing.T) {
	p := newPool(t, Default())
	o, id, client := accepted(t, p)
	p.Start(o, id)
	o.next(t, Connect)
	text := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB
	p.Send(id, text, false)
	p.Close(id)
	if p.Send(id, "more", false) {
		t.Error("sent to a socket that is being closed")
	}
	for {
		select {
		case e := <-o.events:
			if e.Kind == Warning {
				if e.N < 1024 {
					t.Errorf("warned at %d KiB", e.N)
				}
				continue
			}
			if e.Kind != Close {
				t.Errorf("%+v", e)
			}
		case <-time.After(patience):
			t.Error("not closed")
		}
		break
	}
	got, err := io.ReadAll(client)
	if err != nil || string(got) != text {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	p.Shutdown(id)
	select {
	case e := <-o.events:
		t.Errorf("after the end: %+v", e)
	case <-time.After(20 * time.Millisecond):
	}
}

// A socket that nobody has started can be sent to and closed.
func TestNotStarted(t *testing.T) {
	p := newPool(t, Default())
	_, id, client := accepted(t, p)
	p.Send(id, "busy", false)
	p.Close(id)
	if got, err := io.ReadAll(client); string(got) != "busy" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := p.Start(newOwner(), id); err != ErrGone {
		t.Errorf("started: %v", err)
	}
}

func TestDial(t *testing.T) {
	p := newPool(t, Default())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := newOwner()
	id, err := p.Dial(o, "127.0.0.1", l.Addr().(*net.TCPAddr).Port)
	if err != nil {
		t.Fatal(err)
	}
	p.Send(id, "before it is connected", false)
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if e := o.next(t, Connect); e.ID != id || e.Address != l.Addr().String() {
		t.Errorf("%+v", e)
	}
	if got := read(t, peer, 22); got != "before it is connected" {
		t.Errorf("got %q", got)
	}
	peer.(*net.TCPConn).SetLinger(0)
	peer.Close()
	if e := o.next(t, Error); !strings.Contains(e.Data, "connection reset") {
		t.Errorf("%+v", e)
	}
	l.Close()
	if _, err := p.Dial(o, "127.0.0.1", l.Addr().(*net.TCPAddr).Port); err != nil {
		t.Fatal(err)
	}
	if e := o.next(t, Error); e.Data != "connection refused" {
		t.Errorf("%+v", e)
	}
}

// While the owner is busy nothing is read: the peer is held up, and memory stays.
func TestBackPressure(t *testing.T) {
	p := newPool(t, Default())
	o, id, client := accepted(t, p)
	busy := &owner{make(chan Event)}
	p.Start(busy, id)
	busy.next(t, Connect)
	client.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
	block := bytes.Repeat([]byte("x"), 1<<20)
	sent := 0
	for {
		n, err := client.Write(block)
		sent += n
		if err != nil {
			break
		}
		if sent > 256<<20 {
			t.Fatal("the peer is not held up")
		}
	}
	for got := 0; got < sent; {
		got += busy.next(t, Data).N
	}
	p.Pause(id)
	client.SetWriteDeadline(time.Time{})
	client.Write([]byte("now"))
	p.Start(o, id)
	var rest string
	for rest != "transfernow" && rest != "nowtransfer" { // one read may be under way while it is paused
		select {
		case e := <-o.events:
			rest += e.Data
		case e := <-busy.events:
			rest += e.Data
		case <-time.After(patience):
			t.Fatalf("got %q", rest)
		}
	}
}

func TestUnsent(t *testing.T) {
	l := Default()
	l.Unsent = 8 << 20
	p := newPool(t, l)
	o, id, _ := accepted(t, p)
	p.Start(o, id)
	o.next(t, Connect)
	block := strings.Repeat("x", 1<<20)
	n := 0
	for p.Send(id, block, false) {
		if n++; n > 64 {
			t.Fatal("no limit holds")
		}
	}
	var warned []int
	for {
		e := <-o.events
		if e.Kind == Warning {
			warned = append(warned, e.N)
			continue
		}
		if e.Kind != Error || !strings.Contains(e.Data, "socket.unsent") {
			t.Errorf("%+v", e)
		}
		break
	}
	for i := range warned[1:] {
		if warned[i+1] < warned[i]*3/2 {
			t.Errorf("warned at %d KiB", warned)
		}
	}
}

func TestIdle(t *testing.T) {
	l := Default()
	l.Idle = 50 * time.Millisecond
	p := newPool(t, l)
	o, id, client := accepted(t, p)
	p.Start(o, id)
	o.next(t, Connect)
	if e := o.next(t, Error); e.ID != id || !strings.Contains(e.Data, "socket.idle") {
		t.Errorf("%+v", e)
	}
	if _, err := io.ReadAll(client); err != nil {
		t.Error(err)
	}
}

func TestTooMany(t *testing.T) {
	l := Default()
	l.Sockets = 2
	p := newPool(t, l)
	o, id, _ := accepted(t, p)
	over := dial(t, p.List()[0].Local)
	if _, err := io.ReadAll(over); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
	if n := p.Refused.Load(); n != 1 {
		t.Errorf("%d were refused", n)
	}
	if _, err := p.Dial(o, "127.0.0.1", 1); err != ErrLimit {
		t.Errorf("dialled: %v", err)
	}
	p.Shutdown(id)
	o.next(t, Close)
	dial(t, p.List()[0].Local)
	o.next(t, Accept)
}

func TestListener(t *testing.T) {
	l := Default()
	l.Accepts = 1000
	p := newPool(t, l)
	o := newOwner()
	id, address := listen(t, p, o)
	o.next(t, Connect)
	for range 20 {
		dial(t, address)
		o.next(t, Accept)
	}
	p.Close(id)
	o.next(t, Close)
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
		t.Error("it still listens")
	}
	if _, _, err := p.Listen("256.0.0.1", 0); err == nil {
		t.Error("no error")
	}
}

// Frames arrive whole, whatever pieces the bytes come in.
func TestFramer(t *testing.T) {
	var stream []byte
	var want []string
	for _, n := range []int{0, 1, 2, 5, 255, 256, 300, 0, 65535, 3} {
		frame := strings.Repeat(fmt.Sprint(n%10), n)
		want = append(want, frame)
		stream = append(append(stream, byte(n>>8), byte(n)), frame...)
	}
	for _, size := range []int{1, 2, 3, 7, 100, 4096, len(stream)} {
		f := &Framer{}
		var got []string
		for rest := stream; len(rest) > 0; {
			n := min(size, len(rest))
			if err := f.Feed(string(rest[:n]), func(s string) { got = append(got, s) }); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || f.partial != nil {
			t.Errorf("pieces of %d: %d frames, want %d", size, len(got), len(want))
		}
	}
	for _, pieces := range [][]string{{"\x00\x05abcde"}, {"\x00", "\x05a"}} {
		f := &Framer{Max: 4}
		var err error
		for _, piece := range pieces {
			if err == nil {
				err = f.Feed(piece, func(string) { t.Error("a frame") })
			}
		}
		if err == nil {
			t.Errorf("%q: no error", pieces)
		}
	}
}

// A frame that is too long ends the connection with an error.
func TestFramedSocket(t *testing.T) {
	p := newPool(t, Default())
	o, id, client := accepted(t, p)
	p.StartFramed(o, id, &Framer{Max: 100})
	o.next(t, Connect)
	for _, c := range "\x00\x03abc\x00\x00" {
		client.Write([]byte{byte(c)})
	}
	if e := o.next(t, Data); e.Data != "abc" {
		t.Errorf("%+v", e)
	}
	if e := o.next(t, Data); e.Data != "" || e.N != 0 {
		t.Errorf("%+v", e)
	}
	client.Write([]byte{1, 0})
	if e := o.next(t, Error); e.Data != "a frame of 256 bytes, more than 100" {
		t.Errorf("%+v", e)
	}
}

// Low-priority data waits for all other.
func TestLow(t *testing.T) {
	p := newPool(t, Default())
	_, id, client := accepted(t, p)
	big := strings.Repeat("h", 8<<20)
	p.Send(id, big, false)
	p.Send(id, "low", true)
	p.Send(id, big, false)
	p.Close(id)
	got, err := io.ReadAll(client)
	if err != nil || string(got) != big+big+"low" {
		t.Errorf("got %d bytes, low ones at %d, %v", len(got), bytes.Index(got, []byte("low")), err)
	}
}

func TestUDP(t *testing.T) {
	hosts := []string{"127.0.0.1"}
	if c, err := net.ListenPacket("udp", "[::1]:0"); err == nil { // the machine has IPv6
		c.Close()
		hosts = append(hosts, "::1")
	}
	for _, host := range hosts {
		p := newPool(t, Default())
		server, client := newOwner(), newOwner()
		sid, at, err := p.OpenUDP(server, host, 0)
		if err != nil {
			t.Fatal(err)
		}
		cid, local, err := p.OpenUDP(client, host, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p.SendTo(cid, "", "x") || p.Send(cid, "x", false) { // it has no address yet
			t.Error("sent to nobody")
		}
		if err := p.ConnectUDP(cid, host, int(at.Port())); err != nil {
			t.Fatal(err)
		}
		if !p.SendTo(cid, "", "ask") {
			t.Error("not sent")
		}
		e := server.next(t, UDP)
		from, err := Address(e.Address)
		if e.Data != "ask" || e.ID != sid || err != nil || from != local {
			t.Errorf("%+v from %v, %v", e, from, err)
		}
		p.SendTo(sid, e.Address, "answer")
		if e := client.next(t, UDP); e.Data != "answer" {
			t.Errorf("%+v", e)
		}
		p.Close(sid)
		server.next(t, Close)
	}
}

// Many at once, opened and closed from all sides.
func TestStorm(t *testing.T) {
	p := newPool(t, Default())
	o := &echo{pool: p}
	_, address := listen(t, p, o)
	var group sync.WaitGroup
	for i := range 20 {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := range 20 {
				c, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				text := fmt.Sprintf("%d.%d\n", i, j)
				c.Write([]byte(text))
				b := make([]byte, len(text))
				if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
					t.Errorf("got %q, %v", b, err)
				}
				if j%2 == 0 {
					c.(*net.TCPConn).SetLinger(0)
				}
				c.Close()
			}
		}()
	}
	group.Wait()
	for end := time.Now().Add(patience); len(p.List()) > 1; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d sockets are left", len(p.List()))
		}
	}
}

// An echo sends back what comes.
type echo struct{ pool *Pool }

func (o *echo) Event(e Event) {
	switch e.Kind {
	case Accept:
		o.pool.Start(o, e.N)
	case Data:
		o.pool.Send(e.ID, e.Data, false)
	}
}

// Pieces of all sizes arrive in the order in which they were sent, also those that are gathered when
// the socket is closed.
func TestGather(t *testing.T) {
	p := newPool(t, Default())
	_, id, client := accepted(t, p)
	var want strings.Builder
	for i := range 3000 {
		piece := fmt.Sprintf("<%d>", i)
		switch i % 100 {
		case 7:
			piece += strings.Repeat("m", gatherSize/2+i)
		case 42:
			piece += strings.Repeat("l", 2*gatherSize)
		}
		want.WriteString(piece)
		if !p.Send(id, piece, false) {
			t.Fatalf("piece %d is not sent", i)
		}
		if i == 1500 {
			if got := read(t, client, 100_000); got != want.String()[:100_000] {
				t.Fatal("the first half differs")
			}
		}
	}
	p.Close(id)
	rest, err := io.ReadAll(client)
	if err != nil || len(rest) != want.Len()-100_000 {
		t.Fatalf("got %d bytes, want %d; %v", len(rest), want.Len()-100_000, err)
	}
}

// An owner that was warned hears when all has been sent.
func TestRelief(t *testing.T) {
	p := newPool(t, Default())
	o, id, client := accepted(t, p)
	p.Start(o, id)
	o.next(t, Connect)
	const size = 16 << 20
	p.Send(id, strings.Repeat("x", size), false)
	if e := o.next(t, Warning); e.N < 1024 {
		t.Errorf("warned at %d KiB", e.N)
	}
	read(t, client, size)
	if e := o.next(t, Warning); e.N != 0 {
		t.Errorf("%d KiB wait, after all was read", e.N)
	}
}

// One owner cannot take all sockets: what it is given counts, what it gives up and what has ended does not.
func TestOwned(t *testing.T) {
	l := Default()
	l.Owned = 2
	p := newPool(t, l)
	o, id, client := accepted(t, p) // the listener is one of two
	address := p.List()[0].Local
	over := dial(t, address)
	if _, err := io.ReadAll(over); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
	if _, err := p.Dial(o, "127.0.0.1", 1); err != ErrOwned {
		t.Errorf("dialled: %v", err)
	}
	other := newOwner()
	if err := p.Start(other, id); err != nil {
		t.Fatal(err)
	}
	other.next(t, Connect)
	dial(t, address)
	second := o.next(t, Accept).N
	if err := p.Start(o, id); err != ErrOwned {
		t.Errorf("taken back: %v", err)
	}
	if err := p.Start(o, second); err != nil { // its own already
		t.Error(err)
	}
	o.next(t, Connect)
	p.Shutdown(second)
	o.next(t, Close)
	if err := p.Start(o, id); err != nil {
		t.Error(err)
	}
	o.next(t, Connect)
	client.Write([]byte("x"))
	o.next(t, Data)
}
