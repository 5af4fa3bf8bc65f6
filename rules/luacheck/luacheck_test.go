package luacheck

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules/internal/comment"
	"github.com/skylint/skylint/source"
)

// TestWrites reads files in which exactly those globals that luacheck 1.1.0 reports as
// written (W111) have names that begin with "bad".
func TestWrites(t *testing.T) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, o := read(name, string(text))
		writes := 0
		for _, m := range regexp.MustCompile(`(local )?(\w+) = `).FindAllSubmatchIndex(text, -1) {
			if m[2] >= 0 {
				continue
			}
			writes++
			global := string(text[m[4]:m[5]])
			_, silent := o.Silences(uint32(m[4]), []string{"111"}, global)
			if silent == strings.HasPrefix(global, "bad") {
				t.Errorf("%s:%d: %s: silent is %t", name, f.Line(uint32(m[4])), global, silent)
			}
		}
		if writes < 10 {
			t.Errorf("%s: only %d writes", name, writes)
		}
	}
}

// read finds comments and functions of a text whose only blocks are functions and whose
// strings hold no dashes.
func read(name, text string) (*source.File, *Options) {
	f := source.New(name, text)
	var comments []source.Span
	for _, m := range regexp.MustCompile(`--.*`).FindAllStringIndex(text, -1) {
		comments = append(comments, source.Span{Start: uint32(m[0]), End: uint32(m[1])})
	}
	var functions, open []source.Span
	code := regexp.MustCompile(`--.*`).ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	for _, m := range regexp.MustCompile(`\b(function|end)\b`).FindAllStringIndex(code, -1) {
		if code[m[0]] == 'f' {
			open = append(open, source.Span{Start: uint32(m[0])})
			continue
		}
		last := open[len(open)-1]
		last.End = uint32(m[1])
		open, functions = open[:len(open)-1], append(functions, last)
	}
	return f, Read(comment.List{File: f, Spans: comments}, func(offset uint32) uint32 {
		for _, fn := range functions { // inner ones come first
			if fn.Contains(offset) {
				return fn.End
			}
		}
		return uint32(len(text))
	})
}

func TestReads(t *testing.T) {
	_, o := read("x.lua", "-- luacheck: read globals A, globals B.field\nx = A\n")
	for _, c := range []struct {
		name, code string
		want       bool
	}{
		{"A", "113", true}, {"A", "111", false}, {"B", "113", true}, {"B", "111", false}, {"C", "113", false},
		{"A", "143", false},
	} {
		if _, got := o.Silences(50, []string{c.code}, c.name); got != c.want {
			t.Errorf("%s of %s: silent is %t", c.code, c.name, got)
		}
	}
	if _, got := o.Silences(50, []string{"111", "113"}, "A"); !got {
		t.Error("one of several codes is enough")
	}
}

func TestSilencesNamesTheComment(t *testing.T) {
	const text = "-- luacheck: globals B\n-- luacheck: ignore A\n-- luacheck: allow defined top\nA = 1\n"
	f, o := read("x.lua", text)
	at := uint32(strings.Index(text, "A = 1"))
	for _, c := range []struct{ name, want string }{
		{"A", "-- luacheck: ignore A"}, {"B", "-- luacheck: globals B"}, {"C", "-- luacheck: allow defined top"},
	} {
		span, ok := o.Silences(at, []string{"111"}, c.name)
		if got := f.Text[span.Start:span.End]; !ok || got != c.want {
			t.Errorf("%s: %q, %t; want %q", c.name, got, ok, c.want)
		}
	}
}

func TestGlobals(t *testing.T) {
	const text = "-- luacheck: globals A b.c, new read globals D\nlocal x = A -- luacheck: new globals E\n"
	f, o := read("x.lua", text)
	var got []string
	for _, g := range o.Globals() {
		got = append(got, g.Name+map[bool]string{true: " read-only", false: ""}[g.ReadOnly])
	}
	if want := []string{"A", "b.c", "D read-only", "E"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	declared, writable := o.Declared(f.LineStart(2), "A")
	if declared || writable {
		t.Error("on line 2, new globals has begun anew without A")
	}
	if declared, writable = o.Declared(f.LineStart(2), "E"); !declared || !writable {
		t.Error("E is declared on line 2")
	}
	if declared, writable = o.Declared(0, "A"); !declared || !writable {
		t.Error("A is declared on line 1")
	}
}

func TestNone(t *testing.T) {
	var o *Options
	if o.Globals() != nil {
		t.Error("globals of no options")
	}
	if _, silent := o.Silences(0, []string{"111"}, "A"); silent {
		t.Error("no options silence nothing")
	}
	if declared, _ := o.Declared(0, "A"); declared {
		t.Error("no options declare nothing")
	}
}

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ pattern, name string }{
		{"a.c", "abc"}, {"a.*", "a"}, {"a.-c", "abbc"}, {"_?x", "x"}, {"%d+", "123"}, {"%D", "x"}, {"a%.b", "a.b"}, {"[%a_]+", "a_b"},
		{"[^%d]*", "abc"}, {"[]]", "]"}, {"[a-c]", "b"}, {"[a-]", "-"}, {"(a)(.)", "ab"}, {"^a", "abc"}, {"c$", "abc"}, {"a%-b", "a-b"}, {"[%]]", "]"},
		{"é.", "éa"},
	} {
		if !newMatcher(c.pattern, true).match(c.name) {
			t.Errorf("%q does not match %q", c.pattern, c.name)
		}
	}
	for _, c := range []struct{ pattern, name string }{
		{"a.c", "abcd"}, {"%D", "1"}, {"a%.b", "axb"}, {"[^%d]*", "a1"}, {"[a-c]", "d"}, {"[a-]", "b"}, {"c$", "abcd"}, {"a", "ab"}, {"[a", "[a"},
		{"%bxy", "xy"}, {"(a)%1", "aa"}, {"%f[a]a", "a"}, {"%", "%"},
	} {
		if newMatcher(c.pattern, true).match(c.name) {
			t.Errorf("%q matches %q", c.pattern, c.name)
		}
	}
}
