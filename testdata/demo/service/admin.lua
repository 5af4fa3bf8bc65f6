-- Console for game masters: one command a line, by telnet.

local skynet = require "skynet"
local socket = require "skynet.socket"

local COMMAND = {}

function COMMAND.who()
	local login = skynet.uniqueservice("login")
	return table.concat(skynet.call(login, "lua", "who"), " ")
end

function COMMAND.kick(id)
	local login = skynet.uniqueservice("login")
	skynet.call(login, "lua", "kick_player", math.tointeger(id))
	return "kicked"
end

function COMMAND.cpu()
	local db = skynet.uniqueservice("db")
	for name, spent in pairs(skynet.call(db, "lua", "cpu")) do
		skynet.error(name, spent)
	end
	return "see the log"
end

-- lua print(1): whatever is needed at three in the morning.
function COMMAND.lua(...)
	local code = table.concat({ ... }, " ")
	local f, err = load(code, "=admin")
	if not f then
		return err
	end
	return tostring(f())
end

function COMMAND.disk()
	local pipe = io.popen("df -h .")
	local text = pipe:read("a")
	pipe:close()
	return text
end

function COMMAND.backup(label)
	return skynet.call(skynet.uniqueservice("db"), "lua", "backup", label)
end

function COMMAND.restart()
	skynet.error("restart by hand")
	os.exit(0)
end

local function serve(fd)
	socket.start(fd)
	while true do
		local line = socket.readline(fd)
		if not line then
			break
		end
		local words = {}
		for word in line:gmatch("%S+") do
			words[#words + 1] = word
		end
		last_command = line
		local f = COMMAND[words[1]]
		local ok, answer = pcall(f, table.unpack(words, 2))
		if not ok then
			answer = "error: " .. answer
		end
		socket.write(fd, answer .. "\n")
	end
	socket.close(fd)
end

skynet.start(function()
	local id = socket.listen("0.0.0.0", 8010)
	socket.start(id, function(fd, addr)
		skynet.error("admin from", addr)
		skynet.fork(serve, fd)
	end)
end)
