-- Method calls on objects whose class inherits.
return function(n)
  local Base = {}
  Base.__index = Base
  function Base:add(x) self.sum = self.sum + x return self end
  function Base:get() return self.sum end
  local Derived = setmetatable({}, { __index = Base })
  Derived.__index = Derived
  function Derived:twice(x) return self:add(x):add(x) end
  local o = setmetatable({ sum = 0 }, Derived)
  for i = 1, n do
    o:twice(i % 10)
    if o:get() > 1000000 then o.sum = 0 end
  end
  return o:get()
end
