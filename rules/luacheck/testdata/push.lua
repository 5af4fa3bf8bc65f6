bad_a = 1
-- luacheck: push ignore ok.*
ok_b = 1
-- luacheck: push
-- luacheck: no global
anything = 1
-- luacheck: pop
bad_b = 1
ok_c = 1
-- luacheck: pop
bad_ok_c = 1
-- luacheck: pop
-- luacheck: push
local function f()
   -- luacheck: pop
   -- luacheck: ignore 111
   ok_d = 1
   -- luacheck: push no unused
   -- luacheck: enable 111
   bad_d = 1
end
-- luacheck: ignore 111/ok_.*
ok_e = f
-- luacheck: pop
bad_ok_e = 1
