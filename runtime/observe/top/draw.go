package top

import (
	"fmt"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/observe"
)

// Draw shows the model on a canvas.
func (m *Model) Draw(c *Canvas) {
	if m.now == nil {
		text := "connecting"
		if m.lost != "" {
			text = m.lost
		}
		c.Put(0, 0, cut(text, c.W), Dim)
		return
	}
	m.head(c)
	switch {
	case m.help:
		m.drawLines(c, helpLines, 0)
	case m.text != nil:
		m.scroll = m.drawLines(c, plain(m.text), m.scroll)
	case m.open != "":
		m.scroll = m.drawLines(c, m.actor(), m.scroll)
	default:
		m.drawTable(c)
	}
	m.foot(c)
}

// Rows that are no part of a table: head and tabs above it, the foot below.
const (
	firstRow = 3
	footRows = 1
)

// head is the node as a whole, and the tabs.
func (m *Model) head(c *Canvas) {
	n := &m.now.Node
	queue, waits := 0, 0
	for i := range m.now.Services {
		queue += m.now.Services[i].Queue
	}
	for i := range m.now.Waits {
		if w := &m.now.Waits[i]; w.Exact && w.Age >= stale {
			waits++
		}
	}
	x := c.Put(0, 0, n.Name, Accent)
	for _, p := range []struct {
		text  string
		style Style
	}{
		{"up " + observe.Short(n.Time), Plain}, {number(m.rates.total) + " msgs/s", Strong}, {fmt.Sprintf("%s queued", number(float64(queue))), Plain},
		{fmt.Sprintf("%d of %d running", n.Running, n.Slots), Plain}, {"heap " + size(int64(n.Heap)), Plain}, {fmt.Sprintf("process %d", n.PID), Dim},
	} {
		if x+2+width(p.text) > c.W {
			continue
		}
		x = c.Put(x+2, 0, p.text, p.style)
	}
	x = 0
	counts := [tabs]int{len(m.now.Actors), len(m.now.Services), len(m.now.Edges), m.waits, trips(m.now), len(m.now.Events)}
	full := c.W >= 96
	for i, name := range tabNames {
		if !full && i != m.tab {
			name = name[:1]
			if c.W >= 56 {
				name = tabNames[i][:4]
			}
		}
		style := Dim
		switch {
		case i == m.tab:
			style = Strong
		case i == errorsTab && m.now.EventKinds["deadlock"] > 0, i == waitsTab && waits > 0:
			style = Bad
		case i == violationsTab && counts[i] > 0:
			style = Warn
		}
		label := fmt.Sprintf("%d %s", i+1, name)
		if c.W >= 56 || i == m.tab {
			label += fmt.Sprintf(" %d", counts[i])
		}
		if i == m.tab {
			label = "[" + label + "]"
		}
		x = c.Put(x, 1, label, style) + 1
		if full {
			x++
		}
	}
}

func trips(s *observe.Snapshot) int {
	n := 0
	for i := range s.Trips {
		n += int(s.Trips[i].Count)
	}
	return n
}

// drawTable shows the table of the tab.
func (m *Model) drawTable(c *Canvas) {
	t, v := m.tables[m.tab], &m.views[m.tab]
	rows := m.rows()
	which, widths := t.fit(c.W)
	x := 0
	for k, i := range which {
		col := &t.columns[i]
		title := col.title
		if i == v.sort {
			if mark := "▲"; v.down {
				title += "▼"
			} else {
				title += mark
			}
		}
		style := Heading
		if i == v.sort {
			style = Accent
		}
		c.Put(x, 2, pad(title, widths[k], !col.left), style)
		x += widths[k] + 2
	}
	height := max(c.H-firstRow-footRows, 0)
	m.page = height
	v.cursor = max(0, min(v.cursor, len(rows)-1))
	v.top = max(0, min(v.top, v.cursor, max(len(rows)-height, 0)))
	if v.cursor >= v.top+height {
		v.top = v.cursor - height + 1
	}
	if len(rows) == 0 {
		text := t.empty
		if v.filter != "" && len(t.rows) > 0 {
			text = fmt.Sprintf("None of %d matches %q.", len(t.rows), v.filter)
		}
		c.Put(0, firstRow, cut(text, c.W), Dim)
	}
	for k := range min(height, len(rows)-v.top) {
		r, y := &rows[v.top+k], firstRow+k
		style := r.style
		if v.top+k == v.cursor {
			style = Selected
			c.Fill(y, Selected)
		}
		x = 0
		for j, i := range which {
			c.Put(x, y, pad(r.texts[i], widths[j], !t.columns[i].left), style)
			x += widths[j] + 2
		}
	}
}

// foot says what keys do, or what is wrong.
func (m *Model) foot(c *Canvas) {
	y := c.H - 1
	if y < 2 {
		return
	}
	v := &m.views[m.tab]
	switch {
	case m.typing:
		c.Put(0, y, cut("filter: "+v.filter+"▏ Enter keeps it, Esc drops it", c.W), Accent)
	case m.lost != "":
		c.Fill(y, Bad)
		c.Put(0, y, cut(m.lost, c.W), Bad)
	default:
		text := "Enter open  1-6 tabs  ←→ sort  r reverse  / filter  p pause  ? help  q quit"
		if m.open != "" || m.text != nil {
			text = "↑↓ scroll  Esc back  p pause  ? help"
		} else if v.filter != "" {
			text = fmt.Sprintf("filter %q, Esc drops it  %s", v.filter, text)
		}
		if m.paused {
			text = "PAUSED, p goes on  " + text
		}
		c.Put(0, y, cut(text, c.W), Dim)
	}
}

// A line is a line of what is shown alone.
type line struct {
	text  string
	style Style
}

func plain(list []string) []line {
	all := make([]line, len(list))
	for i, l := range list {
		all[i].text = l
	}
	if len(all) > 0 {
		all[0].style = Strong
	}
	return all
}

// drawLines shows lines from one of them on, wrapped, and returns from which: not behind the last page.
func (m *Model) drawLines(c *Canvas, list []line, from int) int {
	var wrapped []line
	for _, l := range list {
		for width(l.text) > c.W && c.W > 8 {
			head := strings.TrimSuffix(cut(l.text, c.W), "…")
			wrapped = append(wrapped, line{head, l.style})
			l.text = "    " + l.text[len(head):]
		}
		wrapped = append(wrapped, l)
	}
	height := max(c.H-2-footRows, 0)
	m.page = height
	from = max(0, min(from, len(wrapped)-height))
	for k := range min(height, len(wrapped)-from) {
		l := wrapped[from+k]
		c.Put(0, 2+k, cut(l.text, c.W), l.style)
	}
	return from
}

var helpLines = plain([]string{
	"Keys",
	"",
	"1 to 6, Tab        actors, services, messages, waits, violations, errors",
	"↑ ↓ PgUp PgDn      move; also j and k, g and G for the first and the last",
	"Enter              open the actor, the error or the violation; of a service: its actors",
	"Esc                back; drop the filter",
	"← →                sort by the column before or behind",
	"r                  turn the order round",
	"/                  filter: what is typed stands in a name, an address, a message",
	"p                  pause",
	"q, Ctrl-C          end; the node runs on",
	"",
	"Red: a wait of a second or longer for one actor, a mailbox that is nearly full, a deadlock.",
	"turns/s            how often an actor began with a message, or went on after a wait",
	"half <, 99% <      half of the messages were handled in less time, 99 of 100 were",
})

// actor shows one actor.
func (m *Model) actor() []line {
	var a *observe.Actor
	for i := range m.now.Actors {
		if m.now.Actors[i].Actor == m.open {
			a = &m.now.Actors[i]
		}
	}
	if a == nil {
		return []line{{m.open + " has ended.", Strong}}
	}
	x := m.rates.actors[a.Actor]
	name := strings.Join(append([]string{a.Actor, a.Service}, a.Args...), " ")
	if len(a.Names) > 0 {
		name += "  (" + strings.Join(a.Names, ", ") + ")"
	}
	memory := "not measured yet"
	if a.Memory > 0 {
		memory = size(a.Memory)
	}
	room := ""
	if a.Room > 0 {
		room = fmt.Sprintf(" of %d", a.Room)
	}
	list := []line{
		{name, Strong},
		{fmt.Sprintf("%s   mailbox: %d%s, critical: %d   memory: %s", a.State, a.Normal, room, a.Critical, memory), Plain},
		{fmt.Sprintf("%s turns/s   %d messages handled while somebody looked, %d with an error", number(x.messages), a.Handled, a.Failed), Plain},
	}
	if h := &a.Latency; h.Count() > 0 {
		list = append(list, line{fmt.Sprintf("handled in: mean %s, half < %s, 90%% < %s, 99%% < %s", observe.Short(h.Mean()), quantile(h, 0.5), quantile(h, 0.9), quantile(h, 0.99)), Plain})
		list = append(list, bars(h)...)
	}
	list = append(list, line{}, line{"Waits", Heading})
	found := false
	for i := range m.now.Waits {
		w := &m.now.Waits[i]
		if w.Actor != a.Actor {
			continue
		}
		found = true
		style := Plain
		if w.Exact && w.Age >= stale {
			style = Bad
		}
		for k, l := range strings.Split(w.Text(), "\n") {
			if k > 0 {
				style = Dim
			}
			list = append(list, line{strings.TrimPrefix(l, w.Actor+" "+w.Service+" "), style})
		}
	}
	if !found {
		list = append(list, line{"nothing waits", Dim})
	}
	list = append(list, line{}, line{"Messages of all " + a.Service, Heading})
	found = false
	for i := range m.now.Edges {
		e := &m.now.Edges[i]
		if e.To != a.Service && e.From != a.Service {
			continue
		}
		found = true
		text := fmt.Sprintf("%s → %s  %s %s  %s/s, %s", e.From, e.To, e.Type, e.Command, number(m.rates.edges[keyOf(e)]), number(float64(e.Messages)))
		if e.Calls > 0 {
			text += ", answered in " + observe.Short(e.Took/time.Duration(e.Calls))
		}
		style := Plain
		if e.Failed > 0 {
			text += fmt.Sprintf(", %d failed", e.Failed)
			style = Warn
		}
		list = append(list, line{text, style})
	}
	if !found {
		list = append(list, line{"none has been seen yet", Dim})
	}
	return list
}

// bars shows a histogram: a row of bars, and the times below its ends.
func bars(h *observe.Histogram) []line {
	first, last, most := observe.Buckets, 0, uint64(0)
	for i, n := range h.Counts {
		if n > 0 {
			first, last, most = min(first, i), i, max(most, n)
		}
	}
	const levels = " ▁▂▃▄▅▆▇█"
	marks := []rune(levels)
	var b strings.Builder
	for _, n := range h.Counts[first : last+1] {
		k := 0
		if n > 0 {
			k = 1 + int(n*uint64(len(marks)-2)/most)
		}
		b.WriteString(strings.Repeat(string(marks[k]), 3))
	}
	low := time.Duration(0)
	if first > 0 {
		low = observe.Bound(first - 1)
	}
	return []line{{fmt.Sprintf("%6s %s %s", observe.Short(low), b.String(), observe.Short(observe.Bound(last))), Accent}}
}
