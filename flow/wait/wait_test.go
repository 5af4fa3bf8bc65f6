package wait_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/flow/wait"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
)

// config finds services in the folder service; one node runs them all.
const config = `
-- config --
thread = 2
luaservice = "service/?.lua"
lua_path = "lualib/?.lua"
start = "main"
bootstrap = "snlua bootstrap"
lualoader = "lualib/loader.lua"
`

// main starts the services a and b.
const main = `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	skynet.newservice "a"
	skynet.newservice "b"
	skynet.exit()
end)
`

// alone starts the service a as the only one of its name.
const alone = `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	skynet.uniqueservice "a"
	skynet.exit()
end)
`

// service is a service that has a name, and functions for commands.
func service(name, body string) string {
	return fmt.Sprintf(`
-- service/%s.lua --
local skynet = require "skynet"
local CMD = {}
%s
skynet.start(function()
	skynet.register ".%s"
	skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(CMD[cmd](...)) end)
end)
`, name, body, name)
}

// load analyses the files of a txtar archive.
func load(t *testing.T, archive string) (*effect.System, *suspend.Info) {
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
	result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{dir}}, System: true, NoRules: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range result.Report.Problems {
		t.Fatalf("%s: %s", p.Path, p.Message)
	}
	return result.System, suspend.Find(result.System)
}

func point(p wait.Point) string { return p.Service.Name + "." + p.Entry.Name() }

var kinds = map[wait.Kind]string{wait.Reply: "reply", wait.Unique: "unique", wait.Asked: "asked", wait.Fresh: "fresh"}

// edge writes a wait: who, for whom and what, what is sure of it.
func edge(g *wait.Graph, e *wait.Edge) string {
	text := fmt.Sprintf("%s -> %s %s", point(e.From), point(e.To), kinds[e.Kind])
	if e.Certain {
		text += " certain"
	}
	if g.Always(e) {
		text += " always"
	}
	return text
}

func cycles(found []wait.Cycle) string {
	var out []string
	for _, c := range found {
		row := point(c.Edges[0].From)
		for _, e := range c.Edges {
			row += " -> " + point(e.To)
		}
		if c.Others > 0 {
			row += fmt.Sprintf(" and %d more", c.Others)
		}
		out = append(out, row)
	}
	return strings.Join(out, "\n")
}

func compare(t *testing.T, what, got, want string) {
	t.Helper()
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

func TestEdges(t *testing.T) {
	for _, test := range []struct{ name, a, want string }{
		{"a call that is always made, and one that is not", `
function CMD.get(k) return skynet.call(".b", "lua", "find", k) end
function CMD.try(k) if k then return skynet.call(".b", "lua", "find", k) end end`, `
a.get -> b.find reply certain always
a.try -> b.find reply certain`},
		{"what only sends, or lets another coroutine call, waits for nobody", `
function CMD.put(k) skynet.send(".b", "lua", "find", k) end
function CMD.later(k) skynet.fork(function() skynet.call(".b", "lua", "find", k) end) end
function CMD.soon(k) skynet.timeout(100, function() skynet.call(".b", "lua", "find", k) end) end
function CMD.given(k) skynet.fork(skynet.call, ".b", "lua", "find", k) end`, ``},
		{"a helper, pcall and a queue keep the handler waiting", `
local cs = require "skynet.queue" ()
local function ask(k) return skynet.call(".b", "lua", "find", k) end
function CMD.helped(k) return ask(k) end
function CMD.guarded(k) return pcall(ask, k) end
function CMD.queued(k) return cs(ask, k) end`, `
a.guarded -> b.find reply certain always
a.helped -> b.find reply certain always
a.queued -> b.find reply certain always`},
		{"who may raise or leave on the way does not always come to it", `
function CMD.raises(k) if not k then error "no key" end return skynet.call(".b", "lua", "find", k) end
function CMD.leaves(k) if not k then skynet.exit() end return skynet.call(".b", "lua", "find", k) end
function CMD.loops(n) for i = 1, n do skynet.call(".b", "lua", "find", i) end end
function CMD.either(k) if k then return skynet.call(".b", "lua", "find", k) else return skynet.call(".b", "lua", "drop") end end`, `
a.either -> b.find reply certain
a.either -> b.drop reply certain
a.leaves -> b.find reply certain
a.loops -> b.find reply certain
a.raises -> b.find reply certain`},
		{"a command that is not known stands for no handler", `
function CMD.any(cmd) return skynet.call(".b", "lua", cmd) end`, ``},
		{"an address that may be others is not certain", `
local peer = ".b"
function CMD.point(to) peer = to end
function CMD.get() return skynet.call(peer, "lua", "find") end`, `
a.get -> b.find reply always`},
		{"of two calls of the same command the surer one counts", `
local peer = ".b"
function CMD.point(to) peer = to end
function CMD.get() if peer then skynet.call(peer, "lua", "find") end return skynet.call(".b", "lua", "find") end`, `
a.get -> b.find reply certain always`},
		{"another service of the same program is another one", `
function CMD.spread() return skynet.call(skynet.newservice "a", "lua", "get") end
function CMD.get() return 1 end`, `
a.spread -> a.init fresh certain always`},
	} {
		t.Run(test.name, func(t *testing.T) {
			archive := config + main + service("a", test.a) + service("b", "function CMD.find(k) end\nfunction CMD.drop() end")
			sys, where := load(t, archive)
			g := wait.Find(sys, where)
			var out []string
			for _, edges := range g.Edges() {
				for i := range edges {
					if e := &edges[i]; e.From.Entry.Kind == effect.Command {
						out = append(out, edge(g, e))
					}
				}
			}
			compare(t, "edges", strings.Join(out, "\n"), test.want)
		})
	}
}

func TestStarts(t *testing.T) {
	sys, where := load(t, config+`
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	skynet.uniqueservice "one"
	skynet.newservice "other"
	skynet.fork(function() skynet.newservice "late" end)
end)
-- service/one.lua --
local skynet = require "skynet"
skynet.init(function() skynet.queryservice "other" end)
skynet.start(function() if skynet.getenv "two" then skynet.newservice "two" end end)
-- service/other.lua --
require("skynet").start(function() end)
-- service/late.lua --
require("skynet").start(function() end)
-- service/two.lua --
require("skynet").start(function() end)
`)
	g := wait.Find(sys, where)
	var out []string
	for _, edges := range g.Edges() {
		for i := range edges {
			out = append(out, edge(g, &edges[i]))
		}
	}
	compare(t, "edges", strings.Join(out, "\n"), `
main.init -> one.init unique certain always
main.init -> other.init fresh certain always
one.init -> other.init asked certain always
one.init -> two.init fresh certain`)
}

func TestCycles(t *testing.T) {
	for _, test := range []struct{ name, archive, handlers, starts string }{
		{"two handlers ask each other", main +
			service("a", `function CMD.ask() return skynet.call(".b", "lua", "ask") end
function CMD.free() return 1 end`) +
			service("b", `function CMD.ask() return skynet.call(".a", "lua", "ask") end`),
			"a.ask -> b.ask -> a.ask", ""},
		{"services that ask each other by different handlers", main +
			service("a", `function CMD.ask() return skynet.call(".b", "lua", "ask") end
function CMD.free() return 1 end`) +
			service("b", `function CMD.ask() return skynet.call(".a", "lua", "free") end`),
			"", ""},
		{"a handler that asks its own service", main +
			service("a", `function CMD.ask() return skynet.call(skynet.self(), "lua", "ask") end`) + service("b", ""),
			"a.ask -> a.ask", ""},
		{"the only service of its name asks for itself", alone +
			service("a", `local me
function CMD.ask() if not me then me = skynet.uniqueservice "a" end return skynet.call(me, "lua", "ask") end
function CMD.query(k) if k then return skynet.call(skynet.queryservice "a", "lua", "query") end end`),
			"a.ask -> a.ask\na.query -> a.query", ""},
		{"the only service of its name launches another of its kind", alone +
			service("a", `function CMD.ask(k) return skynet.call(skynet.newservice "a", "lua", "ask") end`),
			"", ""},
		{"one of many asks the only one of its name, which asks itself", main +
			service("a", `function CMD.ask() return skynet.call(skynet.uniqueservice "a", "lua", "ask") end`) + service("b", ""),
			"a.ask -> a.ask", ""},
		{"one of many asks the only one of its name, which knows", main +
			service("a", `function CMD.ask(k) if k then return 1 end return skynet.call(skynet.uniqueservice "a", "lua", "ask") end`) + service("b", ""),
			"", ""},
		{"what a node begins with is another one than the only one of its name", `
-- service/main.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.ask(k) if k then return 1 end return skynet.call(skynet.uniqueservice "main", "lua", "ask") end
skynet.start(function() skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(CMD[cmd](...)) end) end)
`, "", ""},
		{"who launches what a message names may launch any", alone +
			service("a", `function CMD.ask(k) if k then return 1 end return skynet.call(skynet.uniqueservice "a", "lua", "ask") end
function CMD.launch(name) return skynet.newservice(name) end`),
			"", ""},
		{"one of two is sent to", main +
			service("a", `function CMD.ask() return skynet.call(".b", "lua", "ask") end`) +
			service("b", `function CMD.ask() skynet.send(".a", "lua", "ask") end`),
			"", ""},
		{"several ways around", main +
			service("a", `function CMD.ask(k) if k then return skynet.call(".b", "lua", "ask") end return skynet.call(".b", "lua", "long") end`) +
			service("b", `function CMD.ask() return skynet.call(".a", "lua", "ask") end
function CMD.long() return skynet.call(skynet.self(), "lua", "ask") end`),
			"a.ask -> b.ask -> a.ask and 1 more", ""},
		{"the starts of two services wait for each other", `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function() skynet.uniqueservice "a" end)
-- service/a.lua --
local skynet = require "skynet"
skynet.start(function() skynet.uniqueservice "b" end)
-- service/b.lua --
local skynet = require "skynet"
skynet.start(function() skynet.queryservice "a" end)
`, "", "a.init -> b.init -> a.init"},
		{"a start waits for a handler that asks for the service", `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function() skynet.uniqueservice "a" end)
-- service/a.lua --
local skynet = require "skynet"
skynet.start(function() skynet.call(".b", "lua", "ask") end)
` + service("b", `function CMD.ask() return skynet.uniqueservice "a" end`),
			"", "a.init -> b.ask -> a.init"},
		{"what a fork waits for keeps no start waiting", `
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function() skynet.uniqueservice "a" end)
-- service/a.lua --
local skynet = require "skynet"
skynet.start(function() skynet.fork(function() skynet.uniqueservice "b" end) end)
-- service/b.lua --
local skynet = require "skynet"
skynet.start(function() skynet.queryservice "a" end)
`, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			sys, where := load(t, config+test.archive)
			g := wait.Find(sys, where)
			compare(t, "handlers", cycles(g.Handlers()), test.handlers)
			compare(t, "starts", cycles(g.Starts()), test.starts)
		})
	}
}
