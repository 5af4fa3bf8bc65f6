bad_a = 1
-- luacheck: globals ok_b ok_c.field, read globals bad_d
ok_b = 1
bad_ok_c = 1
bad_ok_d = 1
local function f()
   -- luacheck: not globals ok_b
   bad_ok_b = 1
   -- luacheck: new globals ok_e
   ok_e = 1
   -- luacheck: globals ok_f
   ok_f = 1
   -- luacheck: allow defined top
   bad_g = 1
end
ok_b = f
-- luacheck: allow defined top
ok_h = 1
return function()
   bad_h = 1
   -- luacheck: allow defined
   ok_i = 1
   return function()
      -- luacheck: no allow defined
      bad_i = 1
   end
end
