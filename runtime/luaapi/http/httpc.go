package http

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/luaapi/dns"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// A browser makes the requests of a node.
type browser struct{ transport *http.Transport }

type resolverKey struct{}

// client is http.httpc.
func client(o *socket.Options) actor.Module {
	b := &browser{&http.Transport{
		// Each request has a connection of its own, as in skynet; it counts as a socket of the node.
		DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if r, ok := ctx.Value(resolverKey{}).(*net.Resolver); ok && r != nil {
				host, port, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				found, err := r.LookupHost(ctx, host)
				if err != nil {
					return nil, err
				}
				address = net.JoinHostPort(found[0], port)
			}
			return o.Pool.Connect(ctx, network, address)
		},
	}}
	m := actor.Functions("http.httpc", []library.Function{
		{Name: "request", Call: func(L *lua.LState) int { return b.ask(L, arg.String(L, 1), 2, L.Get(6)) }},
		{Name: "get", Call: func(L *lua.LState) int { return b.ask(L, "GET", 1, L.Get(5)) }},
		{Name: "head", Call: func(L *lua.LState) int {
			b.ask(L, "HEAD", 1, L.Get(5))
			L.Pop(1)
			return 1
		}},
		{Name: "post", Call: b.post},
		{Name: "request_stream", Call: b.stream},
		{Name: "dns", Call: func(L *lua.LState) int {
			dns.Use(L, arg.String(L, 1), int(arg.OptInteger(L, 2, 53)))
			return 0
		}},
	})
	plain := m.Open
	m.Open = func(L *lua.LState) lua.LValue {
		t := plain(L).(*lua.LTable)
		modules.Of(actor.Of(L)).httpc = t // for httpc.timeout, which scripts set
		return t
	}
	return m
}

type module struct{ httpc *lua.LTable }

var modules = actor.NewKey(func(*actor.Actor) *module { return new(module) })

// request makes the request of arguments from n on: host, path, table for the header of the answer,
// header. The function that ends it must be called.
func (b *browser) request(L *lua.LState, method string, n int, content lua.LValue) (*http.Request, context.CancelFunc) {
	host, path := arg.String(L, n), arg.String(L, n+1)
	scheme, rest, ok := strings.Cut(host, "://")
	if !ok {
		scheme, rest = "http", host
	}
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
		thread.Errorf(L, "Invalid protocol: %s", scheme)
	}
	if strings.Count(rest, ":") > 1 && !strings.HasPrefix(rest, "[") {
		thread.Errorf(L, "Invalid host: bare IPv6 address '%s', use '[%s]' instead", rest, rest)
	}
	ctx := context.Background()
	if r := dns.Resolver(L); r != nil {
		ctx = context.WithValue(ctx, resolverKey{}, r)
	}
	cancel := context.CancelFunc(func() {})
	if t, ok := value.ToInteger(L, modules.Of(actor.Of(L)).httpc.RawGetString("timeout")); ok && t > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, ticks(t), fmt.Errorf("timeout: no answer within %v (httpc.timeout)", ticks(t)))
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	r := (&http.Request{Method: method, URL: &url.URL{Scheme: scheme, Host: rest, Opaque: path}, Header: http.Header{"User-Agent": {""}}, Host: rest}).WithContext(ctx)
	if strings.HasPrefix(path, "//") || path == "" {
		r.URL.Opaque = "/" + strings.TrimLeft(path, "/")
	}
	if t, ok := L.Get(n + 3).(*lua.LTable); ok {
		for _, f := range Fields(L, t) {
			switch strings.ToLower(f.Name) {
			case "host":
				r.Host = f.Text
			case "content-length", "transfer-encoding": // what the body needs
			default:
				if strings.EqualFold(f.Name, "user-agent") {
					r.Header.Del(f.Name)
				}
				r.Header.Add(f.Name, f.Text)
			}
		}
	}
	if content != lua.LNil {
		text := lua.LVAsString(content)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	}
	return r, cancel
}

// answer is what the server has sent.
type answer struct {
	response *http.Response
	body     []byte
	err      error
}

// wait runs f on a goroutine of its own, and waits for it.
func wait(L *lua.LState, what string, f func()) {
	t := actor.Running(L)
	k := t.Ticket()
	go func() {
		f()
		k.Complete(actor.Payload{}, nil)
	}()
	if _, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: what}); err != nil {
		actor.Raise(L, err)
	}
}

func (b *browser) raise(L *lua.LState, r *http.Request, err error) {
	if cause := context.Cause(r.Context()); cause != nil && errors.Is(err, context.DeadlineExceeded) {
		err = cause
	}
	thread.Errorf(L, "%s %s://%s: %v", r.Method, r.URL.Scheme, r.URL.Host, err)
}

// ask makes a request and pushes the code and the body.
func (b *browser) ask(L *lua.LState, method string, n int, content lua.LValue) int {
	r, cancel := b.request(L, method, n, content)
	defer cancel()
	most := limit.Of(L).Limits().String
	a := &answer{}
	wait(L, "an answer of "+r.URL.Host, func() {
		if a.response, a.err = b.transport.RoundTrip(r); a.err != nil {
			return
		}
		defer a.response.Body.Close()
		a.body, a.err = io.ReadAll(io.LimitReader(a.response.Body, most+1))
	})
	if a.err != nil {
		b.raise(L, r, a.err)
	}
	limit.Of(L).Charge(L, limit.String, int64(len(a.body)))
	received(L, L.Get(n+2), a.response)
	L.Push(lua.LNumber(a.response.StatusCode))
	L.Push(lua.LString(a.body))
	return 2
}

// received puts the header of an answer into the table that was passed for it, or a new one.
func received(L *lua.LState, v lua.LValue, r *http.Response) *lua.LTable {
	t, ok := v.(*lua.LTable)
	if !ok {
		t = L.CreateTable(0, len(r.Header))
	}
	headerInto(L, t, r.Header)
	if len(r.TransferEncoding) > 0 {
		t.RawSetString("transfer-encoding", lua.LString(strings.Join(r.TransferEncoding, ", ")))
	}
	return t
}

// post is httpc.post(host, path, form [, recvheader]).
func (b *browser) post(L *lua.LState) int {
	form := url.Values{}
	t := arg.Table(L, 3)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		form.Set(value.ToString(L, k), value.ToString(L, v))
	}
	header := L.CreateTable(0, 1)
	header.RawSetString("content-type", lua.LString("application/x-www-form-urlencoded"))
	received := L.Get(4)
	L.SetTop(2)
	L.Push(received)
	L.Push(header)
	return b.ask(L, "POST", 1, lua.LString(form.Encode()))
}

// pieceSize is how much of a stream is read at once.
const pieceSize = 32 << 10

// stream is httpc.request_stream(method, host, path, recvheader, header, content): an object that
// returns the next piece of the body when it is called, and nil at the end.
func (b *browser) stream(L *lua.LState) int {
	r, cancel := b.request(L, arg.String(L, 1), 2, L.Get(6))
	opened := false
	defer func() {
		if !opened {
			cancel()
		}
	}()
	a := &answer{}
	wait(L, "an answer of "+r.URL.Host, func() { a.response, a.err = b.transport.RoundTrip(r) })
	if a.err != nil {
		b.raise(L, r, a.err)
	}
	opened = true
	object := L.CreateTable(0, 4)
	object.RawSetString("status", lua.LNumber(a.response.StatusCode))
	object.RawSetString("header", received(L, L.Get(4), a.response))
	object.RawSetString("connected", lua.LTrue)
	end := func() {
		cancel()
		a.response.Body.Close()
		object.RawSetString("connected", lua.LNil)
	}
	actor.Of(L).OnEnd(cancel)
	over := false
	next := closure(func(L *lua.LState) int {
		if over {
			L.Push(lua.LNil)
			return 1
		}
		piece, n := make([]byte, pieceSize), 0
		wait(L, "more of "+r.URL.Host, func() {
			for n == 0 && a.err == nil {
				n, a.err = a.response.Body.Read(piece)
			}
		})
		if a.err != nil {
			over = true
			if end(); a.err != io.EOF && n == 0 {
				object.RawSetString("connected", lua.LFalse)
			}
		}
		if n == 0 {
			L.Push(lua.LNil)
			return 1
		}
		limit.Of(L).Charge(L, limit.String, int64(n))
		L.Push(lua.LString(piece[:n]))
		L.Push(object)
		return 2
	}, object)
	stop := closure(func(L *lua.LState) int {
		over = true
		end()
		return 0
	}, object)
	object.RawSetString("padding", next)
	object.RawSetString("close", stop)
	mt := L.CreateTable(0, 2)
	mt.RawSetString("__call", next)
	mt.RawSetString("__close", stop)
	object.Metatable = mt
	L.Push(object)
	return 1
}
