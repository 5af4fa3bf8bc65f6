package luarun

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Result is what a program has printed, and how it has ended.
type Result struct {
	Output  string
	Exit    int
	Message string // the first line on standard error, without the interpreter's name
}

// String writes a result as text that can stand in a txtar archive: what is neither
// printable nor a tab or line break is escaped, and the end stands in a last line if it is
// not an exit with 0.
func (r Result) String() string {
	var b strings.Builder
	for rest := r.Output; rest != ""; {
		c, size := utf8.DecodeRuneInString(rest)
		switch {
		case c == utf8.RuneError && size == 1, c < ' ' && c != '\n' && c != '\t', c == 0x7F:
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		default:
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
		b.WriteString("\n")
	}
	if r.Exit != 0 || r.Message != "" {
		b.WriteString(strings.TrimSpace(fmt.Sprintf("[exit %d] %s", r.Exit, r.Message)) + "\n")
	}
	return b.String()
}
