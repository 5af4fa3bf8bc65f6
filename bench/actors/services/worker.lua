-- W7 and W8: computes before it answers.
local skynet = require "skynet"

local function fib(n)
	if n < 2 then
		return n
	end
	return fib(n - 1) + fib(n - 2)
end

local command = { fib = fib }

-- A table of n numbers is filled and read.
function command.table(n)
	local t, sum = {}, 0
	for i = 1, n do
		t[i] = i * 2
	end
	for i = 1, n do
		sum = sum + t[i]
	end
	return sum
end

-- A turn is nine instructions.
function command.work(n)
	local t, sum = {}, 0
	for i = 1, n do
		t[i % 8 + 1] = i
		sum = sum + (t[(i + 3) % 8 + 1] or 0)
	end
	return sum
end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, n)
		skynet.retpack(command[cmd](n))
	end)
end)
