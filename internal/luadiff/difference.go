package luadiff

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/skylint/skylint/syntax"
)

// A Difference is a case in which package syntax does not do what a real Lua does, on
// purpose. Most are limits of the implementations that are no part of the language and
// are not copied: the real Lua rejects what runs into them. Each is listed in
// docs/SYNTAX.md.
type Difference struct {
	Name     string
	Dialects syntax.DialectSet
	// Messages are parts of what the real Luas say, one of them in each message.
	Messages []string
	// Within finds the difference in a text, where no message tells it.
	Within func(text string) bool
	Reason string
	// Programs returns texts that show the difference in a dialect. They are otherwise valid.
	Programs func(syntax.Dialect) []string
}

const (
	plain   = 1<<syntax.Lua51 | 1<<syntax.Lua52 | 1<<syntax.Lua53 | 1<<syntax.Lua54 | 1<<syntax.Lua55
	since52 = plain &^ (1 << syntax.Lua51)
)

// Differences returns all listed differences.
func Differences() []Difference { return differences }

var differences = []Difference{
	{
		Name: "200 local variables", Dialects: syntax.AllDialects,
		Messages: []string{"more than 200 local variables", "too many local variables (limit is 200)"},
		Reason:   "a function has 200 local variables at a time, because an instruction names one of 250 registers",
		Programs: one(func() string { return strings.Repeat("local x\n", 201) }),
	},
	{
		Name: "32767 local variables", Dialects: plain,
		Messages: []string{"too many local variables"},
		Reason:   "a function declares 32,767 local variables in all, because the debug information counts in 16 bits",
		Programs: one(func() string { return strings.Repeat("do local x end\n", 32768) }),
	},
	{
		Name: "65536 local variables", Dialects: syntax.DialectsOf(syntax.LuaJIT),
		Messages: []string{"local variables"},
		Reason:   "LuaJIT keeps all variables of a function on a stack of 65,476",
		Programs: one(func() string { return strings.Repeat("do local x end\n", 65537) }),
	},
	{
		Name: "60 upvalues", Dialects: syntax.DialectsOf(syntax.Lua51, syntax.LuaJIT),
		Messages: []string{"more than 60 upvalues"},
		Reason:   "a function uses 60 variables of the functions around it",
		Programs: one(func() string { return upvalues(61) }),
	},
	{
		Name: "255 upvalues", Dialects: since52,
		Messages: []string{"too many upvalues (limit is 255)"},
		Reason:   "a function uses 255 variables of the functions around it, because an instruction has 8 bits for them",
		Programs: one(func() string { return upvalues(256) }),
	},
	{
		Name: "200 levels", Dialects: syntax.AllDialects,
		Messages: []string{"too many syntax levels", "too many C levels (limit is 200)", "C stack overflow", "variables in assignment", "more than 200 variable names"},
		Reason: "blocks, functions, tables, parentheses, unary and right-associative operators nest 200 deep, because the parser recurses in C, " +
			"which it also does for labels in a row and the left side of an assignment; here the limit is 1,000, and only for what nests",
		Programs: func(d syntax.Dialect) []string {
			texts := []string{
				"x = " + strings.Repeat("(", 250) + "1" + strings.Repeat(")", 250),
				"x = " + strings.Repeat("{", 250) + strings.Repeat("}", 250),
				"x = " + strings.Repeat("- ", 250) + "1",
				"x = " + strings.Repeat("a .. ", 250) + "a",
				"x = " + strings.Repeat("a ^ ", 250) + "a",
				strings.Repeat("do ", 250) + strings.Repeat("end ", 250),
				strings.Repeat("return function() ", 250) + strings.Repeat("end ", 250),
				"x" + strings.Repeat(", x", 250) + " = 1",
			}
			if d != syntax.Lua51 {
				texts = append(texts, numbered(250, "::a%d::"))
			}
			return texts
		},
	},
	{
		Name: "registers", Dialects: syntax.AllDialects,
		Messages: []string{"function or expression too complex", "needs too many registers", "too many registers (limit is 255)"},
		Reason:   "a function has 250 registers for variables, arguments and intermediate results",
		Programs: one(func() string { return "f(" + strings.Repeat("a, ", 300) + "a)" }),
	},
	{
		Name: "jump distance", Dialects: syntax.AllDialects,
		Messages: []string{"control structure too long"},
		Reason:   "a loop is at most 131,071 instructions long (32,767 in LuaJIT), because an instruction has no more bits",
		Programs: one(func() string { return "for i = 1, 2 do " + strings.Repeat("a = b\n", 70000) + "end" }),
	},
	{
		Name: "constants of 5.1", Dialects: syntax.DialectsOf(syntax.Lua51),
		Messages: []string{"constant table overflow"},
		Reason:   "a function has 262,143 constants",
		Programs: one(func() string { return numbered(262144, "f(%d.5)") }),
	},
	{
		Name: "constants of LuaJIT", Dialects: syntax.DialectsOf(syntax.LuaJIT),
		Messages: []string{"more than 65536 constants"},
		Reason:   "a function has 65,536 constants",
		Programs: one(func() string { return numbered(66000, "f(%d.5)") }),
	},
	{
		Name: "carriage return in a first line with #", Dialects: plain,
		Within: regexp.MustCompile("^(\xef\xbb\xbf)?#([^\n]*\r[^\n]|[^\n]*\n\r)").MatchString,
		Reason: "the loaders end a first line that starts with # at a line feed only, and take a carriage return behind that for a part of it; " +
			"here, as in LuaJIT, every line break ends the line",
		Programs: one(func() string { return "#!lua\r)" }),
	},
	{
		Name: "zero byte in 5.1", Dialects: syntax.DialectsOf(syntax.Lua51),
		Within:   regexp.MustCompile(`[.0-9a-zA-Z_+-]\x00`).MatchString,
		Reason:   "5.1 takes a zero byte behind a '.', a numeral or its exponent for a part of it, and ends a message there; here it is an error",
		Programs: one(func() string { return "x = 'a'.\x00'b'" }),
	},
}

func one(text func() string) func(syntax.Dialect) []string {
	return func(syntax.Dialect) []string { return []string{text()} }
}

// upvalues returns a function in a function in a chunk that uses n variables of the outer two.
func upvalues(n int) string {
	half := n / 2
	return "local " + list(half, "a%d, ") + "\nlocal function f()\nlocal " + list(n-half, "b%d, ") +
		"\nreturn function() return " + list(half, "a%d + ") + " + " + list(n-half, "b%d + ") + " end\nend"
}

// list writes the numbers below n in the format, which ends in a separator, without the last separator.
func list(n int, format string) string {
	return strings.TrimRight(numbered(n, format), ", +")
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// listed returns the difference that explains why the real Lua differs, or nil.
func listed(text string, d syntax.Dialect, v Verdict) *Difference {
	for i := range differences {
		l := &differences[i]
		if !l.Dialects.Has(d) {
			continue
		}
		if l.Within != nil && l.Within(text) {
			return l
		}
		for _, m := range l.Messages {
			if strings.Contains(v.Message, m) {
				return l
			}
		}
	}
	return nil
}
