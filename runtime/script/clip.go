package script

import (
	"fmt"
	"unicode/utf8"
)

// maxMessage is how many bytes of an error's message are shown. Of a longer one, such as that of
// an error which each of two hundred coroutines puts its place before, the middle is left out.
const maxMessage = 1500

func clip(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	first, last := boundary(message, maxMessage*2/3), boundary(message, len(message)-maxMessage/3)
	return fmt.Sprintf("%s ... (%d bytes left out) ... %s", message[:first], last-first, message[last:])
}

// boundary returns where the character of UTF-8 begins that is at i.
func boundary(s string, i int) int {
	for k := range min(utf8.UTFMax, i) {
		if utf8.RuneStart(s[i-k]) {
			return i - k
		}
	}
	return i
}
