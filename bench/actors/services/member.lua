-- W6: gives the token to the next one in the ring; at 0 to who began.
local skynet = require "skynet"

local next

skynet.start(function()
	skynet.dispatch("lua", function(session, _, first, n)
		if session ~= 0 then
			next = n
			skynet.retpack(true)
		elseif n == 0 then
			skynet.send(first, "lua")
		else
			skynet.send(next, "lua", first, n - 1)
		end
	end)
end)
