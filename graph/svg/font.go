package svg

// Helvetica, and Arial and Liberation Sans, which have its widths: in thousandths of the size of
// the font, for the characters from the space to the tilde.
var (
	regular = [95]uint16{
		278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
		556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
		1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
		667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
		333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
		556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
	}
	bold = [95]uint16{
		278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
		556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
		975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
		667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
		333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
		611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
	}
)

// A face is a font in one size.
type face struct {
	widths *[95]uint16
	size   float64
}

// width returns how wide a text is.
func (f face) width(s string) float64 {
	sum := 0
	for _, r := range s {
		sum += f.advance(r)
	}
	return float64(sum) * f.size / 1000
}

func (f face) advance(r rune) int {
	switch {
	case ' ' <= r && r <= '~':
		return int(f.widths[r-' '])
	case r == '·':
		return 333
	case r < 0x1100 && r != '→' && r != '…':
		return 600
	}
	return 1000 // arrows, and the scripts of East Asia
}

// fit returns a text, cut at its end if it is wider than most.
func (f face) fit(s string, most float64) string {
	if f.width(s) <= most {
		return s
	}
	most -= f.width("…")
	for i, r := range s {
		if most -= float64(f.advance(r)) * f.size / 1000; most < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// fitPath is fit for a path, of which the end says more.
func (f face) fitPath(s string, most float64) string {
	if f.width(s) <= most {
		return s
	}
	for i := range s {
		if i > 0 && f.width("…"+s[i:]) <= most {
			return "…" + s[i:]
		}
	}
	return "…"
}
