-- W1, W2, W4: answers what it gets.
local skynet = require "skynet"

skynet.start(function()
	skynet.dispatch("lua", function(_, _, ...)
		skynet.retpack(...)
	end)
end)
