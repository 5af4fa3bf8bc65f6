package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/observe"
	"github.com/skylint/skylint/runtime/observe/web"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

var programs = map[string]string{
	"main": `local skynet = require "skynet"
skynet.start(function()
  local db = skynet.newservice "db"
  pcall(skynet.uniqueservice, "one")
  skynet.dispatch("lua", function() skynet.retpack(skynet.call(db, "lua", "get")) end)
  skynet.fork(function() pcall(skynet.call, db, "lua", "<img src=x onerror=alert(1)>") end)
end)`,
	"db": `local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function(_, _, command)
  if command ~= "get" then skynet.sleep(100000) end
  skynet.retpack(1)
end) end)`,
	"one": `local skynet = require "skynet" skynet.start(function() skynet.uniqueservice "two" end)`,
	"two": `local skynet = require "skynet" skynet.start(function() pcall(skynet.uniqueservice, "one") end)`,
}

// node runs a small system, with a deadlock behind it and a call that hangs.
func node(t *testing.T) (*runtime.Node, *observe.Observer) {
	t.Helper()
	var ob *observe.Observer
	events := make(chan actor.Event, 100)
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect,
		Find: func(name string) (*source.File, bool) {
			text, ok := programs[name]
			return source.New(name+".lua", text), ok
		},
		Report: func(e actor.Event) { events <- e },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	ob = observe.New(n.Node, observe.Options{Name: "sample"})
	place := guard.Place{File: source.New("db.lua", "local x\n  level = 1\n"), Line: 2}
	for range 3 {
		n.Guards().Trip(guard.Trip{Rule: rules.Lookup("SKY101"), Place: place, Message: "a global was written", Actor: 7, Service: "db"})
	}
	t.Cleanup(ob.Look())
	if _, err := n.Launch(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	for len(events) > 0 {
		ob.Report(<-events)
	}
	return n, ob
}

func serve(t *testing.T) (n *runtime.Node, s *web.Server) {
	t.Helper()
	n, ob := node(t)
	s, err := web.Page("127.0.0.1:0", ob)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return n, s
}

// get asks for a path, with headers in pairs.
func get(t *testing.T, s *web.Server, method, path string, headers ...string) (code int, body string, h http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Address()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data), answer.Header
}

func TestServed(t *testing.T) {
	n, s := serve(t)
	if _, err := n.Call(t.Context(), ":00000005", "lua"); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(s.Address(), ":")
	for _, c := range []struct {
		method, path string
		headers      []string
		code         int
		want         string
	}{
		{"GET", "/", nil, 200, `<script src="/app.js" defer>`},
		{"HEAD", "/", nil, 200, ""},
		{"GET", "/app.js", nil, 200, `"use strict"`},
		{"GET", "/style.css", nil, 200, "prefers-color-scheme: dark"},
		{"GET", "/icon.svg", nil, 200, "<svg"},
		{"GET", "/healthz", nil, 200, "ok: up "},
		{"GET", "/metrics", nil, 200, `skyrun_sent_messages_total{from="main",to="db"} 2`},
		{"GET", "/metrics", nil, 200, `skyrun_handler_seconds_bucket{service="db",le="+Inf"} 1`},
		{"GET", "/metrics", nil, 200, `skyrun_events_total{kind="deadlock"} 1`},
		{"GET", "/metrics", nil, 200, `skyrun_violations_total{rule="SKY101",service="db"} 3`},
		{"GET", "/metrics", nil, 200, "go_goroutines "},
		{"GET", "/rule/SKY101", nil, 200, "global-write"},
		{"GET", "/rule/none", nil, 404, ""},
		{"GET", "/none", nil, 404, ""},
		{"GET", "/page/app.js", nil, 404, ""},
		{"POST", "/state", nil, 405, ""},
		{"GET", "/state", []string{"Host", "localhost:" + port}, 200, `"name":"sample"`},
		{"GET", "/state", []string{"Host", "[::1]:" + port}, 200, ""},
		// DNS rebinding, other ports, other sites.
		{"GET", "/state", []string{"Host", "attacker.example:" + port}, 421, "names of this machine"},
		{"GET", "/state", []string{"Host", "attacker.example"}, 421, ""},
		{"GET", "/state", []string{"Host", "localhost:1"}, 421, ""},
		{"GET", "/state", []string{"Host", "localhost"}, 421, ""},
		{"GET", "/state", []string{"Host", "127.0.0.1.attacker.example:" + port}, 421, ""},
		{"GET", "/state", []string{"Host", "10.0.0.1:" + port}, 421, ""},
		{"GET", "/state", []string{"Sec-Fetch-Site", "cross-site"}, 403, "no other site"},
		{"GET", "/metrics", []string{"Host", "attacker.example:" + port}, 421, ""},
	} {
		code, body, h := get(t, s, c.method, c.path, c.headers...)
		if code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %q: %d, want %d with %q: %.2000s", c.method, c.path, c.headers, code, c.code, c.want, body)
		}
		if h.Get("Content-Security-Policy") == "" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", c.path, h)
		}
		if h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is open to others", c.path)
		}
	}
}

// The page is for this machine alone; metrics may be for others.
func TestAddresses(t *testing.T) {
	_, ob := node(t)
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.org:0", "nonsense"} {
		if s, err := web.Page(address, ob); err == nil {
			s.Close()
			t.Errorf("the page is served at %s", address)
		}
	}
	s, err := web.Metrics("127.0.0.1:0", ob)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if code, body, _ := get(t, s, "GET", "/metrics", "Host", "prometheus.example"); code != 200 || !strings.Contains(body, "skyrun_slots ") {
		t.Errorf("%d %s", code, body)
	}
	if code, _, _ := get(t, s, "GET", "/state"); code != 404 {
		t.Errorf("the metrics serve more than they say: %d", code)
	}
	if _, err := web.Metrics(s.Address(), ob); !web.ErrTaken(err) {
		t.Errorf("%v", err)
	}
}

func TestUnhealthy(t *testing.T) {
	n, s := serve(t)
	n.Shutdown("a test says so")
	if code, body, _ := get(t, s, "GET", "/healthz"); code != 503 || !strings.Contains(body, "a test says so") {
		t.Errorf("%d %s", code, body)
	}
}

// The picture has the services with the messages, the waits and the deadlock between them.
func TestPicture(t *testing.T) {
	n, s := serve(t)
	if _, err := n.Call(t.Context(), ":00000005", "lua"); err != nil {
		t.Fatal(err)
	}
	var state struct{ Picture web.Picture }
	_, body, _ := get(t, s, "GET", "/state")
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		t.Fatal(err)
	}
	p := state.Picture
	var names, lines []string
	for _, b := range p.Nodes {
		names = append(names, b.Name)
		if b.X < 0 || b.Y < 0 || b.X+b.W > float64(p.W) || b.Y+b.H > float64(p.H) {
			t.Errorf("%s lies outside: %+v", b.Name, b)
		}
	}
	for _, l := range p.Edges {
		lines = append(lines, l.From+">"+l.To)
		if !strings.HasPrefix(l.Path, "M") || l.X <= 0 || l.EndX <= 0 {
			t.Errorf("%+v", l)
		}
	}
	if got := strings.Join(names, " "); got != "(host) db main one two" {
		t.Errorf("boxes %s", got)
	}
	if got := strings.Join(lines, " "); got != "(host)>main main>db one>two two>one" {
		t.Errorf("lines %s", got)
	}
	_, again, _ := get(t, s, "GET", "/state")
	var later struct{ Picture web.Picture }
	if err := json.Unmarshal([]byte(again), &later); err != nil || later.Picture.Key != p.Key {
		t.Errorf("the picture of the same system is another: %v", err)
	}
}

// A browser shows it: the lines with their numbers, the deadlock in red, the violation with its line, and
// what comes with a message as text.
func TestBrowser(t *testing.T) {
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no chromium")
		}
		t.Log("there is no chromium: the page is not looked at")
		return
	}
	n, s := serve(t)
	if _, err := n.Call(t.Context(), ":00000005", "lua"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // the call that hangs is to have waited for a second
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir="+filepath.Join(t.TempDir(), "profile"),
		"--virtual-time-budget=2500", "--dump-dom", "http://"+s.Address()+"/")
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	dom := string(out)
	for _, want := range []string{
		`<h1 id="name">sample</h1>`, `>live</p>`,
		`class="edge dead" data-from="one" data-to="two"`, `>deadlock</text>`, `class="edge waits" data-from="main" data-to="db"`,
		`two → one → two`, `waits for an answer of :00000006 db to "&lt;img src=x onerror=alert(1)&gt;"`,
		`<a href="/rule/SKY101" target="_blank">SKY101 global-write</a>`, `db.lua:2`, `level = 1`, `(3 times)`, `<td class="text">:00000005</td>`,
	} {
		if !strings.Contains(dom, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(dom, "<img") || !strings.Contains(dom, "data-shown=") {
		t.Error("the page is wrong")
	}
	if t.Failed() {
		t.Log(dom)
	}
}
