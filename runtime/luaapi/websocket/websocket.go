// Package websocket is the module http.websocket: the handshake by Go's net/http, and the frames by
// gobwas/ws, over sockets of the service.
package websocket

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	nethttp "net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gobwas/ws"
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/http"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Module returns the module of a node whose sockets are those of o.
func Module(o *socket.Options) actor.Module {
	m := &module{sockets: o, services: actor.NewKey(func(*actor.Actor) *service { return &service{conns: map[int]*conn{}} })}
	return actor.Functions("http.websocket", []library.Function{
		{Name: "accept", Call: m.accept}, {Name: "connect", Call: m.connect}, {Name: "read", Call: m.read},
		{Name: "write", Call: m.write}, {Name: "close", Call: m.closeConn},
		{Name: "ping", Call: func(L *lua.LState) int {
			m.sent(L, m.conn(L).send(ws.OpPing, ""))
			return 0
		}},
		{Name: "addrinfo", Call: func(L *lua.LState) int { L.Push(lua.LString(m.conn(L).address)); return 1 }},
		{Name: "real_ip", Call: func(L *lua.LState) int { L.Push(m.conn(L).realIP); return 1 }},
		{Name: "is_close", Call: func(L *lua.LState) int {
			L.Push(lua.LBool(m.of(L).conns[int(arg.Integer(L, 1))] == nil))
			return 1
		}},
	})
}

type module struct {
	sockets  *socket.Options
	services *actor.Key[service]
}

// A service is what the module keeps for an actor.
type service struct{ conns map[int]*conn }

func (m *module) of(L *lua.LState) *service { return m.services.Of(actor.Of(L)) }

// conn returns the websocket whose number is the first argument.
func (m *module) conn(L *lua.LState) *conn {
	id := int(arg.Integer(L, 1))
	c := m.of(L).conns[id]
	if c == nil {
		thread.Errorf(L, "there is no websocket %d", id)
	}
	return c
}

// fail raises what a read or a write has found: sockethelper.socket_error for a socket that is closed.
func (m *module) fail(L *lua.LState, c *conn, err error) {
	if err == errClosed {
		thread.Raise(L, http.SocketError(L, fmt.Sprintf("read failed fd = %d", c.id)))
	}
	thread.Errorf(L, "%v", err)
}

func (m *module) sent(L *lua.LState, ok bool) {
	if !ok {
		thread.Raise(L, http.SocketError(L, "write failed fd = "+lua.LVAsString(L.Get(1))))
	}
}

// drop closes a websocket.
func (m *module) drop(L *lua.LState, c *conn) {
	s := m.of(L)
	if s.conns[c.id] != c {
		return
	}
	delete(s.conns, c.id)
	if c.secure != nil {
		c.secure.Close()
	}
	if conn := m.sockets.Conn(L, c.id); conn != nil {
		conn.Close(L)
	}
}

// accept is websocket.accept(id, handle [, protocol [, address [, options]]]): it serves a websocket until
// it is closed, with the functions of the handle. True, or false and why not.
func (m *module) accept(L *lua.LState) int {
	result := func(ok bool, why string) int {
		L.Push(lua.LBool(ok))
		if ok {
			return 1
		}
		L.Push(lua.LString(why))
		return 2
	}
	id, protocol := int(arg.Integer(L, 1)), arg.OptString(L, 3, "ws")
	handle, _ := L.Get(2).(*lua.LTable)
	upgrade := lua.LValue(lua.LNil)
	if options, ok := L.Get(5).(*lua.LTable); ok {
		upgrade = options.RawGetString("upgrade")
	}
	if upgrade == lua.LNil {
		if _, err := m.sockets.Start(L, id); err != nil {
			return result(false, err.Error())
		}
	}
	c := newConn(m.sockets, id)
	c.handle, c.address = handle, arg.OptString(L, 4, "")
	switch protocol {
	case "ws":
	case "wss":
		secure, err := m.server(L)
		if err == nil {
			err = secure.Handshake(L, m.sockets, id)
		}
		if err != nil {
			if conn := m.sockets.Conn(L, id); conn != nil {
				conn.Close(L)
			}
			return result(false, err.Error())
		}
		c.secure = secure
	default:
		thread.Errorf(L, "invalid websocket protocol:%s", protocol)
	}
	m.of(L).conns[id] = c
	if conn := m.sockets.Conn(L, id); conn != nil && handle != nil {
		if f, ok := handle.RawGetString("warning").(*lua.LFunction); ok {
			a := actor.Of(L)
			conn.OnWarning = func(kib int) {
				a.Fork(f, []lua.LValue{lua.LNumber(id), lua.LNumber(kib)})
			}
		}
	}
	var err error
	failure := protect(L, func(L *lua.LState) { err = m.serve(L, c, upgrade) })
	closed := m.of(L).conns[id] != c
	m.drop(L, c)
	switch {
	case failure != nil && failure.Value != http.SocketError(L, ""):
		return result(false, failure.Text())
	case failure != nil, err == errClosed:
		if closed {
			c.tell(L, "close")
		} else {
			c.tell(L, "error", http.SocketError(L, fmt.Sprintf("read failed fd = %d", c.id)))
		}
	case err != nil:
		return result(false, err.Error())
	}
	return result(true, "")
}

// protect calls a Go function as pcall does.
func protect(L *lua.LState, f func(*lua.LState)) *thread.Failure {
	L.Push(library.Closure(func(L *lua.LState) int { f(L); return 0 }))
	n, failure := thread.Protect(L, 0, nil)
	L.Pop(n)
	return failure
}

// server makes TLS with the certificate that the settings name: certfile and keyfile.
func (m *module) server(L *lua.LState) (*http.Secure, error) {
	setting := func(name, otherwise string) string {
		if v, ok := actor.Of(L).Host().Getenv(name); ok {
			return v
		}
		return otherwise
	}
	return http.NewServerFiles(L, setting("certfile", "./server-cert.pem"), setting("keyfile", "./server-key.pem"))
}

// tell calls a function of the handle, if it is there.
func (c *conn) tell(L *lua.LState, name string, args ...lua.LValue) {
	if c.handle == nil {
		return
	}
	f := c.handle.RawGetString(name)
	if f == lua.LNil || f == lua.LFalse {
		return
	}
	L.Push(f)
	L.Push(lua.LNumber(c.id))
	for _, v := range args {
		L.Push(v)
	}
	L.Call(1+len(args), 0)
}

// serve is the life of a websocket of a server.
func (m *module) serve(L *lua.LState, c *conn, upgrade lua.LValue) error {
	c.tell(L, "connect")
	header, url, err := c.shake(L, upgrade)
	if err != nil {
		refusal, ok := err.(*refusal)
		if !ok {
			return err
		}
		c.write(fmt.Sprintf("HTTP/1.1 %03d %s\r\ncontent-length: %d\r\n\r\n%s", refusal.code, nethttp.StatusText(refusal.code), len(refusal.why), refusal.why))
		c.tell(L, "close")
		return nil
	}
	c.tell(L, "handshake", header, lua.LString(url))
	for {
		if m.of(L).conns[c.id] != c {
			c.tell(L, "close")
			return nil
		}
		op, payload, err := c.message(L)
		if err != nil {
			return err
		}
		switch op {
		case ws.OpClose:
			c.send(ws.OpClose, "")
			if len(payload) > 2 {
				code, reason := ws.ParseCloseFrameData([]byte(payload))
				c.tell(L, "close", lua.LNumber(code), lua.LString(reason))
			} else {
				c.tell(L, "close")
			}
			return nil
		case ws.OpPing:
			c.send(ws.OpPong, payload)
			c.tell(L, "ping")
		case ws.OpPong:
			c.tell(L, "pong")
		default:
			c.tell(L, "message", lua.LString(payload), lua.LString(name(op)))
		}
	}
}

// A refusal is the answer to a handshake that is none.
type refusal struct {
	code int
	why  string
}

func (r *refusal) Error() string { return r.why }

// shake answers the handshake of a client: one that the script has read already, or one that is read now.
func (c *conn) shake(L *lua.LState, upgrade lua.LValue) (header *lua.LTable, url string, err error) {
	if t, ok := upgrade.(*lua.LTable); ok {
		header, _ = t.RawGetString("header").(*lua.LTable)
		if header == nil {
			return nil, "", &refusal{400, "header required"}
		}
		url = lua.LVAsString(t.RawGetString("url"))
	} else {
		c.L, c.bounded, c.left = L, true, http.MaxHeader
		r, err := nethttp.ReadRequest(c.in)
		c.L, c.bounded = nil, false
		if err != nil {
			if errors.Is(err, errClosed) {
				return nil, "", errClosed
			}
			return nil, "", &refusal{http.CodeOf(err), "no request of HTTP"}
		}
		if r.Method != "GET" {
			return nil, "", &refusal{400, "need GET method"}
		}
		if !r.ProtoAtLeast(1, 1) {
			return nil, "", &refusal{505, ""}
		}
		header, url = http.Header(L, r), r.RequestURI
	}
	get := func(name string) string { return lua.LVAsString(header.RawGetString(name)) }
	key, err := base64.StdEncoding.DecodeString(get("sec-websocket-key"))
	switch {
	case !strings.EqualFold(get("upgrade"), "websocket"):
		return nil, "", &refusal{426, "Upgrade Required"}
	case get("host") == "":
		return nil, "", &refusal{400, "host Required"}
	case !strings.Contains(strings.ToLower(get("connection")), "upgrade"):
		return nil, "", &refusal{400, "Connection must Upgrade"}
	case err != nil || len(key) != 16:
		return nil, "", &refusal{400, "Sec-WebSocket-Key invalid"}
	case get("sec-websocket-version") != "13":
		return nil, "", &refusal{400, "Sec-WebSocket-Version must 13"}
	}
	protocol := ""
	if wanted := get("sec-websocket-protocol"); wanted != "" {
		for _, p := range strings.FieldsFunc(wanted, func(r rune) bool { return r == ',' || r == ' ' }) {
			if p == "chat" {
				protocol = "Sec-WebSocket-Protocol: chat\r\n"
			}
		}
		if protocol == "" {
			return nil, "", &refusal{400, "Sec-WebSocket-Protocol need include chat"}
		}
	}
	c.realIP = header.RawGetString("x-real-ip")
	c.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		acceptance(get("sec-websocket-key")) + "\r\n" + protocol + "\r\n")
	return header, url, nil
}

// acceptance is what a server answers to a key: RFC 6455, 1.3.
func acceptance(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// connect is websocket.connect(url [, header [, timeout]]): the number of the socket.
func (m *module) connect(L *lua.LState) int {
	u, err := url.Parse(arg.String(L, 1))
	if err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
		arg.Error(L, 1, "no address of a websocket, ws://host[:port]/path")
	}
	port := map[string]int{"ws": 80, "wss": 443}[u.Scheme]
	if p := u.Port(); p != "" {
		port, _ = strconv.Atoi(p)
	}
	conn, err := m.sockets.Dial(L, u.Hostname(), port, time.Duration(arg.OptInteger(L, 3, 0))*10*time.Millisecond)
	if err != nil {
		thread.Raise(L, http.SocketError(L, fmt.Sprintf("connect failed host = %s port = %d err = %v", u.Hostname(), port, err)))
	}
	c := newConn(m.sockets, conn.ID())
	c.client, c.address = true, u.Host
	m.of(L).conns[c.id] = c
	failure := protect(L, func(inner *lua.LState) {
		if u.Scheme == "wss" {
			secure := http.NewClient(u.Hostname())
			if err := secure.Handshake(inner, m.sockets, c.id); err != nil {
				thread.Errorf(inner, "handshake failed: %v", err)
			}
			c.secure = secure
		}
		extra, _ := L.Get(2).(*lua.LTable)
		m.greet(inner, c, u, extra)
	})
	if failure != nil {
		m.drop(L, c)
		thread.Raise(L, failure.Value)
	}
	L.Push(lua.LNumber(c.id))
	return 1
}

// greet makes the handshake of a client.
func (m *module) greet(L *lua.LState, c *conn, u *url.URL, extra *lua.LTable) {
	random := make([]byte, 16)
	rand.Read(random)
	key := base64.StdEncoding.EncodeToString(random)
	own := map[string]bool{"upgrade": true, "connection": true, "sec-websocket-version": true, "sec-websocket-key": true}
	text := "GET " + u.RequestURI() + " HTTP/1.1\r\n"
	host := u.Host
	if extra != nil {
		for _, f := range http.Fields(L, extra) {
			switch name := strings.ToLower(f.Name); {
			case own[name]:
				thread.Errorf(L, "the header field %s is the handshake's", f.Name)
			case name == "host":
				host = f.Text
			default:
				text += f.Name + ": " + f.Text + "\r\n"
			}
		}
	}
	c.write(text + "Host: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n\r\n")
	c.L = L
	r, err := nethttp.ReadResponse(c.in, &nethttp.Request{Method: "GET"})
	c.L = nil
	switch {
	case err != nil:
		m.fail(L, c, ended(err))
	case r.StatusCode != nethttp.StatusSwitchingProtocols:
		thread.Errorf(L, "websocket handshake error: code[%d] info:%s", r.StatusCode, nethttp.StatusText(r.StatusCode))
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		thread.Errorf(L, "websocket handshake upgrade must websocket")
	case !strings.EqualFold(r.Header.Get("Connection"), "upgrade"):
		thread.Errorf(L, "websocket handshake connection must upgrade")
	case r.Header.Get("Sec-WebSocket-Accept") != acceptance(key):
		thread.Errorf(L, "websocket handshake invalid Sec-WebSocket-Accept")
	}
}

// read is websocket.read(id): a message, or false and the payload of the frame that ends it.
func (m *module) read(L *lua.LState) int {
	c := m.conn(L)
	for {
		op, payload, err := c.message(L)
		if err != nil {
			m.fail(L, c, err)
		}
		switch op {
		case ws.OpClose:
			m.drop(L, c)
			L.Push(lua.LFalse)
			L.Push(lua.LString(payload))
			return 2
		case ws.OpPing:
			c.send(ws.OpPong, payload)
		case ws.OpPong:
		default:
			L.Push(lua.LString(payload))
			return 1
		}
	}
}

// write is websocket.write(id, data [, "text" or "binary"]).
func (m *module) write(L *lua.LState) int {
	c, data := m.conn(L), arg.String(L, 2)
	op := ws.OpText
	switch format := arg.OptString(L, 3, "text"); format {
	case "text":
	case "binary":
		op = ws.OpBinary
	default:
		arg.Error(L, 3, `neither "text" nor "binary"`)
	}
	m.sent(L, c.send(op, data))
	return 0
}

// closeConn is websocket.close(id [, code [, reason]]).
func (m *module) closeConn(L *lua.LState) int {
	c := m.of(L).conns[int(arg.Integer(L, 1))]
	if c == nil {
		return 0
	}
	payload := ""
	if code := arg.OptInteger(L, 2, 0); code != 0 {
		payload = string(ws.NewCloseFrameBody(ws.StatusCode(code), arg.OptString(L, 3, "")))
	}
	c.send(ws.OpClose, payload)
	m.drop(L, c)
	return 0
}
