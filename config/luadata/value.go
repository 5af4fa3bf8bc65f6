// Package luadata evaluates a Lua file as data, without ever executing it.
//
// It follows assignments, locals, tables, operators and conditions on known values. What it
// does not follow (a call, a loop, a function) makes the values that come from it unknown,
// with the place and the reason, and leaves the rest as it is. Running takes time in
// proportion to the text, whatever the text is.
package luadata

import (
	"math"
	"strconv"
	"strings"

	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A Kind says what a Value is.
type Kind uint8

// The kinds of values.
const (
	Unknown Kind = iota
	Nil
	Boolean
	Number
	String
	TableKind
)

// String returns the kind with its article, for people.
func (k Kind) String() string {
	return [...]string{"unknown", "nil", "a boolean", "a number", "a string", "a table"}[k]
}

// Hole stands in a partly known string for what is unknown.
const Hole = "\x00"

// A Value is what an expression gives, as far as it can be told without running anything.
type Value struct {
	Kind   Kind
	Bool   bool
	Number syntax.Numeric
	// Str is the text of a string. With Partial, each part of it that is unknown is a Hole.
	Str     string
	Partial bool
	Table   *Table
	// Reason says why the value is unknown, or a string partly so; it completes "it is
	// unknown: ".
	Reason string
	// File and At are the expression that gave the value; of one that is unknown, or partly
	// so, what made it so.
	File *source.File
	At   source.Span
}

// Known reports whether the value is known as a whole (a table's fields are values of
// their own).
func (v Value) Known() bool { return v.Kind != Unknown && !v.Partial }

// Text returns the text of a fully known string, as does Lua's tostring for a number or a
// boolean. ok is false for everything else.
func (v Value) Text() (text string, ok bool) {
	switch {
	case v.Partial:
		return "", false
	case v.Kind == String:
		return v.Str, true
	case v.Kind == Number:
		return FormatNumber(v.Number), true
	case v.Kind == Boolean:
		return strconv.FormatBool(v.Bool), true
	}
	return "", false
}

// truth returns whether Lua takes the value for true; ok is false if that is unknown.
func (v Value) truth() (is, ok bool) {
	switch v.Kind {
	case Unknown:
		return false, false
	case Nil:
		return false, true
	case Boolean:
		return v.Bool, true
	}
	return true, true
}

// FormatNumber writes a number as Lua 5.4 does: 8, 1.0, 0.1.
func FormatNumber(n syntax.Numeric) string {
	if n.IsInt {
		return strconv.FormatInt(n.Int, 10)
	}
	switch f := n.Float; {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	s := strconv.FormatFloat(n.Float, 'g', 14, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// A Table is a Lua table.
type Table struct {
	// Fields are in the order in which they were first set. A field that was set to nil is
	// among them, with that value.
	Fields []Field
	// Open says why there may be other fields, "" if there are none.
	Open string
	// Vivify says that reading a string key that the table does not have creates an empty
	// table there.
	Vivify bool

	index map[string]int
	next  int64 // where the list part goes on
}

// A Field is one key of a Table.
type Field struct {
	// Name is a string key, Number that of the list part, counted from 1, with IsItem.
	Name   string
	Number int64
	IsItem bool
	At     source.Span // of the key; of the value in the list part
	Value  Value
}

func fieldKey(name string, number int64, isItem bool) string {
	if isItem {
		return "#" + strconv.FormatInt(number, 10)
	}
	return "." + name
}

// Get returns the value of a string key, nil where the table has none; unknown where it is
// Open and does not say.
func (t *Table) Get(name string) Value { return t.get(fieldKey(name, 0, false)) }

func (t *Table) get(key string) Value {
	if t == nil {
		return Value{Kind: Nil}
	}
	if i, ok := t.index[key]; ok {
		return t.Fields[i].Value
	}
	if t.Open != "" {
		return Value{Reason: t.Open}
	}
	return Value{Kind: Nil}
}

// Items returns the list part: what stands at 1, 2, 3 up to the first nil.
func (t *Table) Items() []Value {
	if t == nil {
		return nil
	}
	var items []Value
	for n := int64(1); ; n++ {
		i, ok := t.index[fieldKey("", n, true)]
		if !ok || t.Fields[i].Value.Kind == Nil {
			return items
		}
		items = append(items, t.Fields[i].Value)
	}
}

func (t *Table) set(f Field) {
	key := fieldKey(f.Name, f.Number, f.IsItem)
	if i, ok := t.index[key]; ok {
		t.Fields[i].Value, t.Fields[i].At = f.Value, f.At
		return
	}
	if t.index == nil {
		t.index = make(map[string]int)
	}
	t.index[key] = len(t.Fields)
	t.Fields = append(t.Fields, f)
}

// open says that any field may have changed.
func (t *Table) open(reason string) {
	t.Open = reason
	for i := range t.Fields {
		t.Fields[i].Value = Value{Reason: reason, File: t.Fields[i].Value.File, At: t.Fields[i].Value.At}
	}
}
