-- skynet.datasheet: tables that services of a node get a copy of, field by field as they are read, and that a builder
-- replaces. A table that a service has got shows the new version from the next message on.
local core = require "skyrun.datasheet"

local datasheet = {}

-- A node stands for a table that the service has got: object is the table, front what it is filled from, children
-- are the nodes within, by key. A table that nobody has read yet has its node as its metatable.
local sheets = {} -- by name

local function fill(self)
  local node = getmetatable(self)
  setmetatable(self, nil)
  for key, v in next, node.front do
    if type(v) == "table" then
      local child = node.children[key]
      if not child then
        child = { object = {}, children = {}, __index = node.__index, __len = node.__len, __pairs = node.__pairs }
        node.children[key] = child
        child.front = v
        setmetatable(child.object, child)
      end
      v = child.object
    end
    self[key] = v
  end
  return self
end

local function index(self, key) return fill(self)[key] end
local function length(self) return #fill(self) end
local function iterate(self) return next, fill(self), nil end

-- show empties a table, to be filled from another one; from nothing if it is not there any more.
local function show(node, front)
  setmetatable(node.object, nil)
  for key in pairs(node.object) do node.object[key] = nil end
  for key, child in pairs(node.children) do
    local v = front and front[key]
    if type(v) ~= "table" then
      v, node.children[key] = nil, nil
    end
    show(child, v)
  end
  node.front = front
  if front then
    setmetatable(node.object, node)
  end
end

function datasheet.query(name)
  local node = sheets[name]
  if not node then
    local front = core.query(name) or error("there is no datasheet " .. tostring(name) .. " yet: create data first (see skynet.datasheet.builder)", 2)
    node = { object = {}, children = {}, __index = index, __len = length, __pairs = iterate }
    show(node, front)
    sheets[name] = node
    core.watch(name, function() show(node, core.query(name)) end)
  end
  return node.object
end

return datasheet
