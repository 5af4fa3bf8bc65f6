-- W2: calls another service as often as it is told.
local skynet = require "skynet"

skynet.start(function()
	skynet.dispatch("lua", function(_, _, echo, n)
		for i = 1, n do
			skynet.call(echo, "lua", "echo", i, "short string")
		end
		skynet.retpack(true)
	end)
end)
