package crypt

import (
	"crypto/cipher"
	"crypto/des"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

// A padding fills the last block, which always gets one byte at least.
type padding struct {
	name   string
	fill   func(b []byte)
	filled func(block []byte) int // how much of the block is filling; 0 if it is none
}

// paddings by their number in the API.
var paddings = [...]padding{
	{
		name: "iso7816_4", // ISO/IEC 7816-4: 0x80, then zeros
		fill: func(b []byte) { b[0] = 0x80 },
		filled: func(block []byte) int {
			for i := len(block) - 1; i >= 0; i-- {
				switch block[i] {
				case 0:
				case 0x80:
					return len(block) - i
				default:
					return 0
				}
			}
			return 0
		},
	},
	{
		name: "pkcs7", // RFC 5652: each byte says how many there are
		fill: func(b []byte) {
			for i := range b {
				b[i] = byte(len(b))
			}
		},
		filled: func(block []byte) int {
			n := int(block[len(block)-1])
			if n < 1 || n > len(block) {
				return 0
			}
			for _, c := range block[len(block)-n:] {
				if int(c) != n {
					return 0
				}
			}
			return n
		},
	},
}

// block returns the cipher for the key that is the first argument.
func block(L *lua.LState) cipher.Block {
	key := arg.String(L, 1)
	if len(key) != des.BlockSize {
		thread.Errorf(L, "Invalid key size %d, need 8 bytes", len(key))
	}
	c, err := des.NewCipher([]byte(key))
	if err != nil {
		thread.Errorf(L, "%s", err.Error())
	}
	return c
}

func mode(L *lua.LState) padding {
	n := arg.OptInteger(L, 3, 0)
	if n < 0 || n >= int64(len(paddings)) {
		thread.Errorf(L, "Invalid padding mode %d", n)
	}
	return paddings[n]
}

// Blocks are coded one by one (the mode ECB).
func desEncode(L *lua.LState) int {
	c, s := block(L), text(L, 2, 64)
	size := len(s)/des.BlockSize*des.BlockSize + des.BlockSize
	charge(L, size)
	p := mode(L)
	b := make([]byte, size)
	p.fill(b[copy(b, s):])
	for i := 0; i < size; i += des.BlockSize {
		c.Encrypt(b[i:], b[i:])
	}
	return push(L, b)
}

func desDecode(L *lua.LState) int {
	c, s := block(L), text(L, 2, 64)
	if len(s)%des.BlockSize != 0 || s == "" {
		thread.Errorf(L, "Invalid des crypt text length %d", len(s))
	}
	charge(L, len(s))
	p := mode(L)
	b := []byte(s)
	for i := 0; i < len(b); i += des.BlockSize {
		c.Decrypt(b[i:], b[i:])
	}
	n := p.filled(b[len(b)-des.BlockSize:])
	if n == 0 {
		thread.Errorf(L, "Invalid des crypt text")
	}
	return push(L, b[:len(b)-n])
}
