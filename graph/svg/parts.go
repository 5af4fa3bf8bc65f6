package svg

import (
	"fmt"
	"math"
	"strings"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/graph/layered"
)

// kinds are the kinds of lines in the order of the legend.
var kinds = []struct{ kind, class, noun string }{
	{graph.Call, "call", "call"},
	{graph.Send, "send", "send"},
	{graph.Launch, "launch", "launch"},
	{graph.Query, "launch", "question"},
	{graph.Cluster, "cluster", "cluster message"},
}

func class(kind string) string {
	for _, k := range kinds {
		if k.kind == kind {
			return k.class
		}
	}
	return "call"
}

// style is the look of a picture. Names of colours repeat for the dark theme instead of being
// variables, which many programs that show SVG do not know.
const style = `text{font-family:Helvetica,Arial,"Liberation Sans",sans-serif}
.paper{fill:#fff}.title{font-size:19px;font-weight:700;fill:#0f172a}.sub{font-size:12.5px;fill:#64748b}
.box{fill:#f8fafc;stroke:#cbd5e1}.head{fill:#eef2f7}.rule{stroke:#cbd5e1}
.name{font-size:13px;font-weight:700;fill:#0f172a}.file{font-size:9.5px;fill:#64748b}
.row{font-size:11.5px;fill:#334155}.more{font-size:11.5px;fill:#94a3b8}
.badge{fill:#e2e8f0;stroke:#cbd5e1}.q{font-size:10px;font-weight:700;fill:#64748b}
.label{font-size:10.5px}.sub2{fill:#64748b}
.line path{fill:none;stroke-width:1.5}.line .tip{stroke:none}
.call path{stroke:#2563eb}.call .tip,.call .label{fill:#2563eb}
.send path{stroke:#15803d;stroke-dasharray:6 3.5}.send .tip,.send .label{fill:#15803d}
.launch path{stroke:#8593a8;stroke-dasharray:0.1 4;stroke-linecap:round;stroke-width:2}.launch .tip,.launch .label{fill:#8593a8}
.cluster path{stroke:#9333ea;stroke-width:3.2}.cluster .tip,.cluster .label{fill:#9333ea}
.maybe path{stroke-opacity:.5}.maybe .tip{fill-opacity:.6}
.red path{stroke:#dc2626;stroke-width:2.4;stroke-opacity:1}.red .tip,.red .label,.rednote{fill:#dc2626}.redbox{stroke:#dc2626;stroke-width:2}
.line:hover path{stroke-width:3.5}.line:hover .label{font-weight:700}
@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.title{fill:#f0f6fc}.sub,.sub2{fill:#8b949e}
.box{fill:#161b22;stroke:#3d444d}.head{fill:#21262d}.rule{stroke:#3d444d}
.name{fill:#f0f6fc}.file{fill:#8b949e}.row{fill:#c9d1d9}.more{fill:#6e7681}
.badge{fill:#30363d;stroke:#484f58}.q{fill:#9ea7b3}
.call path{stroke:#58a6ff}.call .tip,.call .label{fill:#58a6ff}
.send path{stroke:#3fb950}.send .tip,.send .label{fill:#3fb950}
.launch path{stroke:#8b949e}.launch .tip,.launch .label{fill:#8b949e}
.cluster path{stroke:#bc8cff}.cluster .tip,.cluster .label{fill:#bc8cff}
.red path{stroke:#ff6b62}.red .tip,.red .label,.rednote{fill:#ff6b62}.redbox{stroke:#ff6b62}}
`

// head writes the beginning: style, title and legend.
func (p *picture) head() {
	w, h := n(math.Ceil(p.width)), n(math.Ceil(p.height))
	p.f(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img">`+"\n", w, h, w, h)
	p.f("<title>%s</title>\n<style>\n%s</style>\n", escape(p.title()), style)
	p.f(`<rect class="paper" width="%s" height="%s"/>`+"\n", w, h)
	p.text("title", titleFace, margin, margin+14, p.title())
	p.text("sub", subFace, margin, margin+35, p.subtitle())
	for _, item := range p.legend {
		item.draw(p)
	}
}

// text writes a text, as wide as it was measured whatever font there is.
func (p *picture) text(class string, f face, x, y float64, s string) {
	if s == "" {
		return
	}
	p.f(`<text class="%s" x="%s" y="%s" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n", class, n(x), n(y), n(f.width(s)), escape(s))
}

// A legendItem is one sign with what it means.
type legendItem struct {
	class, text string
	x, y        float64
}

const (
	signWidth = 34
	signGap   = 7
	itemGap   = 22
)

// layLegend places what there is to explain, and returns where it ends.
func (p *picture) layLegend(y, width float64) float64 {
	has := map[string]bool{}
	for i := range p.view.Lines {
		l := &p.view.Lines[i]
		has[class(l.Kind)] = true
		has["red"] = has["red"] || l.Cycle
		has["maybe"] = has["maybe"] || l.Confidence != graph.High && !l.Cycle
	}
	for i := range p.view.Boxes {
		has["badge"] = has["badge"] || len(p.view.Boxes[i].Unresolved) > 0
	}
	has["hint"] = p.dense
	x := 0.0
	for _, item := range []legendItem{
		{class: "call", text: "call: waits for an answer"}, {class: "send", text: "send"}, {class: "launch", text: "launch: waits for the start"},
		{class: "cluster", text: "cluster"}, {class: "red", text: "cycle of waits"},
		{class: "maybe", text: "one of several possibilities"}, {class: "badge", text: "receiver not known"},
		{class: "hint", text: "point at a line to see its commands"},
	} {
		if !has[item.class] {
			continue
		}
		w := signWidth + signGap + labelFace.width(item.text)
		if x > 0 && x+w > width {
			x = 0
			y += 18
		}
		item.x, item.y = margin+x, y
		p.legend = append(p.legend, item)
		x += w + itemGap
	}
	return y + 6
}

func (item *legendItem) draw(p *picture) {
	switch item.class {
	case "hint":
	case "badge":
		p.badge("? 1", item.x+signWidth, item.y)
	default:
		c := item.class
		if c == "red" || c == "maybe" {
			c = "call " + c
		}
		p.f(`<g class="line %s"><path d="M%s %sh%s"/>%s</g>`+"\n", c, n(item.x), n(item.y), n(signWidth-6), tip(item.x+signWidth, item.y, 1))
	}
	p.text("label sub2", labelFace, item.x+signWidth+signGap, item.y+3.5, item.text)
}

// tip returns an arrowhead that points right, or left if direction is -1.
func tip(x, y, direction float64) string {
	return fmt.Sprintf(`<path class="tip" d="M%s %sl%s -4v8z"/>`, n(x), n(y), n(-direction*8))
}

// badge writes a small grey box, its right side at x, its middle at y.
func (p *picture) badge(s string, x, y float64) {
	w := badgeFace.width(s) + 10
	p.f(`<rect class="badge" x="%s" y="%s" width="%s" height="14" rx="4"/>`+"\n", n(x-w), n(y-7), n(w))
	p.text("q", badgeFace, x-w+5, y+3.5, s)
}

// lines writes the lines with their labels and tooltips; those of cycles last, so that they lie
// on top.
func (p *picture) lines() {
	for _, cycle := range []bool{false, true} {
		loops := map[int]int{}
		for i := range p.view.Lines {
			l := &p.view.Lines[i]
			loop := loops[l.From]
			if l.From == l.To {
				loops[l.From]++
			}
			if l.Cycle == cycle {
				p.line(i, l, loop)
			}
		}
	}
}

func (p *picture) line(i int, l *graph.Line, loop int) {
	c := class(l.Kind)
	if l.Cycle {
		c += " red"
	} else if l.Confidence != graph.High {
		c += " maybe"
	}
	p.f(`<g class="line %s"><title>%s</title>`, c, escape(p.view.Tooltip(l, mostPlaces)))
	if l.From == l.To {
		p.loop(l, loop)
		p.f("</g>\n")
		return
	}
	e := &p.layout.Edges[p.edge[i]]
	d, end, direction := p.path(e, l)
	p.f(`<path d="%s"/>%s`, d, tip(end.X, end.Y, direction))
	if text := p.label(l); text != "" {
		p.f("\n")
		p.text("label", labelFace, p.dx+e.Label.X-labelFace.width(text)/2, p.dy+e.Label.Y+2.5, text)
	}
	p.f("</g>\n")
}

// path returns the path of a line, where its arrowhead is, and to which side that points.
func (p *picture) path(e *layered.Edge, l *graph.Line) (d string, end layered.Point, direction float64) {
	points := make([]layered.Point, len(e.Points))
	for i, q := range e.Points {
		points[i] = layered.Point{X: q.X + p.dx, Y: q.Y + p.dy}
	}
	last := len(points) - 1
	direction = 1
	if points[last].X < points[0].X {
		direction = -1
	}
	// Boxes that send to themselves are narrower than the room they have.
	if p.box[l.From].loops > 0 && direction > 0 {
		points[0].X -= loopRoom
	}
	if p.box[l.To].loops > 0 && direction < 0 {
		points[last].X -= loopRoom
	}
	end = points[last]
	points[last].X -= direction * 7
	var b strings.Builder
	fmt.Fprintf(&b, "M%s %s", n(points[0].X), n(points[0].Y))
	for i := 1; i < len(points); i++ {
		a, q := points[i-1], points[i]
		switch {
		case i%2 == 1 && i < last || math.Abs(a.Y-q.Y) < 0.05:
			if a.X != q.X {
				fmt.Fprintf(&b, "H%s", n(q.X))
			}
		case i%2 == 1: // the straight end
			fmt.Fprintf(&b, "H%s", n(q.X))
		default:
			to := q.X
			if i == last-1 && direction*(points[last].X-q.X) < 0 { // the arrowhead begins before the column
				to = points[last].X
			}
			middle := (a.X + to) / 2
			fmt.Fprintf(&b, "C%s %s %s %s %s %s", n(middle), n(a.Y), n(middle), n(q.Y), n(to), n(q.Y))
		}
	}
	return b.String(), end, direction
}

// loop writes a line from a box to itself, at its right side.
func (p *picture) loop(l *graph.Line, k int) {
	b, node := &p.box[l.From], &p.layout.Nodes[p.node[l.From]]
	x, top := p.dx+node.X+b.w, p.dy+node.Y
	k = min(k, 2) // each around the one before
	from, to := top+14-float64(k)*5, min(top+30+float64(k)*8, top+node.H-6)
	if l.FromRow >= 0 {
		from, to = top+b.rowY(l.FromRow), top+b.rowY(l.ToRow)
	}
	if from == to {
		from -= 4
		to += 4
	}
	reach := x + 18 + float64(k)*7
	p.f(`<path d="M%s %sC%s %s %s %s %s %s"/>%s`, n(x), n(from), n(reach), n(from), n(reach), n(to), n(x+6), n(to), tip(x, to, -1))
}

// boxes writes the boxes.
func (p *picture) boxes() {
	for i := range p.view.Boxes {
		if p.node[i] < 0 {
			continue
		}
		b, from, node := &p.box[i], &p.view.Boxes[i], &p.layout.Nodes[p.node[i]]
		x, y := p.dx+node.X, p.dy+node.Y
		p.f("<g><title>%s</title>\n", escape(boxTooltip(from)))
		outline := "box"
		if from.Cycle {
			outline += " redbox"
		}
		head := float64(headTop + 14 + 13 + headFoot)
		rows := b.lineCount() > 0
		inset := 0.5 // half of the outline
		if from.Cycle {
			inset = 1
		}
		p.f(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="7"/>`+"\n", outline, n(x), n(y), n(b.w), n(node.H))
		if rows {
			p.f(`<path class="head" d="M%s %sv%sa6.5 6.5 0 0 1 6.5 -6.5h%sa6.5 6.5 0 0 1 6.5 6.5v%sz"/><path class="rule" d="M%s %sh%s"/>`+"\n",
				n(x+inset), n(y+head), n(-head+6.5+inset), n(b.w-13-2*inset), n(head-6.5-inset), n(x+inset), n(y+head), n(b.w-2*inset))
		}
		top := y
		if !rows { // in the middle of a box that lines have made higher
			top += (node.H - head) / 2
		}
		p.text("name", nameFace, x+padding, top+headTop+11, b.name)
		p.text("file", fileFace, x+padding, top+headTop+25, b.file)
		for k, row := range b.rows {
			p.text("row", rowFace, x+padding, y+b.rowY(k)+4, row)
		}
		last := y + b.rowY(len(b.rows))
		p.text("more", rowFace, x+padding, last+4, b.note)
		if b.badge != "" {
			p.f("<g><title>%s</title>", escape(unresolvedTooltip(from)))
			p.badge(b.badge, x+b.w-padding+2, last)
			p.f("</g>")
		}
		p.f("</g>\n")
	}
}

func boxTooltip(b *graph.Box) string {
	s := b.Service.Name + "  " + b.Service.File
	if len(b.Service.Handlers) > 0 {
		s += "\nhandlers: " + strings.Join(b.Service.Handlers, ", ")
	}
	if len(b.Service.Nodes) > 0 {
		s += "\nnodes: " + strings.Join(b.Service.Nodes, ", ")
	}
	return s
}

func unresolvedTooltip(b *graph.Box) string {
	var s strings.Builder
	s.WriteString("not known where this goes:")
	for i, u := range b.Unresolved {
		if i == mostPlaces && len(b.Unresolved) > mostPlaces+1 {
			fmt.Fprintf(&s, "\nand %d more", len(b.Unresolved)-i)
			break
		}
		fmt.Fprintf(&s, "\n%s: %s %s  %s:%d  %s", u.From.Handler, u.Kind, u.Name, u.File, u.Line, u.Reason)
	}
	return s.String()
}

// mostNotes is how many cycles are written out.
const mostNotes = 6

func (p *picture) layNotes(y *float64, width float64) {
	for i, note := range p.view.Notes {
		if i == mostNotes && len(p.view.Notes) > mostNotes+1 {
			p.notes = append(p.notes, fmt.Sprintf("and %d more cycles", len(p.view.Notes)-i))
			break
		}
		prefix := map[string]string{
			graph.QueueLevel:   "holds a queue and waits for who wants it: ",
			graph.HandlerLevel: "waits for itself: ", graph.InitLevel: "starts wait for each other: ", graph.ServiceLevel: "entered again while it waits: ",
		}[note.Level]
		if note.Level != graph.ServiceLevel {
			p.red++
		}
		p.notes = append(p.notes, rowFace.fit(prefix+clean(note.Text), width))
	}
	if len(p.notes) > 0 {
		p.noteY = *y + 34
		*y = p.noteY + float64(len(p.notes)-1)*17
	}
}

// layAlone makes rows of the services to which no line leads.
func (p *picture) layAlone(y *float64) {
	if len(p.alone) == 0 {
		return
	}
	p.aloneY = *y + 40
	width := p.width - 2*margin
	x, rowY := 0.0, p.aloneY+14
	for _, i := range p.alone {
		b := &p.box[i]
		b.w, b.h = math.Ceil(rowFace.width(b.name)+2*padding), 24
		if b.badge != "" {
			b.w += badgeFace.width(b.badge) + 16
		}
		if x > 0 && x+b.w > width {
			x = 0
			rowY += b.h + chipGap
		}
		p.layoutAlone(i, margin+x, rowY)
		x += b.w + chipGap
	}
	*y = rowY + 24
}

func (p *picture) layoutAlone(i int, x, y float64) {
	p.node[i] = -1
	p.chips = append(p.chips, chip{i, x, y})
}

// A chip is a service that stands alone.
type chip struct {
	box  int
	x, y float64
}

// foot writes the notes, and the services that stand alone.
func (p *picture) foot() {
	for i, note := range p.notes {
		c := "row"
		if i < p.red {
			c = "row rednote"
		}
		p.text(c, rowFace, margin, p.noteY+float64(i)*17, note)
	}
	if len(p.chips) == 0 {
		return
	}
	p.text("sub", subFace, margin, p.aloneY, "no message to or from another service is known")
	for _, c := range p.chips {
		b, from := &p.box[c.box], &p.view.Boxes[c.box]
		p.f("<g><title>%s</title>\n", escape(boxTooltip(from)))
		p.f(`<rect class="box" x="%s" y="%s" width="%s" height="%s" rx="7"/>`+"\n", n(c.x), n(c.y), n(b.w), n(b.h))
		p.text("row", rowFace, c.x+padding, c.y+16, b.name)
		if b.badge != "" {
			p.f("<g><title>%s</title>", escape(unresolvedTooltip(from)))
			p.badge(b.badge, c.x+b.w-padding+4, c.y+12)
			p.f("</g>")
		}
		p.f("</g>\n")
	}
}
