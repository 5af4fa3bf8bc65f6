package effect_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"golang.org/x/tools/txtar"
)

// node is a configuration that finds services in the folder service and modules in lualib.
const node = `
-- config --
thread = 2
luaservice = "service/?.lua"
lua_path = "lualib/?.lua"
start = "main"
bootstrap = "snlua bootstrap"
lualoader = "lualib/loader.lua"
`

// db is a service with the commands get and set.
const db = `
-- service/db.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.get(key) end
function CMD.set(key, value) end
skynet.start(function()
	skynet.dispatch("lua", function(session, source, cmd, ...)
		local f = assert(CMD[cmd])
		skynet.retpack(f(...))
	end)
end)
`

// analyse looks at the files of a txtar archive.
func analyse(t *testing.T, archive string) *effect.System {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Load(context.Background(), project.Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	var files []*program.File
	var terms []*ir.File
	for _, f := range p.Files {
		if f.Tree != nil {
			files = append(files, program.Analyse(f, p.Config.For(f.Path), models.Builtin()))
			terms = append(terms, ir.Build(f.Scope, f.API))
		}
	}
	return effect.Analyse(solve.Solve(program.New(p, files, models.Builtin()), terms), 0)
}

// messages writes what services send: who runs it, the kind, to whom, the line.
func messages(sys *effect.System) string {
	var out []string
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			if e.Kind == effect.Dispatch {
				continue
			}
			for _, m := range sys.Messages(s, e) {
				if m.Kind == effect.Launch || m.Implied && m.Command == "LAUNCH" {
					continue
				}
				to := "? " + m.Reason
				switch {
				case m.Native != "":
					to = m.Native + " in C"
				case m.To != nil:
					to = m.To.Name
				}
				f := sys.Values.Program().Files[m.Shown.File]
				line := f.Tree.Line(sys.Values.IR(m.Shown.File).Calls[m.Shown.Call].Node)
				row := fmt.Sprintf("%s.%s %s %s.%s at %s:%d", s.Name, e.Name(), m.Kind, to, m.Command, filepath.Base(f.Path), line)
				if !slices.Contains(out, row) {
					out = append(out, row)
				}
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestMessages(t *testing.T) {
	for _, test := range []struct{ name, archive, want string }{
		{"an upvalue that a handler sets from a field of a message", node + db + `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	local a = skynet.newservice("agent")
	skynet.call(a, "lua", "start", { db = skynet.newservice("db") })
end)
-- service/agent.lua --
local skynet = require "skynet"
local db
local CMD = {}
function CMD.start(conf) db = conf.db end
function CMD.ask() return skynet.call(db, "lua", "get", 1) end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(CMD[cmd](...)) end)
end)
`, `agent.ask call db.get at agent.lua:5
main.init call agent.start at main.lua:4`},
		{"__index", node + `
-- service/main.lua --
local skynet = require "skynet"
local base = {}
function base.ping(self_addr) skynet.send(self_addr, "lua", "pong") end
local CMD = setmetatable({}, { __index = base })
function CMD.pong() end
skynet.start(function()
	skynet.dispatch("lua", function(_, source, cmd, ...) CMD[cmd](source, ...) end)
	skynet.call(skynet.self(), "lua", "ping")
end)
`, `main.init call main.ping at main.lua:8
main.ping send main.pong at main.lua:3`},
		{"commands merged from modules", node + db + `
-- service/main.lua --
local skynet = require "skynet"
local CMD = {}
for k, v in pairs(require "more") do CMD[k] = v end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end)
	skynet.send(skynet.self(), "lua", "extra")
end)
-- lualib/more.lua --
local skynet = require "skynet"
local M = {}
function M.extra() skynet.call(skynet.newservice("db"), "lua", "get") end
return M
`, `main.extra call db.get at more.lua:3
main.init send main.extra at main.lua:6`},
		{"methods with self", node + db + `
-- service/main.lua --
local skynet = require "skynet"
local CMD = {}
function CMD:open(name) self.db = skynet.newservice("db") end
function CMD:ask() return skynet.call(self.db, "lua", "get") end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) local f = CMD[cmd] f(CMD, ...) end)
end)
`, `main.ask call db.get at main.lua:4`},
		{"if and elseif", node + db + `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, source, cmd, ...)
		if cmd == "one" then
			skynet.ret()
		elseif cmd == "two" then
			skynet.ret()
		end
	end)
	skynet.call(skynet.self(), "lua", "two")
end)
`, `main.init call main.two at main.lua:10`},
		{"aliases and pcall", node + db + `
-- service/main.lua --
local skynet = require "skynet"
local call, send = skynet.call, skynet.send
skynet.start(function()
	local db = skynet.newservice("db")
	call(db, "lua", "get")
	local ok, v = pcall(skynet.call, db, "lua", "set", 1, 2)
	skynet.fork(send, db, "lua", "get")
end)
`, `main.init call db.get at main.lua:5
main.init call db.set at main.lua:6
main.init send db.get at main.lua:7`},
		{"a wrapper of a library", node + db + `
-- service/main.lua --
local rpc = require "rpc"
local skynet = require "skynet"
skynet.start(function()
	local db = skynet.newservice("db")
	rpc.call(db, "get", 1)
	rpc.call("agent", "hello")
	skynet.newservice("agent")
end)
-- service/agent.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.hello() end
skynet.start(function() skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end) end)
-- lualib/rpc.lua --
local skynet = require "skynet"
local M = {}
function M.call(address, cmd, ...) return skynet.call(address, "lua", cmd, ...) end
return M
`, `main.init call agent.hello at main.lua:6
main.init call db.get at main.lua:5`},
		{"tables keyed at run time, and the cache of a name", node + db + `
-- service/main.lua --
local skynet = require "skynet"
require "skynet.manager"
local users = {}
local cache
local function find() cache = cache or skynet.localname(".db") return cache end
skynet.start(function()
	skynet.name(".db", skynet.newservice("db"))
	local id = skynet.now()
	users[id] = { agent = skynet.newservice("db") }
	local u = users[skynet.now()]
	skynet.send(u.agent, "lua", "set")
	skynet.call(find(), "lua", "get")
end)
`, `main.init call db.get at main.lua:12
main.init send db.set at main.lua:11`},
		{"returned by a call", node + db + `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	local mgr = skynet.newservice("mgr")
	local db = skynet.call(mgr, "lua", "where")
	skynet.call(db, "lua", "get")
end)
-- service/mgr.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.where() return skynet.newservice("db") end
function CMD.other() return 1 end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		skynet.ret(skynet.pack(CMD[cmd](...)))
	end)
end)
`, `main.init call db.get at main.lua:5
main.init call mgr.where at main.lua:4`},
		{"arguments of a launch, and the sender", node + `
-- service/main.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.done() end
function CMD.bye() end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end)
	local w = skynet.newservice("worker", skynet.self())
	skynet.send(w, "lua", "work")
end)
-- service/worker.lua --
local skynet = require "skynet"
local boss = tonumber((...))
local CMD = {}
function CMD.work(source)
	skynet.send(boss, "lua", "done")
	skynet.send(source, "lua", "bye")
end
skynet.start(function() skynet.dispatch("lua", function(_, source, cmd, ...) CMD[cmd](source, ...) end) end)
`, `main.init send worker.work at main.lua:8
worker.work send main.bye at worker.lua:6
worker.work send main.done at worker.lua:5`},
		{"addresses as keys, and a reply by a function of the program", node + `
-- service/main.lua --
local skynet = require "skynet"
local seen = {}
local CMD = {}
function CMD.hello(source) seen[source] = true end
function CMD.gone(address) seen[address] = nil end
function CMD.list() return { skynet.self() } end
function CMD.groups(name)
	local groups = {}
	groups[name] = {}
	table.insert(groups[name], skynet.self())
	return groups
end
local NONE = {}
local function answer(first, ...)
	if first ~= NONE then skynet.retpack(first, ...) end
end
local function tell()
	for address in pairs(seen) do
		skynet.send(address, "lua", "tick")
	end
end
skynet.start(function()
	skynet.dispatch("lua", function(_, source, cmd, ...) answer(CMD[cmd](source, ...)) end)
	skynet.uniqueservice "worker"
	tell()
end)
-- service/worker.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.tick() end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end)
	local list = skynet.call("main", "lua", "list")
	skynet.send(list[1], "lua", "hello")
	local groups = skynet.call("main", "lua", "groups", "north")
	skynet.send(groups.north[#groups.north], "lua", "hello")
	skynet.send("main", "lua", "gone", skynet.queryservice "other")
end)
-- service/other.lua --
local skynet = require "skynet"
skynet.start(function() end)
`, `main.init send worker.tick at main.lua:19
worker.init call main.groups at worker.lua:8
worker.init call main.list at worker.lua:6
worker.init send main.gone at worker.lua:10
worker.init send main.hello at worker.lua:7
worker.init send main.hello at worker.lua:9`},
		{"addresses in the data centre", node + db + `
-- service/main.lua --
local skynet = require "skynet"
local datacenter = require "skynet.datacenter"
skynet.start(function()
	datacenter.set("services", "db", skynet.newservice "db")
	skynet.newservice("worker")
end)
-- service/worker.lua --
local skynet = require "skynet"
local datacenter = require "skynet.datacenter"
skynet.start(function()
	skynet.call(datacenter.wait("services", "db"), "lua", "get")
	skynet.call(datacenter.get("others", "db"), "lua", "set")
end)
`, `worker.init call ? nothing is known of the address.set at worker.lua:5
worker.init call db.get at worker.lua:4`},
		{"unique services, and queries", node + db + `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	skynet.send(skynet.uniqueservice("db"), "lua", "set")
	skynet.send(skynet.queryservice("db"), "lua", "get")
end)
`, `main.init send db.get at main.lua:4
main.init send db.set at main.lua:3`},
		{"services made of functions", node + `
-- service/main.lua --
local skynet = require "skynet"
local service = require "skynet.service"
skynet.start(function()
	local cell = service.new("cell", function()
		local skynet = require "skynet"
		local CMD = {}
		function CMD.ping() end
		skynet.dispatch("lua", function(_, _, cmd) CMD[cmd]() end)
	end)
	skynet.call(cell, "lua", "ping")
end)
`, `main.init call cell.ping at main.lua:10`},
		{"snax", node + `
-- service/main.lua --
local skynet = require "skynet"
local snax = require "skynet.snax"
skynet.start(function()
	local p = snax.newservice("pinger", "x")
	p.req.ping("y")
	pcall(p.req.ping)
	local post = p.post
	post.hello()
	snax.kill(p)
end)
-- service/pinger.lua --
function init() end
function exit() end
function response.ping(x) return x end
function accept.hello() end
`, `main.init call pinger.exit at main.lua:9
main.init call pinger.ping at main.lua:5
main.init call pinger.ping at main.lua:6
main.init send pinger.hello at main.lua:8`},
		{"queues, fork and timeout", node + db + `
-- service/main.lua --
local skynet = require "skynet"
local lock = require "skynet.queue" ()
skynet.start(function()
	local db = skynet.newservice("db")
	lock(function() skynet.call(db, "lua", "get") end)
	skynet.fork(function() skynet.send(db, "lua", "get") end)
	skynet.timeout(100, function() skynet.send(db, "lua", "set") end)
	lock(skynet.call, db, "lua", "set")
end)
`, `main.init call db.get at main.lua:5
main.init call db.set at main.lua:8
main.init send db.get at main.lua:6
main.init send db.set at main.lua:7`},
		{"classes", node + db + `
-- service/main.lua --
local skynet = require "skynet"
local class = require "class"
local Client = class()
function Client:ctor(address) self.address = address end
function Client:get(key) return skynet.call(self.address, "lua", "get", key) end
skynet.start(function()
	local c = Client.new(skynet.newservice("db"))
	c:get(1)
end)
-- lualib/class.lua --
return function(base)
	local c = {}
	c.__index = c
	if base then setmetatable(c, { __index = base }) end
	c.new = function(...)
		local o = setmetatable({}, c)
		o:ctor(...)
		return o
	end
	return c
end
`, `main.init call db.get at main.lua:5`},
		{"a dispatcher that services share", node + `
-- service/main.lua --
local skynet = require "skynet"
local serve = require "serve"
local CMD = {}
function CMD.one() skynet.send(skynet.newservice("other"), "lua", "two") end
serve(CMD)
-- service/other.lua --
local CMD = {}
function CMD.two() end
require "serve" (CMD)
-- lualib/serve.lua --
local skynet = require "skynet"
return function(CMD)
	skynet.start(function()
		skynet.dispatch("lua", function(_, source, cmd, ...)
			local f = CMD[cmd]
			skynet.retpack(f(...))
		end)
	end)
end
`, `main.one send other.two at main.lua:4`},
		{"requests that are sent later, and packed ones", node + db + `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	local db = skynet.newservice("db")
	local r = skynet.request { db, "lua", "get", 1 }
	r:add { db, "lua", "set", 2 }
	for _, resp in r:select() do print(resp) end
	skynet.rawcall(db, "lua", skynet.pack("get", 1))
end)
`, `main.init call db.get at main.lua:4
main.init call db.get at main.lua:7
main.init call db.set at main.lua:5`},
		{"services of the library, of C code, and what is not known", node + `
-- service/main.lua --
local skynet = require "skynet"
require "skynet.manager"
local datacenter = require "skynet.datacenter"
skynet.start(function()
	datacenter.set("a", 1)
	skynet.send(skynet.launch("harbor", 1), "harbor", "A")
	skynet.send(".nobody", "lua", "x")
	skynet.newservice("datacenterd")
end)
-- service/datacenterd.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.UPDATE() end
skynet.start(function() skynet.dispatch("lua", function(_, _, cmd, ...) CMD[cmd](...) end) end)
`, `main.init call datacenterd.UPDATE at main.lua:5
main.init send ? no service of the project registers the name .nobody.x at main.lua:7
main.init send harbor in C.A at main.lua:6`},
		{"each service has the names that stand in its files, or come with a message", node + `
-- lualib/client.lua --
local skynet = require "skynet"
local Client = {}
Client.__index = Client
function Client:get(what, ...) return skynet.call(self.name, "lua", what, ...) end
local function new(name) return setmetatable({ name = name }, Client) end
return function(name)
	return new(name) -- one call for all
end
-- lualib/serve.lua --
local skynet = require "skynet"
require "skynet.manager"
return function(name, CMD)
	skynet.start(function()
		skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(CMD[cmd](...)) end)
		skynet.register(name)
	end)
end
-- service/main.lua --
local skynet = require "skynet"
local client = require "client"
skynet.start(function()
	skynet.newservice("gold")
	skynet.newservice("iron")
	client(".gold"):get("take", ".iron")
end)
-- service/gold.lua --
local client = require "client"
require "serve" (".gold", {
	take = function(other) client(other):get("melt") end,
})
-- service/iron.lua --
require "serve" (".iron", { melt = function() end })
-- service/other.lua --
local skynet = require "skynet"
local client = require "client"
skynet.start(function() client(".nobody"):get("steal") end)
`, `gold.take call gold.melt at gold.lua:3
gold.take call iron.melt at gold.lua:3
main.init call gold.take at main.lua:6
main.init call iron.take at main.lua:6
other.init call ? no service of the project registers the name .nobody.steal at other.lua:3`},
		{"another node", node + db + `
-- service/main.lua --
local skynet = require "skynet"
local cluster = require "skynet.cluster"
skynet.start(function()
	cluster.register("base", skynet.newservice("db"))
	cluster.call("there", "@base", "get", 1)
end)
`, `main.init cluster db.get at main.lua:5`},
		{"the gate tells its watchdog", node + `
-- service/main.lua --
local skynet = require "skynet"
local SOCKET = {}
function SOCKET.open(fd) end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, sub, ...)
		if cmd == "socket" then SOCKET[sub](...) end
	end)
	local gate = skynet.newservice("mygate")
	skynet.call(gate, "lua", "open", { watchdog = skynet.self() })
end)
-- service/mygate.lua --
local skynet = require "skynet"
local gateserver = require "snax.gateserver"
local watchdog
local handler = {}
function handler.open(source, conf) watchdog = conf.watchdog or source end
function handler.connect(fd) skynet.send(watchdog, "lua", "socket", "open", fd) end
function handler.message() end
gateserver.start(handler)
`, `main.init call mygate.open at main.lua:9
mygate.connect send main.socket at mygate.lua:6`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := messages(analyse(t, test.archive)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A handler may do some commands itself: each has what its own branch does, and its messages bring
// nothing to the others.
func TestCommandsOfABranch(t *testing.T) {
	sys := analyse(t, node+db+`
-- service/main.lua --
local skynet = require "skynet"
local SOCKET, CMD = {}, {}
local db
function SOCKET.open(fd) skynet.send(db, "lua", "get", fd) end
function CMD.start(conf) skynet.call(db, "lua", "set", conf) end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, sub, ...)
		if cmd == "socket" then
			local f = SOCKET[sub]
			f(...)
		elseif cmd == "stop" then
			skynet.send(db, "lua", "get")
		else
			local f = assert(CMD[cmd])
			skynet.retpack(f(sub, ...))
		end
	end)
	db = skynet.newservice("db")
	local gate = skynet.newservice("gate", skynet.self())
end)
-- service/gate.lua --
local skynet = require "skynet"
local watchdog = ...
watchdog = tonumber(watchdog)
skynet.start(function()
	skynet.send(watchdog, "lua", "socket", "open", {})
	skynet.call(watchdog, "lua", "start", "conf")
end)
`)
	want := `gate.init call main.start at gate.lua:6
gate.init send main.socket at gate.lua:5
main.socket send db.get at main.lua:4
main.start call db.set at main.lua:5
main.stop send db.get at main.lua:12`
	if got := messages(sys); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var values []string
	for i, f := range sys.Values.Program().Files {
		if f.Path != "service/main.lua" {
			continue
		}
		for fn := range f.Scope.Funcs {
			for k := range sys.Values.Parameters(int32(i), scope.Func(fn)) {
				if n := len(sys.Values.Parameter(int32(i), scope.Func(fn), k)); n > 0 {
					values = append(values, fmt.Sprintf("line %d: %d", f.Tree.Line(f.Scope.Funcs[fn].Node), n))
				}
			}
		}
	}
	if got := strings.Join(values, ", "); got != "line 4: 1, line 5: 1, line 7: 1" { // fd, conf, and the sender
		t.Error(got)
	}
}
