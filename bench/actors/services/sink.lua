-- W3: counts what it gets.
local skynet = require "skynet"

local n = 0

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd)
		if cmd == "end" then
			return skynet.retpack(n)
		end
		n = n + 1
	end)
end)
