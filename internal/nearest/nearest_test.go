package nearest

import (
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"global-writ", "global-write", 1}, {"globla", "global", 1}, {"kitten", "sitting", 3},
		{"ca", "abc", 3}, {"é", "e", 1},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestOf(t *testing.T) {
	names := []string{"global-write", "environment-write", "SKY101", "SKY102", "bytecode"}
	for _, c := range []struct {
		name, want string
	}{
		{"global-wirte", "global-write"},
		{"GLOBAL_WRITE", "global-write"},
		{"sky109", "SKY101"}, // SKY102 is as close: the first wins
		{"bytecodes", "bytecode"},
		{"global", "global-write"}, // its beginning
		{"by", ""},                 // too short for a beginning
		{"banana", ""},
		{"", ""},
	} {
		got, ok := Of(c.name, slices.Values(names))
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Of(%q) = %q, %t; want %q", c.name, got, ok, c.want)
		}
	}
}
