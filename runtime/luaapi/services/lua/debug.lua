-- The debug protocol of a service. It is loaded with the first message of that type.
local extern, info = ...
local skynet = require "skynet"

local commands, links = {}, {}

local function refused(name, reason)
  commands[name] = function() error("the debug command " .. name .. " is not served: " .. reason, 0) end
end

function commands.MEM()
  collectgarbage "collect" -- this is what measures
  skynet.retpack(collectgarbage "count")
end

function commands.GC()
  local before = collectgarbage "count"
  collectgarbage "collect"
  skynet.error(("GC %.2f Kb -> %.2f Kb"):format(before, collectgarbage "count"))
  skynet.ret()
end

function commands.STAT()
  skynet.retpack {
    task = skynet.task(), mqlen = skynet.stat "mqlen", cpu = skynet.stat "cpu", message = skynet.stat "message",
  }
end

function commands.TASK(session)
  if session then
    skynet.retpack(skynet.task(session))
    return
  end
  local tasks = {}
  skynet.task(tasks)
  skynet.retpack(tasks)
end

function commands.UNIQTASK() skynet.retpack(skynet.uniqtask()) end

function commands.KILLTASK(name)
  local co = skynet.killthread(name)
  skynet.error(("Kill %s%s"):format(co or name, co and "" or " : Not found"))
  if co then
    skynet.ret()
  else
    skynet.retpack "Not found"
  end
end

function commands.INFO(...)
  local f = info()
  if f then
    skynet.retpack(f(...))
  else
    skynet.retpack(nil)
  end
end

function commands.EXIT() skynet.exit() end

function commands.TERM(address) skynet.term(address) end

function commands.SUPPORT(protocol) skynet.retpack(skynet.dispatch(protocol) ~= nil) end

function commands.PING() skynet.ret() end

-- Who links waits for an answer that never comes: when the service ends, the wait fails.
function commands.LINK() links[#links + 1] = skynet.response() end

refused("RUN", "it runs code that comes in a message")
refused("REMOTEDEBUG", "there is no remote debugger")
refused("TRACELOG", "every message has a trace id in the log as it is")

return function(name, ...)
  local f = commands[name] or extern[name]
  if not f then
    error("there is no debug command " .. tostring(name), 0)
  end
  return f(...)
end
