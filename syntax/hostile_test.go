package syntax_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/syntax"
)

// numbered writes the numbers below n in the format.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestHostile parses what would exhaust a careless parser. Each text is either accepted or
// rejected with the error that is named, and takes memory in proportion to its size.
func TestHostile(t *testing.T) {
	const (
		n        = 200_000
		deep     = "nested too deeply"
		high     = "more than 100000 links"
		expected = "expected"
	)
	rep := strings.Repeat
	for _, c := range []struct{ name, text, want string }{
		{"parentheses", "x = " + rep("(", n) + "1" + rep(")", n), deep},
		{"open parentheses", "x = " + rep("(", n), deep},
		{"tables", "x = " + rep("{", n) + rep("}", n), deep},
		{"open tables", "x = " + rep("{", n), deep},
		{"keys", "x = " + rep("{[", n), deep},
		{"fields", "x = " + rep("{a = ", n), deep},
		{"not", "x = " + rep("not ", n) + "1", deep},
		{"minus", "x = " + rep("- ", n) + "1", deep},
		{"bit not", "x = " + rep("~", n) + "1", deep},
		{"concat", "x = " + rep("a .. ", n) + "a", deep},
		{"power", "x = " + rep("a ^ ", n) + "a", deep},
		{"blocks", rep("do ", n) + rep("end ", n), deep},
		{"open blocks", rep("do ", n), deep},
		{"loops", rep("while x do ", n) + rep("end ", n), deep},
		{"repeats", rep("repeat ", n) + rep("until x ", n), deep},
		{"ifs", rep("if a then ", n), deep},
		{"elses", rep("if a then else ", n), deep},
		{"functions", "x = " + rep("function() return ", n) + "1" + rep(" end", n), deep},
		{"function statements", rep("function f() ", n) + rep("end ", n), deep},
		{"calls in calls", rep("f(", n) + rep(")", n), deep},
		{"calls with tables", rep("f{", n) + rep("}", n), deep},
		{"indexes in indexes", "x = " + rep("a[", n) + "1" + rep("]", n), deep},
		{"additions", "x = " + rep("a + ", n) + "a", high},
		{"ands", "x = " + rep("a and ", n) + "a", high},
		{"comparisons", "x = " + rep("a < ", n) + "a", high},
		{"a call chain", "f" + rep("()", n), high},
		{"a string call chain", "f" + rep("''", n), high},
		{"a method chain", "f" + rep(":m()", n), high},
		{"an index chain", "x = a" + rep(".b", n), high},
		{"a bracket chain", "x = a" + rep("[1]", n), high},
		{"a long function name", "function a" + rep(".b", n) + "() end", high},
		{"a chain below the limit", "x = a" + rep(".b", 99_000), ""},
		{"elseifs", "if a then " + rep("elseif b then ", n) + "end", ""},
		{"open elseifs", "if a then " + rep("elseif b then ", n), expected},
		{"targets", "x" + rep(", x", n) + " = 1", ""},
		{"values", "x = 1" + rep(", 1", n), ""},
		{"arguments", "f(1" + rep(", 1", n) + ")", ""},
		{"parameters", "function f(a" + rep(", a", n) + ") end", ""},
		{"locals", "local a" + rep(", a", n), ""},
		{"constants and assignments", rep("local a <const> = 1;", n/2) + rep("b = 1;", n/2), ""},
		{"constants and assignments to one", rep("local a <const> = 1;", n/2) + rep("a = 1;", n/2), "constant"},
		{"constants in blocks", numbered(n/2, "do local a%d <const> = 1 b = 1 end "), ""},
		{"many names", "local c <const> = 1;" + numbered(n/2, "local a%[1]d = 1 a%[1]d = 2;"), ""},
		{"items", "x = {" + rep("1,", n) + "}", ""},
		{"missing commas", "x = {" + rep("1 ", n) + "}", expected},
		{"empty statements", rep(";", n), ""},
		{"semicolons behind statements", rep("f();;", n), ""},
		{"ends", rep("end ", n), "closes nothing"},
		{"elses alone", rep("else ", n), "closes nothing"},
		{"returns", rep("return ", n), expected},
		{"labels of one name", rep("::a:: ", n), "more than 32767 labels"},
		{"some labels of one name", rep("::a:: ", 30_000), "defined twice"},
		{"labels", numbered(n, "::a%d:: "), "more than 32767 labels"},
		{"gotos", numbered(n, "goto a%d "), "more than 32767 gotos"},
		{"labels and gotos", numbered(30_000, "goto a%d ") + numbered(30_000, "::a%d:: "), ""},
		{"gotos in deep blocks", rep("do local x ", 900) + rep("goto a ", 30_000) + rep("end ", 900) + "::a::", ""},
		{"bad bytes", rep("\x01$", n), expected},
		{"zero bytes", rep("\x00", n), expected},
		{"high bytes", rep("\xff ", n), "only the letters"},
		{"quotes", rep("'", n+1), expected},
		{"lines with a quote", rep("'\n", n), "unfinished string"},
		{"long brackets", rep("[[", n), "unfinished long string"},
		{"levels", rep("[=", n), "unfinished long string"},
		{"equal signs", rep("=", n), expected},
		{"a high level", "x = [" + rep("=", n) + "[", "unfinished long string"},
		{"closing brackets of other levels", "x = [==[" + rep("]=", n), "unfinished long string"},
		{"comment openings", rep("--[", n), ""},
		{"long comment openings", rep("--[[", n), "unfinished long comment"},
		{"dots", "x = " + rep(".", n), expected},
		{"digits", "x = " + rep("1", n), ""},
		{"numerals with points", "x = " + rep("1.", n), "malformed number"},
		{"malformed numerals", rep("1x ", n), "malformed number"},
		{"escapes", "x = '" + rep(`\q`, n) + "'", "bad escape"},
		{"code points without an end", "x = '" + rep(`\u{110000`, n) + "'", "bad escape"},
		{"line breaks", rep("\n", n), ""},
		{"carriage returns", rep("\r", n), ""},
		{"escaped line breaks", "x = '" + rep("\\\n", n) + "'", ""},
		{"globals in 5.5 only", rep("global a;", n), "is not in Lua 5.4"},
		{"attributes", "local a" + rep("<const>", n), expected},
		{"a name", rep("a", n), "no statement"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			tree := parse(c.text, syntax.Lua54)
			runtime.ReadMemStats(&after)
			if took, most := after.TotalAlloc-before.TotalAlloc, uint64(400*len(c.text)); took > most {
				t.Errorf("%d bytes of text took %d bytes of memory", len(c.text), took)
			}
			switch {
			case c.want == "" && len(tree.Errors) > 0:
				t.Errorf("rejected: %s", tree.Errors[0].Message)
			case c.want != "" && len(tree.Errors) == 0:
				t.Error("accepted")
			case c.want != "" && !strings.Contains(tree.Errors[0].Message, c.want):
				t.Errorf("the error is %q, expected %q", tree.Errors[0].Message, c.want)
			}
			if len(tree.Errors) > syntax.MaxErrors {
				t.Errorf("%d errors", len(tree.Errors))
			}
			if tree.Len() > 2*len(c.text)+16 {
				t.Errorf("%d nodes for %d bytes", tree.Len(), len(c.text))
			}
			for n := syntax.Node(1); int(n) < tree.Len(); n++ {
				if p := tree.Parent(n); n != tree.Main && (p <= n || tree.Start(n) < tree.Start(p) || tree.End(n) > tree.End(p)) {
					t.Fatalf("node %d (%s, %v) in node %d (%s, %v)", n, tree.Kind(n), tree.Span(n), p, tree.Kind(p), tree.Span(p))
				}
			}
		})
	}
}

// TestLargeFile parses files of 50 MB that are one line.
func TestLargeFile(t *testing.T) {
	const size = 50 << 20
	for name, text := range map[string]string{
		"a string":    "x = '" + strings.Repeat("a", size) + "'",
		"a comment":   "--" + strings.Repeat("a", size),
		"white space": strings.Repeat(" ", size) + "x = 1",
	} {
		if tree := parse(text, syntax.Lua54); len(tree.Errors) > 0 {
			t.Errorf("%s: %v", name, tree.Errors[0].Message)
		} else if line := tree.File.LineCount(); line != 1 {
			t.Errorf("%s: %d lines", name, line)
		}
	}
}

// TestTruncated parses every beginning of a program: no two bytes of it are a place at which
// the parser can be caught off guard.
func TestTruncated(t *testing.T) {
	for _, f := range cases(t) {
		for _, c := range f.Cases {
			if c.Name != "many of everything" {
				continue
			}
			for _, d := range syntax.Dialects() {
				for end := range len(c.Text) {
					tree := parse(c.Text[:end], d)
					if problem := checkSpans(tree); problem != "" {
						t.Fatalf("%s: %q: %s", d.Title(), c.Text[:end], problem)
					}
					if got := luadiff.Ours(tree); !got.OK && got.Line > tree.File.LineCount() {
						t.Fatalf("%s: %q: %v", d.Title(), c.Text[:end], got)
					}
				}
			}
			return
		}
	}
	t.Fatal("no program to cut")
}
