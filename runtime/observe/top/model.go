package top

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/skylint/skylint/runtime/observe"
)

// stale is how old a wait for one actor is that is shown in red.
const stale = time.Second

// The tabs, in their order on the screen.
const (
	actorsTab = iota
	servicesTab
	messagesTab
	waitsTab
	violationsTab
	errorsTab
	tabs
)

var tabNames = [tabs]string{"Actors", "Services", "Messages", "Waits", "Violations", "Errors"}

// A Model is what the program shows, and what keys do to it. It knows no terminal.
type Model struct {
	now   *observe.Snapshot
	rates *rates

	tab    int
	tables [tabs]*table
	views  [tabs]view

	typing bool   // a filter is being typed
	open   string // the address of the actor that is shown alone
	text   []string
	scroll int // in what is shown alone
	help   bool
	paused bool
	lost   string // why the node does not answer; "" if it does
	waits  int    // of all actors
	page   int    // rows of the table that were shown last
}

// view is how a tab is looked at.
type view struct {
	cursor, top int
	sort        int
	down        bool
	filter      string
}

// NewModel makes a model that has seen nothing.
func NewModel() *Model {
	m := &Model{}
	empty := &observe.Snapshot{}
	m.tables = tablesOf(empty, newRates(empty, nil))
	for i, t := range m.tables {
		m.views[i] = view{sort: t.sort, down: true}
	}
	return m
}

func tablesOf(s *observe.Snapshot, r *rates) [tabs]*table {
	return [tabs]*table{actorTable(s, r), serviceTable(s, r), edgeTable(s, r), waitTable(s), violationTable(s), eventTable(s)}
}

// Open returns the address of the actor whose waits are wanted; "" for those of all.
func (m *Model) Open() string { return m.open }

// Paused reports whether what is shown is to stay as it is.
func (m *Model) Paused() bool { return m.paused }

// Take takes a snapshot that was asked for with Open.
func (m *Model) Take(s *observe.Snapshot) {
	m.rates = newRates(s, m.now)
	m.now, m.lost = s, ""
	tables := tablesOf(s, m.rates)
	if m.open != "" {
		tables[waitsTab] = m.tables[waitsTab] // the snapshot has those of one actor
	} else {
		m.waits = s.AllWaits
	}
	m.tables = tables
}

// Lose says that the node does not answer. What it was at stays to be seen.
func (m *Model) Lose(why string) { m.lost = why }

// rows returns the rows of the tab that is shown.
func (m *Model) rows() []row {
	v := &m.views[m.tab]
	return m.tables[m.tab].sorted(v.filter, v.sort, v.down)
}

// Key does what a key says: a character, or the name of a key. It reports whether the program is to end.
func (m *Model) Key(key string) (quit bool) {
	if key == "ctrl-c" {
		return true
	}
	if m.typing {
		m.typed(key)
		return false
	}
	if m.help {
		m.help = false
		return false
	}
	switch key {
	case "?", "h":
		m.help = true
		return false
	case "p", " ":
		m.paused = !m.paused
		return false
	}
	if m.open != "" || m.text != nil {
		m.alone(key)
		return false
	}
	v := &m.views[m.tab]
	switch key {
	case "q":
		return true
	case "up", "k":
		v.cursor--
	case "down", "j":
		v.cursor++
	case "pgup":
		v.cursor -= max(m.page, 1)
	case "pgdn":
		v.cursor += max(m.page, 1)
	case "home", "g":
		v.cursor = 0
	case "end", "G":
		v.cursor = 1 << 30
	case "tab", "]":
		m.tab = (m.tab + 1) % tabs
	case "backtab", "[":
		m.tab = (m.tab + tabs - 1) % tabs
	case "right", ">", "s":
		v.sort = (v.sort + 1) % len(m.tables[m.tab].columns)
		v.down = !m.tables[m.tab].columns[v.sort].left
	case "left", "<":
		n := len(m.tables[m.tab].columns)
		v.sort = (v.sort + n - 1) % n
		v.down = !m.tables[m.tab].columns[v.sort].left
	case "r":
		v.down = !v.down
	case "/":
		m.typing = true
	case "esc":
		v.filter = ""
	case "enter":
		m.enter()
	default:
		if len(key) == 1 && key[0] >= '1' && key[0] < '1'+tabs {
			m.tab = int(key[0] - '1')
		}
	}
	v = &m.views[m.tab]
	v.cursor = max(0, min(v.cursor, len(m.rows())-1))
	return false
}

// typed is a key while a filter is being typed.
func (m *Model) typed(key string) {
	v := &m.views[m.tab]
	switch key {
	case "enter":
		m.typing = false
	case "esc":
		m.typing, v.filter = false, ""
	case "backspace":
		_, n := utf8.DecodeLastRuneInString(v.filter)
		v.filter = v.filter[:len(v.filter)-n]
	default:
		if utf8.RuneCountInString(key) == 1 {
			v.filter += key
		}
	}
	v.cursor, v.top = 0, 0
}

// alone is a key while one thing is shown alone.
func (m *Model) alone(key string) {
	switch key {
	case "q", "esc", "enter", "backspace", "left":
		m.open, m.text, m.scroll = "", nil, 0
	case "up", "k":
		m.scroll--
	case "down", "j":
		m.scroll++
	case "pgup":
		m.scroll -= max(m.page, 1)
	case "pgdn":
		m.scroll += max(m.page, 1)
	case "home", "g":
		m.scroll = 0
	case "end", "G":
		m.scroll = 1 << 30
	}
	m.scroll = max(m.scroll, 0) // the drawing knows the end
}

// enter opens what the cursor is at.
func (m *Model) enter() {
	rows := m.rows()
	i := m.views[m.tab].cursor
	if i < 0 || i >= len(rows) {
		return
	}
	r := &rows[i]
	switch m.tab {
	case servicesTab:
		m.tab = actorsTab
		m.views[m.tab].filter, m.views[m.tab].cursor = r.search, 0
	case violationsTab, errorsTab:
		m.text = append([]string{strings.Join(r.texts[:len(r.texts)-1], "  "), ""}, r.more...)
	default:
		m.open = r.actor
	}
}
