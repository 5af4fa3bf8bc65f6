-- The database of the drive: it has what service/db.lua has, without MySQL.
local skynet = require "skynet"

local players = {} -- id -> player data
local CMD = {}

function CMD.load(id) return players[id] end

function CMD.save(id, data)
    skynet.sleep(1) -- a disk
    players[id] = data
end

-- Whoever is not there yet begins today.
function CMD.find_by_name(name)
    local id = tonumber(name:match "(%d+)$")
    players[id] = players[id] or { id = id, name = name, level = 1, exp = 0, gold = 500 }
    return id
end
CMD.find = CMD.find_by_name

function CMD.rename(id, name)
    players[id].name = name
    return true
end

skynet.start(function()
    skynet.dispatch("lua", function(session, _, cmd, ...)
        local f = assert(CMD[cmd], cmd)
        if session == 0 then
            f(...)
        else
            skynet.retpack(f(...))
        end
    end)
end)
