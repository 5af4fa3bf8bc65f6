package luagen_test

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/syntax"
)

func TestProgramDependsOnTheSeedAlone(t *testing.T) {
	seen := make(map[string]bool)
	for seed := range uint64(50) {
		for _, d := range syntax.Dialects() {
			one := luagen.Program(luagen.Rand(seed), d, 100)
			if two := luagen.Program(luagen.Rand(seed), d, 100); one != two {
				t.Fatalf("seed %d: two programs:\n%s\n---\n%s", seed, one, two)
			}
			seen[one] = true
			m := luagen.Mutate(luagen.Rand(seed), one, "x = 1")
			if m2 := luagen.Mutate(luagen.Rand(seed), one, "x = 1"); m != m2 {
				t.Fatalf("seed %d: two mutations", seed)
			}
		}
	}
	if len(seen) < 290 {
		t.Errorf("only %d different programs of 300", len(seen))
	}
}

func TestCut(t *testing.T) {
	text := "local s = 'a\\'b' .. [==[ x ]] ]==] -- note\nf(1.5, \"u"
	tokens := luagen.Cut(text)
	if strings.Join(tokens, "") != text {
		t.Errorf("not the text: %q", tokens)
	}
	for _, want := range []string{"local", `'a\'b'`, "..", "[==[ x ]] ]==]", "-- note", "\n", "f", "\"u"} {
		found := false
		for _, tok := range tokens {
			found = found || tok == want
		}
		if !found {
			t.Errorf("no token %q in %q", want, tokens)
		}
	}
}

func TestMinimise(t *testing.T) {
	r := luagen.Rand(1)
	text := luagen.Program(r, syntax.Lua54, 300) + "\nlocal needle = 'hay' + 2\n" + luagen.Program(r, syntax.Lua54, 300)
	fails := func(s string) bool { return strings.Contains(s, "needle") && strings.Contains(s, "+") }
	if got := luagen.Minimise(text, fails); len(got) > len("needle+") {
		t.Errorf("got %q", got)
	}
}
