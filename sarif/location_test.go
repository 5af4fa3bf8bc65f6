package sarif

import (
	"fmt"
	"strings"
	"testing"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/skylint/skylint/source"
)

func entry(text string) *artifact {
	g := gallery{byURI: map[string]*artifact{}}
	return g.of("a.lua", source.New("a.lua", text))
}

func show(r *gosarif.Region) string {
	if r == nil {
		return "none"
	}
	s := fmt.Sprintf("%d:%d-%d:%d", *r.StartLine, *r.StartColumn, *r.EndLine, *r.EndColumn)
	if r.Snippet != nil {
		s += fmt.Sprintf(" %q", *r.Snippet.Text)
	}
	return s
}

func TestRegions(t *testing.T) {
	const bom = "\uFEFF"
	for _, v := range []struct {
		text       string
		start, end uint32
		region     string // of the first line
		exact      string // of the whole
		context    string
	}{
		{"", 0, 0, `1:1-1:1`, `1:1-1:1`, `none`},
		{"", 7, 9, `1:1-1:1`, `1:1-1:1`, `none`},
		{"x = 1", 0, 1, `1:1-1:2 "x"`, `1:1-1:2`, `1:1-1:6 "x = 1"`},
		{"x = 1", 0, 5, `1:1-1:6 "x = 1"`, `1:1-1:6`, `none`},
		{"x = 1\n", 0, 6, `1:1-1:6 "x = 1"`, `1:1-2:1`, `none`},
		{"x = 1\n", 6, 6, `2:1-2:1`, `2:1-2:1`, `1:1-2:1 "x = 1\n"`},
		{"x = 1\n", 6, 99, `2:1-2:1`, `2:1-2:1`, `1:1-2:1 "x = 1\n"`},
		{"x = 1\r\ny", 6, 7, `1:6-1:6`, `1:7-2:1`, `1:1-2:2 "x = 1\r\ny"`},
		{"a\nb\nc\nd\ne\nf\n", 4, 5, `3:1-3:2 "c"`, `3:1-3:2`, `1:1-5:2 "a\nb\nc\nd\ne"`},
		{"a\nb\nc\nd\ne\nf\n", 0, 9, `1:1-1:2 "a"`, `1:1-5:2`, `1:1-5:2 "a\nb\nc\nd\ne"`},
		{"a\nb\nc\nd\ne\nf\n", 8, 12, `5:1-5:2 "e"`, `5:1-7:1`, `3:1-6:2 "c\nd\ne\nf"`},
		{strings.Repeat("a\n", 30), 10, 60, `6:1-6:2 "a"`, `6:1-31:1`, `4:1-15:2 ` + fmt.Sprintf("%q", strings.Repeat("a\n", 11)+"a")},
		{"你好 = 1", 0, 6, `1:1-1:3 "你好"`, `1:1-1:3`, `1:1-1:7 "你好 = 1"`},
		{"你好 = 1", 1, 4, `1:1-1:3 "你好"`, `1:1-1:3`, `1:1-1:7 "你好 = 1"`},
		{"你好 = 1", 1, 1, `1:1-1:1`, `1:1-1:1`, `1:1-1:7 "你好 = 1"`},
		{"😀 x", 5, 6, `1:4-1:5 "x"`, `1:4-1:5`, `1:1-1:5 "😀 x"`},
		{"😀 x", 2, 6, `1:1-1:5 "😀 x"`, `1:1-1:5`, `none`},
		{"\xE9\xE9 x", 3, 4, `1:4-1:5 "x"`, `1:4-1:5`, `1:1-1:5 "` + "\uFFFD\uFFFD" + ` x"`},
		{"\xBD\xE4 x", 1, 2, `1:2-1:3 "` + "\uFFFD" + `"`, `1:2-1:3`, `1:1-1:5 "` + "\uFFFD\uFFFD" + ` x"`},
		{bom + "x = 1", 3, 4, `1:1-1:2 "x"`, `1:1-1:2`, `1:1-1:6 "x = 1"`},
		{bom + "x = 1", 0, 4, `1:1-1:2 "x"`, `1:1-1:2`, `1:1-1:6 "x = 1"`},
		{bom + "x\n" + bom + "y", 5, 9, `2:1-2:3 "` + `\ufeff` + `y"`, `2:1-2:3`, `1:1-2:3 "x\n\ufeffy"`},
		{bom, 0, 3, `1:1-1:1`, `1:1-1:1`, `none`},
		{"a\rb\n\rc", 5, 6, `3:1-3:2 "c"`, `3:1-3:2`, `1:1-3:2 "a\rb\n\rc"`},
	} {
		a := entry(v.text)
		span := source.Span{Start: v.start, End: v.end}
		place, line := a.firstLine(span)
		exact := a.exact(span)
		for what, pair := range map[string][2]string{
			"region":  {show(a.region(place, line)), v.region},
			"exact":   {show(&exact), v.exact},
			"context": {show(a.context(place, span, line)), v.context},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%q, %d to %d: %s %s, want %s", v.text, v.start, v.end, what, pair[0], pair[1])
			}
		}
	}
}

// Long lines are not copied into reports, and lines around a place only as far as they
// are short.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", contextLimit)
	for _, v := range []struct {
		text            string
		at              uint32
		length          int
		region, context string
	}{
		{long, 10, snippetLimit, `1:11-1:1011 "` + long[:snippetLimit] + `"`, `1:1-1:4001 "` + long + `"`},
		{long, 10, snippetLimit + 1, `1:11-1:1012`, `1:1-1:4001 "` + long + `"`},
		{long + "x", 10, 1, `1:11-1:12 "x"`, `none`},
		{"a\nb\n" + long + "\nc\n", 0, 1, `1:1-1:2 "a"`, `1:1-2:2 "a\nb"`},
		{long + "\na\nb\nc\n", uint32(len(long)) + 3, 1, `3:1-3:2 "b"`, `2:1-4:2 "a\nb\nc"`},
	} {
		a := entry(v.text)
		span := source.Span{Start: v.at, End: v.at + uint32(v.length)}
		place, line := a.firstLine(span)
		if got := show(a.region(place, line)); got != v.region {
			t.Errorf("region %s, want %s", got, v.region)
		}
		if got := show(a.context(place, span, line)); got != v.context {
			t.Errorf("context %s, want %s", got, v.context)
		}
	}
}

// Columns are the same in whichever order they are asked for.
func TestColumnsInAnyOrder(t *testing.T) {
	text := "a你😀b\nc你😀d\n"
	f := source.New("a.lua", text)
	offsets := []uint32{14, 1, 4, 8, 0, 4, 1, 9, 10, 18, 11, 14, 18, 8, 19, 19, 11}
	a := entry(text)
	for _, offset := range offsets {
		want := f.UTF16Position(offset)
		if got := a.column(f.LineStart(want.Line), offset); got != want.Column {
			t.Errorf("offset %d: column %d, want %d", offset, got, want.Column)
		}
	}
}

func TestOddNewlines(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "a\nb": false, "a\r\nb\r\n": false, "a\rb": true, "a\n\rb": true, "a\r\n\rb": true, "a\r": true, "\r\n\n\r\n": false,
	} {
		if got := oddNewlines(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
