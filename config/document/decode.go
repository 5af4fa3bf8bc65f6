package document

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/source"
)

// A Decoder is a type that reads itself from a value, and reports what is wrong with the
// value. Name is the dotted name of the key, for messages. A value that is wrong leaves
// the receiver as it was.
type Decoder interface {
	DecodeValue(v *Value, name string, errs *Errors)
}

// A Choice is one of a fixed set of words. Implemented by a pointer to an unsigned integer
// type whose values index Choices.
type Choice interface {
	Choices() []string
}

// A Validator checks what no type can say, after all keys of its table are decoded.
type Validator interface {
	Validate(t *Table, errs *Errors)
}

// A Text is a string that remembers its place, for errors that are found later: a path that
// leads nowhere.
type Text struct {
	Text string
	At   source.Span
}

// IsSet reports whether the file gives the string.
func (t Text) IsSet() bool { return t.At.End > 0 }

// DecodeValue implements Decoder.
func (t *Text) DecodeValue(v *Value, name string, errs *Errors) {
	if v.Kind != String {
		Mismatch(v, name, "a string", errs)
		return
	}
	*t = Text{v.Str, v.Span}
}

// An Opener is a struct whose table has keys besides those of its fields: entries by name.
type Opener interface {
	// DecodeOther takes such an entry, and returns false for one that it does not know either.
	DecodeOther(e *Entry, errs *Errors) bool
	// OtherSchema returns a pointer to the struct that all such entries are decoded into.
	OtherSchema() any
}

// Decode reads a table into the struct that into points to. A field takes the key of its
// `toml` tag; fields without one are left alone, embedded structs are part of the outer
// one. What the table does not say stays as it is, so a struct can be filled with defaults
// first. Unknown keys and values of the wrong type are reported, all of them.
//
// Fields are bool, string, integers, floats, slices, maps with string keys, structs,
// pointers to those, Choices and Decoders. A struct that is a Validator is asked at the end.
func Decode(t *Table, into any, errs *Errors) {
	decodeStruct(t, reflect.ValueOf(into).Elem(), errs, nil)
}

// DecodeOpen is Decode for a table that has keys besides those of the struct: for such a
// key it calls other, which returns false for one that it does not know either. The names
// in known are offered when a key is misspelt.
func DecodeOpen(t *Table, into any, errs *Errors, known []string, other func(*Entry) bool) {
	decodeStruct(t, reflect.ValueOf(into).Elem(), errs, &extension{known, other})
}

type extension struct {
	known []string
	other func(*Entry) bool
}

// Keys returns the keys that Decode takes for a struct or a pointer to one, in the order of
// its fields.
func Keys(of any) []string {
	typ := reflect.TypeOf(of)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	var keys []string
	for _, f := range fields(typ) {
		keys = append(keys, f.key)
	}
	return keys
}

type field struct {
	key   string
	index []int
}

func fields(typ reflect.Type) []field {
	var all []field
	for _, f := range reflect.VisibleFields(typ) {
		if key := f.Tag.Get("toml"); key != "" {
			all = append(all, field{key, f.Index})
		}
	}
	return all
}

func decodeStruct(t *Table, dst reflect.Value, errs *Errors, ext *extension) {
	all := fields(dst.Type())
	for i := range t.Entries {
		e := &t.Entries[i]
		found := false
		for _, f := range all {
			if f.key == e.Key {
				decodeValue(e.Value, t.Sub(e.Key), dst.FieldByIndex(f.index), errs)
				found = true
				break
			}
		}
		if found || ext != nil && ext.other(e) {
			continue
		}
		if o, ok := dst.Addr().Interface().(Opener); ok && o.DecodeOther(e, errs) {
			continue
		}
		var known []string
		for _, f := range all {
			known = append(known, f.key)
		}
		if ext != nil {
			known = append(known, ext.known...)
		}
		UnknownKey(t, e, known, errs)
	}
	if v, ok := dst.Addr().Interface().(Validator); ok {
		v.Validate(t, errs)
	}
}

// UnknownKey reports a key that its table does not take, and which one was probably meant.
func UnknownKey(t *Table, e *Entry, known []string, errs *Errors) {
	what := "key"
	if e.Value.Kind == TableKind && e.Value.Table.origin <= headed {
		what = "section"
	}
	help := "known here: " + strings.Join(known, ", ")
	if place := errs.elsewhere(e.Key); place != "" {
		help = fmt.Sprintf("%q belongs %s", e.Key, place)
	} else if near, ok := nearest.Of(e.Key, slices.Values(known)); ok {
		help = fmt.Sprintf("did you mean %q?", near)
	}
	errs.Add(e.At, fmt.Sprintf("unknown %s %s", what, quoteName(t.Sub(e.Key))), help)
}

func (e *Errors) elsewhere(key string) string {
	if e.Elsewhere == nil {
		return ""
	}
	return e.Elsewhere(key)
}

// quoteName puts a dotted name in quotes, unless it has some already.
func quoteName(name string) string {
	if strings.Contains(name, `"`) {
		return name
	}
	return `"` + name + `"`
}

// Mismatch reports a value of the wrong type; want is what it should be, with its article.
func Mismatch(v *Value, name, want string, errs *Errors) {
	errs.Add(v.Span, fmt.Sprintf("%s must be %s, not %s", quoteName(name), want, v.describe()))
}

// UnknownWord reports a word that is none of the choices, and which one was probably meant.
func UnknownWord(v *Value, name string, choices []string, errs *Errors) {
	help := []string{"one of " + strings.Join(choices, ", ")}
	if near, ok := nearest.Of(v.Str, slices.Values(choices)); ok {
		help = append([]string{fmt.Sprintf("did you mean %q?", near)}, help...)
	}
	errs.Add(v.Span, fmt.Sprintf("unknown value %q for %s", v.Str, quoteName(name)), help...)
}

func decodeValue(v *Value, name string, dst reflect.Value, errs *Errors) {
	if dst.Kind() == reflect.Pointer {
		if dst.IsNil() {
			dst.Set(reflect.New(dst.Type().Elem()))
		}
		dst = dst.Elem()
	}
	switch to := dst.Addr().Interface().(type) {
	case Decoder:
		to.DecodeValue(v, name, errs)
		return
	case Choice:
		decodeChoice(v, name, to, dst, errs)
		return
	}
	switch dst.Kind() {
	case reflect.Bool:
		if v.Kind != Boolean {
			Mismatch(v, name, "true or false", errs)
			return
		}
		dst.SetBool(v.Bool)
	case reflect.String:
		if v.Kind != String {
			Mismatch(v, name, "a string", errs)
			return
		}
		dst.SetString(v.Str)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Kind != Integer {
			Mismatch(v, name, "an integer", errs)
			return
		}
		if dst.OverflowInt(v.Int) {
			outOfRange(v, name, errs)
			return
		}
		dst.SetInt(v.Int)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Kind != Integer {
			Mismatch(v, name, "an integer", errs)
			return
		}
		if v.Int < 0 || dst.OverflowUint(uint64(v.Int)) {
			outOfRange(v, name, errs)
			return
		}
		dst.SetUint(uint64(v.Int))
	case reflect.Float32, reflect.Float64:
		switch v.Kind {
		case Integer:
			dst.SetFloat(float64(v.Int))
		case Float:
			if math.IsNaN(v.Float) || math.IsInf(v.Float, 0) {
				Mismatch(v, name, "a finite number", errs)
				return
			}
			dst.SetFloat(v.Float)
		default:
			Mismatch(v, name, "a number", errs)
		}
	case reflect.Slice:
		if v.Kind != List {
			p := len(errs.List)
			Mismatch(v, name, "a list", errs)
			if v.Kind == String {
				errs.List[p].Help = []string{"write [" + strconv.Quote(v.Str) + "]"}
			} else if v.Kind == TableKind && v.Table.origin == headed {
				errs.List[p].Help = []string{"write [[" + name + "]]"}
			}
			return
		}
		list := reflect.MakeSlice(dst.Type(), len(v.Items), len(v.Items))
		for i, item := range v.Items {
			decodeValue(item, name, list.Index(i), errs)
		}
		dst.Set(list)
	case reflect.Map:
		if v.Kind != TableKind {
			Mismatch(v, name, "a table", errs)
			return
		}
		m := reflect.MakeMapWithSize(dst.Type(), len(v.Table.Entries))
		for i := range v.Table.Entries {
			e := &v.Table.Entries[i]
			item := reflect.New(dst.Type().Elem()).Elem()
			decodeValue(e.Value, v.Table.Sub(e.Key), item, errs)
			m.SetMapIndex(reflect.ValueOf(e.Key), item)
		}
		dst.Set(m)
	case reflect.Struct:
		if v.Kind != TableKind {
			Mismatch(v, name, "a table", errs)
			return
		}
		decodeStruct(v.Table, dst, errs, nil)
	default:
		panic(fmt.Sprintf("document: %s: cannot decode into %s", name, dst.Type()))
	}
}

func outOfRange(v *Value, name string, errs *Errors) {
	errs.Add(v.Span, fmt.Sprintf("%s is out of range: %d", quoteName(name), v.Int))
}

func decodeChoice(v *Value, name string, to Choice, dst reflect.Value, errs *Errors) {
	choices := to.Choices()
	if v.Kind != String {
		Mismatch(v, name, "one of "+strings.Join(choices, ", "), errs)
		return
	}
	for i, c := range choices {
		if strings.EqualFold(c, v.Str) {
			dst.SetUint(uint64(i))
			return
		}
	}
	UnknownWord(v, name, choices, errs)
}
