// Package document reads a TOML file into a tree that remembers where each key and each
// value stands, and decodes parts of it, strictly, into Go structs.
//
// It finds all errors of a file, not only the first: a statement that cannot be read is
// reported and left out, and the rest is still there to be decoded.
package document

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// A Document is a TOML file as a tree. It is immutable after Parse and safe for
// concurrent use.
type Document struct {
	File *source.File
	Root *Table
}

// A Table is a TOML table, of any spelling.
type Table struct {
	// Name is the dotted name of the table, "" for the root: "files", "node.gate".
	Name string
	// Span is the place of the header or of the key that made the table.
	Span source.Span
	// Entries are in the order of the file.
	Entries []Entry

	origin origin
}

// An Entry is one key of a Table.
type Entry struct {
	Key   string
	At    source.Span // of the key
	Value *Value
}

// Get returns the entry of a key, and nil where the table, which may be nil, has none.
func (t *Table) Get(key string) *Entry {
	if t == nil {
		return nil
	}
	for i := range t.Entries {
		if t.Entries[i].Key == key {
			return &t.Entries[i]
		}
	}
	return nil
}

// Sub returns the dotted name of a key of the table: "files.include".
func (t *Table) Sub(key string) string {
	if !isBare(key) {
		key = strconv.Quote(key)
	}
	if t.Name == "" {
		return key
	}
	return t.Name + "." + key
}

func isBare(key string) bool {
	for i := 0; i < len(key); i++ {
		c := key[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return key != ""
}

// A Kind says what a Value is.
type Kind uint8

// The kinds of values.
const (
	String Kind = iota + 1
	Integer
	Float
	Boolean
	Time // a date, a time of day, or both
	List
	TableKind
)

// String returns the kind for people, with its article.
func (k Kind) String() string {
	return [...]string{"nothing", "a string", "an integer", "a number", "a boolean", "a date", "a list", "a table"}[k]
}

// A Value is what a key is set to. The field of its Kind is set.
type Value struct {
	Kind  Kind
	Span  source.Span
	Str   string
	Int   int64
	Float float64
	Bool  bool
	Items []*Value
	Table *Table
}

// describe names the value in an error: a short one with its text.
func (v *Value) describe() string {
	switch v.Kind {
	case String:
		if len(v.Str) <= 40 {
			return "the string " + strconv.Quote(v.Str)
		}
	case Integer:
		return "the number " + strconv.FormatInt(v.Int, 10)
	case Float:
		return "the number " + strconv.FormatFloat(v.Float, 'g', -1, 64)
	case Boolean:
		return strconv.FormatBool(v.Bool)
	}
	return v.Kind.String()
}

// Errors gathers what is wrong with one file.
type Errors struct {
	File *source.File
	List []rules.Problem
	// Elsewhere, which may be nil, says where a key belongs that its table does not take
	// ("in [lint]"), and "" where it belongs nowhere.
	Elsewhere func(key string) string
}

// Add reports one error. The message is one line, without a full stop; each line of help
// says a way out. It returns the problem, so that related places can be added before the
// next call.
func (e *Errors) Add(at source.Span, message string, help ...string) *rules.Problem {
	e.List = append(e.List, rules.Problem{
		Path:     e.File.Path,
		Location: rules.Location{File: e.File, Span: at},
		Message:  message,
		Help:     help,
	})
	return &e.List[len(e.List)-1]
}

// An Error is a file that could not be understood, with all that is wrong with it.
type Error struct {
	// Problems are in the order of the file, at least one.
	Problems []rules.Problem
}

// Error returns one line for each problem: "sky.toml:3:1: message (help)".
func (e *Error) Error() string {
	var b strings.Builder
	for i := range e.Problems {
		p := &e.Problems[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Path)
		if p.File != nil {
			at := p.File.RunePosition(p.Start)
			fmt.Fprintf(&b, ":%d:%d", at.Line, at.Column)
		}
		b.WriteString(": ")
		b.WriteString(p.Message)
		if len(p.Help) > 0 {
			b.WriteString(" (" + strings.Join(p.Help, "; ") + ")")
		}
	}
	return b.String()
}
