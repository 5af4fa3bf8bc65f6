package main

import (
	"bytes"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	start := time.Unix(1000, 0)
	var out bytes.Buffer
	p := newProgress(&stream{Writer: &out, terminal: true}, start)
	p.updateAt(start.Add(900*time.Millisecond), "reading", 1, 0)
	if out.Len() > 0 {
		t.Errorf("too early: %q", out.String())
	}
	p.updateAt(start.Add(2*time.Second), "reading", 3, 0)
	p.updateAt(start.Add(2*time.Second+time.Millisecond), "checking", 4, 9) // too soon after the other
	p.updateAt(start.Add(3*time.Second), "checking", 5, 9)
	if want := "\r\x1b[Kreading 3 files, 2 s\r\x1b[Kchecking 5 of 9 files, 3 s"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	p.end()
	p.updateAt(start.Add(9*time.Second), "checking", 9, 9)
	p.end()
	if want := "\r\x1b[K"; out.String() != want {
		t.Errorf("at the end: got %q, want %q", out.String(), want)
	}
}

func TestNoProgressWithoutTerminalOrHaste(t *testing.T) {
	start := time.Unix(1000, 0)
	var out bytes.Buffer
	p := newProgress(&stream{Writer: &out}, start)
	p.updateAt(start.Add(time.Hour), "checking", 1, 9)
	p.end()
	q := newProgress(&stream{Writer: &out, terminal: true}, start)
	q.updateAt(start, "checking", 1, 9)
	q.end()
	if out.Len() > 0 {
		t.Errorf("printed %q", out.String())
	}
}
