// Package quantity reads numbers, sizes and times as people write them in sky.toml and behind
// flags. "none" and "0" are no limit: zero.
package quantity

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Count reads 1000, 1_000 or 1e6.
func Count(s string) (int64, error) {
	if none(s) {
		return 0, nil
	}
	f, err := number(s)
	if err != nil || f != math.Trunc(f) || f >= 1<<62 {
		return 0, fmt.Errorf("%q is no number: write it as 1000000, 1_000_000 or 1e6", s)
	}
	return int64(f), nil
}

// Size reads 64MiB, 10MB or a number of bytes.
func Size(s string) (int64, error) {
	if none(s) {
		return 0, nil
	}
	text, factor := s, int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u.suffix); ok {
			text, factor = strings.TrimSpace(rest), u.factor
			break
		}
	}
	f, err := number(text)
	if err != nil || f*float64(factor) >= 1<<62 {
		return 0, fmt.Errorf("%q is no size: write it as 64MiB, 512KiB or a number of bytes", s)
	}
	return int64(f * float64(factor)), nil
}

var units = [...]struct {
	suffix string
	factor int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

// Span reads 5s, 250ms or 1m30s.
func Span(s string) (time.Duration, error) {
	if none(s) {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no time: write it as 5s, 250ms or 1m30s", s)
	}
	return d, nil
}

// FormatSize writes a size as Size reads it.
func FormatSize(n int64) string {
	for _, u := range []struct {
		suffix string
		factor int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.factor && n%u.factor == 0 {
			return strconv.FormatInt(n/u.factor, 10) + u.suffix
		}
	}
	return strconv.FormatInt(n, 10)
}

func none(s string) bool { return s == "none" || s == "0" }

var errNumber = errors.New("no number")

func number(s string) (float64, error) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil || f < 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, errNumber
	}
	return f, nil
}
