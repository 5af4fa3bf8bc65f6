package main

import (
	"path/filepath"
	"strings"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A place is a line of a file, and the function around it.
type place struct {
	path        string
	line        int
	first, last int // the lines of the function; of the main chunk, 0 and 0
}

// places finds functions. It is for one program.
type places struct {
	root  string
	trees map[string]*syntax.Tree
}

// of returns the place of an offset in a text.
func (ps *places) of(path, text string, line int, start uint32) place {
	p := place{path: ps.relative(path), line: line}
	t := ps.trees[p.path]
	if t == nil {
		t = syntax.Parse(source.New(p.path, text), syntax.DefaultDialect)
		ps.trees[p.path] = t
	}
	n := t.At(start)
	if n != syntax.None && t.Kind(n) != syntax.Function {
		n = t.EnclosingFunction(n)
	}
	if n != syntax.None {
		p.first, p.last = t.File.Line(t.Start(n)), t.File.Line(t.End(n))
	}
	return p
}

// relative returns the path of a file in the program.
func (ps *places) relative(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "@"), "./")
	if filepath.IsAbs(path) {
		if rel, err := filepath.Rel(ps.root, path); err == nil {
			path = rel
		}
	}
	return filepath.ToSlash(path)
}

// same reports whether two places are one: a line, or lines of one function. Where a handler ends without an
// answer, or an answer is the second, the two halves may name other lines of it.
func (p place) same(q place) bool {
	if p.path != q.path || p.path == "" {
		return false
	}
	return p.line == q.line || p.first != 0 && p.first == q.first && p.last == q.last
}

// ofTrip returns the places that a trip names.
func (ps *places) ofTrip(t *guard.Trip) []place {
	var list []place
	add := func(p guard.Place) {
		if p.File != nil {
			list = append(list, ps.of(p.Path(), p.File.Text, p.Line, p.Start))
		}
	}
	add(t.Place)
	for _, s := range t.Steps {
		add(s.Place)
	}
	return list
}

// ofFinding returns the places that a finding names.
func (ps *places) ofFinding(d *rules.Diagnostic) []place {
	var list []place
	add := func(l rules.Location) {
		if l.File != nil {
			list = append(list, ps.of(l.File.Path, l.File.Text, l.Line(), l.Start))
		}
	}
	add(d.Location)
	for _, r := range d.Related {
		add(r.Location)
	}
	for _, s := range d.Path {
		add(s.Location)
	}
	return list
}

// meets reports whether two lists of places have one in common.
func meets(a, b []place) bool {
	for _, p := range a {
		for _, q := range b {
			if p.same(q) {
				return true
			}
		}
	}
	return false
}
