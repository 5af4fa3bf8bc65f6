package syntax_test

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luaprint"
	"github.com/skylint/skylint/syntax"
)

// levels are the binary operators from low to high precedence, as the reference manual
// has them. Those of the last level and ".." are right associative; the unary operators
// stand between the last two levels.
var levels = []string{"or", "and", "< > <= >= ~= ==", "|", "~", "&", "<< >>", "..", "+ -", "* / // %", "^"}

func level(op string) int {
	for i, ops := range levels {
		for _, o := range strings.Fields(ops) {
			if o == op {
				return i
			}
		}
	}
	panic(op)
}

// groupedText writes an expression with parentheses around every operation.
func groupedText(t *testing.T, expression string) string {
	t.Helper()
	tree := parse("return "+expression, syntax.Lua54)
	if len(tree.Errors) > 0 {
		t.Fatalf("%s: %s", expression, tree.Errors[0].Message)
	}
	text := luaprint.Expression(tree, tree.Results(tree.Statements(tree.Main)[0])[0])
	return strings.NewReplacer("( ", "(", " )", ")").Replace(text)
}

// TestPrecedence checks every pair of binary operators, and every unary with every binary.
func TestPrecedence(t *testing.T) {
	all := strings.Fields(strings.Join(levels, " "))
	for _, one := range all {
		for _, two := range all {
			want := "((a " + one + " b) " + two + " c)"
			if l := level(one); level(two) > l || level(two) == l && (one == ".." || one == "^") {
				want = "(a " + one + " (b " + two + " c))"
			}
			if got := groupedText(t, "a "+one+" b "+two+" c"); got != want {
				t.Errorf("got %s, expected %s", got, want)
			}
		}
		for _, unary := range []string{"-", "not", "#", "~"} {
			want := "((" + unary + " a) " + one + " b)"
			if one == "^" {
				want = "(" + unary + " (a ^ b))"
			}
			if got := groupedText(t, unary+" a "+one+" b"); got != want {
				t.Errorf("got %s, expected %s", got, want)
			}
			want = "(a " + one + " (" + unary + " b))"
			if got := groupedText(t, "a "+one+" "+unary+" b"); got != want {
				t.Errorf("got %s, expected %s", got, want)
			}
		}
	}
	for expression, want := range map[string]string{
		"2 ^ - 3 ^ 4":     "(2 ^ (- (3 ^ 4)))",
		"- 2 ^ - 3":       "(- (2 ^ (- 3)))",
		"not a == b":      "((not a) == b)",
		"- - a":           "(- (- a))",
		"a .. b + c .. d": "(a .. ((b + c) .. d))",
		"a or b and c < d | e ~ f & g << h .. i + j * k ^ l": "(a or (b and (c < (d | (e ~ (f & (g << (h .. (i + (j * (k ^ l)))))))))))",
		"a ^ b * c + d .. e << f & g ~ h | i < j and k or l": "(((((((((((a ^ b) * c) + d) .. e) << f) & g) ~ h) | i) < j) and k) or l)",
	} {
		if got := groupedText(t, expression); got != want {
			t.Errorf("%s: got %s, expected %s", expression, got, want)
		}
	}
}

// TestManyNames makes sure that a great number of names in scope, which are looked up in
// another way, changes nothing.
func TestManyNames(t *testing.T) {
	first := "local " + strings.TrimSuffix(numbered(150, "p%d, "), ", ") + "; "
	compared := 0
	for _, f := range cases(t) {
		for _, c := range f.Cases {
			if strings.HasPrefix(c.Text, "#") || strings.HasPrefix(c.Text, "\xef") || strings.HasPrefix(c.Text, "\x1b") {
				continue
			}
			for _, d := range []syntax.Dialect{syntax.Lua54, syntax.Lua55} {
				without, with := luadiff.Ours(parse(c.Text, d)), luadiff.Ours(parse(first+c.Text, d))
				if !with.Matches(without) || with.Message != without.Message {
					t.Errorf("%s: %s: %q is %v, with many names %v", f.Path, d.Title(), c.Text, without, with)
				}
				compared++
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d programs", compared)
	}
	// Scopes that end, with names of the same spelling before and behind them.
	for text, line := range map[string]int{
		first + "local x <const> = 1\ndo local x; x = 1 end\nx = 2":                            3,
		first + "local x <const> = 1\ndo local x; do local x <const> = 1 end x = 1 end\nx = 2": 3,
		first + "local x\ndo local x <const> = 1; f(x) end\nx = 2\nlocal x <const> = 1\nx = 3": 5,
	} {
		if got := luadiff.Ours(parse(text, syntax.Lua54)); got.OK || got.Line != line {
			t.Errorf("%q: got %v, expected line %d", text[len(first):], got, line)
		}
	}
}
