// Package luacheck reads the comments by which luacheck is told what to report, as far as
// they are about globals:
//
//	-- luacheck: ignore 111
//	-- luacheck: globals FOO BAR
//	-- luacheck: push no global
//	-- luacheck: pop
//
// On a line with code such a comment holds for that line; elsewhere from its line to the end
// of the function around it, or to the pop that undoes it. Options about other things are
// skipped.
package luacheck

import (
	"math"
	"slices"
	"strings"

	"github.com/skylint/skylint/rules/internal/comment"
	"github.com/skylint/skylint/source"
)

// Marker is what comments for luacheck begin with.
const Marker = "luacheck:"

// Options are what the comments of one file ask for. A nil *Options asks for nothing.
type Options struct {
	file        *source.File
	functionEnd func(uint32) uint32
	options     []*option
}

// A Global is a declaration by a comment.
type Global struct {
	Name        string // may have fields: "config.port"
	ReadOnly    bool   // declared by "read globals"
	source.Span        // of the comment
}

// An option is one comment.
type option struct {
	source.Span
	first, last int // lines for which it holds, both included

	global, allowDefined, allowDefinedTop setting
	ignore, only, enable                  []pattern
	globals, readGlobals                  []string
	newGlobals, newReadGlobals            []string
	notGlobals                            []string
}

// A setting is a flag that may be left alone.
type setting uint8

const (
	unset setting = iota
	on
	off
)

// Read reads the comments for luacheck. functionEnd returns the end of the innermost
// function around an offset, or the length of the text outside of all.
func Read(comments comment.List, functionEnd func(offset uint32) uint32) *Options {
	o := &Options{file: comments.File, functionEnd: functionEnd}
	type push struct {
		options int    // how many there were
		end     uint32 // of the function around it
	}
	var pushes []push
	for i, span := range comments.Spans {
		body, _ := comments.Body(i)
		body, ok := strings.CutPrefix(body, Marker)
		if !ok || comments.Long(i) {
			continue
		}
		body = strings.TrimSpace(withoutNotes(body))
		end := functionEnd(span.Start)
		line := comments.File.Line(span.Start)
		for len(pushes) > 0 && pushes[len(pushes)-1].end <= span.Start {
			pushes = pushes[:len(pushes)-1] // the function has ended, and its pushes with it
		}
		if body == "pop" {
			if n := len(pushes) - 1; n >= 0 && pushes[n].end == end {
				for _, opt := range o.options[pushes[n].options:] {
					opt.last = min(opt.last, line)
				}
				pushes = pushes[:n]
			}
			continue
		}
		if first, rest, _ := strings.Cut(body, " "); first == "push" {
			pushes = append(pushes, push{len(o.options), end})
			body = strings.TrimSpace(rest)
		}
		opt := &option{Span: span, first: line, last: math.MaxInt}
		if !opt.parse(body) {
			continue
		}
		switch {
		case comments.CodeBefore(i):
			opt.last = line
		case end < uint32(len(comments.File.Text)):
			opt.last = comments.File.Line(end - 1)
		}
		o.options = append(o.options, opt)
	}
	return o
}

// withoutNotes removes notes in balanced parentheses.
func withoutNotes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '(' {
			depth := 0
			for j := i; j < len(s); j++ {
				switch s[j] {
				case '(':
					depth++
				case ')':
					depth--
				}
				if depth == 0 {
					b.WriteByte(' ')
					i = j
					break
				}
			}
			if depth == 0 {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// parse reads the options of a comment; false when none of them matters here or luacheck
// would refuse them.
func (opt *option) parse(body string) bool {
	matters := false
	for part := range strings.SplitSeq(body, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			return false
		}
		name, args := invocation(words)
		flag := on
		switch name {
		case "no global", "no allow defined", "no allow defined top":
			flag = off
		}
		switch strings.TrimPrefix(name, "no ") {
		case "global":
			opt.global = flag
		case "allow defined":
			opt.allowDefined = flag
		case "allow defined top":
			opt.allowDefinedTop = flag
		case "ignore":
			if len(args) == 0 {
				args = []string{".*"}
			}
			opt.ignore = patterns(args)
		case "only":
			opt.only = patterns(args)
		case "enable":
			opt.enable = patterns(args)
		case "globals":
			opt.globals = args
		case "read globals":
			opt.readGlobals = args
		case "new globals":
			opt.newGlobals = args
		case "new read globals":
			opt.newReadGlobals = args
		case "not globals":
			opt.notGlobals = args
		default:
			continue // about something else
		}
		matters = true
	}
	return matters
}

var names = [...]string{
	"global", "no global", "allow defined", "no allow defined", "allow defined top", "no allow defined top",
	"ignore", "only", "enable", "globals", "read globals", "new globals", "new read globals", "not globals",
}

// invocation splits words into the longest name of an option and its arguments. The name
// is empty when they are no option known here.
func invocation(words []string) (name string, args []string) {
	for n := min(4, len(words)); n > 0; n-- {
		if candidate := strings.Join(words[:n], " "); slices.Contains(names[:], candidate) {
			return candidate, words[n:]
		}
	}
	return "", nil
}

// Globals returns what is declared, in the order of the text.
func (o *Options) Globals() []Global {
	if o == nil {
		return nil
	}
	var globals []Global
	for _, opt := range o.options {
		for _, list := range [...]struct {
			names    []string
			readOnly bool
		}{{opt.globals, false}, {opt.newGlobals, false}, {opt.readGlobals, true}, {opt.newReadGlobals, true}} {
			for _, n := range list.names {
				globals = append(globals, Global{n, list.readOnly, opt.Span})
			}
		}
	}
	return globals
}

// Declared reports whether a global is declared at an offset, and whether it may be
// written there.
func (o *Options) Declared(offset uint32, name string) (declared, writable bool) {
	if o == nil {
		return false, false
	}
	_, declared, writable = o.at(offset).declared(name)
	return declared, writable
}

// Silences reports whether luacheck would be silent at an offset about a global of that
// name: about one of the warnings with these codes. The span is that of the comment that
// makes it so.
func (o *Options) Silences(offset uint32, codes []string, name string) (source.Span, bool) {
	if o == nil {
		return source.Span{}, false
	}
	in := o.at(offset)
	if len(in) == 0 {
		return source.Span{}, false
	}
	for _, code := range codes {
		by := in.silencing(code, name)
		if by == nil && strings.HasPrefix(code, "11") {
			if opt, declared, writable := in.declared(name); writable || declared && code == "113" {
				by = opt
			}
		}
		if by == nil && code == "111" {
			by = in.defining(o.functionEnd(offset) >= uint32(len(o.file.Text)))
		}
		if by != nil {
			return by.Span, true
		}
	}
	return source.Span{}, false
}

// inForce are the options that hold for one line, outermost first.
type inForce []*option

func (o *Options) at(offset uint32) inForce {
	line := o.file.Line(offset)
	var in inForce
	for _, opt := range o.options {
		if opt.first <= line && line <= opt.last {
			in = append(in, opt)
		}
	}
	return in
}

// declared looks a global up; by is the option that said the last word.
func (in inForce) declared(name string) (by *option, declared, writable bool) {
	anew, anewRead := 0, 0 // where the lists begin anew
	for i, opt := range in {
		if opt.newGlobals != nil {
			anew = i
		}
		if opt.newReadGlobals != nil {
			anewRead = i
		}
	}
	for i, opt := range in {
		if named, whole := mentions(name, opt.readGlobals, opt.newReadGlobals); named && i >= anewRead {
			by, declared, writable = opt, true, writable && !whole
		}
		if named, whole := mentions(name, opt.globals, opt.newGlobals); named && i >= anew {
			by, declared, writable = opt, true, writable || whole
		}
		if _, whole := mentions(name, opt.notGlobals, nil); whole {
			by, declared, writable = nil, false, false
		}
	}
	return by, declared, writable
}

// mentions reports whether a list names a global or a field of it, and whether the whole
// global.
func mentions(name string, lists ...[]string) (named, whole bool) {
	for _, list := range lists {
		for _, n := range list {
			root, _, field := strings.Cut(n, ".")
			if root == name {
				named, whole = true, whole || !field
			}
		}
	}
	return named, whole
}

// defining returns the option by which a write declares its global; top says that the
// write stands in no function.
func (in inForce) defining(top bool) *option {
	var anywhere, atTop *option
	for _, opt := range in {
		if opt.allowDefined != unset {
			anywhere = opt
		}
		if opt.allowDefinedTop != unset {
			atTop = opt
		}
	}
	switch {
	case anywhere != nil && anywhere.allowDefined == on:
		return anywhere
	case atTop != nil && atTop.allowDefinedTop == on && top:
		return atTop
	}
	return nil
}

// silencing goes from the innermost option outwards until one decides about a warning. It
// returns that one if it silences the warning.
func (in inForce) silencing(code, name string) *option {
	enabled, global := false, false
	matches := func(list []pattern) bool {
		return slices.ContainsFunc(list, func(p pattern) bool { return p.match(code, name) })
	}
	for _, opt := range slices.Backward(in) {
		if opt.global != unset && !global {
			global = true
			if opt.global == off && !enabled {
				return opt
			}
			enabled = enabled || opt.global == on
		}
		if !enabled && matches(opt.ignore) {
			return opt
		}
		if opt.only != nil && !enabled && !matches(opt.only) {
			return opt
		}
		enabled = enabled || matches(opt.enable)
	}
	return nil
}
