package config

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/glob"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// A Profile says how strictly skyrun enforces the rules.
type Profile uint8

// The profiles.
const (
	// Compat lets existing programs run: rules about how code is written only warn.
	Compat Profile = iota
	// Strict enforces every rule.
	Strict
)

// Choices implements document.Choice.
func (*Profile) Choices() []string { return []string{"compat", "strict"} }

// String returns "compat" or "strict".
func (p Profile) String() string { return p.Choices()[p] }

// A Level is what a configuration says about the severity of a rule.
type Level uint8

// The levels. From LevelNote to LevelError they are the severities of package rules.
const (
	LevelOff     Level = iota
	LevelNote          // a rules.Note
	LevelWarning       // a rules.Warning
	LevelError         // a rules.Error
	LevelDefault       // as the rule itself says, case by case
)

// Choices implements document.Choice.
func (*Level) Choices() []string { return []string{"off", "note", "warning", "error", "default"} }

// A Threshold is the mildest severity that makes a run fail; 0 is none.
type Threshold rules.Severity

// Choices implements document.Choice.
func (*Threshold) Choices() []string { return []string{"never", "note", "warning", "error"} }

// Reached reports whether a finding of that severity makes the run fail.
func (t Threshold) Reached(s rules.Severity) bool { return t != 0 && s >= rules.Severity(t) }

// dialect decodes the name of a dialect as syntax.ParseDialect takes it.
type dialect struct {
	syntax.Dialect
	set bool
}

func dialectNames() []string {
	var names []string
	for _, d := range syntax.Dialects() {
		names = append(names, d.String())
	}
	return names
}

// DecodeValue implements document.Decoder.
func (d *dialect) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	if v.Kind != document.String {
		p := len(errs.List)
		document.Mismatch(v, name, "a string", errs)
		if text := errs.File.Text[v.Span.Start:v.Span.End]; v.Kind == document.Float {
			errs.List[p].Help = []string{fmt.Sprintf("write %q", text)}
		}
		return
	}
	parsed, err := syntax.ParseDialect(v.Str)
	if err != nil {
		document.UnknownWord(v, name, dialectNames(), errs)
		return
	}
	*d = dialect{parsed, true}
}

// Globs is a list of globs.
type Globs glob.Set

// DecodeValue implements document.Decoder.
func (g *Globs) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	var set Globs
	eachString(v, name, "a list of globs", errs, func(item *document.Value) {
		p, err := glob.Compile(item.Str)
		if err != nil {
			errs.Add(item.Span, fmt.Sprintf("bad glob %q in %q: %v", item.Str, name, err))
			return
		}
		set = append(set, p)
	})
	if v.Kind == document.List {
		*g = set
	}
}

// eachString calls do for each string of a list; what is no list or no string is an error.
func eachString(v *document.Value, name, want string, errs *document.Errors, do func(*document.Value)) {
	if v.Kind != document.List {
		p := len(errs.List)
		document.Mismatch(v, name, want, errs)
		if v.Kind == document.String {
			errs.List[p].Help = []string{fmt.Sprintf("write [%q]", v.Str)}
		}
		return
	}
	for _, item := range v.Items {
		if item.Kind != document.String {
			document.Mismatch(item, name, want, errs)
			continue
		}
		do(item)
	}
}

// Names is a set of the names of global variables. Nil is the empty set.
type Names struct {
	exact    map[string]bool
	prefixes []string
}

// Has reports whether the set holds a name, itself or by a prefix.
func (n *Names) Has(name string) bool {
	if n.exact[name] {
		return true
	}
	for _, p := range n.prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// Add puts names, which may end in "*", into the set.
func (n *Names) Add(names ...string) {
	for _, name := range names {
		if prefix, ok := strings.CutSuffix(name, "*"); ok {
			n.prefixes = append(n.prefixes, prefix)
			continue
		}
		if n.exact == nil {
			n.exact = make(map[string]bool)
		}
		n.exact[name] = true
	}
}

// Empty reports whether the set holds no name.
func (n *Names) Empty() bool { return len(n.exact) == 0 && len(n.prefixes) == 0 }

// union returns a set of the names of both, which are left alone.
func (n Names) union(m Names) Names {
	if m.Empty() {
		return n
	}
	if n.Empty() {
		return m
	}
	both := Names{exact: make(map[string]bool, len(n.exact)+len(m.exact))}
	for _, set := range []Names{n, m} {
		for name := range set.exact {
			both.exact[name] = true
		}
		both.prefixes = append(both.prefixes, set.prefixes...)
	}
	return both
}

// DecodeValue implements document.Decoder.
func (n *Names) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	var set Names
	eachString(v, name, "a list of names", errs, func(item *document.Value) {
		if why, help := badName(item.Str); why != "" {
			errs.Add(item.Span, fmt.Sprintf("%q in %q %s", item.Str, name, why), help)
			return
		}
		set.Add(item.Str)
	})
	if v.Kind == document.List {
		*n = set
	}
}

// FieldNames is a set of fields of tables: TABLE.FIELD, or TABLE.* for all of a table. Nil is the
// empty set. It is a type for the options of rules.
type FieldNames []string

// Has reports whether the set holds a field of a table.
func (f FieldNames) Has(table, field string) bool {
	for _, name := range f {
		if rest, ok := strings.CutPrefix(name, table+"."); ok && (rest == field || rest == "*") {
			return true
		}
	}
	return false
}

// DecodeValue implements document.Decoder.
func (f *FieldNames) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	var set FieldNames
	eachString(v, name, "a list of fields", errs, func(item *document.Value) {
		parts := strings.Split(item.Str, ".")
		for i, part := range parts {
			if !isName(part) && (part != "*" || i == 0 || i < len(parts)-1) || len(parts) < 2 {
				errs.Add(item.Span, fmt.Sprintf("%q in %q is not a field of a table", item.Str, name), `write "string.split", or "string.*" for all fields`)
				return
			}
		}
		set = append(set, item.Str)
	})
	if v.Kind == document.List {
		*f = set
	}
}

// badName says why a text is not the name of a global variable, or a prefix of names.
func badName(text string) (why, help string) {
	name, wild := strings.CutSuffix(text, "*")
	switch {
	case name == "" && wild:
		return "declares every name", "turn the rules off instead, in [rules]"
	case keywords[name] && !wild:
		return "is a keyword of Lua", "declare names of global variables"
	case !isName(name):
		if head, _, ok := strings.Cut(name, "."); ok && isName(head) {
			return "is a field", fmt.Sprintf("declare the variable: %q", head)
		}
		return "is not a Lua name", "a name has letters, digits and _, and may end in *"
	}
	return "", ""
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// keywords of all dialects; "goto" and "global" are names in some.
var keywords = map[string]bool{
	"and": true, "break": true, "do": true, "else": true, "elseif": true, "end": true, "false": true, "for": true,
	"function": true, "if": true, "in": true, "local": true, "nil": true, "not": true, "or": true, "repeat": true,
	"return": true, "then": true, "true": true, "until": true, "while": true,
}
