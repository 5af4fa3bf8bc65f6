package main

import (
	"fmt"
	"sync"
	"time"
)

// When a progress line comes up, and how often it changes.
const (
	progressDelay    = time.Second
	progressInterval = 100 * time.Millisecond
)

// A progress is a line on the terminal that says how far a run is. It shows up only if
// the run takes long, and it leaves nothing behind.
type progress struct {
	out   *stream
	start time.Time

	mu    sync.Mutex
	next  time.Time // when the line is due
	shown bool
	ended bool
}

// newProgress returns a progress that shows up on out from one second after start on,
// or never if out is no terminal.
func newProgress(out *stream, start time.Time) *progress {
	return &progress{out: out, start: start, next: start.Add(progressDelay), ended: !out.terminal}
}

// update says that done of total files are through a stage; total is 0 while it is not
// known. It may be called by several goroutines at once, for every file: most calls do
// nothing.
func (p *progress) update(stage string, done, total int) { p.updateAt(time.Now(), stage, done, total) }

func (p *progress) updateAt(now time.Time, stage string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || now.Before(p.next) {
		return
	}
	p.next = now.Add(progressInterval)
	p.shown = true
	count := fmt.Sprintf("%d files", done)
	if total > 0 {
		count = fmt.Sprintf("%d of %d files", done, total)
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s %s, %.0f s", stage, count, now.Sub(p.start).Seconds())
}

// end takes the line away, for good.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown && !p.ended {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.ended = true
}
