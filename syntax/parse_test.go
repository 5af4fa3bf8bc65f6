package syntax

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/source"
)

// TestNestingIsBounded parses what would exhaust a naive parser.
func TestNestingIsBounded(t *testing.T) {
	const n = 200_000
	rep := strings.Repeat
	for name, text := range map[string]string{
		"parentheses":  "x = " + rep("(", n) + "1" + rep(")", n),
		"tables":       "x = " + rep("{", n) + rep("}", n),
		"unary":        "x = " + rep("not ", n) + "1",
		"minus":        "x = " + rep("- ", n) + "1",
		"elseif":       "if a then " + rep("elseif b then ", n) + "end",
		"concat":       "x = " + rep("a .. ", n) + "a",
		"pow":          "x = " + rep("a ^ ", n) + "a",
		"add":          "x = " + rep("a + ", n) + "a",
		"blocks":       rep("do ", n) + rep("end ", n),
		"functions":    "x = " + rep("function() return ", n) + "1" + rep(" end", n),
		"calls":        "f" + rep("()", n),
		"indexes":      "x = a" + rep(".b", n),
		"brackets":     "x = a" + rep("[1]", n),
		"index nest":   "x = " + rep("a[", n) + "1" + rep("]", n),
		"call nest":    rep("f(", n) + rep(")", n),
		"ends":         rep("end ", n),
		"labels":       rep("::a:: ", n),
		"if open":      rep("if a then ", n),
		"bad bytes":    rep("\x01$", n),
		"long bracket": rep("[[", n),
	} {
		tree := Parse(source.New(name, text), Lua54)
		depth := 0
		for i := Node(1); int(i) < tree.Len(); i++ {
			if tree.Parent(i) == None && i != tree.Main && depth == 0 && len(tree.Errors) == 0 {
				t.Errorf("%s: node %d (%s) has no parent", name, i, tree.Kind(i))
				depth++
			}
		}
		t.Logf("%-12s %d errors", name, len(tree.Errors))
	}
}
