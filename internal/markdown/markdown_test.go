package markdown

import (
	"strings"
	"testing"
)

const page = "# A title\n" +
	"A paragraph with `code`, **strong** and *weak* words, and a [link](docs/x.md);\nit is long enough to be wrapped.\n" +
	"\n" +
	"## Bad\n" +
	"- first item that goes on\n  in the next line\n" +
	"- second\n" +
	"  1. deeper\n" +
	"\n" +
	"```lua file=service/db.lua\n" +
	"local x = 1   -- *not* emphasis\n" +
	"\n" +
	"\treturn x\n" +
	"```\n" +
	"> quoted\n> twice\n" +
	"\n" +
	"| name | meaning |\n" +
	"| --- | :-: |\n" +
	"| `a` | first |\n" +
	"| longer | second |\n" +
	"2 * 3 * 4 and a [bracket]\n"

func TestPlain(t *testing.T) {
	const want = `A title

A paragraph with ` + "`code`" + `, strong and
weak words, and a link (docs/x.md);
it is long enough to be wrapped.

Bad

  - first item that goes on in the
    next line
  - second
    1. deeper

    service/db.lua

    local x = 1   -- *not* emphasis

    	return x

> quoted twice

name    meaning
` + "`a`" + `     first
longer  second

2 * 3 * 4 and a [bracket]
`
	if got := Render(page, Options{Width: 36}); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestColor(t *testing.T) {
	got := Render("# Say `x`\n\none `a b` two\n", Options{Width: 6, Color: true})
	want := bold + underline + "Say " + cyan + "x" + reset + bold + underline + reset + "\n" +
		"\n" +
		"one " + cyan + "a" + reset + "\n" +
		cyan + "b" + reset + " two\n"
	if got != want {
		t.Errorf("got:\n%q\nwant:\n%q", got, want)
	}
}

// Colour must never change the text itself.
func TestColorIsOnlyStyle(t *testing.T) {
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	plain := words(strings.ReplaceAll(Render(page, Options{}), "`", ""))
	colored := Render(page, Options{Color: true})
	for _, sequence := range []string{bold, underline, dim, cyan, reset} {
		colored = strings.ReplaceAll(colored, sequence, "")
	}
	if got := words(colored); got != plain {
		t.Errorf("with colour:\n%s\nwithout:\n%s", got, plain)
	}
}

func TestAnyTextIsShown(t *testing.T) {
	for _, text := range []string{"", "```", "|", "|||\n|-", "#", "# ", "**", "[](", "[a](", "`", "* ", "1. ", ">", "\x1b["} {
		Render(text, Options{Width: 1, Color: true}) // must not panic
	}
}
