package comment

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/source"
)

// list makes a file of a text in which « and » stand around comments.
func list(text string) List {
	var l List
	var b strings.Builder
	for len(text) > 0 {
		switch {
		case strings.HasPrefix(text, "«"):
			l.Spans = append(l.Spans, source.Span{Start: uint32(b.Len())})
			text = text[len("«"):]
		case strings.HasPrefix(text, "»"):
			l.Spans[len(l.Spans)-1].End = uint32(b.Len())
			text = text[len("»"):]
		default:
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	l.File = source.New("x.lua", b.String())
	return l
}

func TestBody(t *testing.T) {
	for _, c := range []struct {
		text, want string
		at         uint32
	}{
		{"«-- a b »", "a b", 3},
		{"x «--a»", "a", 4},
		{"«--- @param»", "@param", 4},
		{"«--»", "", 2},
		{"«--[[ a ]]»", "a", 5},
		{"«--[==[\r\n a\n b]==]»", "a\n b", 9},
		{"«--[=a»", "[=a", 2},
		{"«--[[»", "", 4}, // never closed
	} {
		if got, at := list(c.text).Body(0); got != c.want || at != c.at {
			t.Errorf("%q: got %q at %d, want %q at %d", c.text, got, at, c.want, c.at)
		}
	}
}

func TestAround(t *testing.T) {
	for _, c := range []struct {
		text   string
		before bool
		next   string // the code behind the last comment, "" for none
	}{
		{"«--a»", false, ""},
		{"\ufeff  «--a»\n", false, ""},
		{"x = 1 «--a»\n\n\n«--b»", false, ""},
		{"x = 1\t«--a»", true, ""},
		{"x = 1 «--[[a]]» «--b»\ny", true, "y"},
		{"x = 1\n«--[[a]]» «--b»\ny", false, "y"},
		{"x = 1 «--[[a\n]]» «--b»\r\n \ny", false, "y"},
		{"«--[[a]]» y", false, "y"},
	} {
		l := list(c.text)
		last := len(l.Spans) - 1
		if got := l.CodeBefore(last); got != c.before {
			t.Errorf("%q: code before is %t", c.text, got)
		}
		at, ok := l.NextCode(last)
		if ok != (c.next != "") || l.File.Text[at:] != c.next {
			t.Errorf("%q: code behind is %q, %t", c.text, l.File.Text[at:], ok)
		}
	}
	l := list("«--a»\n\n«--b» «--c»\n y")
	if at, ok := l.NextCode(0); !ok || l.File.Text[at:] != "y" {
		t.Errorf("comments in between are skipped, got %q, %t", l.File.Text[at:], ok)
	}
}
