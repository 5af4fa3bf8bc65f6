-- Settings that can differ between servers, read from a file of name = value lines.

local skynet = require "skynet"

local settings = {}
local loaded = {}

local function convert(value)
    if value == "true" then
        return true
    elseif value == "false" then
        return false
    end
    return tonumber(value) or value
end

function settings.load(path)
    local file, err = io.open(path, "r")
    if not file then
        skynet.error("no settings:", err)
        return false
    end
    for line in file:lines() do
        local name, value = line:match("^%s*([%a_][%w_]*)%s*=%s*(.-)%s*$")
        if name then
            loaded[name] = convert(value)
            -- So that old code can go on saying just DOUBLE_EXP.
            _G[name:upper()] = loaded[name]
        end
    end
    file:close()
    return true
end

function settings.get(name, default)
    local value = loaded[name]
    if value == nil then
        return default
    end
    return value
end

-- Finds out early who still uses a setting that is gone.
function settings.strict()
    setmetatable(_G, {
        __index = function(_, name)
            error("no such global: " .. tostring(name), 2)
        end,
    })
end

return settings
