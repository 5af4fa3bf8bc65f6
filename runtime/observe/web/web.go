// Package web serves what a node is at over HTTP: a page that shows it live, for browsers on the same machine,
// and /metrics and /healthz for the programs that watch over it.
//
// The page is one document with a script and a style, embedded; it loads nothing from anywhere else. Pages
// of others cannot read what is served: requests by another name than the machine's own (DNS rebinding) and from
// other sites are refused, and nothing that is served changes anything.
package web

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/skylint/skylint/internal/markdown"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/observe"
	"github.com/skylint/skylint/runtime/observe/metrics"
)

//go:embed page
var files embed.FS

// A Server serves a node.
type Server struct {
	http    http.Server
	address string
	stop    func()
	group   sync.WaitGroup
}

// Page serves the page, /metrics and /healthz at an address of the loopback: "127.0.0.1:7788".
func Page(address string, ob *observe.Observer) (*Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the page is for this machine alone: %s is no address of the loopback, 127.0.0.1:7788 is; to look from elsewhere use ssh -L", address)
	}
	return listen(address, ob, func(m *http.ServeMux, at string) http.Handler {
		state := &state{observer: ob}
		m.HandleFunc("GET /{$}", file("page/index.html", "text/html; charset=utf-8"))
		m.HandleFunc("GET /app.js", file("page/app.js", "text/javascript; charset=utf-8"))
		m.HandleFunc("GET /style.css", file("page/style.css", "text/css; charset=utf-8"))
		m.HandleFunc("GET /icon.svg", file("page/icon.svg", "image/svg+xml"))
		m.HandleFunc("GET /state", state.serve)
		m.HandleFunc("GET /rule/{rule}", rulePage)
		return guard(m, at)
	})
}

// Metrics serves /metrics and /healthz alone, at any address.
func Metrics(address string, ob *observe.Observer) (*Server, error) {
	return listen(address, ob, func(m *http.ServeMux, _ string) http.Handler { return m })
}

func listen(address string, ob *observe.Observer, add func(m *http.ServeMux, at string) http.Handler) (*Server, error) {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{address: l.Addr().String(), stop: ob.Look()}
	m := http.NewServeMux()
	m.Handle("GET /metrics", metrics.Handler(ob))
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		h := ob.Health()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if !h.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintln(w, h)
	})
	s.http = http.Server{
		Handler: add(m, s.address), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10,
	}
	s.group.Add(1)
	go func() {
		defer s.group.Done()
		s.http.Serve(l) // it ends with Close
	}()
	return s, nil
}

// Address returns where the server listens.
func (s *Server) Address() string { return s.address }

// Close ends the server, and all that it serves.
func (s *Server) Close() {
	s.http.Close()
	s.group.Wait()
	s.stop()
}

// guard lets in only what this machine's browser asks for by the machine's own name, and tells the browser
// to trust nothing but what comes from here.
func guard(next http.Handler, address string) http.Handler {
	_, port, _ := net.SplitHostPort(address)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !local(r.Host, port) {
			http.Error(w, "this page is served by the names of this machine alone: 127.0.0.1, [::1], localhost", http.StatusMisdirectedRequest)
			return
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
			http.Error(w, "this page is for no other site", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// local reports whether a Host header names this machine, at our port.
func local(host, port string) bool {
	name, p, err := net.SplitHostPort(host)
	if err != nil {
		name, p = strings.Trim(host, "[]"), "80"
	}
	if p != port {
		return false
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

func file(name, mime string) http.HandlerFunc {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mime)
		w.Write(data)
	}
}

// rulePage serves the page of a rule as text.
func rulePage(w http.ResponseWriter, r *http.Request) {
	rule := rules.Lookup(r.PathValue("rule"))
	if rule == nil {
		http.NotFound(w, r)
		return
	}
	page, err := rules.Page(rule)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "%s  %s  (%s)\n\n%s", rule.ID, rule.Name, rule.Severity, markdown.Render(page.Markdown(), markdown.Options{Width: 100}))
}

// state serves snapshots, with places to draw them at.
type state struct {
	observer *observe.Observer

	mutex sync.Mutex
	last  *Picture
	key   string
}

const (
	// mostActors, mostWaits: what a page shows at most.
	mostActors = 300
	mostWaits  = 200
	// stackAge is how old a wait must be for its stack to be read.
	stackAge = time.Second
)

// view is what the script gets.
type view struct {
	*observe.Snapshot
	// Actors are the first of AllActors, those with most messages that wait first.
	Actors    []observe.Actor `json:"actors"`
	AllActors int             `json:"all_actors"`
	Picture   *Picture        `json:"picture"`
}

func (s *state) serve(w http.ResponseWriter, _ *http.Request) {
	v := view{Snapshot: s.observer.Snapshot(observe.Query{Waits: mostWaits, Stacks: stackAge, MostStacks: 50})}
	v.AllActors = len(v.Snapshot.Actors)
	v.Actors = first(v.Snapshot.Actors, mostActors)
	v.Picture = s.picture(v.Snapshot)
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(data)
}

// picture returns the places of a snapshot: those of the last one, if the same is to be drawn.
func (s *state) picture(snapshot *observe.Snapshot) *Picture {
	g := shape(snapshot)
	key := g.key()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.last == nil || key != s.key {
		s.last, s.key = g.place(), key
	}
	return s.last
}

// ErrTaken reports whether an error of Page or Metrics is that somebody else listens at the address.
func ErrTaken(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && strings.Contains(op.Error(), "in use")
}
