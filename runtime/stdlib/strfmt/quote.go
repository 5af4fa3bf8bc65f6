package strfmt

import (
	"math"
	"strconv"

	"github.com/skylint/skylint/runtime/number"
)

// AppendQuoted appends a text as a string of Lua's source (%q).
func AppendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\' || c == '\n':
			b = append(b, '\\', c)
		case c < ' ' || c == 127:
			b = append(b, '\\')
			if i+1 < len(text) && '0' <= text[i+1] && text[i+1] <= '9' {
				b = append(b, '0'+c/100, '0'+c/10%10, '0'+c%10)
			} else {
				b = strconv.AppendUint(b, uint64(c), 10)
			}
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// AppendQuotedNumber appends a number so that reading it gives the same number (%q).
func AppendQuotedNumber(b []byte, f float64) []byte {
	switch {
	case f != f:
		return append(b, "(0/0)"...)
	case math.IsInf(f, 1):
		return append(b, "1e9999"...)
	case math.IsInf(f, -1):
		return append(b, "-1e9999"...)
	}
	if i, ok := number.Integer(f); ok {
		return strconv.AppendInt(b, i, 10)
	}
	if f < 0 {
		b = append(b, '-')
	}
	b = append(b, "0x"...)
	return appendHex(b, math.Abs(f), -1, false)
}
