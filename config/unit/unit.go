// Package unit has the types of keys of sky.toml that are numbers with a unit. Each takes "none"
// for no limit, which is zero.
package unit

import (
	"math"
	"time"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/internal/quantity"
)

// A Count is a number of things: 1000, 1e6 or "none".
type Count int64

// A Size is a number of bytes: "64MiB", 4096 or "none".
type Size int64

// A Span is a length of time: "5s", "250ms" or "none".
type Span time.Duration

// DecodeValue implements document.Decoder.
func (c *Count) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	decode((*int64)(c), v, name, `a number, or "none"`, quantity.Count, errs)
}

// DecodeValue implements document.Decoder.
func (s *Size) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	decode((*int64)(s), v, name, `a size such as "64MiB", or "none"`, quantity.Size, errs)
}

// DecodeValue implements document.Decoder.
func (s *Span) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	if v.Kind == document.Integer && v.Int == 0 {
		*s = 0
		return
	}
	if v.Kind != document.String {
		document.Mismatch(v, name, `a time such as "5s", or "none"`, errs)
		return
	}
	d, err := quantity.Span(v.Str)
	if err != nil {
		errs.Add(v.Span, name+": "+err.Error())
		return
	}
	*s = Span(d)
}

func decode(to *int64, v *document.Value, name, want string, read func(string) (int64, error), errs *document.Errors) {
	switch {
	case v.Kind == document.Integer && v.Int >= 0:
		*to = v.Int
	case v.Kind == document.Float && v.Float >= 0 && v.Float < 1<<62 && v.Float == math.Trunc(v.Float):
		*to = int64(v.Float)
	case v.Kind == document.String:
		n, err := read(v.Str)
		if err != nil {
			errs.Add(v.Span, name+": "+err.Error())
			return
		}
		*to = n
	default:
		document.Mismatch(v, name, want, errs)
	}
}

// Schema returns the JSON schema of the type.
func (Count) Schema() map[string]any {
	return anyOf(map[string]any{"type": "number", "minimum": 0}, `^(none|[0-9][0-9_]*(e[0-9]+)?)$`)
}

// Schema returns the JSON schema of the type.
func (Size) Schema() map[string]any {
	return anyOf(map[string]any{"type": "number", "minimum": 0}, `^(none|[0-9][0-9_.]*\s*([KMG]i?)?B?)$`)
}

// Schema returns the JSON schema of the type.
func (Span) Schema() map[string]any {
	return anyOf(map[string]any{"const": 0}, `^(none|([0-9.]+(h|m|s|ms|us|ns))+)$`)
}

func anyOf(number map[string]any, pattern string) map[string]any {
	return map[string]any{"anyOf": []any{number, map[string]any{"type": "string", "pattern": pattern}}}
}

// Default returns the value as a file says it.
func (c Count) Default() any {
	if c == 0 {
		return "none"
	}
	return int64(c)
}

// Default returns the value as a file says it.
func (s Size) Default() any {
	if s == 0 {
		return "none"
	}
	return quantity.FormatSize(int64(s))
}

// Default returns the value as a file says it.
func (s Span) Default() any {
	if s == 0 {
		return "none"
	}
	return time.Duration(s).String()
}
