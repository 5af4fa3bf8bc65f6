-- A timer that repeats until it is stopped.

local skynet = require "skynet"
local class = require "class"

local Timer = class("Timer")

function Timer:ctor(interval, callback)
    self.interval = interval
    self.callback = callback
    self.running = false
end

function Timer:start()
    if self.running then
        return
    end
    self.running = true
    skynet.fork(function()
        while self.running do
            skynet.sleep(self.interval)
            if self.running then
                local ok, err = xpcall(self.callback, debug.traceback)
                if not ok then
                    skynet.error("timer:", err)
                end
            end
        end
    end)
end

function Timer:stop()
    self.running = false
end

-- Shorter to write where nobody ever stops it.
function skynet.every(interval, callback)
    local timer = Timer.new(interval, callback)
    timer:start()
    return timer
end

return Timer
