// Package crypt is skynet.crypt: what games sign in with. Ciphers and digests are those of Go's
// library; what only skynet has is written here.
//
// DES, MD5, SHA-1 and an exchange modulo a prime of 64 bits keep no secret from anybody who is
// determined. They are here since existing clients speak them.
package crypt

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

var maker = library.Maker("crypt.", []library.Function{
	{Name: "base64decode", Call: base64Decode}, {Name: "base64encode", Call: base64Encode}, {Name: "desdecode", Call: desDecode},
	{Name: "desencode", Call: desEncode}, {Name: "dhexchange", Call: dhExchange}, {Name: "dhsecret", Call: dhSecret},
	{Name: "hashkey", Call: hashKey}, {Name: "hexdecode", Call: hexDecode}, {Name: "hexencode", Call: hexEncode},
	{Name: "hmac64", Call: hmac64}, {Name: "hmac64_md5", Call: hmac64MD5}, {Name: "hmac_hash", Call: hmacHash},
	{Name: "hmac_sha1", Call: hmacSHA1}, {Name: "randomkey", Call: randomKey}, {Name: "sha1", Call: sha}, {Name: "xor_str", Call: xor},
})

// Open makes the module for a state.
func Open(L *lua.LState) *lua.LTable {
	t := maker(L)
	padding := L.CreateTable(0, len(paddings))
	for mode, p := range paddings {
		padding.RawSetString(p.name, lua.LNumber(mode))
	}
	t.RawSetString("padding", padding)
	return t
}

// text returns an argument whose bytes are worked on: each costs about work/16 instructions.
func text(L *lua.LState, n, work int) string {
	s := arg.String(L, n)
	limit.Of(L).Work(L, int64(len(s))*int64(work)/16)
	return s
}

// push pushes a result. Its size was charged before it was made.
func push(L *lua.LState, b []byte) int {
	L.Push(lua.LString(b))
	return 1
}

// charge asks for a result of n bytes.
func charge(L *lua.LState, n int) { limit.Of(L).Charge(L, limit.String, int64(n)) }

func randomKey(L *lua.LState) int {
	var key [8]byte
	_, _ = rand.Read(key[:]) // it never fails
	if key == [8]byte{} {
		key[0] = 1 // dhexchange takes no zero
	}
	return push(L, key[:])
}

func sha(L *lua.LState) int {
	sum := sha1.Sum([]byte(text(L, 1, 16)))
	return push(L, sum[:])
}

func hmacSHA1(L *lua.LState) int {
	mac := hmac.New(sha1.New, []byte(text(L, 1, 16)))
	mac.Write([]byte(text(L, 2, 16)))
	return push(L, mac.Sum(nil))
}

func hexEncode(L *lua.LState) int {
	s := text(L, 1, 4)
	charge(L, 2*len(s))
	return push(L, hex.AppendEncode(nil, []byte(s)))
}

// hexDecode takes lower-case digits alone, as skynet does.
func hexDecode(L *lua.LState) int {
	s := text(L, 1, 4)
	if len(s)%2 != 0 {
		thread.Errorf(L, "Invalid hex text size %d", len(s))
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			thread.Errorf(L, "Invalid hex text")
		}
	}
	charge(L, len(s)/2)
	b, _ := hex.DecodeString(s)
	return push(L, b)
}

func xor(L *lua.LState) int {
	s, by := text(L, 1, 4), arg.String(L, 2)
	if by == "" {
		thread.Errorf(L, "Can't xor empty string")
	}
	charge(L, len(s))
	b := []byte(s)
	for i := range b {
		b[i] ^= by[i%len(by)]
	}
	return push(L, b)
}
