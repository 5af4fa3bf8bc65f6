package luadiff

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/syntax"
)

// A Limit is a restriction of the real implementations that is not part of the
// language, and that package syntax does not copy: a text that runs into it is
// rejected by the real Lua and accepted here. Each one is listed in docs/SYNTAX.md.
type Limit struct {
	Name     string
	Dialects syntax.DialectSet
	// Messages are parts of what the real Luas say, one of them in each message.
	Messages []string
	Reason   string
	// Program runs into the limit in each of the dialects, and is otherwise valid.
	Program func() string
}

const (
	plain   = 1<<syntax.Lua51 | 1<<syntax.Lua52 | 1<<syntax.Lua53 | 1<<syntax.Lua54 | 1<<syntax.Lua55
	since52 = plain &^ (1 << syntax.Lua51)
)

// Limits returns all listed limits.
func Limits() []Limit { return limits }

var limits = []Limit{
	{
		Name: "200 local variables", Dialects: syntax.AllDialects,
		Messages: []string{"more than 200 local variables", "too many local variables (limit is 200)"},
		Reason:   "a function has 200 local variables at a time, because an instruction names one of 250 registers",
		Program:  func() string { return strings.Repeat("local x\n", 201) },
	},
	{
		Name: "32767 local variables", Dialects: plain,
		Messages: []string{"too many local variables"},
		Reason:   "a function declares 32,767 local variables in all, because the debug information counts in 16 bits",
		Program:  func() string { return strings.Repeat("do local x end\n", 32768) },
	},
	{
		Name: "65536 local variables", Dialects: syntax.DialectsOf(syntax.LuaJIT),
		Messages: []string{"local variables"},
		Reason:   "LuaJIT keeps all variables of a function on a stack of 65,476",
		Program:  func() string { return strings.Repeat("do local x end\n", 65537) },
	},
	{
		Name: "60 upvalues", Dialects: syntax.DialectsOf(syntax.Lua51, syntax.LuaJIT),
		Messages: []string{"more than 60 upvalues"},
		Reason:   "a function uses 60 variables of the functions around it",
		Program:  func() string { return upvalues(61) },
	},
	{
		Name: "255 upvalues", Dialects: since52,
		Messages: []string{"too many upvalues (limit is 255)"},
		Reason:   "a function uses 255 variables of the functions around it, because an instruction has 8 bits for them",
		Program:  func() string { return upvalues(256) },
	},
	{
		Name: "200 levels", Dialects: syntax.AllDialects,
		Messages: []string{"too many syntax levels", "too many C levels (limit is 200)", "C stack overflow"},
		Reason: "blocks, functions, tables, parentheses, unary and right-associative operators nest 200 deep, because the parser recurses in C; " +
			"here the limit is higher",
		Program: func() string { return "x = " + strings.Repeat("(", 250) + "1" + strings.Repeat(")", 250) },
	},
	{
		Name: "200 labels in a row", Dialects: syntax.AllDialects &^ (1 << syntax.Lua51),
		Messages: []string{"too many syntax levels", "too many C levels (limit is 200)", "C stack overflow"},
		Reason:   "the parser skips what follows a label by recursion",
		Program:  func() string { return numbered(250, "::a%d::") },
	},
	{
		Name: "200 assigned variables", Dialects: syntax.AllDialects,
		Messages: []string{"variables in assignment", "too many C levels (limit is 200)", "C stack overflow", "more than 200 variable names"},
		Reason:   "the parser reads the left side of an assignment by recursion",
		Program:  func() string { return "x" + strings.Repeat(", x", 250) + " = 1" },
	},
	{
		Name: "registers", Dialects: syntax.AllDialects,
		Messages: []string{"function or expression too complex", "needs too many registers", "too many registers (limit is 255)"},
		Reason:   "a function has 250 registers for variables, arguments and intermediate results",
		Program:  func() string { return "f(" + strings.Repeat("a, ", 300) + "a)" },
	},
	{
		Name: "jump distance", Dialects: syntax.AllDialects,
		Messages: []string{"control structure too long"},
		Reason:   "a loop is at most 131,071 instructions long (65,535 in 5.5, 32,767 in LuaJIT), because an instruction has no more bits",
		Program:  func() string { return "for i = 1, 2 do " + strings.Repeat("a = b\n", 70000) + "end" },
	},
	{
		Name: "constants of 5.1", Dialects: syntax.DialectsOf(syntax.Lua51),
		Messages: []string{"constant table overflow"},
		Reason:   "a function has 262,143 constants",
		Program:  func() string { return numbered(262144, "f(%d.5)") },
	},
	{
		Name: "constants of LuaJIT", Dialects: syntax.DialectsOf(syntax.LuaJIT),
		Messages: []string{"more than 65536 constants"},
		Reason:   "a function has 65,536 constants",
		Program:  func() string { return numbered(66000, "f(%d.5)") },
	},
	{
		Name: "32767 gotos", Dialects: since52,
		Messages: []string{"too many labels/gotos (limit is 32767)"},
		Reason:   "32,767 labels, or unresolved gotos, at a time, because the parser counts them in 16 bits",
		Program:  func() string { return strings.Repeat("goto a\n", 32768) + "::a::" },
	},
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

// limitOf returns the limit that the message of the dialect's Lua speaks of, or nil.
func limitOf(d syntax.Dialect, v Verdict) *Limit {
	if v.OK {
		return nil
	}
	for i := range limits {
		l := &limits[i]
		if !l.Dialects.Has(d) {
			continue
		}
		for _, m := range l.Messages {
			if strings.Contains(v.Message, m) {
				return l
			}
		}
	}
	return nil
}
