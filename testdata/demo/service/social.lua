-- First service of the social node.

local skynet = require "skynet"
local cluster = require "skynet.cluster"
local snax = require "skynet.snax"

skynet.start(function()
    local rank = skynet.uniqueservice("rank")
    local chat = skynet.uniqueservice("chat")
    snax.uniqueservice("bulletin")

    cluster.register("rank", rank)
    cluster.register("chat", chat)
    cluster.open("social")

    skynet.error("social node ready since", NODE_START)
    skynet.exit()
end)
