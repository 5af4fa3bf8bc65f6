-- String helpers. Loaded by nearly everything, so keep it small.

local strutil = {}

-- What the people who write the quests asked for: s:trim(), s:split(","), "gold" % { ... }. Called by what
-- needs it.
function strutil.install()
    function string.trim(s)
        return (s:gsub("^%s+", ""):gsub("%s+$", ""))
    end

    function string.split(s, sep)
        local parts = {}
        for part in (s .. sep):gmatch("(.-)" .. sep:gsub("%p", "%%%0")) do
            parts[#parts + 1] = part
        end
        return parts
    end

    getmetatable("").__mod = function(fmt, args)
        return (fmt:gsub("{(%w+)}", function(key)
            local value = args[key]
            if value == nil then
                return nil
            end
            return tostring(value)
        end))
    end
end

function strutil.starts_with(s, prefix)
    return s:sub(1, #prefix) == prefix
end

local escapes = {
    ["&"] = "&amp;",
    ["<"] = "&lt;",
    [">"] = "&gt;",
}

function strutil.escape(s)
    return (s:gsub("[&<>]", escapes))
end

return strutil
