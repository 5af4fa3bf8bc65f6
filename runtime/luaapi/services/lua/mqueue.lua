-- skynet.mqueue: messages of a type of their own that a service handles one after the other. skynet.queue does that for
-- any messages.
local skynet = require "skynet"
local queue = require "skynet.queue"

local mqueue = {}

local lock = queue()
local size = 0
local handler
local early = {} -- tasks of messages that have come before the handler

local function handle(session, source, ...)
  size = size - 1
  if session ~= 0 then
    skynet.retpack(pcall(handler, ...))
    return
  end
  local result = handler(...)
  if result ~= nil then
    error(("%s sends a message to %s, whose handler returns something"):format(skynet.address(source), skynet.address(skynet.self())), 0)
  end
end

skynet.register_protocol {
  name = "queue", id = skynet.PTYPE_QUEUE, pack = skynet.pack, unpack = skynet.unpack,
  dispatch = function(...)
    size = size + 1
    lock(function(...)
      if not handler then
        early[#early + 1] = coroutine.running()
        skynet.wait()
      end
      handle(...)
    end, ...)
  end,
}

function mqueue.register(f)
  if handler then
    error("mqueue.register is called once", 2)
  end
  handler = f
  for _, task in ipairs(early) do skynet.wakeup(task) end
end

local function results(ok, ...)
  if not ok then
    error((...), 0)
  end
  return ...
end

function mqueue.call(address, ...) return results(skynet.call(address, "queue", ...)) end

function mqueue.send(address, ...) return skynet.send(address, "queue", ...) end

-- size returns how many messages wait.
function mqueue.size() return size end

return mqueue
