// Package top shows a running node in a terminal: actors, services, messages, waits, violations and errors, as
// snapshots that come from the node's socket once a second.
//
// A Model has what is shown and what keys do; it is drawn on a Canvas, which knows no terminal. Run brings both to one.
package top

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gdamore/tcell/v2"

	"github.com/skylint/skylint/runtime/observe"
)

// A Source has the snapshots of a node. A control.Client is one.
type Source interface {
	// Snapshot returns what the node is at; of an actor's address, with the stacks of its waits.
	Snapshot(address string) (*observe.Snapshot, error)
	Close() error
}

// Run shows the node that connect connects to, until the user has seen enough. When the node goes away, it
// connects anew. every is how often a snapshot is taken.
func Run(connect func() (Source, error), every time.Duration) error {
	if os.Getenv("TERM") == "" {
		return errors.New("top needs a terminal: TERM is not set; --once prints it once")
	}
	screen, err := tcell.NewScreen()
	if err != nil {
		return fmt.Errorf("top needs a terminal: %w; --once prints it once", err)
	}
	if err := screen.Init(); err != nil {
		return fmt.Errorf("top needs a terminal: %w; --once prints it once", err)
	}
	defer screen.Fini()
	return Show(screen, connect, every)
}

// taken is what came of asking for a snapshot.
type taken struct {
	address  string
	snapshot *observe.Snapshot
	err      error
}

// Show is Run on a screen that is there.
func Show(screen tcell.Screen, connect func() (Source, error), every time.Duration) error {
	quit := make(chan struct{})
	events := make(chan tcell.Event, 16)
	go screen.ChannelEvents(events, quit)
	asked := make(chan string, 1)
	answers := make(chan taken, 1)
	go fetch(connect, asked, answers)
	defer close(asked)
	defer close(quit)
	m := NewModel()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	busy := false
	ask := func() {
		if !busy && !m.Paused() {
			busy = true
			asked <- m.Open()
		}
	}
	ask()
	for {
		paint(screen, m)
		select {
		case e, ok := <-events:
			if !ok {
				return nil
			}
			switch e := e.(type) {
			case *tcell.EventResize:
				screen.Sync()
			case *tcell.EventKey:
				open := m.Open()
				if m.Key(keyName(e)) {
					return nil
				}
				if m.Open() != open {
					ask()
				}
			case *tcell.EventError:
				return e
			}
		case a := <-answers:
			busy = false
			switch {
			case a.err != nil:
				m.Lose(fmt.Sprintf("the node does not answer (%v); trying again", a.err))
			case a.address == m.Open() && !m.Paused():
				m.Take(a.snapshot)
			default:
				ask() // another actor was opened meanwhile
			}
		case <-ticker.C:
			ask()
		}
	}
}

// fetch takes a snapshot for each address that comes, until asked is closed.
func fetch(connect func() (Source, error), asked <-chan string, answers chan<- taken) {
	var source Source
	for address := range asked {
		a := taken{address: address}
		if source == nil {
			var fresh Source
			if fresh, a.err = connect(); a.err == nil {
				source = fresh
			}
		}
		if source != nil {
			if a.snapshot, a.err = source.Snapshot(address); a.err != nil {
				source.Close()
				source = nil
			}
		}
		answers <- a // it has room for one, and no more is asked for
	}
	if source != nil {
		source.Close()
	}
}

// keyName returns a key as Model.Key knows it.
func keyName(e *tcell.EventKey) string {
	switch e.Key() {
	case tcell.KeyRune:
		return string(e.Rune())
	case tcell.KeyUp:
		return "up"
	case tcell.KeyDown:
		return "down"
	case tcell.KeyLeft:
		return "left"
	case tcell.KeyRight:
		return "right"
	case tcell.KeyPgUp:
		return "pgup"
	case tcell.KeyPgDn:
		return "pgdn"
	case tcell.KeyHome:
		return "home"
	case tcell.KeyEnd:
		return "end"
	case tcell.KeyEnter:
		return "enter"
	case tcell.KeyEscape:
		return "esc"
	case tcell.KeyTab:
		return "tab"
	case tcell.KeyBacktab:
		return "backtab"
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		return "backspace"
	case tcell.KeyCtrlC:
		return "ctrl-c"
	}
	return ""
}

var styles = [...]tcell.Style{
	Plain:    tcell.StyleDefault,
	Dim:      tcell.StyleDefault.Dim(true),
	Strong:   tcell.StyleDefault.Bold(true),
	Heading:  tcell.StyleDefault.Underline(true),
	Selected: tcell.StyleDefault.Reverse(true),
	Bad:      tcell.StyleDefault.Foreground(tcell.ColorMaroon).Bold(true),
	Warn:     tcell.StyleDefault.Foreground(tcell.ColorOlive),
	Good:     tcell.StyleDefault.Foreground(tcell.ColorGreen),
	Accent:   tcell.StyleDefault.Foreground(tcell.ColorTeal).Bold(true),
}

// paint draws the model on the screen.
func paint(screen tcell.Screen, m *Model) {
	w, h := screen.Size()
	c := NewCanvas(w, h)
	m.Draw(c)
	for y := range h {
		for x := range w {
			cell := c.At(x, y)
			if r := []rune(cell.Text); len(r) > 0 {
				screen.SetContent(x, y, r[0], nil, styles[cell.Style])
			}
		}
	}
	screen.Show()
}
