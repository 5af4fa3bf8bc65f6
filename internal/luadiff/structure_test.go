package luadiff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/internal/luaprint"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// TestStructure makes sure that the tree of a program is what the real Lua understands by
// it: the program and its tree, printed with parentheses around every operation, compile to
// the same byte code.
func TestStructure(t *testing.T) {
	files, err := luadiff.ReadCases(caseFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range available() {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			it := start(t, d)
			var texts, questions []string
			ask := func(text string) {
				text = oneLine(text)
				tree := syntax.Parse(source.New("x.lua", text), d)
				if len(tree.Errors) > 0 || len(tree.Statements(tree.Main)) == 0 {
					return
				}
				texts = append(texts, text)
				questions = append(questions, fmt.Sprintf(`
					local load = loadstring or load
					local one, two = load(%s, "="), load(%s, "=")
					return one and two and (string.dump(one) == string.dump(two) and "same" or "other") or "does not compile"`,
					luadiff.Quote(text), luadiff.Quote(luaprint.Grouped(tree))))
			}
			for _, f := range files {
				for _, c := range f.Cases {
					if !strings.HasPrefix(c.Text, "#") && !strings.HasPrefix(c.Text, "\xef") {
						ask(c.Text)
					}
				}
			}
			for seed := range uint64(300) {
				if text := luagen.Program(luagen.Rand(seed), d, 120); !strings.HasPrefix(text, "#") {
					ask(text)
				}
			}
			answers, err := it.Evaluate(questions...)
			if err != nil {
				t.Fatal(err)
			}
			for i, answer := range answers {
				if answer != "same" {
					tree := syntax.Parse(source.New("x.lua", texts[i]), d)
					t.Errorf("%s: %s\n%q\n%q", d.Title(), answer, texts[i], luaprint.Grouped(tree))
				}
			}
			if len(texts) < 600 {
				t.Errorf("only %d programs", len(texts))
			}
		})
	}
}

// oneLine writes the tokens of a text on one line, so that the line numbers in the byte code
// do not differ from those of the printed tree. Comments and the contents of strings with
// line breaks are lost.
func oneLine(text string) string {
	var b strings.Builder
	for _, token := range luagen.Cut(text) {
		if strings.TrimSpace(token) == "" || strings.HasPrefix(token, "--") {
			token = " "
		} else if strings.ContainsAny(token, "\r\n") {
			token = "'lines'"
		}
		b.WriteString(token)
	}
	return b.String()
}
