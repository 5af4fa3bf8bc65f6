package inspect_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/inspect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
)

// system is a node with a wrapper around calls, commands in a table, and an address that nobody
// can know.
var system = map[string]string{
	"config": "thread = 2\nluaservice = \"service/?.lua\"\nlua_path = \"lualib/?.lua\"\nstart = \"main\"\nbootstrap = \"snlua bootstrap\"\n",
	"lualib/rpc.lua": `local skynet = require "skynet"
local M = {}
function M.ask(to, what, ...)
	return skynet.call(to, "lua", what, ...)
end
return M
`,
	"service/main.lua": `local skynet = require "skynet"
local rpc = require "rpc"

skynet.start(function()
	local db = skynet.newservice("db")
	local LIMIT = 10
	rpc.ask(db, "get", "name")
	skynet.send(db, "lua", "gte", LIMIT)
	skynet.call(tonumber(skynet.getenv "peer"), "lua", "get")
end)
`,
	"service/db.lua": `local skynet = require "skynet"
local lock = require "skynet.queue" ()
local CMD = {}
function CMD.get(key) return key end
function CMD.set(key, value) skynet.sleep(1) end
CMD.idle = function() end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		local f = assert(CMD[cmd])
		skynet.retpack(lock(f, ...))
	end)
end)
`,
	"3rd/copy.lua":    "local x = \"y\"\nprint(x)\n",
	"tool/lonely.lua": "local 名, n = \"中\", ...\nprint(名, n)\nlocal function f()\n\trequire(\"skynet\").send(\".x\", \"lua\")\nend\n",
}

func analyse(t testing.TB, dir string) *effect.System {
	t.Helper()
	p, err := project.Load(context.Background(), project.Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	var files []*program.File
	var terms []*ir.File
	for _, f := range p.Files {
		if f.Tree == nil {
			continue
		}
		a := program.Analyse(f, p.Config.For(f.Path), models.Builtin())
		files, terms = append(files, a), append(terms, ir.Build(a.Scope, a.API))
	}
	return effect.Analyse(solve.Solve(program.New(p, files, models.Builtin()), terms), 0)
}

func same(path string) string { return path }

func TestAt(t *testing.T) {
	dir := t.TempDir()
	for name, text := range system {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sys := analyse(t, dir)
	for _, c := range []struct {
		file         string
		line, column int
		want         string // lines that are there, in this order
		absent       string
	}{
		{"service/main.lua", 7, 0, `service/main.lua:7, in a function given to skynet.start, lines 4 to 10
  main (service, this is its main file)
      reached from init
  2: rpc.ask(db, "get", "name")
      function M.ask at lualib/rpc.lua:3
      may wait: other messages are handled meanwhile
      call to db, command get, handled at service/db.lua:4
          from init of main
  rpc  the table made at lualib/rpc.lua:2, with ask
  db   the address of service db
`, "rpc.ask  "},
		{"service/main.lua", 8, 0, "send to db, command gte, which nothing there is known to handle\n  LIMIT  a number\n", "may wait"},
		{"service/main.lua", 9, 0, "2: skynet.call(tonumber(skynet.getenv \"peer\"), \"lua\", \"get\")\n      call to a service that is not known: nothing is known of the address, command get\n  14: tonumber(\n  23: skynet.getenv \"peer\"\n", ""},
		{"service/main.lua", 9, 24, "  23: skynet.getenv \"peer\"\n", "db"},
		{"service/main.lua", 7, 10, "  db  the address of service db\n", "rpc  "},
		{"lualib/rpc.lua", 4, 0, "lualib/rpc.lua:4, in function M.ask, lines 3 to 5\n  main (service, loads it at service/main.lua:2)\n      reached from init\n  9: skynet.call(to, \"lua\", what, ...)\n      call to db, command get\n  to    the address of service db\n  what  \"get\"\n", "the module"},
		{"lualib/rpc.lua", 2, 0, "in the main chunk\n  M  the table made at lualib/rpc.lua:2, with ask\n", ""},
		{"service/db.lua", 5, 0, "in function CMD.set, line 5\n", "command get"},
		{"service/db.lua", 5, 31, "in function CMD.set, line 5\n      reached from command set\n", "the handler of lua"},
		{"service/db.lua", 6, 12, "in function CMD.idle, line 6\n      reached from command idle\n", ""},
		{"service/db.lua", 10, 0, "in a function given to skynet.dispatch, lines 8 to 11\n      reached from the handler of lua\n  18: lock(f, ...)\n      a queue made at service/db.lua:2\n      hands on function CMD.get at service/db.lua:4\n", ""},
		{"service/db.lua", 9, 0, "  CMD       the table made at service/db.lua:3, with get, idle, set\n  CMD[cmd]  function CMD.get\n  cmd       not known: it is a parameter, and no known caller passes a value that is followed\n", ""},
		{"tool/lonely.lua", 4, 0, "2: require(\"skynet\").send(\".x\", \"lua\")\n      skynet.send of the library\n      no message of it is known: nothing that runs is known to get here\n", ""},
		{"tool/lonely.lua", 1, 0, "  no service is known to load this file\n  none begins here\n  名  \"中\"\n  n  not known: it is one of ..., and no known caller passes a value that is followed\n", ""},
		{"3rd/copy.lua", 2, 0, "  this is other people's code that no service loads\n", ""},
		{"tool/lonely.lua", 2, 7, "  名  \"中\"\n", "n  "},
	} {
		var file *program.File
		for _, f := range sys.Values.Program().Files {
			if f.Path == c.file {
				file = f
			}
		}
		var b strings.Builder
		if err := inspect.At(sys, file, c.line, c.column, same).WriteText(&b); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		rest := got
		for line := range strings.Lines(c.want) {
			i := strings.Index(rest, strings.TrimSuffix(line, "\n"))
			if i < 0 {
				t.Errorf("%s:%d:%d lacks %q in\n%s", c.file, c.line, c.column, line, got)
				break
			}
			rest = rest[i:]
		}
		if c.absent != "" && strings.Contains(got, c.absent) {
			t.Errorf("%s:%d:%d has %q in\n%s", c.file, c.line, c.column, c.absent, got)
		}
	}
}

// Every place of a project can be asked for, and answers the same each time.
func TestEveryPlace(t *testing.T) {
	sys := analyse(t, filepath.Join("..", "..", "testdata", "demo"))
	again := analyse(t, filepath.Join("..", "..", "testdata", "demo"))
	for i, f := range sys.Values.Program().Files {
		for line := 1; line <= f.LineCount(); line += 19 {
			for _, column := range []int{0, 1, 1 + len(f.LineText(line))/2} {
				if column > max(1, len(f.LineText(line))) {
					continue
				}
				var a, b strings.Builder
				if err := inspect.At(sys, f, line, column, same).WriteText(&a); err != nil {
					t.Fatal(err)
				}
				if err := inspect.At(again, again.Values.Program().Files[i], line, column, same).WriteText(&b); err != nil {
					t.Fatal(err)
				}
				if a.String() != b.String() {
					t.Fatalf("%s:%d:%d: two answers\n%s\n%s", f.Path, line, column, a.String(), b.String())
				}
			}
		}
	}
}
