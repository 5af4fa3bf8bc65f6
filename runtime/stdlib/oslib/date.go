package oslib

import (
	"fmt"
	"math"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// latest is the last second whose year fits what C has for it.
const latest = 67768036191676799

func now(L *lua.LState) int {
	if L.Get(1) == lua.LNil {
		L.Push(lua.LNumber(host.Of(L).Now().Unix()))
		return 1
	}
	t := arg.Table(L, 1)
	year := dateField(L, t, "year", -1, 1900)
	month := dateField(L, t, "month", -1, 1)
	day := dateField(L, t, "day", -1, 0)
	hour := dateField(L, t, "hour", 12, 0)
	minute := dateField(L, t, "min", 0, 0)
	second := dateField(L, t, "sec", 0, 0)
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.Local)
	if value.Index(L, t, lua.LString("isdst")) == lua.LTrue && !at.IsDST() {
		at = at.Add(-time.Hour)
	}
	setFields(t, at)
	L.Push(lua.LNumber(at.Unix()))
	return 1
}

// dateField returns a field of the table for os.time.
func dateField(L *lua.LState, t *lua.LTable, key string, otherwise, delta int64) int {
	v := value.Index(L, t, lua.LString(key))
	n, ok := value.ToInteger(L, v)
	switch {
	case ok:
	case v != lua.LNil:
		thread.Errorf(L, "field '%s' is not an integer", key)
	case otherwise < 0:
		thread.Errorf(L, "field '%s' missing in date table", key)
	default:
		return int(otherwise)
	}
	if n-delta < math.MinInt32 || n-delta > math.MaxInt32 {
		thread.Errorf(L, "field '%s' is out-of-bound", key)
	}
	return int(n)
}

func setFields(t *lua.LTable, at time.Time) {
	for _, f := range [...]struct {
		key string
		n   int
	}{
		{"year", at.Year()}, {"month", int(at.Month())}, {"day", at.Day()}, {"hour", at.Hour()}, {"min", at.Minute()},
		{"sec", at.Second()}, {"yday", at.YearDay()}, {"wday", int(at.Weekday()) + 1},
	} {
		t.RawSetString(f.key, lua.LNumber(f.n))
	}
	t.RawSetString("isdst", lua.LBool(at.IsDST()))
}

func date(L *lua.LState) int {
	format := arg.OptString(L, 1, "%c")
	at := host.Of(L).Now()
	if L.Get(2) != lua.LNil {
		seconds := arg.Integer(L, 2)
		if seconds < -latest || seconds > latest {
			thread.Errorf(L, "date result cannot be represented in this installation")
		}
		at = time.Unix(seconds, 0)
	}
	at = at.Local()
	if rest, ok := strings.CutPrefix(format, "!"); ok {
		format, at = rest, at.UTC()
	}
	if strings.HasPrefix(format, "*t") {
		limit.Of(L).Charge(L, limit.Table, 9)
		t := L.CreateTable(0, 9)
		setFields(t, at)
		L.Push(t)
		return 1
	}
	limit.Of(L).Charge(L, limit.String, int64(len(format))*8)
	limit.Of(L).Work(L, int64(len(format))*16)
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		size := conversion(format[i+1:])
		if size == 0 {
			arg.Error(L, 1, "invalid conversion specifier '%"+format[i+1:]+"'")
		}
		write(&b, at, format[i+size])
		i += size
	}
	L.Push(lua.LString(b.String()))
	return 1
}

// conversion returns how long a conversion is, 0 if there is none.
func conversion(s string) int {
	switch {
	case s == "":
		return 0
	case strings.IndexByte("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%", s[0]) >= 0:
		return 1
	case len(s) > 1 && (s[0] == 'E' && strings.IndexByte("cCxXyY", s[1]) >= 0 || s[0] == 'O' && strings.IndexByte("deHImMSuUVwWy", s[1]) >= 0):
		return 2
	}
	return 0
}

// write writes what strftime does for a conversion, in the locale C.
func write(b *strings.Builder, at time.Time, c byte) {
	hour := (at.Hour()+11)%12 + 1
	week, weekYear := isoWeek(at)
	switch c {
	case 'a':
		b.WriteString(at.Weekday().String()[:3])
	case 'A':
		b.WriteString(at.Weekday().String())
	case 'b', 'h':
		b.WriteString(at.Month().String()[:3])
	case 'B':
		b.WriteString(at.Month().String())
	case 'c':
		fmt.Fprintf(b, "%s %s %2d %s %d", at.Weekday().String()[:3], at.Month().String()[:3], at.Day(), at.Format("15:04:05"), at.Year())
	case 'C':
		fmt.Fprintf(b, "%02d", floorDiv(at.Year(), 100))
	case 'd':
		fmt.Fprintf(b, "%02d", at.Day())
	case 'D', 'x':
		b.WriteString(at.Format("01/02/06"))
	case 'e':
		fmt.Fprintf(b, "%2d", at.Day())
	case 'F':
		fmt.Fprintf(b, "%d-%02d-%02d", at.Year(), at.Month(), at.Day())
	case 'g':
		fmt.Fprintf(b, "%02d", weekYear-floorDiv(weekYear, 100)*100)
	case 'G':
		fmt.Fprintf(b, "%d", weekYear)
	case 'H':
		fmt.Fprintf(b, "%02d", at.Hour())
	case 'I':
		fmt.Fprintf(b, "%02d", hour)
	case 'j':
		fmt.Fprintf(b, "%03d", at.YearDay())
	case 'm':
		fmt.Fprintf(b, "%02d", at.Month())
	case 'M':
		fmt.Fprintf(b, "%02d", at.Minute())
	case 'n':
		b.WriteByte('\n')
	case 'p':
		b.WriteString(at.Format("PM"))
	case 'r':
		fmt.Fprintf(b, "%02d%s", hour, at.Format(":04:05 PM"))
	case 'R':
		b.WriteString(at.Format("15:04"))
	case 'S':
		fmt.Fprintf(b, "%02d", at.Second())
	case 't':
		b.WriteByte('\t')
	case 'T', 'X':
		b.WriteString(at.Format("15:04:05"))
	case 'u':
		fmt.Fprintf(b, "%d", (int(at.Weekday())+6)%7+1)
	case 'U':
		fmt.Fprintf(b, "%02d", (at.YearDay()+6-int(at.Weekday()))/7)
	case 'V':
		fmt.Fprintf(b, "%02d", week)
	case 'w':
		fmt.Fprintf(b, "%d", int(at.Weekday()))
	case 'W':
		fmt.Fprintf(b, "%02d", (at.YearDay()+6-(int(at.Weekday())+6)%7)/7)
	case 'y':
		fmt.Fprintf(b, "%02d", at.Year()-floorDiv(at.Year(), 100)*100)
	case 'Y':
		fmt.Fprintf(b, "%d", at.Year())
	case 'z':
		b.WriteString(at.Format("-0700"))
	case 'Z':
		name, _ := at.Zone()
		if name == "UTC" && at.Location() == time.UTC {
			name = "GMT"
		}
		b.WriteString(name)
	case '%':
		b.WriteByte('%')
	}
}

func isoWeek(at time.Time) (week, year int) {
	year, week = at.ISOWeek()
	return week, year
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
