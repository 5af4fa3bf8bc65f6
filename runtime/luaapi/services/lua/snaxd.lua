-- A snax service: it runs the file that its argument names, and calls its methods.
local skynet = require "skynet"
local interface = require "snax.interface"
local snax = require "skynet.snax"

local name = tostring((...))
local loader = skynet.getenv "snax_loader"
local methods, pattern = interface(name, _G, loader and dofile(loader))
local folder = pattern:match "^[^?]*" .. name .. "/"
package.path = folder .. "?.lua;" .. package.path
SERVICE_NAME, SERVICE_PATH = name, folder

local profile = {}

-- count notes a call of a method and the time that the service has worked meanwhile.
local function count(method, before, ...)
  local p = profile[method]
  if not p then
    p = { count = 0, time = 0 }
    profile[method] = p
  end
  p.count, p.time = p.count + 1, p.time + skynet.stat "cpu" - before
  return ...
end

local function run(method, ...)
  local before = skynet.stat "cpu"
  local result = table.pack(xpcall(method[4], debug.traceback, ...))
  count(method[3], before)
  if not result[1] then
    error(result[2], 0)
  end
  if method[2] == "response" then
    skynet.retpack(table.unpack(result, 2, result.n))
  end
end

local started = false
local system = {}

function system.init(f, ...)
  if started then
    error("Already init", 0)
  end
  if f then
    f(...)
  end
  started = true
  skynet.info_func(function() return profile end)
  skynet.ret()
end

function system.exit(f, ...)
  if not started then
    error("Never init", 0)
  end
  if f then
    f(...)
  end
  skynet.ret()
  started = false
  skynet.exit()
end

function system.profile() skynet.retpack(profile) end

function system.hotfix() error("snax.hotfix is not served: it runs code that comes in a message, of which nobody knows who has written it; start a service with the new code instead", 0) end

local function dispatch(_, _, id, ...)
  local method = methods[id]
  if not method then
    error(("snax service %s has no method %s"):format(name, id), 0)
  end
  if method[2] == "system" then
    system[method[3]](method[4], ...)
    return
  end
  if not started then
    error("Init first", 0)
  end
  run(method, ...)
end

-- enablecluster lets messages of the type lua call methods too.
function snax.enablecluster() skynet.dispatch("lua", dispatch) end

skynet.start(function() skynet.dispatch("snax", dispatch) end)
