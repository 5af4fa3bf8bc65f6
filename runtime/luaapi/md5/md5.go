// Package md5 is the module md5 (that of the Kepler project, which skynet brings): digests, and
// a cipher made of them.
package md5

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

const (
	maxKey    = 256
	blockSize = md5.Size
)

var maker = library.Maker("md5.", []library.Function{
	{Name: "crypt", Call: crypt}, {Name: "decrypt", Call: decrypt}, {Name: "exor", Call: xor}, {Name: "hmacmd5", Call: hmacMD5},
	{Name: "sum", Call: sum}, {Name: "sumhexa", Call: sumHex},
})

// Open makes the module for a state.
func Open(L *lua.LState) *lua.LTable {
	t := maker(L)
	t.RawSetString("_DESCRIPTION", lua.LString("Basic cryptographic facilities"))
	t.RawSetString("_VERSION", lua.LString("MD5 1.2"))
	return t
}

// text returns an argument that is digested.
func text(L *lua.LState, n int) string {
	s := arg.String(L, n)
	limit.Of(L).Work(L, int64(len(s)))
	return s
}

func push(L *lua.LState, b []byte) int {
	L.Push(lua.LString(b))
	return 1
}

func sum(L *lua.LState) int {
	s := md5.Sum([]byte(text(L, 1)))
	return push(L, s[:])
}

func sumHex(L *lua.LState) int {
	s := md5.Sum([]byte(text(L, 1)))
	return push(L, hex.AppendEncode(nil, s[:]))
}

// hmacMD5 takes the text before the key.
func hmacMD5(L *lua.LState) int {
	mac := hmac.New(md5.New, []byte(text(L, 2)))
	mac.Write([]byte(text(L, 1)))
	return push(L, hex.AppendEncode(nil, mac.Sum(nil)))
}

func xor(L *lua.LState) int {
	a, b := text(L, 1), text(L, 2)
	arg.Check(L, len(a) == len(b), 2, "lengths must be equal")
	limit.Of(L).Charge(L, limit.String, int64(len(a)))
	out := []byte(a)
	for i := range out {
		out[i] ^= b[i]
	}
	return push(L, out)
}

// crypt encrypts with cipher feedback: each block is combined with the digest of the one before
// and the key. The seed, which stands for a block before the first, precedes the result.
func crypt(L *lua.LState) int {
	message := text(L, 1)
	seed := ""
	if L.GetTop() < 3 {
		seed = string(binary.LittleEndian.AppendUint64(nil, uint64(time.Now().Unix())))
	} else {
		seed = arg.String(L, 3)
	}
	if len(seed) > blockSize {
		thread.Errorf(L, "seed too long (> %d)", blockSize)
	}
	limit.Of(L).Charge(L, limit.String, int64(len(message)+len(seed)+1))
	out := append([]byte{byte(len(seed))}, seed...)
	return push(L, feedback(L, out, seed, message, false))
}

func decrypt(L *lua.LState) int {
	cipher := text(L, 1)
	arg.Check(L, cipher != "", 1, "invalid cyphered string")
	n := int(cipher[0])
	arg.Check(L, n <= blockSize && len(cipher) > n, 1, "invalid cyphered string")
	limit.Of(L).Charge(L, limit.String, int64(len(cipher)))
	return push(L, feedback(L, nil, cipher[1:1+n], cipher[1+n:], true))
}

// feedback appends the text, combined block by block. The next block depends on the encrypted
// one, which is the one that comes in when the text is decrypted.
func feedback(L *lua.LState, out []byte, seed, text string, decrypting bool) []byte {
	key := arg.String(L, 2)
	if len(key) > maxKey {
		thread.Errorf(L, "key too long (> %d)", maxKey)
	}
	limit.Of(L).Work(L, int64(len(text))*int64(1+len(key)/32))
	state := make([]byte, blockSize+len(key))
	copy(state, seed)
	copy(state[blockSize:], key)
	for text != "" {
		code := md5.Sum(state)
		n := min(blockSize, len(text))
		for i := range n {
			code[i] ^= text[i]
		}
		out = append(out, code[:n]...)
		if decrypting {
			copy(state, text[:n])
		} else {
			copy(state, code[:n])
		}
		text = text[n:]
	}
	return out
}
