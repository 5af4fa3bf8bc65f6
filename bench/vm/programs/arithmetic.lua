-- A loop of nothing but arithmetic on locals.
return function(n)
  local x, y = 1, 0
  for i = 1, n do
    x = (x * 7 + i) % 65537
    y = y + x - i % 3
  end
  return y
end
