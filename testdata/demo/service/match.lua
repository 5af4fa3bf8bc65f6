-- Puts players into rooms of four.

local skynet = require "skynet"
local queue = require "skynet.queue"
local const = require "const"

local room_lock = queue()
local pay_lock = queue()

local next_room = 1
local waiting = {} -- { card, agent, response }
-- skylint: ignore global-write: the pot was a global once
local pot = 0
local CMD = {}

local function level_of(entry)
    return entry.card.level
end

-- Players of similar level meet.
local function by_level(a, b)
    return level_of(a) < level_of(b)
end

local function open_room()
    table.sort(waiting, by_level)
    local room = next_room
    next_room = next_room + 1
    for _ = 1, const.ROOM_SIZE do
        local entry = table.remove(waiting, 1)
        entry.response(true, room)
        skynet.send(entry.agent, "lua", "rewards", 5)
    end
    return room
end

function CMD.join(card, agent)
    waiting[#waiting + 1] = { card = card, agent = agent, response = skynet.response() }
    if #waiting >= const.ROOM_SIZE then
        open_room()
    end
end

-- The prize of a room: the winner's share goes through both locks.
function CMD.finish(room, winner)
    return room_lock(function()
        local prize = pay_lock(function()
            local share = pot // 2
            pot = pot - share
            return share
        end)
        skynet.send(winner, "lua", "reward", prize)
        skynet.error("room", room, "won", prize)
        return prize
    end)
end

function CMD.bet(room, amount)
    return pay_lock(function()
        pot = pot + amount
        return room_lock(function()
            return room < next_room and pot
        end)
    end)
end

function CMD.rooms()
    return next_room - 1
end

skynet.start(function()
    skynet.dispatch("lua", function(_, _, cmd, ...)
        local f = CMD[cmd]
        if f == CMD.join then
            f(...) -- answers later, when the room is full
        elseif f then
            skynet.retpack(f(...))
        else
            error("unknown command " .. tostring(cmd))
        end
    end)
end)
