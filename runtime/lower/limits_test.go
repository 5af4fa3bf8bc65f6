package lower

import (
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Programs that meet a limit, and the message that they end with.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name, text string
		limits     limit.Limits
		want       string
	}{
		{"loop", "while true do end", limit.Limits{Instructions: 10_000}, "limits.instructions"},
		{"goto", "::a:: goto a", limit.Limits{Instructions: 10_000}, "limits.instructions"},
		{"pcall", "while true do pcall(function() while true do end end) end", limit.Limits{Instructions: 10_000}, "limits.instructions"},
		{"time", "while true do end", limit.Limits{Time: 20 * time.Millisecond}, "limits.time"},
		{"errors", "while true do pcall(error) end", limit.Limits{Time: 20 * time.Millisecond}, "limits.time"},
		{"string", "local s = 'x' while true do s = s .. s end", limit.Limits{String: 1 << 20}, "limits.string"},
		{"strings", "local t, s = {}, 'x' for i = 1, 16 do s = s .. s end while true do t[#t + 1] = s .. #t end", limit.Limits{Memory: 32 << 20}, "limits.memory"},
		{"tables", "local t = {} while true do t = {t} end", limit.Limits{Memory: 32 << 20}, "limits.memory"},
		{"fields", "local t = {} while true do local u = {} u.x = t t = u end", limit.Limits{Memory: 32 << 20}, "limits.memory"},
		{"sparse", "local t = {} for i = 1, 1e9 do t[i] = {} t[i][4000000] = 1 end", limit.Limits{Memory: 96 << 20}, "limits.memory"},
		{"dead keys", "local t = {} for i = 1, 1e9 do t['k' .. i] = 1 t['k' .. i] = nil end", limit.Limits{Memory: 32 << 20}, "limits.memory"},
		{"long list", "local t = {} for i = 1, 1e9 do t[i] = true end", limit.Limits{}, "limits.table"},
		{"depth", "local function f() return 1 + f() end f()", limit.Limits{Depth: 200}, "stack overflow"},
		{"depth caught", "local function f() return 1 + f() end print(pcall(f))", limit.Limits{Depth: 200}, "false\tt.lua:1: stack overflow"},
		{"depth by default", "local function f() return 1 + f() end print(pcall(f))", limit.Default(), "false\tt.lua:1: stack overflow"},
		{"protected calls", "local function f() local ok, e = pcall(f) if not ok then error(e, 0) end end f()", limit.Limits{Nesting: 50}, "C stack overflow"},
		{"metamethods", "local t = setmetatable({}, {}) local function f(t, k) return t[k] end setmetatable(t, {__index = f}) return t.x", limit.Limits{Depth: 1000}, "stack overflow"},
		{"closing", "local t = setmetatable({}, {__close = function() while true do end end}) do local x <close> = t end", limit.Limits{Instructions: 10_000}, "limits.instructions"},
		{"closing after", "local t = setmetatable({}, {__close = function() while true do end end}) do local x <close> = t while true do end end", limit.Limits{Instructions: 10_000}, "limits.instructions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stop := limit.Watch(4<<20, 0)
			defer stop()
			if got := run(t, c.text, c.limits); !strings.Contains(got, c.want) {
				t.Errorf("%s ends with %q", c.text, got[:min(len(got), 300)])
			}
		})
	}
}

// What is too large for the VM is an error with its line.
func TestTooLarge(t *testing.T) {
	var locals, upvalues strings.Builder
	locals.WriteString("\n")
	for i := range 250 {
		locals.WriteString("local a" + strings.Repeat("b", i) + " = 1\n")
	}
	for f := range 3 {
		upvalues.WriteString("local function f(")
		for i := range 90 {
			if i > 0 {
				upvalues.WriteString(", ")
			}
			upvalues.WriteString(strings.Repeat(string(rune('a'+f)), i+1))
		}
		upvalues.WriteString(")\n")
	}
	upvalues.WriteString("return function() return 0")
	for f := range 3 {
		for i := range 90 {
			upvalues.WriteString(" + " + strings.Repeat(string(rune('a'+f)), i+1))
		}
	}
	upvalues.WriteString(" end end end end")
	for _, c := range []struct{ name, text, want string }{
		{"locals", locals.String(), "too many registers"},
		{"upvalues", upvalues.String(), "uses 270 variables"},
		{"integer", "\nreturn 9007199254740993", "t.lua:2: the integer 9007199254740993 is beyond 2^53"},
		{"sum", "return 1" + strings.Repeat(" + x", 5000), "too long or too deep"},
		{"syntax", "local x = = 1", "t.lua:1: "},
	} {
		_, err := Compile(syntax.Parse(source.New("t.lua", c.text), syntax.Lua54), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
