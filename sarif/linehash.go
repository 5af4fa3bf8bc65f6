package sarif

import (
	"strconv"
	"unicode/utf8"
)

// GitHub tells apart the alerts of a rule in a file by a hash of the text from the
// beginning of their line, which survives changes elsewhere in the file. Its upload action
// adds the hash where a report lacks it, and warns about one that differs; uploads by
// other ways keep what the report has. So the hash has to be the same to the bit:
//
// A line's hash is the polynomial in 37, modulo 2^64, of the first 100 UTF-16 code units
// from its beginning, over the ends of lines, without spaces and tabs. \r\n and \r count
// as \n, the end of the file as U+FFFF with zeros after it. An ordinal tells apart the
// lines of a file that have the same hash.
const (
	hashWindow = 100
	hashBase   = 37
	hashLead   = 0xe59cd09a331cdb71 // hashBase to the power of hashWindow: the weight of what leaves the window
)

// A lineHasher computes the hash of every line of a text as its characters pass by.
type lineHasher struct {
	window [hashWindow]uint16
	starts [hashWindow]bool // whether the character in the window begins a line
	at     int
	hash   uint64
	begins bool // the next character begins a line
	hashes []uint64
}

// lineHashes returns the hash of each line. Unlike elsewhere in the project a line ends
// after \n, \r and \r\n.
func lineHashes(text string) []uint64 {
	h := lineHasher{begins: true}
	afterCR := false
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c == ' ' || c == '\t' || c == '\n' && afterCR:
				afterCR = false
				continue
			case c == '\r':
				afterCR = true
				c = '\n'
			default:
				afterCR = false
			}
			h.add(uint16(c))
			continue
		}
		afterCR = false
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			size = malformed(text[i:])
		}
		i += size
		if r > 0xFFFF {
			h.add(uint16(0xD800 + (r-0x10000)>>10))
			h.add(uint16(0xDC00 + (r-0x10000)&0x3FF))
		} else {
			h.add(uint16(r))
		}
	}
	h.add(0xFFFF)
	for range hashWindow {
		h.shift(0)
	}
	return h.hashes
}

// add appends a character that counts.
func (h *lineHasher) add(c uint16) {
	begins := h.begins
	h.begins = c == '\n'
	at := h.at
	h.shift(c)
	h.starts[at] = begins
}

// shift moves the window by one place. What leaves it is the first of its characters: if
// it began a line, the hash is that of the line.
func (h *lineHasher) shift(c uint16) {
	if h.starts[h.at] {
		h.starts[h.at] = false
		h.hashes = append(h.hashes, h.hash)
	}
	h.hash = h.hash*hashBase + uint64(c) - hashLead*uint64(h.window[h.at])
	h.window[h.at] = c
	if h.at++; h.at == hashWindow {
		h.at = 0
	}
}

// malformed returns how many bytes at the beginning of s, which is not UTF-8 there,
// become one U+FFFD: as many as could still have become a character, as browsers do it.
func malformed(s string) int {
	low, high, more := byte(0x80), byte(0xBF), 0
	switch c := s[0]; {
	case c < 0xC2 || c > 0xF4:
		return 1
	case c < 0xE0:
		more = 1
	case c < 0xF0:
		more = 2
		if c == 0xE0 {
			low = 0xA0
		} else if c == 0xED {
			high = 0x9F
		}
	default:
		more = 3
		if c == 0xF0 {
			low = 0x90
		} else if c == 0xF4 {
			high = 0x8F
		}
	}
	n := 1
	for n <= more && n < len(s) && low <= s[n] && s[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// githubFingerprints returns the fingerprints of the lines asked for, by line from 1; a
// line that the text has not is left out.
func githubFingerprints(text string, lines []int) map[int]string {
	hashes := lineHashes(text)
	seen := make(map[uint64]int, len(lines))
	wanted := make(map[int]bool, len(lines))
	for _, line := range lines {
		if line >= 1 && line <= len(hashes) {
			wanted[line] = true
			seen[hashes[line-1]] = 0
		}
	}
	found := make(map[int]string, len(wanted))
	for i, hash := range hashes {
		n, ok := seen[hash]
		if !ok {
			continue
		}
		seen[hash] = n + 1
		if wanted[i+1] {
			found[i+1] = strconv.FormatUint(hash, 16) + ":" + strconv.Itoa(n+1)
		}
	}
	return found
}
