-- snax.loginserver: a server that clients log in at. It makes a secret with the client, hands the client's token to
-- the project, and tells the client how it has ended. Lines end with "\n":
--
--   server: base64(challenge)             client: base64(its half of the key)
--   server: base64(its half of the key)   client: base64(hmac of the challenge with the secret)
--                                         client: base64(the token, encrypted by DES with the secret)
--   server: "200 " .. base64(subid), or 401 Unauthorized, 403 Forbidden, 406 Not Acceptable
--
-- The service starts others of its own name, which talk to clients; the first one takes the connections.
local skynet = require "skynet"
require "skynet.manager"
local socket = require "skynet.socket"
local crypt = require "skynet.crypt"

-- longest is how much a client may send before its login has ended.
local longest = 8192

local gone = {} -- raised when the client has gone

local function write(fd, text)
  if not socket.write(fd, text .. "\n") then
    error(gone)
  end
end

local function read(fd) return socket.readline(fd) or error(gone) end

-- authenticate talks to a client. It returns what the project makes of its token, and the secret.
local function authenticate(auth, fd)
  socket.limit(fd, longest)
  local challenge, key = crypt.randomkey(), crypt.randomkey()
  write(fd, crypt.base64encode(challenge))
  local half = crypt.base64decode(read(fd))
  if #half ~= 8 then
    error("Invalid client key", 0)
  end
  write(fd, crypt.base64encode(crypt.dhexchange(key)))
  local secret = crypt.dhsecret(half, key)
  if crypt.base64decode(read(fd)) ~= crypt.hmac64(challenge, secret) then
    error("challenge failed", 0)
  end
  local token = crypt.desdecode(secret, crypt.base64decode(read(fd)))
  local ok, server, uid = pcall(auth, token)
  return ok, server, uid, secret
end

-- slave answers: true, server, uid, secret; false, why: the client is refused; nil: it has gone.
local function slave(auth)
  local function serve(ok, first, ...)
    if ok then
      return first, ...
    elseif first == gone then
      return nil, "the client has gone"
    end
    return false, first
  end
  skynet.dispatch("lua", function(_, _, fd, address)
    skynet.error(("connect from %s (fd = %d)"):format(address, fd))
    local started, why = pcall(socket.start, fd)
    if not started then
      skynet.retpack(nil, why)
      return
    end
    local message, size = skynet.pack(serve(pcall(authenticate, auth, fd)))
    socket.abandon(fd) -- the first service goes on with it
    skynet.ret(message, size)
  end)
end

local function master(conf)
  local slaves, turn = {}, 0
  local busy = {} -- users whose login has not ended
  skynet.dispatch("lua", function(_, _, command, ...) skynet.retpack(conf.command_handler(command, ...)) end)
  for i = 1, conf.instance or 8 do slaves[i] = skynet.newservice(SERVICE_NAME) end
  if #slaves == 0 then
    error("a login server has one instance at least", 0)
  end

  local function accept(fd, address)
    turn = turn % #slaves + 1
    local ok, server, uid, secret = skynet.call(slaves[turn], "lua", fd, address)
    if not ok then
      if ok == false then
        write(fd, "401 Unauthorized")
      end
      error(server, 0)
    end
    if not conf.multilogin then
      if busy[uid] then
        write(fd, "406 Not Acceptable")
        error(("User %s is already login"):format(uid), 0)
      end
      busy[uid] = true
    end
    local entered, result = pcall(conf.login_handler, server, uid, secret)
    busy[uid] = nil
    if not entered then
      write(fd, "403 Forbidden")
      error(result, 0)
    end
    write(fd, "200 " .. crypt.base64encode(result or ""))
  end

  local host, port = conf.host or "0.0.0.0", tonumber(conf.port) or error("the port is missing", 0)
  skynet.error(("login server listen at : %s %d"):format(host, port))
  socket.start(socket.listen(host, port), function(fd, address)
    local ok, why = pcall(accept, fd, address)
    if not ok and why ~= gone then
      skynet.error(("invalid client (fd = %d) error = %s"):format(fd, why))
    end
    socket.close(fd)
  end)
end

return function(conf)
  local name = "." .. (conf.name or "login")
  skynet.start(function()
    if skynet.localname(name) then
      slave(conf.auth_handler or error("auth_handler is missing", 0))
      return
    end
    if not conf.login_handler or not conf.command_handler then
      error("login_handler or command_handler is missing", 0)
    end
    skynet.register(name)
    master(conf)
  end)
end
