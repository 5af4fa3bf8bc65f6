-- First service of the social node.

local skynet = require "skynet"
local cluster = require "skynet.cluster"
local snax = require "skynet.snax"

skynet.start(function()
    local rank = skynet.uniqueservice("rank")
    local chat = skynet.uniqueservice("chat")
    snax.uniqueservice("bulletin")
    skynet.uniqueservice("archive", { size = 5000 })
    local guild = skynet.uniqueservice("guild")
    skynet.send(guild, "lua", "expel", "founders", 0)
    if skynet.call(guild, "lua", "found", "founders", 1, skynet.self()) then
        skynet.call(guild, "lua", "invite", "founders", 2)
    end

    cluster.register("rank", rank)
    cluster.register("chat", chat)
    cluster.open("social")

    skynet.error("social node ready since", NODE_START)
    skynet.exit()
end)
