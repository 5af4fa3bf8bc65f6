package websocket

import (
	"bufio"
	"errors"
	"io"

	"github.com/gobwas/ws"
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/luaapi/http"
	"github.com/skylint/skylint/runtime/luaapi/socket"
)

// maxFrame is how long a frame, or a message in parts, that a server gets may be: skynet's limit.
const maxFrame = 256 << 10

// A conn is a websocket over a socket of a service. One task reads, others may write.
type conn struct {
	sockets *socket.Options
	id      int
	secure  *http.Secure // nil: in the clear
	client  bool
	address string
	realIP  lua.LValue
	handle  *lua.LTable
	in      *bufio.Reader
	L       *lua.LState // of the task that reads
	rest    string
	bounded bool // the head of a handshake comes, of which this much is left
	left    int

	// Of a message in parts.
	parts []byte
	first ws.OpCode
	whole bool // no message in parts has begun
}

var (
	errClosed = errors.New("the socket is closed")
	errLarge  = errors.New("payload_len is too large")
)

func newConn(o *socket.Options, id int) *conn {
	c := &conn{sockets: o, id: id, realIP: lua.LNil, whole: true}
	c.in = bufio.NewReaderSize((*wire)(c), 512)
	return c
}

// wire is what comes from the peer.
type wire conn

func (w *wire) Read(b []byte) (int, error) {
	if w.bounded && w.left <= 0 {
		return 0, http.ErrTooLarge
	}
	if w.rest == "" {
		text, ok := "", false
		if w.secure != nil {
			text, ok = w.secure.Read(w.L, -1)
		} else if c := w.sockets.Conn(w.L, w.id); c != nil {
			var s lua.LString
			s, ok = c.ReadSome(w.L)
			text = string(s)
		}
		if !ok {
			return 0, errClosed
		}
		w.rest = text
	}
	n := copy(b, w.rest)
	w.rest = w.rest[n:]
	w.left -= n
	return n, nil
}

// write sends bytes as they are.
func (c *conn) write(text string) bool {
	if c.secure != nil {
		return c.secure.Write(text)
	}
	return c.sockets.Pool.Send(c.id, text, false)
}

// send sends a frame. What a client sends is masked, as the protocol wants it.
func (c *conn) send(op ws.OpCode, payload string) bool {
	f := ws.NewFrame(op, true, []byte(payload))
	if c.client {
		f = ws.MaskFrameInPlace(f)
	}
	b, err := ws.CompileFrame(f)
	return err == nil && c.write(string(b))
}

// frame reads a frame. Skynet's own clients do not mask, so a server takes both.
func (c *conn) frame(L *lua.LState) (h ws.Header, payload []byte, err error) {
	c.L = L
	defer func() { c.L = nil }()
	h, err = ws.ReadHeader(c.in)
	if err != nil {
		return h, nil, ended(err)
	}
	var state ws.State
	if !c.whole {
		state = ws.StateFragmented
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return h, nil, err
	}
	if h.Length > maxFrame && !c.client {
		return h, nil, errLarge
	}
	limit.Of(L).Charge(L, limit.String, h.Length)
	payload = make([]byte, h.Length)
	if _, err := io.ReadFull(c.in, payload); err != nil {
		return h, nil, ended(err)
	}
	if h.Masked {
		ws.Cipher(payload, h.Mask, 0)
	}
	return h, payload, nil
}

func ended(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errClosed
	}
	return err
}

// message reads frames until a message is whole, or one comes that is for the connection itself.
func (c *conn) message(L *lua.LState) (op ws.OpCode, payload string, err error) {
	for {
		h, b, err := c.frame(L)
		if err != nil {
			return 0, "", err
		}
		if h.OpCode.IsControl() {
			return h.OpCode, string(b), nil
		}
		if c.whole {
			if h.Fin {
				return h.OpCode, string(b), nil
			}
			c.first, c.whole = h.OpCode, false
		}
		if len(c.parts)+len(b) > maxFrame && !c.client {
			return 0, "", errLarge
		}
		limit.Of(L).Charge(L, limit.String, int64(len(c.parts)+len(b)))
		c.parts = append(c.parts, b...)
		if h.Fin {
			payload = string(c.parts)
			c.parts, c.whole = nil, true
			return c.first, payload, nil
		}
	}
}

// name is what skynet calls an opcode.
func name(op ws.OpCode) string {
	if op == ws.OpBinary {
		return "binary"
	}
	return "text"
}
