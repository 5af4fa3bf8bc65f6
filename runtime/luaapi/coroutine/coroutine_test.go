package coroutine_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/coroutine"
)

func TestCoroutine(t *testing.T) {
	nodetest.Expect(t, nodetest.System{Modules: []actor.Module{coroutine.Module}, Files: `
-- main.lua --
local skynet = require "skynet"
local raw = coroutine
local co = require "skynet.coroutine"
skynet.start(function()
  local main = co.running()
  print("main", select(2, co.thread()), co.thread() == main, co.isyieldable())
  print(co.resume(main)) 
  print(co.resume(raw.create(print)))
  local c = co.create(function(a, b)
    print("in", a, b, select(2, co.thread()), co.thread() == main)
    skynet.sleep(10)
    local x = co.yield(1, nil)
    skynet.sleep(10)
    error("end " .. x)
  end)
  print(co.status(c))
  print(co.resume(c, "a", "b"))
  print(co.status(c), co.status(main))
  skynet.fork(function()
    print("seen", co.status(c), co.resume(c))
    print(select(2, co.thread(c)), co.thread(c) == main)
  end)
  print(co.resume(c, "x"))
  print(co.status(c), co.resume(c))
  local w = co.wrap(function(n) for i = 1, n do skynet.sleep(1) co.yield(i) end return "done" end)
  print(w(2), w(), w(), pcall(w))
  local outer
  outer = co.create(function()
    local inner = co.create(function() skynet.sleep(20) print(co.status(outer)) end)
    co.resume(inner)
  end)
  skynet.fork(function() print("outer", co.status(outer)) end)
  print(co.resume(outer))
  print(co.close(co.create(print)), co.close(c))
end)
`}, `main	true	true	true
false	cannot resume none skynet coroutine
false	cannot resume none skynet coroutine
suspended
in	a	b	false	true
true	1	nil
suspended	running
seen	blocked	false	cannot resume a skynet coroutine suspend by skynet framework
false	true
false	main.lua:14: end x
dead	false	cannot resume dead coroutine
1	2	done	false	cannot resume dead coroutine
outer	blocked
normal
true
true	false	main.lua:14: end x`)
}
