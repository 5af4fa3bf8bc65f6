-- News that players read in the chat: post to write, request to read.

local skynet = require "skynet"

local news = {}
local limit

function init(max)
    limit = max or 20
    skynet.error("bulletin keeps", limit)
end

function exit()
    skynet.error("bulletin had", #news)
end

function response.latest()
    return news[#news] and news[#news].text or "no news"
end

function response.list(count)
    local list = {}
    for i = #news, math.max(1, #news - count + 1), -1 do
        list[#list + 1] = news[i]
    end
    return list
end

function accept.publish(author, text)
    news[#news + 1] = { author = author, text = text, at = skynet.time() }
    published = (published or 0) + 1
    if #news > limit then
        table.remove(news, 1)
    end
end
