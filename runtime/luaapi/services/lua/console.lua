-- The commands of the debug console. They run no code that is sent.
local skynet = require "skynet"
local socket = require "skynet.socket"
local memory = require "skynet.memory"
local snax = require "skynet.snax"
local native = ...

-- How long a command waits for all services, in hundredths of a second.
local patience = 300

local function fields(t)
  local keys = {}
  for k in pairs(t) do
    keys[#keys + 1] = k
  end
  table.sort(keys, function(a, b)
    if math.type(a) == "integer" and math.type(b) == "integer" then
      return a < b
    end
    return tostring(a) < tostring(b)
  end)
  return keys
end

local function text(v)
  if type(v) ~= "table" then
    return tostring(v)
  end
  local parts = {}
  for _, k in ipairs(fields(v)) do
    parts[#parts + 1] = tostring(k) .. ":" .. tostring(v[k])
  end
  return table.concat(parts, "\t")
end

-- address reads ":0000000a", "a" or ".name".
local function address(word)
  if not word then
    error("an address is missing", 0)
  end
  if word:sub(1, 1) == "." then
    return skynet.localname(word) or error(word .. " is not a valid name", 0)
  end
  return tonumber(word:gsub("^:", ""), 16) or error(word .. " is no address: :0000000a, a or .name", 0)
end

-- everywhere sends a debug message to all services, and returns what they answer by address.
local function everywhere(ticks, shape, ...)
  ticks = ticks and tonumber(ticks) or patience
  local request, names = skynet.request(), {}
  for where, name in pairs(skynet.call(".launcher", "lua", "LIST")) do
    names[where] = name
    request:add { address(where), "debug", ..., where = where }
  end
  local result = {}
  for asked, answer in request:select(ticks > 0 and ticks or patience) do
    result[asked.where] = shape(answer and answer[1] or "ERROR", names[asked.where])
  end
  for where, name in pairs(names) do
    if result[where] == nil then
      result[where] = shape("TIMEOUT", name)
    end
  end
  return result
end

local function kilobytes(n, name)
  return type(n) == "number" and ("%.2f Kb (%s)"):format(n, name) or ("%s (%s)"):format(n, name)
end

local function debug(word, ...) return skynet.call(address(word), "debug", ...) end

local commands, about = {}, {}

local function command(name, description, f) commands[name], about[name] = f, description end

command("help", "this message", function() return about end)

command("list", "all services", function() return skynet.call(".launcher", "lua", "LIST") end)

command("stat", "stat [ticks] : tasks, messages and time of all services", function(ticks)
  return everywhere(ticks, function(stat) return stat end, "STAT")
end)

command("mem", "mem [ticks] : memory of all services", function(ticks) return everywhere(ticks, kilobytes, "MEM") end)

command("gc", "gc [ticks] : collect what no service uses", function(ticks)
  everywhere(ticks, text, "GC")
  return everywhere(ticks, kilobytes, "MEM")
end)

command("cmem", "memory of the process and of all services, in bytes", function()
  everywhere(nil, text, "MEM") -- this measures
  local result = { total = memory.total(), block = memory.block() }
  for handle, size in pairs(memory.info()) do
    result[skynet.address(handle)] = size
  end
  return result
end)

command("info", "info address ... : what skynet.info_func of a service returns", function(word, ...) return debug(word, "INFO", ...) end)

command("task", "task address : the tasks of a service, with their stacks", function(word) return debug(word, "TASK") end)

command("uniqtask", "uniqtask address : the same, where equal stacks are one", function(word) return debug(word, "UNIQTASK") end)

command("killtask", "killtask address task : end a task that task has listed", function(word, task) return debug(word, "KILLTASK", task) end)

command("ping", "ping address : how long a service takes to answer, in hundredths of a second", function(word)
  local began = skynet.now()
  debug(word, "PING")
  return tostring(skynet.now() - began)
end)

command("exit", "exit address : have a service end itself", function(word) skynet.send(address(word), "debug", "EXIT") end)

command("kill", "kill address : end a service", function(word) return skynet.call(".launcher", "lua", "KILL", address(word)) end)

command("start", "start name ... : start a service", function(...)
  local handle = skynet.newservice(...)
  return handle and { [skynet.address(handle)] = table.concat({ ... }, " ") } or "Exit"
end)

command("snax", "snax name ... : start a snax service", function(...)
  return { [skynet.address(snax.newservice(...).handle)] = table.concat({ ... }, " ") }
end)

command("service", "the services that there is one of", function() return skynet.call(skynet.localname ".service" or error("this node has no .service", 0), "lua", "LIST") end)

command("netstat", "the sockets of the node", function() return socket.netstat() end)

command("getenv", "getenv key : a setting", function(key) return { [key] = tostring(skynet.getenv(key)) } end)

command("clearcache", "nothing: changed code is found without it", function() end)

command("logon", "logon address : log each message that a service gets", function(word) native.logon(address(word)) end)

command("logoff", "logoff address : no more", function(word) native.logoff(address(word)) end)

for name, reason in pairs {
  inject = "it runs code that is sent", call = "it runs code that is sent", debug = "it runs code that is sent",
  dbgcmd = "the debug protocol is not open to all commands", signal = "there is nothing that it could interrupt",
} do
  commands[name] = function() error(name .. " is not served: " .. reason, 0) end
end

-- perform does what a line says. It returns whether it could, what came of it, and that as lines; nothing for
-- a line without words.
return function(line)
  local words = {}
  for word in line:gmatch "%S+" do
    words[#words + 1] = word
  end
  local name = table.remove(words, 1)
  if not name then
    return
  end
  local f = commands[name]
  if not f then
    return false, nil, { "Invalid command, type help for command list" }
  end
  local ok, result = pcall(f, table.unpack(words))
  local lines = {}
  if ok and type(result) == "table" then
    for _, k in ipairs(fields(result)) do
      lines[#lines + 1] = tostring(k) .. "\t" .. text(result[k])
    end
  elseif ok and result ~= nil then
    lines[1] = tostring(result)
  elseif not ok then
    result = tostring(result):gsub("^skyrun/console%.lua:%d+: ", "") -- where in this file is nobody's business
    lines[1] = result
  end
  return ok, result, lines
end
