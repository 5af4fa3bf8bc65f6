-- W5: a service that could do something.
local skynet = require "skynet"

skynet.start(function()
	skynet.dispatch("lua", function(_, _, x)
		skynet.retpack(x)
	end)
end)
