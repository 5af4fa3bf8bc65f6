-- A producer and a filter, each a coroutine.
return function(n)
  local producer = coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end)
  local filter = coroutine.wrap(function()
    for i in producer do if i % 3 ~= 0 then coroutine.yield(i * 2) end end
  end)
  local sum = 0
  for v in filter do sum = (sum + v) % 1000003 end
  return sum
end
