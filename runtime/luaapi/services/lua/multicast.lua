-- skynet.multicast: what one service publishes on a channel reaches all that subscribe to it.
local skynet = require "skynet"

local server
local subscribed = {} -- by channel

local channel = {}
local meta = {
  __index = channel,
  __tostring = function(self) return ("[Multicast:%x]"):format(self.channel or 0) end,
}

local multicast = {}

local function own(self) return self.channel or error("the channel was deleted", 3) end

function multicast.new(conf)
  conf = conf or {}
  return setmetatable({
    channel = conf.channel or skynet.call(server, "lua", "NEW"), pack = conf.pack, unpack = conf.unpack or skynet.unpack, dispatch = conf.dispatch,
  }, meta)
end

-- delete ends the channel for all.
function channel:delete()
  skynet.send(server, "lua", "DEL", own(self))
  subscribed[self.channel] = nil
  self.channel = nil
end

function channel:publish(...)
  local c = own(self)
  local text
  if self.pack then
    text = skynet.tostring(self.pack(...))
  else
    text = skynet.packstring(...)
  end
  skynet.call(server, "lua", "PUB", c, text)
end

function channel:subscribe()
  local c = own(self)
  if subscribed[c] ~= self then
    skynet.call(server, "lua", "SUB", c)
    subscribed[c] = self
  end
end

function channel:unsubscribe()
  if self.channel and subscribed[self.channel] == self then
    subscribed[self.channel] = nil
    skynet.send(server, "lua", "USUB", self.channel)
  end
end

skynet.init(function() server = skynet.uniqueservice "multicastd" end)

skynet.register_protocol {
  name = "multicast", id = skynet.PTYPE_MULTICAST, pack = skynet.pack, unpack = skynet.unpack,
  dispatch = function(_, _, c, source, text)
    skynet.ignoreret()
    local self = subscribed[c]
    if self and self.dispatch then -- else it has unsubscribed while the message was on its way
      self.dispatch(self, source, self.unpack(text, #text))
    end
  end,
}

return multicast
