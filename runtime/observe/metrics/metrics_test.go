package metrics_test

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/observe"
	"github.com/skylint/skylint/runtime/observe/metrics"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// What is served is what Prometheus wants of names, units and help, also after a name that comes from a script.
func TestLint(t *testing.T) {
	n, err := runtime.New(runtime.Options{Dialect: syntax.DefaultDialect, Find: func(name string) (*source.File, bool) {
		return source.New("main.lua", `local skynet = require "skynet" skynet.start(function() skynet.dispatch("lua", function() skynet.retpack(1) end) end)`), strings.HasPrefix(name, "main")
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	ob := observe.New(n.Node, observe.Options{Name: "a \"name\"\n"})
	defer ob.Look()()
	for _, name := range []string{"main", "main\xff\n\"x\""} {
		h, err := n.Launch(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Call(t.Context(), h.String(), "x"); err != nil {
			t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	metrics.Handler(ob).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text := w.Body.String()
	if w.Code != 200 || !strings.Contains(text, `skyrun_messages_total{service="main"} 1`) || !strings.Contains(text, `skyrun_node_info{node="a \"name\"\n"} 1`) {
		t.Errorf("%d %s", w.Code, text)
	}
	problems, err := promlint.New(bytes.NewReader(w.Body.Bytes())).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "skyrun_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
