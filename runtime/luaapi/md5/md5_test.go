package md5_test

import (
	"testing"

	"github.com/skylint/skylint/runtime/internal/moduletest"
	"github.com/skylint/skylint/runtime/luaapi/md5"
)

var modules = moduletest.Modules{"md5": md5.Open}

// TestVectors has those of RFC 1321 and RFC 2202, and what skynet's module returns.
func TestVectors(t *testing.T) {
	moduletest.Expect(t, modules, `
local md5 = require "md5"
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(md5.sumhexa "") print(md5.sumhexa "message digest") print(hex(md5.sum "abc"))
print(md5.hmacmd5("what do ya want for nothing?", "Jefe")) print(md5.hmacmd5("data", ("k"):rep(70)))
print(hex(md5.exor("abc", "ABC")))
print(hex(md5.crypt("message", "key", "seed"))) print(md5.decrypt(md5.crypt("message", "key", "seed"), "key"))
for n = 0, 50 do local s = ("ab\0"):rep(n):sub(1, n) assert(md5.decrypt(md5.crypt(s, "k"), "k") == s) end
print(select(2, pcall(md5.exor, "abc", "AB"))) print(select(2, pcall(md5.decrypt, "", "k"))) print(select(2, pcall(md5.crypt, "x", ("k"):rep(257)))) print(select(2, pcall(md5.crypt, "x", "k", ("s"):rep(17))))
`, `d41d8cd98f00b204e9800998ecf8427e
f96b697d7cb7938d525a2f31aaf161d0
900150983cd24fb0d6963f7d28e17f72
750c783e6ab0b503eaa86e310a5db738
8996781ac01cab210283dcaf2bbfd236
202020
0473656564c2803aa840ade0
message
bad argument #2 to 'md5.exor' (lengths must be equal)
bad argument #1 to 'md5.decrypt' (invalid cyphered string)
key too long (> 256)
seed too long (> 16)`)
}

func TestCharged(t *testing.T) {
	for _, call := range []string{"sum(s)", "sumhexa(s)", "hmacmd5(s, 'k')", "crypt(s, 'k')", "exor(s, s)"} {
		_, err := moduletest.Run(t, modules, `local md5 = require "md5" local s = ("x"):rep(1e6) while true do md5.`+call+` end`, "instructions=5e6")
		if err == nil {
			t.Errorf("%s ends by no limit", call)
		}
	}
}
