local class = require "class"
local const = require "const"
local Bag = require "bag"

local Player = class("Player")

function Player:ctor(data)
    self.id = data.id
    self.name = data.name
    self.level = data.level or 1
    self.exp = data.exp or 0
    self.gold = data.gold or 0
    self.bag = Bag.new(data.bag)
    self.dirty = false
end

function Player:add_exp(amount)
    if DOUBLE_EXP then
        amount = amount * 2
    end
    self.exp = self.exp + amount
    while self.level < MAX_LEVEL and self.exp >= const.exp_of(self.level) do
        self.exp = self.exp - const.exp_of(self.level)
        self.level = self.level + 1
    end
    self.dirty = true
end

function Player:pay(amount)
    if self.gold < amount then
        return false, "not enough gold"
    end
    self.gold = self.gold - amount
    self.dirty = true
    return true
end

function Player:snapshot()
    return {
        id = self.id,
        name = self.name,
        level = self.level,
        exp = self.exp,
        gold = self.gold,
        bag = self.bag:dump(),
    }
end

-- What other players may see.
function Player:card()
    return {
        id = self.id,
        name = self.name,
        level = math.min(self.level, MAX_LEVLE),
    }
end

return Player
