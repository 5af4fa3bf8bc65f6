package luagen

import "strings"

// Minimise returns a small text for which fails still holds, made from text, for which
// it must hold, by leaving out lines, tokens and bytes.
func Minimise(text string, fails func(string) bool) string {
	for {
		before := len(text)
		text = without(text, func(s string) []string { return strings.SplitAfter(s, "\n") }, fails)
		text = without(text, Cut, fails)
		if len(text) <= 200 {
			text = without(text, func(s string) []string { return strings.Split(s, "") }, fails)
		}
		if len(text) >= before {
			return text
		}
	}
}

// without leaves out runs of parts, long ones first.
func without(text string, split func(string) []string, fails func(string) bool) string {
	parts := split(text)
	for size := (len(parts) + 1) / 2; size > 0; size /= 2 {
		for i := 0; i < len(parts); {
			end := min(i+size, len(parts))
			rest := strings.Join(parts[:i], "") + strings.Join(parts[end:], "")
			if fails(rest) {
				parts = append(parts[:i:i], parts[end:]...)
			} else {
				i += size
			}
		}
	}
	return strings.Join(parts, "")
}
