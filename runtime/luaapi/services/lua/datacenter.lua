-- skynet.datacenter: values by paths of keys, for all services of the node.
local skynet = require "skynet"

local datacenter = {}
local server

local function ask(...)
  server = server or skynet.uniqueservice "datacenterd"
  return skynet.call(server, "lua", ...)
end

function datacenter.get(...) return ask("QUERY", ...) end

function datacenter.set(...) return ask("UPDATE", ...) end

function datacenter.wait(...) return ask("WAIT", ...) end

return datacenter
