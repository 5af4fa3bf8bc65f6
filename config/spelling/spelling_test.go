package spelling

import "testing"

func TestNearest(t *testing.T) {
	keys := []string{"include", "exclude", "vendored", "gitignore", "read-globals", "warning", "off"}
	for _, c := range []struct{ word, want string }{
		{"inclde", "include"},  // a letter is missing
		{"incldue", "include"}, // two are swapped
		{"EXCLUDE", "exclude"}, // case does not count
		{"read_globals", "read-globals"},
		{"vendor", "vendored"}, // a beginning
		{"warn", "warning"},
		{"of", "off"},
		{"git-ignore", "gitignore"},
		{"banana", ""},
		{"", ""},
		{"x", ""},
		{"gi", ""}, // too short for a beginning
	} {
		if got := Nearest(c.word, keys); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}

func TestNearestTakesTheFirstOfEquals(t *testing.T) {
	if got := Nearest("cat", []string{"bat", "rat"}); got != "bat" {
		t.Errorf("got %q, want the first, bat", got)
	}
	if got := Nearest("rat", []string{"bat", "rat"}); got != "rat" {
		t.Errorf("got %q, want the exact one, rat", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"abcd", "acbd", 1}, {"ca", "abc", 3}} {
		if got := distance(c.a, c.b, 100); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
