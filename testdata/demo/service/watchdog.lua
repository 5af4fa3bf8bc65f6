-- Watches over connections: makes an agent for each and cleans up behind it.

local skynet = require "skynet"
require "strutil"

local gate
local agents = {} -- fd -> agent
local CMD = {}
local SOCKET = {}

function SOCKET.open(fd, addr)
    last_address = addr
    skynet.error(string.format("connection %d from %s", fd, addr))
    -- An agent for everybody who knocks.
    local agent = skynet.newservice("agent")
    agents[fd] = agent
    skynet.call(agent, "lua", "start", { gate = gate, fd = fd, watchdog = skynet.self() })
end

local function close_agent(fd)
    local agent = agents[fd]
    agents[fd] = nil
    if agent then
        skynet.call(gate, "lua", "kick", fd)
        -- The agent saves the player and exits, so there is no answer to wait for.
        skynet.send(agent, "lua", "disconnect")
    end
end

function SOCKET.close(fd)
    skynet.error("closed", fd)
    close_agent(fd)
end

function SOCKET.error(fd, msg)
    skynet.error("socket error", fd, msg)
    close_agent(fd)
end

function SOCKET.warning(fd, size)
    skynet.error(string.format("%d KB wait for %d", size, fd))
end

function SOCKET.data(fd, msg)
    skynet.error("data without an agent", fd, #msg)
end

function CMD.start(conf)
    conf.watchdog = skynet.self()
    return skynet.call(gate, "lua", "open", conf)
end

function CMD.close(fd)
    close_agent(fd)
end

function CMD.count()
    local n = 0
    for _ in pairs(agents) do
        n = n + 1
    end
    return n
end

skynet.start(function()
    skynet.dispatch("lua", function(_, _, cmd, sub, ...)
        if cmd == "socket" then
            local f = SOCKET[sub]
            f(...)
            -- The gate does not wait for an answer.
        else
            local f = assert(CMD[cmd], cmd)
            skynet.retpack(f(sub, ...))
        end
    end)

    gate = skynet.newservice("gated")
end)
