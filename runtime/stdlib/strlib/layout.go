package strlib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

type packKind uint8

const (
	packInt     packKind = iota // i, b, h, l, j
	packUint                    // I, B, H, L, J, T
	packFloat                   // f
	packDouble                  // d, n
	packFixed                   // c
	packPrefix                  // s
	packZero                    // z
	packPadding                 // x
	packAlign                   // X
	packNothing                 // spaces and settings
)

const (
	nativeAlign = 8
	maxIntSize  = 16
	sizeJ       = 8
)

// layout reads the options of a format of string.pack.
type layout struct {
	L      *lua.LState
	format string
	at     int
	big    bool
	align  int
}

// option is one option: its size, and how many bytes stand before it for its alignment.
type option struct {
	kind    packKind
	size    int
	padding int
}

func (l *layout) more() bool { return l.at < len(l.format) }

func (l *layout) digit() bool {
	return l.at < len(l.format) && '0' <= l.format[l.at] && l.format[l.at] <= '9'
}

// number reads a number; otherwise is its value if there is none.
func (l *layout) number(otherwise int) int {
	if !l.digit() {
		return otherwise
	}
	n := 0
	for l.digit() && n <= (1<<31-10)/10 {
		n = n*10 + int(l.format[l.at]-'0')
		l.at++
	}
	return n
}

func (l *layout) intSize(otherwise int) int {
	n := l.number(otherwise)
	if n < 1 || n > maxIntSize {
		thread.Errorf(l.L, "integral size (%d) out of limits [1,%d]", n, maxIntSize)
	}
	return n
}

// read reads an option without its alignment.
func (l *layout) read() option {
	c := l.format[l.at]
	l.at++
	switch c {
	case 'b':
		return option{kind: packInt, size: 1}
	case 'B':
		return option{kind: packUint, size: 1}
	case 'h':
		return option{kind: packInt, size: 2}
	case 'H':
		return option{kind: packUint, size: 2}
	case 'l', 'j':
		return option{kind: packInt, size: 8}
	case 'L', 'J', 'T':
		return option{kind: packUint, size: 8}
	case 'i':
		return option{kind: packInt, size: l.intSize(4)}
	case 'I':
		return option{kind: packUint, size: l.intSize(4)}
	case 'f':
		return option{kind: packFloat, size: 4}
	case 'd', 'n':
		return option{kind: packDouble, size: 8}
	case 's':
		return option{kind: packPrefix, size: l.intSize(8)}
	case 'c':
		n := l.number(-1)
		if n == -1 {
			thread.Errorf(l.L, "missing size for format option 'c'")
		}
		return option{kind: packFixed, size: n}
	case 'z':
		return option{kind: packZero}
	case 'x':
		return option{kind: packPadding, size: 1}
	case 'X':
		return option{kind: packAlign}
	case ' ':
	case '<', '=':
		l.big = false
	case '>':
		l.big = true
	case '!':
		l.align = l.intSize(nativeAlign)
	default:
		thread.Errorf(l.L, "invalid format option '%c'", c)
	}
	return option{kind: packNothing}
}

// next reads an option; total is how many bytes there are already.
func (l *layout) next(total int) option {
	o := l.read()
	align := o.size
	switch o.kind {
	case packAlign:
		if !l.more() {
			arg.Error(l.L, 1, "invalid next option for option 'X'")
		}
		next := l.read()
		align = next.size
		if next.kind == packFixed || align == 0 {
			arg.Error(l.L, 1, "invalid next option for option 'X'")
		}
	case packInt, packUint, packFloat, packDouble, packPrefix:
	default:
		return o
	}
	if align <= 1 {
		return o
	}
	align = min(align, l.align)
	if align&(align-1) != 0 {
		arg.Error(l.L, 1, "format asks for alignment not power of 2")
	}
	o.padding = (align - total&(align-1)) & (align - 1)
	return o
}
