local bson = require "bson"
local function hex(s) return (tostring(s):gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local function enc(...) local r=table.pack(pcall(bson.encode_order, ...)) print(r[1] and hex(r[2]) or r[2]) end
enc("a",1) enc("a",1.5) enc("a",-1,"b",2^31|0) enc("a","x") enc("a",true,"b",false) enc("a",{}) enc("a",{1,"x"}) enc("a",bson.null)
enc("a",bson.minkey,"b",bson.maxkey) enc("a",bson.date(1700000000)) enc("a",bson.timestamp(1700000000,7)) enc("a",bson.objectid "0123456789abcdef01234567")
enc("a",bson.binary "hi") enc("a",bson.regex("x","i")) enc("a",bson.regex "x") enc("a",bson.int64(5)) enc("a",bson.encode{x=1})
enc("a","\xff") enc("a", function() end) enc("a",nil) enc(1,2) enc("a") enc("a", {[2]=1}) enc("a",{x={[1.5]=1}}) enc() enc({},1) enc("a",{[true]=1})
enc("a",{1,nil,3})
print(pcall(bson.encode,{1})) print(pcall(bson.encode,1)) print(pcall(bson.objectid,"x"))
print(pcall(bson.encode,{[{}]=1}))
local t={} t.t=t print(pcall(bson.encode,t))
for _,v in ipairs{1,1.5,true,"x","",bson.null,bson.date(5),bson.timestamp(5,6),bson.objectid "0123456789abcdef01234567",bson.binary "hi",bson.regex("x","i"),bson.int64(7),bson.minkey,bson.maxkey,"\0\x63x","\0\x07x","\0"} do print(pcall(bson.type,v)) end
print(pcall(bson.type,nil)) print(pcall(bson.type,print)) print((bson.type{}))
print(pcall(bson.decode,nil)) print(pcall(bson.decode,"x"))
local b=bson.encode_order("a",1,"b",1.5,"c",true,"d",bson.date(1),"e",bson.timestamp(1,2),"f",bson.objectid "0123456789abcdef01234567","g","str","h",2^40|0)
print(pcall(function() b.a=2 end)) print(b:makeindex()==b) print(#b)
b.a=7 b.b=2 b.c=false b.d=bson.date(9) b.e=bson.timestamp(3,4) b.f=bson.objectid "ffffffffffffffffffffffff" b.h=9
print(hex(b)) local d=b:decode() print(d.a,d.b,d.c,d.g,d.h,bson.type(d.d)) print(bson.type(d.e)) print(bson.type(d.f))
print(pcall(function() b.g="x" end)) print(pcall(function() b.a=1.5 end)) print(pcall(function() b.b="x" end)) print(pcall(function() b.d="x" end)) print(pcall(function() b.d=bson.timestamp(1) end)) print(pcall(function() b.zz=1 end)) print(b.a)
print(pcall(function() b.f=nil end)) print(pcall(bson.date,"x")) print(pcall(bson.date,1.5)) print(pcall(bson.regex)) print(pcall(bson.binary))print(#bson.objectid(), #bson.timestamp(1))
enc("a",setmetatable({n=2},{__len=function() return 2 end,__index=function(_,i) return i*10 end})) enc("a",setmetatable({},{__len=function() return "x" end}))
enc("a",setmetatable({},{__pairs=function() return function(_,k) if not k then return "k",1 end end end})) 
print(hex(bson.encode(setmetatable({},{__pairs=function() return function(_,k) if not k then return "k",1 end end end}))))
enc("a",setmetatable({},{__pairs=function() return function(_,k) if not k then return 1,1 end end end})) 
enc("a","\0\x05") enc("a","\0\x07x") enc("a","\0\x63") enc("a\0b",1) enc("a",0/0) enc("a",1e300) enc("a",10/2)
-- What lua-bson has otherwise, or not at all.
print(pcall(bson.encode_order, "a\0b", 1)) print(hex(bson.encode_order("a", 10 / 2, "b", -0.0)))
local large = bson.decode("\x10\0\0\0\x12a\0\xff\xff\xff\xff\xff\xff\xff\x7f\0").a
print(hex(large), bson.int64(large) == large, hex(bson.encode { a = large }), pcall(bson.type, large))
print(bson.type(bson.date(-1)), bson.type(bson.decode(bson.encode { d = bson.date(-86400 * 365 * 100) }).d))
local decimal = "\x18\0\0\0\x13a\0" .. ("\x01"):rep(16) .. "\0"
print(tostring(bson.encode(bson.decode(decimal))) == decimal, (bson.type(bson.decode(decimal).a)))
for _, s in ipairs { "", "\5\0\0\0", "\5\0\0\0\1", "\5\0\0\0\0x", "\4\0\0\0\0", "\xff\xff\xff\xff\0", "\x0c\0\0\0\2a\0\0\0\0\0\0",
  "\x0c\0\0\0\2a\0\xff\xff\0\0\0", "\x0c\0\0\0\5a\0\xff\xff\xff\xff\0", "\x08\0\0\0\6a\0\0", "\8\0\0\0\1a\0\0", "\7\0\0\0\1a\0",
  "\x10\0\0\0\4a\0\8\0\0\0\x0ax\0\0\0", "\x0f\0\0\0\x0fa\0\3\0\0\0\0\0\0\0\0" } do
  print(pcall(bson.decode, s))
end
for _, s in ipairs { "\0\5", "\0\9x", "\0\x0bx", "\0\x0d\xff\0\0\0x", "\0\x0f\1\0\0\0", "\0\x12x" } do
  print((select(2, pcall(bson.encode, { a = s }))), select(2, pcall(bson.type, s)))
end
print(#bson.encode { a = "\u{20ac}", b = bson.timestamp(1), c = bson.objectid() }, pcall(bson.encode_order, "a", bson.regex("x")))
print(pcall(bson.decode, 5)) print(pcall(bson.date, 1e16)) print(pcall(bson.timestamp, -1)) print(pcall(bson.regex, "a\0b"))
