// Package page reads the pages of rules: what is below the front matter, which is a
// fixed skeleton in a small part of Markdown.
//
//	One paragraph: the summary. More paragraphs: why it matters.
//
//	## Bad
//	## Good
//	## When to suppress it
//	## Options
//
// Bad and Good hold examples, which are run as tests. A fenced block of Lua is a file of
// an example; its info string may name it, "lua file=service/db.lua dialect=5.1", and so
// may that of a block in another language, "toml file=sky.toml". A new example begins at
// a heading of the third level, or with a block whose file the example already has. A
// block marked "drive" is no file: it sends the messages that make the example run.
//
// Markers in comments say what is expected on their line: "-- want" a finding of
// skylint, "-- trips" a violation that skyrun reports.
//
//	GATE = addr        -- want
//	GATE = addr        -- want "GATE"
//	GATE = addr        -- want warning SKY101 "GATE", undefined-global
//	GATE = addr        -- want -- trips
//	-- want@-1 "GATE"
//
// Each may name a severity, a rule (the page's own unless named) and a part of the
// message. With @ and a number they speak of a line that many lines away.
package page

import (
	"errors"
	"fmt"
	"strings"

	"github.com/skylint/skylint/source"
)

// A Page is a parsed page. It is immutable and safe for concurrent use.
type Page struct {
	// File is the whole text, front matter included.
	File *source.File
	// Head is the front matter without the lines around it.
	Head source.Span
	// Summary is the first paragraph, on one line.
	Summary string
	// Intro is the Markdown before the first section, the summary included.
	Intro string
	// The sections, in the order of the page.
	Bad, Good, Suppress, Options Section
}

// A Section is the text under one of the four headings.
type Section struct {
	Title string
	// Line is the line of the heading in the page.
	Line int
	// Text is the Markdown of the section without its heading and without markers.
	Text string
	// Blocks are its fenced blocks.
	Blocks []Block
	// Examples are those blocks that make files, and those that drive them; there are none
	// in Suppress and Options.
	Examples []Example
}

// An Example is a small system of files.
type Example struct {
	// Title is the heading above it; may be empty.
	Title string
	Files []Block
	// Drive are the blocks that send messages, in order.
	Drive []Block
}

// A Block is a fenced block.
type Block struct {
	Language string // the first word of the info string
	File     string // the file it makes in an example; "main.lua" for Lua without a name
	Dialect  string // as written; empty for the default
	Drive    bool
	Text     string // as it stands in the page, markers included
	Line     int    // the line of the page on which Text starts
	Wants    []Expectation
	Trips    []Expectation
}

// An Expectation is what a marker says.
type Expectation struct {
	Line     int    // of the block's text, from 1
	Severity string // "error", "warning", "note", or empty for any
	Rule     string // id or name; empty for the page's own rule
	Text     string // part of the message; empty for any message
}

// DefaultFile is the name of a Lua block that gives none.
const DefaultFile = "main.lua"

// Titles are the headings of the sections, in order.
var Titles = [...]string{"Bad", "Good", "When to suppress it", "Options"}

// Markdown returns the page for a reader: without front matter and markers.
func (p *Page) Markdown() string {
	var b strings.Builder
	b.WriteString(p.Intro)
	for _, s := range [...]*Section{&p.Bad, &p.Good, &p.Suppress, &p.Options} {
		fmt.Fprintf(&b, "\n## %s\n\n%s", s.Title, s.Text)
	}
	return b.String()
}

// Parse reads a page. path is for messages. The error joins all faults, one a line, each
// with path and line.
func Parse(path, text string) (*Page, error) {
	p := &parser{page: &Page{File: source.New(path, text)}}
	p.run()
	if p.errs != nil {
		return nil, errors.Join(p.errs...)
	}
	return p.page, nil
}

type parser struct {
	page *Page
	line int // the line being read
	errs []error
}

func (p *parser) fault(line int, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %s", p.page.File.Path, line, fmt.Sprintf(format, args...)))
}

func (p *parser) run() {
	f := p.page.File
	last := f.LineCount()
	if strings.HasSuffix(f.Text, "\n") {
		last--
	}
	if f.LineText(1) != "---" {
		p.fault(1, "a page begins with its front matter, between two lines ---")
		return
	}
	end := 2
	for end <= last && f.LineText(end) != "---" {
		end++
	}
	if end > last {
		p.fault(1, "the front matter has no end: a line --- is missing")
		return
	}
	p.page.Head = source.Span{Start: f.LineStart(2), End: f.LineStart(end)}

	var section *Section // nil in the introduction
	var text strings.Builder
	heading := ""
	next := 0
	finish := func() {
		body := strings.Trim(text.String(), "\n")
		if body != "" {
			body += "\n"
		}
		if section == nil {
			p.page.Intro = body
			p.page.Summary = firstParagraph(body)
		} else {
			section.Text = body
		}
		text.Reset()
	}
	sections := [...]*Section{&p.page.Bad, &p.page.Good, &p.page.Suppress, &p.page.Options}
	for p.line = end + 1; p.line <= last; p.line++ {
		line := f.LineText(p.line)
		switch {
		case strings.HasPrefix(line, "```"):
			block, shown := p.block(last)
			text.WriteString(shown)
			if section == nil {
				if len(block.Wants)+len(block.Trips) > 0 || block.Drive {
					p.fault(block.Line, "only examples, below ## Bad and ## Good, may have markers and drive blocks")
				}
				continue
			}
			section.Blocks = append(section.Blocks, block)
			p.place(section, heading, block)
			continue
		case strings.HasPrefix(strings.TrimLeft(line, " \t"), "```") || strings.HasPrefix(strings.TrimLeft(line, " \t"), "~~~"):
			p.fault(p.line, "a block is fenced by three backticks at the start of the line")
		case strings.HasPrefix(line, "### "):
			heading = strings.TrimSpace(line[4:])
			if section == nil {
				p.fault(p.line, "a heading of the third level stands in a section")
			}
		case strings.HasPrefix(line, "## "):
			title := strings.TrimSpace(line[3:])
			finish()
			heading = ""
			if next < len(Titles) && title == Titles[next] {
				section = sections[next]
				section.Title, section.Line = title, p.line
				next++
				continue
			}
			want := "the end of the page"
			if next < len(Titles) {
				want = "## " + Titles[next]
			}
			p.fault(p.line, "section %q stands where %s belongs: the sections are %s, in this order", title, want, strings.Join(Titles[:], ", "))
			return
		case strings.HasPrefix(line, "# "):
			p.fault(p.line, "a page has no heading of the first level: the title is in the front matter")
		}
		text.WriteString(line)
		text.WriteByte('\n')
	}
	finish()
	for _, title := range Titles[next:] {
		p.fault(last, "section ## %s is missing", title)
	}
	p.check()
}

// check holds the page to what makes it useful.
func (p *parser) check() {
	if p.errs != nil {
		return
	}
	page := p.page
	if page.Summary == "" {
		p.fault(page.File.Line(page.Head.End)+1, "the page begins with no paragraph: it is the summary of the rule")
	}
	expects := func(e Example) bool {
		for _, b := range e.Files {
			if len(b.Wants)+len(b.Trips) > 0 {
				return true
			}
		}
		return false
	}
	for _, s := range [...]*Section{&page.Bad, &page.Good} {
		if len(s.Examples) == 0 {
			p.fault(s.Line, "section %s has no block of Lua", s.Title)
		}
		for _, e := range s.Examples {
			if len(e.Files) == 0 {
				p.fault(e.Drive[0].Line, "this drives no example: a file has to stand before it")
				continue
			}
			if bad := s == &page.Bad; bad != expects(e) {
				says := "nothing is reported there"
				if bad {
					says = "something is reported there"
				}
				p.fault(e.Files[0].Line, "an example of section %s: %s, so -- want or -- trips %s", s.Title, says,
					map[bool]string{true: "has to stand in it", false: "must not stand in it"}[bad])
			}
		}
	}
	for _, s := range [...]*Section{&page.Suppress, &page.Options} {
		if s.Text == "" {
			p.fault(s.Line, "section %s is empty: say at least \"Never.\" or \"None.\"", s.Title)
		}
		for _, b := range s.Blocks {
			if len(b.Wants)+len(b.Trips) > 0 || b.Drive {
				p.fault(b.Line, "only examples, below ## Bad and ## Good, may have markers and drive blocks")
			}
		}
	}
}

// place puts a block of a section into an example, the last one or a new one.
func (p *parser) place(s *Section, heading string, b Block) {
	if s != &p.page.Bad && s != &p.page.Good || b.File == "" && !b.Drive {
		return
	}
	n := len(s.Examples)
	fresh := n == 0 || s.Examples[n-1].Title != heading
	if !fresh && !b.Drive {
		for _, have := range s.Examples[n-1].Files {
			fresh = fresh || have.File == b.File
		}
	}
	if fresh {
		s.Examples = append(s.Examples, Example{Title: heading})
	}
	e := &s.Examples[len(s.Examples)-1]
	if b.Drive {
		e.Drive = append(e.Drive, b)
	} else {
		e.Files = append(e.Files, b)
	}
}

// block reads the fenced block that begins on the parser's line, and leaves the parser on
// the line that ends it. shown is the block as Markdown without markers.
func (p *parser) block(last int) (b Block, shown string) {
	f := p.page.File
	opening := p.line
	info := strings.Fields(f.LineText(opening)[3:])
	b.Line = opening + 1
	if len(info) == 0 {
		p.fault(opening, "the block names no language")
	} else {
		b.Language = info[0]
		p.attributes(&b, info[1:])
	}
	var out strings.Builder
	out.WriteString("```" + b.Language + "\n")
	for p.line++; ; p.line++ {
		if p.line > last {
			p.fault(opening, "the block has no end: a line ``` is missing")
			break
		}
		line := f.LineText(p.line)
		if strings.HasPrefix(line, "```") {
			if line != "```" {
				p.fault(p.line, "a block ends with a line of three backticks alone")
			}
			break
		}
		kept := p.markers(&b, line)
		if kept == line || strings.TrimSpace(kept) != "" { // a line of markers alone is not shown
			out.WriteString(kept + "\n")
		}
	}
	b.Text = f.Text[f.LineStart(opening+1):f.LineStart(p.line)]
	out.WriteString("```\n")
	return b, out.String()
}

func (p *parser) attributes(b *Block, attributes []string) {
	for _, a := range attributes {
		key, value, has := strings.Cut(a, "=")
		switch {
		case key == "file" && value != "":
			b.File = value
		case key == "dialect" && value != "":
			b.Dialect = value
		case key == "drive" && !has:
			b.Drive = true
		default:
			p.fault(p.line, "unknown attribute %q of a block: use file=NAME, dialect=NAME or drive", a)
		}
	}
	if b.Drive && b.File != "" {
		p.fault(p.line, "a block that drives is no file")
	}
	if b.Language == "lua" && b.File == "" && !b.Drive {
		b.File = DefaultFile
	}
}

// firstParagraph returns the first paragraph of a Markdown text on one line, "" when
// something else comes first.
func firstParagraph(text string) string {
	paragraph, _, _ := strings.Cut(text, "\n\n")
	if strings.HasPrefix(paragraph, "```") || strings.HasPrefix(paragraph, "#") {
		return ""
	}
	return strings.Join(strings.Fields(paragraph), " ")
}
