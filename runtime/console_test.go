package runtime_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// run runs services, the first of which is main, until one of them calls skynet.abort, and returns what they print.
func run(t *testing.T, services string) string {
	t.Helper()
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(services)).Files {
		files[strings.TrimSuffix(f.Name, ".lua")] = string(f.Data)
	}
	var out bytes.Buffer
	n, err := runtime.New(runtime.Options{Dialect: syntax.DefaultDialect, Out: &out, Find: func(name string) (*source.File, bool) {
		text, ok := files[name]
		return source.New(name+".lua", text), ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	n.Launch(ctx, "main")
	if err := n.WaitIdle(ctx); err != nil {
		t.Errorf("the services have not ended: %v", err)
	}
	n.Close()
	return strings.TrimSpace(out.String())
}

// TestConsole talks to the debug console as somebody with a terminal does.
func TestConsole(t *testing.T) {
	got := run(t, `
-- main.lua --
local skynet = require "skynet"
local manager = require "skynet.manager"
local socket = require "skynet.socket"
skynet.start(function()
  local other = skynet.newservice("other", "with", "words")
  skynet.newservice("debug_console", 0)
  local port = socket.netstat()[1].sock:match ":(%d+)$"
  local fd = assert(socket.open("127.0.0.1", tonumber(port)))
  print(socket.readline(fd))
  local function ask(command, keep)
    socket.write(fd, command .. "\n")
    local lines = 0
    repeat
      local line = socket.readline(fd)
      lines = lines + 1
      line = line:gsub(":0000%x+", function(a) return a == skynet.address(other) and "OTHER" or "?" end)
      if line:match "^<CMD" or keep and line:match(keep) then
        print((line:gsub("%d%d[%d.]+ Kb", "N Kb"):gsub("cpu:.*mqlen", "cpu:N message:N mqlen")))
      end
    until line:match "^<CMD"
    return lines
  end
  local it = skynet.address(other):sub(2)
  print(ask("help", "^help") > 15)
  ask("list", "other")
  print(ask("list") == 4, ask("stat", "OTHER\tcpu:[%d.e-]+\tmessage:%d+\tmqlen:0\ttask:0$") == 4)
  ask("mem", "OTHER\t%d[%d.]+ Kb %(snlua other with words%)$")
  ask("info " .. it, "info")
  ask("info :" .. it .. " 5", "n\t5")
  ask("ping .other")
  ask("task " .. it)
  ask("cmem")
  ask("netstat")
  ask("gc")
  ask("service", ".service")
  ask("getenv nothing", "nothing")
  ask("start other again")
  ask("start none", "no service none")
  ask("snax none")
  ask("nonsense", "help")
  ask("inject " .. it .. " x.lua", "served")
  ask("call " .. it .. ' "x"', "served")
  ask("info zz", "zz")
  ask("exit " .. it)
  skynet.sleep(1)
  ask("ping " .. it, "invalid address")
  ask("kill " .. it, "no service")
  socket.write(fd, "\n\r\nping .other2\n")
  print(socket.readline(fd))
  print(socket.readline(fd))
  socket.write(fd, ("x"):rep(70000))
  print((socket.readline(fd)))
  skynet.abort()
end)
-- other.lua --
local skynet = require "skynet"
require "skynet.manager"
local first = ...
skynet.info_func(function(n) return { name = "info", n = n } end)
skynet.start(function() if first == "with" then skynet.register ".other" end end)
`)
	want := strings.TrimSpace(`
Welcome to skynet console
help	this message
<CMD OK>
true
OTHER	snlua other with words
<CMD OK>
<CMD OK>
OTHER	cpu:N message:N mqlen:0	task:0
<CMD OK>
true	true
OTHER	N Kb (snlua other with words)
<CMD OK>
name	info
<CMD OK>
n	5
<CMD OK>
<CMD OK>
<CMD OK>
<CMD OK>
<CMD OK>
<CMD OK>
<CMD OK>
nothing	nil
<CMD OK>
<CMD OK>
call failed: there is no service none
<CMD Error>
<CMD Error>
Invalid command, type help for command list
<CMD Error>
inject is not served: it runs code that is sent
<CMD Error>
call is not served: it runs code that is sent
<CMD Error>
zz is no address: ?, a or .name
<CMD Error>
<CMD OK>
call to invalid address OTHER
<CMD Error>
call failed: there is no service OTHER
<CMD Error>
.other2 is not a valid name
<CMD Error>
false
`)
	if got != want {
		t.Errorf("prints\n%s\nwant\n%s", got, want)
	}
}
