package report

import "github.com/skylint/skylint/rules"

// A style is what a piece of text is, which decides its colour.
type style uint8

const (
	plain style = iota
	strong
	gutter
	secondary // marks and labels of other places than the primary one
	isError
	isWarning
	isNote
	isHelp
	removed
	added
	faint
)

// codes are the parameters of the escape sequence of each style.
var codes = [...]string{
	plain: "", strong: "1", gutter: "1;34", secondary: "1;34",
	isError: "1;31", isWarning: "1;33", isNote: "1;32", isHelp: "1;36",
	removed: "31", added: "32", faint: "2",
}

func severityStyle(s rules.Severity) style {
	switch s {
	case rules.Error:
		return isError
	case rules.Warning:
		return isWarning
	}
	return isNote
}

// glyphs are what frames are drawn with.
type glyphs struct {
	bar, arrow, also, ellipsis string
	item, lastItem             string // of a list below a frame
	primary, secondary, hang   string
	begin, corner              string // of a mark over several lines, with its line or in it
	side, across, crossing     string // crossing is where its end leaves its side
}

var ascii = glyphs{
	bar: "|", arrow: "-->", also: ":::", ellipsis: "...",
	item: "=", lastItem: "=",
	primary: "^", secondary: "-", hang: "|",
	begin: "/", corner: " ",
	side: "|", across: "_", crossing: "|",
}

var drawn = glyphs{
	bar: "│", arrow: " ╭▸", also: " ├▸", ellipsis: "…",
	item: "├", lastItem: "╰",
	primary: "━", secondary: "─", hang: "│",
	begin: "┏", corner: "┏",
	side: "┃", across: "━", crossing: "┗",
}
