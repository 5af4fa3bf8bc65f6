package control_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/observe"
	"github.com/skylint/skylint/runtime/observe/control"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

const program = `local skynet = require "skynet"
local name = ...
require "skynet.manager"
skynet.start(function()
  if name == "db" then skynet.register ".db" else skynet.newservice("main", "db") end
  skynet.dispatch("lua", function(_, _, command) skynet.retpack(command) end)
  skynet.info_func(function() return { name = name, list = { 1, 2 } } end)
end)`

// serve runs a node with a socket, and returns its path and what it logs.
func serve(t *testing.T) (path string, n *runtime.Node, logged func() string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sky") // the names of t.TempDir are too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	var mutex sync.Mutex
	var log strings.Builder
	n, err = runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect,
		Find: func(name string) (*source.File, bool) {
			return source.New("main.lua", program), name == "main"
		},
		Log: func(_ actor.Handle, text string) {
			mutex.Lock()
			defer mutex.Unlock()
			log.WriteString(text + "\n")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	if _, err := n.Launch(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	path = control.Path("the node")
	s, err := control.Listen(path, observe.New(n.Node, observe.Options{Name: "the node"}), n.Command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return path, n, func() string {
		mutex.Lock()
		defer mutex.Unlock()
		return log.String()
	}
}

func dial(t *testing.T, path string) *control.Client {
	t.Helper()
	c, err := control.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// The commands of the debug console, as text and as JSON.
func TestCommands(t *testing.T) {
	path, n, logged := serve(t)
	c := dial(t, path)
	text := func(command string) string {
		var b strings.Builder
		if err := c.Text(command, &b); err != nil {
			return "error: " + err.Error()
		}
		return b.String()
	}
	for _, x := range []struct{ command, want string }{
		{"list", "snlua main db\n"}, {"ping .db", "\n"}, {"help", "logon\tlogon address"}, {"help", "\nsnapshot\t"}, {"stat", "\tmessage:"}, {"mem", " Kb (snlua main db)"},
		{"info .db", "name\tdb\n"}, {"gc", " Kb (snlua main db)"}, {"health", "ok: up "}, {"snapshot", `"service": "main"`},
		{"nonsense", "error: Invalid command, type help for command list"}, {"inject .db x", "error: inject is not served"}, {"ping .none", "error: .none is not a valid name"},
		{"snapshot .none", "error: .none is not a valid name"}, {"waits zz", "error: zz is no address"}, {"logon fff", "error: there is no service :00000fff"}, {"two\nlines", "error: a command is one line"},
		{" ", "error: the command is missing"}, {"task .db", ""}, {"logon .db", ""},
	} {
		if got := text(x.command); !strings.Contains(got, x.want) || x.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", x.command, got, x.want)
		}
	}
	if _, err := n.Call(t.Context(), ".db", "a command", 2); err != nil {
		t.Fatal(err)
	}
	if got := text("logoff .db"); got != "" || !strings.Contains(logged(), `, type lua, session `) || !strings.Contains(logged(), `, command "a command", 2 values, digest `) {
		t.Errorf("%q; log: %s", got, logged())
	}
	if _, err := n.Call(t.Context(), ".db", "another"); err != nil || strings.Contains(logged(), "another") {
		t.Errorf("%v; log: %s", err, logged())
	}
	for _, x := range []struct{ command, want string }{
		{"info .db", `{"list":[1,2],"name":"db"}`}, {"getenv none", `{"none":"nil"}`}, {"logoff .db", `null`},
	} {
		if got, err := c.Do(x.command); err != nil || string(got) != x.want && !(x.want == "null" && got == nil) {
			t.Errorf("%s: %s %v, want %s", x.command, got, err, x.want)
		}
	}
	if data, err := c.Do("list"); err != nil || !strings.Contains(string(data), `"snlua main db"`) {
		t.Errorf("%s %v", data, err)
	}
	var failed *control.CommandError
	if _, err := c.Do("nonsense"); !errors.As(err, &failed) {
		t.Errorf("%v", err)
	}
	if got := text("kill .db"); !strings.Contains(got, "main") {
		t.Errorf("kill: %q", got)
	}
	if got := text("ping .db"); !strings.Contains(got, ".db is not a valid name") {
		t.Errorf("%q", got)
	}
}

// Who asks for a snapshot has messages counted, as long as the connection is there.
func TestSnapshot(t *testing.T) {
	path, n, _ := serve(t)
	c := dial(t, path)
	if s, err := c.Snapshot(""); err != nil || !s.Node.Looking || s.Node.Name != "the node" {
		t.Fatalf("%+v %v", s, err)
	}
	for range 3 {
		if _, err := n.Call(t.Context(), ".db", "get"); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Snapshot("")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range s.Edges {
		if e.To == "main" && e.Command == "get" && e.Messages == 3 && e.Calls == 3 {
			found = true
		}
	}
	if !found {
		t.Errorf("edges %+v", s.Edges)
	}
	if s, err := c.Snapshot(".db"); err != nil || len(s.Waits) != 0 {
		t.Errorf("%+v %v", s.Waits, err)
	}
}

// Nobody but the user gets at the socket, nobody takes its place, and it goes with the node.
func TestPlace(t *testing.T) {
	path, n, _ := serve(t)
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if dir, err := os.Stat(filepath.Dir(path)); err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", dir.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
	ob := observe.New(n.Node, observe.Options{})
	if _, err := control.Listen(path, ob, n.Command); err == nil || !strings.Contains(err.Error(), "another process listens") {
		t.Errorf("%v", err)
	}
	file := filepath.Join(filepath.Dir(path), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(file, ob, n.Command); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("%v", err)
	}
	// What a process has left that was killed is found, and taken away.
	stale := filepath.Join(control.Dir(), "gone-1.sock")
	l, err := net.Listen("unix", stale)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	found, err := control.Find()
	if err != nil || len(found) != 1 || found[0].Name != "the_node" || found[0].PID != os.Getpid() || found[0].Path != path {
		t.Errorf("%+v %v", found, err)
	}
	if _, err := os.Lstat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
	// A folder that others may look into is refused.
	if err := os.Chmod(control.Dir(), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(control.Path("other"), ob, n.Command); err == nil || !strings.Contains(err.Error(), "not a folder of this user alone") {
		t.Errorf("%v", err)
	}
}

// Close ends connections, and a command that waits.
func TestClose(t *testing.T) {
	path, n, _ := serve(t)
	other := path + "2"
	began := make(chan struct{})
	s, err := control.Listen(other, observe.New(n.Node, observe.Options{}), func(ctx context.Context, _ string) (any, []string, bool, error) {
		close(began)
		<-ctx.Done()
		return nil, nil, false, ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, other)
	ended := make(chan error, 1)
	go func() {
		_, err := c.Do("list")
		ended <- err
	}()
	<-began
	s.Close()
	if err := <-ended; err == nil {
		t.Error("there is an answer")
	}
	if _, err := os.Lstat(other); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
}

// What is no line, or no answer, ends the connection and nothing else.
func TestHostile(t *testing.T) {
	path, _, _ := serve(t)
	raw, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	fmt.Fprintf(raw, "\n\r\njson\njson  health\n%s", strings.Repeat("x", 10000))
	r := bufio.NewReader(raw)
	line, err := r.ReadString('\n')
	var a control.Answer
	if err != nil || json.Unmarshal([]byte(line), &a) != nil || !a.OK {
		t.Errorf("%q %v", line, err)
	}
	if line, _ = r.ReadString('\n'); !strings.Contains(line, "at most 4096 bytes") {
		t.Errorf("%q", line)
	}
	if got, err := dial(t, path).Do("health"); err != nil || len(got) == 0 {
		t.Errorf("%s %v", got, err)
	}
}
