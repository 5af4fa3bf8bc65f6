package websocket_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	luahttp "github.com/skylint/skylint/runtime/luaapi/http"
	"github.com/skylint/skylint/runtime/luaapi/queue"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/luaapi/websocket"
	sockets "github.com/skylint/skylint/runtime/socket"
)

func run(t *testing.T, want, body string, env map[string]string) nodetest.Result {
	t.Helper()
	return sockettest.Run(t, sockettest.System{Want: want, Body: body, Env: env, Modules: func(p *sockets.Pool) []actor.Module {
		o := &socket.Options{Pool: p}
		return append(append(socket.Modules(o), luahttp.Modules(o)...), websocket.Module(o), queue.Module)
	}})
}

// A server and a client of the same service: messages of all sizes, ping and pong, a close with its reason.
func TestServerAndClient(t *testing.T) {
	run(t, `
s connect
s handshake	/chat?x=1	mine
s message	text	5
echo	hello
s message	binary	3
echo	abc
s message	text	70000
echo	70000
s ping
s pong
s message	text	3
echo	end
info	true	nil	true	false
s close	1000	bye
s accept	true
closed	true
not there	false	there is no websocket 0
`, `
  local websocket = require "http.websocket"
  local id, _, port = socket.listen("127.0.0.1", 0)
  local accepted
  socket.start(id, function(fd, from)
    local handle = {}
    for _, name in ipairs { "connect", "ping", "pong", "error" } do handle[name] = function(...) print("s " .. name, select(2, ...)) end end
    function handle.handshake(id, header, url) print("s handshake", url, header["x-mine"]) end
    function handle.close(id, code, reason) print("s close", code, reason) end
    function handle.message(id, text, op)
      print("s message", op, #text)
      websocket.write(id, text, op)
      if text:sub(1, 1) == "x" then websocket.ping(id) end
    end
    skynet.fork(function()
      print("s accept", websocket.accept(fd, handle, "ws", from))
      accepted = true
    end)
  end)
  local ws = websocket.connect("ws://127.0.0.1:" .. port .. "/chat?x=1", { ["X-Mine"] = "mine" })
  websocket.write(ws, "hello")
  print("echo", websocket.read(ws))
  websocket.write(ws, "abc", "binary")
  print("echo", websocket.read(ws))
  websocket.write(ws, ("x"):rep(70000))
  print("echo", #websocket.read(ws))
  websocket.ping(ws)
  local text
  skynet.fork(function() text = websocket.read(ws) end) -- it answers the ping of the server first
  skynet.sleep(2)
  websocket.write(ws, "end")
  while not text do skynet.sleep(1) end
  print("echo", text)
  print("info", websocket.addrinfo(ws) == "127.0.0.1:" .. port, websocket.real_ip(ws), websocket.is_close(0), websocket.is_close(ws))
  websocket.close(ws, 1000, "bye")
  while not accepted do skynet.sleep(1) end
  print("closed", websocket.is_close(ws))
  local ok, e = pcall(websocket.write, 0, "x")
  print("not there", ok, (e:gsub("^.-:%d+: ", "")))
  done()`, nil)
}

// serve is a server that echoes at the port of the setting address, and says how each websocket ends.
const serve = `
  local websocket = require "http.websocket"
  local id = socket.listen("127.0.0.1", tonumber(skynet.getenv "address":match ":(%d+)$"))
  local n = 0
  local turn = require "skynet.queue" () -- what is said of one connection comes before what is said of the next
  socket.start(id, function(fd, from)
    local handle = {
      message = function(id, text, op) websocket.write(id, text, op) end,
      close = function(id, code, reason) print("close", code, reason) end,
      error = function(id, e) print("error", (tostring(e):gsub("%d+$", "N"))) end,
    }
    skynet.fork(function()
      turn(function() print("accept", websocket.accept(fd, handle, skynet.getenv "protocol", from)) end)
      n = n + 1
      if n == tonumber(skynet.getenv "many") then done() end
    end)
  end)
`

// address returns one that nobody listens on.
func address(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func dial(address string) net.Conn {
	for range 1000 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.SetDeadline(time.Now().Add(10 * time.Second))
			return conn
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil
}

const hello = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

const welcome = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

// Peers that break the rules end their own connection, with a reason, and no other.
func TestHostilePeers(t *testing.T) {
	at := address(t)
	said := make(chan string, 20)
	frame := func(f ws.Frame) string { return string(ws.MustCompileFrame(f)) }
	masked := func(f ws.Frame) string { return frame(ws.MaskFrameWith(f, [4]byte{1, 2, 3, 4})) }
	go func() {
		defer close(said)
		for _, text := range []string{
			"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: h\r\n\r\n",
			"nonsense\r\n\r\n",
			"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 9000),
			hello + masked(ws.NewFrame(ws.OpText, false, []byte("in "))) + masked(ws.NewPingFrame([]byte("p"))) + masked(ws.NewFrame(ws.OpContinuation, true, []byte("parts"))) + masked(ws.NewCloseFrame(ws.NewCloseFrameBody(1001, "away"))),
			hello + frame(ws.NewTextFrame([]byte("not masked"))) + frame(ws.NewCloseFrame(nil)),
			hello + "\x82\xff\x00\x00\x00\x00\x00\x04\x00\x01mask", // 256 KiB and a byte
			hello + masked(ws.NewFrame(ws.OpText, false, make([]byte, 200<<10))) + masked(ws.NewFrame(ws.OpContinuation, true, make([]byte, 100<<10))),
			hello + masked(ws.NewFrame(ws.OpContinuation, true, []byte("of nothing"))),
			hello + "\x83\x00",
			hello + "\x81\xfe\x00", // and then nothing
		} {
			conn := dial(at)
			io.WriteString(conn, text)
			if strings.HasSuffix(text, "\xfe\x00") {
				io.ReadFull(conn, make([]byte, len(welcome)))
				conn.(*net.TCPConn).CloseWrite()
			}
			all, _ := io.ReadAll(conn)
			conn.Close()
			said <- strings.ReplaceAll(string(all), "\r\n", "|")
		}
	}()
	run(t, `
close	nil	nil
accept	true
close	nil	nil
accept	true
close	nil	nil
accept	true
close	nil	nil
accept	true
close	1001	away
accept	true
close	nil	nil
accept	true
accept	false	payload_len is too large
accept	false	payload_len is too large
accept	false	unexpected continuation data frame
accept	false	use of reserved op code
error	[Socket Error] : read failed fd = N
accept	true
`, serve, map[string]string{"address": at, "many": "11"})
	welcome := strings.ReplaceAll(welcome, "\r\n", "|")
	want := []string{
		"HTTP/1.1 426 Upgrade Required|content-length: 16||Upgrade Required",
		"HTTP/1.1 400 Bad Request|content-length: 15||need GET method",
		"HTTP/1.1 400 Bad Request|content-length: 18||no request of HTTP",
		"HTTP/1.1 413 Request Entity Too Large|content-length: 18||no request of HTTP",
		welcome + "\x8a\x01p" + "\x81\x08in parts" + "\x88\x00",
		welcome + "\x81\x0anot masked" + "\x88\x00",
		welcome, welcome, welcome, welcome, "",
	}
	i := 0
	for got := range said {
		if i >= len(want) || got != want[i] {
			t.Errorf("%d: answered %q", i, got)
		}
		i++
	}
}

// A client of Go's over TLS.
func TestSecure(t *testing.T) {
	s := httptest.NewUnstartedServer(nil) // for its certificate
	s.StartTLS()
	s.Close()
	c := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	at := address(t)
	got := make(chan string, 1)
	go func() {
		plain := dial(at)
		plain.Write([]byte("not TLS at all\r\n\r\n"))
		io.Copy(io.Discard, plain)
		plain.Close()
		conn := tls.Client(dial(at), &tls.Config{InsecureSkipVerify: true})
		defer conn.Close()
		io.WriteString(conn, hello)
		in := bufio.NewReader(conn)
		if _, err := http.ReadResponse(in, nil); err != nil {
			got <- err.Error()
			return
		}
		ws.WriteFrame(conn, ws.MaskFrame(ws.NewTextFrame([]byte("secret"))))
		f, err := ws.ReadFrame(in)
		ws.WriteFrame(conn, ws.MaskFrame(ws.NewCloseFrame(nil)))
		got <- fmt.Sprint(string(f.Payload), err)
		io.Copy(io.Discard, conn)
	}()
	run(t, `
accept	false	tls: first record does not look like a TLS handshake
close	nil	nil
accept	true
`, serve+"\n-- cert.pem --\n"+text("CERTIFICATE", c.Certificate[0])+"-- key.pem --\n"+text("PRIVATE KEY", key),
		map[string]string{"address": at, "many": "2", "protocol": "wss", "certfile": "cert.pem", "keyfile": "key.pem"})
	if s := <-got; s != "secret<nil>" {
		t.Error(s)
	}
}
