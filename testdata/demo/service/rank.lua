-- The ranking of all game nodes.

local skynet = require "skynet"
local cluster = require "skynet.cluster"
require "timer"

local board = {} -- sorted: best first
local season = 1
local size
local CMD = {}

local function better(a, b)
    if a.score ~= b.score then
        return a.score > b.score
    end
    return a.id < b.id
end

local function place_of(id)
    for place, row in ipairs(board) do
        if row.id == id then
            return place
        end
    end
end

function CMD.report(id, score)
    local place = place_of(id)
    local name = cluster.call("game", "@login", "name_of", id)
    -- The board may have been sorted anew, or emptied, while we waited for the name.
    if place then
        board[place] = { id = id, name = name, score = score }
    else
        board[#board + 1] = { id = id, name = name, score = score }
    end
    table.sort(board, better)
    for i = #board, size + 1, -1 do
        board[i] = nil
    end
end

function CMD.top(n)
    local names = {}
    for i = 1, math.min(n, #board) do
        names[i] = board[i].name
    end
    return names
end

function CMD.reset()
    season = season + 1
    board = {}
    return season
end

skynet.start(function()
    size = math.tointeger(skynet.getenv "rank_size") or 50

    skynet.every(100 * 60 * 60, function()
        skynet.error("ranking holds", #board, "of", size)
    end)

    skynet.dispatch("lua", function(_, _, cmd, ...)
        local f = CMD[cmd]
        if f then
            skynet.ret(skynet.pack(f(...)))
        end
    end)
end)
