package spans_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/observe/spans"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

var programs = map[string]string{
	"main": `local skynet = require "skynet"
skynet.start(function()
  local db = skynet.newservice "db"
  skynet.dispatch("lua", function(_, _, command)
    skynet.retpack(skynet.call(db, "lua", "get"), pcall(skynet.call, db, "lua", "fail"))
    skynet.send(db, "lua", "put")
  end)
end)`,
	"db": `local skynet = require "skynet"
local CMD = { get = function() return 1 end, put = function() end }
skynet.start(function() skynet.dispatch("lua", function(session, _, command)
  local r = CMD[command]()
  if session > 0 then skynet.retpack(r) end
end) end)`,
}

// A span is what a collector reads of one.
type span struct {
	TraceID, SpanID, ParentSpanID, Name string
	Kind                                int
	StartTimeUnixNano, EndTimeUnixNano  string
	Status                              struct {
		Code    int
		Message string
	}
	Attributes []struct {
		Key   string
		Value struct{ StringValue string }
	}
}

func (s *span) attribute(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.StringValue
		}
	}
	return ""
}

// collector is what traces are sent to.
type collector struct {
	mutex    sync.Mutex
	spans    []span
	resource string
	header   string
	path     string
	code     int
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	data, _ := io.ReadAll(r.Body)
	var body struct {
		ResourceSpans []struct {
			Resource   json.RawMessage
			ScopeSpans []struct{ Spans []span }
		}
	}
	if err := json.Unmarshal(data, &body); err != nil || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.path, c.header = r.URL.Path, r.Header.Get("X-Key")
	for _, rs := range body.ResourceSpans {
		c.resource = string(rs.Resource)
		for _, ss := range rs.ScopeSpans {
			c.spans = append(c.spans, ss.Spans...)
		}
	}
	if c.code != 0 {
		w.WriteHeader(c.code)
		fmt.Fprint(w, "no room")
	}
}

// trace runs a chain of calls, and returns what the collector has got, and what was reported.
func trace(t *testing.T, c *collector, o spans.Options) []string {
	t.Helper()
	server := httptest.NewServer(c)
	defer server.Close()
	n, err := runtime.New(runtime.Options{Dialect: syntax.DefaultDialect, Find: func(name string) (*source.File, bool) {
		text, ok := programs[name]
		return source.New(name+".lua", text), ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := n.Launch(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	var mutex sync.Mutex
	var reports []string
	o.Report = func(err error) {
		mutex.Lock()
		defer mutex.Unlock()
		reports = append(reports, err.Error())
	}
	if o.Endpoint == "" {
		o.Endpoint = server.URL
	}
	x, err := spans.Start(n.Node, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Call(t.Context(), ":00000005", "go"); err != nil {
		t.Fatal(err)
	}
	// What was only sent is handled behind all that was called.
	if _, err := n.Call(t.Context(), ":00000006", "get"); err != nil {
		t.Fatal(err)
	}
	n.Close()
	x.Close()
	return reports
}

// The chain of a request is one trace: calls below handlers, handlers below calls, and what was sent below its sender.
func TestChain(t *testing.T) {
	c := new(collector)
	env := map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20secret", "OTEL_RESOURCE_ATTRIBUTES": "env=test,service.name=no"}
	reports := trace(t, c, spans.Options{Service: "game", Ratio: 1, Env: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
	if len(reports) > 0 || c.path != "/v1/traces" || c.header != "a secret" || !strings.Contains(c.resource, `{"key":"service.name","value":{"stringValue":"game"}}`) || !strings.Contains(c.resource, `"env"`) {
		t.Errorf("%q %s %s %s", reports, c.path, c.header, c.resource)
	}
	root := slices.IndexFunc(c.spans, func(s span) bool { return s.Name == "call main go" })
	if root < 0 {
		t.Fatalf("%+v", c.spans)
	}
	id := c.spans[root].TraceID
	byID := map[string]*span{}
	for i := range c.spans {
		s := &c.spans[i]
		if len(s.TraceID) != 32 || len(s.SpanID) != 16 || byID[s.SpanID] != nil || s.EndTimeUnixNano < s.StartTimeUnixNano {
			t.Errorf("%+v", s)
		}
		byID[s.SpanID] = s
	}
	var chain []string
	for i := range c.spans {
		s := &c.spans[i]
		if s.TraceID != id {
			continue
		}
		way := ""
		for at := s; at != nil; at = byID[at.ParentSpanID] {
			way = fmt.Sprintf("/%s(%d)", at.Name, at.Kind) + way
		}
		if s.Status.Code != 0 {
			way += " " + s.Status.Message
		}
		chain = append(chain, way)
	}
	slices.Sort(chain)
	want := []string{
		"/call main go(3)",
		"/call main go(3)/main go(2)",
		"/call main go(3)/main go(2)/call db fail(3)",
		"/call main go(3)/main go(2)/call db fail(3)/db fail(2)",
		"/call main go(3)/main go(2)/call db get(3)",
		"/call main go(3)/main go(2)/call db get(3)/db get(2)",
		"/call main go(3)/main go(2)/db put(5)",
	}
	for i, w := range want {
		if i >= len(chain) || !strings.HasPrefix(chain[i], w) || strings.Contains(w, "fail") != strings.Contains(chain[i], "attempt to call") {
			t.Fatalf("chain\n%s\nwant\n%s", strings.Join(chain, "\n"), strings.Join(want, "\n"))
		}
	}
	if s := &c.spans[root]; s.attribute("rpc.service") != "main" || s.attribute("rpc.method") != "go" || s.attribute("skynet.trace") == "" {
		t.Errorf("%+v", s)
	}
}

// A sampler leaves out whole traces, and a collector that takes nothing is reported once.
func TestSampledAndRefused(t *testing.T) {
	c := new(collector)
	if trace(t, c, spans.Options{Ratio: 0}); len(c.spans) != 0 {
		t.Errorf("%+v", c.spans)
	}
	c = &collector{code: http.StatusServiceUnavailable}
	if reports := trace(t, c, spans.Options{Ratio: 1}); len(reports) != 1 || !strings.Contains(reports[0], "503 Service Unavailable: no room") {
		t.Errorf("%q", reports)
	}
	began := time.Now()
	if reports := trace(t, c, spans.Options{Ratio: 1, Endpoint: "http://127.0.0.1:1"}); len(reports) != 1 || !strings.Contains(reports[0], "refused") {
		t.Errorf("%q", reports)
	}
	if time.Since(began) > time.Minute {
		t.Error("a node waits for its collector")
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		endpoint string
		env      map[string]string
		wanted   bool
		err      string
	}{
		{"", nil, false, "is no address of a collector"},
		{"ftp://x", nil, false, "is no address of a collector"},
		{"http://x y", nil, false, "is no address of a collector"},
		{"", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1/"}, true, ""},
		{"", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/x"}, true, ""},
		{"", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, false, ""},
		{"", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"}, false, ""},
		{"127.0.0.1:4318", map[string]string{"OTEL_TRACES_SAMPLER": "maybe"}, false, `OTEL_TRACES_SAMPLER is "maybe"`},
		{"127.0.0.1:4318", map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}, false, `OTEL_TRACES_SAMPLER_ARG is "2"`},
		{"127.0.0.1:4318", map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"}, false, ""},
	} {
		env := func(k string) (string, bool) { v, ok := c.env[k]; return v, ok }
		if spans.Wanted(env) != c.wanted {
			t.Errorf("%v: wanted %v", c.env, !c.wanted)
		}
		n, err := runtime.New(runtime.Options{Dialect: syntax.DefaultDialect})
		if err != nil {
			t.Fatal(err)
		}
		x, err := spans.Start(n.Node, spans.Options{Endpoint: c.endpoint, Ratio: -1, Env: env})
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q %v: %v", c.endpoint, c.env, err)
		}
		if err == nil {
			x.Close()
		}
		n.Close()
	}
}
