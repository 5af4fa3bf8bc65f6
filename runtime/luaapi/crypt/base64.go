package crypt

import (
	"encoding/base64"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/thread"
)

const (
	noDigit = -1
	filler  = -2
)

// digits has the value of each byte of base64 text.
var digits = func() (d [256]int8) {
	for i := range d {
		d[i] = noDigit
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		d[c] = int8(i)
	}
	d['='] = filler
	return d
}()

func base64Encode(L *lua.LState) int {
	s := text(L, 1, 4)
	charge(L, base64.StdEncoding.EncodedLen(len(s)))
	return push(L, base64.StdEncoding.AppendEncode(nil, []byte(s)))
}

// base64Decode passes over what is no digit, and does without the filling at the end: Go's
// decoder would refuse texts that skynet takes.
func base64Decode(L *lua.LState) int {
	s := text(L, 1, 8)
	charge(L, (len(s)+3)/4*3)
	out := make([]byte, 0, (len(s)+3)/4*3)
	for at := 0; at < len(s); {
		var group [4]int8
		fillers := 0
		for n := 0; n < len(group); {
			d := int8(filler)
			if at < len(s) {
				d = digits[s[at]]
			}
			at++
			if d == noDigit {
				continue
			}
			if d == filler {
				fillers++
			}
			group[n] = d
			n++
		}
		a, b, c, d := group[0], group[1], group[2], group[3]
		switch {
		case fillers == 0:
			out = append(out, byte(a)<<2|byte(b)>>4, byte(b)<<4|byte(c)>>2, byte(c)<<6|byte(d))
		case fillers == 1 && d == filler && c&3 == 0:
			out = append(out, byte(a)<<2|byte(b)>>4, byte(b)<<4|byte(c)>>2)
		case fillers == 2 && d == filler && c == filler && b&15 == 0:
			out = append(out, byte(a)<<2|byte(b)>>4)
		default:
			thread.Errorf(L, "Invalid base64 text")
		}
	}
	return push(L, out)
}
