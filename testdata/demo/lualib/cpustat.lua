-- CPU time per command, for the performance page of the admin console.

local skynet = require "skynet"

local cpustat = {}
local total = {}

-- The counters are in C where the machine has them.
local clock = os.clock
local open = package.loadlib("./luaclib/perf.so", "luaopen_perf")
if open then
    clock = open().cycles
end

function cpustat.wrap(name, f)
    return function(...)
        local start = clock()
        local result = table.pack(f(...))
        total[name] = (total[name] or 0) + clock() - start
        return table.unpack(result, 1, result.n)
    end
end

function cpustat.report()
    local lines = {}
    for name, spent in pairs(total) do
        lines[#lines + 1] = string.format("%-20s %8.3f", name, spent)
    end
    table.sort(lines)
    skynet.error("cpu\n" .. table.concat(lines, "\n"))
    return total
end

return cpustat
