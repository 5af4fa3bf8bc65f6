package luadiff_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// TestValues compares what Tree.Str and Tree.Number say about literals with what the real
// Luas make of them.
func TestValues(t *testing.T) {
	files, err := luadiff.ReadCases(caseFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range available() {
		it := start(t, d)
		seen := make(map[string]bool)
		var literals, ours []string
		collect := func(text string) {
			tree := syntax.Parse(source.New("x.lua", text), d)
			if len(tree.Errors) > 0 {
				return
			}
			for n := range tree.Nodes(syntax.String, syntax.Number) {
				literal := tree.Text(n)
				if tree.IsBare(n) || seen[literal] {
					continue
				}
				seen[literal] = true
				literals = append(literals, "return "+literal)
				if tree.Kind(n) == syntax.String {
					ours = append(ours, tree.Str(n))
				} else {
					ours = append(ours, number(tree, n))
				}
			}
		}
		for _, f := range files {
			for _, c := range f.Cases {
				collect(c.Text)
			}
		}
		for seed := range uint64(300) {
			collect(luagen.Program(luagen.Rand(seed), d, 200))
		}
		real, err := it.Evaluate(literals...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range literals {
			if ours[i] != real[i] {
				t.Errorf("%s: %q: skylint %q, real Lua %q", d.Title(), literals[i], ours[i], real[i])
			}
		}
		if len(literals) < 200 {
			t.Errorf("%s: only %d literals", d.Title(), len(literals))
		}
	}
}

// number writes a number as the driver does.
func number(tree *syntax.Tree, n syntax.Node) string {
	v := tree.Number(n)
	text := strings.ToLower(tree.Text(n))
	switch {
	case tree.Dialect == syntax.LuaJIT && strings.Contains(text, "ll") && strings.Contains(text, "u"):
		return fmt.Sprintf("%dULL", uint64(v.Int))
	case tree.Dialect == syntax.LuaJIT && strings.Contains(text, "ll"):
		return fmt.Sprintf("%dLL", v.Int)
	case v.IsInt:
		return strconv.FormatInt(v.Int, 10)
	}
	s := strconv.FormatFloat(v.Float, 'g', 17, 64)
	if strings.Contains(s, "Inf") {
		s = "inf"
	} else if !strings.Contains(s, "e") && strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	} else if m, e, ok := strings.Cut(s, "e"); ok && strings.Contains(m, ".") {
		s = strings.TrimRight(strings.TrimRight(m, "0"), ".") + "e" + e
	}
	if tree.Dialect == syntax.LuaJIT && strings.HasSuffix(text, "i") {
		return "0+" + s + "i"
	}
	return s
}

// TestLongNumerals compares numerals that are too long for a case file.
func TestLongNumerals(t *testing.T) {
	zeros := strings.Repeat("0", 1<<20-2)
	texts := []string{
		"return 0." + zeros + "1", "return 0." + zeros + "01", "return 0." + zeros + "00", "return 0x0." + zeros + "1",
		"return 0x0." + zeros + "01", "return 1" + zeros + "000", "return 0" + zeros + "LL", "return 0x" + zeros + "1", "return 0b" + zeros + "1",
	}
	for _, d := range available() {
		verdicts, err := start(t, d).Judge(texts...)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range texts {
			if c := luadiff.Compare(text, d, verdicts[i]); c.Outcome != luadiff.Agree {
				t.Errorf("%s: %.20s...%s: %v", d.Title(), text, text[len(text)-3:], c)
			}
		}
	}
}
