-- Starts the game server, lets players play for some seconds, and does two things that real players and
-- operators do too: one logs in twice, and somebody starts the guilds.
local skynet = require "skynet"
local socket = require "skynet.socket"

local count, seconds = ...
count, seconds = tonumber(count), tonumber(seconds)

local function port()
    for _, s in ipairs(socket.netstat()) do
        local p = s.type == "LISTEN" and s.sock:match ":(%d+)$"
        if p then
            return p
        end
    end
    error "the gate does not listen"
end

skynet.start(function()
    skynet.uniqueservice "db"
    skynet.uniqueservice "login"
    skynet.uniqueservice "match"
    local watchdog = skynet.newservice "watchdog"
    skynet.call(watchdog, "lua", "start", { address = "127.0.0.1", port = 0, maxclient = 100, nodelay = true })
    local gate = port()
    local players = {}
    for i = 1, count do
        players[i] = skynet.newservice("player", i, gate)
    end
    print(("%d players play for %d seconds"):format(count, seconds))
    skynet.sleep(200)
    print "player1 logs in a second time"
    skynet.newservice("player", count + 1, gate, "player1")
    skynet.sleep(200)
    print "somebody starts the guilds"
    print("guild:", (pcall(skynet.uniqueservice, "guild")) and "started" or "has not started")
    skynet.sleep(seconds * 100 - 400)
    local asked, answered = 0, 0
    for _, p in ipairs(players) do
        local a, b = skynet.call(p, "lua", "count")
        asked, answered = asked + a, answered + b
    end
    print(("%d requests, %d answers, %d connections"):format(asked, answered, skynet.call(watchdog, "lua", "count")))
    skynet.abort()
end)
