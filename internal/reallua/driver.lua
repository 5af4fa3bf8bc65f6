-- Returns a function that runs a chunk, and returns one line for each value that it returned: its type and, for what has
-- one, its text.
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

local function run(text)
  local chunk, message = load(text, "=chunk", "t")
  if chunk then
    return answer(pcall(chunk))
  end
  return answer(false, message)
end

return run
