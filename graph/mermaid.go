package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteMermaid writes a view as a flowchart of Mermaid, which code hosts show in Markdown.
func (v *View) WriteMermaid(w io.Writer, title string) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "---\ntitle: %s\n---\nflowchart LR\n", dotString(title))
	used := v.uses()
	var red []string
	for i := range v.Boxes {
		box := &v.Boxes[i]
		name := dotEnd(i, -1)
		if used[i].rows {
			name = fmt.Sprintf("g%d", i)
		}
		if box.Cycle {
			red = append(red, name)
		}
		if !used[i].rows {
			fmt.Fprintf(b, "  %s[%s]\n", name, mermaidString(box.title()))
			continue
		}
		fmt.Fprintf(b, "  subgraph %s [%s]\n", name, mermaidString(box.title()))
		if used[i].start {
			fmt.Fprintf(b, "    %s([\"start\"])\n", dotEnd(i, -1))
		}
		for k, row := range box.Rows {
			fmt.Fprintf(b, "    %s[%s]\n", dotEnd(i, k), mermaidString(row))
		}
		b.WriteString("  end\n")
	}
	var cycle []string
	for i := range v.Lines {
		l := &v.Lines[i]
		label := ""
		if l.FromRow < 0 && len(l.Commands) > 0 {
			label = "|" + mermaidString(l.Label(3)) + "|"
		}
		fmt.Fprintf(b, "  %s %s%s %s\n", dotEnd(l.From, l.FromRow), mermaidArrow[l.Kind], label, dotEnd(l.To, l.ToRow))
		if l.Cycle {
			cycle = append(cycle, fmt.Sprint(i))
		}
	}
	if len(red) > 0 {
		fmt.Fprintf(b, "  classDef cycle stroke:#dc2626,stroke-width:2px\n  class %s cycle\n", strings.Join(red, ","))
	}
	if len(cycle) > 0 {
		fmt.Fprintf(b, "  linkStyle %s stroke:#dc2626,stroke-width:2px\n", strings.Join(cycle, ","))
	}
	return b.Flush()
}

var mermaidArrow = map[string]string{Call: "-->", Send: "-.->", Launch: "--o", Query: "--o", Cluster: "==>"}

// mermaidString quotes a text: what means something to Mermaid or to HTML is written by its name.
func mermaidString(s string) string {
	return `"` + mermaidEscapes.Replace(printable(s)) + `"`
}

var mermaidEscapes = strings.NewReplacer(
	"#", "#35;", `"`, "#quot;", "&", "#amp;", "<", "#lt;", ">", "#gt;", "`", "#96;", `\`, "#92;", "\n", " ",
)
