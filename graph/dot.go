package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteDOT writes a view in the language of Graphviz. Handlers are nodes of their own if lines
// join handlers.
func (v *View) WriteDOT(w io.Writer, title string) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n", dotString(title))
	b.WriteString("\trankdir=LR;\n\tcompound=true;\n")
	b.WriteString("\tnode [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];\n")
	b.WriteString("\tedge [fontname=\"Helvetica\", fontsize=9];\n")
	used := v.uses()
	for i := range v.Boxes {
		v.dotBox(b, i, used[i])
	}
	for i := range v.Lines {
		l := &v.Lines[i]
		attributes := []string{dotStyle[l.Kind]}
		if l.FromRow < 0 && len(l.Commands) > 0 {
			attributes = append(attributes, "label="+dotString(l.Label(3)))
		}
		if l.Cycle {
			attributes = append(attributes, `color="#dc2626", fontcolor="#dc2626", penwidth=2`)
		}
		attributes = append(attributes, "tooltip="+dotString(v.Tooltip(l, 0)))
		fmt.Fprintf(b, "\t%s -> %s [%s];\n", dotEnd(l.From, l.FromRow), dotEnd(l.To, l.ToRow), strings.Join(attributes, ", "))
	}
	b.WriteString("}\n")
	return b.Flush()
}

// A use says what lines end at in a box.
type use struct{ rows, start bool }

// uses returns for each box what lines end at; rows only where they join handlers.
func (v *View) uses() []use {
	used := make([]use, len(v.Boxes))
	for i := range v.Lines {
		if l := &v.Lines[i]; l.FromRow >= 0 {
			used[l.From].rows, used[l.To].rows = true, true
			used[l.To].start = used[l.To].start || l.ToRow < 0
		}
	}
	return used
}

// title returns the name of a box, and how many of its messages are unresolved.
func (b *Box) title() string {
	if n := len(b.Unresolved); n > 0 {
		return fmt.Sprintf("%s  ?%d", b.Label, n)
	}
	return b.Label
}

var dotStyle = map[string]string{
	Call:    `color="#2563eb"`,
	Send:    `color="#15803d", style=dashed`,
	Launch:  `color="#64748b", style=dotted`,
	Query:   `color="#64748b", style=dotted`,
	Cluster: `color="#9333ea", style=bold`,
}

func (v *View) dotBox(b *bufio.Writer, i int, used use) {
	box := &v.Boxes[i]
	color := ""
	if box.Cycle {
		color = `, color="#dc2626"`
	}
	if !used.rows {
		fmt.Fprintf(b, "\t%s [label=%s, tooltip=%s%s];\n", dotEnd(i, -1), dotString(box.title()), dotString(box.Service.File), color)
		return
	}
	fmt.Fprintf(b, "\tsubgraph cluster_%d {\n\t\tlabel=%s; style=rounded; fontname=\"Helvetica\"; tooltip=%s%s;\n", i, dotString(box.title()), dotString(box.Service.File),
		strings.ReplaceAll(color, ",", ";"))
	if used.start {
		fmt.Fprintf(b, "\t\t%s [label=\"start\", shape=plain];\n", dotEnd(i, -1))
	}
	for k, row := range box.Rows {
		fmt.Fprintf(b, "\t\t%s [label=%s];\n", dotEnd(i, k), dotString(row))
	}
	b.WriteString("\t}\n")
}

func dotEnd(box, row int) string {
	if row < 0 {
		return fmt.Sprintf("s%d", box)
	}
	return fmt.Sprintf("s%d_%d", box, row)
}

// dotString quotes a text.
func dotString(s string) string {
	s = strings.ReplaceAll(printable(s), `\`, `\\`)
	s = strings.ReplaceAll(s, `"`, `\"`)
	return `"` + strings.ReplaceAll(s, "\n", `\n`) + `"`
}

// printable returns a text without what no format can hold: bytes that are not UTF-8, and control
// characters but line breaks.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff) {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// Tooltip says what a line stands for: its ends, and its messages with their places, so many at
// most, 0 for all.
func (v *View) Tooltip(l *Line, most int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s → %s: %s", v.Boxes[l.From].Service.Name, v.Boxes[l.To].Service.Name, l.Kind)
	if l.Confidence != High {
		b.WriteString(", one of several possibilities")
	}
	for i, e := range l.Edges {
		if most > 0 && i == most && len(l.Edges) > most+1 {
			fmt.Fprintf(&b, "\nand %d more", len(l.Edges)-most)
			break
		}
		fmt.Fprintf(&b, "\n%s → %s  %s:%d", e.From.Handler, e.To.Handler, e.File, e.Line)
	}
	return b.String()
}
