package sharetable_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/sharetable"
)

func TestSharetable(t *testing.T) {
	nodetest.Expect(t, nodetest.System{Modules: []actor.Module{sharetable.New()}, Files: `
-- main.lua --
local skynet = require "skynet"
local share = require "skynet.sharetable"
skynet.start(function()
  print(share.query "none")
  share.loadtable("t", { 1, 2, { x = "y" }, name = "v1", deep = { rows = { { id = 7 } } } })
  local t = share.query "t"
  print(#t, t[2], t[3].x, t.name, t.deep.rows[1].id, share.query "t" == t, type(t), getmetatable(t))
  local keys = {}
  for k, v in pairs(t) do keys[#keys + 1] = tostring(k) end
  table.sort(keys)
  print(table.concat(keys, " "), next(t), rawget(t, "name"), table.unpack(t, 1, 2))
  for i, v in ipairs(t.deep.rows) do print(i, v.id) end
  for _, write in ipairs {
    function() t.name = 1 end, function() t.new = 1 end, function() t.deep.rows[1].id = 8 end, function() rawset(t, "name", 1) end,
    function() setmetatable(t, {}) end, function() table.insert(t, 1) end, function() table.sort(t.deep.rows, print) table.remove(t.deep.rows) end,
  } do io.write(tostring(pcall(write)), " ") end
  print()
  local other = skynet.newservice "other"
  print(skynet.call(other, "lua"))
  print(skynet.call(other, "lua", t.deep).rows[1].id)
  local row = t.deep
  share.loadstring("t", "local a, b = ... return { name = 'v2', a, b, deep = { rows = { { id = 9 } } } }", 10, 20)
  print(t.name, share.query "t" == t, share.query "t".name)
  share.update "t"
  print(t.name, row.rows[1].id)
  local u = share.query "t"
  share.loadtable("t", { name = "v3" })
  share.update("t", "none")
  print(u.name, u[1], #u, skynet.call(other, "lua", "again"))
  share.loadfile "data.lua"
  print(share.query "data.lua".n, x)
  local all = {}
  for name in pairs(share.queryall()) do all[#all + 1] = name end
  table.sort(all)
  print(table.concat(all, " "), share.queryall { "t", "none" }.t.name)
  for _, bad in ipairs { { print }, { [{}] = 1 }, { a = coroutine.create(print) } } do print(pcall(share.loadtable, "bad", bad)) end
  local cycle = {} cycle.me = cycle
  print(pcall(share.loadtable, "bad", cycle))
  print(select(2, pcall(share.loadstring, "bad", "return 1")), share.query "bad")
  print(pcall(share.loadfile, "missing.lua"))
end)
-- data.lua --
x = 5
return { n = x }
-- other.lua --
local skynet = require "skynet"
local share = require "skynet.sharetable"
skynet.start(function()
  local t = share.query "t"
  skynet.dispatch("lua", function(_, _, v)
    if v == "again" then share.update "t" end
    skynet.retpack(type(v) == "table" and v or t.name)
  end)
end)
`}, `nil
3	2	y	v1	7	true	table	nil
1 2 3 deep name	1	v1	1	2
1	7
false false false false false false false 
v1
7
v1	false	v2
v1	7
v3	nil	0	v3
5	nil
data.lua t	v3
false	the field 1 of a shared table cannot be a function
false	a key of a shared table cannot be a table
false	the field a of a shared table cannot be a thread
false	a shared table has more than 200 tables within each other, or one that holds itself
bad does not return a table but a number	nil
false	cannot open missing.lua: No such file or directory`)
}

// TestParallel reads and updates from services that run at once: the race detector looks on.
func TestParallel(t *testing.T) {
	nodetest.Expect(t, nodetest.System{Slots: 4, Modules: []actor.Module{sharetable.New()}, Files: `
-- main.lua --
local skynet = require "skynet"
local share = require "skynet.sharetable"
skynet.start(function()
  share.loadtable("t", { n = 0, rows = { 1, 2, 3 } })
  local all = {}
  for i = 1, 4 do all[i] = skynet.newservice "reader" end
  for n = 1, 20 do
    share.loadtable("t", { n = n, rows = { n, n } })
    for _, r in ipairs(all) do skynet.send(r, "lua") end
    skynet.sleep(1)
  end
  local sum = 0
  for _, r in ipairs(all) do sum = sum + skynet.call(r, "lua") end
  print(sum)
end)
-- reader.lua --
local skynet = require "skynet"
local share = require "skynet.sharetable"
skynet.start(function()
  local t = share.query "t"
  skynet.dispatch("lua", function()
    share.update "t"
    local s = 0
    for i = 1, 1000 do for _, v in ipairs(t.rows) do s = s + v end end
    assert(s == 2000 * t.n)
    skynet.retpack(t.n)
  end)
end)
`}, "80")
}
