package script

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLongMessagesAreCutInTheMiddle(t *testing.T) {
	for _, short := range []string{"", "x", strings.Repeat("x", maxMessage)} {
		if got := clip(short); got != short {
			t.Errorf("clip of %d bytes changes them", len(short))
		}
	}
	for _, part := range []string{"program.lua:1: ", "中文", "\xff\xfe", "\x80"} {
		long := "first" + strings.Repeat(part, 2000) + "last"
		got := clip(long)
		if len(got) > maxMessage+100 || !strings.HasPrefix(got, "first") || !strings.HasSuffix(got, "last") || !strings.Contains(got, "bytes left out") {
			t.Errorf("clip of many %q: %q", part, got)
		}
		if utf8.ValidString(long) != utf8.ValidString(got) {
			t.Errorf("clip cuts a character of %q", part)
		}
	}
}
