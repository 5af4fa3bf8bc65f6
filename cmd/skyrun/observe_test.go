package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// Nodes of tests make their sockets in a folder of the tests.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sky") // the names of t.TempDir are too long for sockets
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_RUNTIME_DIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// startNode runs a service until stop is called, which returns what the node has written to its log.
func startNode(t *testing.T, service string, flags ...string) (stop func() string) {
	t.Helper()
	project(t, map[string]string{"main.lua": service})
	ctx, cancel := context.WithCancelCause(context.Background())
	var out, errs buffer
	ended := make(chan int, 1)
	go func() {
		p := &program{in: strings.NewReader(""), out: &out, err: &errs}
		ended <- p.run(ctx, append([]string{"run", "--lint", "off", "main.lua"}, flags...))
	}()
	stop = func() string {
		cancel(interruption(exitTerminated))
		select {
		case code := <-ended:
			ended <- code
		case <-time.After(20 * time.Second):
			t.Error("the node does not end")
		}
		return errs.String()
	}
	t.Cleanup(func() { stop() })
	for range 2000 {
		if strings.Contains(out.String(), "started") || len(ended) > 0 {
			return stop
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("the node does not start: %s", errs.String())
	return nil
}

// command runs a command line.
func command(args ...string) (code int, out, errs string) {
	var stdout, stderr buffer
	p := &program{in: strings.NewReader(""), out: &stdout, err: &stderr}
	code = p.run(context.Background(), args)
	return code, stdout.String(), stderr.String()
}

const waits = `local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
  skynet.register ".main"
  skynet.fork(function() skynet.wait() end)
  print "started"
end)`

func TestCtl(t *testing.T) {
	if code, out, errs := command("ctl"); code != 0 || out != "" || !strings.Contains(errs, "no node of this user runs") {
		t.Errorf("no node: %d %q %q", code, out, errs)
	}
	if code, _, errs := command("ctl", "list"); code != exitUsage || !strings.Contains(errs, "start one by skyrun run") {
		t.Errorf("no node: %d %q", code, errs)
	}
	stop := startNode(t, waits)
	pid := fmt.Sprint(os.Getpid())
	for _, c := range []struct {
		args     []string
		code     int
		out, err string
	}{
		{[]string{"ctl"}, 0, "main\t" + pid + "\t", ""},
		{[]string{"ctl", "list"}, 0, "snlua main\n", ""},
		{[]string{"ctl", "--node", "main", "--json", "getenv", "none"}, 0, "{\"none\":\"nil\"}\n", ""},
		{[]string{"ctl", "--json", "gc"}, 0, "snlua main", ""},
		{[]string{"ctl", "--node", pid, "waits", ".main"}, 0, "main.lua:5:", ""},
		{[]string{"ctl", "--node", "other", "list"}, exitUsage, "", `no node "other" runs: there is main (process ` + pid + ")"},
		{[]string{"ctl", "--node", "./none.sock", "list"}, exitUsage, "", "no node answers at ./none.sock"},
		{[]string{"ctl", "ping", ".none"}, exitError, "", "skyrun: .none is not a valid name"},
		{[]string{"ctl", "--json", "nonsense"}, exitError, "", "skyrun: Invalid command"},
	} {
		code, out, errs := command(c.args...)
		if code != c.code || !strings.Contains(out, c.out) || c.out == "" && out != "" || !strings.Contains(errs, c.err) {
			t.Errorf("%v: exit code %d, want %d\nout: %q\nerr: %q", c.args, code, c.code, out, errs)
		}
	}
	stop()
	if _, out, _ := command("ctl"); out != "" {
		t.Errorf("the node is listed after its end: %s", out)
	}
}

func TestSocketFlag(t *testing.T) {
	stop := startNode(t, waits, "--socket", "off")
	if _, out, _ := command("ctl"); out != "" {
		t.Errorf("there is a socket: %s", out)
	}
	stop()
	dir, err := os.MkdirTemp("", "sky")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := dir + "/mine"
	stop = startNode(t, waits, "--socket", path)
	if code, out, errs := command("ctl", "--node", path, "health"); code != 0 || !strings.HasPrefix(out, "ok: ") {
		t.Errorf("%d %q %q", code, out, errs)
	}
	stop()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
	project(t, map[string]string{"main.lua": waits})
	if code, _, errs := command("run", "--lint", "off", "--socket", dir+"/none/mine", "main.lua"); code == 0 || !strings.Contains(errs, "none") {
		t.Errorf("%d %q", code, errs)
	}
}

func TestTop(t *testing.T) {
	if code, _, errs := command("top"); code != exitUsage || !strings.Contains(errs, "no node of this user runs") {
		t.Errorf("no node: %d %q", code, errs)
	}
	stop := startNode(t, waits)
	defer stop()
	for _, c := range []struct {
		args     []string
		code     int
		out, err string
	}{
		{[]string{"top", "--once", "--every", "100ms"}, 0, "main .main", ""},
		{[]string{"top", "--once", "--every", "100ms", "--keys", "4\n", "main"}, 0, "main.lua:5: in function", ""},
		{[]string{"top", "--once", "--every", "100ms", "--width", "20", "--height", "5"}, 0, "[1 Actors ", ""},
		{[]string{"top", "--every", "1ms"}, exitUsage, "", "--every is at least 100ms"},
		{[]string{"top", "a", "b"}, exitUsage, "", "one node at a time"},
		{[]string{"top", "other"}, exitUsage, "", `no node "other" runs`},
		{[]string{"top", "--svg", "top.svg", "--every", "100ms"}, 0, "", ""},
	} {
		code, out, errs := command(c.args...)
		if code != c.code || !strings.Contains(out, c.out) || c.out == "" && out != "" || !strings.Contains(errs, c.err) {
			t.Errorf("%v: exit code %d, want %d\nout: %q\nerr: %q", c.args, code, c.code, out, errs)
		}
	}
	if data, err := os.ReadFile("top.svg"); err != nil || !strings.HasPrefix(string(data), "<svg") {
		t.Errorf("%.40s %v", data, err)
	}
	t.Setenv("TERM", "")
	if code, _, errs := command("top"); code != exitError || !strings.Contains(errs, "top needs a terminal: TERM is not set; --once prints it once") {
		t.Errorf("%d %q", code, errs)
	}
}

func TestOTLPFlag(t *testing.T) {
	got := make(chan string, 100)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		got <- string(data)
	}))
	defer collector.Close()
	stop := startNode(t, waits, "--otlp", collector.URL)
	if code, _, errs := command("ctl", "ping", ".main"); code != 0 {
		t.Error(errs)
	}
	log := stop()
	all := ""
	for len(got) > 0 {
		all += <-got
	}
	if !strings.Contains(all, `"name":"main PING"`) || !strings.Contains(all, `"stringValue":"main"`) {
		t.Errorf("the traces are %s; log: %s", all, log)
	}
	project(t, map[string]string{"main.lua": waits})
	if code, _, errs := command("run", "--lint", "off", "--otlp", "ftp://x", "main.lua"); code != exitUsage || !strings.Contains(errs, "--otlp: ") {
		t.Errorf("%d %q", code, errs)
	}
}

func TestWebFlags(t *testing.T) {
	stop := startNode(t, waits, "--web=127.0.0.1:0", "--metrics", "127.0.0.1:0")
	log := stop()
	if !strings.Contains(log, `"msg":"the page is at http://127.0.0.1:`) || !strings.Contains(log, `"msg":"the metrics are at http://127.0.0.1:`) {
		t.Errorf("log: %s", log)
	}
	project(t, map[string]string{"main.lua": waits})
	if code, _, errs := command("run", "--lint", "off", "--web=0.0.0.0:0", "main.lua"); code != exitUsage || !strings.Contains(errs, "the page is for this machine alone") {
		t.Errorf("%d %q", code, errs)
	}
}
