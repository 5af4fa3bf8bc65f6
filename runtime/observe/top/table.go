package top

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/observe"
)

// A column is one of a table.
type column struct {
	title string
	width int  // 0: what is left
	left  bool // text, not a number
	rank  int  // those of high rank go first when the terminal is narrow
}

// A row is a line of a table. keys are what it is sorted by: a string or a float64 for each column.
type row struct {
	texts  []string
	keys   []any
	style  Style
	search string // what the filter looks at
	actor  string // whom Enter opens; "" for nobody
	more   []string
}

// A table is what a tab shows.
type table struct {
	columns []column
	rows    []row
	sort    int // the column that it is sorted by at first; -1: by none
	empty   string
}

// sorted returns the rows that the filter lets through, sorted by a column; down: the largest first.
func (t *table) sorted(filter string, by int, down bool) []row {
	filter = strings.ToLower(filter)
	rows := slices.DeleteFunc(slices.Clone(t.rows), func(r row) bool { return !strings.Contains(strings.ToLower(r.search), filter) })
	if by < 0 || by >= len(t.columns) {
		return rows
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		var order int
		switch x := a.keys[by].(type) {
		case float64:
			order = cmp.Compare(x, b.keys[by].(float64))
		case string:
			order = strings.Compare(x, b.keys[by].(string))
		}
		if down {
			return -order
		}
		return order
	})
	return rows
}

// fit returns the columns that there is room for, by number, and how wide each is.
func (t *table) fit(columns int) (which, widths []int) {
	const gap, least = 2, 10
	order := make([]int, len(t.columns))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return t.columns[a].rank - t.columns[b].rank })
	left, flexible := columns, -1
	for _, i := range order {
		need := t.columns[i].width
		if need == 0 {
			need = least
		}
		if len(which) > 0 {
			need += gap
		}
		if need > left && len(which) > 0 {
			continue
		}
		if t.columns[i].width == 0 {
			flexible = i
		}
		left -= need
		which = append(which, i)
	}
	slices.Sort(which)
	for _, i := range which {
		w := t.columns[i].width
		if i == flexible {
			w = least + max(left, 0)
		}
		widths = append(widths, w)
	}
	return which, widths
}

// number writes a rate or a count.
func number(n float64) string {
	switch {
	case n < 10 && n != math.Trunc(n):
		return fmt.Sprintf("%.1f", n)
	case n < 10_000:
		return fmt.Sprintf("%.0f", n)
	case n < 1e6:
		return fmt.Sprintf("%.1fk", n/1e3)
	}
	return fmt.Sprintf("%.1fM", n/1e6)
}

// size writes a number of bytes.
func size(n int64) string {
	f := float64(n)
	for _, unit := range []string{"B", "K", "M"} {
		if f < 1024 {
			if f < 10 && unit != "B" {
				return fmt.Sprintf("%.1f%s", f, unit)
			}
			return fmt.Sprintf("%.0f%s", f, unit)
		}
		f /= 1024
	}
	return fmt.Sprintf("%.1fG", f)
}

func blank(text string, is bool) string {
	if is {
		return ""
	}
	return text
}

func actorTable(s *observe.Snapshot, r *rates) *table {
	t := &table{sort: 3, empty: "There is no actor.", columns: []column{
		{"address", 9, true, 1}, {"service", 0, true, 0}, {"state", 8, true, 4}, {"queue", 6, false, 2}, {"turns/s", 8, false, 3},
		{"waiting", 8, false, 6}, {"half <", 7, false, 8}, {"99% <", 7, false, 5}, {"errors", 7, false, 9}, {"memory", 7, false, 7},
	}}
	for i := range s.Actors {
		a := &s.Actors[i]
		x := r.actors[a.Actor]
		words := []string{a.Service}
		for _, n := range append(slices.Clone(a.Names), a.Args...) {
			if n != a.Service {
				words = append(words, n)
			}
		}
		name := strings.Join(words, " ")
		queue := a.Critical + a.Normal
		style := Plain
		switch {
		case a.State == "failed" || a.Room > 0 && queue >= a.Room*9/10:
			style = Bad
		case a.State == "blocked" || a.State == "ending":
			style = Warn
		case a.Native:
			style = Dim
		}
		t.rows = append(t.rows, row{
			texts: []string{
				a.Actor, name, a.State, number(float64(queue)), number(x.messages), blank(fmt.Sprint(a.Waiting), a.Waiting == 0),
				quantile(&x.latency, 0.5), quantile(&x.latency, 0.99), blank(fmt.Sprint(a.Failed), a.Failed == 0), blank(size(a.Memory), a.Memory == 0),
			},
			keys: []any{
				a.Actor, name, a.State, float64(queue), x.messages, float64(a.Waiting),
				float64(x.latency.Quantile(0.5)), longest(&x.latency), float64(a.Failed), float64(a.Memory),
			},
			style: style, search: a.Actor + " " + name + " " + a.State, actor: a.Actor,
		})
	}
	return t
}

func serviceTable(s *observe.Snapshot, r *rates) *table {
	t := &table{sort: 4, empty: "There is no service.", columns: []column{
		{"service", 0, true, 0}, {"actors", 7, false, 3}, {"busy", 5, false, 6}, {"queue", 6, false, 2}, {"msgs/s", 7, false, 1},
		{"half <", 7, false, 7}, {"99% <", 7, false, 4}, {"errors", 7, false, 8}, {"memory", 7, false, 5},
	}}
	for i := range s.Services {
		x := &s.Services[i]
		v := r.services[x.Name]
		style := Plain
		if x.Actors == 0 || x.Native {
			style = Dim
		}
		t.rows = append(t.rows, row{
			texts: []string{
				x.Name, fmt.Sprint(x.Actors), blank(fmt.Sprint(x.Busy), x.Busy == 0), number(float64(x.Queue)), number(v.messages),
				quantile(&v.latency, 0.5), quantile(&v.latency, 0.99), blank(fmt.Sprint(x.Failed), x.Failed == 0), blank(size(x.Memory), x.Memory == 0),
			},
			keys: []any{
				x.Name, float64(x.Actors), float64(x.Busy), float64(x.Queue), v.messages,
				float64(v.latency.Quantile(0.5)), longest(&v.latency), float64(x.Failed), float64(x.Memory),
			},
			style: style, search: x.Name,
		})
	}
	return t
}

func edgeTable(s *observe.Snapshot, r *rates) *table {
	t := &table{sort: 4, empty: "No message has been seen yet. They are counted while somebody looks.", columns: []column{
		{"from", 14, true, 1}, {"to", 14, true, 0}, {"type", 9, true, 5}, {"command", 0, true, 2}, {"msgs/s", 7, false, 3},
		{"all", 7, false, 4}, {"answer", 7, false, 6}, {"failed", 7, false, 7},
	}}
	for i := range s.Edges {
		e := &s.Edges[i]
		mean := 0.0
		if e.Calls > 0 {
			mean = float64(e.Took) / float64(e.Calls)
		}
		style := Plain
		if e.Failed > 0 {
			style = Warn
		}
		rate := r.edges[keyOf(e)]
		t.rows = append(t.rows, row{
			texts: []string{
				e.From, e.To, e.Type, e.Command, number(rate), number(float64(e.Messages)),
				blank(observe.Short(time.Duration(mean)), e.Calls == 0), blank(fmt.Sprint(e.Failed), e.Failed == 0),
			},
			keys:  []any{e.From, e.To, e.Type, e.Command, rate, float64(e.Messages), mean, float64(e.Failed)},
			style: style, search: strings.Join([]string{e.From, e.To, e.Type, e.Command}, " "),
		})
	}
	return t
}

func waitTable(s *observe.Snapshot) *table {
	t := &table{sort: 0, empty: "Nothing waits.", columns: []column{
		{"age", 7, false, 0}, {"service", 16, true, 1}, {"address", 9, true, 5}, {"kind", 8, true, 4}, {"waits for", 0, true, 2}, {"left", 7, false, 6}, {"for", 14, true, 3},
	}}
	for i := range s.Waits {
		w := &s.Waits[i]
		who, left := "", ""
		if w.For != nil {
			who = w.For.Service
		}
		if w.Left > 0 {
			left = second(w.Left)
		}
		style := Dim
		if w.Exact {
			style = Plain
			if w.Age >= stale {
				style = Bad
			}
		}
		t.rows = append(t.rows, row{
			texts: []string{second(w.Age), w.Service, w.Actor, w.Kind, w.What, left, who},
			keys:  []any{float64(w.Age), w.Service, w.Actor, w.Kind, w.What, float64(w.Left), who},
			style: style, search: strings.Join([]string{w.Service, w.Actor, w.Kind, w.What, who}, " "), actor: w.Actor, more: lines(w.Stack),
		})
	}
	return t
}

func violationTable(s *observe.Snapshot) *table {
	t := &table{sort: 0, empty: "No rule was broken.", columns: []column{
		{"time", 8, true, 3}, {"rule", 26, true, 0}, {"service", 12, true, 2}, {"done", 7, true, 5}, {"place", 22, true, 4}, {"times", 6, false, 6}, {"what", 0, true, 1},
	}}
	for i := range s.Violations {
		v := &s.Violations[i]
		place, style := "", Warn
		if v.File != "" {
			place = fmt.Sprintf("%s:%d", v.File, v.Line)
		}
		if v.Severity == "error" {
			style = Bad
		}
		t.rows = append(t.rows, row{
			texts: []string{v.Time.Format("15:04:05"), v.Rule + " " + v.Name, v.Service, v.Mode, place, fmt.Sprint(v.Times), v.Message},
			keys:  []any{float64(v.Time.UnixNano()), v.Rule, v.Service, v.Mode, place, float64(v.Times), v.Message},
			style: style, search: strings.Join([]string{v.Rule, v.Name, v.Service, place, v.Message}, " "), actor: v.Actor,
			more: append(append(lines(v.Message), lines(strings.TrimSpace(v.Source))...), lines(v.Stack)...),
		})
	}
	return t
}

func eventTable(s *observe.Snapshot) *table {
	t := &table{sort: 0, empty: "Nothing has gone wrong.", columns: []column{
		{"time", 8, true, 2}, {"kind", 9, true, 1}, {"service", 14, true, 3}, {"command", 12, true, 4}, {"what", 0, true, 0},
	}}
	for i := range s.Events {
		e := &s.Events[i]
		style := Warn
		what, _, _ := strings.Cut(e.Message, "\n")
		if e.Kind == "deadlock" {
			style = Bad
			var ring []string
			for _, p := range e.Cycle {
				ring = append(ring, p.Service)
			}
			if len(ring) > 0 {
				what = strings.Join(append(ring, ring[0]), " → ")
			}
		}
		t.rows = append(t.rows, row{
			texts: []string{e.Time.Format("15:04:05"), e.Kind, e.Service, e.Command, what},
			keys:  []any{float64(e.Number), e.Kind, e.Service, e.Command, what},
			style: style, search: strings.Join([]string{e.Kind, e.Service, e.Command, e.Message}, " "), actor: e.Actor,
			more: append(lines(e.Message), lines(e.Stack)...),
		})
	}
	return t
}

// lines splits a text, without what says nothing.
func lines(text string) []string {
	var list []string
	for _, l := range strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n") {
		if l != "" && l != "stack traceback:" && strings.TrimSpace(l) != "[C]: in ?" {
			list = append(list, l)
		}
	}
	return list
}
