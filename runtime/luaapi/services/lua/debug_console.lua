-- The debug console: commands by line over TCP, and in messages of type lua, which the node's own socket sends.
local skynet = require "skynet"
local socket = require "skynet.socket"
local perform = require "skyrun.console"

local args = table.pack(...)
local tcp = args[1] ~= "messages"
if tcp and (args.n < 1 or args.n > 2 or not tonumber(args[args.n])) then
  error "debug_console takes a port, or an address and a port"
end
local host, port = args.n == 2 and args[1] or "127.0.0.1", tonumber(args[args.n])

-- How long a line may be, in bytes.
local longest = 65536

local function talk(id, peer)
  local function print(line) socket.write(id, line .. "\n") end
  socket.limit(id, longest)
  print "Welcome to skynet console"
  skynet.error(peer .. " connected")
  local ok, problem = pcall(function()
    while true do
      local line = socket.readline(id, "\n")
      if not line then
        return
      end
      local ok, _, lines = perform(line)
      if lines then
        for _, answer in ipairs(lines) do
          print(answer)
        end
        print(ok and "<CMD OK>" or "<CMD Error>")
      end
    end
  end)
  if not ok then
    skynet.error(peer .. " " .. tostring(problem))
  end
  skynet.error(peer .. " disconnect")
  socket.close(id)
end

skynet.start(function()
  skynet.dispatch("lua", function(_, _, line) skynet.retpack(perform(line)) end)
  if not tcp then
    return
  end
  local listener, at, on = socket.listen(host, port)
  skynet.error("Start debug console at " .. at .. ":" .. on)
  socket.start(listener, function(id, peer)
    socket.start(id)
    skynet.fork(talk, id, peer)
  end)
end)
