-- The workloads, for skyrun and for skynet alike: setting "workload" says which one runs, and
-- "count" how many operations. The times and the memory go to .report.
local skynet = require "skynet"
require "skynet.manager" -- skynet.abort

local count = math.tointeger(tonumber(skynet.getenv "count"))

-- measure runs f, which makes n operations, and reports how long it took.
local function measure(n, f)
	skynet.call(".report", "lua", "mark")
	local start = skynet.hpc()
	f()
	skynet.call(".report", "lua", "result", n, skynet.hpc() - start)
end

local function start(name, n)
	local list = {}
	for i = 1, n do
		list[i] = skynet.newservice(name)
	end
	return list
end

-- together runs f in n coroutines at once, and waits for all.
local function together(n, f)
	local left, all = n, {}
	for i = 1, n do
		skynet.fork(function()
			f(i)
			left = left - 1
			if left == 0 then
				skynet.wakeup(all)
			end
		end)
	end
	skynet.wait(all)
end

-- calls makes calls whose handler takes n turns.
local function calls(cmd, n)
	local worker = skynet.newservice "worker"
	measure(count, function()
		for _ = 1, count do
			skynet.call(worker, "lua", cmd, n)
		end
	end)
end

local workload = {}

function workload.W1()
	local echo = skynet.newservice "echo"
	measure(count, function()
		for i = 1, count do
			skynet.call(echo, "lua", "echo", i, "short string")
		end
	end)
end

function workload.W2()
	local echoes, clients = start("echo", 8), start("client", 64)
	measure(count // 64 * 64, function()
		together(64, function(i)
			skynet.call(clients[i], "lua", echoes[i % 8 + 1], count // 64)
		end)
	end)
end

function workload.W2c()
	local echoes = start("echo", 8)
	measure(count // 64 * 64, function()
		together(64, function(i)
			local echo = echoes[i % 8 + 1]
			for k = 1, count // 64 do
				skynet.call(echo, "lua", "echo", k, "short string")
			end
		end)
	end)
end

function workload.W3()
	local sink = skynet.newservice "sink"
	measure(count, function()
		for i = 1, count do
			skynet.send(sink, "lua", "message", i, "short string")
		end
		assert(skynet.call(sink, "lua", "end") == count)
	end)
end

function workload.W4()
	local echo = skynet.newservice "echo"
	local t = {}
	for i = 1, 10 do
		t["key" .. i] = { id = i, name = "name" .. i, 1, 2 }
	end
	measure(count, function()
		for _ = 1, count do
			skynet.call(echo, "lua", "echo", t)
		end
	end)
end

function workload.W5()
	measure(count, function()
		start("one", count)
	end)
end

function workload.W6()
	local ring, done = start("member", 1000), {}
	for i = 1, #ring do
		skynet.call(ring[i], "lua", "next", ring[i % #ring + 1])
	end
	skynet.dispatch("lua", function()
		skynet.wakeup(done)
	end)
	measure(count, function()
		skynet.send(ring[1], "lua", skynet.self(), count - 1)
		skynet.wait(done)
	end)
end

workload["W7 fib"] = function()
	calls("fib", 20)
end

workload["W7 loop"] = function()
	calls("table", 10000)
end

for _, turns in ipairs { 10, 50, 200 } do
	workload["W8 " .. turns] = function()
		calls("work", turns)
	end
end

skynet.start(function()
	if not skynet.localname ".report" then
		skynet.newservice "report"
	end
	skynet.fork(function()
		workload[skynet.getenv "workload"]()
		skynet.abort()
	end)
end)
