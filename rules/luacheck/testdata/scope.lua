bad_a = 1
-- luacheck: ignore 111/ok.*
ok_b = 1
local function f()
   bad_b = 1
   -- luacheck: no global
   ok_c = 1
   other = function()
      other_ok = 1
      -- luacheck: enable 111
      bad_d = 1
   end
   other_ok2 = 1
end late_e = 1
bad_f = f
ok_f = 1
return function()
   local g = function() -- luacheck: ignore .*_x
      bad_h_x = 1
   end
   -- luacheck: ignore .*_x
   local h = function() ok_x = 1 return g end
   ok2_x = h
end
