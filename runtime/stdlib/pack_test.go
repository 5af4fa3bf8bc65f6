package stdlib_test

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/reallua"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// describe runs a program here, and describes what it returns as package reallua does. Whole
// numbers are integers here.
func describe(t *testing.T, program string) string {
	t.Helper()
	s := script.New(script.Options{Limits: limit.Default(), Dialect: syntax.Lua54})
	defer s.Close()
	fn, err := s.Load(source.New("chunk", program))
	if err != nil {
		t.Fatal(err)
	}
	values, err := s.Call(fn)
	if err != nil {
		return "error\n" + reallua.String(err.Error())
	}
	lines := []string{"ok"}
	for _, v := range values {
		switch v := v.(type) {
		case lua.LString:
			lines = append(lines, reallua.String(string(v)))
		case lua.LNumber:
			lines = append(lines, fmt.Sprintf("integer %d", int64(v)))
		default:
			lines = append(lines, v.Type().String())
		}
	}
	return strings.Join(lines, "\n")
}

func comparePack(t *testing.T, real *reallua.Lua, format string, n int32, text string) {
	t.Helper()
	for _, call := range []string{
		fmt.Sprintf("return string.pack(%s, %d, %s, %d, %s)", luadiff.Quote(format), n, luadiff.Quote(text), n, luadiff.Quote(text)),
		fmt.Sprintf("return string.unpack(%s, %s)", luadiff.Quote(format), luadiff.Quote(text)),
		fmt.Sprintf("return string.packsize(%s)", luadiff.Quote(format)),
	} {
		want, err := real.Run(call)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(want, "float") {
			continue // what is written with a point there need not be here
		}
		got := describe(t, call)
		if got != want && !strings.Contains(got, "beyond 2^53") {
			t.Errorf("%s\n%s\nwant\n%s", call, got, want)
		}
	}
}

func TestPackAgainstLua(t *testing.T) {
	real := reallua.Start(t)
	for _, format := range []string{"", "i4", ">i4", "<i2z", "b", "B", "i3z", "I16z", "!4 i1 i4", "!i1!8s2xXi4", "s1s1", "c5", "z", "zz", "i17", "q", "Xz", "X", "!3i4", "i0",
		"c", "j", "J", "T", "h H", ">!4 b Xi4 z", "=i4", " i1 ", "i1s", "x", "xxi1", "i7z", "!16i16", "s16", "Xi8", "i4Xi8", "i1!2Xi2", "i2147483648"} {
		for _, n := range []int32{0, 1, -1, 127, 128, 255, 256, -129, 1 << 30} {
			comparePack(t, real, format, n, "\x01\x00ab")
			comparePack(t, real, format, n, "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00")
		}
	}
}

// FuzzPack compares string.pack, unpack and packsize with the real ones.
func FuzzPack(f *testing.F) {
	real := reallua.Start(f)
	f.Add("!4 <i3 z", int32(-7), "abc")
	f.Fuzz(func(t *testing.T, format string, n int32, text string) {
		if len(format) > 40 || len(text) > 40 || strings.ContainsAny(format, "fdn") {
			return
		}
		for i := range len(format) {
			if c := format[i]; c < ' ' || c >= 127 || '0' <= c && c <= '9' && i > 3 && strings.Contains("0123456789", format[i-1:i]) && strings.Contains("0123456789", format[i-2:i-1]) && strings.Contains("0123456789", format[i-3:i-2]) {
				return // nothing that makes long strings
			}
		}
		comparePack(t, real, format, n, text)
	})
}
