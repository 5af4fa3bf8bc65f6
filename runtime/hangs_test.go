package runtime_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/wires"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// start is a main service that drives a system which has none: services by their names, then calls,
// each in a task of its own.
func start(calls string) string {
	return `
local skynet = require "skynet"
local function try(...) print(pcall(skynet.call, ...)) end
local function go(...) skynet.fork(try, ...) end
skynet.start(function() ` + calls + ` end)`
}

// lostWakeup has the friends answer after the database, so that the wakeup comes before the wait.
var lostWakeup = strings.Replace(start(`
  skynet.dispatch("lua", function(_, _, command) if command == "of" then skynet.sleep(100) end skynet.retpack(command) end)
  skynet.register ".db"
  skynet.register ".friends"
  try(skynet.newservice "profile", "lua", "get", 1)`), "skynet\"", "skynet.manager\"", 1)

// The systems of testdata/systems are those that skylint is judged by. In skynet each of them
// hangs; here each ends with an error that says why, or stands in the list of waits.
func TestHangs(t *testing.T) {
	for _, c := range []struct {
		system string
		main   string // "" if the system has one
		after  time.Duration
		want   []string
	}{
		{"D1-mutual-uniqueservice", "", time.Second, []string{"deadlock: this wait would never end", "guild waits for the start of :", "chat waits for the start of :"}},
		{"D2-own-uniqueservice", "", time.Second, []string{"deadlock", "rank waits for the start of :", "rank: the first of these"}},
		{"D3-child-calls-locked-parent", "", time.Second, []string{"deadlock", "waits for the start of", "the queue that was made at", `to "list"`}},
		{"D3-child-calls-waiting-parent", "", time.Second, []string{"wait token main: a wakeup (skynet.wait)", "wait start main", "wait call room"}},
		{"D4-call-self-under-queue", start(`try(skynet.newservice "bag", "lua", "add", 1)`), time.Second, []string{"false\tcall failed", "deadlock", "the queue that was made at", `to "count"`}},
		{"D5-queue-through-services", "", time.Second, []string{"deadlock", `to "sell"`, `to "pay"`, "the queue that was made at"}},
		{"D6-two-queues", start(`local m = skynet.newservice "market" go(m, "lua", "buy", 1) go(m, "lua", "refund", 1)`), time.Second, []string{"deadlock", "false\tcall failed", "true"}},
		{"D7-fork-wants-queue", start(`try(skynet.newservice "mail", "lua", "flush")`), time.Second, []string{"wait token mail", "wait lock mail"}},
		{"D8-queue-in-coroutine", start(`try(skynet.newservice "quest", "lua", "walk", {1})`), time.Second, []string{"deadlock", "the queue that was made at", "the first of these"}},
		{"D9-modules-require-each-other", "", time.Second, []string{"deadlock", "the module hero", "the module skill"}},
		{"D10-pool", start(`local db = skynet.newservice "db" for i = 1, 2 do go(db, "lua", "copy", i) end`), time.Second, []string{"wait token db", "wait call main"}},
		{"D11-rendezvous", "", time.Second, []string{`wait response match: a stored response to "begin"`, `to "begin"`}},
		{"H1-return-without-reply", start(`local l = skynet.newservice "login" try(l, "lua", "enter", "ann") try(l, "lua", "enter", "ann")`), time.Second, []string{"false\tcall failed: the handler has ended without an answer", "Maybe forgot response session"}},
		{"H1-unknown-command", "", time.Second, []string{`call failed: the handler has ended without an answer, and there is no such command (:00000006 login, "entre")`}},
		{"H2-ignoreret", "", time.Second, []string{"call failed: the handler has declined to answer (skynet.ignoreret)"}},
		{"H3-dropped-response", "", 5 * time.Second, []string{`call failed: the response function was dropped without being called (:00000006 match, "join")`}},
		{"H3-stored-response", "", time.Second, []string{`wait response match: a stored response to "join"`}},
		{"H4-reply-in-fork", "", time.Second, []string{"call failed: the handler has ended without an answer", "No session"}},
		{"H5-killed-callee", "", time.Second, []string{"call failed: :00000006 room has ended: killed by :00000005"}},
		{"H6-unpack-raises", "", time.Second, []string{"call failed: service/reader.lua:", "bad command"}},
		{"H7-memory-limit", "", time.Second, []string{"call failed: memory limit of 1MiB reached; see limits.memory in sky.toml"}},
		{"H8-coroutine-wrap", start(`try(skynet.newservice "story", "lua", "tell")`), time.Second, []string{"true\t1"}}, // it simply works
		{"H8-coroutine-yield", "", time.Second, []string{"attempt to yield from a message handler: nobody resumes it"}},
		{"H9-killed-holder", start(`local b = skynet.newservice "bag" go(b, "lua", "work", 10000) go(b, "lua", "work", 1) go(b, "lua", "cancel")`), time.Second, []string{"false\tcall failed: the task that handled it was killed (skynet.killthread)", "true\ttrue"}},
		{"R2-launches-itself", "", time.Second, []string{"more than 200 services start each other before the first has started; see actor.hops in sky.toml"}},
		{"W1-nobody-wakes", start(`try(skynet.newservice "gate", "lua", "closed")`), 5 * time.Second, []string{"false\tcall failed: service/gate.lua:6: lost: this wait would never end", "waits for a wakeup (skynet.wait), and nobody has its token any more", "service/gate.lua:13: in function"}},
		{"W1-lost-wakeup", lostWakeup, 6 * time.Second, []string{"wait token profile: a wakeup (skynet.wait) 5s", `to "get" 6s`}},
		{"W1-lost-wakeup", lostWakeup, 31 * time.Second, []string{"false\tcall failed: timeout: waited 30s", "see actor.call-timeout in sky.toml"}},
		{"W2-queryservice", "", 5 * time.Second, []string{`wait query agent: somebody to start the service "rank" 5s`}},
		{"W3-global-name", "", 5 * time.Second, []string{`wait name main: somebody to register the name "DATABSE" 5s`}},
		{"W3-global-name", "", 31 * time.Second, []string{`call failed: timeout: waited 30s for somebody to register the name "DATABSE"; see actor.call-timeout in sky.toml`}},
		{"W4-no-start", "", time.Second, []string{"its main chunk has ended without skynet.start"}},
		{"W4-start-loops", "", 5 * time.Second, []string{"wait start main: the start of :00000006 clock 5s"}},
		{"W4-start-loops", "", 61 * time.Second, []string{"call failed: timeout: waited 1m0s for the start of :00000006 clock; see actor.start-timeout in sky.toml"}},
		{"W5-datacenter", "", 5 * time.Second, []string{"wait response datacenterd", "wait call main"}},
		{"W6-cluster", start(`try(skynet.newservice("trade"), "lua", "sell", 1)`), 31 * time.Second, []string{"call failed: timeout: waited 30s for the address of the node market of the cluster, which no cluster.reload has given yet; see actor.call-timeout in sky.toml"}},
		{"W9-endless-loop", "", time.Second, []string{"handler dice: instruction limit of", "call failed: instruction limit of 1000000 reached; see actor.instructions in sky.toml"}},
		{"W10-overload", "", time.Second, []string{"-"}},
	} {
		t.Run(c.system, func(t *testing.T) {
			path := filepath.Join("..", "testdata", "systems", c.system+".txtar")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]*source.File{}
			for _, f := range txtar.Parse(data).Files {
				files[strings.TrimSuffix(filepath.Base(f.Name), ".lua")] = source.New(f.Name, string(f.Data))
			}
			if c.main != "" {
				files["main"] = source.New("main.lua", c.main)
			}
			got := trace(t, files, c.after)
			for _, want := range c.want {
				if want != "-" && !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			if c.want[0] == "-" && strings.Contains(got, "wait ") {
				t.Errorf("something waits still:\n%s", got)
			}
		})
	}
}

// trace runs the service main, and returns what it prints, logs and reports, and what waits at the end.
func trace(t *testing.T, files map[string]*source.File, d time.Duration) string {
	t.Helper()
	var b strings.Builder
	var mutex sync.Mutex
	write := func(format string, args ...any) {
		mutex.Lock()
		defer mutex.Unlock()
		fmt.Fprintf(&b, format, args...)
	}
	synctest.Test(t, func(t *testing.T) {
		limits := actor.Default()
		limits.Instructions = 1e6 // what loops in a bubble stops its clock
		n, err := runtime.New(runtime.Options{
			Dialect: syntax.DefaultDialect, Slots: 1, Transport: new(wires.Wires), Limits: &limits,
			Find: func(name string) (*source.File, bool) { f, ok := files[name]; return f, ok },
			Out:  writerFunc(func(p []byte) { write("%s", p) }),
			Log:  func(_ actor.Handle, text string) { write("log %s\n", text) },
			Report: func(e actor.Event) {
				write("%s %s: %s\n", e.Kind, e.Name, e.Message)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if _, err := n.Spawn(nil, "main", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(d)
		synctest.Wait()
		for _, w := range n.Waits() {
			write("wait %s %s: %s %v\n", w.Kind, w.Name, w.What, w.Age.Round(time.Second))
		}
	})
	return b.String()
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
