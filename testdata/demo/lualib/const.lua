-- Numbers that designers change.

MAX_LEVEL = 60

local const = {
    BAG_SIZE = 40,
    ROOM_SIZE = 4,
    CHAT_LENGTH = 200,
    SAVE_INTERVAL = 60 * 100,
    -- Experience needed to leave a level: grows by a tenth each time.
    FIRST_LEVEL_EXP = 100,
}

function const.exp_of(level)
    local exp = const.FIRST_LEVEL_EXP
    for _ = 2, level do
        exp = exp + exp // 10
    end
    return exp
end

return const
