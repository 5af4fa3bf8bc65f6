-- Runs each chunk read from standard input, and answers with what it returned.
-- Request: "<length> <bytes>"    Answer: "<length>\n<bytes>"
-- The answer is one line for each value: its type and, for what has one, its text.
local input, output = io.stdin, io.stdout

local function describe(value)
  local kind = math.type(value) or type(value)
  if kind == "string" then
    return "string " .. (value:gsub("[^%g ]", function(c) return ("\\%03d"):format(c:byte()) end))
  elseif kind == "integer" or kind == "boolean" or kind == "nil" then
    return kind .. " " .. tostring(value)
  elseif kind == "float" then
    return ("float %a"):format(value)
  end
  return kind
end

local function answer(ok, ...)
  local lines = { ok and "ok" or "error" }
  for i = 1, select("#", ...) do
    lines[#lines + 1] = describe((select(i, ...)))
  end
  return table.concat(lines, "\n")
end

while true do
  local length = input:read("n")
  if not length then
    break
  end
  input:read(1)
  local text = length > 0 and input:read(length) or ""
  local chunk, message = load(text, "=chunk", "t")
  local result
  if chunk then
    result = answer(pcall(chunk))
  else
    result = answer(false, message)
  end
  output:write(#result, "\n", result)
  output:flush()
end
