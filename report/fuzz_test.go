package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// FuzzText writes findings about any place of any text. Nothing may fail or steer the
// terminal.
func FuzzText(f *testing.F) {
	f.Add("GLOBAL = 1\n", uint32(0), uint32(6), uint32(9), uint32(10), 40, "x")
	f.Add("foo(\n\tbar,\n\n)\r\n\x1b\xff中文\u202e", uint32(3), uint32(99), uint32(5), uint32(17), 0, "\n")
	f.Add("", uint32(0), uint32(0), uint32(7), uint32(1), 1, "")
	f.Fuzz(func(t *testing.T, text string, a, b, c, d uint32, width int, put string) {
		width = int(uint(width) % 500)
		file := source.New("a.lua", text)
		at := func(x, y uint32) rules.Location {
			return rules.Location{File: file, Span: source.Span{Start: min(x, y), End: max(x, y)}}
		}
		edit := at(a, d)
		edit.Start, edit.End = min(edit.Start, uint32(len(text))), min(edit.End, uint32(len(text)))
		r := one(at(a, b), put, related(at(c, d), put), related(at(b, c), ""), related(at(a, a), put))
		diagnostic := &r.Diagnostics[0]
		diagnostic.Message = put
		diagnostic.Path = []rules.Step{{Location: at(a, d), Message: put}, {Location: at(b, c), Message: put}}
		diagnostic.Fixes = []rules.Fix{{Title: put, Edits: []rules.Edit{{Location: edit, NewText: put}}}}
		r.Problems = []rules.Problem{{Path: put, Location: at(c, d), Message: put, Related: diagnostic.Related}}
		for _, o := range []Options{{Width: width}, {Width: width, Unicode: true, Color: true}} {
			out := write(t, Text, r, o)
			if !utf8.ValidString(out) {
				t.Errorf("not UTF-8: %q", out)
			}
			if !o.Color && strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && mustEscape(r, utf8.RuneLen(r)) }) {
				t.Errorf("a character that steers the terminal: %q", out)
			}
		}
		write(t, JSON, r, Options{})
		write(t, GitHub, r, Options{})
	})
}
