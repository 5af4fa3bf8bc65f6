package crypt_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/internal/moduletest"
	"github.com/skylint/skylint/runtime/luaapi/crypt"
)

var modules = moduletest.Modules{"skynet.crypt": crypt.Open}

const prelude = `local crypt = require "skynet.crypt"
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
`

// TestStandards checks against the vectors of RFC 3174, RFC 2202, RFC 4648 and FIPS 81.
func TestStandards(t *testing.T) {
	moduletest.Expect(t, modules, prelude+`
print(crypt.hexencode(crypt.sha1("abc")))
print(crypt.hexencode(crypt.sha1(("a"):rep(1000000))))
print(crypt.hexencode(crypt.hmac_sha1(("\x0b"):rep(20), "Hi There")))
print(crypt.hexencode(crypt.hmac_sha1(("\xaa"):rep(80), "Test Using Larger Than Block-Size Key - Hash Key First")))
for _, s in ipairs { "", "f", "fo", "foo", "foob", "fooba", "foobar" } do
  local e = crypt.base64encode(s)
  print(e, crypt.base64decode(e) == s)
end
print(hex(crypt.desencode("\x01\x23\x45\x67\x89\xab\xcd\xef", "Now is the time for all "):sub(1, 24)))
print(crypt.hexdecode("00ff7f") == "\0\xff\x7f")
`, `a9993e364706816aba3e25717850c26c9cd0d89d
34aa973cd4c4daa4f61eeb2bdbad27316534016f
b617318655057264e28bc0b6fb378c8ef146be00
aa4ae5e15272d00e95705637ce8a3b55ed402112
	true
Zg==	true
Zm8=	true
Zm9v	true
Zm9vYg==	true
Zm9vYmE=	true
Zm9vYmFy	true
3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53
true`)
}

// TestSkynet checks what only skynet has, against what skynet itself returns.
func TestSkynet(t *testing.T) {
	moduletest.Expect(t, modules, prelude+`
local a, b = "12345678", "abcdefgh"
print(hex(crypt.hashkey "")) print(hex(crypt.hashkey "hello world"))
print(hex(crypt.hmac64(a, b))) print(hex(crypt.hmac64_md5(a, b))) print(hex(crypt.hmac_hash(a, "hello world")))
print(hex(crypt.dhexchange(a))) print(hex(crypt.dhexchange "\1\0\0\0\0\0\0\0"))
print(hex(crypt.dhsecret(crypt.dhexchange(a), b))) print(hex(crypt.dhsecret(crypt.dhexchange(b), a)))
print(hex(crypt.dhsecret(("\xff"):rep(8), ("\xff"):rep(8))))
print(hex(crypt.desencode(a, "hello world"))) print(hex(crypt.desencode(a, ""))) print(hex(crypt.desencode(b, ("x"):rep(16), crypt.padding.pkcs7)))
print(hex(crypt.xor_str("hello", "ab")))
print(crypt.base64decode "aGVsbG8gd29ybGQ", crypt.base64decode "aGVs\nbG8g-d29y bGQ=")
`, `05150000a7c6674e
c1c8513506e36bbc
ac9ffda9547a027a
c2a34748cf834af4
dc289049eee8f566
a18e89af97222f0e
0500000000000000
fab8e4dca970e431
fab8e4dca970e431
2c4f081c6ac8d444
28dba02eb5f6dd4706b5c56593dcbe2c
8d3d438a718b4510
dd1bceb44cffcfbedd1bceb44cffcfbe241bc91e5e55b3d6
09070d0e0e
hello world	hello world`)
}

func TestRoundTrip(t *testing.T) {
	moduletest.Expect(t, modules, prelude+`
for n = 0, 40 do
  local s = ("\x80\0a"):rep(n):sub(1, n)
  for mode = 0, 1 do assert(crypt.desdecode("12345678", crypt.desencode("12345678", s, mode), mode) == s) end
  assert(crypt.hexdecode(crypt.hexencode(s)) == s and crypt.base64decode(crypt.base64encode(s)) == s)
end
local seen = {}
for i = 1, 100 do
  local k = crypt.randomkey()
  assert(#k == 8 and not seen[k] and k ~= ("\0"):rep(8)) seen[k] = true
end
crypt.mine = 1 print(crypt.mine, require "skynet.crypt".mine)
`, "1\tnil")
}

// TestErrors compares with the messages of skynet.
func TestErrors(t *testing.T) {
	moduletest.Expect(t, modules, prelude+`
local function try(name, ...) print((select(2, pcall(crypt[name], ...)))) end
try("base64decode", "aGVsbG8=\n") try("base64decode", "a") try("base64decode", "aH==") try("base64decode", "=QUI")
try("hexdecode", "abc") try("hexdecode", "AB")
try("desencode", "x", "y") try("desencode", "12345678", "y", 2) try("desencode", "12345678", "y", 1.5)
try("desdecode", "12345678", "") try("desdecode", "12345678", "abc") try("desdecode", "12345678", "12345678") try("desdecode", "12345678", "12345678", 1)
try("hmac64", "1", "2") try("hmac64", "12345678", "2") try("dhexchange", "1") try("dhexchange", ("\0"):rep(8)) try("dhsecret", ("\0"):rep(8), "12345678")
try("xor_str", "a", "") try("hmac_hash", "1", "2") try("sha1") try("hashkey", {})
`, `Invalid base64 text
Invalid base64 text
Invalid base64 text
Invalid base64 text
Invalid hex text size 3
Invalid hex text
Invalid key size 1, need 8 bytes
Invalid padding mode 2
bad argument #3 to 'crypt.desencode' (number has no integer representation)
Invalid des crypt text length 0
Invalid des crypt text length 3
Invalid des crypt text
Invalid des crypt text
Invalid uint64 x
Invalid uint64 y
Invalid dh uint64 key
Can't be 0
Can't be 0
Can't xor empty string
Invalid uint64 key
bad argument #1 to 'crypt.sha1' (string expected, got no value)
bad argument #1 to 'crypt.hashkey' (string expected, got table)`)
}

// TestCharged makes sure that long arguments are paid for.
func TestCharged(t *testing.T) {
	for _, call := range []string{"sha1(s)", "hmac_sha1(s, s)", "desencode('12345678', s)", "desdecode('12345678', s)", "hashkey(s)", "base64encode(s)", "base64decode(s)", "hexencode(s)", "xor_str(s, 'x')", "hmac_hash('12345678', s)"} {
		_, err := moduletest.Run(t, modules, `local crypt = require "skynet.crypt" local s = ("x"):rep(1e6) while true do pcall(function() crypt.`+call+` end) end`, "instructions=5e6")
		if err == nil {
			t.Errorf("%s ends by no limit", call)
		}
	}
	if _, err := moduletest.Run(t, modules, `local s = ("x"):rep(60000) require "skynet.crypt".hexencode(s)`, "string=100KiB"); err == nil {
		t.Error("a result may be longer than a string")
	}
}
