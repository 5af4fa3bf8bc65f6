-- skynet.sharemap: one service writes the fields of a struct of sproto, others read what it has committed last.
local stm = require "skynet.stm"
local sprotoloader = require "sprotoloader"

-- The schema is that of the first slot of sprotoloader.
local slot = 0

local schema
local function types()
  schema = schema or sprotoloader.load(slot)
  return schema
end

local sharemap = {}

function sharemap.register(file) sprotoloader.register(file, slot) end

-- writer returns an object whose fields can be set. What is set is seen after commit.
function sharemap.writer(name, fields)
  fields = fields or {}
  local cell = stm.new(types():encode(name, fields))
  local writer = {}
  function writer:commit() cell(types():encode(name, fields)) end
  function writer:copy() return stm.copy(cell) end
  return setmetatable(writer, { __index = fields, __newindex = fields })
end

-- reader returns an object with the fields as they were committed last when update was called.
function sharemap.reader(name, copy)
  local cell = stm.newcopy(copy)
  local fields
  local function decode(message, size) return types():decode(name, message, size) end
  local reader = {}
  function reader:update()
    local changed, new = cell(decode)
    if changed then
      fields = new
    end
    return changed
  end
  reader:update()
  return setmetatable(reader, {
    __index = function(_, key) return fields[key] end,
    __newindex = function(_, key) error("a reader of " .. name .. " cannot set " .. tostring(key), 2) end,
  })
end

return sharemap
