package page

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// fence lets page texts stand in Go's raw strings.
func fence(s string) string { return strings.ReplaceAll(s, "'''", "```") }

const whole = `---
id: SKY999
---
A thing happens in
two lines.

It matters.

## Bad

'''lua
GATE = addr    -- want
'''

Words.

'''lua file=lualib/a.lua dialect=5.1
return {}
'''
'''lua
X = 1  -- want warning SKY101 "X -- y", undefined-global -- trips error
-- want@-1 "other"
local s = "--want" --wanted -- wants
'''
'''lua drive
call("x")
'''

### With a heading

'''toml file=sky.toml
[node]  # want "node"
'''
'''lua file=service/db.lua
'''

## Good
'''lua
local GATE = addr
'''
## When to suppress it

Never.

'''lua
-- an illustration
'''

## Options

None.
`

func TestParse(t *testing.T) {
	p, err := Parse("SKY999-x.md", fence(whole))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.File.Text[p.Head.Start:p.Head.End]; got != "id: SKY999\n" {
		t.Errorf("head: %q", got)
	}
	if p.Summary != "A thing happens in two lines." {
		t.Errorf("summary: %q", p.Summary)
	}
	if p.Intro != "A thing happens in\ntwo lines.\n\nIt matters.\n" {
		t.Errorf("intro: %q", p.Intro)
	}
	var got []string
	for _, s := range []Section{p.Bad, p.Good, p.Suppress, p.Options} {
		got = append(got, fmt.Sprintf("%d %s: %d blocks", s.Line, s.Title, len(s.Blocks)))
		for _, e := range s.Examples {
			got = append(got, "example "+e.Title)
			for _, b := range e.Files {
				got = append(got, fmt.Sprintf("  %d %s %s %s", b.Line, b.Language, b.File, b.Dialect))
				for _, w := range b.Wants {
					got = append(got, fmt.Sprintf("    want %+v", w))
				}
				for _, w := range b.Trips {
					got = append(got, fmt.Sprintf("    trips %+v", w))
				}
			}
			for _, b := range e.Drive {
				got = append(got, fmt.Sprintf("  drive %d", b.Line))
			}
		}
	}
	want := strings.Split(`9 Bad: 6 blocks
example 
  12 lua main.lua 
    want {Line:1 Severity: Rule: Text:}
  18 lua lualib/a.lua 5.1
example 
  21 lua main.lua 
    want {Line:1 Severity:warning Rule:SKY101 Text:X -- y}
    want {Line:1 Severity: Rule:undefined-global Text:}
    want {Line:1 Severity: Rule: Text:other}
    trips {Line:1 Severity:error Rule: Text:}
  drive 26
example With a heading
  32 toml sky.toml 
    want {Line:1 Severity: Rule: Text:node}
  35 lua service/db.lua 
37 Good: 1 blocks
example 
  39 lua main.lua 
41 When to suppress it: 1 blocks
49 Options: 0 blocks`, "\n")
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got\n%s", strings.Join(got, "\n"))
	}
	if got := p.Bad.Examples[1].Files[0].Text; !strings.HasPrefix(got, "X = 1  -- want") || strings.Count(got, "\n") != 3 {
		t.Errorf("text keeps its markers and lines: %q", got)
	}
	markdown := p.Markdown()
	if strings.Contains(markdown, "-- want ") || strings.Contains(markdown, "file=") || strings.Contains(markdown, "id: ") {
		t.Errorf("markers, attributes and front matter are not for readers:\n%s", markdown)
	}
	if !strings.Contains(markdown, fence("\n## Bad\n\n'''lua\nGATE = addr\n'''\n")) ||
		!strings.Contains(markdown, fence("'''lua\nX = 1\nlocal s = \"--want\" --wanted -- wants\n'''\n")) {
		t.Errorf("markdown:\n%s", markdown)
	}
}

func TestFaults(t *testing.T) {
	const head, bad, good, tail = "---\n---\nSummary.\n", "## Bad\n'''lua\nx = 1 -- want\n'''\n", "## Good\n'''lua\n'''\n", "## When to suppress it\nNever.\n## Options\nNone.\n"
	for _, c := range []struct{ text, want string }{
		{head + bad + good + tail, ""},
		{"id: x\n", "p.md:1: a page begins with its front matter, between two lines ---"},
		{"---\nid: x\n", "p.md:1: the front matter has no end: a line --- is missing"},
		{"---\n---\n" + bad + good + tail, "p.md:3: the page begins with no paragraph: it is the summary of the rule"},
		{head + good + tail, `p.md:4: section "Good" stands where ## Bad belongs: the sections are Bad, Good, When to suppress it, Options, in this order`},
		{head + bad + good + "## When to suppress it\nNever.\n", "p.md:12: section ## Options is missing"},
		{head + bad + good + tail + "## More\n", `p.md:15: section "More" stands where the end of the page belongs: the sections are Bad, Good, When to suppress it, Options, in this order`},
		{head + bad + good + strings.Replace(tail, "Never.\n", "", 1), `p.md:11: section When to suppress it is empty: say at least "Never." or "None."`},
		{head + "## Bad\n" + good + tail, "p.md:4: section Bad has no block of Lua"},
		{head + "## Bad\n'''lua\nx = 1\n'''\n" + good + tail, "p.md:6: an example of section Bad: something is reported there, so -- want or -- trips has to stand in it"},
		{head + bad + "## Good\n'''lua\nx = 1 -- trips\n'''\n" + tail, "p.md:10: an example of section Good: nothing is reported there, so -- want or -- trips must not stand in it"},
		{head + bad + "'''lua drive\n'''\n### Next\n'''lua drive\n'''\n" + good + tail, "p.md:12: this drives no example: a file has to stand before it"},
		{head + bad + good + tail + "'''lua\nx = 1 -- want\n'''\n", "p.md:16: only examples, below ## Bad and ## Good, may have markers and drive blocks"},
		{head + "'''lua\nx = 1 -- want\n'''\n" + bad + good + tail, "p.md:5: only examples, below ## Bad and ## Good, may have markers and drive blocks"},
		{head + bad + good + tail + "'''\n'''\n", "p.md:15: the block names no language"},
		{head + bad + good + tail + "'''lua\n", "p.md:15: the block has no end: a line ''' is missing"},
		{head + bad + good + tail + "'''lua\n'''lua\n", "p.md:16: a block ends with a line of three backticks alone"},
		{head + bad + good + tail + "  '''lua\n", "p.md:15: a block is fenced by three backticks at the start of the line"},
		{head + bad + good + tail + "'''lua path=x\n'''\n", `p.md:15: unknown attribute "path=x" of a block: use file=NAME, dialect=NAME or drive`},
		{head + bad + "'''lua drive file=x\n'''\n" + good + tail, "p.md:8: a block that drives is no file"},
		{head + "### x\n" + bad + good + tail, "p.md:4: a heading of the third level stands in a section"},
		{head + "# x\n" + bad + good + tail, "p.md:4: a page has no heading of the first level: the title is in the front matter"},
		{head + strings.Replace(bad, "want", "want@x", 1) + good + tail, "p.md:6: @x is not a number of lines, as in -- want@-1"},
		{head + strings.Replace(bad, "want", `want "x`, 1) + good + tail, "p.md:6: the text of the marker has no closing quote"},
		{head + strings.Replace(bad, "want", "want a b", 1) + good + tail, `p.md:6: "b" is one word too many in a marker: it may name a severity, a rule and a quoted text; a comma begins the next finding`},
	} {
		_, err := Parse("p.md", fence(c.text))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != fence(c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestAllFaultsAreReported(t *testing.T) {
	_, err := Parse("p.md", fence("---\n---\n# x\n'''\n'''\n"))
	if err == nil || len(strings.Split(err.Error(), "\n")) != 6 {
		t.Errorf("want a fault for the heading, the block and the four sections, got %v", err)
	}
}

func TestFirstParagraph(t *testing.T) {
	got := []string{firstParagraph("a\nb\n\nc"), firstParagraph("```x\n"), firstParagraph("### x\n"), firstParagraph("")}
	if want := []string{"a b", "", "", ""}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
