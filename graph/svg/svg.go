// Package svg makes a picture of a message-call graph, without any other program: services as
// boxes, messages as lines that run from left to right where they can.
//
// The picture is one SVG file that needs nothing else. It follows the reader's choice of a light
// or a dark theme, and says in tooltips which place of the source a line comes from. The same
// graph makes the same bytes.
package svg

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/graph/layered"
)

// Options say how a picture is made.
type Options struct {
	// Title is the headline.
	Title string
	// Subtitle stands below it; empty for the number of services and messages.
	Subtitle string
}

// The fonts.
var (
	titleFace = face{&bold, 19}
	subFace   = face{&regular, 12.5}
	nameFace  = face{&bold, 13}
	fileFace  = face{&regular, 9.5}
	rowFace   = face{&regular, 11.5}
	labelFace = face{&regular, 10.5}
	badgeFace = face{&bold, 10}
)

// Distances.
const (
	margin    = 28
	padding   = 11 // in boxes, left and right
	rowHeight = 16
	headTop   = 8
	headFoot  = 7
	rowsFoot  = 7
	maxText   = 210 // in boxes
	maxLabel  = 170
	minWidth  = 560
	loopRoom  = 30 // right of a box that sends to itself
	chipGap   = 8
)

// mostRows is how many handlers a box lists when no line ends at them; fewer in a dense picture.
const (
	mostRows  = 9
	denseRows = 4
)

// mostLabels is how many lines may have labels: with more, a picture is dense, and none has one.
const mostLabels = 90

// mostPlaces is how many places a tooltip lists.
const mostPlaces = 14

// Write writes the picture of a view. It fails only if w does.
func Write(w io.Writer, v *graph.View, o Options) error {
	p := &picture{view: v, options: o, w: bufio.NewWriter(w)}
	p.measure()
	p.head()
	p.lines()
	p.boxes()
	p.foot()
	p.f("</svg>\n")
	return p.w.Flush()
}

// A picture is one picture in the making.
type picture struct {
	view    *graph.View
	options Options
	w       *bufio.Writer

	layout layered.Graph
	box    []box // by box of the view
	node   []int // index in the layout, -1 for those that stand alone
	edge   []int // by line of the view; -1 for one that leads to its own box
	legend []legendItem
	alone  []int // boxes
	chips  []chip
	dx, dy float64
	width  float64
	height float64
	aloneY float64
	notes  []string
	red    int // so many of the notes
	dense  bool
	noteY  float64
}

// A box is what a box of the view looks like.
type box struct {
	name, file, note, badge string
	rows                    []string
	w, h                    float64
	loops                   int // lines to itself
}

func (p *picture) f(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// measure finds out how large everything is, and where it goes.
func (p *picture) measure() {
	v := p.view
	p.box, p.node, p.edge = make([]box, len(v.Boxes)), make([]int, len(v.Boxes)), make([]int, len(v.Lines))
	labels := 0
	for i := range v.Lines {
		if p.label(&v.Lines[i]) != "" {
			labels++
		}
	}
	p.dense = labels > mostLabels
	linked := make([]bool, len(v.Boxes)) // lines end at its rows
	for _, l := range v.Lines {
		linked[l.From] = linked[l.From] || l.FromRow >= 0
		linked[l.To] = linked[l.To] || l.ToRow >= 0
		if l.From == l.To {
			p.box[l.From].loops++
		}
	}
	for i := range v.Boxes {
		p.box[i].measure(&v.Boxes[i], linked[i], p.dense)
		p.node[i] = -1
		if v.Boxes[i].Alone {
			p.alone = append(p.alone, i)
			continue
		}
		p.node[i] = len(p.layout.Nodes)
		w := p.box[i].w
		if p.box[i].loops > 0 {
			w += loopRoom
		}
		p.layout.Nodes = append(p.layout.Nodes, layered.Node{W: w, H: p.box[i].h})
	}
	for i := range v.Lines {
		l := &v.Lines[i]
		p.edge[i] = -1
		if l.From == l.To {
			continue
		}
		e := layered.Edge{From: p.node[l.From], To: p.node[l.To], Weight: weight[l.Kind], FromRow: layered.Free, ToRow: layered.Free}
		if l.FromRow >= 0 { // and so for all lines of the view
			e.FromRow, e.ToRow = p.box[l.From].rowY(l.FromRow), p.box[l.To].rowY(l.ToRow)
		}
		if text := p.label(l); text != "" {
			e.LabelW, e.LabelH = labelFace.width(text)+8, 14
		}
		p.edge[i] = len(p.layout.Edges)
		p.layout.Edges = append(p.layout.Edges, e)
	}
	layered.Layout(&p.layout)
	p.arrange()
}

// weight says how much it matters that lines run to the right: services start others, then they
// call them, and what comes back is sent.
var weight = map[string]float64{graph.Launch: 3, graph.Query: 2, graph.Call: 2, graph.Cluster: 2, graph.Send: 1}

// label returns the text on a line.
func (p *picture) label(l *graph.Line) string {
	if p.dense || l.FromRow >= 0 || l.From == l.To || len(l.Commands) == 0 {
		return ""
	}
	for n := 3; n > 1; n-- {
		if text := l.Label(n); labelFace.width(text) <= maxLabel {
			return text
		}
	}
	return labelFace.fit(l.Label(1), maxLabel)
}

func (b *box) measure(from *graph.Box, linked, dense bool) {
	b.name = nameFace.fit(clean(from.Service.Name), maxText)
	b.file = fileFace.fitPath(clean(from.Service.File), maxText)
	rows, most := from.Rows, mostRows
	if dense {
		most = denseRows
	}
	if !linked && len(rows) > most+1 {
		rows = rows[:most]
	}
	for _, r := range rows {
		b.rows = append(b.rows, rowFace.fit(clean(r), maxText))
	}
	if more := from.More + len(from.Rows) - len(rows); more > 0 {
		b.note = "+" + strconv.Itoa(more)
	}
	if n := len(from.Unresolved); n > 0 {
		b.badge = "? " + strconv.Itoa(n)
	}
	text := max(nameFace.width(b.name), fileFace.width(b.file), 60)
	for _, r := range b.rows {
		text = max(text, rowFace.width(r))
	}
	b.w = math.Ceil(text + 2*padding)
	b.h = headTop + 14 + 13 + headFoot
	if n := b.lineCount(); n > 0 {
		b.h += 5 + float64(n)*rowHeight + rowsFoot - 3
	}
}

// lineCount returns how many lines stand below the head.
func (b *box) lineCount() int {
	n := len(b.rows)
	if b.note != "" || b.badge != "" {
		n++
	}
	return n
}

// rowY returns how far below the upper edge of the box the middle of a row is, -1 being the head.
func (b *box) rowY(row int) float64 {
	if row < 0 {
		return headTop + 12
	}
	return headTop + 14 + 13 + headFoot + 5 + (float64(row)+0.5)*rowHeight - 1.5
}

// arrange finds where head, graph and foot go.
func (p *picture) arrange() {
	width := max(minWidth, p.layout.W, titleFace.width(p.title()), subFace.width(p.subtitle()))
	p.width = width + 2*margin
	p.dx = margin + (width-p.layout.W)/2
	y := p.layLegend(margin+52, width)
	p.dy = y + 26
	y = p.dy + p.layout.H
	if len(p.layout.Nodes) == 0 {
		y = p.dy - 20
	}
	p.layNotes(&y, width)
	p.layAlone(&y)
	p.height = y + margin
}

func (p *picture) title() string {
	if p.options.Title == "" {
		return "Message graph"
	}
	return clean(p.options.Title)
}

func (p *picture) subtitle() string {
	if p.options.Subtitle != "" {
		return clean(p.options.Subtitle)
	}
	count := map[string]int{}
	unresolved := 0
	for i := range p.view.Lines {
		count[p.view.Lines[i].Kind] += len(p.view.Lines[i].Edges)
	}
	for i := range p.view.Boxes {
		unresolved += len(p.view.Boxes[i].Unresolved)
	}
	parts := []string{number(len(p.view.Boxes), "service")}
	for _, k := range kinds {
		if n := count[k.kind]; n > 0 {
			parts = append(parts, number(n, k.noun))
		}
	}
	if unresolved > 0 {
		parts = append(parts, strconv.Itoa(unresolved)+" unresolved")
	}
	return strings.Join(parts, " · ")
}

func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "ch") {
		noun += "e"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// clean returns a text that XML can hold, in one line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff:
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// escape returns a text for XML; line breaks stay.
func escape(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = escapes.Replace(clean(lines[i]))
	}
	return strings.Join(lines, "\n")
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// n writes a number, to a tenth.
func n(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10+0, 'f', -1, 64)
}
