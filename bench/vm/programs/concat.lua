-- table.concat of pieces, and short strings put together by an operator.
return function(n)
  local parts = {}
  for i = 1, n do parts[i] = "item" .. i .. ":" .. i % 7 end
  local s = table.concat(parts, ",")
  return #s
end
