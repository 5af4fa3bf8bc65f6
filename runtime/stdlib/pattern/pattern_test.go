package pattern_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/reallua"
	"github.com/skylint/skylint/runtime/stdlib/pattern"
)

// host ends a match by a panic, at an error or after a number of steps.
type host struct{ left int }

type failure string

func (h *host) Fail(message string) { panic(failure(message)) }

func (h *host) Steps(n int) {
	if h.left -= n; h.left < 0 {
		panic(failure("too many steps"))
	}
}

// matches describes all matches of a pattern, as the Lua program below does.
func matches(text, p string, steps int) (result string) {
	var b strings.Builder
	b.WriteString("ok")
	defer func() {
		if r := recover(); r != nil {
			result = "error\n" + reallua.String(string(r.(failure)))
		}
	}()
	if pattern.Plain(p) { // find does not treat it as a pattern
		for at := 0; at <= len(text); at++ {
			if i := strings.Index(text[at:], p); i >= 0 {
				fmt.Fprintf(&b, "\ninteger %d\ninteger %d", at+i+1, at+i+len(p))
			} else {
				b.WriteString("\nnil nil")
			}
		}
		return b.String()
	}
	var m pattern.Matcher
	m.Reset(pattern.Compile(p), text, &host{steps})
	for at := 0; at <= len(text); at++ {
		start, end, ok := m.Find(at)
		if !ok {
			b.WriteString("\nnil nil")
			continue
		}
		fmt.Fprintf(&b, "\ninteger %d\ninteger %d", start+1, end)
		if !pattern.Compile(p).HasCaptures() {
			continue
		}
		for i := range m.Captures() {
			if from, to, isPlace := m.Span(i, start, end); isPlace {
				fmt.Fprintf(&b, "\ninteger %d", from+1)
			} else {
				b.WriteString("\n" + reallua.String(text[from:to]))
			}
		}
	}
	return b.String()
}

const program = `
local text, pattern = %s, %s
local all, n = {}, 0
local function add(...)
  for i = 1, select("#", ...) do
    n = n + 1
    all[n] = (select(i, ...))
  end
end
local ok, message = pcall(function()
  for at = 1, #text + 1 do
    add(string.find(text, pattern, at))
  end
end)
if not ok then
  error((message:gsub("^chunk:%%d+: ", "")), 0)
end
return table.unpack(all, 1, n)
`

func compare(t *testing.T, lua *reallua.Lua, text, p string) {
	t.Helper()
	want, err := lua.Run(fmt.Sprintf(program, luadiff.Quote(text), luadiff.Quote(p)))
	if err != nil {
		t.Fatal(err)
	}
	if got := matches(text, p, 1<<40); got != want {
		t.Errorf("find(%q, %q):\n%s\nwant\n%s", text, p, got, want)
	}
}

func TestAgainstLua(t *testing.T) {
	lua := reallua.Start(t)
	for _, c := range [][2]string{
		{"", ""}, {"", "^"}, {"", "$"}, {"abc", "b"}, {"abc", "^b"}, {"abc", "c$"}, {"a$c", "$c"}, {"abc", "."},
		{"hello world", "o w"}, {"hello world", "(o)( )(w)"}, {"hello", "()l()"}, {"aaab", "a*b"}, {"aaab", "a-b"},
		{"aaab", "a+b"}, {"ab", "a?b"}, {"b", "a?b"}, {"x = 10", "(%w+)%s*=%s*(%d+)"}, {"[[x]]", "%[%[(.-)%]%]"},
		{"f(a(b)c)d", "%b()"}, {"((", "%b()"}, {"THE (quick) fox", "%f[%a]%a+%f[%A]"}, {"abcabc", "(abc)%1"},
		{"a]b", "[]]"}, {"a^b", "[b^]"}, {"a-b", "[a-]"}, {"a-b", "[%a-]"}, {"x%y", "[%%]"}, {"abc", "[^a]"},
		{"abc", "[a-%z]"}, {"a\x00b", "%z"}, {"a\x00b", "[%z]"}, {"a\x00b", "\x00"}, {"é\xff", "[\x80-\xff]+"},
		{"abc", "("}, {"abc", ")"}, {"abc", "(()"}, {"abc", "%1"}, {"abc", "(%1)"}, {"abc", "a%"}, {"abc", "[a"},
		{"abc", "[]"}, {"abc", "[^]"}, {"abc", "[a%"}, {"abc", "[a%]"}, {"abc", "%b"}, {"abc", "%bx"}, {"abc", "%f"},
		{"abc", "%fa"}, {"abc", "%f[a"}, {"abc", "x["}, {"abc", "x%"}, {"abc", "()%1"}, {"abc", "%0"}, {"abc", "*"},
		{"a*", "^*"}, {"abc", "(a)(b)%3"}, {"abc", "a%z*"}, {"abc", "%g%G"}, {"a.b", "%p%P"}, {"aB1_ \t", "%l%u%d%p%s%s"},
		{"aaa", strings.Repeat("a?", 300)}, {strings.Repeat("a", 300), strings.Repeat("a?", 300)},
		{strings.Repeat("a", 40), strings.Repeat("(a)", 33)}, {"aXb", "%a%u%l"}, {"\x1f", "%c"}, {"f", "%x"},
		{"aaa", "a-$"}, {"aaa", "(a-)$"}, {"aaa", "(a*)(a?)"}, {"", "()"}, {"ab", "%f[%z]"}, {"ab", "b%f[\x00]"},
		{"a" + strings.Repeat("b", 20) + "c", "a.-bc"}, {"abc", "[%a]%w?%W-c"}, {"é", "%a"}, {"a", "[[]"}, {"a", "%"}, {"-", "[a-]"},
		{"abc", "[%"}, {"]", "[%]]"}, {"^", "[%^]"}, {"z", "[z-a]"}, {"5", "[0-9a-f]"}, {"k", "[^%d%s]"},
	} {
		compare(t, lua, c[0], c[1])
	}
}

// TestRandom compares patterns made by chance.
func TestRandom(t *testing.T) {
	lua := reallua.Start(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "b", "c", ".", "%a", "%d", "%s", "%w", "%A", "[ab]", "[^ab]", "[a-c]", "[]", "[^", "]", "(", ")", "()", "(", ")",
		"*", "+", "-", "?", "*", "-", "%1", "%2", "%b()", "%bab", "%f[a]", "%f[%w]", "^", "$", "%", "%.", "1", " "}
	letters := "aabbc1 ()."
	for range 3000 {
		var p strings.Builder
		for range rnd.IntN(8) {
			p.WriteString(parts[rnd.IntN(len(parts))])
		}
		text := make([]byte, rnd.IntN(10))
		for i := range text {
			text[i] = letters[rnd.IntN(len(letters))]
		}
		compare(t, lua, string(text), p.String())
		if t.Failed() {
			return
		}
	}
}

// TestSteps makes sure that a pattern that would go on for ever is ended.
func TestSteps(t *testing.T) {
	text := strings.Repeat("a", 300_000)
	for _, p := range []string{"a*b", ".-b", ".-.-.-.-b", "(.-)(.-)%2b", "a-a-a-a-b", "%b()", "%bab", ".*.*.*b", "[ab]-c", "a?a?a?a?b"} {
		if got := matches(text, p, 100_000); got != "error\nstring too many steps" {
			t.Errorf("%q on %d bytes is not ended: %s", p, len(text), got)
		}
	}
}

func FuzzAgainstLua(f *testing.F) {
	lua := reallua.Start(f)
	f.Add("hello world", "(%w+) (%w-)$")
	f.Add("f(a)", "%b()%f[%z]")
	f.Fuzz(func(t *testing.T, text, p string) {
		if len(text) > 20 || len(p) > 30 || strings.Count(p, "*")+strings.Count(p, "-")+strings.Count(p, "+") > 3 {
			return
		}
		compare(t, lua, text, p)
	})
}
