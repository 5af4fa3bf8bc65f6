local sproto = require "sproto"
local core = require "sproto.core"
local parser = require "sprotoparser"
local function hex(s) return (s:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end
-- What an error says, without its place and the name of what was not found.
local function reason(f, ...) return (select(2, pcall(f, ...)):gsub("^[^:]*:%d+: ", ""):gsub("^type not found.*", "type not found")) end
local function show(v)
  if type(v) == "number" then return ("%.14g"):format(v) end
  if type(v) ~= "table" then return tostring(v) end
  local keys = {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, k in ipairs(keys) do keys[i] = tostring(k) .. "=" .. show(v[k]) end
  return "{" .. table.concat(keys, " ") .. "}"
end
local sp = sproto.parse(schema)
local item = { id = 7, name = "sword", price = 12.34, weight = 0.5, icon = "\0\1", ok = true, marks = { { note = "a" }, { note = "b", at = 70000 } } }
local bag = {
  items = { [7] = item }, byname = { sword = { id = 7 } }, numbers = { 1, -2, 3 }, prices = { 1.5, -2.25 },
  doubles = { 0.1, -1e300 }, flags = { true, false, true }, names = { "x", "", "z" }, mark = {}, sub = { sub = { numbers = {} } },
}
for _, t in ipairs { { "item", item }, { "bag", bag }, { "item", {} }, { "item", { id = -1 } }, { "item", { id = 32766 } }, { "item", { id = 32767 } },
  { "item", { id = 4294967296 } }, { "item", { id = "12" } }, { "bag", { numbers = { 1, 4294967296, -1, 2147483648 } } }, { "bag", { numbers = { -2147483648, 2147483647 } } },
  { "item", { unknown = 1, price = 3 } }, { "bag", { prices = { 4294967.5 } } } } do
  local b = sp:encode(t[1], t[2])
  local v, n = sp:decode(t[1], b)
  print(#b, hex(b), n == #b, show(v))
  local packed = sp:pencode(t[1], t[2])
  print(#packed, hex(packed), show(sp:pdecode(t[1], packed)) == show(v))
end
for _, t in ipairs { { "item", { id = "x" } }, { "item", { id = 1.5 } }, { "item", { name = 5 } }, { "item", { ok = 1 } }, { "bag", { numbers = 5 } },
  { "bag", { numbers = { "a" } } }, { "none", {} } } do
  print(reason(sp.encode, sp, t[1], t[2]))
end
local deep = {}
for _ = 1, 70 do deep = { sub = deep } end
print(reason(sp.encode, sp, "bag", deep))
for _, b in ipairs { "", "\1", "\1\0\0\0", "\1\0\0\0\5\0\0\0ab", "\1\0\2\0", "\3\0\0\0\0\0\0\0", "\0\0more" } do
  local ok, v, n = pcall(sp.decode, sp, "pair", b)
  print(ok, ok and show(v) or (v:gsub("^[^:]*:%d+: ", "")), n)
end
print(reason(core.unpack, "\255"))
print(show(sp:default("item")), show(sp:default("bag")), show(sp:default("login", "REQUEST")), show(sp:default("login", "RESPONSE")))
print(sp:exist_type "item", sp:exist_type "x", sp:exist_proto "login", sp:exist_proto(3), sp:exist_proto "x", sp:exist_proto(99))
local p = sp:queryproto "get"
print(p.name, p.tag, type(p.request), type(p.response))
print(hex(sp:request_encode("login", { name = "n", list = { { x = 1 } } })), select(2, sp:request_encode("beat")), hex(sp:response_encode("login", { ok = false })))
print(show(sp:request_decode("login", sp:request_encode("login", { name = "n" }))), select(2, sp:request_decode(1, sp:request_encode("login", {}))), sp:request_decode("beat", ""))
print(show(sp:response_decode("login", sp:response_encode("login", { ok = true }))), sp:response_decode("beat", ""))

local server, client = sp:host "package", sproto.new(parser.parse(schema)):host "package"
local request = client:attach(sp)
local m = request("get", { id = 3, name = "n" }, 5, "user")
print(#m, hex(m))
local kind, name, args, respond, ud = server:dispatch(m)
print(kind, name, show(args), type(respond), ud)
print(client:dispatch(respond({ names = { "r" } }, "back")) == "RESPONSE")
m = request("get", { id = 3 }, 6)
local _, _, _, respond = server:dispatch(m)
local kind, session, result, ud = client:dispatch(respond { names = { "r" } })
print(kind, session, show(result), ud)
print(reason(client.dispatch, client, respond {}))
print(server:dispatch(request "beat"))
local kind, name, args, respond = server:dispatch(request("kick", { id = 1 }))
print(kind, name, show(args), respond)
m = request("sure", nil, 9)
local _, name, args, respond = server:dispatch(m)
print(name, args, hex(respond()))
print(client:dispatch(respond()))
print(reason(request, "none", {}, 1))
