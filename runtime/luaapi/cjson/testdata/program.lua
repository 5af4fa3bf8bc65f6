local cjson = require "cjson"
local safe = require "cjson.safe"
local function show(v, d)
  if v == cjson.null then return "null" end
  if type(v) ~= "table" then return (type(v) == "string" and ("%q"):format(v) or tostring(v)) end
  local keys = {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, k in ipairs(keys) do keys[i] = tostring(k) .. "=" .. show(v[k]) end
  return "{" .. table.concat(keys, ",") .. "}"
end
local function try(f, ...)
  local ok, v = pcall(f, ...)
  if ok then return show(v) end
  return "ERROR " .. tostring(v):gsub("^[^ ]*:%d+: ", "")
end
for _, s in ipairs { '', ' ', '1', '-0', '1.5e3', '[1,2,3]', '{"a":1}', '{}', '[]', '[1,]', '[,1]', '{"a"}', '{"a":}', '{"a":1,}', '{a:1}', '{"a":1 "b"}', '[1 2]', '[1', '{"a":1', '"abc', '"a\\', '"\\q"', '"\\u12"', '"\\ud800"',
  '"\\ud83d\\ude00"', '"\\ude00"', '"\\u00e4\\u20ac"', '"\\n\\t\\/\\\\\\""', '"raw\ncontrol"', 'nan', 'NaN', '-NaN', 'inf', '-Infinity', 'Infinity', '0x1F', '01', '+1', '-', '--1', '1.', '.5', '1e', '1e+', '1.2.3', 'true', 'false', 'null', 'tru', 'nul', 'truex', '[true,false,null]', '1 2', '[[1],[2,[3]]]', ' \t\r\n[ 1 , 2 ] ', '\0[', '[\0', '{"a":{"b":[]}}', '{"1":2,"1":3}', '"\xff\xfe"', '123456789012345678901234567890', '1e400', '[1e308]', '"\\u0000"', '0x', '0x1p4', '0x.8', '-0x10', 'infinityx', '\xef\xbb\xbf1', "'a'", '/*x*/1' } do
  print((s:gsub("%c", "?")), try(cjson.decode, s))
end
for _, s in ipairs { '1', '1.5', '1e15', '0.1', '1/3', '2^53', '-2^53', '1e300', '"a/b"', '"\\0\\1\\127\\n\\t\\b\\f\\r\\"\\\\"', '{}', '{1,2,3}', '{1,nil,3}', '{a=1}', '{[1]=1,[20]=2}', '{[1]=1,[10]=2}', '{[0]=1}', '{[1.5]=1}', '{[-1]=2}', '{[true]=1}', 'print', 'cjson.null', '{cjson.null}', 'nil', 'true', '0/0', '1/0', '{[1]="a",x=1}', '{{{}}}', 'io.stdout', 'coroutine.create(print)', '(function() local t = {} t[1] = t return t end)()', '{print}', '{[print]=1}', '"\\xff\\xe4"' } do
  print(s, try(cjson.encode, load("local cjson = ... return " .. s)(cjson)))
end
print(try(cjson.encode)) print(try(cjson.encode, 1, 2)) print(try(cjson.decode)) print(try(cjson.decode, {}))  print(try(cjson.decode, 12))
print(safe.encode(print)) print(safe.decode("[1,")) print(safe.decode("[1]")[1])
print(select("#", safe.decode("null")))
local c = cjson.new()
print(try(c.encode_max_depth)) print(try(c.encode_max_depth, 2)) print(try(c.encode, {{{}}})) print(try(c.encode, {{1}}))
print(try(c.decode_max_depth, 2)) print(try(c.decode, "[[[1]]]")) print(try(c.decode, '[[1],{"a":1}]')) print(try(c.decode, '[1,{"a":{}}]'))
print(try(c.encode_max_depth, 0)) print(try(c.encode_max_depth, 1, 2))
print(c.encode_sparse_array()) print(c.encode_sparse_array(true)) print(try(c.encode, {[1]=1,[20]=2})) print(c.encode_sparse_array(false, 0)) print(try(c.encode, {[3]=1}))
print(try(c.encode_number_precision, 3)) print(try(c.encode, 1/3)) print(try(c.encode_number_precision, 17)) print(try(c.encode, 123456))
print(try(c.encode_invalid_numbers)) print(try(c.encode_invalid_numbers, "null")) print(try(c.encode, {1/0})) print(try(c.encode_invalid_numbers, true)) print(try(c.encode, {1/0, -1/0, 0/0}))
print(try(c.decode_invalid_numbers, false)) for _, s in ipairs { "nan", "0x10", "01", "+1", "-inf", "Infinity", "1", "-0" } do print(s, try(c.decode, s)) end
print(try(c.decode_invalid_numbers, "maybe")) print(try(c.encode_keep_buffer)) print(c._NAME, safe._NAME, type(c._VERSION), type(cjson.null))
print(try(cjson.encode, (" "):rep(3)), #cjson.encode(("/"):rep(10)))
