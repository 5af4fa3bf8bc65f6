-- A recursive parser of a JSON-like text: sub, byte, find, tables.
return function(n)
  local text = '{"id": 123, "name": "some name", "tags": ["a", "b", "c"], "nested": {"x": 1.5, "y": [true, false, null]}, "list": [1, 2, 3, 4, 5]}'
  local pos
  local value
  local function space() pos = text:find("%S", pos) end
  local function quoted()
    local stop = text:find('"', pos + 1, true)
    local s = text:sub(pos + 1, stop - 1)
    pos = stop + 1
    return s
  end
  function value()
    space()
    local c = text:byte(pos)
    if c == 123 then
      local t = {}
      pos = pos + 1
      repeat
        space()
        local k = quoted()
        space()
        pos = pos + 1
        t[k] = value()
        space()
        local d = text:byte(pos)
        pos = pos + 1
      until d == 125
      return t
    elseif c == 91 then
      local t = {}
      pos = pos + 1
      repeat
        t[#t + 1] = value()
        space()
        local d = text:byte(pos)
        pos = pos + 1
      until d == 93
      return t
    elseif c == 34 then
      return quoted()
    elseif c == 116 then
      pos = pos + 4
      return true
    elseif c == 102 then
      pos = pos + 5
      return false
    elseif c == 110 then
      pos = pos + 4
      return "null"
    end
    local first, last = text:find("^-?%d+%.?%d*", pos)
    pos = last + 1
    return tonumber(text:sub(first, last))
  end
  local sum = 0
  for _ = 1, n do
    pos = 1
    local v = value()
    sum = sum + v.id + #v.tags + v.nested.y[3]:len() + v.list[5]
  end
  return sum
end
