-- In skynet, .report writes what was measured to the standard output. In skyrun it is a Go function.
local skynet = require "skynet"
require "skynet.manager"

-- resident returns the resident set of the process in pages; 0 where the system does not tell.
local function resident()
	local f = io.open "/proc/self/statm"
	if not f then
		return 0
	end
	local pages = f:read "a":match "^%d+ (%d+)"
	f:close()
	return math.tointeger(pages)
end

local before = 0

skynet.start(function()
	skynet.register ".report"
	skynet.dispatch("lua", function(_, _, what, n, elapsed)
		if what == "mark" then
			before = resident()
		else
			io.write(("result %d %d %d %d\n"):format(n, elapsed, before, resident()))
			io.flush()
		end
		skynet.retpack(true)
	end)
end)
