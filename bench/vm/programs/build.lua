-- A string is built up piece by piece, escaped and formatted.
return function(n)
  local out = {}
  for i = 1, n do
    local s = ""
    for k = 1, 8 do s = s .. string.char(65 + (i + k) % 26) end
    out[#out + 1] = string.format("%05d %s %x", i, s:lower(), i)
    if #out > 100 then out = { #table.concat(out) .. "" } end
  end
  return #table.concat(out)
end
