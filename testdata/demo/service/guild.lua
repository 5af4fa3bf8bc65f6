-- The guilds of all players. Each function answers itself.

local skynet = require "skynet"

local guilds = {} -- name -> { members = id -> agent, invited = id -> true }
local CMD = {}

function CMD.found(name, id, agent)
    if guilds[name] then
        skynet.retpack(false)
    end
    guilds[name] = { members = { [id] = agent }, invited = {} }
    skynet.retpack(true)
end

function CMD.invite(name, id)
    local guild = guilds[name]
    if not guild then
        return
    end
    guild.invited[id] = true
    skynet.retpack(true)
end

-- Answered when the guild has decided.
function CMD.apply(name, id)
    local answer = skynet.response()
    skynet.error(id, "wants to be in", name)
end

local function level_of(agent)
    return skynet.call(agent, "lua", "level")
end

-- The strongest first.
function CMD.ranks(name)
    local list = {}
    for _, agent in pairs(guilds[name].members) do
        list[#list + 1] = agent
    end
    table.sort(list, function(a, b)
        return level_of(a) > level_of(b)
    end)
    skynet.retpack(list)
end

function CMD.leaders()
    local levels = {}
    for name, guild in pairs(guilds) do
        local _, agent = next(guild.members)
        levels[name] = level_of(agent)
    end
    skynet.retpack(levels)
end

-- Returns when the members have come together.
function CMD.meet(name)
    skynet.error("the members of", name, "are called")
    skynet.wait()
    skynet.retpack(true)
end

function CMD.disband(name)
    guilds[name] = nil
    skynet.fork(function()
        skynet.call(skynet.queryservice "mail", "lua", "forget", name)
        skynet.retpack(true)
    end)
    skynet.ignoreret()
end

-- Mails to the guild go, too.
function CMD.leave(name, id)
    guilds[name].members[id] = nil
    skynet.call(skynet.queryservice "mail", "lua", "leave", name, id)
    skynet.retpack(true)
end

-- Only ever sent.
function CMD.expel(name, id)
    assert(guilds[name])
    guilds[name].members[id] = nil
end

skynet.start(function()
    skynet.uniqueservice("mail")
    skynet.dispatch("lua", function(_, _, cmd, ...)
        local f = assert(CMD[cmd], cmd)
        f(...)
    end)
end)
