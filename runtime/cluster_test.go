package runtime_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
	"github.com/skylint/skylint/runtime/internal/wires"
	"github.com/skylint/skylint/runtime/transport"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A recorder keeps what a node says.
type recorder struct {
	mutex    sync.Mutex
	out, log strings.Builder
}

func (r *recorder) write(b *strings.Builder, format string, args ...any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	fmt.Fprintf(b, format, args...)
}

// startNode starts the service main of a folder of a txtar archive: a node.
func startNode(t *testing.T, archive, folder string, w transport.Transport) (*runtime.Node, *recorder) {
	t.Helper()
	files := map[string]*source.File{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if name, ok := strings.CutPrefix(f.Name, folder+"/"); ok {
			files[strings.TrimSuffix(name, ".lua")] = source.New(name, string(f.Data))
		}
	}
	r := new(recorder)
	limits := cluster.Default()
	limits.Message = 1 << 20
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Slots: 1, Transport: w, Cluster: &limits,
		Find:   func(name string) (*source.File, bool) { f, ok := files[name]; return f, ok },
		Out:    writerFunc(func(p []byte) { r.write(&r.out, "%s", p) }),
		Log:    func(_ actor.Handle, text string) { r.write(&r.log, "%s\n", text) },
		Report: func(e actor.Event) { r.write(&r.log, "%s %s\n", e.Kind, e.Message) },
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Setenv("snax", "?.lua")
	if _, err := n.Spawn(nil, "main", nil); err != nil {
		t.Fatal(err)
	}
	return n, r
}

// TestCluster has two nodes: one that keeps data, and one that asks for it.
func TestCluster(t *testing.T) {
	const system = `
-- db/main.lua --
local skynet = require "skynet"
local cluster = require "skynet.cluster"
require "skynet.manager"
local data = {}
local commands = {}
function commands.set(k, v) data[k] = v return "was", nil, v end
function commands.get(k) return data[k] end
function commands.fail() error "no such thing" end
function commands.slow() skynet.sleep(6000) end
function commands.large() return ("x"):rep(2 ^ 20 + 1) end
function commands.log(...) print("log", ...) end
skynet.start(function()
  cluster.reload { db = "db:1", gate = "gate:1" }
  skynet.dispatch("lua", function(session, source, command, ...)
    if session == 0 then commands[command](...) else skynet.retpack(commands[command](...)) end
  end)
  skynet.register ".local"
  cluster.register "data"
  print(pcall(cluster.register, "data", 1))
  cluster.unregister "data"
  cluster.register("data", skynet.self())
  print(cluster.open "db")
  require "skynet.snax".uniqueservice "ping"
end)
-- db/ping.lua --
local snax = require "skynet.snax"
function init() snax.enablecluster() end
function response.ping(...) return "pong", ... end
local posted
function accept.post(v) posted = v end
function response.posted() return posted end
-- gate/ping.lua --
local snax = require "skynet.snax"
function init() snax.enablecluster() end
function response.ping(...) return "pong", ... end
local posted
function accept.post(v) posted = v end
function response.posted() return posted end
-- gate/main.lua --
local skynet = require "skynet"
local cluster = require "skynet.cluster"
local function try(...) print(select(2, pcall(...))) end
skynet.start(function()
  skynet.fork(function() print("late", cluster.call("db", "@data", "set", "k", { 1, { x = "y" } })) end)
  cluster.send("db", "@data", "log", "sent before the address was known")
  skynet.sleep(100)
  cluster.reload { db = "db:1", off = false, none = "none:1" }
  skynet.sleep(100)
  print(cluster.call("db", "@data", "get", "k")[2].x, cluster.call("db", ".local", "get", "none"))
  local h = cluster.query("db", "data")
  print(type(h), cluster.call("db", h, "get", "k")[1])
  local large = ("v"):rep(300000)
  print(select("#", cluster.call("db", "@data", "set", "large", large)), cluster.call("db", h, "get", "large") == large)
  cluster.send("db", h, "log", "large", #large)
  cluster.send("db", "@data", "log", large:sub(1, 7))
  try(cluster.call, "db", "@data", "fail")
  try(cluster.call, "db", "@data", "slow")
  try(cluster.call, "db", "@data", "large")
  try(cluster.call, "db", "@data", "set", "x", large:rep(4))
  try(cluster.call, "db", "@none")
  try(cluster.call, "db", 999)
  try(cluster.query, "db", "none")
  try(cluster.call, "db", ".launcher", "LAUNCH", "snlua", "main")
  try(cluster.call, "db", 2, "LIST")
  try(cluster.call, "db", ".service", "LAUNCH", "main")
  try(cluster.call, "off", "@data")
  try(cluster.call, "none", "@data")
  try(cluster.open, "off")
  try(cluster.reload, { bad = 1 })
  local proxy = cluster.proxy "db@data"
  print(proxy == cluster.proxy("db", "@data"), skynet.call(proxy, "lua", "get", "k")[2].x)
  skynet.send(proxy, "lua", "log", "by proxy")
  try(skynet.call, proxy, "lua", "fail")
  try(cluster.proxy, "data")
  local ping = cluster.snax("db", "ping")
  print(ping.req.ping(1, nil))
  ping.post.post "a post"
  print(ping.req.posted())
  cluster.reload { db = false }
  try(skynet.call, proxy, "lua", "get", "k")
  cluster.reload { __nowaiting = true }
  try(cluster.call, "nobody", "@data")
end)
`
	synctest.Test(t, func(t *testing.T) {
		w := new(wires.Wires)
		db, dbSays := startNode(t, system, "db", w)
		defer db.Close()
		synctest.Wait()
		gate, gateSays := startNode(t, system, "gate", w)
		defer gate.Close()
		time.Sleep(time.Minute)
		synctest.Wait()
		const want = `late	was	nil	table
y	nil
number	1
3	true
call failed: the node db of the cluster (db:1): call failed: main.lua:8: no such thing
call failed: the node db of the cluster (db:1) says nothing for 30s
call failed: the node db of the cluster (db:1): the answer cannot be sent: the message is larger than 1048576 bytes; see cluster.message-size in sky.toml
call failed: the node db of the cluster (db:1): a message of 1200011 bytes is larger than 1048576; see cluster.message-size in sky.toml
call failed: the node db of the cluster (db:1): Invalid name: nobody has the name @none here (see cluster.register)
call failed: the node db of the cluster (db:1): call to invalid address :000003e7
call failed: the node db of the cluster (db:1): name not found
call failed: the node db of the cluster (db:1): :00000002 .launcher is closed to other nodes, since it starts and ends services; cluster.register would open it
call failed: the node db of the cluster (db:1): :00000002 .launcher is closed to other nodes, since it starts and ends services; cluster.register would open it
call failed: the node db of the cluster (db:1): :00000003 .service is closed to other nodes, since it starts and ends services; cluster.register would open it
call failed: the node off of the cluster: it is down: its address was set to false
call failed: the node none of the cluster (none:1): connection refused
cluster.open off: off is down
cluster.reload: the address of the node bad is a string, or false, not a number
true	y
call failed: the node db of the cluster (db:1): call failed: main.lua:8: no such thing
Invalid name data: a service of another node is node@name or node.name
pong	1	nil
a post
call failed: the node db of the cluster: it is down: its address was set to false
call failed: the node nobody of the cluster: its address is not known: see cluster.reload, and the file that the setting cluster names
`
		got := regexp.MustCompile(`table: \S+`).ReplaceAllString(gateSays.out.String(), "table")
		// Both nodes give up at the same time: which one says so is left open.
		got = regexp.MustCompile(`.*timeout: waited 30s for an answer of .*`).ReplaceAllString(got, "call failed: the node db of the cluster (db:1) says nothing for 30s")
		if got != want {
			t.Errorf("the node that asks prints\n%s\nlog:\n%s", got, gateSays.log.String())
		}
		const wantDB = `false	the name data of the cluster is that of :00000005 already: see cluster.unregister
db
log	sent before the address was known
log	large	300000
log	vvvvvvv
log	by proxy
`
		if got := dbSays.out.String(); got != wantDB {
			t.Errorf("the node that answers prints\n%s\nlog:\n%s", got, dbSays.log.String())
		}
		for _, line := range []string{"cluster the cluster is open at db:1: a wire is no secret", "Register [data] :00000005", "socket accept from pipe"} {
			if !strings.Contains(dbSays.log.String(), line) {
				t.Errorf("no %q in the log\n%s", line, dbSays.log.String())
			}
		}
	})
}

// TestClusterOff makes sure that nothing listens, and nothing is dialled, unless it is allowed.
func TestClusterOff(t *testing.T) {
	const system = `
-- one/main.lua --
local skynet = require "skynet"
local cluster = require "skynet.cluster"
skynet.start(function()
  for f, args in pairs { call = { "db", "@data" }, send = { "db", "@data" }, query = { "db", "data" }, open = { 2528 }, reload = { { db = "db:1" } },
    proxy = { "db", "@data" }, register = { "data" }, snax = { "db", "ping" } } do
    print(f, (select(2, pcall(cluster[f], table.unpack(args))):match "the cluster is off.*%-%-grant cluster"))
  end
end)
`
	synctest.Test(t, func(t *testing.T) {
		n, says := startNode(t, system, "one", nil)
		defer n.Close()
		synctest.Wait()
		got := says.out.String()
		if strings.Count(got, "--grant cluster") != 8 {
			t.Errorf("prints\n%s\n%s", got, says.log.String())
		}
	})
}

// TestClusterRestart has the other node go and come back: who waits gets an error, and calls work again.
func TestClusterRestart(t *testing.T) {
	const system = `
-- db/main.lua --
local skynet = require "skynet"
local cluster = require "skynet.cluster"
skynet.start(function()
  cluster.reload { db = "db:1" }
  skynet.dispatch("lua", function(_, _, wait) if wait then skynet.sleep(1e6) end skynet.retpack "here" end)
  cluster.register("data", skynet.self())
  cluster.open "db"
end)
-- gate/main.lua --
local skynet = require "skynet"
local cluster = require "skynet.cluster"
skynet.start(function()
  cluster.reload { db = "db:1" }
  for i = 1, 4 do
    print(skynet.now() // 100, pcall(cluster.call, "db", "@data", i == 2))
    skynet.sleep(1000)
  end
end)
`
	synctest.Test(t, func(t *testing.T) {
		w := new(wires.Wires)
		db, _ := startNode(t, system, "db", w)
		synctest.Wait()
		gate, says := startNode(t, system, "gate", w)
		defer gate.Close()
		time.Sleep(15 * time.Second)
		db.Close()
		time.Sleep(14 * time.Second)
		synctest.Wait()
		db, _ = startNode(t, system, "db", w)
		defer db.Close()
		time.Sleep(time.Minute)
		synctest.Wait()
		const want = `0	true	here
10	false	call failed: the node db of the cluster (db:1): this node is ending
25	false	call failed: the node db of the cluster (db:1): connection refused
35	true	here
`
		if got := says.out.String(); got != want {
			t.Errorf("prints\n%s\n%s", got, says.log.String())
		}
	})
}
