package crypt

import (
	"crypto/md5"
	"encoding"
	"encoding/binary"
	"math/bits"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

// prime is the largest one of 64 bits, and generator the base of the exchange.
const (
	prime     = 0xffffffffffffffc5
	generator = 5
)

// word returns an argument of eight bytes, little end first.
func word(L *lua.LState, n int, what string) uint64 {
	s := arg.String(L, n)
	if len(s) != 8 {
		thread.Errorf(L, "Invalid %s", what)
	}
	return binary.LittleEndian.Uint64([]byte(s))
}

func pushWord(L *lua.LState, x uint64) int { return push(L, binary.LittleEndian.AppendUint64(nil, x)) }

// power returns a to the power of b, modulo prime.
func power(a, b uint64) uint64 {
	a %= prime
	result := uint64(1)
	for ; b > 0; b >>= 1 {
		if b&1 != 0 {
			result = times(result, a)
		}
		a = times(a, a)
	}
	return result
}

func times(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return bits.Rem64(hi, lo, prime)
}

func dhExchange(L *lua.LState) int {
	x := word(L, 1, "dh uint64 key")
	if x == 0 {
		thread.Errorf(L, "Can't be 0")
	}
	return pushWord(L, power(generator, x))
}

func dhSecret(L *lua.LState) int {
	x, y := word(L, 1, "uint64 x"), word(L, 2, "uint64 y")
	if x == 0 || y == 0 {
		thread.Errorf(L, "Can't be 0")
	}
	return pushWord(L, power(x, y))
}

// hash is Bernstein's hash of a text, and that of Justin Sobel.
func hash(s string) uint64 {
	djb, js := uint32(5381), uint32(1315423911)
	for i := range len(s) {
		c := uint32(s[i])
		djb += djb<<5 + c
		js ^= js<<5 + c + js>>2
	}
	return uint64(djb) | uint64(js)<<32
}

func hashKey(L *lua.LState) int { return pushWord(L, hash(text(L, 1, 16))) }

// chaining is the value that MD5 begins with (RFC 1321, 3.3).
var chaining = [4]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}

// compress is the compression function of MD5 without its last addition: what one block makes
// of the initial value. Go's digest shows its state to those who save it.
func compress(block [16]uint32) (r [4]uint32) {
	var b []byte
	for _, w := range block {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	digest := md5.New()
	digest.Write(b)
	state, err := digest.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(err) // the digest of crypto/md5 is documented to have it
	}
	const magic = 4
	for i := range r {
		r[i] = binary.BigEndian.Uint32(state[magic+4*i:]) - chaining[i]
	}
	return r
}

// sign signs x with y: four times x and y, each with its halves exchanged, compressed and folded.
func sign(x, y uint64) uint64 {
	var block [16]uint32
	for i := 0; i < len(block); i += 4 {
		block[i], block[i+1], block[i+2], block[i+3] = uint32(x>>32), uint32(x), uint32(y>>32), uint32(y)
	}
	r := compress(block)
	return uint64(r[2]^r[3]) | uint64(r[0]^r[1])<<32
}

func hmac64(L *lua.LState) int {
	return pushWord(L, sign(word(L, 1, "uint64 x"), word(L, 2, "uint64 y")))
}

func hmacHash(L *lua.LState) int {
	key := word(L, 1, "uint64 key")
	return pushWord(L, sign(hash(text(L, 2, 16)), key))
}

// hmac64MD5 folds the MD5 of x and y, written three times.
func hmac64MD5(L *lua.LState) int {
	x, y := word(L, 1, "uint64 x"), word(L, 2, "uint64 y")
	var b []byte
	for range 3 {
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, x), y)
	}
	sum := md5.Sum(b)
	return pushWord(L, binary.LittleEndian.Uint64(sum[:])^binary.LittleEndian.Uint64(sum[8:]))
}
