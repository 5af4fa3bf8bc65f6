-- One player. It talks to the client by sproto and to the rest by "lua" messages.

local skynet = require "skynet"
local cluster = require "skynet.cluster"
local queue = require "skynet.queue"
local socket = require "skynet.socket"
local proto = require "proto"
local dbproxy = require "dbproxy"
local Player = require "player"
local Timer = require "timer"
local const = require "const"
require "strutil"

local host, pack_request
local conn -- what the watchdog gave us: gate, fd, watchdog
local player
local saver
local chat_room -- the chat room we are in
local lock = queue()

local PRICE = { [1] = 10, [2] = 25, [3] = 400 }

local CMD = {}
local REQUEST = {}

local function send_package(text)
    socket.write(conn.fd, string.pack(">s2", text))
end

local function save()
    if player and player.dirty then
        player.dirty = false
        dbproxy.save(player.id, player:snapshot())
    end
end

function REQUEST:login()
    -- Nobody may log in twice on one connection.
    if player then
        return { ok = false, reason = "already in" }
    end
    local login = skynet.uniqueservice("login")
    local id, reason = skynet.call(login, "lua", "enter", self.account, self.token, skynet.self())
    if not id then
        return { ok = false, reason = reason }
    end
    player = Player.new(dbproxy.load(id))
    saver = Timer.new(const.SAVE_INTERVAL, save)
    saver:start()
    return { ok = true, id = id }
end

function REQUEST:bag()
    local items = {}
    for id, amount in pairs(player.bag:dump()) do
        tabel.insert(items, { id = id, amount = amount })
    end
    return { items = items }
end

function REQUEST:buy()
    local price = PRICE[self.item]
    if not price or self.amount < 1 then
        return { ok = false, reason = "no such thing" }
    end
    return lock(function()
        local ok, reason = player:pay(price * self.amount)
        if ok then
            ok, reason = player.bag:add(self.item, self.amount)
        end
        if ok then
            player:add_exp(price)
        end
        return { ok = ok, reason = reason }
    end)
end

function REQUEST:enter()
    chat_room = self.room
    return { ok = cluster.call("social", "@chat", "join", chat_room, skynet.self()) }
end

function REQUEST:chat()
    local text = self.text:trim():sub(1, const.CHAT_LENGTH)
    cluster.send("social", "@chat", "say", chat_room, player.name, text)
end

function REQUEST:rank()
    -- The social node may be away; the client then sees an empty list.
    local ok, names = pcall(cluster.call, "social", "@rank", "top", 10)
    return { names = ok and names or {} }
end

function REQUEST:match()
    local match = skynet.uniqueservice("match")
    return { room = skynet.call(match, "lua", "join", player:card(), skynet.self()) }
end

function REQUEST:bet()
    local ok, reason = player:pay(self.amount)
    if not ok then
        return { ok = false, reason = reason }
    end
    local match = skynet.uniqueservice("match")
    return { ok = skynet.call(match, "lua", "bet", self.room, self.amount) and true }
end

-- The client tells us that it has won.
function REQUEST:won()
    local match = skynet.uniqueservice("match")
    skynet.call(match, "lua", "finish", self.room, skynet.self())
end

function REQUEST:rename()
    local taken = dbproxy.find(self.name)
    if taken then
        return { ok = false }
    end
    player.name = self.name
    player.dirty = true
    dbproxy.query("rename", player.id, self.name)
    return { ok = true }
end

local function handle(name, args, response)
    local f = REQUEST[name]
    local result = f(args)
    if response then
        return response(result)
    end
end

skynet.register_protocol {
    name = "client",
    id = skynet.PTYPE_CLIENT,
    unpack = function(msg, sz)
        return host:dispatch(msg, sz)
    end,
    dispatch = function(fd, _, kind, ...)
        assert(fd == conn.fd)
        skynet.ignoreret()
        if kind == "REQUEST" then
            local ok, result = pcall(handle, ...)
            if ok then
                if result then
                    send_package(result)
                end
            else
                skynet.error(result)
            end
        else
            error "clients do not answer"
        end
    end,
}

function CMD.start(conf)
    conn = conf
    host, pack_request = proto.new()
    skynet.call(conf.gate, "lua", "forward", conf.fd)
end

-- The login service wants to be sure that it was we who asked.
function CMD.attach(account)
    local login = skynet.uniqueservice("login")
    return skynet.call(login, "lua", "expects", account, skynet.self())
end

function CMD.said(room, name, text)
    send_package(pack_request("said", { room = room, name = name, text = text }))
end

-- Given by the match service when the room is complete.
function CMD.reward(amount)
    player.gold = player.gold + amount
    player.dirty = true
    cluster.send("social", "@rank", "report", player.id, player.gold)
end

function CMD.kick(why)
    reason = why or "kicked"
    send_package(pack_request("kicked", { reason = reason }))
    skynet.call(conn.watchdog, "lua", "close", conn.fd)
end

function CMD.disconnect()
    if saver then
        saver:stop()
    end
    pcall(save)
    if chat_room then
        cluster.send("social", "@chat", "leave", chat_room, skynet.self())
    end
    if player then
        local login = skynet.uniqueservice("login")
        skynet.send(login, "lua", "leave", player.id)
    end
    skynet.exit()
end

skynet.start(function()
    skynet.dispatch("lua", function(_, _, cmd, ...)
        local f = CMD[cmd]
        skynet.retpack(f(...))
    end)
end)
