package services_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/sharetable"
)

func shared(files string) nodetest.System {
	s := system(files)
	s.Modules = append(s.Modules, sharetable.Published("skyrun.sharedata"), sharetable.Published("skyrun.datasheet"))
	return s
}

// TestSharedata has a reader whose objects show each version from its next message on.
func TestSharedata(t *testing.T) {
	nodetest.Expect(t, shared(`
-- main.lua --
local skynet = require "skynet"
local sharedata = require "skynet.sharedata"
local function try(...) print(select(2, pcall(...))) end
skynet.start(function()
  sharedata.new("conf", { a = 1, b = { "hello", "world", x = { y = 2 } }, list = { 1, 2, 3 } })
  local reader = skynet.newservice "reader"
  try(sharedata.new, "conf", {})
  try(sharedata.query, "none")
  try(sharedata.new, "bad", print)
  sharedata.new("text", "a = ... b = { a * 2 }", 21)
  sharedata.new("returns", "return { ... }", 1, 2)
  sharedata.new("file", "@conf.lua")
  print(sharedata.query "text".a, sharedata.query "text".b[1], #sharedata.query "returns", sharedata.query "file".name, sharedata.query "file".os)
  skynet.sleep(10)
  sharedata.update("conf", { a = 2, b = { "new", x = { y = 3 } } })
  skynet.sleep(10)
  sharedata.update("conf", { a = 3, b = 7 })
  skynet.sleep(10)
  sharedata.delete "conf"
  try(sharedata.delete, "conf")
  try(sharedata.query, "conf")
end)
-- conf.lua --
name = "conf"
-- reader.lua --
local skynet = require "skynet"
local sharedata = require "skynet.sharedata"
local function try(...) print(select(2, pcall(...))) end
skynet.start(function()
  local conf = sharedata.query "conf"
  local b, x, list = conf.b, conf.b.x, conf.list
  print(conf.a, #b, b[1], x.y, conf == sharedata.query "conf", b == conf.b, #list, conf.none)
  local keys, values = 0, 0
  for k, v in pairs(conf) do keys = keys + 1 end
  for _, v in ipairs(list) do values = values + v end
  print(keys, values)
  try(function() conf.a = 2 end)
  try(function() b.x.y = 2 end)
  local copy = sharedata.deepcopy "conf"
  copy.b.x.y = 9
  print(copy.b.x.y, x.y, sharedata.deepcopy("conf", "b", "x").y, sharedata.deepcopy("conf", "b", 2), sharedata.deepcopy("conf", "z"))
  print(skynet.unpack(skynet.packstring(conf)).b.x.y)
  skynet.fork(function()
    skynet.sleep(15)
    print(conf.a, b[1], #b, x.y, b.x == x)
    try(function() return list[1] end)
    skynet.sleep(10)
    print(conf.a, conf.b)
    try(function() return x.y end)
    try(function() return #b end)
    skynet.sleep(10)
    print(conf.a)
    try(sharedata.query, "conf")
  end)
end)
`), `1	2	hello	2	true	true	3	nil
3	6
reader.lua:12: Error newindex, the key [a]
reader.lua:13: Error newindex, the key [b.x]
9	2	2	world	nil
2
there is a sharedata conf already (see sharedata.update)
there is no sharedata none (see sharedata.new)
Unknown data type function
21	42	2	conf	nil
2	new	1	3	true
reader.lua:21: The key [list] doesn't exist after update
3	7
reader.lua:24: The key [b.x] doesn't exist after update
reader.lua:25: The key [b] doesn't exist after update
there is no sharedata conf
there is no sharedata conf (see sharedata.new)
3
there is no sharedata conf (see sharedata.new)`)
}

func TestDatasheet(t *testing.T) {
	nodetest.Expect(t, shared(`
-- main.lua --
local skynet = require "skynet"
local builder = require "skynet.datasheet.builder"
local datasheet = require "skynet.datasheet"
local function try(...) print(select(2, pcall(...))) end
skynet.start(function()
  try(datasheet.query, "sheet")
  builder.new("sheet", { a = 1, b = 2, c = { 3, d = { e = 4 } } })
  skynet.newservice "reader"
  try(builder.new, "sheet", {})
  try(builder.update, "other", {})
  local sheet = datasheet.query "sheet"
  local c = sheet.c
  builder.update("sheet", builder.compile { b = 4, c = { 5, 6 } })
  print("before", sheet.a, #c)
  skynet.sleep(1)
  print("after", sheet.a, sheet.b, #c, c == sheet.c, c == datasheet.query "sheet".c)
end)
-- reader.lua --
local skynet = require "skynet"
local datasheet = require "skynet.datasheet"
skynet.start(function()
  local sheet = datasheet.query "sheet"
  local c, d = sheet.c, sheet.c.d
  local keys = 0
  for _ in pairs(sheet) do keys = keys + 1 end
  print(keys, #c, d.e)
  c[1] = "mine" -- a copy of the service's own
  print(sheet.c[1])
  skynet.fork(function()
    skynet.sleep(10)
    print(c[1], d.e, next(d), sheet.a)
  end)
end)
`), `there is no datasheet sheet yet: create data first (see skynet.datasheet.builder)
3	1	4
mine
this builder has made the datasheet sheet already (see builder.update)
this builder has not made the datasheet other (see builder.new)
before	1	1
after	nil	4	2	true	true
5	nil	nil	nil`)
}

func TestMqueue(t *testing.T) {
	nodetest.Expect(t, system(`
-- main.lua --
local skynet = require "skynet"
local mqueue = require "skynet.mqueue"
skynet.start(function()
  local worker = skynet.newservice "worker"
  for i = 1, 3 do skynet.fork(function() print(i, pcall(mqueue.call, worker, "add", i)) end) end
  skynet.fork(function()
    mqueue.send(worker, "note", "sent")
    print(pcall(mqueue.call, worker, "fail"))
    print(mqueue.call(worker, "add", 10))
  end)
end)
-- worker.lua --
local skynet = require "skynet"
local mqueue = require "skynet.mqueue"
local sum = 0
local busy = false
skynet.start(function()
  skynet.fork(function()
    skynet.sleep(10)
    print("waiting", mqueue.size())
    mqueue.register(function(command, n)
      assert(not busy)
      busy = true
      skynet.sleep(5)
      busy = false
      if command == "fail" then error "it fails" end
      if command == "note" then print(n) return end
      sum = sum + n
      return sum, mqueue.size()
    end)
    print(pcall(mqueue.register, print))
  end)
end)
`), `waiting	5
false	mqueue.register is called once
1	true	1	4
2	true	3	3
3	true	6	2
sent
false	worker.lua:14: it fails
16	0`)
}
