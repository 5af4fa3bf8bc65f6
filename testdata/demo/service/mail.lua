-- Mails to players and guilds.

local skynet = require "skynet"

local boxes = {} -- receiver -> mails
local guild
local CMD = {}

function CMD.send(to, text)
    boxes[to] = boxes[to] or {}
    table.insert(boxes[to], text)
    return true
end

function CMD.forget(name)
    boxes[name] = nil
    return true
end

function CMD.leave(name, id)
    if boxes[name] then
        boxes[name][id] = nil
        skynet.call(guild, "lua", "leave", name, id)
    end
    return true
end

-- Old mails come from two places at once.
function CMD.fetch(id)
    local done = {}
    local archived
    skynet.fork(function()
        archived = skynet.call(skynet.queryservice "archive", "lua", "mails", id)
        skynet.wakeup(done)
    end)
    local levels = skynet.call(guild, "lua", "leaders")
    skynet.wait(done)
    return archived, levels[id]
end

function CMD.save()
    local ok, count = pcall(skynet.call, skynet.queryservice "archive", "lua", "save", boxes)
    if ok then
        skynet.error("saved", count)
    end
end

skynet.start(function()
    guild = skynet.uniqueservice("guild")
    skynet.dispatch("lua", function(_, _, cmd, ...)
        local f = assert(CMD[cmd], cmd)
        skynet.retpack(f(...))
    end)
end)
