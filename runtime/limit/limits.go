package limit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/internal/quantity"
)

// A Kind is what a limit bounds.
type Kind uint8

// The kinds of limits. The first five add up over a whole run: when one of them is spent,
// the run ends and no code of the script runs any more. The others bound one value or one
// moment: they raise an ordinary error, which the script may catch.
const (
	Instructions Kind = iota // VM instructions, and the work of library functions in the same unit
	Time                     // wall time while the script runs
	Memory                   // bytes that the script's values take
	Output                   // bytes written by print and io.write
	Stopped                  // the host ended the run

	Depth      // calls within calls
	Nesting    // protected calls, coroutines and callbacks within each other
	Coroutines // coroutines that have not ended
	String     // bytes of one string
	Table      // elements of one table
	Pattern    // steps of one pattern match
	Source     // bytes of one chunk of source text
	kindCount
)

// Cumulative reports whether the limit ends the run for good.
func (k Kind) Cumulative() bool { return k <= Stopped }

// Key returns the key of sky.toml that sets the limit; "" for Stopped.
func (k Kind) Key() string {
	if k >= kindCount {
		return ""
	}
	return keys[k].name
}

// Limits says how much a script may use. A zero is no limit, but where a key says otherwise.
// The names of the tags are the keys of sky.toml and of --limit.
type Limits struct {
	Instructions int64         `toml:"instructions"`
	Time         time.Duration `toml:"time"`
	Memory       int64         `toml:"memory"`
	Output       int64         `toml:"output"`
	Depth        int64         `toml:"depth"`
	Nesting      int64         `toml:"nesting"`
	Coroutines   int64         `toml:"coroutines"`
	String       int64         `toml:"string"`
	Table        int64         `toml:"table"`
	Pattern      int64         `toml:"pattern"`
	Source       int64         `toml:"source"`
}

// Default returns limits that no honest script meets, and that keep any script from taking
// the process down.
func Default() Limits {
	return Limits{
		Instructions: 0, // time bounds it
		Time:         0,
		Memory:       512 << 20,
		Output:       0,
		Depth:        16_000,
		Nesting:      190,
		Coroutines:   10_000,
		String:       64 << 20,
		Table:        MaxArray,
		Pattern:      20_000_000,
		Source:       8 << 20,
	}
}

type unit uint8

const (
	count unit = iota
	size
	span
)

type keyInfo struct {
	name  string
	unit  unit
	max   int64 // the highest value, and what zero ("no limit") means; 0: none
	field func(*Limits) *int64
}

var keys = [kindCount]keyInfo{
	Instructions: {"instructions", count, 0, func(l *Limits) *int64 { return &l.Instructions }},
	Time:         {"time", span, 0, func(l *Limits) *int64 { return (*int64)(&l.Time) }},
	Memory:       {"memory", size, 0, func(l *Limits) *int64 { return &l.Memory }},
	Output:       {"output", size, 0, func(l *Limits) *int64 { return &l.Output }},
	Stopped:      {},
	Depth:        {"depth", count, 200_000, func(l *Limits) *int64 { return &l.Depth }},
	Nesting:      {"nesting", count, 1_000, func(l *Limits) *int64 { return &l.Nesting }},
	Coroutines:   {"coroutines", count, 1_000_000, func(l *Limits) *int64 { return &l.Coroutines }},
	String:       {"string", size, 1 << 30, func(l *Limits) *int64 { return &l.String }},
	Table:        {"table", count, MaxArray, func(l *Limits) *int64 { return &l.Table }},
	Pattern:      {"pattern", count, 0, func(l *Limits) *int64 { return &l.Pattern }},
	Source:       {"source", size, 1 << 28, func(l *Limits) *int64 { return &l.Source }},
}

// Keys returns the names of the limits, in the order of Kind.
func Keys() []string {
	var names []string
	for k := range keys {
		if keys[k].name != "" {
			names = append(names, keys[k].name)
		}
	}
	return names
}

// Of returns the value of the limit k: what Normal has made of it.
func (l *Limits) Of(k Kind) int64 {
	if k >= kindCount || keys[k].field == nil {
		return 0
	}
	return *keys[k].field(l)
}

// Set takes "key=value" as it stands behind --limit: a number (1000, 1_000, 1e6), a size
// (64MiB, 10MB) or a time (5s, 250ms). An error names the key, and the one that may have been meant.
func (l *Limits) Set(setting string) error {
	key, value, ok := strings.Cut(setting, "=")
	if !ok {
		return fmt.Errorf("limit %q: write KEY=VALUE, such as memory=64MiB", setting)
	}
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	for k := range keys {
		info := &keys[k]
		if info.name != key || key == "" {
			continue
		}
		v, err := parse(value, info.unit)
		if err != nil {
			return fmt.Errorf("limit %s: %w", key, err)
		}
		if info.max > 0 && v > info.max {
			return fmt.Errorf("limit %s: %s is above %d, the most that the VM can hold", key, value, info.max)
		}
		*info.field(l) = v
		return nil
	}
	if near, ok := nearest.Of(key, slices.Values(Keys())); ok {
		return fmt.Errorf("limit %q is not known: did you mean %q?", key, near)
	}
	return fmt.Errorf("limit %q is not known: the limits are %s", key, strings.Join(Keys(), ", "))
}

// Normal returns the limits with those that cannot be absent set to their highest value.
func (l Limits) Normal() Limits {
	for k := range keys {
		info := &keys[k]
		if info.max > 0 {
			if f := info.field(&l); *f <= 0 || *f > info.max {
				*f = info.max
			}
		}
	}
	return l
}

func parse(s string, u unit) (int64, error) {
	switch u {
	case span:
		d, err := quantity.Span(s)
		return int64(d), err
	case size:
		return quantity.Size(s)
	}
	return quantity.Count(s)
}
