package strfmt_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/reallua"
	"github.com/skylint/skylint/runtime/stdlib/strfmt"
)

// float appends a float by a conversion, as string.format does.
func format(spec string, f float64) string {
	s, next, message := strfmt.Parse(spec, 1)
	if message == "" && next != len(spec) {
		return "error: more than one conversion"
	}
	integer := false
	if message == "" {
		switch s.Verb {
		case 'd', 'i', 'u', 'o', 'x', 'X':
			integer = true
			message = s.Check()
		case 'a', 'A', 'e', 'E', 'f', 'g', 'G':
			message = s.Check()
		default:
			message = s.Invalid()
		}
	}
	if message != "" {
		return "error\n" + reallua.String(message)
	}
	if integer {
		return "ok\n" + reallua.String(string(s.AppendInt(nil, int64(f))))
	}
	return "ok\n" + reallua.String(string(s.AppendFloat(nil, f)))
}

func compare(t *testing.T, lua *reallua.Lua, spec string, f float64) {
	t.Helper()
	literal := fmt.Sprintf("%x", f)
	switch {
	case f != f:
		literal = "(0/0)"
		if !math.Signbit(f) {
			literal = "-(0/0)"
		}
	case math.IsInf(f, 0):
		literal = strings.Replace(fmt.Sprintf("%.0f", f), "Inf", "math.huge", 1)
		literal = strings.TrimPrefix(literal, "+")
	}
	want, err := lua.Run(fmt.Sprintf("return (string.format(%s, %s))", luadiff.Quote(spec), literal))
	if err != nil {
		t.Fatal(err)
	}
	want = strings.Replace(want, "chunk:1: ", "", 1)
	if got := format(spec, f); got != want {
		t.Errorf("format(%q, %s):\n%s\nwant\n%s", spec, literal, got, want)
	}
}

func TestAgainstLua(t *testing.T) {
	lua := reallua.Start(t)
	nan := math.Copysign(math.NaN(), -1)
	values := []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 0.5, 1.5, 2.5, 1e15, 1e16, 1e100, 1e-5, 1e-4, 123456789, 0.00012345678,
		5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.Inf(1), math.Inf(-1), nan, -nan, 1e300, 3.999999999, 99999.95, 999999.5}
	for _, verb := range "aAeEfgG" {
		for _, flags := range []string{"", "-", "+", " ", "#", "0", "-0", "+0", " 0", "#0", "+ ", "-+#0 "} {
			for _, size := range []string{"", "1", "12", "30", ".", ".0", ".1", ".3", "20.5", ".20", "99.99", "5.", "100", ".100", "1.100", "0.5"} {
				for _, f := range values {
					if f == 999999.5 && strings.Contains(flags, "#") {
						continue // glibc writes %#g of it without its zeros
					}
					if size != "" && flags != "" && f != values[4] && f != 1.5 && f != 1e100 {
						continue
					}
					compare(t, lua, "%"+flags+size+string(verb), f)
				}
			}
		}
	}
	for n := range 30 {
		compare(t, lua, "%"+strings.Repeat("0", n)+"d", 1)
		compare(t, lua, "%"+strings.Repeat("-", n)+"g", 1)
	}
	for _, verb := range "dioxXucFpsbqnyYlzZ1 %$" {
		if strings.ContainsRune("cpsq%1 ", verb) {
			continue // takes something else, or is no conversion on its own
		}
		for _, flags := range []string{"", "-", "+", " ", "#", "0", "-0", "+0", " 0", "#0", "+ ", "+-", "00"} {
			for _, size := range []string{"", "1", "12", ".", ".0", ".3", "20.5", ".20", "5.", "100", ".100"} {
				for _, f := range []float64{0, 1, -1, 255, 1 << 53, -(1 << 53), 1 << 62, -(1 << 63)} {
					compare(t, lua, "%"+flags+size+string(verb), f)
				}
			}
		}
	}
}

func TestRandomFloats(t *testing.T) {
	lua := reallua.Start(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		f := math.Float64frombits(rnd.Uint64())
		if rnd.IntN(2) == 0 {
			f = math.Round(rnd.NormFloat64()*1e4) / 100
		}
		spec := "%"
		for range rnd.IntN(3) {
			spec += string("-+ #0"[rnd.IntN(5)])
		}
		if rnd.IntN(2) == 0 {
			spec += fmt.Sprint(1 + rnd.IntN(40))
		}
		if rnd.IntN(2) == 0 {
			spec += "." + fmt.Sprint(rnd.IntN(30))
		}
		compare(t, lua, spec+string("aAeEfgG"[rnd.IntN(7)]), f)
	}
}

func TestQuoteAgainstLua(t *testing.T) {
	lua := reallua.Start(t)
	for _, text := range []string{"", "a", "\"\\\n\r\t\x00", "\x001", "\x7f", "\x1f9", "é\xff", "a\nb"} {
		want, err := lua.Run("return (string.format('%q', " + luadiff.Quote(text) + "))")
		if err != nil {
			t.Fatal(err)
		}
		if got := "ok\n" + reallua.String(string(strfmt.AppendQuoted(nil, text))); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for literal, f := range map[string]float64{"0.1": 0.1, "-0.1": -0.1, "1e300": 1e300, "3": 3, "-3": -3, "math.huge": math.Inf(1), "-math.huge": math.Inf(-1), "5e-324": 5e-324} {
		want, err := lua.Run("return (string.format('%q', " + literal + "))")
		if err != nil {
			t.Fatal(err)
		}
		if got := "ok\n" + reallua.String(string(strfmt.AppendQuotedNumber(nil, f))); got != want {
			t.Errorf("%s: %s, want %s", literal, got, want)
		}
	}
}

func FuzzAgainstLua(f *testing.F) {
	lua := reallua.Start(f)
	f.Add("-+#0 12.3g", 0.5)
	f.Add("5.2x", 255.0)
	f.Fuzz(func(t *testing.T, spec string, value float64) {
		if len(spec) == 0 || strings.ContainsAny(spec[len(spec)-1:], "cpsq%") || strings.ContainsAny(spec, "%\x00") {
			return
		}
		for i := range len(spec) - 1 {
			if !strings.ContainsRune("-+ #0123456789.", rune(spec[i])) {
				return // more than one conversion
			}
		}
		if last := spec[len(spec)-1]; last >= 128 || strings.ContainsRune("diuoxX", rune(last)) && (value != math.Trunc(value) || math.Abs(value) >= 1<<63) || last == '-' || last == '+' || last == ' ' || last == '#' || last == '.' || '0' <= last && last <= '9' {
			return
		}
		compare(t, lua, "%"+spec, value)
	})
}
