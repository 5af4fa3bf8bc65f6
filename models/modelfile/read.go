// Package modelfile reads model files: what API names mean, written in TOML. The format is
// described in docs/MODELS.md.
package modelfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/skylint/skylint/internal/nearest"
)

// A File is a model file that was read and found well-formed.
type File struct {
	// Name is for errors: a path, as a rule.
	Name string

	doc  document
	data []byte
}

// An Error is one thing that is wrong in a model file.
type Error struct {
	File         string
	Line, Column int // counted from 1; the column in bytes; 0 where no place is known
	Message      string
}

// Error returns "file:line:column: message".
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Read decodes a model file and checks all that can be checked without other files. Unknown
// keys, bad values, names that are defined twice and statements that contradict each other
// are errors. The error is one *Error or, by errors.Join, several.
func Read(name string, data []byte) (*File, error) {
	f := &File{Name: name, data: data}
	decoder := toml.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f.doc); err != nil {
		return nil, f.decodeError(err)
	}
	for _, m := range f.doc.Modules {
		m.settle()
	}
	c := checker{file: f}
	c.document()
	if len(c.errors) > 0 {
		return nil, join(c.errors)
	}
	return f, nil
}

// decodeError gives an error of the TOML reader its place.
func (f *File) decodeError(err error) error {
	var unknown *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case errors.As(err, &unknown):
		var list []*Error
		for i := range unknown.Errors {
			e := &unknown.Errors[i]
			line, column := e.Position()
			list = append(list, f.unknownKey(keyAt(f.data, line, column, e.Key())))
		}
		return join(list)
	case errors.As(err, &bad):
		line, column := bad.Position()
		return &Error{f.Name, line, column, strings.TrimPrefix(bad.Error(), "toml: ")}
	}
	return &Error{File: f.Name, Message: strings.TrimPrefix(err.Error(), "toml: ")}
}

// unknownKey returns the error for a key of which some part is unknown.
func (f *File) unknownKey(key []string) *Error {
	n := 1
	for n < len(key) {
		if t := schemaAt(key[:n-1]); t.Kind() == reflect.Struct && !slices.Contains(keysOf(t), key[n-1]) {
			break
		}
		n++
	}
	last, known := key[n-1], keysOf(schemaAt(key[:n-1]))
	if best, ok := nearest.Of(last, slices.Values(known)); ok {
		return f.errorAt(key[:n], "unknown key %q: did you mean %q?", last, best)
	}
	return f.errorAt(key[:n], "unknown key %q: use one of %s", last, strings.Join(known, ", "))
}

// schemaAt returns the struct type that holds the keys below a key.
func schemaAt(key []string) reflect.Type {
	t := reflect.TypeFor[document]()
	for _, k := range key {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			next := fieldOf(t, k)
			if next == nil {
				return t
			}
			t = next
		}
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func fieldOf(t reflect.Type, key string) reflect.Type {
	for _, f := range reflect.VisibleFields(t) {
		if f.Tag.Get("toml") == key {
			return f.Type
		}
	}
	return nil
}

func keysOf(t reflect.Type) []string {
	var keys []string
	if t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			if key := f.Tag.Get("toml"); key != "" {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// join makes one error of a list, in the order of places.
func join(list []*Error) error {
	slices.SortStableFunc(list, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if len(list) == 1 {
		return list[0]
	}
	all := make([]error, len(list))
	for i, e := range list {
		all[i] = e
	}
	return errors.Join(all...)
}

// errorAt returns an error at a key, or at the nearest key above it that is written.
func (f *File) errorAt(key []string, format string, args ...any) *Error {
	line, column := locate(f.data, key)
	return &Error{f.Name, line, column, fmt.Sprintf(format, args...)}
}

// sorted returns the keys of a map in order.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
