-- table.sort with and without a comparator.
return function(n)
  local seed, a, b = 42, {}, {}
  for i = 1, n do
    seed = (seed * 16807) % 2147483647
    a[i] = seed
    b[i] = seed % 1000
  end
  table.sort(a)
  table.sort(b, function(x, y) return x > y end)
  return a[1] + b[1] + a[n] % 1000
end
