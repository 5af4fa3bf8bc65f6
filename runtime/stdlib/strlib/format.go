package strlib

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/strfmt"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// longText is the length from which %s without a precision takes no width.
const longText = 100

func format(L *lua.LState) int {
	f := arg.String(L, 1)
	top := L.GetTop()
	limit.Of(L).Work(L, int64(len(f))/16)
	out := builder{L: L}
	n := 1
	var room [128]byte
	for {
		i := strings.IndexByte(f, '%')
		if i < 0 {
			out.text(f)
			return out.push()
		}
		out.text(f[:i])
		if i++; i < len(f) && f[i] == '%' {
			out.byte('%')
			f = f[i+1:]
			continue
		}
		if n++; n > top {
			arg.Error(L, n, "no value")
		}
		spec, next, message := strfmt.Parse(f, i)
		fail(L, message)
		f = f[next:]
		limit.Of(L).Work(L, 2)
		switch spec.Verb {
		case 'd', 'i', 'u', 'o', 'x', 'X':
			v := arg.Integer(L, n)
			fail(L, spec.Check())
			out.bytes(spec.AppendInt(room[:0], v))
		case 'a', 'A':
			fail(L, spec.Check())
			out.bytes(spec.AppendFloat(room[:0], arg.Number(L, n)))
		case 'e', 'E', 'f', 'g', 'G':
			v := arg.Number(L, n)
			fail(L, spec.Check())
			if math.Abs(v) > 1e22 || math.Abs(v) < 1e-22 || spec.Precision > 17 { // computed digit by digit
				limit.Of(L).Work(L, 300)
			}
			out.bytes(spec.AppendFloat(room[:0], v))
		case 'c':
			fail(L, spec.Check())
			out.bytes(spec.AppendString(room[:0], string([]byte{byte(arg.Integer(L, n))})))
		case 'p':
			formatIdentity(&out, &spec, L.Get(n))
		case 'q':
			if !spec.Bare() {
				thread.Errorf(L, "specifier '%%q' cannot have modifiers")
			}
			quote(&out, n)
		case 's':
			formatText(&out, &spec, n)
		default:
			fail(L, spec.Invalid())
		}
	}
}

func fail(L *lua.LState, message string) {
	if message != "" {
		thread.Errorf(L, "%s", message)
	}
}

func formatIdentity(out *builder, spec *strfmt.Spec, v lua.LValue) {
	fail(out.L, spec.Check())
	text := "(null)"
	switch v.(type) {
	case *lua.LTable, *lua.LFunction, *lua.LState, *lua.LUserData:
		text = value.ID(v)
	}
	out.bytes(spec.AppendString(nil, text))
}

func formatText(out *builder, spec *strfmt.Spec, n int) {
	text := value.ToString(out.L, out.L.Get(n))
	if spec.Bare() {
		out.text(text)
		return
	}
	arg.Check(out.L, strings.IndexByte(text, 0) < 0, n, "string contains zeros")
	fail(out.L, spec.Check())
	if spec.Precision < 0 && len(text) >= longText {
		out.text(text)
		return
	}
	out.bytes(spec.AppendString(nil, text))
}

func quote(out *builder, n int) {
	switch v := out.L.Get(n).(type) {
	case lua.LString:
		limit.Of(out.L).Charge(out.L, limit.String, int64(len(v))*2)
		out.bytes(strfmt.AppendQuoted(nil, string(v)))
	case lua.LNumber:
		if f := float64(v); f == math.Trunc(f) && math.Abs(f) < 1e15 {
			out.text(value.ToString(out.L, v))
			return
		}
		out.bytes(strfmt.AppendQuotedNumber(nil, float64(v)))
	case lua.LBool, *lua.LNilType:
		out.text(value.ToString(out.L, v))
	default:
		arg.Error(out.L, n, "value has no literal form")
	}
}
