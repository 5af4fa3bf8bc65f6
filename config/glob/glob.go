// Package glob matches paths of a project against the patterns of a configuration.
//
// A pattern is a path with "*" (anything but "/"), "**" (any folders), "?", "[a-z]" and
// "{a,b}". One without "/" names a file or a folder at any depth; one with "/" starts at
// the folder of the configuration. A pattern that names a folder holds all that is in it.
package glob

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A Pattern is one compiled pattern. The zero Pattern matches nothing. It is immutable and
// safe for concurrent use.
type Pattern struct {
	source string
	kind   kind
	text   string // what kind says
}

type kind uint8

const (
	never    kind = iota
	all           // everything
	path          // text is a path: it, and what is below it
	name          // text is the whole name of a file or folder at any depth
	ending        // text is the end of the name of a file or folder at any depth
	anything      // text is a doublestar pattern that ends in /**
)

const special = "*?[{"

// Compile reads a pattern. The error says what is wrong with it and the way out, without
// repeating the pattern.
func Compile(pattern string) (Pattern, error) {
	p := Pattern{source: pattern}
	switch {
	case pattern == "":
		return Pattern{}, fmt.Errorf("it is empty")
	case strings.Contains(pattern, `\`):
		return Pattern{}, fmt.Errorf(`folders are separated by "/", not by "\"`)
	case strings.HasPrefix(pattern, "!"):
		return Pattern{}, fmt.Errorf(`a glob cannot be negated by "!"`)
	}
	anchored := strings.HasPrefix(pattern, "/")
	text := strings.TrimPrefix(pattern, "/")
	for strings.HasPrefix(text, "./") {
		anchored = true
		text = strings.TrimPrefix(text, "./")
	}
	text = strings.TrimSuffix(text, "/")
	for _, segment := range strings.Split(text, "/") {
		if segment == ".." {
			return Pattern{}, fmt.Errorf(`".." leaves the project; globs start at the folder of sky.toml`)
		}
		if segment == "" && text != "" {
			return Pattern{}, fmt.Errorf(`"//" is not a path`)
		}
	}
	if !doublestar.ValidatePattern(text) {
		return Pattern{}, fmt.Errorf("%s", defect(text))
	}
	deep := strings.HasPrefix(text, "**/")
	rest := strings.TrimPrefix(text, "**/")
	// "x/**" is "x": a pattern that names a folder holds what is in it.
	if cut := strings.TrimSuffix(rest, "/**"); cut != rest {
		if !strings.Contains(cut, "/") && !deep {
			anchored = true
		}
		rest = cut
	}
	single := !strings.Contains(rest, "/")
	anyDepth := deep || single && !anchored
	switch {
	case rest == "" || rest == "." || rest == "**":
		p.kind = all
	case anyDepth && single && !strings.ContainsAny(rest, special):
		p.kind, p.text = name, rest
	case anyDepth && single && rest[0] == '*' && rest != "*" && !strings.ContainsAny(rest[1:], special):
		p.kind, p.text = ending, rest[1:]
	case !anyDepth && !strings.ContainsAny(rest, special):
		p.kind, p.text = path, rest
	case anyDepth:
		p.kind, p.text = anything, "**/"+rest+"/**"
	default:
		p.kind, p.text = anything, rest+"/**"
	}
	return p, nil
}

// defect says what makes a pattern invalid.
func defect(pattern string) string {
	brackets, braces := false, 0
	for _, c := range pattern {
		switch {
		case brackets:
			brackets = c != ']'
		case c == '[':
			brackets = true
		case c == '{':
			braces++
		case c == '}':
			braces--
		}
	}
	switch {
	case brackets:
		return `"[" is not closed by "]"`
	case braces > 0:
		return `"{" is not closed by "}"`
	case braces < 0:
		return `"}" closes no "{"`
	}
	return `"[]" must hold at least one character`
}

// String returns the pattern as it was written.
func (p Pattern) String() string { return p.source }

// Match reports whether a path, relative to the configuration's folder and separated by
// "/", or a folder above it, is named by the pattern.
func (p Pattern) Match(file string) bool {
	switch p.kind {
	case all:
		return true
	case path:
		return strings.HasPrefix(file, p.text) && (len(file) == len(p.text) || file[len(p.text)] == '/')
	case name:
		for segment := range strings.SplitSeq(file, "/") {
			if segment == p.text {
				return true
			}
		}
	case ending:
		for segment := range strings.SplitSeq(file, "/") {
			if strings.HasSuffix(segment, p.text) {
				return true
			}
		}
	case anything:
		return doublestar.MatchUnvalidated(p.text, file)
	}
	return false
}

// A Set is a list of patterns; nil is the empty set.
type Set []Pattern

// Match reports whether any pattern of the set matches.
func (s Set) Match(file string) bool {
	for i := range s {
		if s[i].Match(file) {
			return true
		}
	}
	return false
}

// MustCompile returns the set of the given patterns, and panics if one is bad: for
// patterns that are written in Go.
func MustCompile(patterns ...string) Set {
	set := make(Set, len(patterns))
	for i, text := range patterns {
		p, err := Compile(text)
		if err != nil {
			panic(fmt.Sprintf("glob %q: %v", text, err))
		}
		set[i] = p
	}
	return set
}
