package strfmt

import (
	"math"
	"strconv"
	"strings"
)

// Room returns how many bytes an argument takes at most, without what %s takes for its text.
func (s *Spec) Room() int { return 450 }

// AppendInt appends an integer by %d, %i, %u, %o, %x or %X. All but the first two take it
// without sign.
func (s *Spec) AppendInt(b []byte, n int64) []byte {
	sign := ""
	var digits [72]byte
	d := digits[:0]
	u := uint64(n)
	switch s.Verb {
	case 'd', 'i':
		switch {
		case n < 0:
			sign, u = "-", -u
		case s.Plus:
			sign = "+"
		case s.Space:
			sign = " "
		}
		d = strconv.AppendUint(d, u, 10)
	case 'u':
		d = strconv.AppendUint(d, u, 10)
	case 'o':
		d = strconv.AppendUint(d, u, 8)
	default:
		d = strconv.AppendUint(d, u, 16)
	}
	if u == 0 && s.Precision == 0 {
		d = d[:0]
	}
	zeros := max(0, s.Precision-len(d))
	if s.Alternate {
		switch {
		case s.Verb == 'o' && zeros == 0 && (len(d) == 0 || d[0] != '0'):
			zeros = 1
		case (s.Verb == 'x' || s.Verb == 'X') && u != 0:
			sign = "0x"
		}
	}
	from := len(b)
	pad := s.Width - len(sign) - zeros - len(d)
	if pad > 0 && s.Zero && !s.Minus && s.Precision < 0 {
		zeros += pad
		pad = 0
	}
	b = s.before(b, pad)
	b = append(b, sign...)
	b = repeat(b, '0', zeros)
	b = append(b, d...)
	b = s.after(b, pad)
	if s.Verb == 'X' {
		upper(b[from:])
	}
	return b
}

// AppendFloat appends a number by %a, %e, %f or %g, or their capitals.
func (s *Spec) AppendFloat(b []byte, f float64) []byte {
	sign := ""
	switch {
	case math.Signbit(f):
		sign = "-"
	case s.Plus:
		sign = "+"
	case s.Space:
		sign = " "
	}
	f = math.Abs(f)
	var room [96]byte
	d := room[:0]
	zero := s.Zero && !s.Minus
	precision := s.Precision
	if precision < 0 {
		precision = 6
	}
	verb := s.Verb | 0x20
	prefix := ""
	switch {
	case f != f:
		d, zero = append(d, "nan"...), false
	case f > math.MaxFloat64:
		d, zero = append(d, "inf"...), false
	case verb == 'f':
		d = strconv.AppendFloat(d, f, 'f', precision, 64)
		if s.Alternate && precision == 0 {
			d = append(d, '.')
		}
	case verb == 'e':
		d = strconv.AppendFloat(d, f, 'e', precision, 64)
		if s.Alternate && precision == 0 {
			d = append(d[:1], append([]byte{'.'}, d[1:]...)...)
		}
	case verb == 'g':
		d = appendGeneral(d, f, precision, s.Alternate)
	default:
		prefix = "0x"
		d = appendHex(d, f, s.Precision, s.Alternate)
	}
	from := len(b)
	pad := s.Width - len(sign) - len(prefix) - len(d)
	if zero {
		b = append(append(b, sign...), prefix...)
		b = repeat(b, '0', pad)
		b = append(b, d...)
	} else {
		b = s.before(b, pad)
		b = append(append(append(b, sign...), prefix...), d...)
		b = s.after(b, pad)
	}
	if s.Verb < 'a' {
		upper(b[from:])
	}
	return b
}

// appendHex appends a positive number as %a does, without 0x.
func appendHex(b []byte, f float64, precision int, alternate bool) []byte {
	bits := math.Float64bits(f)
	mantissa := bits & (1<<52 - 1)
	exponent := int(bits>>52) - 1023
	lead := uint64(1)
	if exponent == -1023 {
		lead = 0
		exponent = -1022
		if mantissa == 0 {
			exponent = 0
		}
	}
	if precision >= 0 && precision < 13 {
		// Round to even at the digit that is the last.
		shift := uint(4 * (13 - precision))
		all := lead<<52 | mantissa
		rest := all & (1<<shift - 1)
		all >>= shift
		if half := uint64(1) << (shift - 1); rest > half || rest == half && all&1 == 1 {
			all++
		}
		all <<= shift
		lead, mantissa = all>>52, all&(1<<52-1)
	}
	b = strconv.AppendUint(b, lead, 16)
	digits := strconv.FormatUint(mantissa|1<<52, 16)[1:]
	if precision < 0 {
		digits = strings.TrimRight(digits, "0")
	} else if precision < 13 {
		digits = digits[:precision]
	}
	if digits != "" || precision > 0 || alternate {
		b = append(b, '.')
		b = append(b, digits...)
		b = repeat(b, '0', precision-len(digits))
	}
	b = append(b, 'p')
	if exponent >= 0 {
		b = append(b, '+')
	}
	return strconv.AppendInt(b, int64(exponent), 10)
}

// AppendString appends a text by %s.
func (s *Spec) AppendString(b []byte, text string) []byte {
	if s.Precision >= 0 && s.Precision < len(text) {
		text = text[:s.Precision]
	}
	pad := s.Width - len(text)
	b = s.before(b, pad)
	b = append(b, text...)
	return s.after(b, pad)
}

func (s *Spec) before(b []byte, pad int) []byte {
	if s.Minus {
		return b
	}
	return repeat(b, ' ', pad)
}

func (s *Spec) after(b []byte, pad int) []byte {
	if !s.Minus {
		return b
	}
	return repeat(b, ' ', pad)
}

func repeat(b []byte, c byte, n int) []byte {
	for ; n > 0; n-- {
		b = append(b, c)
	}
	return b
}

func upper(b []byte) {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 0x20
		}
	}
}
