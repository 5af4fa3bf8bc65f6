package http_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	luahttp "github.com/skylint/skylint/runtime/luaapi/http"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	sockets "github.com/skylint/skylint/runtime/socket"
)

func run(t *testing.T, want, body string, env map[string]string) nodetest.Result {
	t.Helper()
	return sockettest.Run(t, sockettest.System{Want: want, Body: body, Env: env, Modules: func(p *sockets.Pool) []actor.Module {
		o := &socket.Options{Pool: p}
		return append(socket.Modules(o), luahttp.Modules(o)...)
	}})
}

// What read_request makes of requests that come in pieces: as skynet does, and a code for what must
// not be served.
func TestReadRequest(t *testing.T) {
	run(t, `
200	GET	/a?b=c	host=h	""
200	POST	/p	content-length=5,host=h,x={1,2}	"hello"
200	POST	/p	host=h,t=end,transfer-encoding=chunked	"hello"
413
413
413
400
400
501
505
nil	gone
400
`, `
  local httpd = require "http.httpd"
  local function read(text, limit, size)
    local at = 1
    local r = table.pack(httpd.read_request(function()
      if at > #text then error("gone", 0) end
      local piece = text:sub(at, at + (size or 3) - 1)
      at = at + #piece
      return piece
    end, limit))
    if r.n < 5 then return print(table.unpack(r, 1, r.n)) end
    local out = {}
    for k, v in pairs(r[4]) do
      out[#out + 1] = k .. "=" .. (type(v) == "table" and "{" .. table.concat(v, ",") .. "}" or v)
    end
    table.sort(out)
    print(r[1], r[3], r[2], table.concat(out, ","), ("%q"):format(r[5]))
  end
  read "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n"
  read "POST /p HTTP/1.1\r\nHost: h\r\nX: 1\r\nx: 2\r\nContent-Length: 5\r\n\r\nhello"
  read "POST /p HTTP/1.1\r\nHost: h\r\nTrailer: T\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nT: end\r\n\r\n"
  read("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 4)
  read("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 4)
  read("GET / HTTP/1.1\r\nHost: h\r\nX: " .. ("x"):rep(20000) .. "\r\n\r\n", nil, 1000)
  read "nonsense\r\n\r\n"
  read "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"
  read "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"
  read "GET / HTTP/1.2\r\nHost: h\r\n\r\n"
  read "GET / HT"
  read "GET /\1 HTTP/1.1\r\nHost: h\r\n\r\n"
  done()`, nil)
}

func TestWriteResponse(t *testing.T) {
	run(t, `
true	"HTTP/1.1 200 OK\r\na: 1\r\nb: x\r\nb: y\r\ncontent-length: 2\r\n\r\nhi"
true	"HTTP/1.1 404 Not Found\r\n\r\n"
true	"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
false	""
false	the peer is gone
`, `
  local httpd = require "http.httpd"
  local function write(...)
    local out = {}
    local ok, e = httpd.write_response(function(s) out[#out + 1] = s end, ...)
    print(ok, (("%q"):format(table.concat(out)):gsub("\r", "\\r"):gsub("\\\n", "\\n"):gsub("\\13", "\\r")))
  end
  write(200, "hi", { a = 1, b = { "x", "y" } })
  write(404)
  local left = { "abc", "", "de" }
  write(200, function() return table.remove(left, 1) end)
  write(200, "", { ["x"] = "1\r\nset-cookie: evil" })
  print(httpd.write_response(function() error("the peer is gone", 0) end, 200, "x"))
  done()`, nil)
}

func TestURL(t *testing.T) {
	run(t, `
/a b	x=1&y=%20
/	
1	{2,3}	a b	%zz
`, `
  local url = require "http.url"
  print(url.parse "/a%20b?x=1&y=%20")
  print(url.parse "/")
  local q = url.parse_query "x=1&y=2&y=3&z+z=a+b&w=%zz"
  print(q.x, "{" .. table.concat(q.y, ",") .. "}", q["z z"], q.w)
  done()`, nil)
}

// A service serves a page, and another coroutine asks for it with the client.
func TestServerAndClient(t *testing.T) {
	run(t, `
get	200	GET /path?x=1 host=true body=	yes
post	201	POST /form host=true body=a=1&b=x+y	nil
head	200
closed	false	true
timeout	false	true
`, `
  local httpd, httpc, sockethelper = require "http.httpd", require "http.httpc", require "http.sockethelper"
  local id, _, port = socket.listen("127.0.0.1", 0)
  socket.start(id, function(fd)
    socket.start(fd)
    skynet.fork(function()
      local code, url, method, header, body = httpd.read_request(sockethelper.readfunc(fd), 8192)
      if url == "/close" then return socket.close(fd) end
      if url == "/slow" then return end
      local text = method .. " " .. url .. " host=" .. tostring(header.host == "127.0.0.1:" .. port) .. " body=" .. body
      httpd.write_response(sockethelper.writefunc(fd), method == "POST" and 201 or 200, text, { ["X-Answer"] = "yes" })
      socket.close(fd)
    end)
  end)
  local host = "http://127.0.0.1:" .. port
  local header = {}
  local code, body = httpc.get(host, "/path?x=1", header)
  print("get", code, body, header["x-answer"])
  code, body = httpc.post(host, "/form", { a = 1, b = "x y" })
  print("post", code, body, nil)
  print("head", (httpc.head("127.0.0.1:" .. port, "/")))
  local ok, e = pcall(httpc.get, host, "/close")
  print("closed", ok, e:find "EOF" ~= nil)
  httpc.timeout = 5
  ok, e = pcall(httpc.get, host, "/slow")
  print("timeout", ok, e:find "timeout: no answer within 50ms %(httpc.timeout%)" ~= nil)
  done()`, nil)
}

// The client against Go's server: a body in parts, a stream, and a server whose certificate nobody trusts.
func TestClient(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Add("X", "1")
		w.Header().Add("X", "2")
		for i := range 3 {
			fmt.Fprintf(w, "%d %s %s %s;", i, r.Method, r.RequestURI, body)
			w.(http.Flusher).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	})
	plain, secret := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secret.Config.ErrorLog = log.New(io.Discard, "", 0)
	secret.StartTLS()
	defer plain.Close()
	defer secret.Close()
	run(t, `
body	200	0 PUT /x text;1 PUT /x text;2 PUT /x text;	1 2	chunked
stream	200	0 GET / ;1 GET / ;2 GET / ;	nil
closed	nil
untrusted	false	true
protocol	false	Invalid protocol: ftp
`, `
  local httpc = require "http.httpc"
  local header = {}
  local code, body = httpc.request("PUT", skynet.getenv "plain", "/x", header, { ["Content-Type"] = "text/plain" }, "text")
  print("body", code, body, table.concat(header.x, " "), header["transfer-encoding"])
  local s = httpc.request_stream("GET", skynet.getenv "plain", "/")
  local all = {}
  for piece in s do all[#all + 1] = piece end
  print("stream", s.status, table.concat(all), s.connected)
  local one <close> = httpc.request_stream("GET", skynet.getenv "plain", "/")
  one:close()
  print("closed", one:padding())
  local ok, e = pcall(httpc.get, skynet.getenv "secret", "/")
  print("untrusted", ok, e:find "certificate" ~= nil)
  ok, e = pcall(httpc.get, "ftp://x", "/")
  print("protocol", ok, (e:gsub("^.-:%d+: ", "")))
  done()`, map[string]string{"plain": plain.URL, "secret": secret.URL})
}
