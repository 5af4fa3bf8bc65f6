-- skynet.datasheet.builder: makes the tables of skynet.datasheet.
local skynet = require "skynet"
local core = require "skyrun.datasheet"

local builder = {}

local mine = {} -- by name

-- A string is what compile has made.
local function data(v)
  if type(v) == "string" then
    return (skynet.unpack(v))
  end
  return v
end

function builder.new(name, v)
  if mine[name] then
    error("this builder has made the datasheet " .. tostring(name) .. " already (see builder.update)", 2)
  end
  core.publish(name, data(v))
  mine[name] = true
end

function builder.update(name, v)
  if not mine[name] then
    error("this builder has not made the datasheet " .. tostring(name) .. " (see builder.new)", 2)
  end
  core.publish(name, data(v))
end

-- compile returns a table as a string, which new and update take, too.
function builder.compile(v) return skynet.packstring(v) end

return builder
