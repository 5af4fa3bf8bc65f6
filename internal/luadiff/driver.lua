-- Answers, for each chunk read from standard input, whether this Lua compiles it.
-- Request:  "<length> <bytes>"    Answer: "ok\n" or "no <length>\n<message>"
-- A negative length asks for the value of the chunk as well: "value <length>\n<bytes>".
-- A text that a file may begin with, but a string may not (#!, byte order mark,
-- the mark of a binary chunk), goes through a file, as "lua file.lua" would read it.
local scratch = ...
local input, output = io.stdin, io.stdout
local load_string = loadstring or load
local files = 0

local function compile(text)
  local first = text:byte(1)
  if first == 0x1B then
    return nil, "chunk:1: binary chunk"
  end
  if first == 0x23 or first == 0xEF then
    files = files + 1 -- a name of its own for each: some Luas remember files by name
    local path = scratch .. files
    local file = assert(io.open(path, "wb"))
    assert(file:write(text))
    file:close()
    local chunk, message = loadfile(path, "t")
    os.remove(path)
    if not chunk then
      message = message:gsub("^.-:(%d+:)", "chunk:%1", 1) -- "path:line: what"
    end
    return chunk, message
  end
  return load_string(text, "=chunk")
end

while true do
  local length = input:read("*n")
  if not length then
    break
  end
  input:read(1)
  local evaluate = length < 0
  length = math.abs(length)
  local text = length > 0 and input:read(length) or ""
  local chunk, message = compile(text)
  if chunk and evaluate then
    local value = chunk()
    if type(value) == "number" and (not math.type or math.type(value) == "float") then
      value = ("%.17g"):format(value)
    end
    value = tostring(value)
    output:write("value ", #value, "\n", value)
  elseif chunk then
    output:write("ok\n")
  else
    message = tostring(message)
    output:write("no ", #message, "\n", message)
  end
  output:flush()
  chunk = nil
end
