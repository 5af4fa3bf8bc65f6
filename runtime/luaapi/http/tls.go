package http

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// A Secure is TLS over a socket of a service. One task reads, others may write.
type Secure struct {
	pipe    *pipe
	conn    *tls.Conn
	config  *tls.Config
	client  bool
	reading bool
	ready   bool // the handshake is over: until then crypto/tls holds up who writes
	rest    string
}

// A pipe is the socket as crypto/tls wants it.
type pipe struct {
	sockets *socket.Options
	id      int
	L       *lua.LState // of the task that reads
	rest    lua.LString
}

func (p *pipe) Read(b []byte) (int, error) {
	if p.rest == "" {
		text, ok := read(p.L, p.sockets, p.id, -1)
		if !ok {
			return 0, io.EOF
		}
		p.rest = text
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pipe) Write(b []byte) (int, error) {
	if !p.sockets.Pool.Send(p.id, string(b), false) {
		return 0, net.ErrClosed
	}
	return len(b), nil
}

func (*pipe) Close() error                     { return nil } // the socket is the script's
func (*pipe) LocalAddr() net.Addr              { return nil }
func (*pipe) RemoteAddr() net.Addr             { return nil }
func (*pipe) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (*pipe) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (*pipe) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

// NewClient makes TLS for who has connected. The server must have a certificate for the name that the
// system trusts.
func NewClient(name string) *Secure {
	return &Secure{client: true, config: &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}}
}

// NewServer makes TLS for who has been connected to, with a certificate of its own.
func NewServer(c *tls.Config) *Secure { return &Secure{config: c} }

// NewServerFiles is NewServer with a certificate from files of the node.
func NewServerFiles(L *lua.LState, certificate, key string) (*Secure, error) {
	c, err := Certificate(L, certificate, key)
	if err != nil {
		return nil, err
	}
	return NewServer(&tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{c}}), nil
}

// Handshake begins, over a socket of the actor that runs in L.
func (s *Secure) Handshake(L *lua.LState, o *socket.Options, id int) error {
	s.pipe = &pipe{sockets: o, id: id}
	if s.client {
		s.conn = tls.Client(s.pipe, s.config)
	} else {
		s.conn = tls.Server(s.pipe, s.config)
	}
	err := s.reads(L, s.conn.Handshake)
	s.ready = err == nil
	return err
}

var errBusy = errors.New("the connection is being read by another coroutine")

// reads runs what may wait for the peer.
func (s *Secure) reads(L *lua.LState, f func() error) error {
	if s.reading {
		return errBusy // not behind the lock of crypto/tls: that would hold up the actor
	}
	s.reading = true
	defer func() { s.reading, s.pipe.L = false, nil }()
	s.pipe.L = L
	return f()
}

// Read reads n bytes, or any below 0; false: the connection has ended before.
func (s *Secure) Read(L *lua.LState, n int) (string, bool) {
	if s.conn == nil {
		return "", false
	}
	b := make([]byte, 16<<10)
	for len(s.rest) < max(n, 1) && n != 0 {
		got := 0
		err := s.reads(L, func() (err error) { got, err = s.conn.Read(b); return })
		s.rest += string(b[:got])
		if err == errBusy {
			thread.Errorf(L, "%s", err)
		}
		if err != nil && got == 0 {
			return "", false
		}
	}
	if n < 0 {
		n = len(s.rest)
	}
	text := s.rest[:n]
	s.rest = s.rest[n:]
	return text, true
}

// Write sends; it does not wait.
func (s *Secure) Write(text string) bool {
	if !s.ready {
		return false
	}
	_, err := s.conn.Write([]byte(text))
	return err == nil
}

// Close tells the peer that nothing more comes.
func (s *Secure) Close() {
	if s.ready {
		s.conn.CloseWrite()
	}
}

// Certificate reads a certificate and its key, from files of the node.
func Certificate(L *lua.LState, certificate, key string) (tls.Certificate, error) {
	h := host.Of(L)
	if h.ReadFile == nil {
		return tls.Certificate{}, errors.New("there are no files")
	}
	c, err := h.ReadFile(certificate)
	if err != nil {
		return tls.Certificate{}, errors.New(certificate + ": " + err.Error())
	}
	k, err := h.ReadFile(key)
	if err != nil {
		return tls.Certificate{}, errors.New(key + ": " + err.Error())
	}
	return tls.X509KeyPair(c, k)
}

// tlsHelper is http.tlshelper.
func tlsHelper(o *socket.Options) actor.Module {
	id := func(L *lua.LState) int { return int(arg.Integer(L, 1)) }
	return actor.Functions("http.tlshelper", []library.Function{
		{Name: "newctx", Call: func(L *lua.LState) int {
			config := &tls.Config{MinVersion: tls.VersionTLS12}
			u := &lua.LUserData{Value: config}
			mt, index := L.CreateTable(0, 1), L.CreateTable(0, 1)
			index.RawSetString("set_cert", closure(func(L *lua.LState) int {
				c, err := Certificate(L, arg.String(L, 2), arg.String(L, 3))
				if err != nil {
					thread.Errorf(L, "%v", err)
				}
				config.Certificates = []tls.Certificate{c}
				return 0
			}))
			mt.RawSetString("__index", index)
			u.Metatable = mt
			L.Push(u)
			return 1
		}},
		{Name: "newtls", Call: func(L *lua.LState) int {
			var s *Secure
			switch method := arg.String(L, 1); method {
			case "client":
				s = NewClient(arg.OptString(L, 3, ""))
			case "server":
				u, ok := L.Get(2).(*lua.LUserData)
				config, is := (*tls.Config)(nil), false
				if ok {
					config, is = u.Value.(*tls.Config)
				}
				if !is {
					arg.TypeError(L, 2, "context of newctx")
				}
				s = NewServer(config)
			default:
				arg.Error(L, 1, `neither "client" nor "server"`)
			}
			L.Push(&lua.LUserData{Value: s, Metatable: lua.LNil})
			return 1
		}},
		{Name: "init_requestfunc", Call: func(L *lua.LState) int {
			id, s := id(L), secure(L, 2)
			L.Push(closure(func(L *lua.LState) int {
				if name := arg.OptString(L, 1, ""); name != "" {
					s.config.ServerName = name
				}
				s.begin(L, o, id)
				return 0
			}))
			return 1
		}},
		{Name: "init_responsefunc", Call: func(L *lua.LState) int {
			id, s := id(L), secure(L, 2)
			L.Push(closure(func(L *lua.LState) int {
				s.begin(L, o, id)
				return 0
			}))
			return 1
		}},
		{Name: "closefunc", Call: func(L *lua.LState) int {
			s := secure(L, 1)
			L.Push(closure(func(L *lua.LState) int {
				s.Close()
				return 0
			}))
			return 1
		}},
		{Name: "readfunc", Call: func(L *lua.LState) int {
			id, s := id(L), secure(L, 2)
			L.Push(closure(func(L *lua.LState) int {
				text, ok := s.Read(L, int(arg.OptInteger(L, 1, -1)))
				if !ok {
					fail(L, "read failed fd = %d", id)
				}
				L.Push(lua.LString(text))
				return 1
			}))
			return 1
		}},
		{Name: "readallfunc", Call: func(L *lua.LState) int {
			s := secure(L, 2)
			L.Push(closure(func(L *lua.LState) int {
				all := ""
				for {
					text, ok := s.Read(L, -1)
					if !ok {
						L.Push(lua.LString(all))
						return 1
					}
					all += text
				}
			}))
			return 1
		}},
		{Name: "writefunc", Call: func(L *lua.LState) int {
			id, s := id(L), secure(L, 2)
			L.Push(closure(func(L *lua.LState) int {
				if !s.Write(socket.Text(L, 1)) {
					fail(L, "write failed fd = %d", id)
				}
				return 0
			}))
			return 1
		}},
	})
}

func (s *Secure) begin(L *lua.LState, o *socket.Options, id int) {
	if err := s.Handshake(L, o, id); err != nil {
		fail(L, "handshake failed fd = %d: %v", id, err)
	}
}

func secure(L *lua.LState, n int) *Secure {
	if u, ok := L.Get(n).(*lua.LUserData); ok {
		if s, ok := u.Value.(*Secure); ok {
			return s
		}
	}
	arg.TypeError(L, n, "connection of newtls")
	return nil
}
