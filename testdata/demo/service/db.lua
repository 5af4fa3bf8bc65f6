-- The only one that speaks SQL.

local skynet = require "skynet"
local mysql = require "skynet.db.mysql"
local cpustat = require "cpustat"

local db
local cache = {} -- id -> player data
local CMD = {}

local query = cpustat.wrap("query", function(fmt, ...)
    local result = db:query(string.format(fmt, ...))
    if result.badresult then
        error(result.err)
    end
    return result
end)

function CMD.load(id)
    local data = cache[id]
    if data then
        return data
    end
    local rows = query("SELECT id, name, level, exp, gold FROM player WHERE id = %d", id)
    data = rows[1]
    cache[id] = data
    return data
end

function CMD.save(id, data)
    cache[id] = data
    query("UPDATE player SET level = %d, exp = %d, gold = %d WHERE id = %d", data.level, data.exp, data.gold, id)
end

function CMD.find_by_name(name)
    local rows = query("SELECT id FROM player WHERE name = %s", mysql.quote_sql_str(name))
    return rows[1] and rows[1].id
end

function CMD.rename(id, name)
    query("UPDATE player SET name = '%s' WHERE id = %d", name, id)
    cache[id] = nil
    return true
end

-- A copy of everything, every night.
function CMD.backup(label)
    local file = "backup/" .. label .. ".sql"
    local ok = os.execute("mysqldump game > " .. file)
    if not ok then
        return false
    end
    local pipe = io.popen("ls -l " .. file)
    local line = pipe:read("a")
    pipe:close()
    return line
end

CMD.cpu = cpustat.report

skynet.start(function()
    db = mysql.connect {
        host = skynet.getenv "db_host",
        port = 3306,
        database = "game",
        user = skynet.getenv "db_user",
        password = "L4ntern!",
        max_packet_size = 1024 * 1024,
    }
    assert(db, "no database")

    skynet.dispatch("lua", function(session, _, cmd, ...)
        local f = assert(CMD[cmd], cmd)
        if session == 0 then
            f(...)
        else
            skynet.retpack(f(...))
        end
    end)
end)
