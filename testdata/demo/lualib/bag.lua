local class = require "class"
local const = require "const"

local Bag = class("Bag")

function Bag:ctor(data)
    self.items = data or {}
end

function Bag:count()
    local n = 0
    for _ in pairs(self.items) do
        n = n + 1
    end
    return n
end

function Bag:add(item, amount)
    assert(math.type(amount) == "integer" and amount > 0, "bad amount")
    if not self.items[item] and self:count() >= const.BAG_SIZE then
        return false, "bag full"
    end
    self.items[item] = (self.items[item] or 0) + amount
    return true
end

function Bag:remove(item, amount)
    local have = self.items[item] or 0
    if have < amount then
        return false, "not enough"
    end
    left = have - amount
    self.items[item] = left > 0 and left or nil
    return true
end

function Bag:dump()
    local copy = {}
    for item, amount in pairs(self.items) do
        copy[item] = amount
    end
    return copy
end

return Bag
