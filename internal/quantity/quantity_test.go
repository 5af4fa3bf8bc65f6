package quantity

import (
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	for text, want := range map[string]int64{"1_000": 1000, "1e6": 1e6, "none": 0, "0": 0} {
		if got, err := Count(text); err != nil || got != want {
			t.Errorf("Count(%q) = %d, %v", text, got, err)
		}
	}
	for text, want := range map[string]int64{"64MiB": 64 << 20, "1.5KiB": 1536, "10 MB": 1e7, "7": 7, "7B": 7, "none": 0} {
		if got, err := Size(text); err != nil || got != want {
			t.Errorf("Size(%q) = %d, %v", text, got, err)
		}
	}
	for text, want := range map[string]time.Duration{"5s": 5 * time.Second, "1m30s": 90 * time.Second, "none": 0} {
		if got, err := Span(text); err != nil || got != want {
			t.Errorf("Span(%q) = %d, %v", text, got, err)
		}
	}
	for n, want := range map[int64]string{64 << 20: "64MiB", 3 << 30: "3GiB", 1536: "1536", 0: "0"} {
		if got := FormatSize(n); got != want {
			t.Errorf("FormatSize(%d) = %q", n, got)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{"", "x", "-1", "1e400", "NaN", "1.5", "64MB"} {
		if got, err := Count(text); err == nil {
			t.Errorf("Count(%q) = %d", text, got)
		}
	}
	for _, text := range []string{"", "x", "-1KiB", "1TiB", "inf"} {
		if got, err := Size(text); err == nil {
			t.Errorf("Size(%q) = %d", text, got)
		}
	}
	for _, text := range []string{"", "5", "-1s", "5 seconds"} {
		if got, err := Span(text); err == nil {
			t.Errorf("Span(%q) = %d", text, got)
		}
	}
}
