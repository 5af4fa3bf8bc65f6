package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/skylint/skylint/source"
)

// frameWidth is how much of a line is shown.
const frameWidth = 120

// writeFrame shows the line of a span with a mark below it, as package report does.
func writeFrame(w io.Writer, file *source.File, span source.Span) {
	at := file.RunePosition(span.Start)
	line := file.LineText(at.Line)
	if span.Empty() && line == "" || len(line) > 8*frameWidth {
		return
	}
	column := int(span.Start - file.LineStart(at.Line))
	column = min(column, len(line))
	end := min(int(span.End-file.LineStart(at.Line)), len(line))
	marked := max(utf8.RuneCountInString(line[column:max(end, column)]), 1)
	// A tab is as wide as in the line above.
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[:column])
	number := fmt.Sprint(at.Line)
	gutter := strings.Repeat(" ", len(number))
	fmt.Fprintf(w, "%s--> %s:%d:%d\n%s |\n%s | %s\n%s | %s%s\n", gutter, file.Path, at.Line, at.Column, gutter, number, line, gutter, pad, strings.Repeat("^", marked))
}
