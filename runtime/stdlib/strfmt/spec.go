// Package strfmt writes values as C's printf does for string.format of Lua 5.4.
//
// It knows nothing of the VM: who calls it reads the format with Parse, finds the
// argument, and appends it.
package strfmt

// A Spec is one conversion of a format: %-5.2f.
type Spec struct {
	Text      string // as it is written, with the %
	Verb      byte
	Minus     bool
	Plus      bool
	Space     bool
	Alternate bool
	Zero      bool
	Width     int
	Precision int // -1: none
}

// longest is how many bytes a conversion may have.
const longest = 22

// flags returns the flags that a verb allows, and whether it allows a precision.
func flags(verb byte) (allowed string, precision bool) {
	switch verb {
	case 'd', 'i':
		return "-+0 ", true
	case 'u':
		return "-0", true
	case 'o', 'x', 'X':
		return "-#0", true
	case 'a', 'A', 'e', 'E', 'f', 'F', 'g', 'G':
		return "-+#0 ", true
	case 's':
		return "-", true
	case 'c', 'p':
		return "-", false
	}
	return "", false
}

func isFlagOrDigit(c byte) bool {
	switch c {
	case '-', '+', ' ', '#', '.':
		return true
	}
	return '0' <= c && c <= '9'
}

// Parse reads the conversion whose % is at i-1 of the format. It returns where the format
// goes on. The error is a message of Lua's; it is "" for a conversion that is right as far
// as Parse can tell: Check says the rest.
func Parse(format string, i int) (s Spec, next int, message string) {
	from := i
	for i < len(format) && isFlagOrDigit(format[i]) {
		i++
	}
	if i-from+1 >= longest {
		return s, i, "invalid format (too long)"
	}
	s.Precision = -1
	if i < len(format) {
		s.Verb = format[i]
		i++
	}
	s.Text = "%" + format[from:i]
	return s, i, ""
}

// Bare reports whether there is nothing between the % and the verb.
func (s *Spec) Bare() bool { return len(s.Text) <= 2 }

// Check reads flags, width and precision. It returns a message of Lua's, or "".
func (s *Spec) Check() string {
	if s.Bare() {
		return ""
	}
	allowed, precision := flags(s.Verb)
	text := s.Text[1:]
	i := 0
scan:
	for ; ; i++ {
		flag := text[i]
		for j := 0; ; j++ {
			if j == len(allowed) {
				break scan
			}
			if allowed[j] == flag {
				break
			}
		}
		switch flag {
		case '-':
			s.Minus = true
		case '+':
			s.Plus = true
		case ' ':
			s.Space = true
		case '#':
			s.Alternate = true
		case '0':
			s.Zero = true
		}
	}
	if text[i] != '0' {
		s.Width, i = twoDigits(text, i)
		if text[i] == '.' && precision {
			s.Precision, i = twoDigits(text, i+1)
		}
	}
	if i != len(text)-1 {
		return "invalid conversion specification: '" + s.Text + "'"
	}
	return ""
}

// Invalid returns the message for a conversion that does not exist.
func (s *Spec) Invalid() string { return "invalid conversion '" + s.Text + "' to 'format'" }

func twoDigits(text string, i int) (n, next int) {
	for last := i + 2; i < last && '0' <= text[i] && text[i] <= '9'; i++ {
		n = n*10 + int(text[i]-'0')
	}
	return n, i
}
