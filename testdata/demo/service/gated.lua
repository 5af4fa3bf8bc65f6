-- The gate: frames from clients go to the watchdog, or to the agent once there is one.

local skynet = require "skynet"
local gateserver = require "snax.gateserver"
local netpack = require "skynet.netpack"

local watchdog
local connection = {} -- fd -> { fd, ip, agent }

skynet.register_protocol {
    name = "client",
    id = skynet.PTYPE_CLIENT,
}

local handler = {}

function handler.open(_, conf)
    watchdog = conf.watchdog or skynet.self()
    return conf.address, conf.port
end

function handler.message(fd, msg, sz)
    local c = connection[fd]
    if not c then
        skynet.trash(msg, sz)
        return
    end
    if c.agent then
        skynet.redirect(c.agent, fd, "client", fd, msg, sz)
    else
        skynet.send(watchdog, "lua", "socket", "data", fd, netpack.tostring(msg, sz))
    end
end

function handler.connect(fd, addr)
    connection[fd] = { fd = fd, ip = addr }
    skynet.send(watchdog, "lua", "socket", "open", fd, addr)
end

local function close_fd(fd)
    connection[fd] = nil
end

function handler.disconnect(fd)
    close_fd(fd)
    skynet.send(watchdog, "lua", "socket", "close", fd)
end

function handler.error(fd, msg)
    close_fd(fd)
    skynet.send(watchdog, "lua", "socket", "error", fd, msg)
end

function handler.warning(fd, size)
    skynet.send(watchdog, "lua", "socket", "warning", fd, size)
end

local CMD = {}

function CMD.forward(agent, fd)
    local c = assert(connection[fd], "no such connection")
    c.agent = agent
    gateserver.openclient(fd)
end

function CMD.accept(_, fd)
    assert(connection[fd], "no such connection").agent = nil
    gateserver.openclient(fd)
end

function CMD.kick(_, fd)
    gateserver.closeclient(fd)
end

function handler.command(cmd, source, ...)
    local f = assert(CMD[cmd])
    return f(source, ...)
end

gateserver.start(handler)
