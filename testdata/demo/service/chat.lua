-- Rooms in which players talk. Agents of the game node join with their address.

local skynet = require "skynet"
local cluster = require "skynet.cluster"
local snax = require "skynet.snax"
local strutil = require "strutil"

local rooms = {}   -- name -> { agent -> true }
local history = {} -- every line ever said, for the moderators
local bulletin
local CMD = {}
local SLASH = {}

local function members(room)
    local set = rooms[room]
    if not set then
        set = {}
        rooms[room] = set
    end
    return set
end

function CMD.join(room, agent)
    members(room)[agent] = true
    return true
end

function CMD.leave(room, agent)
    members(room)[agent] = nil
    return true
end

-- /calc 3 * 7: players love it.
function SLASH.calc(_, text)
    local f = load("return " .. text)
    return f and tostring(f())
end

function SLASH.news()
    bulletin = bulletin or snax.queryservice("bulletin")
    return bulletin.req.latest()
end

function SLASH.me(name, text)
    return name .. " " .. text
end

function CMD.say(room, name, text)
    history[#history + 1] = { room = room, name = name, text = text, at = skynet.time() }
    local slash, rest = text:match("^/(%a+)%s*(.*)$")
    if slash then
        text = SLASH[slash](name, rest)
    end
    local line = strutil.escape(text)
    for agent in pairs(members(room)) do
        skynet.fork(function()
            cluster.send("game", agent, "said", room, name, line)
        end)
    end
end

function CMD.history(room, count)
    local lines = {}
    for i = #history, 1, -1 do
        local entry = history[i]
        if entry.room == room then
            lines[#lines + 1] = entry
            if #lines >= count then
                break
            end
        end
    end
    return lines
end

function table.reverse(t)
    for i = 1, #t // 2 do
        t[i], t[#t - i + 1] = t[#t - i + 1], t[i]
    end
    return t
end

skynet.start(function()
    skynet.dispatch("lua", function(session, _, cmd, ...)
        local ok, result = pcall(CMD[cmd], ...)
        if session > 0 then
            skynet.retpack(ok and result)
        end
    end)
end)
