package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// A stream is one of the standard outputs, and what is known about its other end.
type stream struct {
	io.Writer
	terminal bool
	fd       int
}

// newStream returns the stream of a standard output.
func newStream(f *os.File) *stream {
	fd := int(f.Fd())
	return &stream{Writer: f, terminal: term.IsTerminal(fd) && showsEscapes(f), fd: fd}
}

// width returns the number of columns of a terminal, 0 where that is not known.
func (s *stream) width() int {
	if !s.terminal {
		return 0
	}
	w, _, err := term.GetSize(s.fd)
	if err != nil {
		return 0
	}
	return w
}

// useColor decides whether s gets colours: mode is the value of --color.
func (p *program) useColor(s *stream, mode string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	return s.terminal && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
}

// A palette says whether there are colours, and has them.
type palette bool

func (c palette) style(sequence, s string) string {
	if !c {
		return s
	}
	return "\x1b[" + sequence + "m" + s + "\x1b[0m"
}

func (c palette) bold(s string) string  { return c.style("1", s) }
func (c palette) error(s string) string { return c.style("1;31", s) }
func (c palette) warn(s string) string  { return c.style("1;33", s) }
func (c palette) help(s string) string  { return c.style("1;36", s) }
