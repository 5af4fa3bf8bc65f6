package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer is written to by services while the test reads it.
type buffer struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

// project makes a folder of files and makes it the current one.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

const (
	configText = `thread = 2 start = "main" luaservice = "./service/?.lua;./service/?/main.lua" lua_path = "./lualib/?.lua" port = 80 preload = "./lualib/preload.lua"`
	mainText   = `local skynet = require "skynet"
local lib = require "lib"
skynet.start(function()
  local db = skynet.newservice("db", "x")
  print(lib, skynet.getenv "port", preloaded, SERVICE_NAME, SERVICE_PATH, skynet.call(db, "lua", "get"))
  skynet.error("a line of the log")
  skynet.exit()
end)
`
	dbText = `local skynet = require "skynet"
local arg = ...
local own = require "own"
skynet.start(function()
  skynet.dispatch("lua", function() skynet.retpack(arg, own, SERVICE_PATH) skynet.exit() end)
end)
`
)

func TestRun(t *testing.T) {
	files := map[string]string{
		"etc/config": configText, "service/main.lua": mainText, "service/db/main.lua": dbText, "service/db/own.lua": `return "own"`,
		"lualib/lib.lua": `return "lib"`, "lualib/preload.lua": `preloaded = "preloaded"`,
		"hello.lua":  `local skynet = require "skynet" skynet.start(function() print "hello" skynet.exit() end)`,
		"fails.lua":  `local skynet = require "skynet" skynet.start(function() error "no" end)`,
		"global.lua": `local skynet = require "skynet" skynet.start(function() function undeclared() end skynet.exit() end)`,
		"socket.lua": `require "lpeg"`,
		"syntax.lua": `local = 1`,
		"stdin.lua": `local skynet = require "skynet" local socket = require "skynet.socket" skynet.start(function()
  local id = socket.stdin() print(socket.readline(id), socket.readline(id)) skynet.exit() end)`,
		"broken":      `start = "main" luaservice = `,
		"forever.lua": `local skynet = require "skynet" skynet.start(function() skynet.abort() end)`,
	}
	const all = "lib\t80\tpreloaded\tmain\t./service/\tx\town\t./service/db/\n"
	for _, c := range []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"config", []string{"run", "etc/config"}, 0, all, `"msg":"a line of the log","actor":":00000005"`},
		{"folder", []string{"run", "."}, 0, all, ""},
		{"text log", []string{"run", "--log", "text", "etc/config"}, 0, all, `msg="a line of the log" actor=:00000005`},
		{"script", []string{"run", "hello.lua"}, 0, "hello\n", ""},
		{"standard input", []string{"run", "stdin.lua"}, 0, "a line\tfalse\trest\n", ""},
		{"abort", []string{"run", "forever.lua"}, 0, "", ""},
		{"start fails", []string{"run", "fails.lua"}, exitError, "", "skyrun: the first service has not started: init service failed: ./fails.lua:1: no"},
		{"no such module", []string{"run", "socket.lua"}, exitError, "", "module 'lpeg' is not part of skyrun: the parser of sproto"},
		{"syntax", []string{"run", "--lint", "off", "syntax.lua"}, exitError, "", "the first service has not started: syntax: "},
		{"lint warns", []string{"run", "global.lua"}, 0, "", `"rule":"SKY101"`},
		{"lint refuses", []string{"run", "--lint", "error", "global.lua"}, exitLint, "", "the linter has found 1 error"},
		{"lint is off", []string{"run", "--lint", "off", "global.lua"}, 0, "", ""},
		{"broken config", []string{"run", "broken"}, exitUnreadable, "", "broken:1: "},
		{"no file", []string{"run", "none.lua"}, exitUnreadable, "", "none.lua"},
		{"no argument", []string{"run"}, exitUsage, "", "one skynet config file"},
		{"bad flag", []string{"run", "--lint", "maybe", "hello.lua"}, exitUsage, "", `--lint takes error, warn, off, not "maybe"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			project(t, files)
			var out, errs buffer
			p := &program{in: strings.NewReader("a line\nrest"), out: &out, err: &errs}
			code := p.run(context.Background(), c.args)
			if code != c.code || out.String() != c.out || !strings.Contains(errs.String(), c.err) {
				t.Errorf("exit code %d, want %d\nout: %q\nerr: %s", code, c.code, out.String(), errs.String())
			}
		})
	}
}

// TestRunSettings checks what sky.toml says.
func TestRunSettings(t *testing.T) {
	files := map[string]string{
		"sky.toml": "profile = \"compat\"\n[system]\nluaservice = \"?.lua\"\nlua_path = \"?.lua\"\nstart = \"main\"\n[actor]\nhops = 1\n[actor.deep]\nmessage-depth = 2\n",
		"main.lua": `local skynet = require "skynet"
skynet.start(function()
  local deep = skynet.newservice "deep"
  print((select(2, pcall(skynet.call, deep, "lua")):match "see (%S+) in sky.toml"))
  skynet.send(deep, "lua", "exit") skynet.exit()
end)`,
		"deep.lua": `local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function(_, _, c) if c then skynet.exit() end skynet.retpack({{{{}}}}) end) end)`,
	}
	project(t, files)
	var out, errs buffer
	p := &program{in: strings.NewReader(""), out: &out, err: &errs}
	if code := p.run(context.Background(), []string{"run", "--lint", "off", "."}); code != 0 || out.String() != "actor.message-depth\n" {
		t.Errorf("exit code %d\nout: %q\nerr: %s", code, out.String(), errs.String())
	}
	if err := os.WriteFile("sky.toml", []byte("[actor]\nmailbocks = 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var more buffer
	p = &program{in: strings.NewReader(""), out: &out, err: &more}
	if code := p.run(context.Background(), []string{"run", "."}); code != exitUsage || !strings.Contains(more.String(), `sky.toml:2:1: unknown key "actor.mailbocks"`) || !strings.Contains(more.String(), `did you mean "mailbox"?`) {
		t.Errorf("exit code %d: %s", code, more.String())
	}
}

// TestRunStops stops a node by a signal: its services end, with what they have to close.
func TestRunStops(t *testing.T) {
	project(t, map[string]string{"main.lua": `local skynet = require "skynet"
skynet.start(function()
  local c <close> = setmetatable({}, {__close = function() print "closed" end})
  print "started"
  skynet.wait()
end)`})
	ctx, cancel := context.WithCancelCause(context.Background())
	var out, errs buffer
	p := &program{in: strings.NewReader(""), out: &out, err: &errs}
	go func() {
		for !strings.Contains(out.String(), "started") {
			time.Sleep(time.Millisecond)
		}
		cancel(interruption(exitTerminated))
	}()
	if code := p.run(ctx, []string{"run", "--lint", "off", "main.lua"}); code != exitTerminated || out.String() != "started\nclosed\n" {
		t.Errorf("exit code %d\nout: %q\nerr: %s", code, out.String(), errs.String())
	}
}

// TestRunLoader has a project that loads its services by a program of its own, in the place of skynet's.
func TestRunLoader(t *testing.T) {
	project(t, map[string]string{
		"config": `start = "main one" luaservice = "./service/?.lua" lua_path = "./lib/?.lua" lualoader = "./own/loader.lua" preload = "./pre.lua"`,
		"own/loader.lua": `
local name, rest = (...):match "^(%S+)%s*(.*)$"
print("loads", ..., LUA_SERVICE, LUA_PATH, LUA_PRELOAD, SERVICE_NAME)
package.path = "./other/?.lua"
loadfile((LUA_SERVICE:gsub("?", name)))(rest)`,
		"service/main.lua": `local skynet = require "skynet"
local arg = ...
skynet.start(function()
  print(arg, package.path, preloaded, require "lib", skynet.call(skynet.uniqueservice "part", "lua"))
  skynet.error "done"
  require "skynet.datacenter".set("k", 1) -- a service of skyrun's own is not loaded by it
  require "skynet.manager".abort()
end)`,
		"service/part.lua": `local skynet = require "skynet" skynet.start(function() skynet.dispatch("lua", function() skynet.retpack "part" end) end)`,
		"other/lib.lua":    `return "other"`,
		"pre.lua":          `preloaded = true`,
	})
	var out, errs buffer
	p := &program{in: strings.NewReader(""), out: &out, err: &errs}
	const want = "loads\tmain one\t./service/?.lua\t./lib/?.lua\t./pre.lua\tmain\n" +
		"loads\tpart\t./service/?.lua\t./lib/?.lua\t./pre.lua\tpart\none\t./other/?.lua\tnil\tother\tpart\n"
	if code := p.run(context.Background(), []string{"run", "--lint", "off", "config"}); code != 0 || out.String() != want {
		t.Errorf("exit code %d\nout: %q\nwant %q\nerr: %s", code, out.String(), want, errs.String())
	}
}

// TestRunLogger has a project with a service of its own for the log.
func TestRunLogger(t *testing.T) {
	project(t, map[string]string{
		"config": `start = "main" luaservice = "./?.lua" logger = "mylog x" logservice = "snlua"`,
		"mylog.lua": `local skynet = require "skynet"
local arg = ...
skynet.register_protocol { name = "text", id = skynet.PTYPE_TEXT, unpack = skynet.tostring, dispatch = function(_, from, text)
  if not text:match "LAUNCH" then print(arg, skynet.address(from), text) end
  skynet.error "its own line is not handed to it"
end }
skynet.start(function() skynet.dispatch("lua", function(_, _, ...) skynet.retpack(...) end) end)`,
		"main.lua": `local skynet = require "skynet"
skynet.start(function()
  skynet.error "a line"
  skynet.sleep(10)
  print(skynet.call(".logger", "lua", "asked"), skynet.localname ".logger" ~= skynet.self())
  skynet.exit()
end)`,
	})
	var out, errs buffer
	p := &program{in: strings.NewReader(""), out: &out, err: &errs}
	code := p.run(context.Background(), []string{"run", "--lint", "off", "config"})
	lines := strings.Split(out.String(), "\n")
	if code != 0 || len(lines) < 2 || lines[0] != "x\t:00000005\ta line" || lines[1] != "asked\ttrue" || !strings.Contains(errs.String(), `"msg":"a line","actor":":00000005"`) {
		t.Errorf("exit code %d\nout: %q\nerr: %s", code, out.String(), errs.String())
	}
}

// Errors are all logged, warnings up to a number: the log is that of the node.
func TestRunLogsFewWarnings(t *testing.T) {
	var b strings.Builder
	for i := range mostLogged + 5 {
		fmt.Fprintf(&b, "if skynet then g%d = 1 end\n", i)
	}
	project(t, map[string]string{"main.lua": "local skynet = require 'skynet'\n" + b.String() + "skynet.start(function() skynet.exit() end)\n"})
	var out, log buffer
	p := &program{in: strings.NewReader(""), out: &out, err: &log}
	if code := p.run(context.Background(), []string{"run", "main.lua"}); code != 0 {
		t.Errorf("exit code %d", code)
	}
	found := 0
	for line := range strings.SplitSeq(log.String(), "\n") {
		if strings.Contains(line, "SKY101") && strings.Contains(line, `"severity"`) {
			found++
		}
	}
	if found != mostLogged || !strings.Contains(log.String(), `"the linter has found more: run skylint check","warnings":5`) {
		t.Errorf("%d warnings are logged:\n%s", found, log.String())
	}
}
