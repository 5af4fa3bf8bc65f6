package markdown

import (
	"strings"
	"unicode/utf8"
)

// inline shows code, emphasis and links within a line. outer is the style that holds
// around the text, to go back to.
func (r *renderer) inline(s, outer string) string {
	var b strings.Builder
	style := func(on, text string) {
		if !r.Color {
			b.WriteString(text)
			return
		}
		b.WriteString(on + text + reset + outer)
	}
	for len(s) > 0 {
		i := strings.IndexAny(s, "`*[")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		if text, rest, ok := between(s, "`", "`"); ok {
			if r.Color {
				style(cyan, text)
			} else {
				b.WriteString("`" + text + "`")
			}
			s = rest
		} else if text, rest, ok := between(s, "**", "**"); ok {
			style(bold, text)
			s = rest
		} else if text, rest, ok := between(s, "*", "*"); ok && !strings.HasPrefix(text, " ") && !strings.HasSuffix(text, " ") {
			style(underline, text)
			s = rest
		} else if text, target, rest, ok := link(s); ok {
			if text == target {
				b.WriteString(text)
			} else {
				b.WriteString(text + " (" + target + ")")
			}
			s = rest
		} else {
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	b.WriteString(s)
	return b.String()
}

// between returns the text between two marks at the start of s, if there is any.
func between(s, open, shut string) (text, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, open)
	if !ok {
		return "", "", false
	}
	text, rest, ok = strings.Cut(s, shut)
	return text, rest, ok && text != ""
}

// link takes [text](target) apart.
func link(s string) (text, target, rest string, ok bool) {
	if text, rest, ok = between(s, "[", "]("); !ok || strings.Contains(text, "]") {
		return "", "", "", false
	}
	target, rest, ok = strings.Cut(rest, ")")
	return text, target, rest, ok
}

// wrap breaks text into lines of at most width columns. It breaks between words only;
// code within a line may be broken at its spaces, the style goes on in the next line.
func (r *renderer) wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	column := 0
	style := "" // the style that is on where the line ends
	for _, word := range strings.Fields(r.inline(text, "")) {
		w := visible(word)
		if column > 0 && column+1+w > width {
			if style != "" {
				line.WriteString(reset)
			}
			lines = append(lines, line.String())
			line.Reset()
			line.WriteString(style)
			column = 0
		}
		if column > 0 {
			line.WriteByte(' ')
			column++
		}
		line.WriteString(word)
		column += w
		style = styleAfter(style, word)
	}
	return append(lines, line.String())
}

// visible returns the number of columns that s takes: its characters without the escape
// sequences.
func visible(s string) int {
	n := 0
	for {
		i := strings.IndexByte(s, '\x1b')
		if i < 0 {
			return n + utf8.RuneCountInString(s)
		}
		n += utf8.RuneCountInString(s[:i])
		end := strings.IndexByte(s[i:], 'm')
		if end < 0 {
			return n
		}
		s = s[i+end+1:]
	}
}

// styleAfter returns the style that is on behind s, if style was on before it.
func styleAfter(style, s string) string {
	for {
		i := strings.IndexByte(s, '\x1b')
		if i < 0 {
			return style
		}
		end := strings.IndexByte(s[i:], 'm')
		if end < 0 {
			return style
		}
		if sequence := s[i : i+end+1]; sequence == reset {
			style = ""
		} else {
			style += sequence
		}
		s = s[i+end+1:]
	}
}
