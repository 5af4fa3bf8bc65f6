-- Closures are made and called, with upvalues that change.
return function(n)
  local function counter(step)
    local c = 0
    return function() c = c + step return c end
  end
  local sum = 0
  for i = 1, n do
    local f = counter(i % 5)
    f()
    sum = (sum + f()) % 1000003
  end
  return sum
end
