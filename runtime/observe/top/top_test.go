package top

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"github.com/skylint/skylint/runtime/observe"
)

// sample is a node after some seconds, with all that there can be.
func sample(seconds int) *observe.Snapshot {
	n := uint64(seconds)
	var h observe.Histogram
	for i := range n * 100 {
		h.Add(time.Duration(i) * 10 * time.Microsecond)
	}
	db, agent, login := observe.Party{Actor: ":00000006", Service: "db"}, observe.Party{Actor: ":00000008", Service: "agent"}, observe.Party{Actor: ":00000007", Service: "登录"}
	at := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	s := &observe.Snapshot{
		Node: observe.Node{Name: "game", PID: 42, Time: time.Duration(seconds) * time.Second, Slots: 2, Running: 1, Heap: 12 << 20},
		Actors: []observe.Actor{
			{Party: observe.Party{Actor: ":00000001", Service: ".logger"}, Names: []string{".logger"}, Native: true, State: "idle", Room: 100},
			{Party: db, Names: []string{".db"}, State: "busy", Normal: 95, Room: 100, Turns: uint32(n * 250), Memory: 3 << 20, Handled: n * 100, Failed: 2, Latency: h},
			{Party: login, State: "idle", Room: 100, Turns: uint32(n * 50)},
			{Party: agent, Args: []string{"1"}, State: "blocked", Room: 100, Waiting: 2},
		},
		Services: []observe.Service{
			{Name: ".logger", Native: true, Actors: 1}, {Name: "agent", Actors: 1}, {Name: "db", Actors: 1, Busy: 1, Queue: 95, Memory: 3 << 20, Messages: n * 100, Handled: n * 100, Failed: 2, Latency: h},
			{Name: "登录", Actors: 1, Messages: n * 50},
		},
		Edges: []observe.Edge{
			{From: "agent", To: "db", Type: "lua", Command: "get", Messages: n * 100, Calls: n * 100, Failed: 2, Took: time.Duration(n*100) * 3 * time.Millisecond},
			{From: "登录", To: "db", Type: "lua", Command: "set\x1b[2J", Messages: 7},
		},
		Waits: []observe.Wait{
			{Party: agent, Kind: "call", What: `an answer of :00000006 db to "get"`, Age: 5 * time.Second, Left: 25 * time.Second, Exact: true, To: &db, Stack: "[C]: in function 'skynet.call'\nagent.lua:7: in function <agent.lua:5>"},
			{Party: db, Kind: "sleep", What: "a timer (skynet.sleep)", Age: 10 * time.Millisecond, For: &agent},
		},
		AllWaits: 2,
		Events: []observe.Event{
			{Number: 2, Time: at, Kind: "deadlock", Actor: ":00000006", Service: "db", Message: "deadlock: this wait would never end\n  :00000006 db waits", Cycle: []observe.Party{db, agent}},
			{Number: 1, Time: at, Kind: "handler", Actor: ":00000006", Service: "db", Command: "get", Message: "db.lua:3: no", Stack: "stack traceback:\n\tdb.lua:3: in function 'f'\n\t[C]: in ?"},
		},
		EventKinds: map[string]uint64{"deadlock": 1, "handler": 1},
		Violations: []observe.Violation{{Rule: "SKY101", Name: "global-write", Severity: "warning", Mode: "warn", Message: "'level' is written", File: "db.lua", Line: 9, Source: "  level = 1", Time: at, Times: 4, Party: db}},
		Trips:      []observe.Trips{{Rule: "SKY101", Name: "global-write", Service: "db", Count: 4}},
	}
	return s
}

// after returns what is shown after some keys, in a size.
func after(w, h int, keys ...string) string {
	m := NewModel()
	m.Take(sample(8))
	m.Take(sample(10))
	for _, k := range keys {
		m.Key(k)
	}
	m.Take(sample(12))
	c := NewCanvas(w, h)
	m.Draw(c)
	return c.String()
}

func TestTabs(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want []string
	}{
		{nil, []string{
			"game  up 12s  150 msgs/s  95 queued  1 of 2 running  heap 12M  process 42\n",
			"[1 Actors 4]  2 Services 4  3 Messages 2  4 Waits 2  5 Violations 4  6 Errors 2\n",
			"address    service                    state     queue▼   turns/s   waiting   half <    99% <   errors   memory\n",
			":00000006  db .db                     busy          95       250               12ms     16ms        2     3.0M\n:00000001  .logger    ",
			":00000008  agent 1                    blocked        0         0         2\n",
		}},
		{[]string{"2"}, []string{"msgs/s▼", "db  ", "登录 "}},
		{[]string{"tab", "tab"}, []string{"agent           db              lua        get                                  100     1200    3.0ms        2\n", "set·[2J"}},
		{[]string{"4"}, []string{`   5.0s  agent             :00000008  call      an answer of :00000006 db to "get"         25s` + "\n", "   10ms  db                :00000006  sleep     a timer (skynet.sleep)                          agent\n"}},
		{[]string{"5"}, []string{"01:02:03  SKY101 global-write         db            warn     db.lua:9                     4  'level' is writt…\n"}},
		{[]string{"6"}, []string{"01:02:03  deadlock   db                            db → agent → db\n01:02:03  handler    db              get           db.lua:3: no\n"}},
		{[]string{"backtab", "enter"}, []string{"deadlock: this wait would never end\n  :00000006 db waits\n", "Esc back"}},
		{[]string{"6", "down", "enter"}, []string{"01:02:03  handler  db  get\n\ndb.lua:3: no\n    db.lua:3: in function 'f'\n\n"}},
		{[]string{"5", "enter"}, []string{"'level' is written\nlevel = 1\n"}},
		{[]string{"enter"}, []string{":00000006 db  (.db)\n", "busy   mailbox: 95 of 100, critical: 0   memory: 3.0M\n", "250 turns/s   1200 messages handled while somebody looked, 2 with an error\n", "90% <", "█", "has waited 10ms for a timer (skynet.sleep), and :00000008 agent for it\n", "agent → db  lua get  100/s, 1200, answered in 3.0ms, 2 failed\n"}},
		{[]string{"4", "enter"}, []string{":00000008 agent 1\n", "has waited 5.0s for an answer of", "    agent.lua:7: in function <agent.lua:5>\n"}},
		{[]string{"enter", "esc"}, []string{"[1 Actors 4]"}},
		{[]string{"2", "j", "enter"}, []string{"[1 Actors 4]", `filter "登录"`, ":00000007  登录"}},
		{[]string{"/", "D", "b", "x", "backspace", "enter"}, []string{":00000006  db .db", `filter "Db", Esc drops it`}},
		{[]string{"/", "q", "q"}, []string{`None of 4 matches "qq".`, "filter: qq"}},
		{[]string{"/", "q", "esc"}, []string{":00000008  agent 1"}},
		{[]string{"right"}, []string{"queue  turns/s▼"}},
		{[]string{"left", "left", "r"}, []string{"service▼", "登录"}},
		{[]string{"?"}, []string{"turn the order round"}},
		{[]string{"?", "x"}, []string{"[1 Actors 4]"}},
		{[]string{"p"}, []string{"PAUSED"}},
		{[]string{"G"}, []string{"[1 Actors 4]"}},
	} {
		got := after(110, 20, c.keys...)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%q: there is no %q in\n%s", c.keys, want, got)
			}
		}
	}
}

// Any size is drawn, with the cursor in sight, and nothing sticks out.
func TestSizes(t *testing.T) {
	for _, keys := range [][]string{nil, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"enter"}, {"6", "enter"}, {"?"}, {"G"}, {"/", "x"}} {
		for w := range 16 {
			for _, h := range []int{0, 1, 2, 3, 5, 24} {
				got := after(w*9, h, keys...)
				if n := strings.Count(got, "\n"); n != h {
					t.Fatalf("%d by %d: %d lines", w*9, h, n)
				}
				for _, l := range strings.Split(got, "\n") {
					if width(l) > w*9 {
						t.Errorf("%d by %d: %q", w*9, h, l)
					}
				}
			}
		}
	}
	if got := after(40, 6, "G"); !strings.Contains(got, ":00000008") {
		t.Errorf("the last actor is not in sight\n%s", got)
	}
	if got := after(45, 10); !strings.Contains(got, "address    service") || !strings.Contains(got, "queue▼") || strings.Contains(got, "memory") {
		t.Errorf("a narrow table\n%s", got)
	}
}

// A node that is another process counts from 0 on.
func TestRestart(t *testing.T) {
	m := NewModel()
	m.Take(sample(10))
	s := sample(11)
	s.Node.PID, s.Services[2].Messages, s.Actors[1].Turns = 43, 1, 1
	m.Take(s)
	if m.rates.total != 0 || m.rates.actors[":00000006"].messages != 0 {
		t.Errorf("%+v", m.rates)
	}
}

func TestQuit(t *testing.T) {
	m := NewModel()
	for _, c := range []struct {
		key  string
		quit bool
	}{{"/", false}, {"q", false}, {"esc", false}, {"?", false}, {"q", false}, {"q", true}, {"ctrl-c", true}} {
		if m.Key(c.key) != c.quit {
			t.Errorf("%s: %v", c.key, !c.quit)
		}
	}
}

func TestSVG(t *testing.T) {
	m := NewModel()
	m.Take(sample(10))
	m.Key("3")
	c := NewCanvas(100, 12)
	m.Draw(c)
	var b strings.Builder
	if err := c.SVG(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"prefers-color-scheme", ">game</text>", `class="bar"`, "set·[2J"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the picture has no %s", want)
		}
	}
}

// source is a node that can go away.
type source struct {
	mutex  sync.Mutex
	gone   bool
	asked  []string
	closed int
	taken  int
}

func (s *source) Snapshot(address string) (*observe.Snapshot, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked = append(s.asked, address)
	if s.gone {
		return nil, errors.New("it is gone")
	}
	s.taken++
	return sample(s.taken), nil
}

func (s *source) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.closed++
	return nil
}

func (s *source) connect() (Source, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.gone {
		var none *source
		return none, errors.New("nobody is there")
	}
	return s, nil
}

func (s *source) set(gone bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.gone = gone
}

// log returns for which actors it was asked.
func (s *source) log() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return fmt.Sprint(s.asked)
}

// The program on a screen: it follows a resize, says that the node is gone and goes on when it is back, and
// ends with Ctrl-C.
func TestShow(t *testing.T) {
	screen := tcell.NewSimulationScreen("UTF-8")
	if err := screen.Init(); err != nil {
		t.Fatal(err)
	}
	defer screen.Fini()
	screen.SetSize(80, 12)
	s := &source{}
	ended := make(chan error, 1)
	go func() { ended <- Show(screen, s.connect, 5*time.Millisecond) }()
	see := func(want string) {
		t.Helper()
		var text string
		for range 2000 {
			w, h := screen.Size()
			var b strings.Builder
			for y := range h {
				for x := range w {
					r, _, _, _ := screen.GetContent(x, y)
					b.WriteRune(r)
				}
				b.WriteByte('\n')
			}
			if text = b.String(); strings.Contains(text, want) {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatalf("there is no %q on the screen\n%s", want, text)
	}
	see("game  up ")
	see("150 msgs/s")
	screen.SetSize(30, 8)
	screen.PostEvent(tcell.NewEventResize(30, 8))
	see("[1 Actors 4] 2 S")
	screen.SetSize(80, 12)
	screen.PostEvent(tcell.NewEventResize(80, 12))
	screen.InjectKey(tcell.KeyEnter, 0, 0)
	see(":00000006 db  (.db)")
	for range 2000 {
		if strings.Contains(s.log(), ":00000006") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if asked := s.log(); !strings.Contains(asked, ":00000006") {
		t.Errorf("asked for %s", asked)
	}
	screen.InjectKey(tcell.KeyEscape, 0, 0)
	see("[1 Actors 4]")
	s.set(true)
	see("the node does not answer (nobody is there); trying again")
	s.set(false)
	see("Enter open")
	screen.InjectKey(tcell.KeyRune, '4', 0)
	see("[4 Waits 2]")
	screen.InjectKey(tcell.KeyCtrlC, 0, tcell.ModCtrl)
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Ctrl-C does not end it")
	}
}
