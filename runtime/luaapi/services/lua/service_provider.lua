-- Starts the services of skynet.service, and the only snax service of each name. What starts under
-- a name holds its lock: who wants it meanwhile waits for the lock, which the node sees.
local skynet = require "skynet"
local queue = require "skynet.queue"

local entries = {}

local function entry(name)
  local e = entries[name]
  if not e then
    e = { lock = queue(), waiting = {} }
    entries[name] = e
  end
  return e
end

local function start(e, begin)
  e.booting = true
  local ok, result = pcall(begin)
  e.booting = false
  local waiting = e.waiting
  e.waiting = {}
  if ok then
    e.address = result
  else
    e.failure = result
  end
  for _, respond in ipairs(waiting) do
    respond(ok, result)
  end
end

local function address(e)
  if e.failure then
    error(e.failure, 0)
  end
  return e.address
end

local function launch(name, begin)
  local e = entry(name)
  e.lock(function()
    if not e.address and not e.failure then
      start(e, begin)
    end
  end)
  skynet.retpack(address(e))
end

local function query(name)
  local e = entry(name)
  if e.booting then
    e.lock(function() end)
  end
  if e.address or e.failure then
    skynet.retpack(address(e))
  else
    table.insert(e.waiting, skynet.response())
  end
end

local commands = {}

function commands.launch(name, code, ...)
  local args = table.pack(...)
  launch(name, function()
    local cell = skynet.newservice("service_cell", name)
    local ok, message = pcall(skynet.call, cell, "lua", "init", code, table.unpack(args, 1, args.n))
    if not ok then
      skynet.kill(cell)
      error(message, 0)
    end
    local e = entry(name)
    local words = {}
    for i = 1, args.n do words[i] = tostring(args[i]) end
    e.init, e.time = table.concat(words, ","), skynet.time()
    return cell
  end)
end

commands.query = query

function commands.test(name)
  local e = entries[name]
  skynet.retpack(e and address(e))
end

function commands.close(name)
  local e = entries[name]
  if not e or e.booting then
    skynet.retpack(nil)
    return
  end
  if #e.waiting == 0 then
    entries[name] = nil
  end
  local old = e.address
  e.address, e.failure = nil, nil
  skynet.retpack(old)
end

function commands.snax(name, ...)
  local args = table.pack(...)
  launch("snaxd " .. name, function()
    return require "skynet.snax".rawnewservice(name, table.unpack(args, 1, args.n))
  end)
end

function commands.querysnax(name) query("snaxd " .. name) end

skynet.info_func(function()
  local info = {}
  for name, e in pairs(entries) do
    info[e.address and skynet.address(e.address) or name] = {
      name = name, init = e.init, time = e.time and os.date("%Y %b %d %T %z", math.floor(e.time)),
      status = e.booting and "booting" or #e.waiting > 0 and ("waiting(%d)"):format(#e.waiting) or nil,
    }
  end
  return info
end)

skynet.start(function()
  skynet.dispatch("lua", function(_, _, command, ...)
    local f = commands[command]
    if not f then
      error("service_provider has no command " .. tostring(command))
    end
    f(...)
  end)
end)
