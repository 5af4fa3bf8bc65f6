-- Keeps old mails.

local skynet = require "skynet"

local size = tonumber((...)) or 1000
local mails = {}
local CMD = {}

function CMD.mails(id)
    return mails[id] or {}
end

function CMD.save(boxes)
    local count = 0
    for id, list in pairs(boxes) do
        if count < size then
            mails[id] = list
            count = count + 1
        end
    end
    return count
end

skynet.dispatch("lua", function(_, _, cmd, ...)
    local f = assert(CMD[cmd], cmd)
    skynet.retpack(f(...))
end)
