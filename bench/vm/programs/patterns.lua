-- find, match, gmatch and gsub over lines of a log.
return function(n)
  local total = 0
  for i = 1, n do
    local line = "2024-05-" .. (i % 28 + 1) .. " 12:30:" .. (i % 60) .. " user=" .. i .. " action=login from 10.0.0." .. (i % 255)
    local y, m, d = line:match("^(%d+)-(%d+)-(%d+)")
    for k, v in line:gmatch("(%w+)=(%w+)") do total = total + #k + #v end
    local hidden, c = line:gsub("%d+%.%d+%.%d+%.%d+", "x.x.x.x")
    if line:find("action=%a+ from") then total = total + c end
    total = total + #y + #m + #d + #hidden
  end
  return total
end
