-- Many small tables: points in lists.
return function(n)
  local sum = 0
  for i = 1, n do
    local p = { x = i, y = i + 1 }
    local q = { p.x, p.y, { p } }
    sum = (sum + q[1] + q[3][1].y) % 1000003
  end
  return sum
end
