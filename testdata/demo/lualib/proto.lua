-- Loads the protocol between client and server, once for each service that speaks it.

local sproto = require "sproto"

local proto = {}

local function read(path)
    local file = assert(io.open(path, "r"))
    local text = file:read("a")
    file:close()
    return text
end

function proto.new()
    local client = sproto.parse(read("proto/client.sproto"))
    local server = sproto.parse(read("proto/server.sproto"))
    local host = client:host("package")
    return host, host:attach(server)
end

return proto
