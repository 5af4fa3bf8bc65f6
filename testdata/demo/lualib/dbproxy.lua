-- The way to the database service: everybody goes through here.

local skynet = require "skynet"

local dbproxy = {}
local address

local function db()
    if not address then
        address = skynet.uniqueservice("db")
    end
    return address
end

function dbproxy.load(id)
    return skynet.call(db(), "lua", "load", id)
end

function dbproxy.save(id, data)
    skynet.send(db(), "lua", "save", id, data)
end

function dbproxy.find(name)
    return skynet.call(db(), "lua", "find_by_name", name)
end

function dbproxy.query(command, ...)
    return skynet.call(db(), "lua", command, ...)
end

return dbproxy
