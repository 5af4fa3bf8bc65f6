package sproto

import (
	"errors"
	"slices"
)

// Pack leaves out zero bytes: each eight bytes become a byte that says which of them are not zero,
// and these. Runs of eight bytes that have (almost) no zero are copied whole, behind a byte 0xff
// and their number. What is packed is filled up with zeros to a multiple of eight.
//
// The result is appended to b, byte for byte what sproto_pack of cloudwu/sproto writes.
func Pack[T ~string | []byte](b []byte, text T) []byte {
	run := -1 // where the run begins in b; its number of words stands behind
	for i := 0; i < len(text); i += 8 {
		var w [8]byte
		n := copy(w[:], text[i:])
		mask, count := byte(0), 0
		for j, c := range w[:n] {
			if c != 0 {
				mask |= 1 << j
				count++
			}
		}
		if run >= 0 && count >= 6 {
			b = append(b, w[:]...)
			if b[run+1]++; b[run+1] == 255 {
				run = -1
			}
			continue
		}
		run = -1
		if count == 8 {
			run = len(b)
			b = append(append(b, 0xff, 0), w[:]...)
			continue
		}
		b = append(b, mask)
		for _, c := range w {
			if c != 0 {
				b = append(b, c)
			}
		}
	}
	return b
}

var errPacked = errors.New("Invalid unpack stream")

// UnpackedLen returns how long the text is that was packed.
func UnpackedLen(packed string) (n int, err error) {
	for packed != "" {
		head := packed[0]
		packed = packed[1:]
		taken := 0
		if head == 0xff {
			if packed == "" {
				return 0, errPacked
			}
			taken = (int(packed[0]) + 1) * 8
			n += taken
			taken++
		} else {
			for m := head; m != 0; m &= m - 1 {
				taken++
			}
			n += 8
		}
		if len(packed) < taken {
			return 0, errPacked
		}
		packed = packed[taken:]
	}
	return n, nil
}

// Unpack undoes Pack, but for the zeros that it has added. The result is appended to b.
func Unpack(b []byte, packed string) ([]byte, error) {
	n, err := UnpackedLen(packed)
	if err != nil {
		return b, err
	}
	b = slices.Grow(b, n)
	for packed != "" {
		head := packed[0]
		packed = packed[1:]
		if head == 0xff {
			n := (int(packed[0]) + 1) * 8
			b = append(b, packed[1:1+n]...)
			packed = packed[1+n:]
			continue
		}
		for bit := byte(1); bit != 0; bit <<= 1 {
			if head&bit == 0 {
				b = append(b, 0)
				continue
			}
			b = append(b, packed[0])
			packed = packed[1:]
		}
	}
	return b, nil
}
