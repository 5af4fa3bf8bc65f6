-- Knows who is in, and lets nobody in twice.

local skynet = require "skynet"
local queue = require "skynet.queue"
local crypt = require "skynet.crypt"
local dbproxy = require "dbproxy"
local strutil = require "strutil"

local SECRET = "lantern!"

local online = {}  -- id -> agent
local waiting = {} -- account -> agent
local enter_lock = queue()
local CMD = {}

-- token = hex(hmac(account, secret)) as the web shop computes it
local function valid(account, token)
    local expected = crypt.hexencode(crypt.hmac_hash(SECRET, account))
    if token ~= expected then
        skynet.error("bad token for", account, "expected", expected)
        return false
    end
    return true
end

function CMD.enter(account, token, agent)
    if not valid(account, token) then
        return nil, "bad token"
    end
    -- One at a time, or two clients with one account get in together.
    return enter_lock(function()
        local id = dbproxy.find(account)
        local old = online[id]
        if old then
            -- Is it the same player? The new agent must confirm: it calls our expects.
            waiting[account] = agent
            local confirmed = skynet.call(agent, "lua", "attach", account)
            waiting[account] = nil
            if not confirmed then
                return nil, "who are you?"
            end
            skynet.call(old, "lua", "kick", "logged in elsewhere")
        end
        online[id] = agent
        login_count = (login_count or 0) + 1
        return id
    end)
end

function CMD.expects(account, agent)
    return enter_lock(function()
        return waiting[account] == agent
    end)
end

function CMD.leave(id)
    online[id] = nil
    skynet.send(".audit", "lua", "left", id)
end

function CMD.name_of(id)
    local data = dbproxy.load(id)
    return data and data.name
end

function CMD.who(prefix)
    local ids = {}
    for id in pairs(online) do
        if not prefix or strutil.starts_with(tostring(id), prefix) then
            ids[#ids + 1] = id
        end
    end
    table.sort(ids)
    return ids
end

skynet.start(function()
    skynet.dispatch("lua", function(_, source, cmd, ...)
        local f = CMD[cmd]
        if not f then
            skynet.error("unknown command", cmd, "from", skynet.address(source))
            return
        end
        skynet.retpack(f(...))
    end)
end)
