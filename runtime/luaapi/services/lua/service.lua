-- skynet.service: services that are made of a function, one for each name.
local skynet = require "skynet"

local service = {}
local known = {}
local provider

local function ask(...)
  provider = provider or skynet.uniqueservice "service_provider"
  return skynet.call(provider, "lua", ...)
end

-- A function travels without its upvalues.
local function code(main)
  if type(main) ~= "function" then
    error("bad argument #2 to 'service.new' (function expected, got " .. type(main) .. ")", 3)
  end
  if debug.getinfo(main, "u").nups > 0 then
    error("bad argument #2 to 'service.new' (the function uses local variables of its surroundings, which the service cannot have)", 3)
  end
  return string.dump(main)
end

function service.new(name, main, ...)
  local address = ask("test", name)
  if not address then
    address = ask("launch", name, code(main), ...)
  end
  known[name] = address
  return address
end

function service.query(name)
  if not known[name] then
    known[name] = ask("query", name)
  end
  return known[name]
end

function service.close(name)
  local address = ask("close", name)
  if not address then
    return false
  end
  known[name] = nil
  skynet.kill(address)
  return true
end

return service
