-- skynet.sharedata: tables that all services of a node read, and one of them replaces. A service sees a new version from
-- its next message on; the object that it has got, and the objects within, show it then.
local core = require "skyrun.sharedata"

local sharedata = {}

-- Each object is an empty table whose metatable is its node: front is what it shows, which nobody can change, children
-- are the nodes of the objects within that the service has got.
local objects = {} -- by name, the nodes of what query has returned

local function path(node)
  local key = tostring(node.key)
  while node.parent and node.parent.parent do
    node = node.parent
    key = tostring(node.key) .. "." .. key
  end
  return key
end

local function missing(self, level) error(("The key [%s] doesn't exist after update"):format(path(getmetatable(self))), level + 1) end

local function gone(self) missing(self, 2) end

local function refuse(self, key)
  local node = getmetatable(self)
  error(("Error newindex, the key [%s]"):format(node.parent and path(node) or key), 2)
end

local function length(self)
  local node = getmetatable(self)
  return node.front and #node.front or missing(self, 2)
end

local function iterate(self)
  local front = getmetatable(self).front or missing(self, 2)
  return function(_, key)
    key = next(front, key)
    if key ~= nil then
      return key, self[key]
    end
  end, self, nil
end

local show

local function index(self, key)
  local node = getmetatable(self)
  local v = node.front[key]
  if type(v) ~= "table" then
    return v
  end
  local child = node.children[key]
  if not child then
    child = { key = key, parent = node, children = {}, __newindex = refuse, __len = length, __pairs = iterate }
    child.object = setmetatable({}, child)
    show(child, v)
    node.children[key] = child
  end
  return child.object
end

-- show makes a node show a table; nil for one that is not there any more.
function show(node, front)
  node.front, node.__index = front, front or gone
  for _, v in next, front or {} do
    if type(v) == "table" then
      node.__index = index
      break
    end
  end
  for key, child in pairs(node.children) do
    local v = front and front[key]
    if type(v) ~= "table" then
      v, node.children[key] = nil, nil
    end
    show(child, v)
  end
end

-- evaluate returns the table that is meant: itself, what a text or "@file" returns, or else the globals that it sets.
local function evaluate(name, v, ...)
  if type(v) == "table" then
    return v
  elseif v == nil then
    return {}
  elseif type(v) ~= "string" then
    error("Unknown data type " .. type(v), 3)
  end
  local env = setmetatable({}, { __index = _ENV })
  local f
  if v:sub(1, 1) == "@" then
    f = assert(loadfile(v:sub(2), "bt", env))
  else
    f = assert(load(v, "=" .. name, "bt", env))
  end
  local result = f(...)
  if type(result) == "table" then
    return result
  end
  return setmetatable(env, nil)
end

local function newest(name) return core.query(name) or error("there is no sharedata " .. tostring(name) .. " (see sharedata.new)", 3) end

local function updated(name)
  local node, front = objects[name], core.query(name)
  if node and front then
    show(node, front)
  elseif node then
    objects[name] = nil -- what was got shows the last version
  end
end

local watched = {}

function sharedata.query(name)
  local node = objects[name]
  if not node then
    local front = newest(name)
    node = { key = name, children = {}, __newindex = refuse, __len = length, __pairs = iterate }
    node.object = setmetatable({}, node)
    show(node, front)
    objects[name] = node
    if not watched[name] then
      watched[name] = true
      core.watch(name, function() updated(name) end)
    end
  end
  return node.object
end

function sharedata.new(name, v, ...)
  local t = evaluate(name, v, ...)
  if core.query(name) then
    error("there is a sharedata " .. tostring(name) .. " already (see sharedata.update)", 2)
  end
  core.publish(name, t, true)
end

function sharedata.update(name, v, ...) core.publish(name, evaluate(name, v, ...)) end

function sharedata.delete(name)
  if not core.unpublish(name) then
    error("there is no sharedata " .. tostring(name), 2)
  end
end

-- flush shows what is newest at once, in all objects of the service.
function sharedata.flush()
  for name in pairs(objects) do updated(name) end
end

local function copy(v)
  if type(v) ~= "table" then
    return v
  end
  local t = {}
  for key, field in next, v do t[key] = copy(field) end
  return t
end

-- deepcopy returns a table of the service's own: of all, or of what the keys lead to.
function sharedata.deepcopy(name, ...)
  local node = objects[name]
  local v = node and node.front or newest(name)
  for _, key in ipairs { ... } do
    if type(v) ~= "table" then
      break
    end
    v = v[key]
  end
  return copy(v)
end

return sharedata
