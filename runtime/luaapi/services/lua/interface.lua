-- snax.interface: reads the file of a snax service, and returns its methods and the pattern of the
-- search path that led to the file. A method is {id, group, name, function}.
local skynet = require "skynet"

local system = { "init", "exit", "hotfix", "profile" }

local function find(path, name, env)
  local tried = {}
  for pattern in path:gmatch "[^;]+" do
    local f, message = loadfile((pattern:gsub("%?", (name:gsub("%%", "%%%%")))), "bt", env)
    if f then
      return f, pattern
    end
    tried[#tried + 1] = message
  end
  error(table.concat(tried, "\n"), 0)
end

-- group returns the table that a file defines its methods in.
local function group(methods, what)
  local taken = {}
  return setmetatable({}, {
    __newindex = function(_, name, f)
      if type(name) ~= "string" then
        error(what .. " method only support string", 2)
      end
      if type(f) ~= "function" then
        error(what .. "." .. name .. " must be function", 2)
      end
      if taken[name] then
        error(what .. "." .. name .. " duplicate definition", 2)
      end
      taken[name] = true
      table.insert(methods, { #methods + 1, what, name, f })
    end,
  })
end

return function(name, env, loader)
  local path = skynet.getenv "snax"
  if not path then
    error("please set snax in config file", 0)
  end
  local methods, index = {}, {}
  for id, what in ipairs(system) do
    methods[id] = { id, "system", what }
    index[what] = id
  end
  local main, pattern = (loader or find)(path, name, env)

  -- While the file runs, what it assigns to is caught: functions of the system, and globals, which
  -- are the service's.
  local globals = {}
  local special = { accept = group(methods, "accept"), response = group(methods, "response") }
  setmetatable(env, {
    __index = function(_, key)
      local v = special[key]
      if v == nil then
        v = globals[key]
      end
      return v
    end,
    __newindex = function(_, key, v)
      local id = index[key]
      if not id then
        globals[key] = v
        return
      end
      if type(v) ~= "function" then
        error(key .. " must be a function", 2)
      end
      methods[id][4] = v
    end,
  })
  local ok, message = xpcall(main, debug.traceback)
  setmetatable(env, nil)
  if not ok then
    error(message, 0)
  end
  for key, v in pairs(globals) do
    env[key] = v
  end
  return methods, pattern
end
