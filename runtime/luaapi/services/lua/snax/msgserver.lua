-- snax.msgserver: a gate whose clients have logged in before, at a server of snax.loginserver. A client may lose its
-- connection and come back: what it asks again is answered, and done once.
--
-- A packet is two bytes of length, big-endian, and that many bytes. The first of a connection is
--
--   base64(uid)@base64(server)#base64(subid):index:base64(hmac)    answered by "200 OK", or by what is wrong
--
-- where index grows with each connection. Then each request is a text and a session of four bytes, each answer a
-- text, a byte (1: it was handled, 0: it failed) and the session.
local skynet = require "skynet"
local gateserver = require "snax.gateserver"
local netpack = require "skynet.netpack"
local crypt = require "skynet.crypt"
local socketdriver = require "skynet.socketdriver"

local msgserver = {}

skynet.register_protocol { name = "client", id = skynet.PTYPE_CLIENT }

local online = {} -- by the name of a user: what is known of who has logged in
local strangers = {} -- by socket: the address of who has not said yet who it is
local connected = {} -- by socket: the user
local numbers = {} -- by socket: the index that the user has come with

-- userid takes the name of a user apart.
function msgserver.userid(username)
  local uid, server, subid = username:match "([^@]*)@([^#]*)#(.*)"
  return crypt.base64decode(uid), crypt.base64decode(subid), crypt.base64decode(server)
end

function msgserver.username(uid, subid, server)
  return ("%s@%s#%s"):format(crypt.base64encode(uid), crypt.base64encode(server), crypt.base64encode(tostring(subid)))
end

-- login lets a user connect who has the secret.
function msgserver.login(username, secret)
  if online[username] then
    error(username .. " has logged in already", 2)
  end
  online[username] = { name = username, secret = secret, connection = 0, count = 0, answers = {} }
end

function msgserver.logout(username)
  local user = online[username]
  online[username] = nil
  if user and user.fd and connected[user.fd] == user then
    connected[user.fd], numbers[user.fd] = nil, nil
    gateserver.closeclient(user.fd)
  end
end

-- ip returns where a user is connected from; nil if it is not.
function msgserver.ip(username)
  local user = online[username]
  return user and user.fd and user.address
end

-- greet looks at the first packet of a connection. It returns what is wrong with it.
local function greet(fd, text, address)
  local name, index, proof = text:match "^([^:]*):(%d+):([^:]*)$"
  if not name then
    return "400 Bad Request"
  end
  local user = online[name]
  if not user then
    return "404 User Not Found"
  end
  index = tonumber(index)
  if index <= user.connection then
    return "403 Index Expired" -- it was used before
  end
  local ok, given = pcall(crypt.base64decode, proof)
  if not ok then
    return "400 Bad Request"
  end
  if given ~= crypt.hmac_hash(user.secret, name .. ":" .. text:match ":(%d+):") then
    return "401 Unauthorized"
  end
  user.connection, user.fd, user.address = index, fd, address
  connected[fd], numbers[fd] = user, index
end

-- What a request of a user came to is {fd: where it is to be sent, text: nil while it is handled, connection: the
-- number of the one that asked last, age}. forget drops the oldest.
local function forget(user, most)
  if user.count < 2 * most then
    return
  end
  local last = 0
  for session, answer in pairs(user.answers) do
    if not answer.fd then
      if answer.age < most then
        user.answers[session] = nil
      else
        answer.age = answer.age - most
        last = math.max(last, answer.age)
      end
    end
  end
  user.count = last + 1
end

local function handle(conf, most, fd, text)
  local user = connected[fd] or error("invalid fd", 0)
  if #text < 4 then
    error("a request has a session of four bytes", 0)
  end
  local session, connection = string.unpack(">I4", text, -4), numbers[fd]
  local answer = user.answers[session]
  if answer and answer.connection == connection then
    if not answer.text then
      error(("Conflict session %d"):format(session), 0)
    end
    answer = nil -- the client has counted on: this is a new request
  end
  if answer then
    -- It was asked on another connection.
    answer.fd, answer.connection, answer.age = fd, connection, user.count
    if not answer.text then
      return -- it is being handled: the answer goes to the new connection
    end
  else
    answer = { fd = fd, connection = connection, age = user.count }
    user.answers[session] = answer
    local ok, result = pcall(conf.request_handler, user.name, text:sub(1, -5))
    if not ok then
      skynet.error(result)
      result = nil
    end
    answer.text = string.pack(">s2", (result or "") .. string.pack(">BI4", ok and 1 or 0, session))
    answer.age = user.count
  end
  user.count = user.count + 1
  if connected[answer.fd] then
    socketdriver.send(answer.fd, answer.text)
  end
  answer.fd = nil
  forget(user, most)
end

-- start is called by the main chunk of the gate.
function msgserver.start(conf)
  local most = conf.expired_number or 128 -- how many answers of a user are kept at least
  local commands = {
    login = conf.login_handler or error("login_handler is missing", 2),
    logout = conf.logout_handler or error("logout_handler is missing", 2),
    kick = conf.kick_handler or error("kick_handler is missing", 2),
  }
  if not conf.request_handler then
    error("request_handler is missing", 2)
  end
  local gate = {}

  function gate.command(name, _, ...)
    local f = commands[name] or error("the gate has no command " .. tostring(name), 0)
    return f(...)
  end

  function gate.open(_, opened)
    return conf.register_handler(opened.servername or error("servername is missing", 0))
  end

  function gate.connect(fd, address)
    strangers[fd] = address
    gateserver.openclient(fd)
  end

  function gate.disconnect(fd)
    strangers[fd] = nil
    local user = connected[fd]
    if not user then
      return
    end
    if conf.disconnect_handler then
      conf.disconnect_handler(user.name)
    end
    if connected[fd] == user then -- else the handler has closed it
      connected[fd], numbers[fd] = nil, nil
      if user.fd == fd then
        user.fd = nil
      end
      gateserver.closeclient(fd)
    end
  end

  gate.error = gate.disconnect

  function gate.message(fd, message, size)
    local text = netpack.tostring(message, size)
    local address = strangers[fd]
    if address then
      strangers[fd] = nil
      local wrong = greet(fd, text, address)
      socketdriver.send(fd, netpack.pack(wrong or "200 OK"))
      if wrong then
        gateserver.closeclient(fd)
      end
      return
    end
    local ok, message = pcall(handle, conf, most, fd, text)
    if not ok then
      skynet.error(("Invalid package %s : %d bytes"):format(message, #text))
      if connected[fd] then
        gateserver.closeclient(fd)
      end
    end
  end

  return gateserver.start(gate)
end

return msgserver
