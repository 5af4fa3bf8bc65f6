package accept_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/accept"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
)

// set returns the commands of a service with this code and, behind it, this handler.
func set(t *testing.T, text string) *accept.Set {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"service/a.lua":   "local skynet = require 'skynet'\nlocal CMD = {}\nfunction CMD.get() end\n" + text,
		"lualib/more.lua": "return { put = function() end, name = 'a' }\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{root}}, System: true, NoRules: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Report.Problems) > 0 {
		t.Fatal(result.Report.Problems[0].Message)
	}
	for _, s := range result.System.Services {
		if s.Name == "a" {
			return accept.New(result.System).Commands(s, "lua")
		}
	}
	t.Fatal("the service was not found")
	return nil
}

const lookup = `skynet.start(function() skynet.dispatch("lua", function(session, source, cmd, ...)
	local f = CMD[cmd]
	if f then skynet.retpack(f(...)) else skynet.error("unknown", cmd) end
end) end)`

func handler(body string) string {
	return `skynet.start(function() skynet.dispatch("lua", function(session, source, cmd, ...)` + "\n" + body + "\nend) end)"
}

func TestClosed(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a table", lookup, "get"},
		{"asserted", handler("local f = assert(CMD[cmd], cmd) skynet.retpack(f(...))"), "get"},
		{"called at once", handler("skynet.ret(skynet.pack(CMD[cmd](...)))"), "get"},
		{"under pcall", handler("local ok, r = pcall(CMD[cmd], ...) if ok then skynet.retpack(r) end"), "get"},
		{"in a function", "local function handle(c, ...) return assert(CMD[c])(...) end " + handler("skynet.retpack(handle(cmd, ...))"), "get"},
		{"in a function that pcall calls", handler("local ok, e = pcall(function(...) return CMD[cmd](...) end, ...)"), "get"},
		{"by its type", handler("local f = CMD[cmd] if type(f) ~= 'function' then return error(cmd) end skynet.retpack(f(...))"), "get"},
		{"a log that is not known", handler("local f = CMD[cmd] if not f then LOG.warn(cmd) return end skynet.retpack(f(...))"), "get"},
		{"a log of the program", "local function warn(fmt, ...) print(string.format(fmt, ...)) end " + handler("warn('%s of %s', cmd, select('#', ...)) warn('%s %s', cmd, ...) local f = CMD[cmd] if not f then return warn('no %s', cmd) end f(...)"), "get"},
		{"a log by way of a service", "local function warn(...) skynet.send('.log', 'lua', table.concat({ ... }, ' ')) end " + handler("local f = CMD[cmd] if not f then warn('no', cmd) return end f(...)"), "get"},
		{"a name for the message", handler("local f = assert(CMD[cmd], 'no command ' .. (cmd or 'nil')) f(...)"), "get"},
		{"merged", "for k, v in pairs(require 'more') do CMD[k] = v end " + lookup, "get name put"},
		{"behind a metatable", "setmetatable(CMD, { __index = require 'more' }) " + lookup, "get name put"},
		{"two tables", "local MORE = require 'more' " + handler("local f = CMD[cmd] or MORE[cmd] if f then f(...) end"), "get name put"},
		{"compared", handler("if cmd == 'a' then f(...) elseif cmd == 'b' then g(...) else error(cmd) end"), "a b"},
		{"compared, and looked up", handler("if cmd == 'a' then return f(...) end CMD[cmd](...)"), "a get"},

		{"a function answers", "setmetatable(CMD, { __index = function() return print end }) " + lookup, ""},
		{"a metatable that is not known", "setmetatable(CMD, META) " + lookup, ""},
		{"a computed name", "CMD['on_' .. os.time()] = print " + lookup, ""},
		{"a computed name by rawset", "rawset(CMD, os.getenv 'X', print) " + lookup, ""},
		{"merged from what is not known", "for k, v in pairs(MORE) do CMD[k] = v end " + lookup, ""},
		{"given to what is not known", "extend(CMD) " + lookup, ""},
		{"a table that is not known", "CMD = require('cmd.' .. os.time()) " + lookup, ""},
		{"another function for the rest", handler("local f = CMD[cmd] or default f(...)"), ""},
		{"something for the rest", handler("local f = CMD[cmd] if f then f(...) else skynet.send('.other', 'lua', cmd, ...) end"), ""},
		{"something behind the tests", handler("if cmd == 'a' then return f(...) end g(cmd, ...)"), ""},
		{"an echo", handler("if cmd == 'a' then return f(...) end skynet.retpack(...)"), ""},
		{"a function that keeps it", "local all = {} local function keep(c, ...) all[#all + 1] = { c, ... } end " + handler("keep(cmd, ...) local f = CMD[cmd] if f then f(...) end"), ""},
		{"a function that sends it", "local function pass(c, ...) skynet.send('.other', 'lua', c, ...) end " + handler("local f = CMD[cmd] if f then f(...) else pass(cmd, ...) end"), ""},
		{"a function that compares it", "local function other(c) if c == OWN then g() end end " + handler("local f = CMD[cmd] if f then f(...) else other(cmd) end"), ""},
		{"kept for later", "local all = {} " + handler("if cmd == 'a' then return f(...) end all[#all + 1] = { cmd, ... }"), ""},
		{"compared with a variable", handler("if cmd == 'a' then f(...) elseif cmd == OWN then g(...) end"), ""},
		{"a part of it", handler("if cmd == 'a' then f(...) elseif cmd:match '^on_' then g(...) end"), ""},
		{"in another coroutine", handler("if cmd == 'a' then f() else skynet.fork(function(...) g(...) end, ...) end"), ""},
		{"a handler that is not known", lookup + " skynet.dispatch('lua', HANDLER)", ""},
		{"a protocol that is not known", lookup + " skynet.dispatch(PROTOCOL, function(_, _, c, ...) g(c, ...) end)", ""},
		{"messages are handed on as they come", "skynet.forward_type({ [1] = 2 }, function() end) " + lookup, ""},
	} {
		s := set(t, c.text)
		got := ""
		if s.Closed {
			got = strings.Join(s.Names, " ")
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
