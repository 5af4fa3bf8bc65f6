package strfmt

import (
	"strconv"
	"strings"
)

// appendGeneral writes a finite number as C's %g does. With alternate, zeros at the end are kept.
func appendGeneral(b []byte, f float64, precision int, alternate bool) []byte {
	if precision == 0 {
		precision = 1
	}
	var scratch [32]byte
	e := strconv.AppendFloat(scratch[:0], f, 'e', precision-1, 64)
	mark := strings.LastIndexByte(string(e), 'e')
	exponent, err := strconv.Atoi(string(e[mark+1:]))
	if err != nil {
		panic("strfmt: no exponent: " + string(e))
	}
	from := len(b)
	tail := ""
	if exponent < -4 || exponent >= precision {
		b = append(b, e[:mark]...)
		tail = string(e[mark:])
	} else {
		b = strconv.AppendFloat(b, f, 'f', precision-1-exponent, 64)
	}
	point := strings.IndexByte(string(b[from:]), '.')
	switch {
	case alternate && point < 0:
		b = append(b, '.')
	case !alternate && point >= 0:
		n := len(b)
		for b[n-1] == '0' {
			n--
		}
		if b[n-1] == '.' {
			n--
		}
		b = b[:n]
	}
	return append(b, tail...)
}
