-- The values of skynet.datacenter.
local skynet = require "skynet"

local values = {}

-- waits is a tree beside the values. A node with a list is waited for; one with children is on
-- the way to others. None is both: a branch never gets a value that somebody could wait for.
local waits = { children = {} }

local function get(path)
  local v = values
  for i = 1, path.n do
    if path[i] == nil or v == nil then
      return v
    end
    v = v[path[i]]
  end
  return v
end

-- set puts a value at a path, and returns the one that was there.
local function set(path, value)
  local t = values
  for i = 1, path.n - 1 do
    if t[path[i]] == nil then
      t[path[i]] = {}
    end
    t = t[path[i]]
  end
  local old = t[path[path.n]]
  t[path[path.n]] = value
  return old
end

-- wake answers those who wait for a path that has got a value, and fails those who wait for what
-- has become a branch by it.
local function wake(path, value)
  local node = waits
  for i = 1, path.n do
    local child = node.children and node.children[path[i]]
    if not child then
      return
    end
    if child.list then
      node.children[path[i]] = nil
      for _, respond in ipairs(child.list) do
        if i == path.n then
          respond(true, value)
        else
          respond(false)
        end
      end
      return
    end
    node = child
  end
end

local function wait(path)
  local node = waits
  for i = 1, path.n do
    if node.list then
      error("somebody waits for a value above this one")
    end
    node.children = node.children or {}
    node.children[path[i]] = node.children[path[i]] or {}
    node = node.children[path[i]]
  end
  if node.children then
    error("somebody waits for a value below this one")
  end
  node.list = node.list or {}
  table.insert(node.list, skynet.response())
end

local commands = {}

function commands.QUERY(...) skynet.retpack(get(table.pack(...))) end

function commands.UPDATE(...)
  local path = table.pack(...)
  local value = path[path.n]
  path[path.n], path.n = nil, path.n - 1
  if path.n < 1 then
    error("datacenter.set takes a key and a value at least")
  end
  local old = set(path, value)
  if old == nil and value ~= nil then
    wake(path, value)
  end
  skynet.retpack(old)
end

function commands.WAIT(...)
  local path = table.pack(...)
  if path.n < 1 then
    error("datacenter.wait takes a key at least")
  end
  local value = get(path)
  if value ~= nil then
    skynet.retpack(value)
  else
    wait(path)
  end
end

skynet.start(function()
  skynet.register "DATACENTER"
  skynet.dispatch("lua", function(_, _, command, ...)
    local f = commands[command]
    if not f then
      error("datacenterd has no command " .. tostring(command))
    end
    f(...)
  end)
end)
