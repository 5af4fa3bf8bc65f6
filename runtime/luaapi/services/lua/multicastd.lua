-- The channels of skynet.multicast.
local skynet = require "skynet"

local subscribers = {} -- by channel, lists of addresses in the order in which they have come
local last = -256 -- channels go up by 256, as in skynet, where the low byte is the number of the node

skynet.register_protocol { name = "multicast", id = skynet.PTYPE_MULTICAST, pack = skynet.pack, unpack = skynet.unpack }

local commands = {}

function commands.NEW()
  last = last + 256
  subscribers[last] = {}
  return last
end

function commands.DEL(_, c) subscribers[c] = nil end

local function index(list, address)
  for i, a in ipairs(list) do
    if a == address then
      return i
    end
  end
end

function commands.SUB(source, c)
  local list = subscribers[c] or error("there is no channel " .. tostring(c), 0)
  if not index(list, source) then
    list[#list + 1] = source
  end
end

function commands.USUB(source, c)
  local list = subscribers[c]
  local i = list and index(list, source)
  if i then
    table.remove(list, i)
  end
end

function commands.PUB(source, c, text)
  local list = subscribers[c]
  if not list then
    return -- it was deleted
  end
  local alive = {}
  for _, address in ipairs(list) do
    if skynet.send(address, "multicast", c, source, text) ~= nil then
      alive[#alive + 1] = address
    end
  end
  if #alive < #list then
    subscribers[c] = alive
  end
end

skynet.start(function()
  skynet.dispatch("lua", function(session, source, command, ...)
    local f = commands[command] or error("multicastd has no command " .. tostring(command), 0)
    local result = f(source, ...)
    if session ~= 0 then
      skynet.retpack(result)
    end
  end)
end)
