-- A player: a client of the game server, over TCP, as a service.
local skynet = require "skynet"
local socket = require "skynet.socket"
local crypt = require "skynet.crypt"
local sproto = require "sproto"

local number, port, account = ...
account = account or "player" .. number

local function read(path)
    local file = assert(io.open(path, "r"))
    local text = file:read("a")
    file:close()
    return text
end

local host = sproto.parse(read("proto/server.sproto")):host("package")
local request = host:attach(sproto.parse(read("proto/client.sproto")))

local fd
local session = 0
local waiting = {} -- session -> what was asked
local asked, answered = 0, 0
local room

local function ask(name, args)
    session = session + 1
    waiting[session] = name
    asked = asked + 1
    socket.write(fd, string.pack(">s2", request(name, args, session)))
end

local answers = {}

function answers.login(answer) return answer.ok end

function answers.match(answer) room = answer.room end

local function listen()
    while true do
        local size = socket.read(fd, 2)
        if not size then
            return
        end
        local text = socket.read(fd, (">I2"):unpack(size))
        if not text then
            return
        end
        local kind, what, answer = host:dispatch(text)
        if kind == "RESPONSE" then
            answered = answered + 1
            local f = answers[waiting[what]]
            if f then
                f(answer or {})
            end
            waiting[what] = nil
        end
    end
end

local function play()
    skynet.sleep(10 + math.random(40))
    local wishes = {
        function() ask("buy", { item = math.random(3), amount = 1 }) end,
        function() ask("buy", { item = 9, amount = 1 }) end,
        function() ask("rank") end,
        function() ask("rename", { name = "hero" .. number }) end,
    }
    ask("match")
    for turn = 1, math.huge do
        skynet.sleep(1 + math.random(8))
        if turn % 60 == 0 then
            ask("bag") -- it is broken
        end
        if room and turn % 25 == 0 then
            ask("bet", { room = room, amount = 1 })
            ask("won", { room = room })
        end
        wishes[math.random(#wishes)]()
    end
end

local CMD = {}

function CMD.count() return asked, answered end

skynet.start(function()
    skynet.dispatch("lua", function(_, _, cmd) skynet.retpack(CMD[cmd]()) end)
    skynet.fork(function()
        fd = assert(socket.open("127.0.0.1", tonumber(port)))
        skynet.fork(listen)
        skynet.sleep(20)
        ask("login", { account = account, token = crypt.hexencode(crypt.hmac_hash("lantern!", account)) })
        play()
    end)
end)
