-- A small class helper: single inheritance, constructor named ctor.
--
--   local Pet = class("Pet", Animal)
--   function Pet:ctor(name) self.name = name end
--   local p = Pet.new("Rex")

local function class(name, super)
    local cls = {
        __name = name,
        super = super,
    }
    cls.__index = cls
    if super then
        setmetatable(cls, { __index = super })
    end

    function cls.new(...)
        local self = setmetatable({}, cls)
        if self.ctor then
            self:ctor(...)
        end
        return self
    end

    function cls.is(object)
        local mt = getmetatable(object)
        while mt do
            if mt == cls then
                return true
            end
            mt = mt.super
        end
        return false
    end

    return cls
end

return class
