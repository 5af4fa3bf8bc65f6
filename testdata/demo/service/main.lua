-- First service of the game node.

local skynet = require "skynet"
local cluster = require "skynet.cluster"
local settings = require "settings"

skynet.start(function()
    settings.load("server.txt")

    -- For the people on duty: they connect from their desks.
    skynet.newservice("debug_console", "0.0.0.0", 8000)

    skynet.uniqueservice("db")
    local login = skynet.uniqueservice("login")
    skynet.uniqueservice("match")
    if settings.get("events") then
        skynet.uniqueservice("events")
    end
    skynet.newservice("patch")
    skynet.newservice("admin")

    local watchdog = skynet.newservice("watchdog")
    local ok = skynet.call(watchdog, "lua", "start", {
        address = skynet.getenv "gate_address",
        port = math.tointeger(skynet.getenv "gate_port"),
        maxclient = math.tointeger(skynet.getenv "max_client"),
        nodelay = true,
    })
    if not ok then
        skynet.error("the gate did not open")
        os.exit(1)
    end

    cluster.register("login", login)
    cluster.open("game")
    skynet.error("game node ready")
    skynet.exit()
end)
