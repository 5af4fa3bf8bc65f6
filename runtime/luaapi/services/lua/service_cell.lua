-- A service that is made of a function: see skynet.service.
local skynet = require "skynet"
local name = ...

skynet.start(function()
  skynet.dispatch("lua", function(_, _, command, code, ...)
    if command ~= "init" then
      error("the service " .. name .. " has not started yet")
    end
    skynet.dispatch("lua", function() error("No dispatch function") end)
    local begin
    skynet.start = function(f) begin = f end
    local main = assert(load(code, name))
    main(...)
    if begin then
      begin()
    end
    skynet.ret()
  end)
end)
