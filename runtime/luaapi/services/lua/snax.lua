-- skynet.snax: services whose methods are called as functions of an object. There is no hotfix.
local skynet = require "skynet"
local interface = require "snax.interface"

local snax = {}

-- What a file may use while its methods are listed by somebody who does not run it.
local outside = skynet.getenv "snax_interface_g"
outside = outside and require(outside)

skynet.register_protocol { name = "snax", id = skynet.PTYPE_SNAX, pack = skynet.pack, unpack = skynet.unpack }

local types = {}

function snax.interface(name)
  local t = types[name]
  if not t then
    t = { name = name, accept = {}, response = {}, system = {} }
    local env = {}
    for key, v in pairs(outside or {}) do env[key] = v end
    env.require = env.require or function() end
    for _, method in ipairs((interface(name, env))) do
      t[method[2]][method[3]] = method[1]
    end
    types[name] = t
  end
  return t
end

local function methods(ids, missing, invoke)
  return setmetatable({}, {
    __index = function(t, name)
      local id = ids[name]
      if not id then
        error(missing:format(name), 2)
      end
      local function f(...) return invoke(id, ...) end
      rawset(t, name, f)
      return f
    end,
  })
end

local objects = {}
local object = { __tostring = function(o) return ("[%s:%x]"):format(o.type, o.handle) end }

function snax.bind(handle, name)
  local o = objects[handle]
  if o then
    if o.type ~= name then
      error(("%s is a snax service of the type %s, not %s"):format(skynet.address(handle), o.type, name), 2)
    end
    return o
  end
  local t = snax.interface(name)
  o = setmetatable({
    post = methods(t.accept, "post " .. name .. ":%s no exist", function(id, ...) skynet.send(handle, "snax", id, ...) end),
    req = methods(t.response, "request " .. name .. ":%s no exist", function(id, ...) return skynet.call(handle, "snax", id, ...) end),
    type = name,
    handle = handle,
  }, object)
  objects[handle] = o
  return o
end

function snax.rawnewservice(name, ...)
  local t = snax.interface(name)
  local handle = skynet.newservice("snaxd", name)
  local ok, message = pcall(skynet.call, handle, "snax", t.system.init, ...)
  if not ok then
    skynet.kill(handle)
    error(message, 0)
  end
  return handle
end

function snax.newservice(name, ...) return snax.bind(snax.rawnewservice(name, ...), name) end

local provider

local function ask(...)
  provider = provider or skynet.uniqueservice "service_provider"
  return skynet.call(provider, "lua", ...)
end

function snax.uniqueservice(name, ...) return snax.bind(ask("snax", name, ...), name) end

function snax.queryservice(name) return snax.bind(ask("querysnax", name), name) end

-- There is one node.
snax.globalservice, snax.queryglobal = snax.uniqueservice, snax.queryservice

function snax.self() return snax.bind(skynet.self(), SERVICE_NAME) end

function snax.kill(o, ...)
  local t = snax.interface(o.type)
  skynet.call(o.handle, "snax", t.system.exit, ...)
  objects[o.handle] = nil
end

function snax.exit(...) snax.kill(snax.self(), ...) end

function snax.hotfix() error("snax.hotfix is not served: it runs code that comes in a message, of which nobody knows who has written it; start a service with the new code instead", 2) end

function snax.printf(...) skynet.error(string.format(...)) end

function snax.profile_info(o) return skynet.call(o.handle, "snax", snax.interface(o.type).system.profile) end

return snax
